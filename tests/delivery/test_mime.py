"""Every filled mail, parsed again in full, is what was intended."""

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.delivery.headers import Mailbox, UnsafeHeader, guard_name, guard_subject
from subnotify.delivery.mime import (
    AttachedFile,
    MailSkeleton,
    MalformedMail,
    check_bytes,
    mint_message_id,
    read_mailbox,
)

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SENDER = Mailbox("privacy@vendor.example", "Vendeur SAS, équipe vie privée")
SKELETON = MailSkeleton(sender=SENDER, language="fr", list_id="subprocessors.vendor.example")


def _fill(**changes: object) -> bytes:
    values: dict[str, object] = {
        "to": Mailbox("dpo@client.example", "Ann"),
        "subject": "Nouveau sous-traitant",
        "message_id": "<1@vendor.example>",
        "date": AT,
        "text": "Bonjour\n",
        "html": "<p>Bonjour</p>\n",
    }
    return SKELETON.fill(**(values | changes))  # type: ignore[arg-type]


def _parsed(raw: bytes) -> EmailMessage:
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_filled_mail_has_exactly_the_intended_headers() -> None:
    raw = _fill(
        reply_to=Mailbox("reply@vendor.example"),
        in_reply_to="<0@vendor.example>",
        references=["<a@vendor.example>", "<0@vendor.example>"],
    )
    mail = _parsed(raw)
    assert dict(mail.items()) == {
        "To": "Ann <dpo@client.example>",
        "Subject": "Nouveau sous-traitant",
        "Message-ID": "<1@vendor.example>",
        "Date": "Mon, 02 Mar 2026 09:30:00 +0000",
        "Reply-To": "reply@vendor.example",
        "In-Reply-To": "<0@vendor.example>",
        "References": "<a@vendor.example> <0@vendor.example>",
        "MIME-Version": "1.0",
        "From": '"Vendeur SAS, équipe vie privée" <privacy@vendor.example>',
        "Auto-Submitted": "auto-generated",
        "Content-Language": "fr",
        "List-Id": "<subprocessors.vendor.example>",
        "Content-Type": mail["Content-Type"],
    }
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78


any_name = st.text(max_size=60)
any_subject = st.text(min_size=1, max_size=150)
body = st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"))


@given(any_name, any_subject, body, body)
def test_whatever_passes_is_parsed_as_intended(
    name: str, subject: str, text: str, html: str
) -> None:
    try:
        name, subject = guard_name(name), guard_subject(subject)
    except UnsafeHeader:
        return
    raw = _fill(to=Mailbox("a@b.example", name), subject=subject, text=text, html=html)
    mail = _parsed(raw)
    assert len(mail.keys()) == 10 == len(set(mail.keys()))
    assert read_mailbox(raw, "To") == (name, "a@b.example")
    assert str(mail["Subject"]) == subject
    bodies = [part.get_payload(decode=True) for part in mail.iter_parts()]
    assert bodies == [one.replace("\n", "\r\n").encode() for one in (text, html)]
    assert not mail.defects and not any(part.defects for part in mail.iter_parts())


def test_line_ends_of_bodies_become_crlf() -> None:
    text, _ = _parsed(_fill(text="a\rb\nc\r\nd\x0be")).iter_parts()
    assert text.get_payload(decode=True) == b"a\r\nb\r\nc\r\nd\x0be"


def test_an_address_beyond_ascii_is_written_in_utf8() -> None:
    raw = _fill(to=Mailbox("josé@client.example", "José"))
    assert "To: =?utf-8?b?Sm9zw6k=?= <josé@client.example>\r\n".encode() in raw


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "a\r\nBcc: x@example.org"},
        {"subject": "=?utf-8?q?a=0D=0ABcc:x@example.org?="},
        {"message_id": "<a@b>\r\nBcc: x"},
        {"message_id": "<a b@c>"},
        {"in_reply_to": "a@b"},
        {"references": ["<a@b> <c@d>"]},
        {"date": datetime(2026, 3, 2)},  # noqa: DTZ001
    ],
)
def test_unsafe_values_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UnsafeHeader):
        _fill(**changes)


def test_text_that_cannot_be_encoded_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        _fill(text="\ud800")


def test_a_date_keeps_its_zone() -> None:
    at = AT.astimezone(timezone(timedelta(hours=1)))
    assert _parsed(_fill(date=at))["Date"].datetime == AT


@pytest.mark.parametrize(
    ("raw", "fact"),
    [
        (b"To: a\r\nBcc: b\r\n\r\nx\r\n", "header names"),
        (b"To: a\r\n", "header names"),
        (b"Subject: a\r\n\r\nx\r\n", "header names"),
        (b"To: a\r\n\r\nx\n", "CRLF"),
        (b"To: a\r\n\r\nx\ry\r\n", "CRLF"),
        (b"To: a\r\n\r\nx\0\r\n", "NUL"),
        (b"To: a\r\n\r\n" + b"x" * 999 + b"\r\n", "longer"),
    ],
)
def test_the_byte_check_finds(raw: bytes, fact: str) -> None:
    with pytest.raises(MalformedMail, match=fact):
        check_bytes(raw, header_names=[b"To"])


def test_the_byte_check_lets_the_longest_line_pass() -> None:
    check_bytes(b"To: a\r\n\r\n" + b"x" * 998 + b"\r\n", header_names=[b"To"])


def test_message_ids_are_minted_on_the_domain() -> None:
    one, other = mint_message_id("vendor.example"), mint_message_id("vendor.example")
    assert one != other
    assert one.endswith("@vendor.example>")
    with pytest.raises(UnsafeHeader):
        mint_message_id("vendor.example>\r\nBcc: x")


def test_a_file_follows_the_words() -> None:
    octets = b"BEGIN:VCALENDAR\r\n" + bytes(range(256)) * 3
    calendar = AttachedFile("deadline.ics", "text/calendar; method=PUBLISH", octets)
    raw = _fill(attached=calendar)
    mail = _parsed(raw)
    assert mail.get_content_type() == "multipart/mixed" and not mail.defects
    words, file = mail.iter_parts()
    assert [part.get_content_type() for part in words.iter_parts()] == ["text/plain", "text/html"]
    assert file.get_filename() == "deadline.ics" and file.is_attachment()
    assert file.get_payload(decode=True) == octets
    assert mail.get_body(("plain",)).get_content() == "Bonjour\r\n"
    assert max(map(len, raw.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "name", ["a\r\nBcc: x", "=?utf-8?q?a=0D=0ABcc:...?=", "é.ics", "a/b.ics", 'a".ics', ""]
)
def test_the_name_of_a_file_is_a_header(name: str) -> None:
    with pytest.raises(UnsafeHeader):
        AttachedFile(name, "text/calendar", b"")
