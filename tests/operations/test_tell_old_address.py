"""The old address of a contact is told that notices go elsewhere, on both databases."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from subnotify.operations.keep_contact import ContactFacts, Letter, change_contact
from subnotify.operations.tell_old_address import Moved, find_move
from subnotify.rules.words import MessagePurpose, MessageState
from subnotify.storage.tables import AgreementContactRow, AgreementRow, MessageRow, VendorRow
from tests.operations.desk_registry import Example, acting, example
from tests.operations.test_reminder_mails import Post, words_of
from tests.support.imports import bring, replaced
from tests.support.samples import EXAMPLE, sample
from tests.support.smtp_server import ScriptedSmtpServer

STORED = {
    "name": "Jeanne Petit",
    "role_title": "Déléguée à la protection des données",
    "email": "dpo@mairie-vouziers.example",
    "postal_address": "1 place de la Mairie, 08400 Vouziers, France",
    "phone": "+33 3 24 00 00 00",
}
NEW = "dpd@mairie-vouziers.example"


@pytest.fixture
def post(engine: Engine, smtp_server: ScriptedSmtpServer) -> Post:
    return Post(engine, smtp_server)


def change(session: Session, made: Example, at: datetime, letter: str, **changed: str) -> None:
    facts = ContactFacts(**(STORED | changed))
    given = Letter(letter, at.date())
    change_contact(session, made.client, made.dpo, facts, given, **acting(at))


def told(session: Session) -> list[MessageRow]:
    session.expire_all()
    return list(
        session.scalars(
            select(MessageRow)
            .where(MessageRow.purpose == MessagePurpose.ADDRESS_CHANGED)
            .order_by(MessageRow.id)
        )
    )


def test_the_old_address_is_told_once_for_each_change(session: Session, at: datetime) -> None:
    made = example(session, at)
    change(session, made, at, "RK 1", email=NEW)
    change(session, made, at, "RK 1", email=NEW)
    (message,) = told(session)
    assert (message.to_address, message.contact_id) == (STORED["email"], made.dpo)
    assert (message.notice_id, message.state) == (None, MessageState.QUEUED)
    change(session, made, at + timedelta(hours=1), "RK 2", email="third@mairie.example")
    assert [x.to_address for x in told(session)] == [STORED["email"], NEW]


def test_the_mail_names_whose_notices_and_whom_to_tell_and_no_new_address(
    session: Session, at: datetime, post: Post
) -> None:
    made = example(session, at)
    change(session, made, at, "RK 1", email=NEW)
    post.send(at)
    (mail,) = post.mails
    words = words_of(mail)
    client, vendor = "Mairie de Vouziers", session.get_one(VendorRow, 1).profile
    assert str(mail["To"]).endswith(f"<{STORED['email']}>")
    assert client in mail["Subject"] and client in words
    assert vendor["contact_email"] in words
    assert NEW not in str(mail) and NEW not in words
    assert "/n/" not in words
    (message,) = told(session)
    assert message.link_digest is None


def test_a_postal_address_is_told_by_mail_to_the_same_address(
    session: Session, at: datetime, post: Post
) -> None:
    made = example(session, at)
    change(session, made, at, "RK 1", postal_address="2 rue Neuve\n08400 Vouziers")
    post.send(at)
    (mail,) = post.mails
    assert str(mail["To"]).endswith(f"<{STORED['email']}>")
    assert "rue Neuve" not in words_of(mail)


def test_an_import_tells_it_too_and_a_repetition_does_not(session: Session, at: datetime) -> None:
    example(session, at)
    moved = replaced(sample(EXAMPLE), "dpo@mairie", "dpd@mairie")
    lettered = replaced(moved, "        # letter_reference: RK", "        letter_reference: RK")
    bring(session, lettered, at)
    bring(session, lettered, at + timedelta(days=1))
    assert [x.to_address for x in told(session)] == [STORED["email"]]


def test_nobody_is_told_before_the_first_publication(session: Session, at: datetime) -> None:
    made = example(session, at, is_published=False)
    change(session, made, at, "RK 1", email=NEW)
    assert told(session) == []


@pytest.mark.parametrize(
    "ended",
    [
        update(AgreementContactRow).values(ended_on=date(2026, 1, 1)),
        update(AgreementRow).values(ended_on=date(2026, 1, 1)),
    ],
)
def test_a_contact_that_no_running_agreement_names_got_nothing(
    session: Session, at: datetime, ended
) -> None:
    made = example(session, at)
    session.execute(ended)
    session.commit()
    change(session, made, at, "RK 1", email=NEW)
    assert told(session) == []


def test_its_failure_alarms_nobody(session: Session, at: datetime, post: Post) -> None:
    made = example(session, at)
    change(session, made, at, "RK 1", email=NEW)
    post.server.answer("rcpt", 550, "5.1.1 no such mailbox", address=STORED["email"])
    post.send(at)
    messages = session.scalars(select(MessageRow)).all()
    assert [(x.purpose, x.state) for x in messages] == [
        (MessagePurpose.ADDRESS_CHANGED, MessageState.REJECTED)
    ]


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ({"email": "a@b.example"}, {"email": "c@b.example"}, Moved.EMAIL),
        ({"email": "a@b.example"}, {"email": None}, Moved.EMAIL),
        ({"email": "a@b.example"}, {"email": "A@B.example"}, None),
        ({"email": None}, {"email": "c@b.example"}, None),
        ({"postal_address": "1 rue A"}, {"postal_address": "2 rue B"}, Moved.POST),
        ({"postal_address": "1 rue A"}, {"postal_address": "1 rue A \r\n"}, None),
        ({"postal_address": ""}, {"postal_address": "2 rue B"}, None),
    ],
)
def test_what_is_another_address(before, after, what) -> None:
    same = {"email": "a@b.example", "postal_address": "1 rue A"}
    move = find_move(7, same | before, same | after)
    assert (move.what if move else None) == what
    assert move is None or move.told == "a@b.example"
