"""Queues letters, within the caller's transaction. Queued twice is queued once."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from subnotify.rules.words import LetterReason
from subnotify.storage.letter_rows import insert_copies, insert_letters
from subnotify.storage.tables import NoticeRow

CHUNK = 500


def queue_letters(
    session: Session, notice_ids: Sequence[int], reason: LetterReason, *, on: date, at: datetime
) -> int:
    """A letter of each notice's present serving to each designated notice contact with a postal
    address; how many were new.

    The ladder's are registered: no_proof to every contact that the serving names, dead_address to
    those among them whose mail was refused or came back. Others are what the notice's terms ask
    for, and there are none where those ask for none. The address is that of now, and stays.
    on: the vendor's day.
    """
    ids = sorted(set(notice_ids))
    queued = 0
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        queued += insert_letters(session, NoticeRow.id.in_(part), reason, on=on, at=at)
    return queued


def queue_copies(session: Session, notice_ids: Sequence[int], *, on: date, at: datetime) -> int:
    """A copy on paper of each notice's present serving to each of its contacts, where the terms
    ask for copies by post; how many were new. After the letters that serve."""
    ids = sorted(set(notice_ids))
    queued = 0
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        queued += insert_copies(session, NoticeRow.id.in_(part), on=on, at=at)
    return queued
