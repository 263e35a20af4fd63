"""The pages about countries and the list of one client in a browser."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Browser, expect

from subnotify.operations.commence_changes import commence_changes
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.rules.locations import Location
from subnotify.rules.words import LocationKind, Role, SettlementKind
from tests.operations.blocked_world import (
    DAY,
    SWISS,
    case_under,
    close_all,
    except_from,
    serve_all,
)
from tests.operations.desk import LEGAL
from tests.support.browser import WIDE, served
from tests.support.databases import Databases
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.release_world import PARIS, ReleaseWorld
from tests.support.scenario_facts import ORAGE
from tests.support.transfers import clauses
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
THEN = AT + 61 * DAY
FAR = replace(
    ORAGE,
    name="Orage Overseas Data Processing and Hosting Cooperative Ltd",
    locations=(
        Location("US", LocationKind.ESTABLISHMENT, (clauses(),)),
        Location("IN", LocationKind.SUPPORT, (clauses(),)),
    ),
)
# Blocked; excepted and settled; kept on the old one.
PAGES = (
    "/desk/agreements/1",
    "/desk/agreements/2",
    "/desk/agreements/1/list",
    "/desk/agreements/2/list",
    "/desk/agreements/3/list",
    "/desk/agreements/1/exceptions/new?case=1",
    "/desk/agreements/2/exceptions/1/end",
    "/desk/cases/1",
    "/desk/changes/1/gate?show=all",
    "/desk/releases/2",
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        world = ReleaseWorld(session, at=AT)
        world.add_agreement(terms=SWISS)
        excepted = world.add_agreement(terms=SWISS, language="fr")
        refusing = world.add_agreement()
        world.add_change("orage", services=("mail",), replaces="vieux-port")
        release = world.draft([1], commences_by_itself=True)
        world.approve(release)
        world.release(release)
        serve_all(session, AT)
        except_from(session, excepted, AT, until_on=date(2026, 12, 1), note="Signed by both.")
        except_from(session, excepted, AT, country="XO", subprocessor_id=1, reference="Letter 7")
        kept = Settlement(SettlementKind.ACCOMMODATED, "kept on the old host")
        settle_objection(session, case_under(session, refusing), kept, **LEGAL, at=AT)
        close_all(session, case_under(session, excepted))
        commence_changes(session, zone=PARIS, at=THEN)
        world.draft([world.add_change("far", services=("mail",), facts=FAR)])
    clock = SettableClock(THEN + DAY)
    make_operator(url, "Lea Legal", [Role.LEGAL], at=clock.at)
    with served(make_app(url, clock)) as address:
        yield address


@every_look
def test_the_pages_about_countries(
    browser: Browser, site: str, width: int, scheme: str, language: str
) -> None:
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


def test_an_exception_by_keyboard_leads_to_the_field_that_is_wrong(
    browser: Browser, site: str
) -> None:
    page = signed_in(browser, site, WIDE, "light", "en")
    page.goto(f"{site}/desk/cases/1")
    page.get_by_role("link", name="Record a country exception").first.press("Enter")
    expect(page.get_by_label("Country")).to_have_value("FR")
    page.get_by_label("Document in which the client agreed").press("Enter")
    summary = page.get_by_role("alert")
    summary.get_by_role("link", name="Write the reference").press("Enter")
    expect(page.locator("#reference")).to_be_focused()
    page.close()
