"""Reads one delivery event as a relay posts it or a table holds it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from subnotify.rules.delivery_events import ReportedEvent
from subnotify.rules.reading import Reader
from subnotify.rules.words import DeliveryEventKind

COLUMNS = ("id", "message_id", "envelope_id", "event", "at", "status", "host", "words")
LONGEST_ID = 200
_LONGEST_HEADER = 200
_LONGEST_HOST = 254
_LONGEST_WORDS = 2_000
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
# Control characters, line and paragraph separators, lone surrogates: no name holds them, and no
# database keeps all of them.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ODD_IN_WORDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def read_event(value: object, where: str, reader: Reader) -> ReportedEvent | None:
    """The event, or None with its problems in `reader`. Fields beyond `COLUMNS` are passed over.

    The Message-ID may come without its angle brackets. `at` must say its zone.
    """
    before = len(reader.problems)
    fields = reader.mapping(value, where)
    if fields is None:
        return None
    external_id = _name(fields, "id", where, reader, LONGEST_ID, required=True)
    header = _name(fields, "message_id", where, reader, _LONGEST_HEADER)
    envelope_id = _name(fields, "envelope_id", where, reader, _LONGEST_HEADER)
    if not header and not envelope_id:
        reader.problem(
            f"{where}.message_id",
            "Neither the Message-ID nor the envelope's id is given.",
            "Give the Message-ID of the mail that the event is about.",
        )
    kind = _kind(fields, where, reader)
    happened_at = _instant(fields.get("at"), f"{where}.at", reader)
    status = _status(fields, where, reader)
    host = _name(fields, "host", where, reader, _LONGEST_HOST)
    words = _words(fields.get("words"))
    if len(reader.problems) > before or kind is None or happened_at is None:
        return None
    return ReportedEvent(
        external_id=external_id,
        kind=kind,
        happened_at=happened_at,
        message_id_header=f"<{header.strip('<>')}>" if header else "",
        envelope_id=envelope_id,
        status=status,
        host=host,
        words=words,
    )


def event_id(value: object) -> str:
    """The id that an event gives itself, as far as it can be said again; "" without one."""
    given = value.get("id") if isinstance(value, Mapping) else None
    if isinstance(given, bool) or not isinstance(given, str | int):
        return ""
    return _ODD.sub("\ufffd", str(given))[:LONGEST_ID]


def _name(
    fields: Mapping[str, Any],
    field: str,
    where: str,
    reader: Reader,
    longest: int,
    *,
    required: bool = False,
) -> str:
    text = reader.text(fields.get(field), f"{where}.{field}", required=required, longest=longest)
    if _ODD.search(text):
        reader.problem(
            f"{where}.{field}",
            "This holds characters that are no text.",
            "Write it on one line, in plain text.",
        )
    return text


def _kind(fields: Mapping[str, Any], where: str, reader: Reader) -> DeliveryEventKind | None:
    text = reader.text(fields.get("event"), f"{where}.event", required=True, longest=40)
    return reader.choice(text.lower(), f"{where}.event", DeliveryEventKind) if text else None


def _instant(value: object, where: str, reader: Reader) -> datetime | None:
    text = reader.text(value, where, required=True, longest=60)
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    reader.problem(
        where,
        "“%(value)s” is not an instant with its zone.",
        "Write it as 2026-03-02T09:30:00Z, or with +01:00 in place of the Z.",
        value=_ODD.sub("\ufffd", text),
    )
    return None


def _status(fields: Mapping[str, Any], where: str, reader: Reader) -> str:
    text = reader.text(fields.get("status"), f"{where}.status", longest=20)
    if text and not _STATUS.fullmatch(text):
        reader.problem(
            f"{where}.status",
            "“%(value)s” is not a status code.",
            "Write it as in RFC 3463, for example 5.1.1, or leave it out.",
            value=_ODD.sub("\ufffd", text),
        )
        return ""
    return text


def _words(value: object) -> str:
    """What a server said, shortened; never a reason to refuse the event."""
    text = value if isinstance(value, str) else ""
    return _ODD_IN_WORDS.sub("\ufffd", text).strip()[:_LONGEST_WORDS]
