"""Calendars of deadlines as iCalendar bytes (RFC 5545): files on pages and in mails, and feeds.

A pure function of its arguments: the same facts give the same bytes. The entry of a deadline is
made in `operations.deadline_calendars`. Lines are folded and texts escaped by the library.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from icalendar import Calendar, Event, vDatetime, vText, vUri

MIME_TYPE = "text/calendar"
_PRODID = "-//subnotify//Deadlines of subprocessor notices//EN"
_METHOD = "PUBLISH"  # it informs: nobody is invited and no reply is asked for (RFC 5546, 3.2.1)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_HIGHEST_SEQUENCE = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One deadline, or one day, of a calendar.

    Either `starts_at` (an aware instant, written in UTC) or `on` (a whole day). `sequence` grows
    with each change of the entry; the reader's calendar keeps the highest. `changed_at` is
    written as DTSTAMP: when this calendar was made, or (for bytes that stay the same) when what
    the entry says was recorded last.
    """

    uid: str
    sequence: int
    summary: str
    changed_at: datetime
    starts_at: datetime | None = None
    on: date | None = None
    description: str = ""
    url: str = ""
    is_cancelled: bool = False


def calendar_bytes(name: str, entries: Sequence[CalendarEntry]) -> bytes:
    """Return a calendar of these entries, METHOD:PUBLISH, lines of at most 75 octets with CRLF.

    `name` is what calendar programs show for the whole. Raises `ValueError` for an entry with
    both or neither of `starts_at` and `on`, with a naive instant, or a sequence out of range.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", _METHOD)
    # Both are read: the first is RFC 7986, the second older than it.
    calendar.add("name", vText(_plain(name)))
    calendar.add("x-wr-calname", vText(_plain(name)))
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry) -> Event:
    if (entry.starts_at is None) == (entry.on is None):
        raise ValueError("an entry has either an instant or a day")
    if not 0 <= entry.sequence <= _HIGHEST_SEQUENCE:
        raise ValueError(f"the sequence {entry.sequence} is out of range")
    event = Event()
    event.add("uid", _plain(entry.uid))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", _instant(entry.changed_at))
    if entry.on is not None:
        event.add("dtstart", entry.on)
    elif entry.starts_at is not None:
        event.add("dtstart", _instant(entry.starts_at))
    event.add("summary", _plain(entry.summary))
    if entry.description:
        event.add("description", _plain(entry.description))
    if entry.url:
        event.add("url", vUri(_plain(entry.url)))
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # a deadline makes nobody busy
    return event


def _instant(moment: datetime) -> vDatetime:
    if moment.tzinfo is None:
        raise ValueError("an instant of a calendar names its zone")
    return vDatetime(moment.astimezone(UTC).replace(microsecond=0))


def _plain(text: str) -> str:
    """The text without signs that no calendar text may hold; line ends as the library wants."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
