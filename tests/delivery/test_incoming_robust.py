"""Whatever anybody sends is read in bounded time, and raises nothing but `UnreadableMail`."""

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subnotify.delivery.incoming_mail import LONGEST_TEXT, IncomingMail, UnreadableMail
from subnotify.rules.words import IncomingKind
from tests.support.incoming import list_samples, read

_FOLDERS = ("bounces/flufl", "bounces/constructed", "auto_replies", "replies")
_SAMPLES = [file.read_bytes() for folder in _FOLDERS for file in list_samples(folder)]
# Of the processor, far above what any of them takes (half a second): other work does not count;
# what takes quadratic time takes minutes.
_LONGEST_SECONDS = 20
_PIECES = [
    b"\r\n",
    b"\n\n",
    b"\0",
    b"\xff\xfe",
    b"--B",
    b"--",
    b'"',
    b";",
    b"=?utf-8?B?",
    b"=?=",
    b"Content-Type: multipart/mixed; boundary=B\r\n\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Type: text/html; charset=utf-16\r\n",
    b"filename*0*=x''%00%ff; filename*999=",
    b"Final-Recipient: rfc822;",
    b"Last-Attempt-Date: Mon, 31 Feb 99999 25:61:00 +9999\r\n",
    b"<!--",
    b"<script>",
    b"&#99999999999;",
    b"\\x{110000}",
]
_HEAD = (
    b"From: Mail Delivery System <mailer-daemon@x.example>\r\nSubject: Undelivered Mail\r\n"
    b"To: a+b1@v.example\r\nReturn-Path: <>\r\nPrecedence: bulk\r\n"
)
_MIXED = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
_REPORT = (
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
    b"--x\r\n\r\nhi\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
)
_TAGS = b"\r\n".join(
    [
        b"here is your list of failed recipients",
        b"the following addresses had",
        b"failed addresses follow:",
        b"did not reach the following recipient",
        b"A message that you sent could not be delivered",
        b"Delivery to the following recipients failed",
        b"Hi. This is the",
    ]
)


def _nested() -> bytes:
    opening = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return b"".join(opening % (number, number) for number in range(20_000))


_HOSTILE: dict[str, Callable[[], bytes]] = {
    "a large attachment": lambda: _MIXED + b"--x\r\n\r\n" + b"QUJD" * 6_000_000,
    "one line of text": lambda: b"\r\n" + b"a" * 25_000_000,
    "many lines of addresses": lambda: b"\r\n" + b"a b@c.d <x@y> , z@q,\r\n" * 1_000_000,
    "empty lines": lambda: b"\r\na\n" + b"\n" * 10_000_000 + b"b",
    "reply codes": lambda: b"\r\n" + b"550 " * 2_000_000,
    "quoted-printable": lambda: (
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" * 10_000_000
    ),
    "nested multiparts": _nested,
    "nested multiparts of one name": lambda: (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 20_000
    ),
    "nested mails": lambda: b"Content-Type: message/rfc822\r\n\r\n" * 100_000,
    "a million parts": lambda: _MIXED + b"--x\r\n\r\na\r\n" * 1_000_000,
    "a million headers": lambda: b"X: y\r\n" * 1_000_000,
    "a folded header": lambda: b"Subject: a\r\n" + b" b\r\n" * 2_000_000,
    "a report of many": lambda: (
        _REPORT + b"Final-Recipient: rfc822; a@b\r\nAction: failed\r\n\r\n" * 200_000
    ),
    "a report of empty lines": lambda: _REPORT + b"\r\n" * 3_000_000,
    "a report of no fields": lambda: _REPORT + b"x\r\n" * 3_000_000,
    "a long diagnostic": lambda: (
        _REPORT + b"Final-Recipient: rfc822; a@b\r\nDiagnostic-Code: " + b"5.1." * 3_000_000
    ),
    **{
        f"html of {piece.decode()}": (
            lambda piece=piece: b"Content-Type: text/html\r\n\r\n" + piece * 1_000_000
        )
        for piece in (b"<", b"<!--", b"<script>", b"<script></", b"&amp", b"<p>x</p>")
    },
    **{
        f"a bounce of {piece.decode()[:4]}": (
            lambda piece=piece: b"\r\n" + _TAGS + (b"\r\n" + piece) * 3_000
        )
        for piece in (b"a" * 5_000, b"a" * 249, b"a@" * 2_000, b" " * 5_000, b"<" * 5_000)
    },
    **{
        f"headers of {piece.decode()}": (
            lambda piece=piece: b"".join(
                name + b": " + piece * 10_000 + b"\r\n"
                for name in (b"From", b"To", b"Subject", b"Content-Type", b"References", b"Date")
            )
        )
        for piece in (b";", b'"', b"\\", b"(", b"<", b"=?", b"=?a?q?", b';a="', b"@", b"a@b,")
    },
    **{
        f"words of {piece.decode()}": (lambda piece=piece: b"\r\n" + piece * 200_000)
        for piece in (b"on 1 ", b"From: x\r\n", b"> ", b"On 1 wrote ", b"nicht mehr a ", b"-\r\n")
    },
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_mail_is_read_in_bounded_time(name: str) -> None:
    raw = _HEAD + _HOSTILE[name]()
    began = time.process_time()
    _check(read(raw))
    assert time.process_time() - began < _LONGEST_SECONDS


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\nwords", b"just words", b"\0" * 1_000, b"\xff\xd8"])
def test_what_is_no_mail_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(UnreadableMail):
        read(raw)


def test_a_thousand_mutated_samples_raise_nothing() -> None:
    chance = random.Random(20261122)
    for _ in range(1_500):
        _read_any(_mutated(chance))


@given(st.binary(max_size=2_000))
@settings(max_examples=300, deadline=None)
def test_any_octets_raise_nothing_else(raw: bytes) -> None:
    _read_any(raw)
    _read_any(_HEAD + raw)
    _read_any(_HEAD + _REPORT + raw)


@given(
    st.sampled_from(["Content-Type", "From", "Subject", "Date", "To", "Content-Disposition"]),
    st.text(max_size=200),
)
@settings(max_examples=300, deadline=None)
def test_any_header_value_raises_nothing(name: str, value: str) -> None:
    _read_any(f"{name}: {value}\r\n\r\nx".encode("utf-8", "surrogatepass"))


def test_what_is_cut_short_is_still_read() -> None:
    for raw in _SAMPLES:
        for share in (4, 2):
            _read_any(raw[: len(raw) // share])


def test_line_ends_of_any_kind_say_the_same() -> None:
    for raw in _SAMPLES:
        plain = raw.replace(b"\r\n", b"\n")
        unix, dos = read(plain), read(plain.replace(b"\n", b"\r\n"))
        assert (unix.kind, unix.reports, unix.text) == (dos.kind, dos.reports, dos.text)


def _mutated(chance: random.Random) -> bytes:
    raw = bytearray(chance.choice(_SAMPLES))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(raw) + 1)
        match chance.randrange(4):
            case 0:
                raw[at : at + chance.randint(1, 60)] = b""
            case 1:
                raw[at:at] = chance.choice(_PIECES) * chance.choice((1, 1, 1, 40))
            case 2:
                raw[at : at + 4] = chance.randbytes(4)
            case _:
                other = chance.choice(_SAMPLES)
                start = chance.randrange(len(other))
                raw[at:at] = other[start : start + 400]
    return bytes(raw)


def _read_any(raw: bytes) -> None:
    try:
        _check(read(raw))
    except UnreadableMail:
        return


def _check(mail: IncomingMail) -> None:
    """What both databases and all pages rely on."""
    assert (mail.kind is IncomingKind.REPORT) == bool(mail.reports)
    assert len(mail.text) <= LONGEST_TEXT
    assert len(mail.from_address) <= 254
    assert len(mail.message_ids) <= 50
    texts = [mail.text, mail.quoted, mail.subject, mail.from_name, mail.from_address, mail.reason]
    texts += [*mail.message_ids, *mail.original_envelope_ids]
    texts += [one.name for one in mail.attachments]
    for one in mail.reports:
        texts += [one.words, one.host, one.recipient, one.status]
    for text in texts:
        assert "\0" not in text
        text.encode()  # no lone surrogates


def test_a_detector_that_fails_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """One of the library's detectors fails on a mail without a sender, and would log it as an
    error with its traceback."""
    mail = read(b"Subject: Undelivered Mail Returned to Sender\r\n\r\nNobody said anything.\r\n")
    assert mail.kind is IncomingKind.REPLY and "may be a bounce" in mail.reason
    assert caplog.records == []
