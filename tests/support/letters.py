"""Letters for tests: terms that ask for post, notices announced by post, events by days."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from subnotify.operations.queue_letters import queue_letters
from subnotify.operations.record_letter_events import (
    EventReport,
    GivenEvent,
    record_letter_events,
)
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import ChannelChoice
from subnotify.rules.words import (
    Channel,
    LetterEventKind,
    LetterEventSource,
    LetterReason,
    ProofKind,
)
from subnotify.storage.tables import LetterRow, MessageRow
from tests.support.scenario import FIFTEEN, Announced, Scenario, terms_of

LEGAL = "legal@hexapode.example"


def terms_by(
    *channels: Channel,
    choice: ChannelChoice = ChannelChoice.ANY,
    preset: str = FIFTEEN,
    proofs: Iterable[ProofKind] = (ProofKind.REGISTERED_DELIVERY, ProofKind.ACKNOWLEDGEMENT),
) -> NoticeTerms:
    """A preset whose notices go by these channels."""
    return replace(
        terms_of(preset),
        channels=channels,
        channel_choice=choice,
        proof_of_receipt=frozenset(proofs),
    )


def announce_by_post(
    scenario: Scenario, terms: NoticeTerms, *, contacts: int = 1, keep_mails: bool = False
) -> tuple[Announced, list[int]]:
    """A notice under these terms whose letters are queued; the ids of the letters' messages."""
    session = scenario.session
    announced = scenario.announce(terms=terms, served=False, contacts=contacts)
    if not keep_mails:
        session.execute(delete(MessageRow).where(MessageRow.notice_id == announced.notice_id))
    queue_letters(session, [announced.notice_id], LetterReason.TERMS, at=scenario.at)
    session.commit()
    return announced, letters_of(session, announced.notice_id)


def letters_of(session: Session, notice_id: int) -> list[int]:
    return list(
        session.scalars(
            select(LetterRow.message_id)
            .join(MessageRow, MessageRow.id == LetterRow.message_id)
            .where(MessageRow.notice_id == notice_id)
            .order_by(LetterRow.message_id)
        )
    )


def tell(
    session: Session, letter_id: int, kind: LetterEventKind, on: date, *, at: datetime
) -> EventReport:
    """Record one event of one letter, as legal does on the desk."""
    return tell_all(session, [GivenEvent(letter_id, kind, on)], at=at)


def tell_all(session: Session, events: Iterable[GivenEvent], *, at: datetime) -> EventReport:
    return record_letter_events(
        session,
        list(events),
        source=LetterEventSource.DESK,
        by="marc",
        actor="operator:2",
        legal_email=LEGAL,
        at=at,
    )
