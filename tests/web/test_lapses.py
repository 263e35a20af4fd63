"""Legal's pages of transfers that end, through the app as it runs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import Role, VendorRole
from tests.operations.desk import evidence_types
from tests.rules.transfer_samples import CH, EU, in_full
from tests.support.lapse_world import LapseWorld, in_us
from tests.support.web_client import WebClient

PATH = "/desk/lapses"
DAY = timedelta(days=1)
CLAUSES = in_full("scc_eu_2021_m3", expires_on=date(2026, 5, 31))
WITHOUT = date(2026, 6, 1)


@pytest.fixture
def legal(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.LEGAL)


@pytest.fixture
def world(session: Session, at: datetime) -> LapseWorld:
    return LapseWorld(session, at=at)


@pytest.fixture
def ending(world: LapseWorld, at: datetime) -> LapseWorld:
    """Clauses that end in 91 days; two clients under EU law, one under Swiss law only."""
    for laws in ((), (EU,), (CH,)):
        world.set_agreement_laws(world.add_agreement(services=("monitoring",)), laws)
    world.add_entry("mirador", in_us(CLAUSES))
    world.find(at.date())
    return world


def said(page: str) -> str:
    return " ".join(page.split())


def test_nothing_ends(legal, world):
    page = legal.get(PATH).text
    assert "Every place of the list is lawful for the next 180 days." in page
    assert "No task was closed yet." in legal.get(f"{PATH}?state=replaced").text


def test_the_navigation_counts_what_is_open_for_legal_and_publisher(signed_in, ending):
    for role in (Role.LEGAL, Role.PUBLISHER):
        assert '1<span class="hidden-visually"> open</span>' in signed_in(role).get(PATH).text
    admin = signed_in(Role.ADMIN)
    assert admin.get(PATH).status_code == 403
    assert PATH not in admin.get("/desk/registry").text


def test_the_list_says_when_what_and_whom(legal, ending):
    page = said(legal.get(PATH).text)
    for words in (
        "Mirador Logs Inc.",
        "United States, seat",
        "EU GDPR",
        "standard contractual clauses 2021/914, module 3",
        "from 1 June 2026, in 91 days",
        "91 days left",
        'data-label="Clients concerned">2<',
    ):
        assert words in page
    assert legal.get(f"{PATH}?page=99999999999&basis=x&state=y").status_code == 200


def test_a_task_says_why_who_is_concerned_and_what_would_fit(legal, ending):
    page = said(legal.get(f"{PATH}/1").text)
    for words in (
        "This place loses its transfer basis.",
        "From 1 June 2026: What is recorded was good until 31 May 2026 only",
        "2 clients, 2 agreements",
        "Client 001",
        "DPA-2",
        "What would fit then",
        "approved certification with binding commitments",
        "eur-lex.europa.eu",
        "180 days ahead or less",
        "A publisher drafts the amendment in the registry",
    ):
        assert words in page
    assert "DPA-3" not in page
    assert legal.get(f"{PATH}/99").status_code == 404


def test_a_publisher_reads_it_and_drafts_the_amendment(signed_in, ending):
    publisher = signed_in(Role.PUBLISHER)
    page = publisher.get(f"{PATH}/1").text
    assert 'href="/desk/registry/1/edit"' in page
    assert "Legal has written none." in page
    refused = publisher.post(f"{PATH}/1/note", PATH, note="x")
    assert refused.status_code == 403


def test_legal_writes_a_note(legal, ending, session):
    path = f"{PATH}/1"
    refused = legal.post(f"{path}/note", path, note="  ")
    assert refused.status_code == 422
    assert "Write the reason: it stays on record with the decision" in refused.text
    done = legal.post(f"{path}/note", path, note="Clauses sent on 3 March.")
    assert (done.status_code, done.location) == (303, path)
    page = said(legal.get(path).text)
    assert "Clauses sent on 3 March." in page
    assert "Ana legal, 2 March 2026" in page
    legal.post(f"{path}/note", path, note="Signed; to be announced.")
    assert evidence_types(session).count("transfer_lapse_noted") == 2
    assert legal.post(f"{PATH}/99/note", path, note="x").status_code == 404


def test_what_has_lapsed_and_has_no_replacement_yet(legal, world, at):
    """Under the law of 2020: nothing for processors before Module 3."""
    world.add_entry("mirador", in_us(in_full("CH-US-PRIVACY-SHIELD", CH)))
    world.set_laws((CH,))
    world.find(at.date())
    page = said(legal.get(f"{PATH}/1").text)
    assert "This place has no lawful transfer basis. The entry stays on the list" in page
    assert "since 8 September 2020" in page
    assert "What would fit today" in page
    assert "EU standard contractual clauses 2021/914 with the Swiss changes" in page
    assert "It ended; its last day was 7 September 2020" in page


def test_others_on_the_same_basis_are_grouped(legal, world, at):
    for number in range(3):
        world.add_entry(f"m{number}", in_us(CLAUSES, name=f"Mirador {number}"))
    world.add_entry("phare", in_us(in_full("EU-US-PRIVACY-SHIELD"), name="Phare"))
    world.find(at.date())
    page = said(legal.get(f"{PATH}/2").text)
    assert "2 other places rest on it" in page
    chosen = legal.get(f"{PATH}?basis=scc_eu_2021_m3").text
    assert "Mirador 2" in chosen and "Phare" not in chosen
    assert "Phare" in legal.get(PATH).text


def test_a_closed_task_stays_readable(legal, ending, at):
    ending.end_entry(1, on=at.date())
    ending.find(at.date(), hour=12)
    assert "Mirador Logs Inc." not in legal.get(PATH).text
    assert "Mirador Logs Inc." in legal.get(f"{PATH}?state=replaced").text
    page = said(legal.get(f"{PATH}/1").text)
    assert "Closed on 2 March 2026" in page
    assert "Agreements concerned" not in page


def test_a_recipient_concerns_no_client(legal, world, at):
    world.add_agreement(services=("monitoring",))
    clauses = in_full("scc_eu_2021_m2", expires_on=date(2026, 5, 31))
    world.add_entry("crm", in_us(clauses, role=VendorRole.CONTROLLER, name="Example CRM"))
    world.find(at.date())
    assert "none: recipient" in legal.get(PATH).text
    assert "None: the vendor is controller here" in legal.get(f"{PATH}/1").text


def test_what_if_the_framework_falls(legal, world, at):
    world.set_laws((EU, CH))
    dpf = in_full("EU-US-DPF")
    swiss = in_full("ch_scc", CH)
    world.add_entry("a", in_us(dpf, swiss, name="Only the framework"))
    world.add_entry("b", in_us(dpf, swiss, in_full("scc_eu_2021_m3"), name="Clauses lie ready"))
    world.add_agreement(services=("monitoring",))
    form = said(legal.get(f"{PATH}/what-if").text)
    assert "EU-U.S. Data Privacy Framework (2023/1795): 2 entries" in form
    page = said(legal.get(f"{PATH}/what-if?code=EU-US-DPF&on=2027-01-01").text)
    assert "If EU-U.S. Data Privacy Framework (2023/1795) falls on 1 January 2027" in page
    assert "<strong>1 entry, 1 client, 1 agreement</strong>" in page
    assert "Only the framework" in page and "Clauses lie ready" not in page
    assert "standard contractual clauses 2021/914, module 3" in page
    assert "DPA-1" in page
    swiss_falls = legal.get(f"{PATH}/what-if?code=EU-CH&on=2027-01-01").text
    assert "No place of the list would lose its lawful basis." in swiss_falls


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("code=nothing&on=2027-01-01", "Choose a decision or an instrument of the list."),
        ("code=EU-US-DPF&on=2027-02-30", "Write the day as year-month-day"),
        ("code=EU-US-DPF&on=", "Give the day, for example 2027-01-01."),
    ],
)
def test_what_if_says_what_is_wrong_with_the_question(legal, world, asked, sentence):
    assert sentence in legal.get(f"{PATH}/what-if?{asked}").text


def test_a_long_list_has_pages(legal, world, at):
    for number in range(60):
        late = replace(CLAUSES, expires_on=date(2026, 5, 1) + number % 28 * DAY)
        world.add_entry(f"m{number:02}", in_us(late, name=f"Mirador {number:02}"))
    for _ in range(60):
        world.add_agreement(services=("monitoring",))
    world.find(at.date())
    assert "Page 1 of 2" in legal.get(PATH).text
    assert legal.get(f"{PATH}?page=2").text.count('role="rowheader"') == 10
    assert "Page 1 of 3" in legal.get(f"{PATH}/1").text
    assert f"{PATH}/1?page=2" in legal.get(f"{PATH}/1").text
    assert "Client 060" in legal.get(f"{PATH}/1?page=3").text


def test_fifty_tasks_ask_the_database_as_often_as_three(legal, world, at):
    world.set_laws(tuple(ExportLaw))
    world.add_entry("first", in_us(CLAUSES))
    world.find(at.date())
    legal.get(PATH)
    few = asked_by(lambda: legal.get(PATH))
    for number in range(20):
        world.add_entry(f"m{number:02}", in_us(CLAUSES, name=f"Mirador {number:02}"))
    world.find(at.date(), hour=12)
    assert legal.get(PATH).text.count('role="rowheader"') == 50
    assert asked_by(lambda: legal.get(PATH)) == few


def asked_by(step: Callable[[], object]) -> int:
    """How many statements a step sends to the database."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        step()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(sent)
