"""What a mailbox sees of one client: its next deadline, and its notices with their changes.

Every query starts from the agreements of this client that name the mailbox today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.words import CaseState, ChangeKind, MessagePurpose, NoticeState, Outcome
from subnotify.storage.id_lists import among
from subnotify.storage.portal import PortalVisit
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    CaseRow,
    ChangeRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
    TermsVersionRow,
)

PAGE_SIZE = 20
# What is closed has no deadline, and what is objected to has been answered.
_UNANSWERED = (CaseState.OPEN, CaseState.HOLD)


@dataclass(frozen=True)
class PortalChange:
    """One change of a notice, as it stands. name: of the subprocessor."""

    kind: ChangeKind
    name: str
    state: CaseState
    outcome: Outcome | None
    closes_at: datetime | None


@dataclass(frozen=True)
class PortalNotice:
    """zone: the agreement's. opens: this mailbox was written to, and may open it."""

    id: int
    reference: str
    agreement: str
    released_at: datetime
    state: NoticeState
    zone: str
    opens: bool
    changes: tuple[PortalChange, ...]


@dataclass(frozen=True)
class PortalNotices:
    """One page of notices, the latest first. has_more: there is a next page."""

    notices: Sequence[PortalNotice]
    has_more: bool


@dataclass(frozen=True)
class NextDeadline:
    """The nearest deadline of a change that waits for the client's answer."""

    notice_id: int
    reference: str
    agreement: str
    kind: ChangeKind
    name: str
    closes_at: datetime
    zone: str
    opens: bool


@dataclass(frozen=True)
class PortalAgreement:
    id: int
    reference: str


def list_portal_agreements(session: Session, visit: PortalVisit) -> tuple[PortalAgreement, ...]:
    """The agreements of the current client that name the mailbox today, by reference."""
    rows = session.execute(
        select(AgreementRow.id, AgreementRow.reference)
        .where(_is_own(visit))
        .order_by(AgreementRow.reference, AgreementRow.id)
    )
    return tuple(PortalAgreement(row.id, row.reference) for row in rows)


def get_portal_agreement(
    session: Session, visit: PortalVisit, agreement_id: int
) -> PortalAgreement:
    """Raises NotFound for one that is not the current client's, or does not name the mailbox."""
    row = session.execute(
        select(AgreementRow.id, AgreementRow.reference).where(
            AgreementRow.id == agreement_id, _is_own(visit)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return PortalAgreement(row.id, row.reference)


def find_next_deadline(
    session: Session, visit: PortalVisit, *, at: datetime
) -> NextDeadline | None:
    """The nearest deadline that still runs at `at` and waits for an answer."""
    row = session.execute(
        select(
            NoticeRow.id,
            NoticeRow.reference,
            AgreementRow.reference.label("agreement"),
            ChangeRow.kind,
            ChangeRow.facts["name"].as_string().label("name"),
            CaseRow.closes_at,
            _zone(),
            _message_of(visit).is_not(None).label("opens"),
        )
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(_is_own(visit), CaseRow.state.in_(_UNANSWERED), CaseRow.closes_at > at)
        .order_by(CaseRow.closes_at, CaseRow.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return NextDeadline(
        notice_id=row.id,
        reference=row.reference,
        agreement=row.agreement,
        kind=ChangeKind(row.kind),
        name=row.name or "",
        closes_at=row.closes_at,
        zone=row.zone or "UTC",
        opens=row.opens,
    )


def list_portal_notices(session: Session, visit: PortalVisit, *, page: int) -> PortalNotices:
    """One page of the notices, the latest first. Two queries, however many there are."""
    rows = session.execute(
        _notices(visit)
        .order_by(ReleaseRow.released_at.desc(), NoticeRow.id.desc())
        .limit(PAGE_SIZE + 1)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    shown = rows[:PAGE_SIZE]
    changes = _changes(session, [row.id for row in shown])
    notices = [_notice(row, changes.get(row.id, ())) for row in shown]
    return PortalNotices(notices, has_more=len(rows) > PAGE_SIZE)


def get_portal_message(session: Session, visit: PortalVisit, notice_id: int) -> int:
    """The id of the latest notice mail to this mailbox whose link still opens this notice.

    Raises NotFound for a notice of another client, and where this mailbox was never written to.
    """
    found = session.execute(
        select(_message_of(visit))
        .select_from(NoticeRow)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .where(NoticeRow.id == notice_id, _is_own(visit))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return int(found)


def _notices(visit: PortalVisit) -> Select[*tuple[Any, ...]]:
    return (
        select(
            NoticeRow.id,
            NoticeRow.reference,
            NoticeRow.state,
            NoticeRow.created_at,
            ReleaseRow.released_at,
            AgreementRow.reference.label("agreement"),
            _zone(),
            _message_of(visit).is_not(None).label("opens"),
        )
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(_is_own(visit))
    )


def _changes(session: Session, notice_ids: Sequence[int]) -> dict[int, list[PortalChange]]:
    rows = session.execute(
        select(
            CaseRow.notice_id,
            CaseRow.state,
            CaseRow.outcome,
            CaseRow.closes_at,
            ChangeRow.kind,
            ChangeRow.facts["name"].as_string().label("name"),
        )
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(among(CaseRow.notice_id, notice_ids))
        .order_by(ChangeRow.position, CaseRow.id)
    )
    found: dict[int, list[PortalChange]] = {}
    for row in rows:
        outcome = Outcome(row.outcome) if row.outcome else None
        change = PortalChange(
            ChangeKind(row.kind), row.name or "", CaseState(row.state), outcome, row.closes_at
        )
        found.setdefault(row.notice_id, []).append(change)
    return found


def _notice(row: Row[Any], changes: Sequence[PortalChange]) -> PortalNotice:
    return PortalNotice(
        id=row.id,
        reference=row.reference,
        agreement=row.agreement,
        released_at=row.released_at or row.created_at,
        state=NoticeState(row.state),
        zone=row.zone or "UTC",
        opens=row.opens,
        changes=tuple(changes),
    )


def _zone() -> ColumnElement[Any]:
    zone: ColumnElement[Any] = TermsVersionRow.terms["counting"]["time_zone"].as_string()
    return zone.label("zone")


def _is_own(visit: PortalVisit) -> ColumnElement[bool]:
    """Whether the agreement is the current client's and names the mailbox today."""
    named = exists().where(
        AgreementContactRow.agreement_id == AgreementRow.id,
        AgreementContactRow.ended_on.is_(None),
        ContactRow.id == AgreementContactRow.contact_id,
        func.lower(ContactRow.email) == visit.mailbox,
    )
    return and_(AgreementRow.client_id == visit.client.id, named)


def _message_of(visit: PortalVisit) -> ColumnElement[int | None]:
    """The latest mail of the notice to this mailbox with a link that was not revoked."""
    return (
        select(func.max(MessageRow.id))
        .where(
            MessageRow.notice_id == NoticeRow.id,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.link_digest.is_not(None),
            MessageRow.link_revoked_at.is_(None),
            func.lower(MessageRow.to_address) == visit.mailbox,
        )
        .correlate(NoticeRow)
        .scalar_subquery()
    )
