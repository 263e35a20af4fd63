"""Signed tags in our own addresses, so that what comes back names the mail it is about.

The envelope sender of the message 42 is `name+b<42><signature>@domain`, and replies go to
`name+r<42><signature>@domain` (variable envelope return paths, with subaddresses as in RFC 5233).
Nobody else can make a signature, so a bounce without one proves nothing. Tags survive servers that
change the case of addresses.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from subnotify.delivery.headers import LOCAL_PART_LIMIT
from subnotify.delivery.sealing import SealKey

_SIGNATURE_OCTETS = 10
_SIGNATURE_CHARACTERS = 16  # 80 bits in base 32
_LONGEST_NUMBER = 13  # 63 bits in base 32
_LONGEST_TAG = 1 + _LONGEST_NUMBER + _SIGNATURE_CHARACTERS
LONGEST_BASE = LOCAL_PART_LIMIT - 1 - _LONGEST_TAG
# No message has this id: the test mail of `subnotify mail check` is tagged with it.
TEST_MESSAGE_ID = 0
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_BASE_32 = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648, 6, in small letters
_PAIRS = [first + second for first in _BASE_32 for second in _BASE_32]
_BITS_OF_PAIRS = range(8 * _SIGNATURE_OCTETS - 10, -1, -10)


class TagKind(StrEnum):
    """What the tagged address is for."""

    BOUNCE = "b"
    REPLY = "r"


@dataclass(frozen=True, slots=True)
class MailTag:
    """A tag that we made: for what, and of which message (its id)."""

    kind: TagKind
    message_id: int


class ForgedTag(ValueError):
    """An address has a tag, but no key of ours signed it."""


def tagged_address(base: str, kind: TagKind, message_id: int, key: SealKey) -> str:
    """`base` (name@domain) with the tag of a message."""
    local, _, domain = base.rpartition("@")
    number = _written(message_id)
    return f"{local}+{kind}{number}{_signature(kind, number, domain, key)}@{domain}"


def read_tag(address: str, base: str, keys: Sequence[SealKey]) -> MailTag | None:
    """The tag of an address; None where the address is not a tagged form of `base`.

    keys: the present one and those it replaced. Raises `ForgedTag`.
    """
    local, _, domain = address.strip().casefold().rpartition("@")
    base_local, _, base_domain = base.casefold().rpartition("@")
    name, plus, tag = local.partition("+")
    if not plus or (name, domain) != (base_local, base_domain):
        return None
    kind, number = tag[:1], tag[1:-_SIGNATURE_CHARACTERS]
    if kind not in tuple(TagKind) or not 0 < len(number) <= _LONGEST_NUMBER:
        raise ForgedTag(address)
    if not set(number) <= set(_DIGITS):
        raise ForgedTag(address)
    # As octets: a stranger's address may hold any character, even half of one.
    given = tag[-_SIGNATURE_CHARACTERS:].encode("utf-8", "replace")
    for key in keys:
        signature = _signature(TagKind(kind), number, base_domain, key)
        if hmac.compare_digest(signature.encode(), given):
            return MailTag(TagKind(kind), int(number, 32))
    raise ForgedTag(address)


def _written(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 32)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _signature(kind: TagKind, number: str, domain: str, key: SealKey) -> str:
    said = f"subnotify mail tag {kind.value} {number} {domain.casefold()}"
    mac = hmac.digest(key.octets, said.encode(), "sha256")
    bits = int.from_bytes(mac[:_SIGNATURE_OCTETS], "big")
    # Python's own base 32 takes several times as long as all else here, twice for every mail.
    return "".join([_PAIRS[bits >> shift & 1023] for shift in _BITS_OF_PAIRS])
