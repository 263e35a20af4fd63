"""Letters from clients and legal's morning page in a browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from subnotify.operations.close_windows import close_windows
from subnotify.operations.keep_document import GivenFile
from subnotify.rules.words import IncomingLetterKind, ResponseChannel, Role
from subnotify.storage.tables import AgreementRow
from tests.support.browser import WIDE, served
from tests.support.databases import Databases
from tests.support.incoming_letters import PDF, add_letter
from tests.support.incoming_rows import add_incoming
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.scenario import FIFTEEN, REGISTERED, Scenario
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
LONG = (
    "Madame, Monsieur, nous nous opposons à ce changement.\n\nhttps://client.example/" + "x" * 200
)
PATH = "/desk/incoming-letters"
PAGES = (
    "/desk/morning",
    PATH,
    f"{PATH}?show=all",
    f"{PATH}?show=filed",
    *(f"{PATH}/{number}" for number in range(1, 6)),
    f"{PATH}/2/file",
    f"{PATH}/3/file",
    f"{PATH}/3/tie",
    f"{PATH}/3/tie?search=northwind",
    f"{PATH}/3/scan",
    f"{PATH}/4/done",
    f"{PATH}/new",
    f"{PATH}/new?search=northwind",
    f"{PATH}/new?search=nobody",
    f"{PATH}/new/notice/1?case=1",
    f"{PATH}/new/client/1",
    f"{PATH}/new/unknown",
    "/desk/agreements/2/contacts/new?letter=4",
    "/desk/cases/1",
    "/desk/cases/3",
    "/desk/notices/1",
    "/desk/board?hold=reply_waits",
    "/desk/board?ending=soon",
    "/desk/confirmations",
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    now = AT + 14 * DAY
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        first = scenario.announce(preset=REGISTERED, changes=2)
        second = scenario.announce(preset=FIFTEEN)
        rows = session.execute(select(AgreementRow.id, AgreementRow.client_id)).all()
        clients = {row.id: row.client_id for row in rows}
        session.rollback()
        scan = GivenFile("Lettre recommandée de résiliation du 10 mars 2026, pages 1 à 3.pdf", PDF)
        about = {"notice_id": first.notice_id, "case_ids": first.case_ids[:1]}
        of = {"client_id": clients[second.agreement_id]}
        add_letter(
            session, at=AT + 8 * DAY, scan=scan, kind=IncomingLetterKind.TERMINATION, **about
        )
        add_letter(session, at=AT + 9 * DAY, text=LONG, **of)
        add_letter(session, at=AT + 10 * DAY, from_name="", letter_reference="", dispatched_on=None)
        add_letter(session, at=AT + 11 * DAY, kind=IncomingLetterKind.CONTACT_CHANGE, **of)
        add_letter(
            session,
            at=AT + 12 * DAY,
            kind=IncomingLetterKind.OTHER,
            channel=ResponseChannel.POST,
            note="Une invitation.",
            **of,
        )
        add_incoming(session, None, received_at=AT + 12 * DAY)
        close_windows(session, at=now)
    clock = SettableClock(now)
    make_operator(url, "Lea Legal", [Role.LEGAL], at=now)
    with served(make_app(url, clock)) as address:
        yield address


@every_look
def test_every_page_is_legible(browser: Browser, site: str, width: int, scheme: str, language: str):
    check_pages(signed_in(browser, site, width, scheme, language), site, PAGES, language)


def test_a_letter_is_recorded_by_keyboard_from_its_reference(browser: Browser, site: str) -> None:
    page = signed_in(browser, site, WIDE, "light", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("This morning")
    page.get_by_role("link", name="Record a letter").press("Enter")
    field = page.get_by_label("Reference that the letter quotes")
    field.fill("S-2026-002-00002")
    field.press("Enter")
    expect(page.get_by_text("The reference was found")).to_be_visible()
    page.get_by_label("Question or another answer").check()
    page.get_by_label("Registered post").check()
    page.get_by_label("Received on").fill("2026-03-12")
    page.get_by_label("Scan of the letter").set_input_files(
        {"name": "../scan.html", "mimeType": "text/html", "buffer": PDF}
    )
    page.get_by_role("button", name="Record the letter").press("Enter")
    expect(page.get_by_text("The letter is recorded, and a receipt")).to_be_visible()
    with page.expect_download() as saving:
        page.get_by_role("link", name="Download the scan").click()
    assert saving.value.suggested_filename == "scan.pdf"
    page.close()
