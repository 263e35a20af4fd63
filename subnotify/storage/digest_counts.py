"""What waits for a person at the vendor's, counted set-based, with the most urgent of each kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from subnotify.rules.lanes import SOON
from subnotify.rules.words import CaseState, HoldReason
from subnotify.storage.mail_readings import waits_for_person
from subnotify.storage.open_corrections import OpenCorrection, list_open_corrections
from subnotify.storage.queue_state import ParkedMail, list_parked
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ClientRow,
    IncomingMailRow,
    NoticeRow,
    TermsVersionRow,
)
from subnotify.storage.undelivered import LostMail, list_lost
from subnotify.storage.unproved import UnprovedNotice, count_unproved, list_unproved_notices
from subnotify.storage.unreachable import UnreachableAgreement, list_unreachable
from subnotify.storage.waiting_counts import (
    CLOCKS,
    LOST_LATELY,
    WaitingCounts,
    ends_of,
    load_waiting_counts,
    unserved,
    unsettled,
)

MOST_NAMED = 10


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
class DigestCounts(WaitingCounts):
    """The counts, with the most urgent of each kind. unreachable: agreements that no address can
    serve, whether a notice waits or not. unproved: notices that nothing proves."""

    first_ending: Sequence[CaseToSee]
    first_mails: Sequence[MailToRead]
    first_unserved: Sequence[UnservedNotice]
    first_objections: Sequence[CaseToSee]
    first_parked: Sequence[ParkedMail]
    first_lost: Sequence[LostMail]
    unreachable: int
    first_unreachable: Sequence[UnreachableAgreement]
    unproved: int
    first_unproved: Sequence[UnprovedNotice]
    first_corrections: Sequence[OpenCorrection]

    def needs_person(self, on: date) -> bool:
        return bool(self.unreachable or self.unproved) or super().needs_person(on)


def load_digest_counts(session: Session, *, zone: ZoneInfo, at: datetime) -> DigestCounts:
    """What waits at `at`, zone: the vendor's. Some forty queries, however much it is."""
    counts = load_waiting_counts(session, at=at)
    unreachable = list_unreachable(session, on=at.astimezone(zone).date(), at=at)
    unproved = count_unproved(session, at=at)
    return DigestCounts(
        **vars(counts),
        first_ending=list_ending(session, at, at + SOON),
        first_mails=_first_mails(session),
        first_unserved=_first_unserved(session),
        first_objections=_first_objections(session, at),
        first_parked=list_parked(session, limit=MOST_NAMED),
        first_lost=list_lost(session, at - LOST_LATELY, limit=MOST_NAMED),
        unreachable=len(unreachable),
        first_unreachable=unreachable[:MOST_NAMED],
        unproved=unproved,
        first_unproved=list_unproved_notices(session, at=at, limit=MOST_NAMED) if unproved else (),
        first_corrections=list_open_corrections(session, limit=MOST_NAMED)
        if counts.corrections
        else (),
    )


def list_ending(session: Session, at: datetime, until: datetime) -> list[CaseToSee]:
    """The first of those that wait for a person and of which a clock ends after `at` and not
    after `until`."""
    found: dict[int, CaseToSee] = {}
    for clock in CLOCKS:
        query = _cases().where(unsettled(), ends_of(clock, at, until)).order_by(clock)
        for row in session.execute(query.limit(MOST_NAMED)):
            found[row.id] = _case(row, at)
    return sorted(found.values(), key=lambda case: (case.due_at or until, case.id))[:MOST_NAMED]


def _cases() -> Select[Any]:
    return (
        select(
            CaseRow.id,
            ClientRow.name.label("client"),
            ChangeRow.facts,
            TermsVersionRow.terms["counting"]["time_zone"].as_string().label("zone"),
            *CLOCKS,
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
    due = func.coalesce(*CLOCKS[1:], CaseRow.closes_at)
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
        .where(*unserved())
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
