"""A client's page whose deadline moved over Easter: every day passed over is named."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from subnotify.rules.terms import Counting, NoticeTerms, Period, Provenance
from subnotify.rules.terms_words import CountingRule, RunsFrom, SilenceEffect
from subnotify.rules.words import ProofKind
from tests.support.browser import NARROW, WIDE, chromium, served, too_wide
from tests.support.databases import Databases
from tests.support.scenario import Scenario
from tests.support.web_client import SettableClock, make_app, session_on

AT = datetime(2026, 3, 4, 9, tzinfo=UTC)
TERMS = NoticeTerms(
    counting=Counting(CountingRule.DE_BGB_187_193, "Europe/Berlin", "DE-BE"),
    objection_period=Period(30),
    runs_from=RunsFrom.RECEIPT,
    proof_of_receipt=frozenset({ProofKind.RECIPIENT_SERVER}),
    effect_of_silence=SilenceEffect.DEEMED_ACCEPTED,
    provenance=Provenance(clause="§ 7", quotation="Widerspruch binnen 30 Tagen nach Zugang."),
)
# Worked case B12: day 30 is Good Friday, then a weekend, then Easter Monday.
SAID = {
    "en": ("Tuesday 7 April 2026", "Friday 3 April 2026", "Karfreitag", "Ostermontag"),
    "fr": ("mardi 7 avril 2026", "endredi 3 avril 2026", "Karfreitag", "Ostermontag"),
}


@pytest.fixture(scope="module")
def links(databases: Databases) -> Iterator[dict[str, str]]:
    url = databases.migrated("sqlite")
    with session_on(url) as session:
        scenario = Scenario(session, at=AT)
        tokens = {x: scenario.announce(terms=TERMS, language=x).token for x in ("en", "fr")}
    with served(make_app(url, SettableClock(AT + timedelta(days=2)))) as address:
        yield {language: f"{address}/n/{token}" for language, token in tokens.items()}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_names_the_days_passed_over(browser, links, language, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(links[language])
    assert too_wide(page) == []
    page.locator("details").evaluate_all("all => all.forEach(x => { x.open = true })")
    text = page.locator("main").inner_text().replace("\u00a0", " ").replace("\u202f", " ")
    for words in SAID[language]:
        assert words in text
    page.close()
