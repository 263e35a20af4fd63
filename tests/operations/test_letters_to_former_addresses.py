"""Letters to contacts and addresses that are former ones by now: on their way, or in a batch."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.operations.cancel_batch import cancel_batch
from subnotify.operations.hand_over_batch import (
    LettersStopped,
)
from subnotify.operations.serve_contact_anew import serve_contact_anew
from subnotify.rules.terms import DeemedReceipt
from subnotify.rules.terms_words import DeemedKind
from subnotify.rules.words import (
    Channel,
    LetterEventKind,
    MessageState,
    NoticeState,
)
from subnotify.storage.letter_batches import count_stopped, list_spoilt
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    LetterRow,
    MessageRow,
    NoticeRow,
)
from subnotify.storage.unreachable import list_waiting_of_contact
from tests.operations.desk import PARIS
from tests.support.letter_batches import hand_over, letters, prepare, queue
from tests.support.letters import announce_by_post, letters_of, tell, terms_by
from tests.support.scenario import Scenario

BY = {"by": "marc", "actor": "operator:2"}
DAY = date(2026, 3, 2)


def later(at: datetime, days: int) -> datetime:
    return at + timedelta(days=days)


def move(session: Session, contact_id: int) -> None:
    session.execute(
        update(ContactRow)
        .where(ContactRow.id == contact_id)
        .values(postal_address="9 rue Neuve\n75001 Paris")
    )
    session.commit()


@pytest.mark.parametrize("what", ["address", "designation"])
def test_a_batch_with_a_letter_to_a_former_contact_is_not_handed_over(
    scenario: Scenario, at: datetime, what: str
) -> None:
    session = scenario.session
    first, second = queue(scenario, 2)
    prepare(session, at=at)
    assert list_spoilt(session, on=DAY) == [] and count_stopped(session, 1, on=DAY) == 0
    contact_id = session.get_one(MessageRow, first).contact_id
    if what == "address":
        move(session, contact_id)
    else:
        session.execute(
            update(AgreementContactRow)
            .where(AgreementContactRow.contact_id == contact_id)
            .values(ended_on=DAY)
        )
        session.commit()
    assert list_spoilt(session, on=DAY) == [1] and count_stopped(session, 1, on=DAY) == 1
    session.rollback()
    with pytest.raises(LettersStopped):
        hand_over(session, 1, at=at)
    # Designated until tomorrow, it is designated still.
    yesterday = DAY - timedelta(days=1)
    assert list_spoilt(session, on=yesterday) == ([1] if what == "address" else [])
    session.rollback()
    cancel_batch(session, 1, provider=None, at=at, **BY)
    prepared = prepare(session, at=at)
    assert (prepared.letters, prepared.set_aside) == (1, 1)
    assert [x.batch_id for x in letters(session)] == [None, 2]
    assert session.get_one(MessageRow, first).state == MessageState.PARKED
    assert session.get_one(MessageRow, second).state == MessageState.QUEUED


@pytest.mark.parametrize("so_far", ["waits", "prepared", "handed_over", "posted"])
def test_with_a_new_address_the_notice_is_served_anew_wherever_its_letter_is(
    scenario: Scenario, at: datetime, so_far: str
) -> None:
    """Nobody waits until a letter comes back from where the vendor knows that nobody is."""
    session = scenario.session
    announced, (letter,) = announce_by_post(
        scenario, terms_by(Channel.REGISTERED_POST), written=False
    )
    contact_id = announced.contact_ids[0]
    session.rollback()
    if so_far != "waits":
        prepare(session, at=at)
    if so_far == "handed_over":
        hand_over(session, 1, at=at)
    if so_far == "posted":
        tell(session, letter, LetterEventKind.POSTED, DAY, at=at)
    session.rollback()
    assert list_waiting_of_contact(session, contact_id, on=DAY) == []
    move(session, contact_id)
    reference = session.get_one(NoticeRow, announced.notice_id).reference
    assert list_waiting_of_contact(session, contact_id, on=DAY) == [
        (announced.notice_id, reference)
    ]
    session.rollback()
    done = serve_contact_anew(session, contact_id, note="moved", zone=PARIS, at=later(at, 1), **BY)
    assert done.served == (reference,)
    session.rollback()
    new = letters_of(session, announced.notice_id)[-1]
    assert new != letter
    assert session.get_one(LetterRow, new).address_lines[1:] == ["9 rue Neuve", "75001 Paris"]
    # Its former letter serves no more, and there is nothing left to serve anew.
    tell(session, letter, LetterEventKind.RECEIVED, DAY, at=later(at, 1))
    notice = session.get_one(NoticeRow, announced.notice_id, populate_existing=True)
    assert notice.state != NoticeState.SERVED
    assert list_waiting_of_contact(session, contact_id, on=DAY) == []


def test_a_letter_to_a_former_address_serves_nobody_once_the_notice_is_served_anew(
    scenario: Scenario, at: datetime
) -> None:
    terms = replace(
        terms_by(Channel.POST, proofs=()),
        deemed_receipt=DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=2),
    )
    session = scenario.session
    announced, (letter,) = announce_by_post(scenario, terms, written=False)
    session.rollback()
    prepare(session, at=at)
    move(session, announced.contact_ids[0])
    serve_contact_anew(
        session, announced.contact_ids[0], note="moved", zone=PARIS, at=later(at, 1), **BY
    )
    session.rollback()
    tell(session, letter, LetterEventKind.POSTED, DAY, at=later(at, 2))
    notice = session.get_one(NoticeRow, announced.notice_id, populate_existing=True)
    assert notice.state == NoticeState.QUEUED
