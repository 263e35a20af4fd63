"""Letters for tests: terms that ask for post, notices announced by post, events by days."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.delivery.sealing import seal as seal_octets
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
    LetterProduct,
    LetterReason,
    ProofKind,
)
from subnotify.storage.tables import LetterRow, MessageRow, SealedMailRow
from tests.support.scenario import FIFTEEN, Announced, Scenario, terms_of
from tests.support.settings import SEAL_KEY

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
    scenario: Scenario,
    terms: NoticeTerms,
    *,
    contacts: int = 1,
    keep_mails: bool = False,
    written: bool = True,
) -> tuple[Announced, list[int]]:
    """A notice under these terms whose letters are queued; the ids of the letters' messages.

    written: their bytes are made, as the printer needs them: nothing else is ever posted.
    """
    session = scenario.session
    announced = scenario.announce(terms=terms, served=False, contacts=contacts)
    if not keep_mails:
        session.execute(delete(MessageRow).where(MessageRow.notice_id == announced.notice_id))
    queue_letters(
        session, [announced.notice_id], LetterReason.TERMS, on=scenario.at.date(), at=scenario.at
    )
    letters = letters_of(session, announced.notice_id)
    if written:
        seal(session, letters, at=scenario.at)
    session.commit()
    return announced, letters


def seal(session: Session, letters: Iterable[int], *, at: datetime) -> None:
    """Make the bytes of those of these letters that have none."""
    for letter_id in letters:
        key = session.get_one(MessageRow, letter_id).logical_key
        if session.get(SealedMailRow, letter_id) is None:
            sealed = seal_octets(f"%PDF {key}".encode(), SealKey(SEAL_KEY), owner=key)
            session.add(
                SealedMailRow(
                    message_id=letter_id,
                    digest=sealed.digest,
                    ciphertext=sealed.ciphertext,
                    sealed_at=at,
                )
            )
    session.flush()


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
    """Record one event of one letter, as legal does on the desk: a posting with its number."""
    product = session.get_one(LetterRow, letter_id).product
    has_number = kind is LetterEventKind.POSTED and product != LetterProduct.PLAIN
    number = f"RK {letter_id}" if has_number else ""
    return tell_all(session, [GivenEvent(letter_id, kind, on, number)], at=at)


def tell_all(
    session: Session,
    events: Iterable[GivenEvent],
    *,
    source: LetterEventSource = LetterEventSource.DESK,
    at: datetime,
) -> EventReport:
    return record_letter_events(
        session,
        list(events),
        source=source,
        by="marc",
        actor="operator:2",
        legal_email=LEGAL,
        vendor_time_zone="Europe/Paris",
        at=at,
    )
