"""The calendar entry of a deadline, the same in a mail, on a page and in a feed.

An end at local midnight is a whole day, the last one: an entry at 00:00 of the next would be read
as a day more than there is. Any other end is an instant.
"""

from dataclasses import dataclass
from datetime import datetime

from subnotify.delivery.calendars import CalendarEntry
from subnotify.delivery.mime import AttachedFile
from subnotify.rules.calendar_uids import deadline_sequence, deadline_uid, is_called_off
from subnotify.rules.terms import NoticeTerms
from subnotify.wording.calendars import deadline_description, deadline_summary
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party

FILE_NAME = "deadline.ics"


@dataclass(frozen=True)
class DeadlineOfCase:
    """The deadline of one change under one notice.

    runs: the notice is served as things stand. serving_moves: how often that was recorded to
    change. closed_at: when the case ended, None while it is open. outcomes: rows recorded for it.
    title: the change in one sentence.
    """

    party: Party
    position: int
    title: str
    closes_at: datetime
    runs: bool
    serving_moves: int
    closed_at: datetime | None
    outcomes: int
    terms: NoticeTerms | None

    @property
    def is_called_off(self) -> bool:
        return is_called_off(self.closes_at, runs=self.runs, closed_at=self.closed_at)


def deadline_entry(
    deadline: DeadlineOfCase, vendor_name: str, host: str, w: Wording, *, at: datetime
) -> CalendarEntry:
    """The entry, told in the zone of `w` (the agreement's). host: of the public address. at: its
    DTSTAMP."""
    is_cancelled = deadline.is_called_off
    last_day, is_whole_day = w.last_day(deadline.closes_at)
    return CalendarEntry(
        uid=deadline_uid(deadline.party.notice_reference, deadline.position, host),
        sequence=deadline_sequence(
            deadline.closes_at,
            serving_moves=deadline.serving_moves,
            outcomes=deadline.outcomes,
            is_cancelled=is_cancelled,
        ),
        summary=deadline_summary(deadline.title, deadline.terms, w),
        changed_at=at,
        on=last_day if is_whole_day else None,
        starts_at=None if is_whole_day else deadline.closes_at,
        description=deadline_description(
            *(deadline.closes_at, deadline.party, vendor_name, deadline.terms, w),
            is_cancelled=is_cancelled,
        ),
        is_cancelled=is_cancelled,
    )


def attached_calendar(octets: bytes) -> AttachedFile:
    """The calendar as the file of a mail (RFC 6047, 2.4: the method is named twice)."""
    return AttachedFile(FILE_NAME, "text/calendar; charset=utf-8; method=PUBLISH", octets)
