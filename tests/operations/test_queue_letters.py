"""Letters in the outbox: to whom, by which product, once."""

from datetime import datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.queue_letters import queue_letters
from subnotify.rules.words import (
    Channel,
    ContactKind,
    LetterProduct,
    LetterReason,
    LetterState,
    MessageState,
)
from subnotify.storage.tables import ContactRow, LetterRow, MessageRow, NoticeRow
from tests.support.letters import terms_by
from tests.support.scenario import Announced, Scenario


def letters(session: Session, announced: Announced) -> list[tuple[MessageRow, LetterRow]]:
    session.expire_all()
    rows = session.execute(
        select(MessageRow, LetterRow)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .where(MessageRow.notice_id == announced.notice_id)
        .order_by(MessageRow.id)
    )
    return [(message, letter) for message, letter in rows]


def give_address(session: Session, contact_id: int, address: str) -> None:
    session.execute(
        update(ContactRow).where(ContactRow.id == contact_id).values(postal_address=address)
    )


@pytest.mark.parametrize(
    ("named", "product"),
    [
        ((Channel.POST,), LetterProduct.PLAIN),
        ((Channel.REGISTERED_POST,), LetterProduct.REGISTERED),
        ((Channel.POST, Channel.REGISTERED_POST), LetterProduct.REGISTERED),
    ],
)
def test_a_letter_to_each_designated_contact_once(
    session: Session,
    scenario: Scenario,
    named: tuple[Channel, ...],
    product: LetterProduct,
    at: datetime,
) -> None:
    announced = scenario.announce(terms=terms_by(*named), served=False, contacts=2, copies=1)
    address = "  Service juridique \r\n12 rue de l’Échiquier\n\n75010 Paris\n"
    give_address(session, announced.contact_ids[0], address)
    give_address(session, announced.contact_ids[1], 'Tour "A"\\nord\n92000 Nanterre')
    ids = [announced.notice_id]
    assert queue_letters(session, ids, LetterReason.TERMS, on=at.date(), at=at) == 2
    assert queue_letters(session, ids, LetterReason.TERMS, on=at.date(), at=at) == 0
    (first, paper), (_, second) = letters(session, announced)
    channel = "post" if product is LetterProduct.PLAIN else "registered_post"
    contact = announced.contact_ids[0]
    assert first.logical_key == f"notice:{announced.notice_id}:{contact}:{channel}:1"
    assert (first.channel, first.contact_kind, first.state, first.next_attempt_at) == (
        channel,
        ContactKind.NOTICE,
        MessageState.QUEUED,
        None,
    )
    assert (paper.product, paper.reason, paper.state) == (
        product,
        LetterReason.TERMS,
        LetterState.QUEUED,
    )
    assert [line.strip() for line in paper.address_lines] == [
        "Camille Perrin",
        "Service juridique",
        "12 rue de l’Échiquier",
        "75010 Paris",
    ]
    assert second.address_lines == ["Jonas Wirth", 'Tour "A"\\nord', "92000 Nanterre"]


def test_terms_that_ask_for_no_post_get_no_letter(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    either = terms_by(Channel.EMAIL, Channel.POST)
    by_mail, enough, none = (
        scenario.announce(terms=terms, served=False) for terms in (None, either, either)
    )
    session.execute(
        update(ContactRow).where(ContactRow.id == none.contact_ids[0]).values(email=None)
    )
    for reason in (LetterReason.TERMS, LetterReason.SERVED_ANEW):
        ids = [by_mail.notice_id, enough.notice_id]
        assert queue_letters(session, ids, reason, on=at.date(), at=at) == 0
    # Where one channel is enough, a letter goes to whom no mail goes.
    assert queue_letters(session, [none.notice_id], LetterReason.TERMS, on=at.date(), at=at) == 1


def test_the_ladder_writes_registered_letters_whatever_the_terms_name(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced = scenario.announce(contacts=2, copies=1)
    assert (
        queue_letters(session, [announced.notice_id], LetterReason.NO_PROOF, on=at.date(), at=at)
        == 2
    )
    assert {(m.channel, x.product, x.reason) for m, x in letters(session, announced)} == {
        ("registered_post", LetterProduct.REGISTERED, LetterReason.NO_PROOF)
    }


def test_a_dead_address_is_that_of_one_contact(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced = scenario.announce(contacts=2)
    dead = announced.message_ids[1]
    session.execute(update(MessageRow).where(MessageRow.id == dead).values(bounced_at=at))
    assert (
        queue_letters(
            session, [announced.notice_id], LetterReason.DEAD_ADDRESS, on=at.date(), at=at
        )
        == 1
    )
    ((message, letter),) = letters(session, announced)
    assert (message.contact_id, letter.reason) == (
        announced.contact_ids[1],
        LetterReason.DEAD_ADDRESS,
    )


def test_nobody_without_a_postal_address_and_anew_for_another_serving(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced = scenario.announce(terms=terms_by(Channel.POST), served=False, contacts=2)
    give_address(session, announced.contact_ids[0], " \n ")
    ids = [announced.notice_id]
    assert queue_letters(session, ids, LetterReason.TERMS, on=at.date(), at=at) == 1
    session.execute(
        update(NoticeRow).where(NoticeRow.id == announced.notice_id).values(serving_number=2)
    )
    assert queue_letters(session, ids, LetterReason.SERVED_ANEW, on=at.date(), at=at) == 1
    assert [(m.serving_number, x.reason) for m, x in letters(session, announced)] == [
        (1, LetterReason.TERMS),
        (2, LetterReason.SERVED_ANEW),
    ]


def test_an_address_has_no_empty_lines_however_many_were_typed(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced = scenario.announce(terms=terms_by(Channel.POST), served=False)
    typed = "\n\n12 rue de l’Église\r\n\n\n\n\n\n75011 Paris\n\n\n"
    session.execute(update(ContactRow).values(postal_address=typed))
    queue_letters(session, [announced.notice_id], LetterReason.TERMS, on=at.date(), at=at)
    lines = session.scalars(select(LetterRow.address_lines)).one()
    assert lines[1:] == ["12 rue de l’Église", "75011 Paris"]
