"""A batch after it was prepared: given, handed over, called back, told of."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from subnotify.delivery.print_provider import FolderMissing, FolderProvider
from subnotify.delivery.sealing import SealedMail, open_sealed
from subnotify.operations.cancel_batch import (
    BatchBeingPrinted,
    BatchHandedOver,
    cancel_batch,
)
from subnotify.operations.give_batches import GivenBatches, give_batches
from subnotify.operations.hand_over_batch import (
    BatchCancelled,
    LettersStopped,
    hand_over_batch,
)
from subnotify.operations.import_letter_events import import_letter_events
from subnotify.rules.errors import NotFound
from subnotify.rules.words import (
    BatchState,
    Channel,
    LetterEventKind,
    LetterState,
    MessageState,
)
from subnotify.storage.database import session_factory
from subnotify.storage.tables import (
    FormerSealRow,
    LetterBatchRow,
    LetterEventRow,
    MessageRow,
    SealedMailRow,
)
from tests.support.letter_batches import KEY, LEGAL_EMAIL, facts, letters, prepare, queue
from tests.support.letters import tell
from tests.support.scenario import Scenario

BY = {"by": "marc", "actor": "operator:2"}


@dataclass
class Provider:
    """What a provider was asked. late: it is too late to call a batch back."""

    taken: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    late: bool = False
    calls: int = 0

    def take(self, batch_key: str, pdf: bytes, manifest: bytes) -> str:
        self.calls += 1
        assert self.taken.setdefault(batch_key, (pdf, manifest)) == (pdf, manifest)
        return f"shelf {batch_key}"

    def cancel(self, batch_key: str) -> bool:
        if not self.late:
            self.cancelled.append(batch_key)
        return not self.late


@pytest.fixture
def batch(scenario: Scenario, at: datetime) -> int:
    """A batch of three letters."""
    queue(scenario, 3)
    prepare(scenario.session, at=at)
    return 1


def give(session: Session, provider, *, at: datetime) -> GivenBatches:
    return give_batches(session, provider, keys=(KEY,), actor="job:prepare_letters", at=at)


def hand_over(session: Session, batch_id: int, *, at: datetime, **told) -> bool:
    zone = "Europe/Paris"
    return hand_over_batch(
        session, batch_id, legal_email=LEGAL_EMAIL, vendor_time_zone=zone, at=at, **BY, **told
    )


def cancel(session: Session, batch_id: int, *, at: datetime, provider=None) -> bool:
    return cancel_batch(session, batch_id, provider=provider, at=at, **BY)


def row_of(session: Session, batch_id: int) -> LetterBatchRow:
    session.rollback()
    return session.get_one(LetterBatchRow, batch_id, populate_existing=True)


def test_the_provider_gets_the_same_bytes_until_it_has_them(
    scenario: Scenario, batch: int, at: datetime
):
    """It took the batch, and nobody lived to write that down: it is asked again."""
    session, provider = scenario.session, Provider()
    assert give(session, provider, at=at).taken == ("L-000001",)
    session.execute(update(LetterBatchRow).values(place=None))
    session.commit()
    assert give(session, provider, at=at).taken == ("L-000001",)
    assert provider.calls == 2 and len(provider.taken) == 1
    assert row_of(session, batch).place == "shelf L-000001"
    assert give(session, provider, at=at) == GivenBatches()
    assert provider.calls == 2


def test_a_refusal_is_said_and_tried_again(
    scenario: Scenario, batch: int, at: datetime, tmp_path: Path
):
    session, folder = scenario.session, tmp_path / "letters"
    given = give(session, FolderProvider(folder), at=at)
    ((key, error),) = given.refused
    assert key == "L-000001" and isinstance(error, FolderMissing)
    assert row_of(session, batch).place is None
    folder.mkdir()
    assert give(session, FolderProvider(folder), at=at).taken == ("L-000001",)
    manifest = (folder / "L-000001" / "manifest.csv").read_bytes()
    assert manifest.decode() == row_of(session, batch).manifest


def test_handing_over_is_recorded_with_each_letter_once(
    scenario: Scenario, batch: int, at: datetime
):
    session = scenario.session
    assert hand_over(session, batch, at=at)
    assert {x.state for x in letters(session)} == {LetterState.HANDED_OVER}
    events = session.query(LetterEventRow).all()
    assert [(x.kind, x.on, x.note) for x in events] == [
        (LetterEventKind.HANDED_OVER, date(2026, 3, 2), "L-000001")
    ] * 3
    found = row_of(session, batch)
    assert (found.state, found.handed_over_at, found.handed_over_by) == (
        BatchState.HANDED_OVER,
        at,
        "marc",
    )
    session.rollback()
    assert not hand_over(session, batch, at=at + timedelta(days=1))
    assert len(facts(session, "letter_batch_handed_over")) == 1
    # It is no posting: nothing is dispatched by it.
    assert session.query(MessageRow).filter_by(state=MessageState.HANDED_OVER).count() == 0
    session.rollback()
    with pytest.raises(BatchHandedOver):
        cancel(session, batch, at=at)


def test_the_day_is_that_of_the_vendors_zone(scenario: Scenario, batch: int):
    """Half past midnight in Paris on 3 March."""
    assert hand_over(scenario.session, batch, at=datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    assert {x.on for x in scenario.session.query(LetterEventRow)} == {date(2026, 3, 3)}


def test_letters_of_a_cancelled_batch_wait_for_another(
    scenario: Scenario, batch: int, at: datetime
):
    session, provider = scenario.session, Provider()
    digests = {x.digest for x in session.query(SealedMailRow)}
    session.rollback()
    assert cancel(session, batch, at=at, provider=provider)
    assert provider.cancelled == ["L-000001"]
    assert [(x.batch_id, x.position, x.pages) for x in letters(session)] == [(None, None, None)] * 3
    assert session.query(SealedMailRow).count() == 0
    assert session.query(MessageRow).filter(MessageRow.link_digest.is_not(None)).count() == 0
    session.rollback()
    assert not cancel(session, batch, at=at, provider=provider)
    with pytest.raises(BatchCancelled):
        hand_over(session, batch, at=at)
    assert prepare(session, at=at).batches == ["L-000002"]
    assert {x.batch_id for x in letters(session)} == {2}
    # What was made first is kept: somebody may have posted it all the same.
    former = session.query(FormerSealRow).order_by(FormerSealRow.position).all()
    assert [(x.batch_id, x.position, x.taken_back_at) for x in former] == [
        (batch, place, at) for place in (1, 2, 3)
    ]
    assert {x.digest for x in former} == digests
    links = {x.link_digest for x in former}
    assert None not in links and len(links) == 3
    for one in former:
        key = session.get_one(MessageRow, one.message_id).logical_key
        pdf = open_sealed(SealedMail(one.digest, one.ciphertext), (KEY,), owner=key)
        assert pdf.startswith(b"%PDF")
    sealed = {fact["sha256"] for fact in facts(session, "letter_sealed")}
    assert digests < sealed and len(sealed) == 6


def test_too_late_to_cancel(scenario: Scenario, batch: int, at: datetime):
    session = scenario.session
    with pytest.raises(BatchBeingPrinted):
        cancel(session, batch, at=at, provider=Provider(late=True))
    assert row_of(session, batch).state == BatchState.PREPARED
    assert session.query(SealedMailRow).count() == 3


def test_what_was_cancelled_while_it_was_given_is_called_back(
    scenario: Scenario, engine: Engine, batch: int, at: datetime
):
    class Slow(Provider):
        def take(self, batch_key: str, pdf: bytes, manifest: bytes) -> str:
            with session_factory(engine)() as other:
                cancel(other, batch, at=at, provider=None)
            return super().take(batch_key, pdf, manifest)

    provider = Slow()
    assert give(scenario.session, provider, at=at).taken == ()
    assert provider.cancelled == ["L-000001"]
    assert row_of(scenario.session, batch).place is None


@pytest.mark.parametrize("state", [MessageState.CANCELLED, MessageState.PAUSED])
def test_a_batch_with_stopped_letters_is_not_handed_over(
    scenario: Scenario, batch: int, at: datetime, state: MessageState
):
    session = scenario.session
    session.execute(update(MessageRow).where(MessageRow.id == 2).values(state=state))
    first = letters(session)[0].message_id
    session.execute(update(MessageRow).where(MessageRow.id == first).values(state=state))
    session.commit()
    with pytest.raises(LettersStopped):
        hand_over(session, batch, at=at)
    assert row_of(session, batch).state == BatchState.PREPARED
    session.rollback()
    assert cancel(session, batch, at=at)
    assert prepare(session, at=at).letters == 2


def test_what_is_told_of_a_letter_says_that_the_printer_has_its_batch(
    scenario: Scenario, batch: int, at: datetime
):
    """The file came before anybody said so: the batch can no longer be cancelled."""
    session = scenario.session
    first = letters(session)[0].message_id
    key = session.get_one(MessageRow, first).logical_key
    session.rollback()
    tell(session, first, LetterEventKind.PRINTED, at.date(), at=at)
    session.rollback()
    with pytest.raises(BatchBeingPrinted):
        cancel(session, batch, at=at)
    table = f"letter,event,on\n{key},posted,2026-03-03\n"
    at += timedelta(days=3)
    found = import_letter_events(
        session,
        "x.csv",
        table.encode(),
        legal_email=LEGAL_EMAIL,
        vendor_time_zone="Europe/Paris",
        at=at,
        **BY,
    )
    assert len(found.new) == 1
    assert row_of(session, batch).state == BatchState.HANDED_OVER
    states = [x.state for x in letters(session)]
    assert states == [LetterState.POSTED, LetterState.QUEUED, LetterState.QUEUED]


def test_a_letter_told_of_before_keeps_what_is_on_record(
    scenario: Scenario, batch: int, at: datetime
):
    session = scenario.session
    first = letters(session)[0].message_id
    session.rollback()
    tell(session, first, LetterEventKind.POSTED, at.date(), at=at)
    session.rollback()
    assert hand_over(session, batch, at=at + timedelta(days=2))
    kinds = [(x.message_id == first, x.kind) for x in session.query(LetterEventRow)]
    assert kinds == [(True, "posted"), (False, "handed_over"), (False, "handed_over")]


def test_a_batch_that_is_not_there(scenario: Scenario, at: datetime):
    for act in (hand_over, cancel):
        with pytest.raises(NotFound):
            act(scenario.session, 99, at=at)


def test_the_registered_letters_have_a_batch_of_their_own(scenario: Scenario, at: datetime):
    queue(scenario, 1, Channel.REGISTERED_POST)
    prepare(scenario.session, at=at)
    assert hand_over(scenario.session, 1, at=at)
