"""The list of notices that nothing proves, through the app as it runs, and where it is counted."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.operations.correct_letter_event import propose_event_correction
from subnotify.rules.words import Channel, LetterEventKind, Role
from subnotify.storage.digest_counts import load_digest_counts
from subnotify.storage.tables import ContactRow
from subnotify.storage.unproved import WAITS_FOR
from tests.operations.desk import PARIS
from tests.operations.test_climb_ladder import give
from tests.support.letters import announce_by_post, tell, terms_by
from tests.support.scenario import Announced, Scenario
from tests.support.web_client import SettableClock, WebClient

PATH = "/desk/unproved"
SignIn = Callable[..., WebClient]


def said(page: str) -> str:
    return " ".join(unescape(page).split())


@pytest.fixture
def hanging(session: Session, at: datetime, clock: SettableClock) -> Announced:
    """A mail that nothing proves, to a contact without a postal address, and the days are over."""
    announced = give(session, at)
    session.execute(update(ContactRow).values(postal_address=""))
    session.commit()
    clock.at = at + WAITS_FOR
    return announced


def test_nothing_is_without_proof(signed_in: SignIn, session: Session, at: datetime) -> None:
    Scenario(session, at=at).announce()
    legal = signed_in(Role.LEGAL)
    assert "Every notice that left is proved" in said(legal.get(PATH).text)
    assert "No proof of a letter is in doubt" in said(legal.get(f"{PATH}/corrections").text)
    assert "nothing proves that it was given" not in said(legal.get("/desk/board").text)


def test_legal_sees_why_since_when_and_where_to_mend_it(
    signed_in: SignIn, hanging: Announced, session: Session
) -> None:
    legal = signed_in(Role.LEGAL)
    page = said(legal.get(PATH).text)
    for words in (
        "Northwind Mills 1 Ltd",
        "DPA-2024-001",
        "no postal address for the registered letter that follows",
        "Add the postal address: the letter then follows by itself.",
        f"/desk/notices/{hanging.notice_id}",
        f"/contacts/{hanging.contact_ids[0]}/edit",
    ):
        assert words in page, words
    morning = said(legal.get("/desk/morning").text)
    assert f'<a href="{PATH}">Notices without proof</a>' in morning
    board = said(legal.get("/desk/board").text)
    assert "1 notice left and nothing proves that it was given. No window runs." in board


def test_a_letter_leads_to_its_page_and_a_hopeless_one_to_serving_anew(
    signed_in: SignIn, session: Session, at: datetime, clock: SettableClock
) -> None:
    announced, (letter,) = announce_by_post(Scenario(session, at=at), terms_by(Channel.POST))
    clock.at = at + WAITS_FOR
    legal = signed_in(Role.LEGAL)
    page = said(legal.get(PATH).text)
    assert "No posting of the letter to" in page and f"/desk/letters/{letter}" in page
    tell(session, letter, LetterEventKind.POSTED, date(2026, 3, 3), at=clock.at)
    clock.at += 2 * WAITS_FOR
    legal.sign_in("Ana legal")
    page = said(legal.get(PATH).text)
    assert "only what the client itself acknowledges can" in page
    assert f"/desk/cases/{announced.case_ids[0]}/serve-anew" in page
    assert legal.get(f"/desk/cases/{announced.case_ids[0]}/serve-anew").status_code == 200


def test_the_publisher_reads_and_others_do_not(signed_in: SignIn, hanging: Announced) -> None:
    publisher = signed_in(Role.PUBLISHER)
    page = publisher.get(PATH).text
    assert "Look at the notice" in page and "/edit" not in page
    assert publisher.get(f"{PATH}/corrections").status_code == 403
    admin = signed_in(Role.ADMIN)
    assert admin.get(PATH).status_code == 403
    assert PATH not in admin.get("/desk/board").text


def test_odd_pages_are_the_nearest(signed_in: SignIn, hanging: Announced) -> None:
    legal = signed_in(Role.LEGAL)
    for odd in ("0", "-3", "999999999999999999999", "x", "1e9"):
        assert legal.get(f"{PATH}?page={odd}").status_code == 200, odd


def test_a_correction_that_waits_is_told_in_the_morning(
    signed_in: SignIn, session: Session, at: datetime, clock: SettableClock
) -> None:
    _, (letter,) = announce_by_post(Scenario(session, at=at), terms_by(Channel.REGISTERED_POST))
    clock.at = at + timedelta(days=10)
    legal = signed_in(Role.LEGAL)
    for kind, day in ((LetterEventKind.POSTED, 3), (LetterEventKind.RECEIVED, 5)):
        tell(session, letter, kind, date(2026, 3, day), at=clock.at)
    quiet = said(legal.get("/desk/morning").text)
    assert "Letters whose proof is in doubt;" in quiet
    propose_event_correction(
        session,
        letter,
        LetterEventKind.RECEIVED,
        on=None,
        reason="The card was of another letter.",
        by="Bea",
        actor="operator:9",
        vendor_time_zone="Europe/Paris",
        at=clock.at,
    )
    morning = said(legal.get("/desk/morning").text)
    line = f'<a href="{PATH}/corrections">Letters whose proof is in doubt</a>'
    assert line in morning
    page = said(legal.get(f"{PATH}/corrections").text)
    for words in (
        "The card was of another letter.",
        "Bea",
        "It is said not to have happened.",
        f"/desk/letters/{letter}#corrections",
    ):
        assert words in page, words
    tell(session, letter, LetterEventKind.RETURNED, date(2026, 3, 9), at=clock.at)
    page = said(legal.get(f"{PATH}/corrections").text)
    assert "It was told, and contradicts what is recorded." in page
    assert f"/desk/letters/{letter}#contested" in page
    counts = load_digest_counts(session, zone=PARIS, at=clock.at)
    assert counts.corrections == 2
    assert [x.is_contradiction for x in counts.first_corrections] == [True, False]
