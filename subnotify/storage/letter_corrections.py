"""Corrections of what is recorded of letters, proposed and decided."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.cases import BY_SILENCE
from subnotify.rules.errors import NotFound
from subnotify.rules.words import CorrectionState, LetterEventKind, MessageState, ProofKind
from subnotify.storage.id_lists import among
from subnotify.storage.letters import StoredLetter
from subnotify.storage.overtaken_mails import is_overtaken
from subnotify.storage.tables import (
    CaseRow,
    LetterEventCorrectionRow,
    LetterEventRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
    ReleaseRow,
)


def find_letter_event(
    session: Session, message_id: int, kind: LetterEventKind
) -> LetterEventRow | None:
    """What is on record of a letter of this kind, as it is now."""
    return session.scalar(
        select(LetterEventRow)
        .where(LetterEventRow.message_id == message_id, LetterEventRow.kind == kind.value)
        .execution_options(populate_existing=True)
    )


def find_open_correction(session: Session, message_id: int) -> LetterEventCorrectionRow | None:
    """The correction of an event of this letter that nobody has decided."""
    return session.scalar(
        select(LetterEventCorrectionRow)
        .where(
            LetterEventCorrectionRow.message_id == message_id,
            LetterEventCorrectionRow.state == CorrectionState.PROPOSED.value,
        )
        .execution_options(populate_existing=True)
    )


def get_letter_correction(session: Session, correction_id: int) -> LetterEventCorrectionRow:
    """Raises NotFound."""
    row = session.get(LetterEventCorrectionRow, correction_id, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def list_letter_corrections(
    session: Session, message_id: int
) -> Sequence[LetterEventCorrectionRow]:
    """All of one letter, the oldest first."""
    return session.scalars(
        select(LetterEventCorrectionRow)
        .where(LetterEventCorrectionRow.message_id == message_id)
        .order_by(LetterEventCorrectionRow.id)
    ).all()


def load_taken_back(
    session: Session, message_ids: Collection[int]
) -> Mapping[int, set[tuple[LetterEventKind, date]]]:
    """By letter, the events that two persons found untrue: kind and the day that was recorded."""
    found: dict[int, set[tuple[LetterEventKind, date]]] = defaultdict(set)
    rows = session.execute(
        select(
            LetterEventCorrectionRow.message_id,
            LetterEventCorrectionRow.kind,
            LetterEventCorrectionRow.was_on,
        ).where(
            among(LetterEventCorrectionRow.message_id, message_ids),
            LetterEventCorrectionRow.state == CorrectionState.CONFIRMED.value,
        )
    )
    for row in rows:
        found[row.message_id].add((LetterEventKind(row.kind), row.was_on))
    return found


def find_batch_id(session: Session, message_id: int) -> int | None:
    """The batch in which the letter lies."""
    return session.scalar(select(LetterRow.batch_id).where(LetterRow.message_id == message_id))


def correct_receipt(session: Session, letter: StoredLetter, received_at: datetime | None) -> None:
    """The proof that the signature on a registered letter gives is of this instant, or is none."""
    proof = session.scalar(
        select(ReceiptProofRow).where(
            ReceiptProofRow.message_id == letter.message_id,
            ReceiptProofRow.kind == ProofKind.REGISTERED_DELIVERY.value,
        )
    )
    if received_at is None:
        if proof is not None:
            session.delete(proof)
    elif proof is not None:
        proof.at = received_at
    elif letter.is_notice and letter.is_registered:
        session.add(
            ReceiptProofRow(
                message_id=letter.message_id,
                notice_id=letter.notice_id,
                kind=ProofKind.REGISTERED_DELIVERY.value,
                at=received_at,
            )
        )
    session.flush()


def find_serving(session: Session, notice_id: int) -> tuple[str, datetime | None]:
    """State of the notice, and the instant from which its terms count."""
    row = session.execute(
        select(NoticeRow.state, NoticeRow.served_at).where(NoticeRow.id == notice_id)
    ).one()
    return row.state, row.served_at


def list_closed_by_silence(session: Session, notice_id: int) -> list[int]:
    """The cases of a notice whose recorded outcome rests on silence, by id."""
    return list(
        session.scalars(
            select(CaseRow.id)
            .where(
                CaseRow.notice_id == notice_id,
                CaseRow.outcome.in_(sorted(outcome.value for outcome in BY_SILENCE)),
            )
            .order_by(CaseRow.id)
        )
    )


def find_state_unposted(session: Session, message_id: int) -> MessageState:
    """How the message of a letter waits that was not posted after all: it is not sent any more
    where its notice was served anew since, or nothing of it stands; its release may be paused."""
    row = session.execute(
        select(
            (MessageRow.serving_number == NoticeRow.serving_number).label("is_current"),
            is_overtaken(NoticeRow.id).label("is_overtaken"),
            ReleaseRow.sending_paused_at,
        )
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
        .where(MessageRow.id == message_id)
    ).one_or_none()
    if row is None or not row.is_current or row.is_overtaken:
        return MessageState.CANCELLED
    return MessageState.PAUSED if row.sending_paused_at is not None else MessageState.QUEUED
