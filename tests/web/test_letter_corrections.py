"""On the desk: correcting what is recorded of a letter, and sending it electronically."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from subnotify.rules.words import Channel, LetterEventKind, LetterProduct, NoticeState, Role
from subnotify.storage.tables import LetterEventRow, LetterRow, NoticeRow
from tests.support.letter_batches import prepare, queue
from tests.support.letters import tell
from tests.support.scenario import Scenario
from tests.support.web_client import SettableClock, WebClient, session_on

NEW = "corrections/new"
_FIELD = re.compile(r'name="(events|shown)"[^>]*value="([^"]*)"')


@pytest.fixture
def letter(database_url: str, at: datetime, clock: SettableClock) -> int:
    """A registered letter that was posted and received."""
    clock.at = at + timedelta(days=10)
    with session_on(database_url) as session:
        (letter,) = queue(Scenario(session, at=at), 1, Channel.REGISTERED_POST)
        prepare(session, at=at)
        tell(session, letter, LetterEventKind.POSTED, date(2026, 3, 3), at=clock.at)
        tell(session, letter, LetterEventKind.RECEIVED, date(2026, 3, 5), at=clock.at)
    return letter


@pytest.fixture
def waiting(database_url: str, at: datetime) -> int:
    with session_on(database_url) as session:
        return queue(Scenario(session, at=at), 1, Channel.REGISTERED_POST)[0]


def notice_state(url: str) -> str:
    with session_on(url) as session:
        return session.scalars(select(NoticeRow.state)).one()


def product(url: str) -> str:
    with session_on(url) as session:
        return session.scalars(select(LetterRow.product)).one()


def propose(browser: WebClient, path: str, **fields: str):
    form = {"what": "never", "on": "", "note": "The card was of another letter."}
    return browser.post(f"{path}/{NEW}/received", f"{path}/{NEW}/received", **(form | fields))


def confirm_shown(browser: WebClient, check, path: str):
    """Record exactly what the page showed."""
    fields = {name: unescape(value) for name, value in _FIELD.findall(check.text)}
    token = browser.token(f"{path}/event")
    return browser.post_bare(f"{path}/event/record", {"csrf_token": token, **fields})


def test_two_persons_correct_an_event(
    letter: int, signed_in: Callable[..., WebClient], database_url: str
):
    first, path = signed_in(Role.LEGAL), f"/desk/letters/{letter}"
    assert "corrections/new/received" in first.get(path).text
    assert propose(first, path).status_code == 303
    page = first.get(path).text
    assert "Waits for another person" in page and "The card was of another letter." in page
    assert "corrections/new" not in page
    confirm = f"{path}/corrections/1/confirm"
    refused = first.post(confirm, confirm)
    assert "Another person must confirm this" in refused.text
    assert notice_state(database_url) == NoticeState.SERVED
    second = signed_in(Role.LEGAL, Role.ADMIN)
    assert "did not happen to this letter" in second.get(confirm).text
    assert second.post(confirm, confirm).status_code == 303
    page = second.get(path).text
    assert "Corrected" in page and "Confirmed by" in page
    assert notice_state(database_url) == NoticeState.NOT_SERVED
    case = second.get("/desk/cases/1").text
    assert "what became of a letter" in case.replace("\n", " ")
    # A second click: the letter's page says that it is done.
    assert second.post(confirm, path).location == path
    assert "confirmed or refused already" in second.get(path).text


def test_a_letter_that_came_back_against_its_card_is_kept_and_one_of_the_two_is_corrected(
    letter: int, signed_in: Callable[..., WebClient], database_url: str
):
    first, path = signed_in(Role.LEGAL), f"/desk/letters/{letter}"
    check = first.post(f"{path}/event", f"{path}/event", kind="returned", on="2026-03-09")
    assert check.status_code == 200
    assert "What contradicts the record" in check.text
    assert "and the other is on record" in check.text
    assert notice_state(database_url) == NoticeState.SERVED
    done = confirm_shown(first, check, path)
    assert done.status_code == 303
    assert notice_state(database_url) == NoticeState.NOT_SERVED
    page = first.get(path).text
    assert "contradicts what is on record" in page and "What contradicts it" in page
    case = first.get("/desk/cases/1").text
    assert "What became of the letter" in case and "its proof is in doubt" in case
    untrue = f"{path}/corrections/contradiction/1"
    assert first.post(untrue, untrue, note="").status_code == 422
    assert first.post(untrue, untrue, note="The envelope was of another one.").status_code == 303
    second = signed_in(Role.LEGAL, Role.ADMIN)
    confirm = f"{path}/corrections/1/confirm"
    assert second.post(confirm, confirm).status_code == 303
    assert notice_state(database_url) == NoticeState.SERVED
    assert "What contradicts it" not in second.get(path).text
    assert second.get(untrue).status_code == 404


def test_a_registered_letter_without_its_number_is_told_of(
    waiting: int,
    signed_in: Callable[..., WebClient],
    database_url: str,
    at: datetime,
    clock: SettableClock,
):
    clock.at = at + timedelta(days=10)
    with session_on(database_url) as session:
        prepare(session, at=at)
    browser, path = signed_in(Role.LEGAL), f"/desk/letters/{waiting}"
    check = browser.post(f"{path}/event", f"{path}/event", kind="posted", on="2026-03-03")
    assert "posted without its number" in check.text
    confirm_shown(browser, check, path)
    assert "No number proves the posting" in browser.get(path).text
    check = browser.post(
        f"{path}/event", f"{path}/event", kind="posted", on="2026-03-03", proof_number="RK 1"
    )
    assert "posted without its number" not in check.text
    confirm_shown(browser, check, path)
    page = browser.get(path).text
    assert "No number proves the posting" not in page and "RK 1" in page


def test_a_correction_can_be_refused(
    letter: int, signed_in: Callable[..., WebClient], database_url: str
):
    browser, path = signed_in(Role.LEGAL), f"/desk/letters/{letter}"
    propose(browser, path, what="day", on="2026-03-06")
    refuse = f"{path}/corrections/1/refuse"
    assert browser.post(refuse, refuse).status_code == 303
    assert "Refused by" in browser.get(path).text
    with session_on(database_url) as session:
        days = select(LetterEventRow.on).where(LetterEventRow.kind == "received")
        assert session.scalars(days).all() == [date(2026, 3, 5)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"what": ""}, "Choose what is true."),
        ({"what": "day"}, "Give the day on the proof"),
        ({"what": "day", "on": "2026-03-05"}, "This is the day on record already."),
        ({"what": "day", "on": "2026-03-01"}, "The letter was not written yet on this day."),
        ({"what": "day", "on": "yesterday"}, "Write the day as year-month-day"),
        ({"note": " "}, "Write the reason"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    letter: int, signed_in: Callable[..., WebClient], fields: dict[str, str], said: str
):
    browser, path = signed_in(Role.LEGAL), f"/desk/letters/{letter}"
    response = propose(browser, path, **fields)
    assert response.status_code == 422 and said in response.text
    if "note" not in fields:
        assert "The card was of another letter." in response.text


def test_others_and_other_letters_are_refused(letter: int, signed_in: Callable[..., WebClient]):
    path = f"/desk/letters/{letter}"
    legal = signed_in(Role.LEGAL)
    propose(legal, path)
    assert legal.get(f"{path}/{NEW}/returned").status_code == 404
    assert legal.get(f"{path}/{NEW}/nonsense").status_code == 404
    assert legal.get("/desk/letters/999/corrections/1/confirm").status_code == 404
    assert legal.get(f"{path}/corrections/99/confirm").status_code == 404
    publisher = signed_in(Role.PUBLISHER)
    assert "corrections/1/confirm" not in publisher.get(path).text
    assert publisher.get(f"{path}/corrections/1/confirm").status_code in (403, 404)


def test_a_letter_goes_electronically_and_on_paper_after_all(
    waiting: int, signed_in: Callable[..., WebClient], database_url: str
):
    browser, path = signed_in(Role.LEGAL), f"/desk/letters/{waiting}"
    assert "Send as an electronic registered letter" in browser.get(path).text
    assert "L100" in browser.get(f"{path}/electronic").text
    assert browser.post(f"{path}/electronic", f"{path}/electronic").status_code == 303
    assert product(database_url) == LetterProduct.REGISTERED_ELECTRONIC
    assert browser.get(f"{path}/letter.pdf").data.startswith(b"%PDF-")
    page = browser.get(path).text
    assert "Download the letter" in page and "Send on paper after all" in page
    assert browser.post(f"{path}/paper", f"{path}/paper").status_code == 303
    assert product(database_url) == LetterProduct.REGISTERED


def test_a_letter_in_a_batch_is_not_sent_electronically(
    waiting: int, signed_in: Callable[..., WebClient], database_url: str, at: datetime
):
    with session_on(database_url) as session:
        prepare(session, at=at)
    browser, path = signed_in(Role.LEGAL), f"/desk/letters/{waiting}"
    assert "Send as an electronic registered letter" not in browser.get(path).text
    refused = browser.post(f"{path}/electronic", f"{path}/electronic")
    assert "Cancel its batch first" in refused.text
