"""Letters of a release: to whom, where the terms ask for post, and who cannot be reached by it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.notify_late import notify_late
from subnotify.operations.preview_release import preview_release
from subnotify.rules.releases import Unservable
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import ChannelChoice, ServedWhen
from subnotify.rules.words import (
    Channel,
    ContactKind,
    LetterReason,
    MessageState,
    NoticeState,
)
from subnotify.storage.servings import load_deliveries
from subnotify.storage.tables import (
    AgreementRow,
    ClientRow,
    ContactRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
)
from tests.support.letters import LEGAL, terms_by
from tests.support.release_world import PARIS, Person, ReleaseWorld

MAIL, PLAIN, REGISTERED = Channel.EMAIL, Channel.POST, Channel.REGISTERED_POST
STREET = "1 rue du Port\n74000 Annecy"
BOTH = Person(postal=STREET)
BY_MAIL = Person()
BY_POST = Person(address=None, postal=STREET)
NEITHER = Person(address="")
EITHER = terms_by(MAIL, PLAIN)
EVERY = terms_by(MAIL, REGISTERED, choice=ChannelChoice.EVERY)

QUEUED, PARKED = MessageState.QUEUED, MessageState.PARKED
Sent = tuple[str, str, str]


def mailed(state: MessageState = QUEUED) -> Sent:
    return ("email", "notice", state.value)


def posted(channel: Channel = PLAIN, state: MessageState = QUEUED) -> Sent:
    return (channel.value, "notice", state.value)


def release_to(
    session: Session, at: datetime, terms: NoticeTerms | None, *people: Person
) -> tuple[NoticeRow, list[Sent], int]:
    """Release to one agreement; its notice, its messages, and how many letters were made."""
    world = ReleaseWorld(session, at=at)
    agreement = world.add_agreement(terms=terms, people=people)
    release = world.draft([world.add_change()])
    hindered = preview_release(session, release, zone=PARIS, at=at).unservable
    world.approve(release, confirmed=[agreement] if hindered else [])
    made = world.release(release)
    session.expire_all()
    notice = session.scalars(select(NoticeRow)).one()
    rows = session.execute(
        select(MessageRow.channel, MessageRow.contact_kind, MessageRow.state).order_by(
            MessageRow.id
        )
    )
    return notice, [(channel, kind, state) for channel, kind, state in rows], made.letters


@pytest.mark.parametrize(
    ("terms", "person", "messages", "served"),
    [
        (terms_by(MAIL), BOTH, [mailed()], True),
        (terms_by(MAIL), BY_POST, [mailed(PARKED)], False),
        (None, BOTH, [mailed()], True),
        (terms_by(REGISTERED), BOTH, [mailed(), posted(REGISTERED)], True),
        (terms_by(REGISTERED), BY_POST, [posted(REGISTERED)], True),
        (terms_by(REGISTERED), BY_MAIL, [mailed(), posted(REGISTERED, PARKED)], False),
        (terms_by(PLAIN), NEITHER, [posted(PLAIN, PARKED)], False),
        # A mail is enough; without a mailbox the letter is.
        (EITHER, BOTH, [mailed()], True),
        (EITHER, BY_POST, [posted()], True),
        (EITHER, BY_MAIL, [mailed()], True),
        (EITHER, NEITHER, [mailed(PARKED)], False),
        (EVERY, BOTH, [mailed(), posted(REGISTERED)], True),
        (EVERY, BY_POST, [mailed(PARKED), posted(REGISTERED)], False),
        (EVERY, BY_MAIL, [mailed(), posted(REGISTERED, PARKED)], False),
    ],
)
def test_each_contact_gets_what_the_terms_need(
    session: Session,
    at: datetime,
    terms: NoticeTerms | None,
    person: Person,
    messages: list[Sent],
    served: bool,
) -> None:
    notice, sent, letters = release_to(session, at, terms, person)
    assert sent == messages
    expected = NoticeState.QUEUED if served else NoticeState.NOT_SERVED
    assert notice.state == expected
    printed = [message for message in messages if message[0] != "email" and message[2] == QUEUED]
    assert letters == len(printed)
    papers = session.scalars(select(LetterRow)).all()
    assert [(x.reason, x.address_lines) for x in papers] == [
        (LetterReason.TERMS, ["Person 0", "1 rue du Port", "74000 Annecy"])
    ] * len(printed)
    # What was set aside keeps the notice from being served, also when it is judged anew.
    deliveries = load_deliveries(session, [notice.id])[notice.id]
    assert any(x.failure for x in deliveries) == any(x[2] == PARKED for x in messages)


@pytest.mark.parametrize(
    ("terms", "people", "problem"),
    [
        (terms_by(PLAIN), (BY_MAIL,), Unservable.NO_POSTAL_ADDRESS),
        (terms_by(PLAIN), (BY_MAIL, BOTH), Unservable.CONTACT_WITHOUT_POSTAL_ADDRESS),
        (EITHER, (NEITHER,), Unservable.NO_ADDRESS),
        (EITHER, (NEITHER, BY_POST), Unservable.CONTACT_WITHOUT_ADDRESS),
        (EITHER, (BY_MAIL, BY_POST), None),
        (EVERY, (BY_POST,), Unservable.NO_EMAIL_ADDRESS),
        (EVERY, (BY_MAIL, BOTH), Unservable.CONTACT_WITHOUT_POSTAL_ADDRESS),
        (EVERY, (BOTH, BOTH), None),
        (replace(terms_by(PLAIN), served_when=ServedWhen.ANY), (BY_MAIL, BOTH), None),
        (terms_by(PLAIN), (), Unservable.NO_NOTICE_CONTACT),
    ],
)
def test_the_preview_names_what_is_missing(
    session: Session,
    at: datetime,
    terms: NoticeTerms,
    people: tuple[Person, ...],
    problem: Unservable | None,
) -> None:
    world = ReleaseWorld(session, at=at)
    world.add_agreement(terms=terms, people=people)
    release = world.draft([world.add_change()])
    preview = preview_release(session, release, zone=PARIS, at=at)
    assert [x.problems for x in preview.unservable] == ([(problem,)] if problem else [])
    needs_letter = [
        one for one in people if one.postal and (terms is not EITHER or not one.address)
    ]
    assert preview.letters.plain + preview.letters.registered == len(needs_letter)
    assert preview.letters.registered == (len(needs_letter) if terms is EVERY else 0)


def test_copies_on_paper_serve_nothing(session: Session, at: datetime) -> None:
    terms = replace(terms_by(MAIL), copy_channels=frozenset({PLAIN}))
    people = (BOTH, Person(ContactKind.COPY, postal=STREET), Person(ContactKind.COPY))
    notice, sent, letters = release_to(session, at, terms, *people)
    assert letters == 2
    assert sorted(sent) == sorted(
        [mailed(), ("email", "copy", QUEUED), ("email", "copy", QUEUED)]
        + [("post", "copy", QUEUED)] * 2
    )
    assert set(session.scalars(select(LetterRow.reason))) == {LetterReason.COPY}
    assert len(load_deliveries(session, [notice.id])[notice.id]) == 1


def test_a_late_notice_has_its_letter(session: Session, at: datetime) -> None:
    world = ReleaseWorld(session, at=at)
    world.add_agreement(terms=EITHER, people=(BY_MAIL,))
    release = world.draft([world.add_change()])
    world.approve(release)
    world.release(release)
    late = at + timedelta(days=2)
    world.add_agreement(terms=terms_by(REGISTERED), people=(BY_POST,))
    assert notify_late(session, zone=PARIS, legal_email=LEGAL, at=late) == 1
    message = session.execute(
        select(MessageRow.channel, MessageRow.queued_at, ContactRow.email)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(ContactRow, ContactRow.id == MessageRow.contact_id)
    ).one()
    assert tuple(message) == ("registered_post", late, None)


def test_the_preview_names_what_letters_cannot_be_printed_with(
    session: Session, at: datetime
) -> None:
    world = ReleaseWorld(session, at=at)
    for name in ("Acme 中文 中", "Żółć Ελλάς", "日本"):
        added = world.add_agreement(
            terms=terms_by(MAIL if name == "日本" else PLAIN), people=(BOTH,)
        )
        client = session.get_one(ClientRow, session.get_one(AgreementRow, added).client_id)
        client.name = name
    session.commit()
    release = world.draft([world.add_change()])
    preview = preview_release(session, release, zone=PARIS, at=at)
    assert preview.unprintable.texts == ""
    # Who gets a mail may have any name.
    assert [(x.client_name, lacking) for x, lacking in preview.unprintable.letters] == [
        ("Acme 中文 中", "中文")
    ]
    row = session.get_one(ReleaseRow, release)
    row.reason = {**row.reason, "en": "Because of 腾讯"}
    session.commit()
    preview = preview_release(session, release, zone=PARIS, at=at)
    assert preview.unprintable.texts == "腾讯"
