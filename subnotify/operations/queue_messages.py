"""Queues mails in the outbox, within the caller's transaction. Queued twice is queued once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, cast, func, literal, null, select
from sqlalchemy.orm import Session

from subnotify.rules.words import Channel, MessagePurpose, MessageState
from subnotify.storage.insert_once import insert_or_nothing
from subnotify.storage.tables import (
    AgreementContactRow,
    CaseRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    UtcDateTime,
)


def queue_closing(session: Session, case_ids: Sequence[int], *, at: datetime) -> None:
    """A closing mail for each of these cases to every contact of its agreement with an address.

    One per recorded outcome: a case that was reopened and closed again gets another.
    """
    if not case_ids:
        return
    number = (
        select(func.max(OutcomeRow.number))
        .where(OutcomeRow.case_id == CaseRow.id)
        .correlate(CaseRow)
        .scalar_subquery()
    )
    key = (
        literal("closing:")
        + cast(CaseRow.id, String)
        + ":"
        + cast(ContactRow.id, String)
        + ":"
        + cast(number, String)
    )
    instant = literal(at, UtcDateTime())
    rows = (
        select(
            key,
            literal(MessagePurpose.CLOSING.value),
            literal(Channel.EMAIL.value),
            CaseRow.notice_id,
            CaseRow.id,
            ContactRow.id,
            AgreementContactRow.kind,
            literal(1),
            ContactRow.email,
            NoticeRow.language,
            literal(MessageState.QUEUED.value),
            instant,
            instant,
            literal(0),
            null(),
        )
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(AgreementContactRow, AgreementContactRow.agreement_id == CaseRow.agreement_id)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(
            CaseRow.id.in_(case_ids),
            AgreementContactRow.ended_on.is_(None),
            ContactRow.email.is_not(None),
        )
        .order_by(CaseRow.id, ContactRow.id)
    )
    session.execute(
        insert_or_nothing(session, MessageRow).from_select(
            [
                *("logical_key", "purpose", "channel", "notice_id", "case_id", "contact_id"),
                *("contact_kind", "serving_number", "to_address", "language", "state"),
                *("queued_at", "next_attempt_at", "attempt_count", "response_id"),
            ],
            rows,
        )
    )
