"""Sealed mails: the bytes as sent, with their SHA-256, encrypted at rest.

A mail holds a personal link, so the stored bytes are encrypted (AES-256-GCM) with a key from the
settings. Each blob names its key, so that a key can be replaced while old blobs still open.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_OCTETS = 32
_FORMAT = b"\x01"
_ID_OCTETS = 8
_NONCE_OCTETS = 12
_HEAD_OCTETS = len(_FORMAT) + _ID_OCTETS + _NONCE_OCTETS


class SealBroken(Exception):
    """Sealed bytes that cannot be trusted: other key, other owner, damaged or altered."""


@dataclass(frozen=True)
class SealKey:
    """A key of 32 random octets. Raises `ValueError` for any other length."""

    octets: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.octets) != KEY_OCTETS:
            raise ValueError(f"a seal key has {KEY_OCTETS} octets, this one {len(self.octets)}")

    @classmethod
    def from_base64(cls, text: str) -> "SealKey":
        """Read a key written as base64, as in the settings. Raises `ValueError`."""
        try:
            return cls(base64.b64decode(text.strip(), validate=True))
        except binascii.Error as error:
            raise ValueError("a seal key is 32 octets written as base64") from error

    @cached_property
    def key_id(self) -> bytes:
        """Eight octets that name the key without telling it."""
        return hmac.digest(self.octets, b"subnotify seal key id", "sha256")[:_ID_OCTETS]

    @cached_property
    def cipher(self) -> AESGCM:
        return AESGCM(self.octets)


@dataclass(frozen=True, slots=True)
class SealedMail:
    """`digest`: SHA-256 of the plain bytes in hexadecimal. `ciphertext`: what is stored."""

    digest: str
    ciphertext: bytes


def seal(raw: bytes, key: SealKey, *, owner: str) -> SealedMail:
    """Seal the bytes of a mail for the message named `owner` (its logical key).

    The owner is bound to the blob: a blob moved to another message does not open.
    """
    nonce = os.urandom(_NONCE_OCTETS)
    head = _FORMAT + key.key_id + nonce
    ciphertext = head + key.cipher.encrypt(nonce, raw, head + owner.encode())
    return SealedMail(digest=hashlib.sha256(raw).hexdigest(), ciphertext=ciphertext)


def open_sealed(sealed: SealedMail, keys: Sequence[SealKey], *, owner: str) -> bytes:
    """Return the plain bytes. `keys` lists the present key and any replaced ones.

    Raises `SealBroken` if no key fits, the blob was altered or belongs to another owner, or the
    bytes do not have the digest on record.
    """
    blob = sealed.ciphertext
    if len(blob) < _HEAD_OCTETS or not blob.startswith(_FORMAT):
        raise SealBroken("the sealed bytes are of an unknown format")
    head = blob[:_HEAD_OCTETS]
    key_id = head[len(_FORMAT) : len(_FORMAT) + _ID_OCTETS]
    key = next((one for one in keys if hmac.compare_digest(one.key_id, key_id)), None)
    if key is None:
        raise SealBroken(f"the bytes are sealed with another key (id {key_id.hex()})")
    try:
        raw = key.cipher.decrypt(head[-_NONCE_OCTETS:], blob[_HEAD_OCTETS:], head + owner.encode())
    except InvalidTag as error:
        raise SealBroken(f"the sealed bytes were altered or are not those of {owner}") from error
    if hashlib.sha256(raw).hexdigest() != sealed.digest:
        raise SealBroken("the bytes do not have the digest on record")
    return raw
