"""Records that a batch of letters was handed over: to the printer, or to the post office."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.record_letter_events import GivenEvent, append_letter_events
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import ProblemsFound, RuleError
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import BatchState, LetterEventKind, LetterEventSource
from subnotify.storage.letter_batches import (
    count_stopped,
    list_handed_over_by_events,
    list_told_days,
    list_untouched,
    lock_batch,
)
from subnotify.storage.tables import LetterBatchRow


class BatchCancelled(RuleError):
    message = "This batch was cancelled: it is not to be printed."


class LettersStopped(RuleError):
    message = (
        "Some letters of this batch are not to be sent any more: a change was withdrawn, a release"
        " is paused, a contact has another address, or a deadline that they tell runs no longer."
        " Cancel the batch; the other letters get a new one. Where nobody can stop the printer any"
        " more, say so."
    )


class NotHandedOverYet(RuleError):
    message = "This day has not come yet. Give the day on which the batch was handed over."


class NotPreparedYet(RuleError):
    message = (
        "The batch was not prepared yet on this day. Give the day on which it was handed over."
    )


def hand_over_batch(
    session: Session,
    batch_id: int,
    *,
    on: date | None = None,
    is_beyond_reach: bool = False,
    by: str,
    actor: str,
    legal_email: str,
    vendor_time_zone: str,
    at: datetime,
) -> bool:
    """Record it with each of its letters; False where it was recorded before. From now on the
    batch cannot be cancelled.

    on: the day, in the vendor's zone; today where none is given. A letter of which more is on
    record already keeps that. is_beyond_reach: nobody can stop the printer any more, so that it is
    recorded of letters that are not to be sent as well. Raises BatchCancelled, LettersStopped,
    NotHandedOverYet, NotPreparedYet, NotFound.
    """
    with transaction(session):
        row = lock_batch(session, batch_id)
        if row.state == BatchState.HANDED_OVER:
            return False
        if row.state == BatchState.CANCELLED:
            raise BatchCancelled
        today = at.astimezone(zone_of(vendor_time_zone)).date()
        day = _day(row, on, zone_of(vendor_time_zone), at)
        if not is_beyond_reach and count_stopped(session, batch_id, on=today):
            raise LettersStopped
        report = append_letter_events(
            session,
            [
                GivenEvent(x, LetterEventKind.HANDED_OVER, day, note=row.key)
                for x in list_untouched(session, batch_id)
            ],
            source=LetterEventSource.DESK,
            by=by,
            actor=actor,
            legal_email=legal_email,
            vendor_time_zone=vendor_time_zone,
            at=at,
        )
        if report.refused:
            raise ProblemsFound(tuple(x for one in report.refused for x in one.problems))
        _mark(session, row, day, by=by, actor=actor, at=at)
        return True


def _day(row: LetterBatchRow, on: date | None, zone: ZoneInfo, at: datetime) -> date:
    today = at.astimezone(zone).date()
    if on is None:
        return today
    if on > today:
        raise NotHandedOverYet
    if on < row.prepared_at.astimezone(zone).date():
        raise NotPreparedYet
    return on


def note_handed_over(session: Session, *, by: str, actor: str, at: datetime) -> list[str]:
    """Batches of whose letters somebody told more than that they wait: the printer has them. The
    keys of those that were not marked so. In a transaction of its own."""
    with transaction(session):
        found = [lock_batch(session, x) for x in list_handed_over_by_events(session)]
        told = [row for row in found if row.state == BatchState.PREPARED]
        for row in told:
            on = next(iter(list_told_days(session, row.id)), None)
            _mark(session, row, on, by=by, actor=actor, at=at)
        return [row.key for row in told]


def _mark(
    session: Session,
    row: LetterBatchRow,
    on: date | None,
    *,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    row.state, row.handed_over_on = BatchState.HANDED_OVER, on
    row.handed_over_at, row.handed_over_by = at, by
    append_evidence(
        session,
        "letter_batch_handed_over",
        actor=actor,
        object_type="letter_batch",
        object_id=row.id,
        content={
            "batch": row.key,
            "letters": row.letters,
            "pdf": row.pdf_digest,
            "on": on,
            "by": by,
        },
        at=at,
    )
