"""Messages that did not arrive."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import (
    ContactKind,
    HoldReason,
    MessagePurpose,
    MessageState,
    NoticeState,
)
from subnotify.storage.overtaken_mails import is_overtaken
from subnotify.storage.tables import (
    AgreementRow,
    AttemptRow,
    ClientRow,
    LetterRow,
    MessageRow,
    NoticeRow,
)


@dataclass(frozen=True)
class UndeliveredMessage:
    """A message of a notice that was refused or came back, with the server's words; of a letter,
    why it was set aside. contact_id: to whom; 0 for nobody on record. letter_to: the name on a
    letter; "" of a mail."""

    to_address: str
    state: str
    words: str
    contact_id: int = 0
    letter_to: str = ""


def list_undelivered(
    session: Session, notice_ids: Collection[int]
) -> dict[int, list[UndeliveredMessage]]:
    """What failed in the present serving of each notice."""
    failed: ColumnElement[bool] = or_(
        MessageRow.state.in_((MessageState.REJECTED, MessageState.PARKED)),
        MessageRow.bounced_at.is_not(None),
    )
    rows = session.execute(
        select(
            MessageRow.notice_id,
            MessageRow.contact_id,
            MessageRow.to_address,
            MessageRow.state,
            MessageRow.bounced_at,
            MessageRow.bounce_note,
            MessageRow.last_reply,
            LetterRow.address_lines,
        )
        .outerjoin(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            MessageRow.notice_id.in_(notice_ids),
            MessageRow.purpose == MessagePurpose.NOTICE,
            MessageRow.serving_number == NoticeRow.serving_number,
            failed,
        )
        .order_by(MessageRow.id)
    )
    found: dict[int, list[UndeliveredMessage]] = {}
    for row in rows:
        words = row.bounce_note if row.bounced_at else row.last_reply
        one = UndeliveredMessage(
            row.to_address or "",
            row.state,
            words or "",
            row.contact_id or 0,
            (row.address_lines or [""])[0],
        )
        found.setdefault(row.notice_id or 0, []).append(one)
    return found


@dataclass(frozen=True)
class UnservedNotice:
    """A notice of a release that is not served; failure: why, where it is known."""

    id: int
    reference: str
    client: str
    failure: HoldReason | None


def list_unserved(session: Session, release_id: int, *, limit: int) -> list[UnservedNotice]:
    """Notices of a release that failed and need a person, the first `limit` by reference. Of
    which nothing stands any more need nobody."""
    rows = session.execute(
        select(NoticeRow.id, NoticeRow.reference, ClientRow.name, NoticeRow.failure_reason)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(*_unserved(release_id))
        .order_by(NoticeRow.reference)
        .limit(limit)
    )
    return [
        UnservedNotice(id_, reference, client, HoldReason(failure) if failure else None)
        for id_, reference, client, failure in rows
    ]


def count_unserved(session: Session, release_id: int) -> int:
    """How many those are."""
    return session.scalar(select(func.count()).where(*_unserved(release_id))) or 0


def _unserved(release_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        NoticeRow.release_id == release_id,
        NoticeRow.state == NoticeState.NOT_SERVED,
        ~is_overtaken(NoticeRow.id),
    )


@dataclass(frozen=True)
class LostMail:
    """A mail about a notice, other than the notice itself, that did not reach its contact."""

    notice_id: int
    client: str
    purpose: MessagePurpose
    to_address: str
    words: str


def count_lost(session: Session, since: datetime) -> int:
    """How many reminders, receipts, answers and closing mails to designated contacts came back or
    were refused from `since` on. A notice that did not arrive is not served: it is not among
    them."""
    return session.scalar(select(func.count()).where(*_lost(since))) or 0


def list_lost(session: Session, since: datetime, *, limit: int) -> list[LostMail]:
    """The latest of them first."""
    rows = session.execute(
        select(
            MessageRow.notice_id,
            ClientRow.name,
            MessageRow.purpose,
            MessageRow.to_address,
            func.coalesce(MessageRow.bounce_note, MessageRow.last_reply, ""),
        )
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(*_lost(since))
        .order_by(MessageRow.id.desc())
        .limit(limit)
    )
    return [
        LostMail(row[0] or 0, row[1], MessagePurpose(row[2]), row[3] or "", row[4]) for row in rows
    ]


def _lost(since: datetime) -> tuple[ColumnElement[bool], ...]:
    tried = select(AttemptRow.id).where(
        AttemptRow.message_id == MessageRow.id, AttemptRow.started_at >= since
    )
    refused = (MessageRow.state == MessageState.REJECTED.value) & tried.exists()
    return (
        MessageRow.notice_id.is_not(None),
        MessageRow.contact_kind == ContactKind.NOTICE.value,
        MessageRow.purpose != MessagePurpose.NOTICE.value,
        or_(MessageRow.bounced_at >= since, refused),
    )
