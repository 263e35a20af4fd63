"""Releases whose mails a person holds back, and the mails that are held back with them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, exists, select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import MessagePurpose, MessageState
from subnotify.storage.tables import (
    EvidenceContentRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
)

# What announces a release. Receipts, answers and closing mails speak to clients that have had
# their notice: these go on.
ANNOUNCING = (MessagePurpose.NOTICE, MessagePurpose.REMINDER)
# An unknown result would be tried again, so it is held back too.
WAITING = (MessageState.QUEUED, MessageState.DEFERRED, MessageState.UNKNOWN)

_MESSAGES = cast(Table, MessageRow.__table__)


def pause_messages(session: Session, release_id: int) -> int:
    """Hold back what announces the release and has not left; how many. Mails that are being
    sent at this moment end as they end."""
    return _rows(
        session.execute(
            update(_MESSAGES)
            .where(*_announces(release_id), MessageRow.state.in_(WAITING))
            .values(paused_from=MessageRow.state, state=MessageState.PAUSED)
        )
    )


def resume_messages(session: Session, release_id: int) -> int:
    """Let go what the pause holds back, each as it was before; how many."""
    return _rows(
        session.execute(
            update(_MESSAGES)
            .where(*_announces(release_id), MessageRow.state == MessageState.PAUSED)
            .values(state=MessageRow.paused_from, paused_from=None)
        )
    )


def hold_back_claimed(
    session: Session, states: dict[int, MessageState], *, by: str
) -> frozenset[int]:
    """Hold back those of the mails claimed by `by` whose release is paused; their ids.

    states: what each was before the claim, by id. What is queued or put off while its release is
    paused is found here, whichever way it came.
    """
    if not states:
        return frozenset()
    held = session.execute(
        select(MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
        .where(
            MessageRow.id.in_(states),
            MessageRow.purpose.in_(ANNOUNCING),
            ReleaseRow.sending_paused_at.is_not(None),
        )
    ).scalars()
    ids = frozenset(held)
    for state in {states[message_id] for message_id in ids}:
        of_state = [message_id for message_id in ids if states[message_id] is state]
        session.execute(
            update(_MESSAGES)
            .where(MessageRow.id.in_(of_state), MessageRow.claimed_by == by)
            .values(
                state=MessageState.PAUSED,
                paused_from=state,
                claimed_by=None,
                claimed_until_at=None,
            )
        )
    return ids


def hold_back_ended(session: Session, message_ids: Collection[int]) -> None:
    """Hold back those of these mails that wait again while their release is paused: they were
    under way when it was stopped, and were not handed over."""
    release_is_paused = exists().where(
        NoticeRow.id == MessageRow.notice_id,
        ReleaseRow.id == NoticeRow.release_id,
        ReleaseRow.sending_paused_at.is_not(None),
    )
    session.execute(
        update(_MESSAGES)
        .where(
            MessageRow.id.in_(message_ids),
            MessageRow.state.in_(WAITING),
            MessageRow.purpose.in_(ANNOUNCING),
            release_is_paused,
        )
        .values(paused_from=MessageRow.state, state=MessageState.PAUSED)
    )


@dataclass(frozen=True, slots=True)
class ReleasePause:
    """Since when a release's mails are held back, the name of who stopped them, and the reason as
    it stands in the evidence; empty once that was erased."""

    at: datetime
    by: str
    because: str


def find_release_pause(session: Session, release_id: int) -> ReleasePause | None:
    """The pause of a release, or None while it is sent."""
    row = session.execute(
        select(ReleaseRow.sending_paused_at, ReleaseRow.sending_paused_by).where(
            ReleaseRow.id == release_id
        )
    ).one_or_none()
    if row is None or row.sending_paused_at is None:
        return None
    content = session.scalar(
        select(EvidenceContentRow.content)
        .join(EvidenceRow, EvidenceRow.id == EvidenceContentRow.evidence_id)
        .where(
            EvidenceRow.object_type == "release",
            EvidenceRow.object_id == release_id,
            EvidenceRow.type == "release_sending_paused",
            EvidenceRow.at == row.sending_paused_at,
        )
        .order_by(EvidenceRow.id.desc())
        .limit(1)
    )
    because = (content or {}).get("reason", "")
    return ReleasePause(row.sending_paused_at, row.sending_paused_by or "", str(because))


def list_paused_releases(session: Session) -> frozenset[int]:
    """Ids of the releases whose mails are held back."""
    paused = select(ReleaseRow.id).where(ReleaseRow.sending_paused_at.is_not(None))
    return frozenset(session.scalars(paused))


def _announces(release_id: int) -> tuple[ColumnElement[bool], ...]:
    of_release = exists().where(
        NoticeRow.id == MessageRow.notice_id, NoticeRow.release_id == release_id
    )
    return MessageRow.purpose.in_(ANNOUNCING), of_release


def _rows(result: object) -> int:
    return int(getattr(result, "rowcount", 0))
