"""Store what came back, tie it to its client by its signed tag, and act on what it reports.

Nothing is lost and nothing counts twice: the same bytes are one mail. Only a report with a valid
tag changes anything by itself; automatic replies are filed at once; everything else waits for a
person, and holds silence of its client meanwhile (DESIGN section 9).
"""

import hashlib
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.delivery.incoming import read_incoming
from subnotify.delivery.incoming_mail import IncomingMail, UnreadableMail
from subnotify.delivery.mail_tags import TagKind
from subnotify.delivery.sealing import SealKey, seal
from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.open_incoming import incoming_owner
from subnotify.operations.record_delivery_events import (
    ToldEvent,
    append_delivery_events,
    lock_reported,
)
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.rules.delivery_events import ReportedEvent
from subnotify.rules.words import (
    EventSource,
    FiledAs,
    IncomingKind,
    IncomingSource,
    TagStanding,
)
from subnotify.storage.incoming import (
    TaggedMessage,
    append_mails,
    file_stored,
    find_stored,
    find_tagged_messages,
    list_running_cases,
    storable,
)

log = logging.getLogger(__name__)

# A larger mail is not read by the machine: a person opens it.
LARGEST_READ = 25 * 1024 * 1024
_LONGEST_WORDS = 20_000
_LONGEST_SUBJECT = 1_000
_LONGEST_IDS = 998


@dataclass(frozen=True)
class ReturnSettings:
    """return_address: the base of our tagged addresses, None where there are none.

    own_addresses: all that we write from. keys: the present seal key, then those it replaced.
    """

    return_address: str | None
    keys: tuple[SealKey, ...] = field(repr=False)
    legal_email: str
    own_addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class ArrivedMail:
    """A mail as it came. received_at: when our server took it. recipient: to whom, if it says.

    is_whole: False where `raw` is only the header part of a mail too large to be read. note: what
    evidence should keep of how it came.
    """

    raw: bytes = field(repr=False)
    received_at: datetime
    place: str = ""
    recipient: str | None = None
    is_whole: bool = True
    note: str = ""


def receive_mail(
    session: Session,
    raw: bytes,
    *,
    received_at: datetime,
    source: IncomingSource,
    place: str = "",
    recipient: str | None = None,
    settings: ReturnSettings,
    at: datetime,
) -> int:
    """Store one mail and act on it; its id, the same for the same bytes."""
    arrived = ArrivedMail(raw, received_at, place, recipient)
    return receive_mails(session, [arrived], source=source, settings=settings, at=at)[0]


def receive_mails(
    session: Session,
    mails: Sequence[ArrivedMail],
    *,
    source: IncomingSource,
    settings: ReturnSettings,
    at: datetime,
) -> list[int]:
    """Store mails and act on them, all in one transaction; their ids in the order given.

    What cannot be read is stored as it is and waits for a person. Raises what the database raises:
    then nothing is stored, and the mails must be given again.
    """
    read: dict[str, _Read] = {}
    for arrived in mails:
        one = _Read(arrived, _read(arrived, settings))
        read.setdefault(one.digest, one)
    return taking_turns(lambda: _receive(session, mails, read, source, settings, at))


class _Read:
    """A mail with what it says."""

    def __init__(self, arrived: ArrivedMail, says: IncomingMail) -> None:
        self.arrived = arrived
        self.says = says
        self.digest = _digest(arrived.raw)
        self.message: TaggedMessage | None = None

    @property
    def is_proven_report(self) -> bool:
        """It came to the address of bounces that we gave one message, and that message left.

        The address of replies stands in the mail itself: whoever has it could write a report.
        """
        tag, message = self.says.tag, self.message
        return (
            self.says.kind is IncomingKind.REPORT
            and bool(self.says.reports)
            and tag is not None
            and tag.kind is TagKind.BOUNCE
            and message is not None
            and message.was_tried
        )

    @property
    def filed_as(self) -> FiledAs | None:
        """None: it waits for a person."""
        if self.is_proven_report:
            return FiledAs.REPORT
        is_automatic = self.says.kind is IncomingKind.AUTO_REPLY and not self.says.for_person
        return FiledAs.AUTO_REPLY if is_automatic else None


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _read(arrived: ArrivedMail, settings: ReturnSettings) -> IncomingMail:
    """What it says; what cannot be read is taken for a reply that a person must read."""
    try:
        says = read_incoming(
            arrived.raw if arrived.is_whole else arrived.raw[:LARGEST_READ],
            return_address=settings.return_address,
            own_addresses=settings.own_addresses,
            keys=settings.keys,
            envelope_recipient=arrived.recipient or None,
        )
    except UnreadableMail as error:
        return _unread(f"it could not be read: {error}")
    except Exception as error:
        # Whatever it is: one mail must not stop the others, nor be lost.
        log.exception("an incoming mail could not be read")
        return _unread(f"it could not be read: {type(error).__name__}")
    return says if arrived.is_whole else _too_large(says)


def _unread(reason: str) -> IncomingMail:
    return IncomingMail(IncomingKind.REPLY, TagStanding.MISSING, reason=reason)


def _too_large(says: IncomingMail) -> IncomingMail:
    """Without its body nobody knows what it is: a person opens it in the mailbox."""
    return IncomingMail(
        kind=IncomingKind.REPLY,
        tag_standing=says.tag_standing,
        tag=says.tag,
        message_ids=says.message_ids,
        from_address=says.from_address,
        from_name=says.from_name,
        subject=says.subject,
        reason="it is too large to be read by the machine, but for its header",
        sent_at=says.sent_at,
    )


def _receive(
    session: Session,
    mails: Sequence[ArrivedMail],
    read: dict[str, _Read],
    source: IncomingSource,
    settings: ReturnSettings,
    at: datetime,
) -> list[int]:
    with transaction(session):
        ids = find_stored(session, read)
        new = [one for digest, one in read.items() if digest not in ids]
        if new:
            ids |= _store(session, new, source, settings, at)
        return [ids[_digest(arrived.raw)] for arrived in mails]


def _store(
    session: Session,
    new: Sequence[_Read],
    source: IncomingSource,
    settings: ReturnSettings,
    at: datetime,
) -> dict[str, int]:
    named = {one.says.tag.message_id for one in new if one.says.tag is not None}
    messages = find_tagged_messages(session, named)
    for one in new:
        one.message = messages.get(one.says.tag.message_id) if one.says.tag else None
    # All locks are taken before the first row is written: notices, cases, messages.
    told = [event for one in new if one.is_proven_report for event in _told(one, None)]
    waiting = {
        one.message.client_id
        for one in new
        if one.filed_as is None and one.message and one.message.client_id
    }
    locked = lock_reported(session, told, waiting)
    cases = list_running_cases(session, waiting)
    ids = append_mails(session, [_row(one, source, settings, at) for one in new])
    stored = [one for one in new if one.digest in ids]
    actor = f"mail:{source.value}"
    _append_evidence(session, stored, ids, source, actor, at)
    for filed_as in (FiledAs.REPORT, FiledAs.AUTO_REPLY):
        filed = [ids[one.digest] for one in stored if one.filed_as is filed_as]
        file_stored(session, filed, filed_as, at=at)
    reports = [one for one in new if one.is_proven_report]
    events = [event for one in reports for event in _told(one, ids.get(one.digest))]
    if events:
        append_delivery_events(
            session, events, locked, actor=actor, legal_email=settings.legal_email, at=at
        )
    apply_standings(session, cases, actor=actor, at=at)
    # Somebody else stored the others meanwhile.
    return ids | find_stored(session, {one.digest for one in new} - set(ids))


def _row(
    one: _Read, source: IncomingSource, settings: ReturnSettings, at: datetime
) -> dict[str, Any]:
    says, message = one.says, one.message
    sealed = seal(one.arrived.raw, settings.keys[0], owner=incoming_owner(one.digest))
    return {
        "source": source.value,
        "place": storable(one.arrived.place, 300),
        "received_at": one.arrived.received_at,
        "collected_at": at,
        "digest": sealed.digest,
        "ciphertext": sealed.ciphertext,
        "kind": says.kind.value,
        "tag": says.tag_standing.value,
        "message_id": message.id if message else None,
        "notice_id": message.notice_id if message else None,
        "client_id": message.client_id if message else None,
        "from_address": storable(says.from_address, 254),
        "from_name": storable(says.from_name, 200),
        "subject": storable(says.subject, _LONGEST_SUBJECT),
        "in_reply_to": storable(" ".join(says.message_ids), _LONGEST_IDS),
        "sent_at": says.sent_at,
        "text": storable(says.text or says.quoted, _LONGEST_WORDS),
        "reason": storable("; ".join(x for x in (says.reason, says.for_person) if x), 1_000),
        "filed_note": "",
    }


def _told(one: _Read, mail_id: int | None) -> list[ToldEvent]:
    """The reports of a mail, each with an id of its own that a second reading gives again."""
    if one.message is None:
        return []
    return [
        ToldEvent(
            ReportedEvent(
                external_id=f"{one.digest}:{number}",
                kind=report.kind,
                happened_at=report.happened_at or one.arrived.received_at,
                message_id=one.message.id,
                status=storable(report.status, 20),
                host=storable(report.host, 254),
                words=storable(report.words, 2_000),
                incoming_mail_id=mail_id,
            ),
            EventSource.DSN if report.standard else EventSource.BOUNCE,
            one.arrived.received_at,
        )
        for number, report in enumerate(one.says.reports, start=1)
    ]


def _append_evidence(
    session: Session,
    stored: Collection[_Read],
    ids: dict[str, int],
    source: IncomingSource,
    actor: str,
    at: datetime,
) -> None:
    append_evidence_many(
        session,
        [
            NewEvidence(
                "mail_received",
                "incoming_mail",
                ids[one.digest],
                {
                    "mail_sha256": one.digest,
                    "source": source,
                    "received_at": one.arrived.received_at,
                    "kind": one.says.kind,
                    "tag": one.says.tag_standing,
                    "message": one.message.id if one.message else None,
                    "from": storable(one.says.from_address, 254),
                    "filed_as": one.filed_as,
                    "note": one.arrived.note,
                },
            )
            for one in stored
        ],
        actor=actor,
        at=at,
    )
