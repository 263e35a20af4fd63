"""What is sealed opens only whole, with its key, for its owner."""

import base64
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.delivery.sealing import SealBroken, SealKey, open_sealed, seal

KEY = SealKey(bytes(range(32)))
OTHER = SealKey(bytes(range(1, 33)))


@given(st.binary(max_size=2000), st.text(max_size=40))
def test_sealed_bytes_open_again(raw: bytes, owner: str) -> None:
    sealed = seal(raw, KEY, owner=owner)
    assert sealed.digest == hashlib.sha256(raw).hexdigest()
    assert open_sealed(sealed, [KEY], owner=owner) == raw


@given(st.data())
def test_any_altered_octet_breaks_the_seal(data: st.DataObject) -> None:
    sealed = seal(b"the mail with its personal link", KEY, owner="notice:1")
    assert b"personal" not in sealed.ciphertext
    place = data.draw(st.integers(0, len(sealed.ciphertext) - 1))
    octets = bytearray(sealed.ciphertext)
    octets[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        open_sealed(replace(sealed, ciphertext=bytes(octets)), [KEY], owner="notice:1")


def test_owner_digest_and_length_are_bound() -> None:
    sealed = seal(b"mail", KEY, owner="notice:1")
    with pytest.raises(SealBroken, match="notice:2"):
        open_sealed(sealed, [KEY], owner="notice:2")
    with pytest.raises(SealBroken, match="digest"):
        open_sealed(replace(sealed, digest="0" * 64), [KEY], owner="notice:1")
    for length in range(len(sealed.ciphertext)):
        with pytest.raises(SealBroken):
            cut = replace(sealed, ciphertext=sealed.ciphertext[:length])
            open_sealed(cut, [KEY], owner="notice:1")


def test_a_replaced_key_still_opens_what_it_sealed() -> None:
    old = seal(b"mail", OTHER, owner="a")
    assert open_sealed(old, [KEY, OTHER], owner="a") == b"mail"
    with pytest.raises(SealBroken, match="another key"):
        open_sealed(old, [KEY], owner="a")


def test_two_seals_of_the_same_bytes_differ() -> None:
    assert seal(b"mail", KEY, owner="a").ciphertext != seal(b"mail", KEY, owner="a").ciphertext


def test_keys_come_as_base64_and_are_not_shown() -> None:
    text = base64.b64encode(KEY.octets).decode()
    assert SealKey.from_base64(f" {text}\n") == KEY
    assert "octets" not in repr(KEY)
    for wrong in ("", "abc", "not base64!", base64.b64encode(b"short").decode()):
        with pytest.raises(ValueError, match="32"):
            SealKey.from_base64(wrong)
