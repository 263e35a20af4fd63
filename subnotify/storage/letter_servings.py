"""What became of letters, as far as it decides whether their notice is served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.deliveries import Delivery
from subnotify.rules.errors import N_
from subnotify.rules.ladder import OF_THE_LADDER
from subnotify.rules.letter_events import CAME_BACK, find_posting, instant_of_day
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import (
    Channel,
    HoldReason,
    LetterEventKind,
    LetterProduct,
    LetterReason,
    ProofKind,
)
from subnotify.storage.id_lists import among
from subnotify.storage.letter_contradictions import list_open_contradictions
from subnotify.storage.letters import load_letter_events, zones_of_notices
from subnotify.storage.tables import BroughtInNoticeRow, LetterEventRow, LetterRow, MessageRow

STRUCK_OUT = N_(
    "The letter was posted to a contact or an address that the client had struck out by then."
)
_DECISIVE = frozenset({LetterEventKind.POSTED, LetterEventKind.PRESENTED, *CAME_BACK})


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Of one letter. reason: None of one that was brought in. is_posting_known: its day is on
    record, and of a registered letter the number that proves it. came_back: what a person noted of
    it, or nothing, also where that is contested; None where nobody told it. is_former: it was
    posted, or may have been, when its contact or address was struck out already."""

    reason: LetterReason | None
    is_posting_proved: bool = True
    is_posting_known: bool = False
    presented_at: datetime | None = None
    came_back: str | None = None
    is_former: bool = False


def load_letter_facts(session: Session, message_ids: Sequence[int]) -> dict[int, LetterFacts]:
    """The facts of these letters by the id of their message."""
    if not message_ids:
        return {}
    letters = session.execute(
        select(
            LetterRow.message_id,
            LetterRow.reason,
            LetterRow.product,
            LetterRow.proof_number,
            LetterRow.former_on,
            MessageRow.notice_id,
        )
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .where(LetterRow.message_id.in_(message_ids))
    ).all()
    facts = {
        row.message_id: LetterFacts(
            LetterReason(row.reason),
            is_posting_proved=row.product == LetterProduct.PLAIN or row.proof_number != "",
        )
        for row in letters
    }
    brought_in = session.scalars(
        select(BroughtInNoticeRow.message_id).where(
            among(BroughtInNoticeRow.message_id, message_ids)
        )
    ).all()
    zones = zones_of_notices(session, {row.notice_id for row in letters})
    zone_by_letter = {row.message_id: zones.get(row.notice_id, "UTC") for row in letters}
    for event in session.execute(
        select(
            LetterEventRow.message_id,
            LetterEventRow.kind,
            LetterEventRow.on,
            LetterEventRow.note,
            func.coalesce(LetterEventRow.corrected_at, LetterEventRow.recorded_at).label(
                "known_at"
            ),
        )
        .where(LetterEventRow.message_id.in_(facts), LetterEventRow.kind.in_(_DECISIVE))
        .order_by(LetterEventRow.id)
    ):
        known = facts[event.message_id]
        match LetterEventKind(event.kind):
            case LetterEventKind.POSTED:
                known = replace(known, is_posting_known=known.is_posting_proved)
            case LetterEventKind.PRESENTED:
                zone = zone_of(zone_by_letter[event.message_id])
                presented_at = instant_of_day(event.on, zone, event.known_at)
                known = replace(known, presented_at=presented_at)
            case _:
                known = replace(known, came_back=known.came_back or event.note)
        facts[event.message_id] = known
    for told in list_open_contradictions(session, facts):
        # Whichever of two proofs was told first: a letter of which one says that it came back
        # proves nothing until two persons have said which is true.
        if told.kind in CAME_BACK and facts[told.message_id].came_back is None:
            facts[told.message_id] = replace(facts[told.message_id], came_back=told.note)
    for message_id in _list_former(session, {x.message_id: x.former_on for x in letters}):
        facts[message_id] = replace(facts[message_id], is_former=True)
    return facts | dict.fromkeys(brought_in, LetterFacts(None))


def _list_former(session: Session, struck_out: Mapping[int, date | None]) -> list[int]:
    """Those of these letters that left on the day from which their contact or address was struck
    out, or later. Where the day of posting is not on record, by the first that is: an earlier
    posting mends it once somebody tells it."""
    days = {message_id: day for message_id, day in struck_out.items() if day is not None}
    events = load_letter_events(session, days) if days else {}
    left = {message_id: find_posting(events.get(message_id, ())) for message_id in days}
    return [x for x, posting in left.items() if posting is not None and posting.on >= days[x]]


def on_paper(delivery: Delivery, channel: Channel, facts: LetterFacts | None) -> Delivery:
    """The delivery of a message by post. facts: None where nothing is on record of its letter:
    then nothing but a proof of receipt serves."""
    if facts is None:
        return replace(delivery, channel=channel, is_posting_known=False)
    if facts.reason is None:
        received = (x.at for x in delivery.proofs if x.kind is ProofKind.REGISTERED_DELIVERY)
        return replace(
            delivery, channel=channel, presented_at=min(received, default=None), is_brought_in=True
        )
    if facts.is_former and delivery.failure is None:
        # Nothing that the clause or the post says of it makes the client have it.
        delivery = replace(delivery, failure=HoldReason.NOT_SERVED, failure_text=STRUCK_OUT)
    on_the_way = replace(
        delivery,
        channel=channel,
        presented_at=facts.presented_at,
        is_posting_known=facts.is_posting_known,
        is_fallback=facts.reason in OF_THE_LADDER,
    )
    if facts.came_back is None or delivery.failure is not None:
        return on_the_way
    return replace(on_the_way, failure=HoldReason.LETTER_RETURNED, failure_text=facts.came_back)
