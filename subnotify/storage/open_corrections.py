"""Corrections of what is recorded of letters that wait for a second person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import CorrectionState, LetterEventKind
from subnotify.storage.tables import (
    AgreementRow,
    ClientRow,
    LetterEventCorrectionRow,
    MessageRow,
    NoticeRow,
)

_IS_OPEN = LetterEventCorrectionRow.state == CorrectionState.PROPOSED.value


@dataclass(frozen=True)
class OpenCorrection:
    """was_on: the day on record. on: the day that is proposed; None: it did not happen."""

    message_id: int
    client: str
    reference: str
    kind: LetterEventKind
    was_on: date
    on: date | None
    reason: str
    proposed_by: str
    proposed_at: datetime


def count_open_corrections(session: Session) -> int:
    return session.scalar(select(func.count()).where(_IS_OPEN)) or 0


def list_open_corrections(session: Session, *, limit: int) -> Sequence[OpenCorrection]:
    """The oldest first."""
    rows = session.execute(
        select(LetterEventCorrectionRow, ClientRow.name, NoticeRow.reference)
        .join(MessageRow, MessageRow.id == LetterEventCorrectionRow.message_id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(_IS_OPEN)
        .order_by(LetterEventCorrectionRow.id)
        .limit(limit)
    )
    return [
        OpenCorrection(
            row.message_id,
            client,
            reference,
            LetterEventKind(row.kind),
            row.was_on,
            row.on,
            row.reason,
            row.proposed_by,
            row.proposed_at,
        )
        for row, client, reference in rows
    ]
