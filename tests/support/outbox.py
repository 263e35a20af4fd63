"""Notices with queued messages, and texts for them: what sending needs and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from subnotify.delivery.headers import Mailbox
from subnotify.delivery.mail_settings import MailFlow
from subnotify.delivery.sealing import SealKey
from subnotify.operations.build_mails import OutboxSettings, WriteText
from subnotify.rules.words import (
    Channel,
    ContactKind,
    MessagePurpose,
    MessageState,
    NoticeState,
    ReleaseState,
)
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.tables.agreements import (
    AgreementContactRow,
    AgreementRow,
    ClientRow,
    ContactRow,
)
from subnotify.storage.tables.mail import MessageRow
from subnotify.storage.tables.notices import NoticeRow
from subnotify.storage.tables.releases import ReleaseRow

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
SETTINGS = OutboxSettings(
    sender=Mailbox("privacy@vendor.example", "Vendor, équipe vie privée"),
    seal_key=SealKey(bytes(range(32))),
    legal_email="legal@vendor.example",
    list_id="subprocessors.vendor.example",
    batch_size=10,
    flow=MailFlow(connections=1),
    reconnect_pause=timedelta(0),
)


@dataclass(frozen=True)
class Words:
    subject: str
    text: str
    html: str
    calendar: bytes | None = None


def load_texts(_session: Session, messages: Sequence[OutgoingMessage]) -> WriteText:
    known = {one.id for one in messages}

    def write(message: OutgoingMessage, token: str | None) -> Words:
        assert message.id in known
        link = f"https://vendor.example/n/{token}"
        return Words(f"Notice {message.id}", f"Open {link}\n", f"<p>{link}</p>\n")

    return write


def queue_notices(session: Session, number: int, *, at: datetime = AT) -> list[int]:
    """Queue one notice mail to each of `number` new clients; the message ids. Commits."""
    release_id = session.execute(
        insert(ReleaseRow).values(
            state=ReleaseState.RELEASED, reason={}, paragraph={}, drafted_by="p", drafted_at=at
        )
    ).inserted_primary_key[0]
    for index in range(number):
        key = f"{release_id}-{index}"
        client_id = _insert(session, ClientRow, key=key, name=key, country="FR", created_at=at)
        agreement_id = _insert(
            session, AgreementRow, key=key, client_id=client_id, reference=key, language="fr"
        )
        address = f"dpo{index}@client.example"
        contact_id = _insert(
            session,
            ContactRow,
            key=key,
            client_id=client_id,
            name=f"Ann É {index}",
            email=address,
        )
        _insert(
            session,
            AgreementContactRow,
            agreement_id=agreement_id,
            contact_id=contact_id,
            kind=ContactKind.NOTICE,
        )
        notice_id = _insert(
            session,
            NoticeRow,
            reference=key,
            release_id=release_id,
            agreement_id=agreement_id,
            language="fr",
            state=NoticeState.QUEUED,
            created_at=at,
        )
        _insert(
            session,
            MessageRow,
            **message_values(
                f"notice:{notice_id}:{contact_id}:email:1",
                to_address=address,
                notice_id=notice_id,
                contact_id=contact_id,
                contact_kind=ContactKind.NOTICE,
                at=at,
            ),
        )
    session.commit()
    return list(session.scalars(select(MessageRow.id).order_by(MessageRow.id)))


def message_values(logical_key: str, *, at: datetime = AT, **values: Any) -> dict[str, Any]:
    return {
        "logical_key": logical_key,
        "purpose": MessagePurpose.NOTICE,
        "channel": Channel.EMAIL,
        "language": "fr",
        "state": MessageState.QUEUED,
        "queued_at": at,
        "next_attempt_at": at,
    } | values


def _insert(session: Session, table: Any, **values: Any) -> int:
    return int(session.execute(insert(table).values(**values)).inserted_primary_key[0])
