"""Everything on record about one incoming mail, as a person reads it before filing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, select
from sqlalchemy.orm import Session, defer

from subnotify.rules.errors import NotFound
from subnotify.rules.words import CaseState, ChangeKind, HoldReason, MessagePurpose, ResponseKind
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ClientRow,
    ContactRow,
    DeliveryEventRow,
    IncomingLetterRow,
    IncomingMailRow,
    MailResponseRow,
    MessageRow,
    NoticeRow,
    ResponseRow,
    TermsVersionRow,
)

MOST_HELD = 200


@dataclass(frozen=True)
class AnsweredMessage:
    """The mail of ours that an incoming one answers or reports on."""

    purpose: MessagePurpose
    subject: str
    contact: str
    to_address: str
    handed_over_at: datetime | None


@dataclass(frozen=True)
class MailCase:
    """A case that a mail may speak of, or holds back. zone: of its terms."""

    id: int
    notice_id: int
    notice_reference: str
    agreement: str
    change_kind: ChangeKind
    subprocessor: str
    state: CaseState
    is_closed: bool
    closes_at: datetime | None
    zone: str | None


@dataclass(frozen=True)
class MailResponse:
    """A response that a person recorded from the mail. case_id: where it is shown."""

    id: int
    reference: str
    kind: ResponseKind
    case_id: int


@dataclass(frozen=True)
class IncomingFile:
    """cases: of the notice that it is tied to. others: of its client's other notices, without an
    outcome. held: of its client, on hold for unread mail."""

    row: IncomingMailRow
    client: str | None
    notice_reference: str | None
    answered: AnsweredMessage | None
    cases: Sequence[MailCase]
    others: Sequence[MailCase]
    held: Sequence[MailCase]
    responses: Sequence[MailResponse]
    events: Sequence[DeliveryEventRow]


def load_incoming_file(session: Session, mail_id: int) -> IncomingFile:
    """Raises NotFound. The bytes are left where they are."""
    found = session.execute(
        select(IncomingMailRow, ClientRow.name, NoticeRow.reference)
        .outerjoin(ClientRow, ClientRow.id == IncomingMailRow.client_id)
        .outerjoin(NoticeRow, NoticeRow.id == IncomingMailRow.notice_id)
        .where(IncomingMailRow.id == mail_id)
        .options(defer(IncomingMailRow.ciphertext))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    row, client, reference = found
    return IncomingFile(
        row=row,
        client=client,
        notice_reference=reference,
        answered=_answered(session, row.message_id),
        cases=list_cases(session, CaseRow.notice_id == row.notice_id) if row.notice_id else (),
        others=_others(session, row),
        held=list_held(session, row),
        responses=list_responses(
            session,
            select(MailResponseRow.response_id).where(MailResponseRow.incoming_mail_id == mail_id),
        ),
        events=session.scalars(
            select(DeliveryEventRow)
            .where(DeliveryEventRow.incoming_mail_id == mail_id)
            .order_by(DeliveryEventRow.id)
        ).all(),
    )


def list_notice_cases(session: Session, notice_id: int) -> Sequence[MailCase]:
    """The cases of a notice in the order of its changes."""
    return list_cases(session, CaseRow.notice_id == notice_id)


def _answered(session: Session, message_id: int | None) -> AnsweredMessage | None:
    if message_id is None:
        return None
    message, contact = session.execute(
        select(MessageRow, ContactRow.name)
        .outerjoin(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(MessageRow.id == message_id)
    ).one()
    return AnsweredMessage(
        MessagePurpose(message.purpose),
        message.subject or "",
        contact or "",
        message.to_address or "",
        message.handed_over_at,
    )


def _others(session: Session, row: IncomingMailRow) -> Sequence[MailCase]:
    if row.client_id is None:
        return ()
    return list_cases(
        session,
        AgreementRow.client_id == row.client_id,
        CaseRow.notice_id != (row.notice_id or 0),
        CaseRow.outcome.is_(None),
    )


def list_held(session: Session, row: IncomingMailRow | IncomingLetterRow) -> Sequence[MailCase]:
    """The cases of the client whose silence waits for this mail or letter."""
    if row.client_id is None or row.filed_at is not None:
        return ()
    return list_cases(
        session,
        AgreementRow.client_id == row.client_id,
        CaseRow.outcome.is_(None),
        # A name never occurs inside another one's.
        cast(CaseRow.holds, String).contains(f'"{HoldReason.REPLY_WAITS.value}"', autoescape=True),
    )


def list_cases(session: Session, *conditions: ColumnElement[bool]) -> Sequence[MailCase]:
    """Cases for which all conditions hold, by notice and change: as many as a page shows."""
    rows = session.execute(
        select(
            CaseRow.id,
            CaseRow.notice_id,
            CaseRow.state,
            CaseRow.outcome,
            CaseRow.closes_at,
            NoticeRow.reference,
            AgreementRow.reference.label("agreement"),
            ChangeRow.kind,
            ChangeRow.facts,
            TermsVersionRow.terms,
        )
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(*conditions)
        .order_by(CaseRow.notice_id, ChangeRow.position, CaseRow.id)
        .limit(MOST_HELD)
    )
    return [_case(row) for row in rows]


def _case(row: Any) -> MailCase:
    return MailCase(
        id=row.id,
        notice_id=row.notice_id,
        notice_reference=row.reference,
        agreement=row.agreement,
        change_kind=ChangeKind(row.kind),
        subprocessor=str((row.facts or {}).get("name", "")),
        state=CaseState(row.state),
        is_closed=row.outcome is not None,
        closes_at=row.closes_at,
        zone=(row.terms or {}).get("counting", {}).get("time_zone"),
    )


def list_responses(session: Session, of: Select[int]) -> Sequence[MailResponse]:
    """Responses that a person recorded from a mail or a letter. of: their ids."""
    first_case = (
        select(CaseRow.id)
        .where(CaseRow.notice_id == ResponseRow.notice_id)
        .order_by(CaseRow.id)
        .limit(1)
        .correlate(ResponseRow)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            ResponseRow.id,
            ResponseRow.reference,
            ResponseRow.kind,
            ResponseRow.case_id,
            first_case.label("first_case"),
        )
        .where(ResponseRow.id.in_(of))
        .order_by(ResponseRow.id)
    )
    return [
        MailResponse(x.id, x.reference, ResponseKind(x.kind), x.case_id or x.first_case)
        for x in rows
    ]
