"""Registered letters that go electronically, and on paper after all."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.record_letter_events import GivenEvent
from subnotify.operations.send_electronically import (
    ContactHasChanged,
    LetterNotWritten,
    NotElectronic,
    NotToBeSentElectronically,
    send_electronically,
    send_on_paper,
)
from subnotify.rules.errors import NotFound
from subnotify.rules.words import (
    Channel,
    LetterEventKind,
    LetterProduct,
    MessageState,
    NoticeState,
    ProofKind,
)
from subnotify.storage.tables import (
    ContactRow,
    EvidenceRow,
    FormerSealRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    SealedMailRow,
)
from tests.support.letter_batches import KEY, PARIS, prepare, queue
from tests.support.letter_press import ScriptedPress
from tests.support.letters import tell_all
from tests.support.scenario import Scenario

Kind = LetterEventKind


def send(
    session: Session, letter: int, *, at: datetime, press: ScriptedPress | None = None
) -> None:
    send_electronically(
        session,
        letter,
        press or ScriptedPress(),
        seal_key=KEY,
        by="marc",
        actor="operator:2",
        zone=PARIS,
        at=at,
    )


def on_paper(session: Session, letter: int, *, at: datetime) -> None:
    send_on_paper(session, letter, by="marc", actor="operator:2", at=at)


def product_of(session: Session, letter: int) -> str:
    return session.get_one(LetterRow, letter, populate_existing=True).product


@pytest.fixture
def letter(session: Session, scenario: Scenario) -> int:
    return queue(scenario, 1, Channel.REGISTERED_POST)[0]


def test_it_is_written_sealed_and_never_printed(
    session: Session, letter: int, at: datetime
) -> None:
    send(session, letter, at=at)
    send(session, letter, at=at)
    assert product_of(session, letter) == LetterProduct.REGISTERED_ELECTRONIC
    assert session.get(SealedMailRow, letter) is not None
    assert prepare(session, at=at).batches == []
    told = session.scalars(
        select(EvidenceRow.type).where(
            EvidenceRow.object_id == letter, EvidenceRow.object_type == "message"
        )
    )
    assert sorted(told) == ["letter_product_chosen", "letter_sealed"]


def test_its_receipt_serves_as_that_of_registered_post(
    session: Session, letter: int, at: datetime
) -> None:
    send(session, letter, at=at)
    days = [date(2026, 3, 2 + n) for n in range(3)]
    kinds = (Kind.POSTED, Kind.PRESENTED, Kind.RECEIVED)
    events = [GivenEvent(letter, kind, on) for kind, on in zip(kinds, days, strict=True)]
    assert tell_all(session, events, at=at + timedelta(days=5)).refused == ()
    notice = session.scalars(select(NoticeRow)).one()
    assert (notice.state, notice.served_proof) == (
        NoticeState.SERVED,
        ProofKind.REGISTERED_DELIVERY,
    )
    with pytest.raises(NotElectronic):
        on_paper(session, letter, at=at + timedelta(days=5))


def test_back_on_paper_it_goes_into_the_next_batch(
    session: Session, letter: int, at: datetime
) -> None:
    send(session, letter, at=at)
    link = session.get_one(MessageRow, letter, populate_existing=True).link_digest
    digest = session.get_one(SealedMailRow, letter).digest
    for _ in range(2):
        on_paper(session, letter, at=at)
    # The provider may have sent what it was given.
    former = session.query(FormerSealRow).one()
    assert (former.message_id, former.batch_id, former.digest) == (letter, None, digest)
    assert (former.link_digest, former.taken_back_at) == (link, at)
    assert product_of(session, letter) == LetterProduct.REGISTERED
    assert session.get(SealedMailRow, letter, populate_existing=True) is None
    assert len(prepare(session, at=at).batches) == 1
    assert session.get_one(MessageRow, letter, populate_existing=True).link_digest != link


def test_only_a_registered_letter_that_waits(
    session: Session, scenario: Scenario, letter: int, at: datetime
) -> None:
    (plain,) = queue(scenario)
    prepare(session, at=at)
    for wrong in (plain, letter):
        with pytest.raises(NotToBeSentElectronically):
            send(session, wrong, at=at)
    with pytest.raises(NotElectronic):
        on_paper(session, plain, at=at)
    with pytest.raises(NotFound):
        send(session, 999, at=at)


def test_a_contact_with_another_address_by_now(session: Session, letter: int, at: datetime) -> None:
    contact_id = session.get_one(MessageRow, letter).contact_id
    session.get_one(ContactRow, contact_id).postal_address = "2 rue Neuve\n75002 Paris"
    session.commit()
    with pytest.raises(ContactHasChanged):
        send(session, letter, at=at)
    assert product_of(session, letter) == LetterProduct.REGISTERED


def test_a_letter_that_cannot_be_written_is_set_aside(
    session: Session, letter: int, at: datetime
) -> None:
    with pytest.raises(LetterNotWritten):
        send(session, letter, at=at, press=ScriptedPress(refuses={letter}))
    message = session.get_one(MessageRow, letter, populate_existing=True)
    assert message.state == MessageState.PARKED
