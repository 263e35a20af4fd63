"""Letters for the printer: what waits is prepared once the oldest has waited for an hour, what is
prepared is given to the printer's folder, and what is not to be sent any more is called back."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.config import Settings
from subnotify.delivery.print_provider import PrintProvider, ProviderRefused, provider_for
from subnotify.operations.cancel_batch import BatchBeingPrinted, BatchHandedOver, cancel_batch
from subnotify.operations.give_batches import give_batches
from subnotify.operations.prepare_batches import Prepared, prepare_batches
from subnotify.operations.press_letters import TypesetPress
from subnotify.operations.take_back_untrue import take_back_untrue
from subnotify.operations.transaction import transaction
from subnotify.storage.letter_batches import list_spoilt
from subnotify.storage.letter_pages import count_printable

# A release queues its letters at once; others come by ones, and share a batch and a journey.
WAIT = timedelta(hours=1)
ACTOR = "job:prepare_letters"
BY = "subnotify"


class BatchesNotTaken(Exception):
    """The printer's folder refused batches. The job ends as failed, so that it is seen; the next
    run tries again."""


def print_letters(
    settings: Settings,
    session_factory: Callable[[], Session],
    *,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
    at_once: bool = False,
) -> str:
    """One run; what it did, in a line. at_once: prepare also what came just now.

    Raises BatchesNotTaken once all else is done.
    """
    provider, at = provider_for(settings.letters_folder), clock()
    with session_factory() as session:
        called_back = _call_back_spoilt(session, settings, provider, at)
        take_back_untrue(session, actor=ACTOR, at=at)
        prepared = Prepared()
        if count_printable(session, queued_by=at if at_once else at - WAIT):
            session.rollback()
            prepared = _prepare(session, settings, stop, at)
        session.rollback()
        said = _said(prepared, called_back)
        if provider is None:
            return said
        given = give_batches(session, provider, keys=(settings.seal_key,), actor=ACTOR, at=clock())
    if given.refused:
        raise BatchesNotTaken("; ".join(f"{key}: {error}" for key, error in given.refused))
    return f"{said}, put into the folder {len(given.taken)}" if given.taken else said


def _prepare(
    session: Session, settings: Settings, stop: Callable[[], bool], at: datetime
) -> Prepared:
    return prepare_batches(
        session,
        TypesetPress(settings.public_url, settings.vendor_time_zone, at),
        seal_key=settings.seal_key,
        by=BY,
        actor=ACTOR,
        zone=settings.zone,
        at=at,
        stop=stop,
    )


def _call_back_spoilt(
    session: Session, settings: Settings, provider: PrintProvider | None, at: datetime
) -> int:
    """Batches with letters of a withdrawn change, that tell a deadline which runs no longer, or to
    a former contact or address: their other letters get a new one. Those that are too late wait
    for a person, as their page says."""
    with transaction(session):
        spoilt = list_spoilt(session, on=at.astimezone(settings.zone).date())
    done = 0
    for batch_id in spoilt:
        try:
            done += cancel_batch(session, batch_id, provider=provider, by=BY, actor=ACTOR, at=at)
        except (BatchHandedOver, BatchBeingPrinted, ProviderRefused):
            continue
    return done


def _said(prepared: Prepared, called_back: int) -> str:
    counts = {
        "batches": len(prepared.batches),
        "letters in them": prepared.letters,
        "electronic letters": prepared.electronic,
        "set aside": prepared.set_aside,
        "batches called back": called_back,
    }
    return ", ".join(f"{what} {n}" for what, n in counts.items() if n) or "nothing to prepare"
