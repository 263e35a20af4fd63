"""Legal's pages of transfers that end, in a browser: widths, contrast, nothing blocked."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from subnotify.operations.note_lapse import note_lapse
from subnotify.rules.words import Role, VendorRole
from tests.operations.desk import LEGAL
from tests.rules.transfer_samples import CH, EU, in_full
from tests.support.browser import WIDE, served
from tests.support.databases import Databases
from tests.support.lapse_world import LapseWorld, in_us
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.web_client import SettableClock, make_app, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
# Open ones; one that lapsed, one that ends, one closed; closed ones; the question, its answer.
PAGES = (
    "/desk/lapses",
    *(f"/desk/lapses/{number}" for number in (1, 2, 3, 4)),
    "/desk/lapses?state=replaced",
    "/desk/lapses/what-if",
    "/desk/lapses/what-if?code=EU-US-DPF&on=2027-01-01",
    "/desk/lapses/what-if?code=EU-US-DPF&on=",
)


@pytest.fixture(scope="module")
def site(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        world = LapseWorld(session, at=AT)
        world.set_laws((EU, CH))
        for services in (("mail", "monitoring"), ("monitoring",)) * 30:
            world.add_agreement(services=services)
        ending = in_full("scc_eu_2021_m3", expires_on=date(2026, 5, 31))
        swiss = in_full("ch_scc", CH)
        left = world.add_entry("left", in_us(ending, swiss, name="Brise Hosting LLC"))
        world.find(AT.date())
        world.end_entry(left, on=AT.date())
        fell = in_full("EU-US-PRIVACY-SHIELD"), in_full("CH-US-PRIVACY-SHIELD", CH)
        world.add_entry("mirador", in_us(*fell))
        world.add_entry("phare", in_us(ending, swiss, name="Phare Communications Inc."))
        framework = in_full("EU-US-DPF"), in_full("CH-US-DPF", CH)
        world.add_entry("orage", in_us(*framework, name="Orage Cloud Inc."))
        crm = in_full("scc_eu_2021_m2", expires_on=date(2026, 3, 12))
        world.add_entry("crm", in_us(crm, swiss, role=VendorRole.CONTROLLER, name="Example CRM"))
        world.find(AT.date(), hour=7)
        note_lapse(session, 2, note="Clauses were sent on 2 March.", at=AT, **LEGAL)
    clock = SettableClock(AT)
    make_operator(url, "Lea Legal", [Role.LEGAL, Role.PUBLISHER], at=clock.at)
    with served(make_app(url, clock)) as address:
        yield address


@every_look
def test_pages(browser: Browser, site: str, width: int, scheme: str, language: str) -> None:
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, PAGES, language)


def test_by_keyboard_from_the_navigation_to_the_draft(browser: Browser, site: str) -> None:
    page = signed_in(browser, site, WIDE, "light", "en")
    page.goto(f"{site}/desk/registry")
    page.get_by_role("link", name="Transfers").press("Enter")
    page.get_by_role("link", name="Mirador Logs Inc.").first.press("Enter")
    page.get_by_role("link", name="Draft the amendment").press("Enter")
    page.get_by_label("Legal name").wait_for()
    page.close()


def test_by_keyboard_who_is_hit(browser: Browser, site: str) -> None:
    page = signed_in(browser, site, WIDE, "light", "en")
    page.goto(f"{site}/desk/lapses/what-if")
    page.get_by_label("Decision or instrument").select_option("EU-US-DPF")
    page.get_by_label("Falls on").fill("2027-01-01")
    page.keyboard.press("Enter")
    page.get_by_text("1 entry, 60 clients, 60 agreements").wait_for()
    page.close()
