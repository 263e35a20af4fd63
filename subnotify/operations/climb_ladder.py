"""Queue the registered letters of the ladder: where a mail proved nothing, or its address is dead.

Read in pages without a lock; what is due is looked at again under lock, so that a run repeated,
two runners at once and an answer that came meanwhile double nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import tuple_
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.ladder import dispatched_before, is_due, takes_over
from subnotify.rules.words import LetterReason
from subnotify.storage.database import begin_read_only
from subnotify.storage.ladder import (
    Dispatched,
    Rung,
    list_dead,
    list_dispatched,
    list_unproved,
    load_terms,
)
from subnotify.storage.letter_rows import insert_letters
from subnotify.storage.mail_queue import find_pause
from subnotify.storage.message_reports import lock_cases_of_notices
from subnotify.storage.servings import lock_notice_ids
from subnotify.storage.tables import ContactRow, NoticeRow

ACTOR = "job:climb_ladder"
PAGE = 5_000
CHUNK = 500


@dataclass(frozen=True)
class LadderReport:
    """How many registered letters were queued, by reason."""

    no_proof: int = 0
    dead_address: int = 0

    def __str__(self) -> str:
        return f"queued {self.no_proof} without proof, {self.dead_address} for dead addresses"


@dataclass(frozen=True)
class _Now:
    """on: the vendor's day."""

    on: date
    at: datetime


def climb_ladder(
    session: Session, *, zone: ZoneInfo, at: datetime, stop: Callable[[], bool] = lambda: False
) -> LadderReport:
    """Queue the letters that are due at `at`. `stop` is asked between chunks. zone: the vendor's,
    for the day on which a contact is designated.

    No letter while all mail is paused: what was to be said first has not been said. See
    `storage.ladder` for whom else it leaves alone. Idempotent: one registered letter for each
    contact and serving.
    """
    is_paused = find_pause(session) is not None
    session.rollback()
    if is_paused:
        return LadderReport()
    now = _Now(at.astimezone(zone).date(), at)
    return LadderReport(
        no_proof=_climb(
            session, _find_unproved(session, now, stop), LetterReason.NO_PROOF, now, stop
        ),
        dead_address=_climb(
            session, _find_dead(session, now), LetterReason.DEAD_ADDRESS, now, stop
        ),
    )


def _find_unproved(session: Session, now: _Now, stop: Callable[[], bool]) -> list[int]:
    """Notices that left and have had the days of their terms, by id."""
    due: list[int] = []
    before: dict[str, datetime | None] = {}
    after = 0
    while not stop():
        begin_read_only(session)
        try:
            page = list_dispatched(session, after=after, limit=PAGE)
            new = {one.digest: one.terms_id for one in page if one.digest not in before}
            terms = load_terms(session, new.values())
            before |= {x: dispatched_before(terms[new[x]], at=now.at) for x in new}
        finally:
            session.rollback()
        due += [one.notice_id for one in page if _has_had_its_days(one, before[one.digest])]
        if len(page) < PAGE:
            break
        after = page[-1].notice_id
    return _narrowed(session, due, LetterReason.NO_PROOF, now)


def _has_had_its_days(one: Dispatched, before: datetime | None) -> bool:
    return before is not None and one.dispatched_at < before


def _find_dead(session: Session, now: _Now) -> list[int]:
    begin_read_only(session)
    try:
        found = list_dead(session, on=now.on, at=now.at)
        return _notices(_due(found, LetterReason.DEAD_ADDRESS, now.at))
    finally:
        session.rollback()


def _narrowed(
    session: Session, notice_ids: Sequence[int], reason: LetterReason, now: _Now
) -> list[int]:
    """Those of them that a letter may follow: nothing is locked for the others."""
    found: list[int] = []
    for start in range(0, len(notice_ids), CHUNK):
        begin_read_only(session)
        try:
            part = notice_ids[start : start + CHUNK]
            found += _notices(_due(_list(session, part, reason, now), reason, now.at))
        finally:
            session.rollback()
    return found


def _climb(
    session: Session,
    notice_ids: Sequence[int],
    reason: LetterReason,
    now: _Now,
    stop: Callable[[], bool],
) -> int:
    queued = 0
    for start in range(0, len(notice_ids), CHUNK):
        if stop():
            break
        part = notice_ids[start : start + CHUNK]
        with transaction(session):
            lock_notice_ids(session, part)
            lock_cases_of_notices(session, part)
            rungs = _due(_list(session, part, reason, now), reason, now.at)
            queued += _queue(session, rungs, reason, now)
    return queued


def _list(
    session: Session, notice_ids: Sequence[int], reason: LetterReason, now: _Now
) -> list[Rung]:
    if reason is LetterReason.NO_PROOF:
        return list_unproved(session, notice_ids, on=now.on, at=now.at)
    return list_dead(session, on=now.on, at=now.at, notice_ids=notice_ids)


def _due(rungs: Iterable[Rung], reason: LetterReason, at: datetime) -> list[Rung]:
    if reason is LetterReason.NO_PROOF:
        return [x for x in rungs if is_due(x.terms, x.dispatched_at, x.proofs, at=at)]
    return [x for x in rungs if takes_over(x.terms)]


def _queue(session: Session, rungs: Sequence[Rung], reason: LetterReason, now: _Now) -> int:
    if not rungs:
        return 0
    pairs = [(rung.notice_id, rung.contact_id) for rung in rungs]
    of_pairs = tuple_(NoticeRow.id, ContactRow.id).in_(pairs)
    queued = insert_letters(session, of_pairs, reason, on=now.on, at=now.at)
    append_evidence_many(
        session,
        [
            NewEvidence(
                "registered_letter_queued",
                "notice",
                rung.notice_id,
                {
                    "contact": rung.contact_id,
                    "reason": reason,
                    "serving_number": rung.serving_number,
                    "dispatched_at": rung.dispatched_at,
                    "days": rung.terms.receipt_fallback_days if rung.terms else None,
                },
            )
            for rung in rungs
        ],
        actor=ACTOR,
        at=now.at,
    )
    serve_notices(session, _notices(rungs), actor=ACTOR, at=now.at)
    return queued


def _notices(rungs: Iterable[Rung]) -> list[int]:
    return sorted({rung.notice_id for rung in rungs})
