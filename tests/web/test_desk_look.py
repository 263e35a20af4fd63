"""Legal's pages in a browser: widths, contrast in both schemes, keyboard, nothing blocked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.transaction import transaction
from subnotify.rules.words import Role, SettlementKind
from tests.operations.desk import LEGAL, add_response
from tests.support.browser import (
    WIDE,
    served,
)
from tests.support.databases import Databases
from tests.support.looks import check_look, check_pages, every_look, signed_in
from tests.support.scenario import FIFTEEN, REGISTERED, Scenario
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
# Settled by a termination; bounced; asked about; waiting to be served.
PAGES = (
    "/desk/board",
    "/desk/board?lane=open",
    "/desk/board/step?lane=open&step=read&all=1",
    "/desk/board/charts",
    "/desk/board/calendar?month=2026-03",
    "/desk/calendar-address",
    "/desk/cases/1",
    "/desk/cases/2",
    "/desk/cases/1/timeline",
    "/desk/cases/3",
    "/desk/incoming-letters/new/notice/1?case=1",
    "/desk/cases/3/settle",
    "/desk/changes/1/gate?show=all",
    "/desk/confirmations",
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        objected = scenario.announce(preset=REGISTERED, language="fr")
        bounced, asked = scenario.announce(preset=FIFTEEN), scenario.announce(contacts=2)
        scenario.announce(served=False)
        with transaction(session):
            add_response(
                session,
                objected.notice_id,
                objected.case_ids[0],
                "objection",
                AT + DAY,
                channel="registered_post",
                dispatched_on=AT.date(),
                by_name="Jean Dupont",
                letter_reference="1A 123 456 7890 1",
                services=["monitoring"],
            )
            add_response(session, asked.notice_id, None, "question", AT + DAY, text="Where? " * 40)
            for case_id in (*objected.case_ids, *asked.case_ids):
                apply_standings(session, [case_id], actor="client:notice:1", at=AT + DAY)
        settle_objection(
            session,
            objected.case_ids[0],
            Settlement(SettlementKind.TERMINATED, "the letter is valid", ("monitoring",)),
            at=AT + 2 * DAY,
            **LEGAL,
        )
        words = "550 5.1.1 <dpo0@client2.example>: Recipient address rejected: User unknown"
        record_bounce(session, bounced.message_ids[0], note=words, at=AT + 2 * DAY, **LEGAL)
    clock = SettableClock(AT + 3 * DAY)
    make_operator(url, "Lea Legal", [Role.LEGAL], at=clock.at)
    with served(make_app(url, clock)) as address:
        yield address


@every_look
def test_the_mail_of_a_settlement_before_it_is_recorded(
    browser: Browser, site: str, width: int, scheme: str, language: str
) -> None:
    page = signed_in(browser, site, width, scheme, language)
    page.goto(f"{site}/desk/cases/3/settle?lang={language}")
    page.locator("[name=kind][value=accommodated]").check()
    page.fill("[name=note]", "kept on the old host")
    with page.expect_navigation():
        page.locator("main form button").first.click()
    assert page.locator("pre.mail-text").count() == 1
    check_look(page, language)
    page.close()


@every_look
def test_legals_pages(browser: Browser, site: str, width: int, scheme: str, language: str) -> None:
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


def test_settling_by_keyboard_leads_to_the_field_that_is_wrong(browser: Browser, site: str) -> None:
    page = signed_in(browser, site, WIDE, "light", "en")
    page.goto(f"{site}/desk/cases/3")
    page.get_by_role("link", name="Settle with the client").press("Enter")
    page.get_by_label("Reason").fill("they asked by telephone")
    page.get_by_label("Reason").press("Tab")
    page.keyboard.press("Enter")
    summary = page.get_by_role("alert")
    link = summary.get_by_role("link", name="Choose how the objection is settled")
    link.press("Enter")
    expect(page.locator("#kind-0")).to_be_focused()
    expect(page.get_by_label("Reason")).to_have_value("they asked by telephone")
    page.close()
