"""Letters whose proof is in doubt: what contradicts the record and waits for a person who corrects
one of the two, and corrections that wait for a second one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import CorrectionState, LetterEventKind
from subnotify.storage.tables import (
    AgreementRow,
    ClientRow,
    LetterContradictionRow,
    LetterEventCorrectionRow,
    MessageRow,
    NoticeRow,
)

_IS_OPEN = LetterEventCorrectionRow.state == CorrectionState.PROPOSED.value
_IS_UNSETTLED = LetterContradictionRow.settled_at.is_(None)


@dataclass(frozen=True)
class OpenCorrection:
    """was_on: the day on record. on: the day that is proposed; None: it did not happen.
    is_contradiction: nothing is proposed yet; it was told, by whom and when, against the record."""

    message_id: int
    client: str
    reference: str
    kind: LetterEventKind
    was_on: date
    on: date | None
    reason: str
    proposed_by: str
    proposed_at: datetime
    is_contradiction: bool = False


def count_open_corrections(session: Session) -> int:
    """Of both kinds."""
    told = session.scalar(select(func.count()).where(_IS_UNSETTLED)) or 0
    return told + (session.scalar(select(func.count()).where(_IS_OPEN)) or 0)


def list_open_corrections(session: Session, *, limit: int) -> Sequence[OpenCorrection]:
    """Contradictions before proposed corrections, the oldest of each first."""
    told = _list_contradictions(session, limit)
    return [*told, *_list_proposed(session, limit - len(told))]


def _list_contradictions(session: Session, limit: int) -> list[OpenCorrection]:
    rows = session.execute(
        select(LetterContradictionRow, ClientRow.name, NoticeRow.reference)
        .join(MessageRow, MessageRow.id == LetterContradictionRow.message_id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(_IS_UNSETTLED)
        .order_by(LetterContradictionRow.id)
        .limit(limit)
    )
    return [
        OpenCorrection(
            row.message_id,
            client,
            reference,
            LetterEventKind(row.kind),
            row.on,
            None,
            row.note,
            row.recorded_by,
            row.recorded_at,
            is_contradiction=True,
        )
        for row, client, reference in rows
    ]


def _list_proposed(session: Session, limit: int) -> list[OpenCorrection]:
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
