"""Reports of delivery in the standard form: RFC 3464, and RFC 6533 for addresses beyond ASCII."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from subnotify.delivery.incoming_mail import Report
from subnotify.delivery.mime_headers import Headers, decode_words, read_headers
from subnotify.delivery.mime_parts import Part
from subnotify.rules.words import DeliveryEventKind

_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_HEADER_PARTS = frozenset(
    {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)
_LONGEST_REPORT = 256 * 1024
_MOST_REPORTS = 200
_MOST_BLOCKS = 5_000  # lines that are no fields among them
_LONGEST_WORDS = 2_000
_RECIPIENT_FIELDS = ("final-recipient", "original-recipient", "action", "status")
_SAYS_RECIPIENT = re.compile(rb"^(?:final|original)-recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY_CODE = re.compile(r"(?<![\d.])([245])[0-5]\d(?=[ -]\D|$)")
_COMMENT = re.compile(r"\([^()]*\)")
_UTF8_ESCAPE = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_ACTIONS = {
    "fail": DeliveryEventKind.FAILED,
    "error": DeliveryEventKind.FAILED,  # OpenSMTPD
    "delay": DeliveryEventKind.DELAYED,
    "deliver": DeliveryEventKind.DELIVERED,
    "relay": DeliveryEventKind.RELAYED,
    "expand": DeliveryEventKind.EXPANDED,
}


@dataclass(frozen=True, slots=True)
class StandardReport:
    """What a mail reports, and the envelope ids of the mails that it reports on."""

    reports: tuple[Report, ...]
    envelope_ids: tuple[str, ...]


def find_standard_report(mail: Part, *, by_machine: bool) -> StandardReport | None:
    """The report that a mail is, or None where it is none, or says nothing that can be read.

    `by_machine`: the mail is from a mail server by its envelope or sender. Then a report also
    counts outside multipart/report, in a part of another type, and wrapped in another mail; in a
    person's mail that would be a report passed on.
    """
    declared = declares_report(mail)
    if not declared and not by_machine:
        return None
    for into_mails in (False, True) if by_machine else (False,):
        bodies = list(_status_bodies(mail, into_mails=into_mails))
        found = _read_bodies(bodies)
        if found.reports:
            return found
    return None


def list_returned_headers(mail: Part) -> list[Headers]:
    """The headers of the mails that a report returns, whole or in part."""
    found: list[Headers] = []
    for part in mail.walk(into_mails=True):
        if part.is_mail:
            found += [inner.headers for inner in part.parts]
        elif part.content_type in _HEADER_PARTS:
            octets = part.body(_LONGEST_REPORT)
            found.append(read_headers(octets, 0, len(octets), len(octets))[0])
    return found


def find_status(text: str) -> str:
    """The status code of RFC 3463 in a server's words; from a bare reply code its class alone."""
    if match := _STATUS.search(text):
        return ".".join(str(int(number)) for number in match.groups())
    match = _REPLY_CODE.search(text)
    return f"{match[1]}.0.0" if match else ""


def declares_report(mail: Part) -> bool:
    """Does a mail say by its type that it is a delivery report?"""
    kind = mail.parameters.get("report-type", "").casefold()
    if mail.content_type != "multipart/report":
        return kind == "delivery-status"
    return kind in {"delivery-status", "global-delivery-status", ""}


def _status_bodies(mail: Part, *, into_mails: bool) -> Iterator[bytes]:
    others = []
    for part in mail.walk(into_mails=into_mails):
        if part.parts:
            continue
        if part.content_type in _STATUS_PARTS:
            yield part.body(_LONGEST_REPORT)
        elif part.content_type in {"text/plain", "application/octet-stream"}:
            others.append(part)
    for part in others:
        # A gateway that knows the type no more makes a text or a file of it.
        body = part.body(_LONGEST_REPORT)
        if _SAYS_RECIPIENT.search(body):
            yield body


def _read_bodies(bodies: Sequence[bytes]) -> StandardReport:
    reports: list[Report] = []
    ids: list[str] = []
    for body in bodies:
        blocks = _blocks(body)
        shared = Headers(tuple(one for block in blocks for one in block.fields))
        if envelope_id := shared.first("original-envelope-id"):
            ids.append(envelope_id[:998])
        read = (_read_recipient(block, shared) for block in blocks)
        reports += [one for one in read if one is not None]
    return StandardReport(tuple(dict.fromkeys(reports))[:_MOST_REPORTS], tuple(dict.fromkeys(ids)))


def _blocks(body: bytes) -> list[Headers]:
    """The groups of fields between empty lines; one that goes on after an empty line is joined."""
    found: list[Headers] = []
    at = 0
    body = body.replace(b"\r\n", b"\n").lstrip(b"\n")
    for _ in range(_MOST_BLOCKS):
        if at >= len(body) or len(found) >= _MOST_REPORTS:
            break
        headers, after = read_headers(body, at, len(body), len(body))
        if after == at:  # a line that is no field
            line_end = body.find(b"\n", at)
            after = len(body) if line_end == -1 else line_end + 1
        at = after
        if found and _continues(found[-1], headers):
            headers = Headers(found.pop().fields + headers.fields)
        if headers.fields:
            found.append(headers)
    return found


def _continues(before: Headers, headers: Headers) -> bool:
    names_recipient = before.has("final-recipient") or before.has("original-recipient")
    says = before.has("action") or before.has("status")
    names_another = headers.has("final-recipient") or headers.has("original-recipient")
    return names_recipient and not says and not names_another


def _read_recipient(block: Headers, shared: Headers) -> Report | None:
    if not any(block.has(name) for name in _RECIPIENT_FIELDS):
        return None
    words = _diagnostic(block.first("diagnostic-code"))
    status = _written_status(block.first("status")) or find_status(words)
    kind = _kind(block, status)
    if kind is None:
        return None
    final = read_recipient(block.first("final-recipient"))
    original = read_recipient(block.first("original-recipient"))
    host = block.first("remote-mta") or shared.first("reporting-mta")
    return Report(
        kind=kind,
        status=status,
        host=_typed_value(host)[:254],
        recipient=original or final,
        final_recipient=final,
        happened_at=read_instant(block.first("last-attempt-date")),
        words=words,
    )


def _kind(block: Headers, status: str) -> DeliveryEventKind | None:
    """What became of the mail. Only what is said in full raises proof; what is unclear failed."""
    action = block.first("action").strip().casefold()
    said = next((kind for word, kind in _ACTIONS.items() if action.startswith(word)), None)
    if said is DeliveryEventKind.DELIVERED and status[:1] != "2":
        said = None
    if said is not None:
        return said
    match status[:1]:
        case "2":
            return DeliveryEventKind.RELAYED
        case "4" if block.has("will-retry-until"):
            return DeliveryEventKind.DELAYED
        case "4" | "5":
            # A final report may bear a temporary code: nobody tries any more (RFC 3464, 2.3.3).
            return DeliveryEventKind.FAILED
    return None


def read_recipient(value: str) -> str:
    """The address in a field like `rfc822; name@domain`, at most 320 characters."""
    address = _typed_value(value).strip().strip("<>").strip()
    address = _UTF8_ESCAPE.sub(_unescaped, address)
    return address[:320]


def _unescaped(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if 31 < number < 0x110000 and not 0xD800 <= number < 0xE000 else match[0]


def _typed_value(value: str) -> str:
    """Without the type before the semicolon, comments, and the dot of a full domain name."""
    _, separator, rest = value.partition(";")
    text = _COMMENT.sub("", rest if separator else value)
    return decode_words(text).rstrip(".")


def _diagnostic(value: str) -> str:
    _, separator, rest = value.partition(";")
    return decode_words(rest if separator else value)[:_LONGEST_WORDS]


def _written_status(value: str) -> str:
    return find_status(value) if _STATUS.search(value) else ""


def read_instant(value: str) -> datetime | None:
    """The instant of a date field, aware, in UTC; None where it cannot be read."""
    try:
        text = value.partition("(")[0].strip()[:100]
        found = parsedate_to_datetime(text)
        if found.tzinfo is None and text.endswith("-0000"):  # UTC, RFC 5322, 3.3
            return found.replace(tzinfo=UTC)
        # Without a zone the instant is unknown by hours: better none.
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
