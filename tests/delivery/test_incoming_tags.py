"""Which of our tagged addresses a mail came to: a valid tag anywhere wins, a forged one is said."""

import pytest

from subnotify.delivery.incoming import read_incoming
from subnotify.delivery.mail_tags import MailTag, TagKind, tagged_address
from subnotify.delivery.sealing import SealKey
from subnotify.rules.words import TagStanding
from tests.support.incoming import KEY, OWN, read

_VALID = tagged_address(OWN, TagKind.BOUNCE, 42, KEY)
_REPLY = tagged_address(OWN, TagKind.REPLY, 7, KEY)
_FORGED = tagged_address(OWN, TagKind.BOUNCE, 42, SealKey(b"x" * 32))


@pytest.mark.parametrize(
    "field", ["Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc", "Resent-To"]
)
@pytest.mark.parametrize("form", ["{}", "<{}>", '"Notices, Example" <{}>', "a@b.example, {}"])
def test_a_valid_tag_is_found_in_every_field_and_form(field: str, form: str) -> None:
    mail = read(f"From: a@b.example\r\n{field}: {form.format(_VALID)}\r\n\r\nx".encode())
    assert (mail.tag_standing, mail.tag) == (TagStanding.VALID, MailTag(TagKind.BOUNCE, 42))


def test_the_case_of_the_address_does_not_matter() -> None:
    mail = read(f"To: {_VALID.upper()}\r\n\r\n".encode())
    assert mail.tag == MailTag(TagKind.BOUNCE, 42)


def test_the_envelope_counts_before_the_header() -> None:
    mail = read(f"To: {_REPLY}\r\n\r\n".encode(), envelope_recipient=f"<{_VALID}>")
    assert mail.tag == MailTag(TagKind.BOUNCE, 42)


def test_a_valid_tag_wins_over_a_forged_one() -> None:
    mail = read(f"To: {_FORGED}\r\nCc: {_REPLY}\r\n\r\n".encode(), envelope_recipient=_FORGED)
    assert (mail.tag_standing, mail.tag) == (TagStanding.VALID, MailTag(TagKind.REPLY, 7))


def test_a_forged_tag_is_said_and_names_nothing() -> None:
    mail = read(f"To: {_FORGED}\r\n\r\n".encode())
    assert (mail.tag_standing, mail.tag) == (TagStanding.FORGED, None)


@pytest.mark.parametrize("address", [OWN, "other@vendor.example", "", "no address", "a@b@c"])
def test_without_a_tag_it_is_missing(address: str) -> None:
    mail = read(f"To: {address}\r\n\r\n".encode(), envelope_recipient=address)
    assert (mail.tag_standing, mail.tag) == (TagStanding.MISSING, None)


def test_a_tag_that_a_replaced_key_signed_is_valid() -> None:
    mail = read_incoming(
        f"To: {_VALID}\r\n\r\n".encode(),
        return_address=OWN,
        own_addresses=(),
        keys=[SealKey(b"n" * 32), KEY],
    )
    assert mail.tag_standing is TagStanding.VALID


def test_without_a_return_address_there_are_no_tags() -> None:
    mail = read_incoming(
        f"To: {_FORGED}\r\n\r\n".encode(), return_address=None, own_addresses=(), keys=[KEY]
    )
    assert mail.tag_standing is TagStanding.MISSING


def test_a_tag_in_the_words_of_a_mail_counts_for_nothing() -> None:
    mail = read(f"To: a@b.example\r\nSubject: {_VALID}\r\n\r\n{_VALID}".encode())
    assert mail.tag_standing is TagStanding.MISSING
