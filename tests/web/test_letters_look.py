"""The pages of letters in a browser: every width, scheme and language, with nothing cut off."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from subnotify.operations.correct_letter_event import (
    confirm_event_correction,
    propose_event_correction,
)
from subnotify.operations.hand_over_batch import hand_over_batch
from subnotify.operations.record_letter_events import GivenEvent
from subnotify.rules.words import Channel, LetterEventKind, LetterProduct, Role
from subnotify.storage.tables import ContactRow, LetterRow, MessageRow
from tests.support.browser import served
from tests.support.databases import Databases
from tests.support.letter_batches import LEGAL_EMAIL, prepare, queue
from tests.support.letter_press import ScriptedPress
from tests.support.letters import tell_all
from tests.support.looks import check_look, check_pages, every_look, signed_in
from tests.support.scenario import Scenario
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATER = AT + timedelta(days=8)
PATHS = (
    "/desk/letters",
    "/desk/letters?release=1",
    "/desk/letters/batches",
    "/desk/letters/batches/1",
    "/desk/letters/batches/2",
    "/desk/letters/batches/2/hand-over",
    "/desk/letters/batches/2/cancel",
    "/desk/letters/events",
    "/desk/notices/1",
    "/desk/cases/1",
)


def propose(session: Session, letter: int, kind: LetterEventKind, on: date | None) -> int:
    return propose_event_correction(
        session,
        letter,
        kind,
        on=on,
        reason="The card in the file is that of another letter: " + "9" * 60,
        by="Marc Legal",
        actor="operator:2",
        vendor_time_zone="Europe/Paris",
        at=LATER,
    )


def correct(session: Session, letter: int, kind: LetterEventKind, on: date) -> None:
    confirm_event_correction(
        session,
        propose(session, letter, kind, on),
        by="Ana Legal",
        actor="operator:3",
        legal_email=LEGAL_EMAIL,
        vendor_time_zone="Europe/Paris",
        at=LATER,
    )


@pytest.fixture(scope="module")
def ground(databases: Databases) -> Iterator[tuple[str, list[int]]]:
    """A batch with all that may become of a letter, one that waits, and letters that wait."""
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        first, second, third = queue(scenario, 3, Channel.REGISTERED_POST)
        lines = ["Société Générale d’Études Hydrographiques du Haut-Val-de-Sèvre", "x" * 38] * 3
        session.get_one(LetterRow, third).address_lines = lines
        contact_id = session.get_one(MessageRow, third).contact_id
        contact = session.get_one(ContactRow, contact_id)
        contact.name, contact.postal_address = lines[0], "\n".join(lines[1:])
        session.commit()
        prepare(session, at=AT, most=2)
        hand_over_batch(
            session,
            1,
            by="marc",
            actor="a",
            legal_email=LEGAL_EMAIL,
            vendor_time_zone="Europe/Paris",
            at=AT,
        )
        tell_all(
            session,
            [
                GivenEvent(
                    first, LetterEventKind.POSTED, date(2026, 3, 3), "RK 12 345 678 9 FR", "Roubaix"
                ),
                GivenEvent(first, LetterEventKind.RECEIVED, date(2026, 3, 5)),
                GivenEvent(second, LetterEventKind.POSTED, date(2026, 3, 3), "1A" + "9" * 70),
                GivenEvent(second, LetterEventKind.RETURNED, date(2026, 3, 6), "", "moved away"),
            ],
            at=LATER,
        )
        plain, electronic = *queue(scenario, 1), *queue(scenario, 1, Channel.REGISTERED_POST)
        session.get_one(LetterRow, electronic).product = LetterProduct.REGISTERED_ELECTRONIC
        session.commit()
        prepare(session, ScriptedPress(refuses={plain}), at=LATER)
        correct(session, first, LetterEventKind.RECEIVED, date(2026, 3, 6))
        propose(session, second, LetterEventKind.RETURNED, None)
        queue(scenario, 2)
    clock = SettableClock(LATER)
    make_operator(url, "Lea Legal", [Role.LEGAL], at=LATER)
    with served(make_app(url, clock)) as address:
        yield address, [first, second, third, plain, electronic]


@every_look
def test_every_page(browser: Browser, ground, width: int, scheme: str, language: str):
    site, letters = ground
    page = signed_in(browser, site, width, scheme, language)
    own = [f"/desk/letters/{number}" for number in letters]
    steps = (
        *(f"{own[0]}/event", f"{own[3]}/event", f"{own[0]}/corrections/new/posted"),
        *(f"{own[1]}/corrections/2/confirm", f"{own[1]}/corrections/2/refuse"),
        *(f"{own[4]}/paper", f"{own[4]}/electronic"),
    )
    check_pages(page, site, [*PATHS, *own, *steps], language)


@every_look
def test_the_page_to_check(browser: Browser, ground, width: int, scheme: str, language: str):
    """By keyboard and without a script: an event, then what a table would record."""
    site, letters = ground
    page = signed_in(browser, site, width, scheme, language)
    page.goto(f"{site}/desk/letters/{letters[4]}/event")
    page.check("[name=kind][value=posted]")
    page.fill("[name=on]", "2026-03-09")
    page.fill("[name=proof_number]", "2D 001 234 567 8")
    with page.expect_navigation():
        page.press("[name=proof_number]", "Enter")
    check_look(page, language)
    assert page.locator("[name=shown]").count() == 1
    page.goto(f"{site}/desk/letters/events")
    table = (
        "letter,event,on\nnotice:5:5:registered_post:1,posted,2026-03-10\n"
        + "nothing:1:2:3,posted,2026-03-10\n" * 3
    )
    page.set_input_files(
        "[name=file]", {"name": "a.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    with page.expect_navigation():
        page.click("main [type=submit]")
    check_look(page, language)
    page.close()
