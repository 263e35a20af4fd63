"""Mails as bytes: a skeleton for each notice and language, filled for each contact.

Building a mail with `EmailMessage` costs milliseconds; a release has thousands. What is the same
for all contacts is written once and checked by parsing it in full; each filled mail then needs
only a check of its bytes (DESIGN 9 and 12).
"""

import binascii
import re
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr
from functools import lru_cache

from subnotify.delivery.headers import (
    Mailbox,
    UnsafeHeader,
    address_header,
    date_header,
    guard_file_name,
    guard_language,
    guard_list_id,
    guard_message_id,
    guard_subject,
    id_list_header,
    text_header,
    token_header,
)

_BASE64_COLUMNS = 76  # RFC 2045, 6.8
LINE_OCTETS = 998  # RFC 5322, 2.1.1, without CRLF

_HEADER_NAME = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)


class MalformedMail(ValueError):
    """A filled mail whose bytes are not what was intended: it must not be sent."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that goes with a mail. The name is a header: guarded, and plain ASCII. `media_type`
    is ours, never a stranger's, with its parameters.

    Raises `UnsafeHeader`.
    """

    name: str
    media_type: str
    octets: bytes

    def __post_init__(self) -> None:
        if not guard_file_name(self.name).isascii():
            raise UnsafeHeader("file name", "is not plain ASCII")


def mint_message_id(domain: str) -> str:
    """Return a new Message-ID on the sending `domain`: `<32 hex digits@domain>`.

    It is minted once for a logical message and kept for every repeat. Raises `UnsafeHeader` for a
    domain that cannot stand in one.
    """
    return guard_message_id(f"<{secrets.token_hex(16)}@{domain}>")


class MailSkeleton:
    """What the mails of one notice (or purpose) in one language have in common.

    In: the sender, the language tag, and the list identifier (None for mails to one person that
    belong to no series). The skeleton is parsed in full by the library when it is built. Raises
    `UnsafeHeader` for values that cannot stand in a header.
    """

    def __init__(self, *, sender: Mailbox, language: str, list_id: str | None = None) -> None:
        boundary = f"=_{secrets.token_hex(16)}"  # base64 has no "=_", so no body contains it
        fixed = [
            token_header("MIME-Version", "1.0"),
            address_header("From", sender),
            token_header("Auto-Submitted", "auto-generated"),
            token_header("Content-Language", guard_language(language)),
        ]
        if list_id is not None:
            fixed.append(token_header("List-Id", f"<{guard_list_id(list_id)}>"))
        self._outer = f"=_{secrets.token_hex(16)}"
        self._alternative = _multipart("alternative", boundary)
        self._mixed = _multipart("mixed", self._outer)
        self._fixed = b"".join(fixed)
        self._fixed_names = [*_HEADER_NAME.findall(self._fixed), b"Content-Type"]
        self._before_text = _part_opening(boundary, "plain")
        self._before_html = _part_opening(boundary, "html")
        self._end = f"--{boundary}--\r\n".encode()
        self._check_in_full(sender)

    def fill(
        self,
        *,
        to: Mailbox,
        subject: str,
        message_id: str,
        date: datetime,
        text: str,
        html: str,
        reply_to: Mailbox | None = None,
        in_reply_to: str | None = None,
        references: Sequence[str] = (),
        attached: AttachedFile | None = None,
    ) -> bytes:
        """Return the mail to one contact: CRLF lines of at most 998 octets, bodies in base64.

        `date` is an aware instant. `references` lists the thread from its first mail on.
        `attached` follows the words as a file. Raises `UnsafeHeader` for a value that may not stand
        in a header, `UnicodeEncodeError` for text with lone surrogates, `MalformedMail` if the
        bytes are not as intended.
        """
        head = [
            address_header("To", to),
            text_header("Subject", guard_subject(subject)),
            token_header("Message-ID", guard_message_id(message_id)),
            date_header(date),
        ]
        if reply_to is not None:
            head.append(address_header("Reply-To", reply_to))
        if in_reply_to is not None:
            head.append(id_list_header("In-Reply-To", [guard_message_id(in_reply_to)]))
        if references:
            head.append(id_list_header("References", [guard_message_id(one) for one in references]))
        names = [b"To", b"Subject", b"Message-ID", b"Date"]
        names += [b"Reply-To"] * (reply_to is not None)
        names += [b"In-Reply-To"] * (in_reply_to is not None) + [b"References"] * bool(references)
        kind = self._alternative if attached is None else self._mixed
        written = b"".join(head) + self._fixed + kind
        # The bodies are base64 in lines of 76 octets, whatever the words are.
        check_bytes(written + b"\r\n", header_names=names + self._fixed_names)
        words = (
            *(self._before_text, _base64_body(text)),
            *(self._before_html, _base64_body(html), self._end),
        )
        if attached is None:
            return b"".join((written, *words))
        return b"".join((written, *self._with_file(words, attached)))

    def _with_file(self, words: Sequence[bytes], attached: AttachedFile) -> Sequence[bytes]:
        """The words as the first part of the mail, the file as the second."""
        delimiter = b"\r\n--%s\r\n" % self._outer.encode()
        opening = (
            f"Content-Type: {attached.media_type}\r\n"
            f'Content-Disposition: attachment; filename="{attached.name}"\r\n'
            "Content-Transfer-Encoding: base64\r\n"
        ).encode("ascii")
        check_bytes(
            opening + b"\r\n",
            header_names=[b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding"],
        )
        return (
            *(delimiter, self._alternative, *words, delimiter, opening, b"\r\n"),
            *(_base64_lines(attached.octets), b"--%s--\r\n" % self._outer.encode()),
        )

    def _check_in_full(self, sender: Mailbox) -> None:
        raw = self.fill(
            to=Mailbox("contact@example.org", "Name"),
            subject="Subject",
            message_id="<check@example.org>",
            date=datetime(2026, 1, 1, tzinfo=UTC),
            text="text\n",
            html="<p>html</p>\n",
        )
        parsed = message_from_bytes(raw, policy=policy.SMTP)
        bodies = [part.get_payload(decode=True) for part in parsed.iter_parts()]
        intended = (sender.name, sender.address)
        # An address beyond ASCII is raw UTF-8 in its header: unknown octets to the library.
        same_sender = sender.needs_smtputf8 or read_mailbox(raw, "From") == intended
        if bodies != [b"text\r\n", b"<p>html</p>\r\n"] or parsed.defects or not same_sender:
            raise UnsafeHeader("sender", "cannot be written so that it is read back as it is")


def read_mailbox(raw: bytes, header: str) -> tuple[str, str]:
    """Return (name, address) of a header of one mailbox, read by RFC 2047.

    The library's structured parser puts a space between two encoded words of a long name, where
    the RFC joins them; its older functions read them rightly.
    """
    value = message_from_bytes(raw, policy=policy.compat32)[header]
    name, address = parseaddr(str(value))
    return str(make_header(decode_header(name))), address


def check_bytes(raw: bytes, *, header_names: Sequence[bytes]) -> None:
    """Check what the reader of a mail relies on: header names in order, line ends, line lengths.

    Raises `MalformedMail`.
    """
    head, separator, _ = raw.partition(b"\r\n\r\n")
    if not separator or _HEADER_NAME.findall(head) != list(header_names):
        raise MalformedMail("the header names are not the intended ones")
    line_feeds = raw.count(b"\n")
    if not line_feeds == raw.count(b"\r\n") == raw.count(b"\r") or b"\0" in raw:
        raise MalformedMail("a line does not end with CRLF, or a NUL is in the mail")
    if max(map(len, raw.split(b"\n"))) > LINE_OCTETS + 1:  # with its CR
        raise MalformedMail(f"a line is longer than {LINE_OCTETS} octets")


def _multipart(subtype: str, boundary: str) -> bytes:
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n'.encode()


def _part_opening(boundary: str, subtype: str) -> bytes:
    return (
        f"\r\n--{boundary}\r\n"
        f"Content-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "\r\n"
    ).encode()


def _base64_body(text: str) -> bytes:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # In octets: replacing in a text beyond ASCII takes three times as long.
    return _base64_lines(text.encode().replace(b"\n", b"\r\n"))


def _base64_lines(octets: bytes) -> bytes:
    encoded = binascii.b2a_base64(octets, newline=False)
    whole, rest = divmod(len(encoded), _BASE64_COLUMNS)
    lines = _whole_lines(whole).unpack_from(encoded)
    last = (encoded[-rest:],) if rest else ()
    return b"\r\n".join((*lines, *last, b""))


@lru_cache(maxsize=1024)
def _whole_lines(number: int) -> struct.Struct:
    """Cuts a text into so many lines, many times faster than slicing does."""
    return struct.Struct(f"{_BASE64_COLUMNS}s" * number)
