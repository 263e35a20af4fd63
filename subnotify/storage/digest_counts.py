"""What waits for a person at the vendor's, counted set-based, with the most urgent of each kind."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import (
    CaseState,
    ConfirmationKind,
    HoldReason,
    LapseState,
    NoticeState,
)
from subnotify.storage.confirmations import Waiting, find_waiting
from subnotify.storage.mail_readings import waits_for_person
from subnotify.storage.queue_state import ParkedMail, count_parked, list_parked
from subnotify.storage.standstills import Standstill, find_standstill
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ClientRow,
    IncomingMailRow,
    NoticeRow,
    TermsVersionRow,
    TransferLapseRow,
)
from subnotify.storage.undelivered import LostMail, count_lost, list_lost

MOST_NAMED = 10
# Nobody settles a mail that came back: it is told for so long.
_LOST_LATELY = timedelta(days=7)
SOON = timedelta(days=3)
# A basis that ends later is shown, but asks for nothing yet.
_LAPSES_SOON = timedelta(days=30)
_WAIT_FOR_PERSON = (CaseState.HOLD.value, CaseState.OBJECTED.value)
_CLOCKS = (CaseRow.closes_at, CaseRow.accommodation_ends_at, CaseRow.unresolved_ends_at)


@dataclass(frozen=True)
class CaseToSee:
    """due_at: the next of its clocks (the deadline, or one of an objection); zone: of its terms."""

    id: int
    client: str
    name: str
    due_at: datetime | None
    zone: str | None


@dataclass(frozen=True)
class MailToRead:
    """client: "" where nothing proves whose it is."""

    id: int
    from_address: str
    subject: str
    client: str
    received_at: datetime


@dataclass(frozen=True)
class UnservedNotice:
    """case_id: one of its cases that are not settled."""

    case_id: int
    client: str
    reference: str
    reason: HoldReason


@dataclass(frozen=True)
class Lapses:
    """first_on: the first day without a basis of the place that comes first."""

    count: int
    first_on: date | None


@dataclass(frozen=True)
class DigestCounts:
    """ending: cases that wait for a person and have a clock that ends within three days.

    windows_ending: windows of others that end then; they ask for nothing. lost: mails to
    designated contacts, notices aside, that came back or were refused in the last seven days.
    """

    standstill: Standstill
    ending: int
    first_ending: Sequence[CaseToSee]
    windows_ending: int
    mails: int
    first_mails: Sequence[MailToRead]
    unserved: int
    first_unserved: Sequence[UnservedNotice]
    objections: int
    first_objections: Sequence[CaseToSee]
    holds: Mapping[HoldReason, int]
    parked: int
    first_parked: Sequence[ParkedMail]
    lost: int
    first_lost: Sequence[LostMail]
    replies: Waiting
    post: Waiting
    lapses: Lapses

    def needs_person(self, on: date) -> bool:
        """Something waits for somebody on that day."""
        first = self.lapses.first_on
        return bool(
            self.standstill.is_any
            or self.ending + self.mails + self.unserved + self.objections + self.parked + self.lost
            or self.holds
            or (first is not None and first <= on + _LAPSES_SOON)
        )


def load_digest_counts(session: Session, *, at: datetime) -> DigestCounts:
    """What waits at `at`: some twenty queries, however much it is."""
    soon = at + SOON
    return DigestCounts(
        standstill=find_standstill(session, at=at),
        ending=_count(session, *_unsettled(), _ends_between(at, soon)),
        first_ending=list_ending(session, at, soon),
        windows_ending=_count(
            session,
            CaseRow.state == CaseState.OPEN.value,
            CaseRow.closes_at > at,
            CaseRow.closes_at <= soon,
        ),
        mails=_count(session, waits_for_person()),
        first_mails=_first_mails(session),
        unserved=_count(session, *_unserved()),
        first_unserved=_first_unserved(session),
        objections=_count(session, CaseRow.state == CaseState.OBJECTED.value),
        first_objections=_first_objections(session, at),
        holds=_holds(session),
        parked=count_parked(session),
        first_parked=list_parked(session, limit=MOST_NAMED),
        lost=count_lost(session, at - _LOST_LATELY),
        first_lost=list_lost(session, at - _LOST_LATELY, limit=MOST_NAMED),
        replies=find_waiting(session, ConfirmationKind.REPLIES_READ),
        post=find_waiting(session, ConfirmationKind.REGISTERED_POST_OPENED),
        lapses=_lapses(session),
    )


def list_ending(session: Session, at: datetime, until: datetime) -> list[CaseToSee]:
    """The first of those that wait for a person and of which a clock ends after `at` and not
    after `until`."""
    found: dict[int, CaseToSee] = {}
    for clock in _CLOCKS:
        query = _cases().where(*_unsettled(), clock > at, clock <= until).order_by(clock)
        for row in session.execute(query.limit(MOST_NAMED)):
            found[row.id] = _case(row, at)
    return sorted(found.values(), key=lambda case: (case.due_at or until, case.id))[:MOST_NAMED]


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0


def _unsettled() -> tuple[ColumnElement[bool], ...]:
    return (CaseRow.state.in_(_WAIT_FOR_PERSON), CaseRow.outcome.is_(None))


def _ends_between(at: datetime, until: datetime) -> ColumnElement[bool]:
    return or_(*((clock > at) & (clock <= until) for clock in _CLOCKS))


def _cases() -> Select[Any]:
    return (
        select(
            CaseRow.id,
            ClientRow.name.label("client"),
            ChangeRow.facts,
            TermsVersionRow.terms["counting"]["time_zone"].as_string().label("zone"),
            *_CLOCKS,
        )
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
    )


def _case(row: Any, at: datetime) -> CaseToSee:
    clocks = (row.closes_at, row.accommodation_ends_at, row.unresolved_ends_at)
    to_come = [clock for clock in clocks if clock is not None and clock > at]
    name = str((row.facts or {}).get("name", ""))
    return CaseToSee(row.id, row.client, name, min(to_come, default=None), row.zone)


def _first_objections(session: Session, at: datetime) -> list[CaseToSee]:
    due = func.coalesce(*_CLOCKS[1:], CaseRow.closes_at)
    query = _cases().where(CaseRow.state == CaseState.OBJECTED.value)
    rows = session.execute(query.order_by(due.asc().nulls_last(), CaseRow.id).limit(MOST_NAMED))
    return [_case(row, at) for row in rows]


def _first_mails(session: Session) -> list[MailToRead]:
    rows = session.execute(
        select(
            IncomingMailRow.id,
            IncomingMailRow.from_address,
            IncomingMailRow.subject,
            IncomingMailRow.received_at,
            ClientRow.name,
        )
        .outerjoin(ClientRow, ClientRow.id == IncomingMailRow.client_id)
        .where(waits_for_person())
        .order_by(IncomingMailRow.received_at, IncomingMailRow.id)
        .limit(MOST_NAMED)
    )
    return [
        MailToRead(row.id, row.from_address, row.subject, row.name or "", row.received_at)
        for row in rows
    ]


def _unserved() -> tuple[ColumnElement[bool], ...]:
    waits = select(CaseRow.notice_id).where(CaseRow.outcome.is_(None))
    return (NoticeRow.state == NoticeState.NOT_SERVED.value, NoticeRow.id.in_(waits))


def _first_unserved(session: Session) -> list[UnservedNotice]:
    """The oldest first."""
    case_id = (
        select(func.min(CaseRow.id))
        .where(CaseRow.notice_id == NoticeRow.id, CaseRow.outcome.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            case_id.label("case_id"), ClientRow.name, NoticeRow.reference, NoticeRow.failure_reason
        )
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(*_unserved())
        .order_by(NoticeRow.id)
        .limit(MOST_NAMED)
    )
    return [
        UnservedNotice(
            row.case_id,
            row.name,
            row.reference,
            HoldReason(row.failure_reason or HoldReason.NOT_SERVED),
        )
        for row in rows
    ]


def _holds(session: Session) -> dict[HoldReason, int]:
    """How many cases each reason holds, most first. A case may be held for several."""
    holds = cast(CaseRow.holds, String)
    rows = session.execute(select(holds, func.count()).where(*_unsettled()).group_by(holds))
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
