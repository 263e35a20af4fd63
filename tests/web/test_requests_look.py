"""Written requests for the list in a browser, and the document that legal downloads there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from subnotify.delivery.sealing import SealKey
from subnotify.operations.answer_request import prepare_document, record_answer
from subnotify.operations.record_request import record_request
from subnotify.rules.document_requests import NewRequest
from subnotify.rules.words import ResponseChannel, Role
from tests.operations.desk import LEGAL
from tests.support.browser import WIDE, served
from tests.support.databases import Databases
from tests.support.list_documents import add_version
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.read_pdfs import read_pdf
from tests.support.release_world import PARIS, ReleaseWorld
from tests.support.settings import SEAL_KEY
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
# Waits; waits for long, with a document; answered.
PAGES = (
    "/desk/requests",
    "/desk/requests?show=answered",
    "/desk/requests?show=all",
    *(f"/desk/requests/{number}" for number in range(1, 4)),
    "/desk/requests/2/answer",
    "/desk/requests/new",
    "/desk/requests/new?search=nobody",
    "/desk/requests/new?agreement=1",
    "/desk/requests/new?again=3",
    "/desk/agreements/1",
    "/desk/agreements/1/list",
    "/desk/agreements/2",
    "/desk/clients/1",
)
NOW = {"zone": PARIS, **LEGAL}


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        world = ReleaseWorld(session, at=AT)
        agreement = world.add_agreement()
        world.add_agreement(language="fr")
        world.add_listed("orage", services=("mail",))
        session.commit()
        add_version(session, 1, at=AT)
        asked = NewRequest(
            agreement,
            ResponseChannel.REGISTERED_POST,
            AT.date(),
            "Camille-Alexandrine Perrin-Montgolfier, déléguée à la protection des données",
            AT.date(),
            "fr",
            note="Asks under clause 7.2.\n" + "x" * 200,
        )
        for number in range(3):
            record_request(session, replace(asked, note=f"{number} {asked.note}"), at=AT, **NOW)
        key = SealKey(SEAL_KEY)
        for number in (2, 3):
            document = prepare_document(
                session, number, in_place_of=None, seal_key=key, at=AT + DAY, **NOW
            )
        record_answer(
            session,
            3,
            document_id=document,
            through=ResponseChannel.POST,
            given_on=(AT + DAY).date(),
            at=AT + DAY,
            **NOW,
        )
    clock = SettableClock(AT + 20 * DAY)
    make_operator(url, "Lea Legal", [Role.LEGAL], at=clock.at)
    with served(make_app(url, clock)) as address:
        yield address


@every_look
def test_the_pages_look_as_they_should(
    browser: Browser, site: str, width: int, scheme: str, language: str
):
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


def test_legal_answers_with_the_keyboard_and_gets_the_file(browser: Browser, site: str):
    page = signed_in(browser, site, WIDE, "light", "en")
    page.goto(f"{site}/desk/requests/1")
    page.get_by_role("button", name="Prepare the document").press("Enter")
    page.wait_for_selector("text=Record how it was given")
    with page.expect_download() as started:
        page.get_by_role("link", name="sous-traitants-DPA-1-2026-03-02.pdf").click()
    with open(started.value.path(), "rb") as file:
        found = read_pdf(file.read())
    assert found.language == "fr" and "Orage Hébergement SAS" in found.text
    page.get_by_role("link", name="Record how it was given").press("Enter")
    page.get_by_label("Email").check()
    page.get_by_role("button", name="Record the answer").press("Enter")
    page.wait_for_selector("text=answered on 22 Mar 2026")
    page.close()
