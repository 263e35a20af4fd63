"""How much waits for a person at the vendor's, counted set-based: few queries for any amount."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from subnotify.rules.lanes import SOON
from subnotify.rules.words import (
    CaseState,
    ConfirmationKind,
    HoldReason,
    LapseState,
    NoticeState,
)
from subnotify.storage.confirmations import Waiting, find_waiting
from subnotify.storage.due_days import window_runs
from subnotify.storage.mail_readings import letter_waits, waits_for_person
from subnotify.storage.open_corrections import count_open_corrections
from subnotify.storage.queue_state import count_parked
from subnotify.storage.standstills import Standstill, find_standstill
from subnotify.storage.tables import (
    CaseRow,
    NoticeRow,
    TransferLapseRow,
)
from subnotify.storage.undelivered import count_lost

# Nobody settles a mail that came back: it is told for so long.
LOST_LATELY = timedelta(days=7)
# A basis that ends later is shown, but asks for nothing yet.
_LAPSES_SOON = timedelta(days=30)
_WAIT_FOR_PERSON = (CaseState.HOLD.value, CaseState.OBJECTED.value)
CLOCKS = (CaseRow.closes_at, CaseRow.accommodation_ends_at, CaseRow.unresolved_ends_at)


@dataclass(frozen=True)
class Lapses:
    """first_on: the first day without a basis of the place that comes first."""

    count: int
    first_on: date | None


@dataclass(frozen=True)
class WaitingCounts:
    """ending: cases that wait for a person and have a clock that ends within three days.

    windows_ending: windows of others that end then; they ask for nothing. mails, letters: from
    clients, that nobody has filed. lost: mails to designated contacts, notices aside, that came
    back or were refused in the last seven days. corrections: of what is recorded of letters, that
    wait for a second person.
    """

    standstill: Standstill
    ending: int
    windows_ending: int
    mails: int
    letters: int
    unserved: int
    objections: int
    holds: Mapping[HoldReason, int]
    parked: int
    lost: int
    corrections: int
    replies: Waiting
    post: Waiting
    lapses: Lapses

    def needs_person(self, on: date) -> bool:
        """Something waits for somebody on that day."""
        first = self.lapses.first_on
        counted = (self.ending, self.mails, self.letters, self.unserved, self.objections)
        return bool(
            self.standstill.is_any
            or sum(counted) + self.parked + self.lost + self.corrections
            or self.holds
            or (first is not None and first <= on + _LAPSES_SOON)
        )


def load_waiting_counts(session: Session, *, at: datetime) -> WaitingCounts:
    """What waits at `at`."""
    soon = at + SOON
    return WaitingCounts(
        standstill=find_standstill(session, at=at),
        ending=_count(session, unsettled(), ends_between(at, soon)),
        windows_ending=_count(
            session,
            CaseRow.state == CaseState.OPEN.value,
            CaseRow.closes_at > at,
            CaseRow.closes_at <= soon,
        ),
        mails=_count(session, waits_for_person()),
        letters=_count(session, letter_waits()),
        unserved=_count(session, *unserved()),
        objections=_count(session, CaseRow.state == CaseState.OBJECTED.value),
        holds=_holds(session),
        parked=count_parked(session),
        lost=count_lost(session, at - LOST_LATELY),
        corrections=count_open_corrections(session),
        replies=find_waiting(session, ConfirmationKind.REPLIES_READ),
        post=find_waiting(session, ConfirmationKind.REGISTERED_POST_OPENED),
        lapses=_lapses(session),
    )


def unsettled() -> ColumnElement[bool]:
    """A case that waits for a person."""
    return CaseRow.state.in_(_WAIT_FOR_PERSON) & CaseRow.outcome.is_(None)


def ends_between(at: datetime, until: datetime) -> ColumnElement[bool]:
    """A clock of the case ends after `at` and not after `until`."""
    return or_(*(ends_of(clock, at, until) for clock in CLOCKS))


def ends_of(
    clock: InstrumentedAttribute[Any], at: datetime, until: datetime
) -> ColumnElement[bool]:
    """The same of one clock; a window that does not run ends for nobody."""
    between = (clock > at) & (clock <= until)
    return between & window_runs() if clock is CaseRow.closes_at else between


def held_for(reasons: Collection[HoldReason]) -> ColumnElement[bool]:
    """The case is held for one of these."""
    holds = cast(CaseRow.holds, String)
    # A name never occurs inside another one's.
    return or_(*(holds.contains(f'"{x.value}"', autoescape=True) for x in reasons))


def unserved() -> tuple[ColumnElement[bool], ...]:
    """A notice that is not served, with a case that is not settled."""
    # Asked of each such notice, of which there are few: a list of all open cases is long.
    waits = select(CaseRow.id).where(CaseRow.notice_id == NoticeRow.id, CaseRow.outcome.is_(None))
    return (NoticeRow.state == NoticeState.NOT_SERVED.value, waits.correlate(NoticeRow).exists())


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0


def _holds(session: Session) -> dict[HoldReason, int]:
    """How many cases each reason holds, most first. A case may be held for several."""
    holds = cast(CaseRow.holds, String)
    rows = session.execute(select(holds, func.count()).where(unsettled()).group_by(holds))
    counts: Counter[HoldReason] = Counter()
    for text, number in rows:
        for hold in json.loads(text):
            counts[HoldReason(hold)] += number
    return dict(counts.most_common())


def _lapses(session: Session) -> Lapses:
    count, first_on = session.execute(
        select(func.count(), func.min(TransferLapseRow.lapses_on)).where(
            TransferLapseRow.state == LapseState.OPEN.value
        )
    ).one()
    return Lapses(count, first_on)
