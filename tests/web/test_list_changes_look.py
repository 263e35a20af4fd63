"""Removals, corrections and the history of an entry in Chromium: every width, scheme, language."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from subnotify.rules.words import Role
from tests.support.browser import served
from tests.support.databases import Databases
from tests.support.looks import check_pages, every_look, signed_in
from tests.support.web_client import SettableClock, make_app, make_operator, session_on
from tests.web.list_changes import ListChanges, make_changes

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk(databases: Databases) -> Iterator[tuple[str, ListChanges]]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        made = make_changes(session, AT)
    make_operator(url, "Lea Legal", [Role.LEGAL, Role.PUBLISHER], at=AT)
    with served(make_app(url, SettableClock(AT))) as site:
        yield site, made


@every_look
def test_the_pages_of_removals_corrections_and_history(
    browser: Browser, desk: tuple[str, ListChanges], width: int, scheme: str, language: str
):
    site, made = desk
    registry = "/desk/registry"
    paths = (
        registry,
        f"{registry}/{made.removed}",
        f"{registry}/{made.corrected}/remove",
        f"{registry}/{made.records}",
        f"{registry}/{made.records}/correct",
        f"{registry}/{made.proposed}",
        f"{registry}/corrections",
        f"{registry}/corrections/{made.correction}",
        f"{registry}/{made.corrected}/history",
        f"/desk/releases/{made.release}",
        "/desk/confirmations",
    )
    page = signed_in(browser, site, width, scheme, language)
    check_pages(page, site, paths, language)
