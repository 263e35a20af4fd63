"""Letters that wait, prepared and given to a folder as the product does it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.operations.hand_over_batch import hand_over_batch
from subnotify.operations.prepare_batches import LetterPress, Prepared, prepare_batches
from subnotify.rules.words import Channel
from subnotify.storage.tables import EvidenceContentRow, EvidenceRow, LetterRow
from tests.support.letter_press import ScriptedPress
from tests.support.letters import announce_by_post, terms_by
from tests.support.scenario import Scenario
from tests.support.settings import SEAL_KEY

KEY = SealKey(SEAL_KEY)
PARIS = ZoneInfo("Europe/Paris")
LEGAL_EMAIL = "legal@vendor.example"


def queue(scenario: Scenario, count: int = 1, channel: Channel = Channel.POST) -> list[int]:
    """This many letters, each to a client of its own; their ids."""
    found: list[int] = []
    for _ in range(count):
        _announced, letters = announce_by_post(scenario, terms_by(channel), written=False)
        found += letters
    # Others write now.
    scenario.session.rollback()
    return found


def prepare(
    session: Session, press: LetterPress | None = None, *, at: datetime, most: int = 100
) -> Prepared:
    return prepare_batches(
        session,
        press or ScriptedPress(),
        seal_key=KEY,
        by="marc",
        actor="operator:2",
        zone=PARIS,
        at=at,
        most=most,
    )


def hand_over(session: Session, batch_id: int, *, at: datetime, **told: Any) -> bool:
    """As legal does on the desk; told: the day, and whether nobody can stop it any more."""
    return hand_over_batch(
        session,
        batch_id,
        by="marc",
        actor="operator:2",
        legal_email=LEGAL_EMAIL,
        vendor_time_zone="Europe/Paris",
        at=at,
        **told,
    )


def letters(session: Session) -> list[LetterRow]:
    session.rollback()
    query = select(LetterRow).order_by(LetterRow.message_id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def facts(session: Session, type_: str) -> list[dict[str, object]]:
    found = session.scalars(
        select(EvidenceContentRow.content)
        .join(EvidenceRow, EvidenceRow.id == EvidenceContentRow.evidence_id)
        .where(EvidenceRow.type == type_)
        .order_by(EvidenceRow.id)
    )
    return [dict(content) for content in found]
