"""Whatever passes the guard is read back exactly; the known payloads do not pass, or stay text."""

from datetime import UTC, datetime
from email import message_from_bytes, message_from_string, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.delivery.headers import (
    Mailbox,
    UnsafeHeader,
    address_header,
    date_header,
    guard_address,
    guard_file_name,
    guard_language,
    guard_list_id,
    guard_message_id,
    guard_name,
    guard_subject,
    text_header,
)
from subnotify.delivery.mime import read_mailbox

PAYLOADS = [
    "a\r\nBcc: x@example.org",
    "a\nBcc: x@example.org",
    "a\rBcc: x@example.org",
    "a\0b",
    "a\x0bBcc: x",
    "a\x85Bcc: x",
    "a\u2028Bcc: x",
    "a\u202egro.elpmaxe",
    "\ud800",
    "a\tb",
    "a\r\n\tfolded",
    "a\r\n\r\n<html>",
    "=?utf-8?q?a=0D=0ABcc:x@example.org?=",
    "=?utf-8?Q?a=0ABcc:x@example.org?=",
    "=?utf-8?b?YQ0KQmNjOiB4QGV4YW1wbGUub3Jn?=",
    "=?us-ascii*en?q?a=0D=0ABcc:x?=",
    "x =?iso-8859-1?q?=0D=0ABcc:x?= y",
    "=?utf-8?q?unfinished=0D=0A",
    "\ufeffname",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_are_refused_everywhere(payload: str) -> None:
    for guard in (guard_subject, guard_name, guard_address, guard_message_id, guard_file_name,
                  guard_language, guard_list_id):  # fmt: skip
        with pytest.raises(UnsafeHeader):
            guard(payload)
    with pytest.raises(UnsafeHeader):
        Mailbox("a@example.org", payload)
    with pytest.raises(UnsafeHeader):
        Mailbox(f"{payload}@example.org")


NEAR_MISSES = [
    "=?",
    "what =? that ?=",
    "=?utf-8 without the rest",
    "Réunion =? é",
    "?=",
    '"quoted" \\ back',
    "a, b; c: <d@e>",
    "(comment)",
    "two  spaces",
    "x" * 200,
    "Ann =?",
]


def _read_back(lines: bytes) -> EmailMessage:
    parsed = message_from_bytes(lines + b"\r\n", policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _assert_text_exact(value: str) -> None:
    lines = text_header("Subject", value)
    parsed = _read_back(lines)
    assert parsed.keys() == ["Subject"]
    assert str(parsed["Subject"]) == value
    assert not parsed["Subject"].defects
    _assert_lines(lines)


def _assert_name_exact(name: str) -> None:
    lines = address_header("To", Mailbox("a@example.org", name))
    parsed = _read_back(lines)
    assert parsed.keys() == ["To"]
    assert len(parsed["To"].addresses) == 1
    assert read_mailbox(lines + b"\r\n", "To") == (name, "a@example.org")
    _assert_lines(lines)


def _assert_lines(lines: bytes) -> None:
    assert lines.endswith(b"\r\n")
    assert lines.count(b"\r") == lines.count(b"\n") == lines.count(b"\r\n")
    assert max(map(len, lines.split(b"\r\n"))) <= 78 or b"?=" not in lines
    assert max(map(len, lines.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("value", NEAR_MISSES)
def test_near_misses_stay_text(value: str) -> None:
    _assert_text_exact(guard_subject(value))
    _assert_name_exact(guard_name(value))


hostile_text = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="=?utf-8bqQ0DA_é \"\\<>@,;:()\r\n", max_size=60),
    st.lists(st.sampled_from([*PAYLOADS, *NEAR_MISSES, " ", "日本"]), max_size=4).map(" ".join),
)  # fmt: skip


@given(hostile_text)
def test_a_subject_that_passes_is_read_back_exactly(value: str) -> None:
    try:
        subject = guard_subject(value)
    except UnsafeHeader:
        return
    assert subject == value.strip(" ")
    _assert_text_exact(subject)


@given(hostile_text)
def test_a_name_that_passes_is_read_back_exactly(value: str) -> None:
    try:
        name = guard_name(value)
    except UnsafeHeader:
        return
    _assert_name_exact(name)


@given(
    st.one_of(
        hostile_text,
        st.builds("{}@{}".format, hostile_text, hostile_text),
        st.from_regex(r"[a-z.=?+\"é-]{1,8}@[a-z.é-]{1,12}", fullmatch=True),
    )
)
def test_an_address_that_passes_is_read_back_exactly(value: str) -> None:
    try:
        mailbox = Mailbox(value)
    except UnsafeHeader:
        return
    lines = address_header("To", mailbox)
    # an address beyond ASCII is raw UTF-8 in the header (RFC 6532)
    parsed = message_from_string(lines.decode() + "\r\n", policy=policy.default)
    assert parsed.keys() == ["To"]
    (address,) = parsed["To"].addresses
    assert address.addr_spec == mailbox.address
    assert lines.isascii() is not mailbox.needs_smtputf8


@given(hostile_text)
def test_a_file_name_that_passes_survives_the_library(value: str) -> None:
    try:
        name = guard_file_name(value)
    except UnsafeHeader:
        return
    mail = EmailMessage(policy=policy.SMTP)
    mail.set_content("text")
    mail.add_attachment(b"data", maintype="application", subtype="pdf", filename=name)
    parsed = _read_back(mail.as_bytes())
    assert sorted(parsed.keys()) == ["Content-Type", "MIME-Version"]
    (attachment,) = parsed.iter_attachments()
    assert attachment.get_filename() == name
    assert sorted(attachment.keys()) == [
        "Content-Disposition", "Content-Transfer-Encoding", "Content-Type", "MIME-Version",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["", "a", "@b.c", "a@", "a b@c.d", "a@b..c", ".a@b.c", "a.@b.c", "a@-b.c", '"a b"@c.d',
     "a@[127.0.0.1]", "a@b@c.d", "a@b.c, d@e.f", "<a@b.c>", "a@b.c>", "x" * 65 + "@b.c",
     "a@" + "b" * 64 + ".c", "a＠b.c", "a@b。c", "e\u0301@b.c", "a@b.c\u3000d",
     "a@b\u00ad.c", "a@b\u200b.c", "a\u2060@b.c", "a@b.c\u00a0", "\ue000@b.c", "a@b\u0378.c"],
)  # fmt: skip
def test_malformed_addresses_are_refused(address: str) -> None:
    with pytest.raises(UnsafeHeader):
        guard_address(address)


@pytest.mark.parametrize(
    "address", ["a@localhost", "o'neil+x@sub.example.org", "dpo@xn--bcher-kva.example", "josé@b.c"]
)
def test_usual_addresses_pass(address: str) -> None:
    assert guard_address(address) == address


def test_limits_and_messages_name_the_field() -> None:
    with pytest.raises(UnsafeHeader, match=r"subject: has 301 characters; at most 300"):
        guard_subject("x" * 301)
    with pytest.raises(UnsafeHeader, match="subject: is empty"):
        guard_subject("   ")
    with pytest.raises(UnsafeHeader, match="name: contains the control character U"):
        guard_name("a\nb")


def test_a_long_name_and_address_are_folded_between_them() -> None:
    mailbox = Mailbox("privacy-office@subprocessors.example.org", "Data protection office, Example")
    assert address_header("Reply-To", mailbox) == (
        b'Reply-To: "Data protection office, Example"\r\n'
        b" <privacy-office@subprocessors.example.org>\r\n"
    )


def test_the_date_needs_a_zone() -> None:
    assert date_header(datetime(2026, 3, 2, 9, tzinfo=UTC)) == (
        b"Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n"
    )
    with pytest.raises(UnsafeHeader):
        date_header(datetime(2026, 3, 2, 9))  # noqa: DTZ001
