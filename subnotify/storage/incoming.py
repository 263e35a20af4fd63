"""Incoming mails as they are stored and tied: whose they are, and which cases wait for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.words import FiledAs, MessagePurpose
from subnotify.storage.insert_once import insert_or_nothing
from subnotify.storage.mail_readings import waits_for_person
from subnotify.storage.tables import (
    AgreementRow,
    AttemptRow,
    CaseRow,
    ChangeRow,
    IncomingMailRow,
    MailResponseRow,
    MessageRow,
    NoticeRow,
    ResponseRow,
    UtcDateTime,
)


@dataclass(frozen=True, slots=True)
class TaggedMessage:
    """What a valid tag ties a mail to. client_id None: a mail of ours to nobody's client.

    to_address: to whom it was sent.
    """

    id: int
    notice_id: int | None
    client_id: int | None
    to_address: str | None
    was_tried: bool


def storable(text: str, longest: int) -> str:
    """The text as any database takes it: no NUL, no half characters, at most so long."""
    sound = text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return sound[:longest]


def find_stored(session: Session, digests: Collection[str]) -> dict[str, int]:
    """The ids of those mails that are stored, by the digest of their bytes."""
    rows = session.execute(
        select(IncomingMailRow.digest, IncomingMailRow.id).where(
            IncomingMailRow.digest.in_(sorted(digests))
        )
    )
    return {row.digest: row.id for row in rows}


def find_tagged_messages(session: Session, ids: Collection[int]) -> dict[int, TaggedMessage]:
    """Those of these messages that exist, by id."""
    tried = select(AttemptRow.id).where(AttemptRow.message_id == MessageRow.id).exists()
    rows = session.execute(
        select(
            MessageRow.id,
            MessageRow.notice_id,
            AgreementRow.client_id,
            MessageRow.to_address,
            or_(MessageRow.handed_over_at.is_not(None), tried),
        )
        .outerjoin(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .outerjoin(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .where(MessageRow.id.in_(sorted(ids)))
    )
    return {row[0]: TaggedMessage(*row[:4], bool(row[4])) for row in rows}


def append_mails(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Store mails; the ids by digest of those that nobody stored meanwhile."""
    if not rows:
        return {}
    stored = session.execute(
        insert_or_nothing(session, IncomingMailRow).returning(
            IncomingMailRow.digest, IncomingMailRow.id
        ),
        list(rows),
    )
    return {row.digest: row.id for row in stored}


def file_stored(session: Session, ids: Collection[int], filed_as: FiledAs, *, at: datetime) -> None:
    """File these mails without a person."""
    if ids:
        session.execute(
            update(IncomingMailRow)
            .where(IncomingMailRow.id.in_(sorted(ids)))
            .values(filed_at=at, filed_as=filed_as.value)
        )


def running_cases_of(client_ids: Collection[int]) -> ColumnElement[bool]:
    """The cases without an outcome of these clients, under all their agreements."""
    agreements = select(AgreementRow.id).where(AgreementRow.client_id.in_(sorted(client_ids)))
    return CaseRow.agreement_id.in_(agreements) & CaseRow.outcome.is_(None)


def list_running_cases(session: Session, client_ids: Collection[int]) -> list[int]:
    if not client_ids:
        return []
    query = select(CaseRow.id).where(running_cases_of(client_ids)).order_by(CaseRow.id)
    return list(session.scalars(query))


def get_tie(session: Session, mail_id: int) -> tuple[int | None, int | None]:
    """Notice and client of a mail, as they are now. Raises NotFound."""
    row = session.execute(
        select(IncomingMailRow.notice_id, IncomingMailRow.client_id).where(
            IncomingMailRow.id == mail_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return row.notice_id, row.client_id


def lock_mail(session: Session, mail_id: int) -> IncomingMailRow:
    """The mail as it is now, locked after its cases. Raises NotFound."""
    row = session.scalars(
        select(IncomingMailRow)
        .where(IncomingMailRow.id == mail_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class NoticeOfCase:
    """To whom and to what a case belongs. position: of its change in the release."""

    case_id: int
    notice_id: int
    client_id: int
    position: int | None


def load_notices_of_cases(session: Session, case_ids: Collection[int]) -> dict[int, NoticeOfCase]:
    """By case; those that do not exist are left out."""
    rows = session.execute(
        select(CaseRow.id, CaseRow.notice_id, AgreementRow.client_id, ChangeRow.position)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(CaseRow.id.in_(sorted(case_ids)))
        .order_by(CaseRow.id)
    )
    return {row[0]: NoticeOfCase(*row) for row in rows}


def find_notice_message(session: Session, notice_id: int, address: str) -> int | None:
    """The latest mail of a notice to the contact with this address, if there is one."""
    if not address:
        return None
    return session.scalars(
        select(MessageRow.id)
        .where(
            MessageRow.notice_id == notice_id,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            func.lower(MessageRow.to_address) == address.lower(),
        )
        .order_by(MessageRow.serving_number.desc(), MessageRow.id.desc())
        .limit(1)
    ).one_or_none()


def find_left_at(session: Session, message_id: int) -> datetime | None:
    """When a message was first tried, or handed over where no try is on record."""
    first = (
        select(func.min(AttemptRow.started_at))
        .where(AttemptRow.message_id == MessageRow.id)
        .scalar_subquery()
    )
    query = select(func.coalesce(first, MessageRow.handed_over_at, type_=UtcDateTime()))
    return session.scalar(query.where(MessageRow.id == message_id))


def list_recorded(session: Session, mail_id: int) -> tuple[int, ...]:
    """The responses that were recorded from a mail."""
    rows = session.scalars(
        select(MailResponseRow.response_id)
        .where(MailResponseRow.incoming_mail_id == mail_id)
        .order_by(MailResponseRow.response_id)
    )
    return tuple(rows)


def list_answered_cases(session: Session, mail_id: int) -> set[int]:
    """The cases that the responses recorded from a mail speak of, where they name any."""
    rows = session.scalars(
        select(ResponseRow.case_id)
        .join(MailResponseRow, MailResponseRow.response_id == ResponseRow.id)
        .where(MailResponseRow.incoming_mail_id == mail_id, ResponseRow.case_id.is_not(None))
    )
    return {x for x in rows if x is not None}


def count_waiting_before(session: Session, instant: datetime) -> int:
    """How many mails wait for a person that our server took before this instant."""
    return (
        session.scalar(
            select(func.count(IncomingMailRow.id)).where(
                waits_for_person(), IncomingMailRow.received_at < instant
            )
        )
        or 0
    )
