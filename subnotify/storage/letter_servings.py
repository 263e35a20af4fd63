"""What became of letters, as far as it decides whether their notice is served."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.deliveries import Delivery
from subnotify.rules.letter_events import CAME_BACK, instant_of_day
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import (
    Channel,
    HoldReason,
    LetterEventKind,
    LetterReason,
    ProofKind,
)
from subnotify.storage.letters import zones_of_notices
from subnotify.storage.tables import LetterEventRow, LetterRow, MessageRow

_LADDER = frozenset({LetterReason.DEAD_ADDRESS, LetterReason.NO_PROOF})
_DECISIVE = frozenset({LetterEventKind.POSTED, LetterEventKind.PRESENTED, *CAME_BACK})


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Of one letter. came_back: what a person noted of it, or nothing; None where it did not."""

    reason: LetterReason
    is_posting_known: bool = False
    presented_at: datetime | None = None
    came_back: str | None = None


def load_letter_facts(session: Session, message_ids: Sequence[int]) -> dict[int, LetterFacts]:
    """The facts of these letters by the id of their message."""
    if not message_ids:
        return {}
    letters = session.execute(
        select(LetterRow.message_id, LetterRow.reason, MessageRow.notice_id)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .where(LetterRow.message_id.in_(message_ids))
    ).all()
    facts = {row.message_id: LetterFacts(LetterReason(row.reason)) for row in letters}
    zones = zones_of_notices(session, {row.notice_id for row in letters})
    zone_by_letter = {row.message_id: zones.get(row.notice_id, "UTC") for row in letters}
    for event in session.execute(
        select(
            LetterEventRow.message_id,
            LetterEventRow.kind,
            LetterEventRow.on,
            LetterEventRow.note,
            LetterEventRow.recorded_at,
        )
        .where(LetterEventRow.message_id.in_(facts), LetterEventRow.kind.in_(_DECISIVE))
        .order_by(LetterEventRow.id)
    ):
        known = facts[event.message_id]
        match LetterEventKind(event.kind):
            case LetterEventKind.POSTED:
                known = replace(known, is_posting_known=True)
            case LetterEventKind.PRESENTED:
                zone = zone_of(zone_by_letter[event.message_id])
                presented_at = instant_of_day(event.on, zone, event.recorded_at)
                known = replace(known, presented_at=presented_at)
            case _:
                known = replace(known, came_back=known.came_back or event.note)
        facts[event.message_id] = known
    return facts


def on_paper(delivery: Delivery, channel: Channel, facts: LetterFacts | None) -> Delivery:
    """The delivery of a message by post. facts: None for a notice that was brought in: a person
    put on record how it was given, and when."""
    if facts is None:
        received = (x.at for x in delivery.proofs if x.kind is ProofKind.REGISTERED_DELIVERY)
        return replace(
            delivery, channel=channel, presented_at=min(received, default=None), is_alone=True
        )
    on_the_way = replace(
        delivery,
        channel=channel,
        presented_at=facts.presented_at,
        is_posting_known=facts.is_posting_known,
        is_fallback=facts.reason in _LADDER,
    )
    if facts.came_back is None or delivery.failure is not None:
        return on_the_way
    return replace(on_the_way, failure=HoldReason.LETTER_RETURNED, failure_text=facts.came_back)
