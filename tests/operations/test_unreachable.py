"""The list of agreements that no address can serve: computed, and cleared by mending."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.operations.serve_anew import serve_anew
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.reachability import Lack
from subnotify.rules.words import LetterEventKind, MessageState, Outcome, ProofKind
from subnotify.storage.digest_counts import load_digest_counts
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    CaseRow,
    ContactRow,
    MessageRow,
    NoticeRow,
)
from subnotify.storage.unreachable import UnreachableAgreement, count_unreachable, list_unreachable
from tests.operations.desk import PARIS
from tests.operations.test_climb_ladder import CHARTER, DUE_AT, climb, give, letters, tell
from tests.operations.test_queue_digest import queue, text_of
from tests.operations.test_serve_anew import LEGAL, refuse
from tests.operations.test_serve_notices import bounce
from tests.support.scenario import Announced, Scenario, terms_of

FIFTEEN = replace(
    terms_of("fr-15-days"),
    proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT, ProofKind.RECIPIENT_SERVER}),
)


def unreachable(session: Session, at: datetime) -> list[UnreachableAgreement]:
    session.rollback()
    found = list_unreachable(session, on=at.date(), at=at)
    assert count_unreachable(session, on=at.date(), at=at) == len(found)
    session.rollback()
    return found


def lacks(session: Session, at: datetime) -> list[Lack]:
    return [one.lack for agreement in unreachable(session, at) for one in agreement.lacking]


def change(session: Session, table: type, **values: object) -> None:
    session.execute(update(table).values(**values))
    session.commit()


def test_an_agreement_in_order_is_not_on_it(session: Session, at: datetime) -> None:
    Scenario(session, at=at).announce()
    assert unreachable(session, at) == []


def test_nobody_designated_since_the_last_one_ended(session: Session, at: datetime) -> None:
    Scenario(session, at=at).announce()
    change(session, AgreementContactRow, ended_on=date(2026, 2, 20))
    (found,) = unreachable(session, at)
    assert [one.lack for one in found.lacking] == [Lack.NO_CONTACT]
    assert found.since_at is not None and found.since_at.date() == date(2026, 2, 20)
    change(session, AgreementRow, ended_on=date(2026, 2, 25))
    assert unreachable(session, at) == []


def test_a_contact_without_an_address_that_the_terms_can_use(
    session: Session, at: datetime
) -> None:
    Scenario(session, at=at).announce()
    change(session, ContactRow, email=None, postal_address="1 place de la Mairie")
    assert lacks(session, at) == [Lack.NO_ADDRESS]


def test_a_dead_address_until_it_is_corrected_and_the_notice_served_anew(
    session: Session, at: datetime
) -> None:
    announced = Scenario(session, at=at).announce(terms=FIFTEEN)
    bounced_at = at + timedelta(days=2)
    bounce(session, announced, at=bounced_at)
    (found,) = unreachable(session, bounced_at)
    assert [one.lack for one in found.lacking] == [Lack.MAIL_DEAD]
    assert (found.id, found.since_at) == (announced.agreement_id, bounced_at)
    (notice,) = found.notices
    assert (notice.id, notice.case_id) == (announced.notice_id, announced.case_ids[0])
    assert notice.closes_at is not None
    change(session, ContactRow, email="new@client.example")
    assert lacks(session, at) == [Lack.SERVE_ANEW]
    serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at + timedelta(days=3))
    assert unreachable(session, at) == []


def test_serving_anew_to_the_dead_address_brings_it_back(session: Session, at: datetime) -> None:
    announced = Scenario(session, at=at).announce(terms=FIFTEEN, served=False)
    refuse(session, announced, at=at)
    serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at)
    assert unreachable(session, at) == []
    with transaction(session):
        session.execute(
            update(MessageRow)
            .where(MessageRow.serving_number == 2)
            .values(state=MessageState.REJECTED, last_reply="550 unknown")
        )
        serve_notices(session, [announced.notice_id], at=at)
    assert lacks(session, at) == [Lack.MAIL_DEAD]


def test_an_address_stays_dead_when_nothing_waits_any_more(session: Session, at: datetime) -> None:
    announced = Scenario(session, at=at).announce(terms=FIFTEEN)
    bounce(session, announced, at=at)
    change(session, CaseRow, outcome=Outcome.CHANGE_WITHDRAWN, outcome_at=at)
    (found,) = unreachable(session, at)
    assert ([one.lack for one in found.lacking], found.notices) == ([Lack.MAIL_DEAD], ())


def test_mail_that_arrived_there_since_shows_that_it_is_not_dead(
    session: Session, at: datetime
) -> None:
    scenario = Scenario(session, at=at)
    first = scenario.announce(terms=FIFTEEN)
    bounce(session, first, at=at)
    later = at + timedelta(days=20)
    second = scenario.announce(terms=FIFTEEN, at=later)
    _move(session, second, first)
    change(session, CaseRow, outcome=Outcome.CHANGE_WITHDRAWN, outcome_at=at)
    assert unreachable(session, later) == []


def _move(session: Session, second: Announced, first: Announced) -> None:
    """The second notice is another one of the first one's agreement and contact."""
    person = session.get_one(ContactRow, first.contact_ids[0])
    session.execute(
        update(MessageRow)
        .where(MessageRow.notice_id == second.notice_id)
        .values(contact_id=person.id, to_address=person.email)
    )
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == second.notice_id)
        .values(agreement_id=first.agreement_id)
    )
    session.commit()


def test_a_letter_takes_over_unless_it_came_back(session: Session, at: datetime) -> None:
    announced = give(session, at, terms=CHARTER)
    bounce(session, announced, at=at)
    # The job queues it within minutes.
    assert unreachable(session, at) == []
    climb(session, at)
    assert unreachable(session, at) == []
    ((message, _),) = letters(session)
    tell(session, message.id, (LetterEventKind.POSTED, 4), (LetterEventKind.UNCLAIMED, 24))
    assert lacks(session, DUE_AT) == [Lack.LETTER_BACK]
    change(session, ContactRow, postal_address="2 rue Neuve\n08400 Vouziers")
    assert lacks(session, DUE_AT) == [Lack.SERVE_ANEW]


def test_the_mornings_summary_names_them(session: Session, at: datetime) -> None:
    announced = Scenario(session, at=at).announce(terms=FIFTEEN)
    change(session, ContactRow, email=None)
    counts = load_digest_counts(session, zone=PARIS, at=at)
    session.rollback()
    assert (counts.unreachable, counts.needs_person(at.date())) == (1, True)
    assert queue(session, at)
    text = text_of(session, at).text
    assert "Agreements out of reach: 1" in text
    assert f"/desk/agreements/{announced.agreement_id}" in text
    assert "/desk/unreachable" in text
