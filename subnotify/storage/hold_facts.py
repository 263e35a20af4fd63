"""What stands behind the holds of a case: the mails, readings, outages and bounces themselves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from subnotify.rules.outages import LAST_HOURS, ServiceRecord
from subnotify.rules.words import HoldReason
from subnotify.storage.case_head import CaseHead
from subnotify.storage.incoming_letter_pages import (
    ListedLetter,
    list_untied_letters,
    list_waiting_letters_of_client,
)
from subnotify.storage.incoming_pages import (
    ListedMail,
    list_untied_mails,
    list_waiting_of_client,
)
from subnotify.storage.letter_contradictions import list_contested_letters
from subnotify.storage.mail_readings import find_read_until
from subnotify.storage.service_watch import find_service_record, list_open_freezes
from subnotify.storage.tables import MailboxReadingRow, OutageRow
from subnotify.storage.undelivered import UndeliveredMessage, list_undelivered

MOST_UNTIED = 5
_UNREAD = frozenset({HoldReason.REPLIES_NOT_READ, HoldReason.POST_NOT_OPENED})
_SERVING = frozenset({HoldReason.NOT_SERVED, HoldReason.BOUNCED, HoldReason.LETTER_RETURNED})


@dataclass(frozen=True)
class MachineReading:
    """How far the machine has read, and what stops it.

    places: where mail arrives; empty where no mailbox is configured. untied: the oldest mails of
    unknown clients that wait for a person.
    """

    places: Sequence[MailboxReadingRow]
    read_until_at: datetime | None
    untied: Sequence[ListedMail]


@dataclass(frozen=True)
class HoldFacts:
    """Loaded only where a hold asks for it; frozen_at: since when our clock is in doubt.
    contested: letters of which the proof is in doubt, by the id of their message."""

    waiting: Sequence[ListedMail] = ()
    letters: Sequence[ListedLetter] = ()
    reading: MachineReading | None = None
    outages: Sequence[OutageRow] = ()
    service: ServiceRecord | None = None
    undelivered: Sequence[UndeliveredMessage] = ()
    contested: Sequence[int] = ()
    frozen_at: datetime | None = None
    frozen_words: str = ""


def load_hold_facts(session: Session, head: CaseHead, holds: Collection[HoldReason]) -> HoldFacts:
    """The facts behind these holds, each kind in a query or two."""
    freezes = list_open_freezes(session)
    down = HoldReason.SERVICE_DOWN in holds and head.window is not None
    since, until = _last_hours(head)
    return HoldFacts(
        waiting=list_waiting_of_client(session, head.agreement.client_id)
        if HoldReason.REPLY_WAITS in holds
        else (),
        letters=_letters(session, head, holds),
        reading=load_machine_reading(session, before=until)
        if HoldReason.REPLIES_NOT_READ in holds
        else None,
        outages=_outages(session, since, until) if down and since and until else (),
        service=find_service_record(session, since=since) if down and since else None,
        undelivered=list_undelivered(session, [head.notice.id]).get(head.notice.id, ())
        if not _SERVING.isdisjoint(holds)
        else (),
        contested=list_contested_letters(session, head.notice.id)
        if HoldReason.PROOF_CONTESTED in holds
        else (),
        frozen_at=freezes[0].noticed_at if freezes else None,
        frozen_words=freezes[0].words if freezes else "",
    )


def _letters(
    session: Session, head: CaseHead, holds: Collection[HoldReason]
) -> Sequence[ListedLetter]:
    """Of the client where a reply waits; of unknown clients where something may lie unread."""
    if HoldReason.REPLY_WAITS in holds:
        return list_waiting_letters_of_client(session, head.agreement.client_id)
    if _UNREAD.isdisjoint(holds):
        return ()
    return list_untied_letters(session, limit=MOST_UNTIED)


def load_machine_reading(session: Session, *, before: datetime | None = None) -> MachineReading:
    """before: mails of unknown clients from then on stop nothing here, and are left out."""
    untied = list_untied_mails(session, limit=MOST_UNTIED)
    return MachineReading(
        session.scalars(select(MailboxReadingRow).order_by(MailboxReadingRow.id)).all(),
        find_read_until(session),
        [mail for mail in untied if before is None or mail.received_at < before],
    )


def _last_hours(head: CaseHead) -> tuple[datetime | None, datetime | None]:
    """The time before the ends that count: of the window, and of the second silence rule."""
    if head.window is None:
        return None, None
    closes_at = head.window.closes_at
    since = max(head.window.opens_at, closes_at - LAST_HOURS)
    unresolved = head.facts.unresolved
    return since, max(closes_at, unresolved.ends_at) if unresolved else closes_at


def _outages(session: Session, since: datetime, until: datetime) -> Sequence[OutageRow]:
    return session.scalars(
        select(OutageRow)
        .where(
            OutageRow.began_at < until,
            or_(OutageRow.ended_at.is_(None), OutageRow.ended_at > since),
        )
        .order_by(OutageRow.began_at)
    ).all()
