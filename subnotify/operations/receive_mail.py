"""Store what came back, tie it to its client by its signed tag, and act on what it reports.

Nothing is lost and nothing counts twice: the same bytes are one mail. Only a report with a valid
tag changes anything by itself; automatic replies are filed at once; everything else waits for a
person, and holds silence of its client meanwhile (DESIGN section 9).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.delivery.incoming_mail import Report
from subnotify.delivery.reported_recipients import is_delivered_to
from subnotify.delivery.sealing import seal
from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.match_delivery_events import ToldEvent, lock_reported
from subnotify.operations.open_incoming import incoming_owner
from subnotify.operations.read_arrived import (
    ArrivedMail,
    ReadMail,
    ReturnSettings,
    digest_of,
    read_arrived,
)
from subnotify.operations.record_delivery_events import append_delivery_events
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.rules.delivery_events import ReportedEvent
from subnotify.rules.words import DeliveryEventKind, EventSource, FiledAs, IncomingSource
from subnotify.storage.incoming import (
    TaggedMessage,
    append_mails,
    file_stored,
    find_stored,
    find_tagged_messages,
    list_running_cases,
    storable,
)

__all__ = ["ArrivedMail", "ReturnSettings", "receive_mail", "receive_mails"]

_LONGEST_WORDS = 20_000
_LONGEST_SUBJECT = 1_000
_LONGEST_IDS = 998


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
    read: dict[str, ReadMail] = {}
    for arrived in mails:
        one = read_arrived(arrived, settings)
        read.setdefault(one.digest, one)
    return taking_turns(lambda: _receive(session, mails, read, source, settings, at))


def _receive(
    session: Session,
    mails: Sequence[ArrivedMail],
    read: dict[str, ReadMail],
    source: IncomingSource,
    settings: ReturnSettings,
    at: datetime,
) -> list[int]:
    with transaction(session):
        ids = find_stored(session, read)
        new = [one for digest, one in read.items() if digest not in ids]
        if new:
            ids |= _store(session, new, source, settings, at)
        return [ids[digest_of(arrived.raw)] for arrived in mails]


def _store(
    session: Session,
    new: Sequence[ReadMail],
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
    one: ReadMail, source: IncomingSource, settings: ReturnSettings, at: datetime
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


def _told(one: ReadMail, mail_id: int | None) -> list[ToldEvent]:
    """The reports of a mail, each with an id of its own that a second reading gives again."""
    if one.message is None:
        return []
    return [
        ToldEvent(
            _event(one, one.message, report, number, mail_id),
            EventSource.DSN if report.standard else EventSource.BOUNCE,
            one.arrived.received_at,
        )
        for number, report in enumerate(one.says.reports, start=1)
    ]


def _event(
    one: ReadMail, message: TaggedMessage, report: Report, number: int, mail_id: int | None
) -> ReportedEvent:
    """A failure counts for whomever the server names: nobody but our contact stands behind the
    tag. A delivery to somebody else is kept as passed on, which proves nothing."""
    kind, words = report.kind, report.words
    if kind is DeliveryEventKind.DELIVERED and not is_delivered_to(report, message.to_address):
        kind = DeliveryEventKind.RELAYED
        words = f"delivered to {report.final_recipient or 'nobody that it names'}: {words}"
    return ReportedEvent(
        external_id=f"{one.digest}:{number}",
        kind=kind,
        happened_at=report.happened_at or one.arrived.received_at,
        message_id=message.id,
        status=storable(report.status, 20),
        host=storable(report.host, 254),
        words=storable(words, 2_000),
        incoming_mail_id=mail_id,
    )


def _append_evidence(
    session: Session,
    stored: Collection[ReadMail],
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
