"""The signed tags in our own addresses: read back in every writing, and made by nobody else."""

import base64
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.delivery.headers import guard_address
from subnotify.delivery.mail_tags import (
    LONGEST_BASE,
    ForgedTag,
    MailTag,
    TagKind,
    read_tag,
    tagged_address,
)
from subnotify.delivery.sealing import SealKey

KEY, OTHER = SealKey(bytes(range(32))), SealKey(bytes(range(1, 33)))
BASE = "notices@vendor.example"
LARGEST = 2**63 - 1
TAGGED = re.compile(r"notices\+([br])([0-9a-v]{1,13})([a-z2-7]{16})@vendor\.example\Z")

kinds = st.sampled_from(TagKind)
ids = st.one_of(st.integers(0, LARGEST), st.sampled_from([0, 1, 31, 32, 2**31 - 1, LARGEST]))


@given(kinds, ids)
def test_a_tag_is_read_back(kind: TagKind, number: int) -> None:
    address = tagged_address(BASE, kind, number, KEY)
    assert TAGGED.match(address)
    assert guard_address(address) == address
    assert read_tag(address, BASE, [KEY]) == MailTag(kind, number)


@given(kinds, ids, st.lists(st.booleans(), min_size=100, max_size=100))
def test_servers_may_change_the_case(kind: TagKind, number: int, capitals: list[bool]) -> None:
    address = tagged_address(BASE, kind, number, KEY)
    written = "".join(
        x.upper() if capital else x for x, capital in zip(address, capitals, strict=False)
    )
    assert read_tag(written, BASE, [KEY]) == MailTag(kind, number)
    assert read_tag(f" {written}\t", BASE.upper(), [KEY]) == MailTag(kind, number)


def test_a_base_in_capitals_signs_the_same() -> None:
    address = tagged_address("Notices@Vendor.Example", TagKind.BOUNCE, 42, KEY)
    assert address.casefold() == tagged_address(BASE, TagKind.BOUNCE, 42, KEY)
    assert read_tag(address, BASE, [KEY]) == MailTag(TagKind.BOUNCE, 42)


def test_keys_that_were_replaced_still_read() -> None:
    address = tagged_address(BASE, TagKind.REPLY, 7, OTHER)
    assert read_tag(address, BASE, [KEY, OTHER]) == MailTag(TagKind.REPLY, 7)
    with pytest.raises(ForgedTag):
        read_tag(address, BASE, [KEY])
    with pytest.raises(ForgedTag):
        read_tag(address, BASE, [])


@pytest.mark.parametrize(
    "address",
    ["", "@", "notices", "notices@", BASE, "Notices@vendor.example", "notices@other.example",
     "other+b42@vendor.example", "notices+b42@other.example", "notices+b42@sub.vendor.example",
     "notices+b42@vendor.example@other.example", "notices+b42@vendor.example.",
     "+b42@vendor.example", "x.notices+b42@vendor.example"],
)  # fmt: skip
def test_addresses_that_are_not_tagged_forms_of_ours(address: str) -> None:
    assert read_tag(address, BASE, [KEY]) is None


def test_forgeries() -> None:
    genuine = tagged_address(BASE, TagKind.BOUNCE, 42, KEY)
    found = TAGGED.match(genuine)
    assert found is not None
    kind, number, signature = found.groups()
    another = TAGGED.match(tagged_address(BASE, TagKind.BOUNCE, 43, KEY))
    of_other_domain = tagged_address("notices@other.example", TagKind.BOUNCE, 42, KEY)
    assert another is not None
    forged = [
        "",
        "x",
        "newsletter",
        kind,
        kind + number,
        kind + signature,
        kind + number + signature[:-1],
        kind + number + signature + "a",
        kind + number + "a" * 16,
        # A genuine signature for another kind, number, or writing of the number.
        "r" + number + signature,
        kind + another[2] + signature,
        kind + number + another[3],
        kind + "0" + number + signature,
        "x" + number + signature,
        # Of another installation, or of the same name elsewhere.
        tagged_address(BASE, TagKind.BOUNCE, 42, OTHER).partition("+")[2].partition("@")[0],
        of_other_domain.partition("+")[2].partition("@")[0],
        # Something after it, or before.
        kind + number + signature + "+x",
        "x+" + kind + number + signature,
        kind + "v" * 14 + signature,
        kind + "-1" + signature,
        kind + "١" + signature,
        kind + number + "\ud800" * 16,
        kind + number + "é" * 16,
    ]
    for tag in forged:
        with pytest.raises(ForgedTag):
            read_tag(f"notices+{tag}@vendor.example", BASE, [KEY])


def test_every_changed_character_of_a_tag_is_noticed() -> None:
    genuine = tagged_address(BASE, TagKind.BOUNCE, 123_456, KEY)
    start, end = genuine.index("+") + 1, genuine.index("@")
    for place in range(start, end):
        for character in "0b7rv":
            changed = genuine[:place] + character + genuine[place + 1 :]
            if changed != genuine:
                with pytest.raises(ForgedTag):
                    read_tag(changed, BASE, [KEY])


def test_the_signature_is_what_it_is_said_to_be() -> None:
    """80 bits of HMAC-SHA256: sealed mails keep their addresses, so this may never change."""
    digest = hmac.digest(KEY.octets, b"subnotify mail tag b 1a vendor.example", "sha256")
    signature = base64.b32encode(digest).decode().lower()[:16]
    assert tagged_address(BASE, TagKind.BOUNCE, 42, KEY) == f"notices+b1a{signature}@vendor.example"


def test_the_longest_base_still_makes_an_address() -> None:
    base = "n" * LONGEST_BASE + "@vendor.example"
    address = tagged_address(base, TagKind.REPLY, LARGEST, KEY)
    assert len(address.partition("@")[0]) <= 64
    assert guard_address(address) == address
    assert read_tag(address, base, [KEY]) == MailTag(TagKind.REPLY, LARGEST)


near_tags = st.builds(
    "{}+{}{}{}@{}".format,
    st.sampled_from(["notices", "NOTICES", "other", ""]),
    st.sampled_from(["b", "r", "B", "x", ""]),
    st.text(alphabet="0123456789abcdefghijklmnopqrstuvwxyz+-é\ud800 ", max_size=16),
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", max_size=17),
    st.sampled_from(["vendor.example", "VENDOR.example", "other.example", ""]),
)


@given(st.one_of(near_tags, st.text(max_size=120)), st.sampled_from([BASE, "a@b", "@", ""]))
def test_no_text_is_taken_for_a_tag_that_we_did_not_make(address: str, base: str) -> None:
    try:
        tag = read_tag(address, base, [KEY])
    except ForgedTag:
        return
    assert tag is None


@given(kinds, ids, near_tags)
def test_what_stands_around_a_genuine_tag_spoils_it(
    kind: TagKind, number: int, around: str
) -> None:
    genuine = tagged_address(BASE, kind, number, KEY)
    for address in (f"{genuine},{around}", f"{around},{genuine}", f"<{genuine}>", f"{genuine}>"):
        try:
            tag = read_tag(address, BASE, [KEY])
        except ForgedTag:
            continue
        assert tag is None
