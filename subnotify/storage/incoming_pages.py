"""Incoming mails as the desk lists them: page by page, the same few queries for any number."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select, true
from sqlalchemy.orm import Session

from subnotify.rules.words import FiledAs, IncomingKind, TagStanding
from subnotify.storage.mail_readings import waits_for_person
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ClientRow,
    IncomingMailRow,
    NoticeRow,
    TermsVersionRow,
)

PAGE_SIZE = 50


class MailList(StrEnum):
    """Which mails a list shows."""

    WAITING = "waiting"
    ANSWERS = "answers"
    NO_ANSWER = "no_answer"
    AUTOMATIC = "automatic"
    REPORTS = "reports"
    ALL = "all"


_FILED: Mapping[MailList, tuple[FiledAs, ...]] = {
    MailList.ANSWERS: (
        FiledAs.OBJECTION,
        FiledAs.QUESTION,
        FiledAs.MORE_TIME,
        FiledAs.ACKNOWLEDGEMENT,
    ),
    MailList.NO_ANSWER: (FiledAs.NO_ANSWER,),
    MailList.AUTOMATIC: (FiledAs.AUTO_REPLY,),
    MailList.REPORTS: (FiledAs.REPORT,),
}


@dataclass(frozen=True)
class NextDeadline:
    """The deadline that comes first among a client's cases without an outcome.

    zone: of its terms, None where they are unknown.
    """

    closes_at: datetime
    zone: str | None


@dataclass(frozen=True)
class ListedMail:
    """One line. client None: nothing proves whose it is. filed_as None: it waits for a person."""

    id: int
    from_address: str
    from_name: str
    subject: str
    received_at: datetime
    kind: IncomingKind
    tag: TagStanding
    filed_as: FiledAs | None
    client_id: int | None
    client: str | None
    notice_reference: str | None
    deadline: NextDeadline | None = None


@dataclass(frozen=True)
class MailPage:
    """mails: one page. total: of all pages. waiting: whatever list is shown."""

    mails: Sequence[ListedMail]
    total: int
    waiting: int


def count_waiting_mails(session: Session) -> int:
    """How many mails wait for a person."""
    return session.scalar(select(func.count()).where(waits_for_person())) or 0


def load_mail_page(session: Session, shown: MailList, *, page: int) -> MailPage:
    """One page of a list: what waits the oldest first, everything else the newest first.

    page counts from 1. Four queries, however many mails there are.
    """
    waiting = count_waiting_mails(session)
    total = waiting
    if shown is not MailList.WAITING:
        total = session.scalar(select(func.count(IncomingMailRow.id)).where(_of(shown))) or 0
    order = (
        (IncomingMailRow.received_at, IncomingMailRow.id)
        if shown is MailList.WAITING
        else (IncomingMailRow.received_at.desc(), IncomingMailRow.id.desc())
    )
    query = (
        _lines().where(_of(shown)).order_by(*order).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    )
    rows = session.execute(query).all()
    deadlines = next_deadlines(session, {row.client_id for row in rows if row.client_id})
    return MailPage([_listed(row, deadlines) for row in rows], total, waiting)


def list_waiting_of_client(session: Session, client_id: int) -> list[ListedMail]:
    """What of a client waits for a person, the oldest first: this holds silence."""
    rows = session.execute(
        _lines()
        .where(IncomingMailRow.client_id == client_id, waits_for_person())
        .order_by(IncomingMailRow.received_at, IncomingMailRow.id)
        .limit(PAGE_SIZE)
    )
    return [_listed(row, {}) for row in rows]


def list_untied_mails(session: Session, *, limit: int) -> list[ListedMail]:
    """Mails of unknown clients that wait for a person, the oldest first: the first one stops how
    far replies count as read."""
    rows = session.execute(
        _lines()
        .where(IncomingMailRow.client_id.is_(None), waits_for_person())
        .order_by(IncomingMailRow.received_at, IncomingMailRow.id)
        .limit(limit)
    )
    return [_listed(row, {}) for row in rows]


def list_mails_of_notice(session: Session, notice_id: int) -> list[ListedMail]:
    """What came in about a notice, reports left out, in the order of receipt."""
    rows = session.execute(
        _lines()
        .where(
            IncomingMailRow.notice_id == notice_id,
            IncomingMailRow.kind != IncomingKind.REPORT.value,
        )
        .order_by(IncomingMailRow.received_at, IncomingMailRow.id)
    )
    return [_listed(row, {}) for row in rows]


def next_deadlines(session: Session, client_ids: Collection[int]) -> dict[int, NextDeadline]:
    """By client; one without a running case is left out."""
    if not client_ids:
        return {}
    place = func.row_number().over(
        partition_by=AgreementRow.client_id, order_by=(CaseRow.closes_at, CaseRow.id)
    )
    first = (
        select(AgreementRow.client_id, CaseRow.closes_at, CaseRow.notice_id, place.label("place"))
        .join(CaseRow, CaseRow.agreement_id == AgreementRow.id)
        .where(
            AgreementRow.client_id.in_(client_ids),
            CaseRow.outcome.is_(None),
            CaseRow.closes_at.is_not(None),
        )
        .subquery()
    )
    rows = session.execute(
        select(first.c.client_id, first.c.closes_at, TermsVersionRow.terms)
        .join(NoticeRow, NoticeRow.id == first.c.notice_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(first.c.place == 1)
    )
    return {
        row.client_id: NextDeadline(
            row.closes_at, (row.terms or {}).get("counting", {}).get("time_zone")
        )
        for row in rows
    }


def _of(shown: MailList) -> ColumnElement[bool]:
    if shown is MailList.ALL:
        return true()
    if shown is MailList.WAITING:
        return waits_for_person()
    filed = _FILED.get(shown, ())
    return IncomingMailRow.filed_as.in_([one.value for one in filed]) if filed else false()


def _lines() -> Select[*tuple[Any, ...]]:
    """Without the bytes and the text, which a list does not show."""
    return (
        select(
            IncomingMailRow.id,
            IncomingMailRow.from_address,
            IncomingMailRow.from_name,
            IncomingMailRow.subject,
            IncomingMailRow.received_at,
            IncomingMailRow.kind,
            IncomingMailRow.tag,
            IncomingMailRow.filed_as,
            IncomingMailRow.filed_at,
            IncomingMailRow.client_id,
            ClientRow.name.label("client"),
            NoticeRow.reference.label("notice_reference"),
        )
        .outerjoin(ClientRow, ClientRow.id == IncomingMailRow.client_id)
        .outerjoin(NoticeRow, NoticeRow.id == IncomingMailRow.notice_id)
    )


def _listed(row: Any, deadlines: Mapping[int, NextDeadline]) -> ListedMail:
    return ListedMail(
        id=row.id,
        from_address=row.from_address,
        from_name=row.from_name,
        subject=row.subject,
        received_at=row.received_at,
        kind=IncomingKind(row.kind),
        tag=TagStanding(row.tag),
        filed_as=FiledAs(row.filed_as) if row.filed_as and row.filed_at else None,
        client_id=row.client_id,
        client=row.client,
        notice_reference=row.notice_reference,
        deadline=deadlines.get(row.client_id) if row.client_id else None,
    )
