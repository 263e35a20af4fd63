"""Slots of recipients' domains: how mails to one domain are spread where a pace is set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from subnotify.storage.insert_once import insert_once
from subnotify.storage.tables.mail import DomainSlotRow, MessageRow

# A slot missed by more is given anew: else what waited while nothing ran would leave at once.
MISSED_AFTER = timedelta(minutes=1)

_MESSAGES = cast(Table, MessageRow.__table__)
_SLOTS = cast(Table, DomainSlotRow.__table__)


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail that is due: its address, and the slot it was given (None: none yet)."""

    id: int
    to_address: str
    slot_at: datetime | None


def take_slots(
    session: Session, due: Sequence[DueMail], *, pace: timedelta, at: datetime
) -> tuple[set[int], datetime | None]:
    """Give each due mail its slot at its domain, `pace` after the one before.

    Returns those whose slot has come, and the first slot of the others, which become due with
    their slot.

    The slots of a domain are locked until the transaction ends, so two workers share one pace. A
    mail keeps its slot until it is tried.
    """
    kept = {one.id: one.slot_at for one in due if one.slot_at and at - one.slot_at <= MISSED_AFTER}
    ready = {message_id for message_id, slot_at in kept.items() if slot_at <= at}
    wanting: dict[str, list[int]] = {}
    for one in due:
        if one.id not in kept:
            wanting.setdefault(domain_of(one.to_address), []).append(one.id)
    if not wanting:
        return ready, None
    free_at = _lock(session, sorted(wanting), at)
    later: dict[int, datetime] = {}
    for domain, ids in wanting.items():
        for message_id in ids:
            slot_at = max(free_at[domain], at)
            free_at[domain] = slot_at + pace
            if slot_at <= at:
                ready.add(message_id)
            else:
                later[message_id] = slot_at
    _write(session, free_at, later)
    return ready, min(later.values(), default=None)


def domain_of(address: str) -> str:
    """What is paced: all after the last @, in small letters."""
    return address.rpartition("@")[2].lower()


def _lock(session: Session, domains: Sequence[str], at: datetime) -> dict[str, datetime]:
    insert_once(session, DomainSlotRow, [{"domain": one, "next_at": at} for one in domains])
    rows = session.execute(
        select(DomainSlotRow.domain, DomainSlotRow.next_at)
        .where(DomainSlotRow.domain.in_(domains))
        .order_by(DomainSlotRow.domain)
        .with_for_update(key_share=True)
    )
    return {row.domain: row.next_at for row in rows}


def _write(
    session: Session, free_at: Mapping[str, datetime], later: Mapping[int, datetime]
) -> None:
    session.execute(
        update(_SLOTS)
        .where(DomainSlotRow.domain == bindparam("of_domain"))
        .values(next_at=bindparam("free_at")),
        [{"of_domain": domain, "free_at": instant} for domain, instant in free_at.items()],
    )
    if later:
        session.execute(
            update(_MESSAGES)
            .where(MessageRow.id == bindparam("of_message"))
            .values(next_attempt_at=bindparam("slot"), slot_at=bindparam("slot")),
            [{"of_message": message_id, "slot": slot} for message_id, slot in later.items()],
        )
