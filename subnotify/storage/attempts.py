"""Attempts: recorded before the network is touched, and what came of them after."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import AttemptResult, MessageState
from subnotify.storage.bulk_updates import insert_rows, update_by
from subnotify.storage.id_lists import among
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.tables.mail import AttemptRow, MessageRow

SENDER_STOPPED = "the sender stopped before the result was recorded"

_MESSAGES = cast(Table, MessageRow.__table__)
_ATTEMPTS = cast(Table, AttemptRow.__table__)


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """What came of one attempt, and what the message becomes."""

    message_id: int
    number: int
    finished_at: datetime
    result: AttemptResult
    verb: str
    code: int | None
    reply: str
    host: str
    state: MessageState
    next_attempt_at: datetime | None


def mark_unfinished_attempts_unknown(
    session: Session, message_ids: Sequence[int], *, at: datetime
) -> list[int]:
    """Name as unknown the attempts of a runner that stopped without a result; whose they are."""
    unfinished = session.scalars(
        update(_ATTEMPTS)
        .where(among(AttemptRow.message_id, message_ids), AttemptRow.result.is_(None))
        .values(result=AttemptResult.UNKNOWN, finished_at=at, reply=SENDER_STOPPED)
        .returning(AttemptRow.message_id)
    )
    return list(unfinished)


def append_attempts(session: Session, numbers: Mapping[int, int], *, at: datetime) -> None:
    """Record that an attempt (message id to its number) begins, before the network is touched."""
    insert_rows(
        session,
        AttemptRow,
        [
            {"message_id": message_id, "number": number, "started_at": at}
            for message_id, number in numbers.items()
        ],
    )


def first_attempts(
    session: Session, message_ids: Sequence[int], *, beyond: Collection[str]
) -> dict[int, datetime]:
    """When each message was first tried, by message id; attempts that did not come beyond these
    verbs, or failed at our sign-in, do not count: nobody was asked to take the mail."""
    reached = or_(
        AttemptRow.result.is_(None),
        and_(
            AttemptRow.result != AttemptResult.AUTHENTICATION_FAILED,
            or_(AttemptRow.verb.is_(None), AttemptRow.verb.not_in(beyond)),
        ),
    )
    rows = session.execute(
        select(AttemptRow.message_id, func.min(AttemptRow.started_at).label("first_at"))
        .where(among(AttemptRow.message_id, message_ids), reached)
        .group_by(AttemptRow.message_id)
    )
    return {row.message_id: row.first_at for row in rows}


def count_faults(session: Session, message_ids: Sequence[int], *, verb: str) -> dict[int, int]:
    """How many attempts of each message ended at this verb, by message id."""
    rows = session.execute(
        select(AttemptRow.message_id, func.count().label("number"))
        .where(among(AttemptRow.message_id, message_ids), AttemptRow.verb == verb)
        .group_by(AttemptRow.message_id)
    )
    return {row.message_id: row.number for row in rows}


def record_outcomes(session: Session, outcomes: Sequence[AttemptOutcome], *, by: str) -> None:
    """Record what came of the attempts.

    An attempt always gets its own result. The message takes it only while `by` still holds it:
    after an expired lease it belongs to another runner.
    """
    if not outcomes:
        return
    update_by(
        session,
        AttemptRow,
        ("message_id", "number"),
        [
            {
                "message_id": one.message_id,
                "number": one.number,
                "finished_at": one.finished_at,
                "result": one.result,
                "verb": one.verb,
                "code": one.code,
                "reply": one.reply,
                "host": one.host,
            }
            for one in outcomes
        ],
    )
    update_by(
        session,
        MessageRow,
        ("id",),
        [
            {
                "id": one.message_id,
                "state": one.state,
                "next_attempt_at": one.next_attempt_at,
                "last_reply": one.reply,
                "host": one.host,
                "handed_over_at": (
                    one.finished_at if one.state is MessageState.HANDED_OVER else None
                ),
            }
            for one in outcomes
        ],
        only={"claimed_by": by, "state": MessageState.SENDING},
        also={"claimed_by": None, "claimed_until_at": None, "slot_at": None},
    )


def give_back_untouched(session: Session, messages: Sequence[OutgoingMessage], *, by: str) -> None:
    """Give back claimed messages for which the network was never touched.

    They are as they were before the claim, and the attempts that did not happen are not kept.
    """
    if not messages:
        return
    still_mine = and_(MessageRow.claimed_by == by, MessageRow.state == MessageState.SENDING)
    session.execute(
        delete(_ATTEMPTS).where(
            AttemptRow.result.is_(None),
            AttemptRow.message_id.in_(
                select(MessageRow.id).where(
                    MessageRow.id.in_([one.id for one in messages]), still_mine
                )
            ),
        )
    )
    session.execute(
        update(_MESSAGES)
        .where(MessageRow.id == bindparam("of_message"), still_mine)
        .values(claimed_by=None, claimed_until_at=None),
        [
            {"of_message": one.id, "state": one.state, "attempt_count": one.attempt_count}
            for one in messages
        ],
    )
