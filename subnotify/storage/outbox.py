"""The outbox: claiming messages and keeping their sealed bytes.

Set-based and in Core: a release has thousands of messages, and a batch is marked in one go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, exists, func, or_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import Channel, ContactKind, MessagePurpose, MessageState, NoticeState
from subnotify.storage.bulk_updates import insert_long_rows, update_by_id
from subnotify.storage.id_lists import among
from subnotify.storage.tables.agreements import AgreementContactRow, ContactRow
from subnotify.storage.tables.mail import MessageRow, SealedMailRow
from subnotify.storage.tables.notices import NoticeRow

_MESSAGES = cast(Table, MessageRow.__table__)
_SEALED = cast(Table, SealedMailRow.__table__)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A claimed email. `state` is the one before the claim; `message_id_header` and
    `envelope_from` are None until its bytes are built."""

    id: int
    logical_key: str
    purpose: MessagePurpose
    state: MessageState
    notice_id: int | None
    case_id: int | None
    response_id: int | None
    contact_id: int | None
    contact_name: str
    release_id: int | None
    to_address: str | None
    language: str
    serving_number: int
    attempt_count: int
    queued_at: datetime
    next_attempt_at: datetime | None
    message_id_header: str | None
    envelope_from: str | None


@dataclass(frozen=True, slots=True)
class StoredSeal:
    """The sealed bytes of a message as stored."""

    digest: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class BuiltMail:
    """What is stored when the bytes of a message are built; all of it stays for good, but the
    number of the attempt that begins with it."""

    message_id: int
    attempt_number: int
    message_id_header: str
    envelope_from: str
    subject: str
    link_digest: str | None
    seal: StoredSeal


def list_no_longer_designated(session: Session, message_ids: Sequence[int]) -> list[int]:
    """Those of these notice mails whose designated contact has another address by now, or is
    designated no more: an agreement's contact changed between the release and the sending."""
    stands = exists().where(
        AgreementContactRow.agreement_id == NoticeRow.agreement_id,
        AgreementContactRow.contact_id == MessageRow.contact_id,
        AgreementContactRow.kind == ContactKind.NOTICE,
        AgreementContactRow.ended_on.is_(None),
    )
    rows = session.scalars(
        select(MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(
            among(MessageRow.id, message_ids),
            MessageRow.purpose == MessagePurpose.NOTICE,
            MessageRow.contact_kind == ContactKind.NOTICE,
            or_(func.coalesce(ContactRow.email, "") != MessageRow.to_address, ~stands),
        )
    )
    return list(rows)


def list_seals(session: Session, message_ids: Sequence[int]) -> dict[int, StoredSeal]:
    """The sealed bytes of those messages that have them, by message id."""
    rows = session.execute(
        select(SealedMailRow.message_id, SealedMailRow.digest, SealedMailRow.ciphertext).where(
            among(SealedMailRow.message_id, message_ids)
        )
    )
    return {row.message_id: StoredSeal(row.digest, row.ciphertext) for row in rows}


def list_notice_message_ids(
    session: Session, notice_ids: Sequence[int]
) -> dict[tuple[int, int], str]:
    """The Message-ID of the notice mail by (notice, contact): what later mails thread under."""
    rows = session.execute(
        select(MessageRow.notice_id, MessageRow.contact_id, MessageRow.message_id_header)
        .where(
            among(MessageRow.notice_id, notice_ids),
            MessageRow.purpose == MessagePurpose.NOTICE,
            MessageRow.message_id_header.is_not(None),
            MessageRow.contact_id.is_not(None),
        )
        .order_by(MessageRow.serving_number)
    )
    return {(row.notice_id, row.contact_id): row.message_id_header for row in rows}


def lock_held(session: Session, message_ids: Sequence[int], *, by: str) -> frozenset[int]:
    """Those of these messages that the runner `by` holds still, locked against any other. One
    that stood still for longer than its lease (its machine was suspended) may hold them no more.
    """
    held = session.scalars(
        select(MessageRow.id)
        .where(
            among(MessageRow.id, message_ids),
            MessageRow.claimed_by == by,
            MessageRow.state == MessageState.SENDING,
        )
        .order_by(MessageRow.id)
        .with_for_update(key_share=True)
    )
    return frozenset(held)


def append_built(session: Session, built: Sequence[BuiltMail], *, at: datetime) -> None:
    """Store the sealed bytes of new mails, and what their messages keep of them; their first
    attempt begins. The caller has locked the messages."""
    insert_long_rows(
        session,
        _SEALED,
        [
            {
                "message_id": one.message_id,
                "digest": one.seal.digest,
                "ciphertext": one.seal.ciphertext,
                "sealed_at": at,
            }
            for one in built
        ],
    )
    update_by_id(
        session,
        MessageRow,
        [
            {
                "id": one.message_id,
                "attempt_count": one.attempt_number,
                "message_id_header": one.message_id_header,
                "envelope_from": one.envelope_from,
                "subject": one.subject,
                "link_digest": one.link_digest,
            }
            for one in built
        ],
    )


def count_attempts(session: Session, numbers: Mapping[int, int]) -> None:
    """Note the number of the attempt that begins of messages (by id) whose bytes exist already.
    The caller has locked them."""
    rows = [{"id": x, "attempt_count": number} for x, number in numbers.items()]
    update_by_id(session, MessageRow, rows)


def put_aside(
    session: Session,
    message_id: int,
    *,
    state: MessageState,
    reason: str,
    next_attempt_at: datetime | None,
    by: str,
) -> None:
    """Take a claimed message out of the batch before any attempt: parked, or for later."""
    session.execute(
        update(_MESSAGES)
        .where(MessageRow.id == message_id, MessageRow.claimed_by == by)
        .values(
            state=state,
            last_reply=reason,
            next_attempt_at=next_attempt_at,
            claimed_by=None,
            claimed_until_at=None,
        )
    )


def list_parked_notices(session: Session) -> list[int]:
    """Notices with a parked mail that still count as on their way."""
    return list(
        session.scalars(
            select(MessageRow.notice_id)
            .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
            .where(
                MessageRow.state == MessageState.PARKED,
                MessageRow.purpose == MessagePurpose.NOTICE,
                NoticeRow.state.in_((NoticeState.QUEUED, NoticeState.SERVING)),
            )
            .distinct()
            .order_by(MessageRow.notice_id)
        )
    )


def count_by_state(session: Session) -> dict[MessageState, int]:
    """How many mails are in each state that occurs."""
    rows = session.execute(
        select(MessageRow.state, func.count())
        .where(MessageRow.channel == Channel.EMAIL)
        .group_by(MessageRow.state)
    )
    return {MessageState(state): count for state, count in rows}
