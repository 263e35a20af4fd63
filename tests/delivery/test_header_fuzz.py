"""Known header injections in every field that reaches a header or the envelope.

Each is refused by the guard, or the whole mail, parsed again by both of the library's parsers and
written out and parsed once more, has exactly the intended headers and recipients.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import collapse_rfc2231_value, getaddresses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.delivery.headers import (
    Mailbox,
    UnsafeHeader,
    guard_address,
    guard_file_name,
    guard_subject,
)
from subnotify.delivery.mime import MailSkeleton, mint_message_id, read_mailbox
from subnotify.wording.mails import subject_line
from tests.support.header_payloads import ADDRESS_TRICKS, ENCODED, LINE_ENDS, PAYLOADS, hostile

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
# Python's newer parser stumbles over a phrase that begins with a full stop as an encoded word
# (RFC 2047 allows it): over its value, not over where headers begin and end.
PARSER_FAULTS = (AttributeError, IndexError, TypeError, HeaderParseError)
FIXED = [
    "To", "Subject", "Message-ID", "Date", "Reply-To", "In-Reply-To", "References", "MIME-Version",
    "From", "Auto-Submitted", "Content-Language", "List-Id", "Content-Type",
]  # fmt: skip


def _mail(**changed: Any) -> bytes:
    """A mail with every header that a mail of ours may have; raises UnsafeHeader."""
    values: dict[str, Any] = {
        "sender_name": "Vendor",
        "sender": "privacy@vendor.example",
        "to_name": "Ann",
        "to": "dpo@client.example",
        "reply_name": "",
        "reply_to": "notices@vendor.example",
        "subject": "Notice",
        "message_id": "<1@vendor.example>",
        "in_reply_to": "<0@vendor.example>",
        "references": "<0@vendor.example>",
        "list_id": "subprocessors.vendor.example",
        "language": "fr",
    } | changed
    skeleton = MailSkeleton(
        sender=Mailbox(values["sender"], values["sender_name"]),
        language=values["language"],
        list_id=values["list_id"],
    )
    return skeleton.fill(
        to=Mailbox(values["to"], values["to_name"]),
        subject=values["subject"],
        message_id=values["message_id"],
        date=AT,
        text="text\n",
        html="<p>html</p>\n",
        reply_to=Mailbox(values["reply_to"], values["reply_name"]),
        in_reply_to=values["in_reply_to"],
        references=["<r@vendor.example>", values["references"]],
    )


FIELDS = (
    "sender_name", "sender", "to_name", "to", "reply_name", "reply_to", "subject", "message_id",
    "in_reply_to", "references", "list_id", "language",
)  # fmt: skip


def _parsers(raw: bytes) -> Iterator[Message]:
    """The mail as both parsers read it, and as they read what they wrote of it."""
    modern = message_from_bytes(raw, policy=policy.default)
    yield modern
    old = message_from_bytes(raw, policy=policy.compat32)
    yield old
    yield message_from_bytes(old.as_bytes(), policy=policy.compat32)
    if raw.isascii():  # the library does not write addresses beyond ASCII (RFC 6532) again
        with suppress(*PARSER_FAULTS):
            # Decodes every header and writes it anew: where the library's trap springs.
            written = modern.as_bytes(policy=policy.SMTP.clone(refold_source="all"))
            yield message_from_bytes(written, policy=policy.default)
            yield message_from_bytes(written, policy=policy.compat32)


def _assert_exact(raw: bytes, names: list[str], bodies: list[bytes]) -> None:
    for parsed in _parsers(raw):
        assert parsed.keys() == names
        for name in names:
            try:
                value = str(parsed[name])
            except PARSER_FAULTS:
                continue  # its name is exact; compat32 reads its value
            shown = str(make_header(decode_header(value)))
            assert not set("\r\n\0") & set(shown.replace("\r\n ", " ").replace("\n ", " ")), name
        parts = parsed.get_payload()
        assert isinstance(parts, list) and len(parts) == len(bodies)
        for part, body in zip(parts, bodies, strict=True):
            assert isinstance(part, Message)
            assert part.get_payload(decode=True).replace(b"\r\n", b"\n") == body
            assert {"Bcc", "Cc"}.isdisjoint(part.keys())
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    assert b"\0" not in raw


def _assert_recipients(raw: bytes, field: str, value: str) -> None:
    """Each address header names exactly the one mailbox that was meant."""
    meant = {
        "To": "dpo@client.example",
        "From": "privacy@vendor.example",
        "Reply-To": "notices@vendor.example",
    }
    header = {"to": "To", "sender": "From", "reply_to": "Reply-To"}.get(field)
    if header is not None:
        meant[header] = guard_address(value)
    parsed = message_from_bytes(raw, policy=policy.compat32)
    for name, address in meant.items():
        if address.isascii():
            assert read_mailbox(raw, name)[1] == address
            (found,) = getaddresses([str(parsed[name])])
            assert found[1] == address
        else:
            assert f"{name}: ".encode() in raw and address.encode() in raw


def _try(field: str, value: str) -> bool:
    """Whether the mail could be written; then it is exactly what was meant."""
    try:
        raw = _mail(**{field: value})
    except UnsafeHeader:
        return False
    _assert_exact(raw, FIXED, [b"text\n", b"<p>html</p>\n"])
    _assert_recipients(raw, field, value)
    if field == "subject":
        parsed = message_from_bytes(raw, policy=policy.default)
        assert str(parsed["Subject"]) == guard_subject(value) == value.strip(" ")
    return True


@pytest.mark.parametrize("field", FIELDS)
def test_payloads_in_a_field(field: str) -> None:
    for payload in PAYLOADS:
        _try(field, payload)


@pytest.mark.parametrize("field", FIELDS)
def test_payloads_in_the_midst_of_a_good_value(field: str) -> None:
    good = {
        "sender": "privacy{}@vendor.example", "to": "dpo@client{}.example",
        "reply_to": "notices{}@vendor.example", "message_id": "<1{}@vendor.example>",
        "in_reply_to": "<0@vendor{}.example>", "references": "<0{}@vendor.example>",
        "list_id": "subprocessors.{}.example", "language": "fr-{}",
    }.get(field, "Good {} name")  # fmt: skip
    for payload in PAYLOADS:
        _try(field, good.format(payload))
    assert _try(field, good.format("x2"))


def test_line_ends_and_encoded_words_pass_nowhere() -> None:
    shaped = [x for x in ENCODED if "?=" in x and x not in ("a =?= b",)]
    for payload in [*LINE_ENDS, *shaped]:
        for field in FIELDS:
            assert not _try(field, payload), (field, payload)


def test_addresses_of_more_than_one_meaning_pass_nowhere() -> None:
    may_pass = {
        "thief%evil.example@c.example",  # one address at c.example, whatever c.example makes of it
        "evil.example!thief@c.example",
        "-oQ/tmp@c.example",
        "|/bin/sh@c.example",
        "a@\u0441.example",
        "\u0430@c.example",
        "a@xn--80ak6aa92e.example",
    }
    for payload in ADDRESS_TRICKS:
        for field in ("to", "sender", "reply_to"):
            assert not _try(field, payload) or payload in may_pass, payload


@given(st.sampled_from(FIELDS), hostile)
def test_any_text_in_any_field(field: str, value: str) -> None:
    _try(field, value)


@given(st.fixed_dictionaries(dict.fromkeys(("to_name", "subject", "sender_name"), hostile)))
def test_any_texts_together(values: dict[str, str]) -> None:
    try:
        raw = _mail(**values)
    except UnsafeHeader:
        return
    _assert_exact(raw, FIXED, [b"text\n", b"<p>html</p>\n"])
    assert str(message_from_bytes(raw, policy=policy.default)["Subject"]) == values[
        "subject"
    ].strip(" ")


@given(hostile)
def test_a_minted_message_id_is_one_token(domain: str) -> None:
    try:
        minted = mint_message_id(domain)
    except UnsafeHeader:
        return
    assert _try("message_id", minted)
    assert minted.isascii() and not set(minted) & set(" \r\n\t,")


@given(hostile)
def test_what_we_write_ourselves_always_passes(value: str) -> None:
    """No client's or company's name, however odd, may keep a notice back."""
    line = subject_line(value)
    if line.strip(" "):
        guard_subject(line)


def _try_file_name(value: str) -> None:
    try:
        name = guard_file_name(value)
    except UnsafeHeader:
        return
    mail = EmailMessage(policy=policy.SMTP)
    mail["To"] = "dpo@client.example"
    mail.set_content("text\n")
    mail.add_attachment(b"data", maintype="application", subtype="pdf", filename=name)
    raw = mail.as_bytes()
    for parsed in _parsers(raw):
        assert sorted(parsed.keys()) == ["Content-Type", "MIME-Version", "To"]
        _text, attachment = parsed.get_payload()
        assert isinstance(attachment, Message)
        assert {x.lower() for x in attachment} <= {
            "content-type", "content-transfer-encoding", "content-disposition", "mime-version",
        }  # fmt: skip
        found = attachment.get_param("filename", header="content-disposition")
        assert collapse_rfc2231_value(found) == name  # type: ignore[arg-type]
        assert attachment.get_payload(decode=True) == b"data"


def test_payloads_as_file_names() -> None:
    for payload in [*PAYLOADS, "\u00a0", "\u00a0a", "a\u3000", "a\u00a0b"]:
        _try_file_name(payload)
        _try_file_name(f"a{payload}.pdf")


@given(hostile)
def test_any_text_as_a_file_name(value: str) -> None:
    _try_file_name(value)
