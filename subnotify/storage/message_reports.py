"""Messages about which a report came: found by what it names, locked, and marked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import MessagePurpose, MessageState
from subnotify.storage.tables import AttemptRow, CaseRow, DeliveryEventRow, MessageRow

_MESSAGES = cast(Table, MessageRow.__table__)
# Of such a one, tried at least once, a report proves that it had been taken after all.
_IN_DOUBT = frozenset(
    {
        MessageState.QUEUED,
        MessageState.SENDING,
        MessageState.DEFERRED,
        MessageState.UNKNOWN,
        MessageState.PAUSED,
        # What it told of was withdrawn, or the notice served anew; an attempt came before that.
        MessageState.CANCELLED,
    }
)
# Message-IDs are minted so long (`delivery.mime.mint_message_id`).
ENVELOPE_ID_CHARACTERS = 32
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ReportedMessage:
    """A message as it is now. first_attempt_at: None where it was never tried."""

    id: int
    logical_key: str
    purpose: MessagePurpose
    state: MessageState
    notice_id: int | None
    to_address: str | None
    message_id_header: str | None
    handed_over_at: datetime | None
    bounced_at: datetime | None
    first_attempt_at: datetime | None

    @property
    def is_in_doubt(self) -> bool:
        """It was tried, and nobody knows whether a server took it."""
        return self.state in _IN_DOUBT and self.first_attempt_at is not None

    @property
    def left_at(self) -> datetime | None:
        """No report can speak of an earlier instant."""
        return self.handed_over_at or self.first_attempt_at


@dataclass(frozen=True, slots=True)
class NamedMessage:
    """A message as far as a report can name it."""

    id: int
    notice_id: int | None
    header: str

    @property
    def envelope_id(self) -> str:
        """What reports of delivery quote: the left part of the Message-ID."""
        return self.header.removeprefix("<").partition("@")[0]


def find_named_messages(
    session: Session,
    *,
    ids: Collection[int],
    headers: Collection[str],
    envelope_ids: Collection[str],
) -> list[NamedMessage]:
    """The messages with one of these ids, Message-IDs (in angle brackets) or envelope ids."""
    left_part = func.substr(MessageRow.message_id_header, 2, ENVELOPE_ID_CHARACTERS)
    wanted: list[tuple[Any, list[Any]]] = [
        (MessageRow.id, sorted(ids)),
        (MessageRow.message_id_header, sorted(headers)),
        # No index: one pass over the table for all of them.
        (left_part, sorted(x for x in envelope_ids if len(x) == ENVELOPE_ID_CHARACTERS)),
    ]
    found: dict[int, NamedMessage] = {}
    for column, values in wanted:
        if values:
            for row in session.execute(
                select(MessageRow.id, MessageRow.notice_id, MessageRow.message_id_header).where(
                    column.in_(values)
                )
            ):
                found[row.id] = NamedMessage(row.id, row.notice_id, row.message_id_header or "")
    return list(found.values())


def lock_cases_of_notices(session: Session, notice_ids: Collection[int]) -> None:
    """In the order of their ids, after the notices and before the messages."""
    lock_cases(session, CaseRow.notice_id.in_(notice_ids))


def lock_cases(session: Session, *conditions: ColumnElement[bool]) -> list[int]:
    """The cases for which any condition holds, locked in the order of their ids; the ids."""
    found = session.scalars(
        select(CaseRow.id)
        .where(or_(*conditions))
        .order_by(CaseRow.id)
        .with_for_update(key_share=True)
    )
    return list(found)


def lock_messages(session: Session, ids: Collection[int]) -> dict[int, ReportedMessage]:
    """These messages by id, locked in the order of their ids."""
    rows = session.execute(
        select(
            MessageRow.id,
            MessageRow.logical_key,
            MessageRow.purpose,
            MessageRow.state,
            MessageRow.notice_id,
            MessageRow.to_address,
            MessageRow.message_id_header,
            MessageRow.handed_over_at,
            MessageRow.bounced_at,
        )
        .where(MessageRow.id.in_(ids))
        .order_by(MessageRow.id)
        .with_for_update(key_share=True)
    ).all()
    first = dict(
        session.execute(
            select(AttemptRow.message_id, func.min(AttemptRow.started_at))
            .where(AttemptRow.message_id.in_(ids))
            .group_by(AttemptRow.message_id)
        ).all()
    )
    return {
        row.id: ReportedMessage(
            id=row.id,
            logical_key=row.logical_key,
            purpose=MessagePurpose(row.purpose),
            state=MessageState(row.state),
            notice_id=row.notice_id,
            to_address=row.to_address,
            message_id_header=row.message_id_header,
            handed_over_at=row.handed_over_at,
            bounced_at=row.bounced_at,
            first_attempt_at=first.get(row.id),
        )
        for row in rows
    }


def find_known_events(session: Session, source: str, external_ids: Collection[str]) -> set[str]:
    """Those of these events that the source told before."""
    listed, known = sorted(external_ids), set[str]()
    for start in range(0, len(listed), _CHUNK):
        known |= set(
            session.scalars(
                select(DeliveryEventRow.external_id).where(
                    DeliveryEventRow.source == source,
                    DeliveryEventRow.external_id.in_(listed[start : start + _CHUNK]),
                )
            )
        )
    return known


def mark_taken(session: Session, taken: Mapping[int, datetime]) -> None:
    """These messages were handed over after all, at the latest then: nobody tries them again."""
    if taken:
        session.execute(
            update(_MESSAGES)
            .where(MessageRow.id == bindparam("of_message"))
            .values(
                state=MessageState.HANDED_OVER,
                paused_from=None,
                next_attempt_at=None,
                claimed_by=None,
                claimed_until_at=None,
            ),
            [{"of_message": x, "handed_over_at": at} for x, at in taken.items()],
        )


def mark_bounced(session: Session, notes: Mapping[int, str], *, at: datetime) -> None:
    """A permanent bounce came back for each of these messages, in these words."""
    if notes:
        session.execute(
            update(_MESSAGES).where(MessageRow.id == bindparam("of_message")).values(bounced_at=at),
            [{"of_message": x, "bounce_note": note} for x, note in notes.items()],
        )
