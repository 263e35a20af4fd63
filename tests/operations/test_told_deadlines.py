"""A notice tells the end of a window that runs and of no other; a letter, how it itself counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.climb_ladder import climb_ladder
from subnotify.operations.mail_views import MailViews, Moulds
from subnotify.operations.queue_letters import queue_copies
from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.render_messages import load_texts
from subnotify.operations.serve_anew import serve_anew
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.operations.write_letters import load_letters
from subnotify.rules.terms import DeemedReceipt, NoticeTerms
from subnotify.rules.terms_words import DeemedKind, RunsFrom
from subnotify.rules.windows import window_from_mapping
from subnotify.rules.words import (
    Channel,
    LetterEventKind,
    MessagePurpose,
    MessageState,
    NoticeState,
    ProofKind,
    ResponseKind,
)
from subnotify.storage import claims
from subnotify.storage.mail_facts import load_mail_facts
from subnotify.storage.tables import ContactRow, MessageRow, NoticeRow, ResponseRow
from subnotify.wording.language import wording_for
from subnotify.wording.mails import MailText
from subnotify.wording.window_steps import step_sentences
from tests.operations.desk import PARIS
from tests.operations.rendering import CONTEXT
from tests.operations.test_climb_ladder import DUE_AT, give
from tests.operations.test_queue_reminders import answer
from tests.operations.test_serve_anew import LEGAL
from tests.operations.test_serve_notices import bounce
from tests.support.letters import announce_by_post, letters_of, seal, tell, terms_by
from tests.support.scenario import REGISTERED, Scenario
from tests.support.scenario_facts import VENDOR

BY_MAIL = frozenset({ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT})
FALLBACK = replace(terms_by(Channel.EMAIL, proofs=BY_MAIL), receipt_fallback_days=10)
LADDER_TERMS = {
    "receipt": FALLBACK,
    "dispatch": replace(FALLBACK, runs_from=RunsFrom.DISPATCH),
    "deemed": replace(
        FALLBACK, deemed_receipt=DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=2)
    ),
}
VOID = "The end of the period that we told you before no longer holds."
ANEW = "The period runs anew, and does not end earlier than we told you."
BY_HAND = (
    "The period runs from the day on which this registered letter is handed to you, or from the"
    " day on which you acknowledge receipt through your personal link, if that is earlier."
)


def later(at: datetime, days: int) -> datetime:
    return at + timedelta(days=days)


def letter_data(session: Session, letter_id: int, at: datetime) -> dict[str, Any]:
    (letter,) = load_letters(
        session, [letter_id], public_url="https://x.example", vendor_time_zone="Europe/Paris", at=at
    )
    session.rollback()
    return dict(letter.text.shared.data)


def deadline(data: dict[str, Any]) -> list[str]:
    """What the letter says under its heading about the period."""
    blocks = data["blocks"]
    kinds = [block["kind"] for block in blocks]
    first = kinds.index("heading")
    end = kinds.index("heading", first + 1)
    return [block["text"] for block in blocks[first + 1 : end]]


def everything(data: dict[str, Any]) -> str:
    return str(data)


def test_a_letter_after_a_bounce_tells_no_deadline_of_before(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced = scenario.announce(terms=FALLBACK)
    bounce(session, announced, at=later(at, 1))
    session.execute(update(ContactRow).values(postal_address="1 rue X\n75001 Paris"))
    session.commit()
    climb_ladder(session, zone=PARIS, at=later(at, 2))
    (letter_id,) = letters_of(session, announced.notice_id)
    data = letter_data(session, letter_id, later(at, 20))
    assert deadline(data) == [
        "You can object within 15 days from receipt of this notice.",
        BY_HAND,
        "Where several contacts are designated, the latest receipt counts.",
        VOID,
        ANEW,
    ]
    assert "March 2026" not in everything(data)


def test_a_letter_served_anew_tells_no_deadline_of_before(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    terms = replace(terms_by(Channel.REGISTERED_POST, proofs=()), runs_from=RunsFrom.DISPATCH)
    announced, (letter_id,) = announce_by_post(scenario, terms)
    tell(session, letter_id, LetterEventKind.POSTED, date(2026, 3, 3), at=later(at, 2))
    assert session.get_one(NoticeRow, announced.notice_id).state == NoticeState.SERVED
    tell(session, letter_id, LetterEventKind.RETURNED, date(2026, 3, 10), at=later(at, 9))
    serve_anew(session, announced.notice_id, zone=PARIS, at=later(at, 30), **LEGAL)
    data = letter_data(session, letters_of(session, announced.notice_id)[-1], later(at, 30))
    assert deadline(data) == [
        "You can object within 15 days from the sending of this notice.",
        VOID,
        ANEW,
    ]
    assert "March 2026" not in everything(data)


def mail_of(session: Session, purpose: MessagePurpose, at: datetime) -> MailText:
    due = claims.claim_due(
        session, by="test", until=at + timedelta(hours=1), limit=9, at=at
    ).messages
    write = load_texts(session, due, CONTEXT, Moulds(), at=at)
    return next(write(one, "the-link") for one in due if one.purpose is purpose)


def test_a_mail_served_anew_tells_no_deadline_of_before(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced = scenario.announce(terms=FALLBACK)
    bounce(session, announced, at=later(at, 1))
    assert session.get_one(NoticeRow, announced.notice_id).window
    session.rollback()
    serve_anew(session, announced.notice_id, zone=PARIS, at=later(at, 30), **LEGAL)
    mail = mail_of(session, MessagePurpose.NOTICE, later(at, 30))
    assert mail.subject.endswith("objection possible within 15 days from receipt")
    said = " ".join(mail.text.split())
    assert f"{VOID} {ANEW}" in said
    assert "March 2026" not in said


def test_a_receipt_names_no_day_that_holds_no_longer(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced = scenario.announce(preset=REGISTERED)
    answer(session, announced, ResponseKind.OBJECTION, later(at, 1))
    response_id = session.scalars(select(ResponseRow.id)).one()

    def told() -> datetime | None:
        facts = load_mail_facts(session, [announced.notice_id], [response_id])
        views = MailViews(facts, VENDOR, {}, "Europe/Paris", Moulds(), later(at, 3))
        closes_at = views.response(response_id, wording_for("en")).facts.closes_at
        session.rollback()
        return closes_at

    assert told() is not None
    bounce(session, announced, at=later(at, 2))
    assert told() is None


def test_a_postponement_names_no_deadline_that_holds_no_longer(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced = scenario.announce()
    bounce(session, announced, at=later(at, 1))
    session.add(
        MessageRow(
            logical_key="postponed:1:1:email:1",
            purpose=MessagePurpose.POSTPONED,
            channel=Channel.EMAIL,
            notice_id=announced.notice_id,
            case_id=announced.case_ids[0],
            contact_id=announced.contact_ids[0],
            to_address="dpo@client.example",
            language="en",
            state=MessageState.QUEUED,
            queued_at=at,
            next_attempt_at=at,
        )
    )
    session.commit()
    mail = mail_of(session, MessagePurpose.POSTPONED, later(at, 2))
    assert "17 March 2026" not in mail.text


def test_a_served_notice_tells_its_deadline_and_no_other_rule(
    session: Session, at: datetime
) -> None:
    """The proof came while the letter of the ladder was still to be written."""
    announced = give(session, at, terms=FALLBACK)
    climb_ladder(session, zone=PARIS, at=DUE_AT)
    with transaction(session):
        record_receipt_proof(
            session,
            announced.message_ids[0],
            ProofKind.ACKNOWLEDGEMENT,
            actor="test",
            at=DUE_AT,
        )
        serve_notices(session, [announced.notice_id], at=DUE_AT)
    (letter_id,) = letters_of(session, announced.notice_id)
    data = letter_data(session, letter_id, DUE_AT)
    assert deadline(data) == ["You can object until Monday 30 March 2026, 24:00 (Europe/Paris)."]
    assert "nothing proves" not in everything(data)


@pytest.mark.parametrize("terms", LADDER_TERMS.values(), ids=LADDER_TERMS)
def test_a_letter_of_the_ladder_tells_that_it_counts_from_its_receipt(
    session: Session, at: datetime, terms: NoticeTerms
) -> None:
    announced = give(session, at, terms=terms)
    climb_ladder(session, zone=PARIS, at=DUE_AT)
    (letter_id,) = letters_of(session, announced.notice_id)
    assert deadline(letter_data(session, letter_id, DUE_AT)) == [
        "You can object within 15 days from receipt of this notice.",
        BY_HAND,
        "Where several contacts are designated, the latest receipt counts.",
    ]


@pytest.mark.parametrize("terms", LADDER_TERMS.values(), ids=LADDER_TERMS)
def test_and_so_it_is_counted_and_explained(
    session: Session, at: datetime, terms: NoticeTerms
) -> None:
    announced = give(session, at, terms=terms)
    climb_ladder(session, zone=PARIS, at=DUE_AT)
    (letter_id,) = letters_of(session, announced.notice_id)
    seal(session, [letter_id], at=DUE_AT)
    session.commit()
    known_at = datetime(2026, 3, 20, 9, tzinfo=UTC)
    tell(session, letter_id, LetterEventKind.POSTED, date(2026, 3, 16), at=known_at)
    tell(session, letter_id, LetterEventKind.RECEIVED, date(2026, 3, 18), at=known_at)
    stored = session.get_one(NoticeRow, announced.notice_id, populate_existing=True).window
    assert stored is not None
    window = window_from_mapping(stored)
    assert window.last_day == date(2026, 4, 2)
    first, *others = step_sentences(window, wording_for("en"))
    assert first.startswith("Received on Wednesday 18 March 2026")
    assert "sent" not in " ".join(others).casefold()
    assert "counts as received" not in " ".join(others)


def test_a_late_proof_of_the_mail_opens_no_earlier_window_than_the_letter_tells(
    session: Session, at: datetime
) -> None:
    announced = give(session, at, terms=FALLBACK)
    climb_ladder(session, zone=PARIS, at=DUE_AT)
    (letter_id,) = letters_of(session, announced.notice_id)
    seal(session, [letter_id], at=DUE_AT)
    session.commit()
    known_at = datetime(2026, 3, 20, 9, tzinfo=UTC)
    tell(session, letter_id, LetterEventKind.POSTED, date(2026, 3, 16), at=known_at)
    with transaction(session):
        record_receipt_proof(
            session,
            announced.message_ids[0],
            ProofKind.RECIPIENT_SERVER,
            actor="test",
            received_at=later(at, 1),
            at=known_at,
        )
        serve_notices(session, [announced.notice_id], at=known_at)
    assert session.get_one(NoticeRow, announced.notice_id).state == NoticeState.SERVING
    session.rollback()
    tell(session, letter_id, LetterEventKind.RECEIVED, date(2026, 3, 18), at=known_at)
    stored = session.get_one(NoticeRow, announced.notice_id, populate_existing=True).window
    assert stored is not None
    assert window_from_mapping(stored).last_day == date(2026, 4, 2)


def test_a_plain_letter_speaks_of_no_registered_one(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    _, (plain,) = announce_by_post(scenario, terms_by(Channel.POST))
    assert deadline(letter_data(session, plain, at)) == [
        "You can object within 15 days from receipt of this notice.",
        "It counts as received when you acknowledge receipt through your personal link.",
        "Where several contacts are designated, the latest receipt counts.",
    ]
    _, registered = announce_by_post(scenario, terms_by(Channel.REGISTERED_POST))
    assert deadline(letter_data(session, registered[0], at))[1] == (
        "It counts as received when you acknowledge receipt through your personal link or this"
        " registered letter is handed to you."
    )


def test_a_copy_of_a_designated_contact_is_told_to_be_one(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    terms = replace(FALLBACK, copy_channels=frozenset({Channel.POST}))
    announced = scenario.announce(terms=terms, served=False)
    queue_copies(session, [announced.notice_id], on=at.date(), at=at)
    session.commit()
    (letter_id,) = letters_of(session, announced.notice_id)
    data = letter_data(session, letter_id, at)
    assert data["blocks"][0]["text"].startswith("You get this copy for information")
    # What it says of receipt is what the terms say of the mail.
    assert "your mail server accepts it" in deadline(data)[1]
