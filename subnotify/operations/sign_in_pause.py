"""The pause of all mail while the mail host refuses our sign-in, and how it ends by itself.

Expired credentials are ours to mend: they reject no mail. The sign-in alone is tried again at
growing pauses, over one connection; once the host takes it, sending goes on. A person may end
the pause earlier.

A host may take the sign-in and the sender, and ask for more only at a recipient (RFC 4954, 6:
530 is a reply to any command). Then the sign-in says nothing, so the pauses go on growing, up to
those of a mail that is put off, until the host really takes a mail.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.delivery.courier import Courier
from subnotify.delivery.retries import pause_after
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.words import PauseCause
from subnotify.storage import mail_queue
from subnotify.storage.mail_queue import QueuePause

log = logging.getLogger(__name__)

ACTOR = "job:send_messages"
_KEY = "sign-in"


def pause_for_credentials(session: Session, reply: str, *, at: datetime) -> None:
    """Stop all mail because the host refused our sign-in with `reply`, in the caller's
    transaction. Nothing happens where it is stopped already."""
    next_at = at + _wait(1, mail_queue.count_lifted(session))
    if not mail_queue.pause_queue(
        session,
        by="",
        cause=PauseCause.CREDENTIALS,
        note=reply,
        next_sign_in_at=next_at,
        at=at,
    ):
        return
    log.error("all mail is paused: the mail host refuses our sign-in: %s", reply)
    append_evidence(
        session,
        "mail_queue_paused",
        actor=ACTOR,
        object_type="mail_queue",
        object_id=mail_queue.QUEUE_ID,
        content={"cause": PauseCause.CREDENTIALS, "reply": reply},
        at=at,
    )


def end_sign_in_pause(
    session_factory: Callable[[], Session],
    open_courier: Callable[[], Courier],
    *,
    sender: str,
    clock: Callable[[], datetime],
) -> QueuePause | None:
    """The pause that holds all mail; None if nothing does (any more).

    Where our sign-in was refused and it is time to try again, it is tried: as `sender`, sending
    nothing. Of two workers one tries.
    """
    at = clock()
    with session_factory() as session, transaction(session):
        pause = mail_queue.find_pause(session)
        if pause is None or not _is_time(pause, at):
            return pause
        # On record before the network is touched, so that nobody else tries meanwhile.
        pause = mail_queue.lock_queue(session)
        if pause is None or not _is_time(pause, at):
            return pause
        wait = _wait(pause.sign_ins + 2, pause.lifted)
        mail_queue.put_off_sign_in(session, next_sign_in_at=at + wait)
    courier = open_courier()
    try:
        refused = courier.sign_in(sender)
    finally:
        courier.close()
    if refused is not None:
        log.error("all mail stays paused: %s at %s: %s", refused.state, refused.verb, refused.reply)
        with session_factory() as session, transaction(session):
            mail_queue.note_refusal(session, refused.reply)
            return mail_queue.find_pause(session)
    return _resume(session_factory, clock())


def _wait(number: int, lifted: int) -> timedelta:
    """Before the sign-in is tried for the time `number` of this pause; the pauses before it that
    ended without a mail taken count as well, and make it longer than our own server needs."""
    return pause_after(number + lifted, _KEY, concerns_server=lifted == 0)


def _is_time(pause: QueuePause, at: datetime) -> bool:
    return pause.cause is PauseCause.CREDENTIALS and (pause.next_sign_in_at or at) <= at


def _resume(session_factory: Callable[[], Session], at: datetime) -> QueuePause | None:
    with session_factory() as session, transaction(session):
        ended = mail_queue.lift_sign_in_pause(session)
        if ended is None:  # a person paused or resumed meanwhile
            return mail_queue.find_pause(session)
        log.warning("all mail goes on: the mail host takes our sign-in again")
        append_evidence(
            session,
            "mail_queue_resumed",
            actor=ACTOR,
            object_type="mail_queue",
            object_id=mail_queue.QUEUE_ID,
            content={"cause": ended.cause, "paused_at": ended.at, "was": ended.note},
            at=at,
        )
    return None
