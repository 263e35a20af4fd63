"""Agreements that no address on record can serve, and those whose notice waits to be served anew.

Computed from the tables whenever it is asked: what is mended is gone from the list.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.ladder import OF_ADDRESS, takes_over
from subnotify.rules.reachability import Lack, Lacking, find_lacking
from subnotify.rules.words import Channel, ContactKind, MessagePurpose, NoticeState
from subnotify.storage.concerned import agreement_is_active, contact_is_designated
from subnotify.storage.dead_addresses import load_reaches
from subnotify.storage.former_letters import notices_under_way_to_former
from subnotify.storage.id_lists import among
from subnotify.storage.ladder import list_dead, mail_failed
from subnotify.storage.notice_ways import has_email, has_needed_address, has_postal_address
from subnotify.storage.stored_terms import read_terms, terms_text
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    CaseRow,
    ClientRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
    TermsVersionRow,
)
from subnotify.storage.waiting_letters import list_with_former_letter


@dataclass(frozen=True)
class WaitingNotice:
    """A notice that is not served. case_id: the first of its cases without an outcome; closes_at:
    the first deadline of a window that ran before; commencement_on: the first day planned."""

    id: int
    reference: str
    case_id: int
    closes_at: datetime | None
    commencement_on: date | None
    created_at: datetime


@dataclass(frozen=True)
class UnreachableAgreement:
    """since_at: the earliest of what keeps it unreachable, or of what waits."""

    id: int
    client_id: int
    client: str
    reference: str
    zone: str | None
    lacking: tuple[Lacking, ...]
    notices: tuple[WaitingNotice, ...]

    @property
    def since_at(self) -> datetime | None:
        known = [one.since_at for one in self.lacking if one.since_at is not None]
        return min(known, default=None) or min((x.created_at for x in self.notices), default=None)


def count_unreachable(session: Session, *, on: date, at: datetime) -> int:
    """How many agreements are on the list. on: the vendor's day."""
    return len(list_unreachable(session, on=on, at=at))


def list_unreachable(session: Session, *, on: date, at: datetime) -> list[UnreachableAgreement]:
    """Those with notices that wait first, the oldest of them first; then by client.

    on: the vendor's day: who is designated, and which agreements run.
    """
    found = _judge(session, sorted(_list_candidates(session, on)), on, at)
    end = datetime.max.replace(tzinfo=UTC)
    return sorted(
        found,
        key=lambda one: (
            min((notice.created_at for notice in one.notices), default=end),
            one.client,
            one.id,
        ),
    )


def list_waiting_of_contact(
    session: Session, contact_id: int, *, on: date
) -> list[tuple[int, str]]:
    """Id and reference of the notices that failed because of an address, and whose changes wait,
    of the agreements that designate this contact; the oldest first. Those among them for which a
    letter to this contact has taken over, too, and those of which a letter waits or travels to
    what was its name or address. on: the vendor's day."""
    taken_over = exists().where(
        MessageRow.notice_id == NoticeRow.id,
        MessageRow.contact_id == contact_id,
        MessageRow.purpose == MessagePurpose.NOTICE.value,
        MessageRow.serving_number == NoticeRow.serving_number,
        MessageRow.channel == Channel.EMAIL.value,
        mail_failed(),
    )
    former = list_with_former_letter(session, contact_id, on=on)
    rows = session.execute(
        select(NoticeRow.id, NoticeRow.reference)
        .join(AgreementContactRow, AgreementContactRow.agreement_id == NoticeRow.agreement_id)
        .where(
            AgreementContactRow.contact_id == contact_id,
            AgreementContactRow.kind == ContactKind.NOTICE.value,
            contact_is_designated(on),
            or_(
                and_(
                    NoticeRow.state == NoticeState.NOT_SERVED.value,
                    NoticeRow.failure_reason.in_([reason.value for reason in OF_ADDRESS]),
                ),
                and_(
                    NoticeRow.state != NoticeState.SERVED.value,
                    or_(taken_over, NoticeRow.id.in_(former)),
                ),
            ),
            exists().where(CaseRow.notice_id == NoticeRow.id, CaseRow.outcome.is_(None)),
        )
        .distinct()
        .order_by(NoticeRow.id)
    )
    return [(row.id, row.reference) for row in rows]


def _list_candidates(session: Session, on: date) -> set[int]:
    """Few, however many agreements there are: nothing is loaded of those that are in order."""
    designated = and_(
        AgreementContactRow.agreement_id == AgreementRow.id,
        AgreementContactRow.kind == ContactKind.NOTICE.value,
        contact_is_designated(on),
    )
    running = select(AgreementRow.id).where(agreement_is_active(on))
    # As sets: to look each agreement up takes SQLite ten times as long.
    nobody = running.except_(
        select(AgreementContactRow.agreement_id).where(
            AgreementContactRow.kind == ContactKind.NOTICE.value, contact_is_designated(on)
        )
    )
    # Who has both addresses lacks none, whatever the terms ask for: they are read for few.
    incomplete = select(ContactRow.id).where(or_(~has_email(), ~has_postal_address()))
    no_address = (
        running.join(AgreementContactRow, designated)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .outerjoin(
            TermsVersionRow,
            and_(TermsVersionRow.agreement_id == AgreementRow.id, TermsVersionRow.is_current),
        )
        .where(AgreementContactRow.contact_id.in_(incomplete), ~has_needed_address())
    )
    failed = running.join(NoticeRow, NoticeRow.agreement_id == AgreementRow.id).where(
        NoticeRow.state == NoticeState.NOT_SERVED.value
    )
    former = running.join(NoticeRow, NoticeRow.agreement_id == AgreementRow.id).where(
        NoticeRow.id.in_(notices_under_way_to_former())
    )
    return {x for query in (nobody, no_address, failed, former) for x in session.scalars(query)}


def _judge(
    session: Session, ids: Sequence[int], on: date, at: datetime
) -> list[UnreachableAgreement]:
    rows = session.execute(
        select(
            AgreementRow.id,
            AgreementRow.client_id,
            ClientRow.name,
            AgreementRow.reference,
            terms_text(),
        )
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .outerjoin(
            TermsVersionRow,
            and_(TermsVersionRow.agreement_id == AgreementRow.id, TermsVersionRow.is_current),
        )
        .where(among(AgreementRow.id, ids))
    ).all()
    contacts = load_reaches(session, ids, on=on)
    waiting = _list_waiting(session, ids, on, at)
    ended = _list_ended(session, ids)
    found = []
    for row in rows:
        terms = read_terms(row.terms) if row.terms else None
        notices = waiting.get(row.id, ())
        lacking = find_lacking(terms, contacts.get(row.id, ()))
        if lacking and lacking[0].lack is Lack.NO_CONTACT:
            lacking = (Lacking(Lack.NO_CONTACT, since_at=ended.get(row.id)),)
        if not lacking and notices:
            lacking = (Lacking(Lack.SERVE_ANEW),)
        if lacking:
            zone = terms.counting.time_zone if terms else None
            found.append(
                UnreachableAgreement(
                    row.id, row.client_id, row.name, row.reference, zone, lacking, tuple(notices)
                )
            )
    return found


def _list_waiting(
    session: Session, agreement_ids: Collection[int], on: date, at: datetime
) -> Mapping[int, list[WaitingNotice]]:
    """Per agreement the notices that failed because of an address and whose changes wait; without
    those that a registered letter takes over within minutes; and those of which a letter is under
    way to a contact or an address that is struck out."""
    rows = session.execute(
        select(
            NoticeRow.agreement_id,
            NoticeRow.id,
            NoticeRow.reference,
            func.min(CaseRow.id).label("case_id"),
            func.min(CaseRow.closes_at).label("closes_at"),
            ReleaseRow.commencement_on,
            NoticeRow.created_at,
        )
        .join(CaseRow, CaseRow.notice_id == NoticeRow.id)
        .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
        .where(
            among(NoticeRow.agreement_id, agreement_ids),
            or_(
                and_(
                    NoticeRow.state == NoticeState.NOT_SERVED.value,
                    NoticeRow.failure_reason.in_([reason.value for reason in OF_ADDRESS]),
                ),
                NoticeRow.id.in_(notices_under_way_to_former()),
            ),
            CaseRow.outcome.is_(None),
        )
        .group_by(
            NoticeRow.agreement_id,
            NoticeRow.id,
            NoticeRow.reference,
            ReleaseRow.commencement_on,
            NoticeRow.created_at,
        )
        .order_by(NoticeRow.created_at, NoticeRow.id)
    ).all()
    rungs = list_dead(session, on=on, at=at, notice_ids=[row.id for row in rows])
    taken_over = {rung.notice_id for rung in rungs if takes_over(rung.terms)}
    waiting: dict[int, list[WaitingNotice]] = defaultdict(list)
    for row in rows:
        if row.id not in taken_over:
            waiting[row.agreement_id].append(
                WaitingNotice(
                    id=row.id,
                    reference=row.reference,
                    case_id=row.case_id,
                    closes_at=row.closes_at,
                    commencement_on=row.commencement_on,
                    created_at=row.created_at,
                )
            )
    return waiting


def _list_ended(session: Session, agreement_ids: Collection[int]) -> dict[int, datetime]:
    """When the last designation of each agreement ended, at the start of that day in UTC."""
    rows = session.execute(
        select(AgreementContactRow.agreement_id, func.max(AgreementContactRow.ended_on))
        .where(
            among(AgreementContactRow.agreement_id, agreement_ids),
            AgreementContactRow.kind == ContactKind.NOTICE.value,
        )
        .group_by(AgreementContactRow.agreement_id)
    )
    return {
        agreement_id: datetime.combine(ended_on, time(), UTC)
        for agreement_id, ended_on in rows
        if ended_on is not None
    }
