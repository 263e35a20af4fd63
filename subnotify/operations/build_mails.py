"""Build the bytes of claimed messages once, seal them, and open them again for every repeat.

Nothing is written here: a database that lets one write at a time would wait for the building.
`send_batches.begin_attempts` commits bytes, Message-ID, link digest and the attempt together,
before the network is touched.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from subnotify.delivery.courier import Envelope
from subnotify.delivery.headers import Mailbox, UnsafeHeader
from subnotify.delivery.mail_settings import MailFlow
from subnotify.delivery.mail_tags import TagKind, tagged_address
from subnotify.delivery.mime import MailSkeleton, mint_message_id
from subnotify.delivery.retries import pause_after
from subnotify.delivery.sealing import SealBroken, SealedMail, SealKey, open_sealed, seal
from subnotify.operations.built_batches import BuiltBatch, ReadyMail, SetAside
from subnotify.operations.deadline_calendars import attached_calendar
from subnotify.rules.errors import N_
from subnotify.rules.troubles import SEAL_DOES_NOT_OPEN
from subnotify.rules.words import MailHost, MessagePurpose, MessageState
from subnotify.storage import outbox
from subnotify.storage.database import begin_read_only
from subnotify.storage.outbox import BuiltMail, OutgoingMessage, StoredSeal

log = logging.getLogger(__name__)

CONTACT_CHANGED = N_(
    "The designated contact, or its name or address, was changed after this was queued: it would"
    " go to who or what is no longer on record. Serve the notice anew."
)


class MailText(Protocol):
    """The words of one mail."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def calendar(self) -> bytes | None: ...


# The words of one message, given its link token (None for mail without a personal link).
WriteText = Callable[[OutgoingMessage, str | None], MailText]
# Loads what the texts of a whole batch need, and returns what writes each of them.
LoadTexts = Callable[[Session, Sequence[OutgoingMessage]], WriteText]


@dataclass(frozen=True)
class OutboxSettings:
    """How the outbox sends.

    `return_address` (None: `sender`) is where bounces and replies come, each to a form of it that
    names its message by a signed tag. `legal_email` is told of notices that are not served,
    and all mails to it are in `legal_language`.
    `mail_host` says what the server's 250 proves. `replaced_seal_keys` still open what they sealed.
    `batch_size` is for each connection. `lease` is how long a runner may hold a mail; those of a
    killed runner wait that long. `reconnect_pause` is the first pause before a new connection where
    the server ended one; it doubles.
    """

    sender: Mailbox
    seal_key: SealKey
    legal_email: str
    legal_language: str = "en"
    mail_host: MailHost = MailHost.RELAY
    replaced_seal_keys: tuple[SealKey, ...] = ()
    list_id: str | None = None
    return_address: str | None = None
    batch_size: int = 300
    lease: timedelta = timedelta(minutes=15)
    flow: MailFlow = field(default_factory=MailFlow)
    reconnect_pause: timedelta = timedelta(seconds=1)


class MailBuilder:
    """Builds and opens mails for one run; keeps one skeleton for each language."""

    def __init__(self, settings: OutboxSettings, load_texts: LoadTexts) -> None:
        self._settings = settings
        self._load_texts = load_texts
        self._skeletons: dict[str, MailSkeleton] = {}

    def build(
        self, session: Session, messages: Sequence[OutgoingMessage], *, at: datetime
    ) -> BuiltBatch:
        """Return the claimed messages with their bytes, new ones where they have none yet.

        The session is only read, and its transaction ended before the long part. A message that
        cannot be written is parked with the reason, one whose sealed bytes do not open is put
        off; both leave the batch and stop nothing else. Errors of the database are raised: they
        are not the message's fault.
        """
        # On SQLite any other transaction would keep all others from writing meanwhile.
        begin_read_only(session)
        batch = BuiltBatch(aside=self._former(session, messages))
        left = {one.message.id for one in batch.aside}
        messages = [self._in_its_language(one) for one in messages if one.id not in left]
        seals = outbox.list_seals(session, [one.id for one in messages])
        new = [one for one in messages if one.id not in seals]
        threads = _threads(session, new)
        writers = self._writers(session, new)
        session.rollback()
        for message in messages:
            made = (
                self._open(message, seals[message.id], at)
                if message.id in seals
                else self._write(message, writers[message.id], threads, at)
            )
            if isinstance(made, SetAside):
                batch.aside.append(made)
                continue
            mail, kept = made
            batch.ready.append(mail)
            if kept is not None:
                batch.new.append(kept)
        return batch

    def _in_its_language(self, message: OutgoingMessage) -> OutgoingMessage:
        """Mails to legal are in the language of the setting when they are built, not when they
        were queued; who is no contact is legal."""
        if message.contact_id is not None:
            return message
        return replace(message, language=self._settings.legal_language)

    def _former(self, session: Session, messages: Sequence[OutgoingMessage]) -> list[SetAside]:
        """Who is designated no more is not written to: that would serve nobody, and the notice
        waits for legal to serve it anew."""
        ids = set(outbox.list_no_longer_designated(session, [one.id for one in messages]))
        former = [one for one in messages if one.id in ids]
        for one in former:
            log.warning("message %s is parked: its contact was changed", one.logical_key)
        return [SetAside(one, MessageState.PARKED, CONTACT_CHANGED) for one in former]

    def _writers(
        self, session: Session, messages: Sequence[OutgoingMessage]
    ) -> dict[int, WriteText | Exception]:
        """What writes each message: texts loaded for all at once, or one by one if that fails
        because of one of them."""
        if not messages:
            return {}
        try:
            write = self._load_texts(session, messages)
        except SQLAlchemyError:
            raise
        except Exception:
            return {one.id: self._load_alone(session, one) for one in messages}
        return {one.id: write for one in messages}

    def _load_alone(self, session: Session, message: OutgoingMessage) -> WriteText | Exception:
        try:
            return self._load_texts(session, [message])
        except SQLAlchemyError:
            raise
        except Exception as error:
            return error

    def _write(
        self,
        message: OutgoingMessage,
        writer: WriteText | Exception,
        threads: dict[tuple[int, int], str],
        at: datetime,
    ) -> tuple[ReadyMail, BuiltMail] | SetAside:
        try:
            if isinstance(writer, Exception):
                raise writer
            return self._write_with(message, writer, threads, at)
        except Exception as error:
            log.exception("message %s cannot be written and is parked", message.logical_key)
            reason = f"{type(error).__name__}: {error}"[:1000].replace("\0", "\ufffd")
            return SetAside(message, MessageState.PARKED, reason)

    def _write_with(
        self,
        message: OutgoingMessage,
        write: WriteText,
        threads: dict[tuple[int, int], str],
        at: datetime,
    ) -> tuple[ReadyMail, BuiltMail]:
        sender = self._settings.sender
        to = _addressee(message)
        token = mint_link_token() if message.notice_id and message.contact_id else None
        text = write(message, token)
        message_id = mint_message_id(sender.domain)
        thread = threads.get((message.notice_id or 0, message.contact_id or 0))
        envelope_from, reply_to = self._return_addresses(message.id)
        raw = self._skeleton(message.language).fill(
            to=to,
            subject=text.subject,
            message_id=message_id,
            date=at,
            text=text.text,
            html=text.html,
            reply_to=reply_to,
            in_reply_to=thread,
            references=(thread,) if thread else (),
            attached=attached_calendar(text.calendar) if text.calendar else None,
        )
        sealed = seal(raw, self._settings.seal_key, owner=message.logical_key)
        number = message.attempt_count + 1
        kept = BuiltMail(
            message_id=message.id,
            attempt_number=number,
            message_id_header=message_id,
            envelope_from=envelope_from,
            subject=text.subject,
            link_digest=link_digest(token) if token else None,
            seal=StoredSeal(sealed.digest, sealed.ciphertext),
        )
        envelope = envelope_of(message, envelope_from, message_id)
        return ReadyMail(message, number, envelope, raw, sealed.digest), kept

    def _return_addresses(self, message_id: int) -> tuple[str, Mailbox | None]:
        """The envelope sender, and where replies go (None: to the sender)."""
        base, key = self._settings.return_address, self._settings.seal_key
        if base is None:
            return self._settings.sender.address, None
        bounces = tagged_address(base, TagKind.BOUNCE, message_id, key)
        replies = tagged_address(base, TagKind.REPLY, message_id, key)
        return bounces, Mailbox(replies, self._settings.sender.name)

    def _open(
        self, message: OutgoingMessage, stored: StoredSeal, at: datetime
    ) -> tuple[ReadyMail, None] | SetAside:
        keys = (self._settings.seal_key, *self._settings.replaced_seal_keys)
        sealed = SealedMail(stored.digest, stored.ciphertext)
        try:
            raw = open_sealed(sealed, keys, owner=message.logical_key)
        except SealBroken as error:
            # Never built anew: a repeat has the same bytes. Most likely the key is missing.
            log.error("message %s is put off: %s", message.logical_key, error)
            pause = pause_after(10, message.logical_key, concerns_server=True)
            return SetAside(message, message.state, SEAL_DOES_NOT_OPEN, next_attempt_at=at + pause)
        sender = message.envelope_from or self._settings.sender.address
        envelope = envelope_of(message, sender, message.message_id_header or "")
        number = message.attempt_count + 1
        return ReadyMail(message, number, envelope, raw, sealed.digest), None

    def _skeleton(self, language: str) -> MailSkeleton:
        if language not in self._skeletons:
            self._skeletons[language] = MailSkeleton(
                sender=self._settings.sender, language=language, list_id=self._settings.list_id
            )
        return self._skeletons[language]


def envelope_of(message: OutgoingMessage, sender: str, message_id_header: str) -> Envelope:
    """The envelope of a message: reports quote the left part of its Message-ID (RFC 3461, 4.4).

    That a notice arrived is a proof; of other mails only failures matter.
    """
    return Envelope(
        sender,
        message.to_address or "",
        message_id_header.strip("<>").partition("@")[0],
        report_success=message.purpose is MessagePurpose.NOTICE,
    )


def mint_link_token() -> str:
    """A new token of a personal link: 256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def link_digest(token: str) -> str:
    """What is stored of a link token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def _addressee(message: OutgoingMessage) -> Mailbox:
    """The mailbox written to. A name that may not stand in a header is left out: the address
    is what matters, and nothing may keep a notice back for the sake of a name."""
    address = message.to_address or ""
    try:
        return Mailbox(address, message.contact_name)
    except UnsafeHeader:
        return Mailbox(address)


def _threads(session: Session, messages: Sequence[OutgoingMessage]) -> dict[tuple[int, int], str]:
    later = {one.notice_id for one in messages if one.purpose is not MessagePurpose.NOTICE}
    notices = [notice_id for notice_id in later if notice_id is not None]
    return outbox.list_notice_message_ids(session, notices) if notices else {}
