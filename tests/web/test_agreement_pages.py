"""One agreement on the desk: its page, adding, changing and ending it, services, contacts."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.words import Role
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ContactRow,
    ServiceRow,
)
from tests.support.imports import PARIS
from tests.support.samples import EXAMPLE, sample
from tests.support.scenario import Scenario
from tests.support.web_client import SettableClock, WebClient, session_on

PATH = "/desk/agreements/1"
NEW = "/desk/clients/1/agreements/new"
SignIn = Callable[..., WebClient]


@pytest.fixture
def registry(database_url: str, at: datetime) -> str:
    """The address of a database with the sample file in it, published."""
    with session_on(database_url) as session:
        import_registry(session, sample(EXAMPLE), by="paul", at=at, zone=PARIS)
        publish_list(session, by="paul", at=at, zone=PARIS)
    return database_url


@pytest.fixture
def announced(database_url: str, at: datetime) -> str:
    """The address of a database with one agreement and its open case."""
    with session_on(database_url) as session:
        Scenario(session, at=at).announce(copies=1)
    return database_url


def ids(url: str, table: type[ContactRow] | type[ServiceRow]) -> dict[str, int]:
    with session_on(url) as session:
        return {row.key: row.id for row in session.scalars(select(table))}


def namings(url: str) -> list[AgreementContactRow]:
    with session_on(url) as session:
        query = select(AgreementContactRow).order_by(AgreementContactRow.id)
        return list(session.scalars(query))


def test_the_page_says_what_is_on_record(registry: str, signed_in: SignIn):
    page = signed_in(Role.ADMIN).get(PATH).text
    for said in (
        "AIG-2024-017",
        "Mairie de Vouziers",
        "11 March 2024",
        "no end is known",
        "Version 1, recorded on",
        "reconnaît",
        "Argonne Veille",
        "1 Jan 2025",
        "Annexe 2",
        "copy contact",
        "No change was announced to it yet.",
        "The agreement was added",
    ):
        assert said in page, said
    assert "/end" not in page and "/new" not in page, "an administrator only reads"


def test_the_page_leads_to_the_cases(announced: str, signed_in: SignIn):
    page = signed_in(Role.PUBLISHER).get(PATH).text
    assert 'href="/desk/cases/1"' in page
    assert "window open" in page
    assert "24:00" in page


def test_an_agreement_without_terms_or_contacts_says_what_follows(registry: str, signed_in: SignIn):
    browser = signed_in(Role.PUBLISHER)
    response = browser.post(NEW, reference="AIG-2026-001", language="fr")
    page = browser.get(response.location).text
    assert "No notice contact is designated" in page
    assert "The notice terms are unknown" in page
    assert "No service is recorded" in page
    assert "AIG-2026-001" in browser.get("/desk/clients/1").text


def test_an_agreement_is_added_with_what_was_signed(registry: str, signed_in: SignIn):
    browser = signed_in(Role.LEGAL)
    given = {
        "reference": "AIG-2026-001",
        "language": "fr",
        "signed_on": "2026-02-01",
        "services": ["veille", "assistance"],
        "from_on": "2026-02-15",
        "notice_contacts": ["dpo"],
        "clause": "Annexe 1",
        "copy_contacts": ["informatique"],
    }
    for _twice in range(2):
        response = browser.post(NEW, **given)
        assert response.location == "/desk/agreements/2"
    page = browser.get("/desk/agreements/2").text
    for said in ("15 Feb 2026", "Annexe 1", "1 Feb 2026", "Service informatique"):
        assert said in page, said
    page = browser.post(NEW, **{**given, "language": "en"}).text
    assert "another agreement with this reference" in page
    assert 'value="Annexe 1"' in page


def test_a_client_without_contacts_is_not_asked_for_them(registry: str, signed_in: SignIn):
    browser = signed_in(Role.LEGAL)
    browser.post("/desk/clients/new", name="Other", country="FR")
    page = browser.get("/desk/clients/2/agreements/new").text
    assert "no contacts yet" in page
    assert 'name="notice_contacts"' not in page


def test_bad_input_is_explained_at_its_field(registry: str, signed_in: SignIn):
    browser = signed_in(Role.LEGAL)
    page = browser.post(NEW, reference=" ", signed_on="1.2.2026", clause="<x>").text
    for said in (
        "Write the reference that stands on the contract",
        "Choose the language of the notices",
        "Write the day as year-month-day",
        'value="1.2.2026"',
        'value="&lt;x&gt;"',
        'href="#language-0"',
    ):
        assert said in page, said
    assert browser.post(NEW, reference="X", language="de").status_code == 200
    for nothing in ("77", "0", "x"):
        page = browser.post(f"{PATH}/services/new", service_id=nothing, from_on="2026-03-01")
        assert page.status_code == 200 and "There is a problem" in page.text
    page = browser.post(f"{PATH}/contacts/new", contact_id="0", kind="copy").text
    assert "Choose the contact" in page and 'href="#contact_id"' in page


def test_an_agreement_is_changed(registry: str, signed_in: SignIn):
    browser = signed_in(Role.PUBLISHER)
    assert 'value="AIG-2024-017"' in browser.get(f"{PATH}/edit").text
    browser.post(f"{PATH}/edit", reference="AIG-2024-017 bis", language="en", signed_on="")
    page = browser.get(PATH).text
    assert "Reference: AIG-2024-017 → AIG-2024-017 bis" in page
    assert "Language of the notices: French → English" in page
    assert "Signed on: 11 March 2024 → nothing" in page


def test_ending_an_agreement_is_confirmed_first(
    announced: str, signed_in: SignIn, clock: SettableClock, at: datetime
):
    browser = signed_in(Role.LEGAL)
    page = browser.post(f"{PATH}/end", last_day="", note="They left.").text
    assert "Give the last day of the agreement." in page and "They left." in page
    given = {"last_day": "2026-03-01", "note": "They left."}
    page = browser.post(f"{PATH}/end", **given).text
    assert "Check what this does" in page
    assert "1 open case ends now" in page
    assert "Sunday 1 March 2026" in page
    with session_on(announced) as session:
        assert session.scalars(select(AgreementRow.ended_on)).all() == [None]
    for _twice in range(2):
        answer = browser.post(f"{PATH}/end", **given, confirmed="yes")
        assert answer.status_code == 303
    page = browser.get(PATH).text
    assert "ended on 1 Mar 2026" in page
    assert "agreement ended" in page
    assert "Reason: They left." in page
    page = browser.post(f"{PATH}/end", last_day="", note="No.", confirmed="yes").text
    assert "Cases were closed because this agreement had ended" in page


def test_an_end_ahead_leaves_the_case_open_and_is_taken_back(
    announced: str, signed_in: SignIn, at: datetime
):
    browser = signed_in(Role.LEGAL)
    day = (at + timedelta(days=5)).date().isoformat()
    page = browser.post(f"{PATH}/end", last_day=day, note="They leave.").text
    assert "1 case is open. If it is still open when that day is over" in page
    browser.post(f"{PATH}/end", last_day=day, note="They leave.", confirmed="yes")
    assert "ends on 7 Mar 2026" in browser.get(PATH).text
    with session_on(announced) as session:
        assert session.scalars(select(CaseRow.outcome)).all() == [None]
    browser.post(f"{PATH}/end", last_day="", note="They stay.", confirmed="yes")
    page = browser.get(PATH).text
    assert "no end is known" in page


def test_services_come_and_go(registry: str, signed_in: SignIn, at: datetime):
    browser = signed_in(Role.LEGAL)
    veille = ids(registry, ServiceRow)["veille"]
    end = f"{PATH}/services/{veille}/end"
    assert "Give the first day without it" in browser.post(end, until_on="").text
    for _twice in range(2):
        assert browser.post(end, until_on="2026-03-10").status_code == 303
    assert "9 Mar 2026" in browser.get(PATH).text, "its last day"
    new = f"{PATH}/services/new"
    page = browser.post(new, service_id=str(veille), from_on="2026-03-01").text
    assert "until 2026-03-10" in page and 'value="2026-03-01"' in page
    for _twice in range(2):
        given = {"service_id": str(veille), "from_on": "2026-03-10"}
        assert browser.post(new, page=PATH, **given).status_code == 303
    with session_on(registry) as session:
        rows = session.scalars(select(AgreementServiceRow).order_by(AgreementServiceRow.id)).all()
    assert [(str(x.from_on), x.until_on) for x in rows] == [
        ("2026-03-10", None),
        ("2025-01-01", None),
    ]


def test_naming_a_contact_takes_a_letter(registry: str, signed_in: SignIn):
    browser = signed_in(Role.LEGAL)
    it = ids(registry, ContactRow)["informatique"]
    (former,) = [x.id for x in namings(registry) if x.kind == "notice"]
    new = f"{PATH}/contacts/new"
    page = browser.post(new, contact_id=str(it), kind="notice", ends=[str(former)]).text
    assert "Give the reference of the letter." in page and 'href="#on"' in page
    assert f'value="{former}" checked' in page
    given = {
        "contact_id": str(it),
        "kind": "notice",
        "ends": [str(former)],
        "clause": "Annexe 2",
        "on": "2026-02-27",
        "letter_reference": "RK 7",
    }
    assert browser.post(new, **given).status_code == 303
    del given["ends"]
    assert browser.post(new, **given).status_code == 303, "the same again"
    page = browser.get(PATH).text
    assert "RK 7" in page and "ended on 27 Feb 2026" in page
    assert "First day on which it is none any more: 27 February 2026" in page
    assert [x.kind for x in namings(registry) if not x.ended_on] == ["notice"]


def test_ending_the_last_notice_contact_warns(registry: str, signed_in: SignIn):
    browser = signed_in(Role.LEGAL)
    (notice,) = [x.id for x in namings(registry) if x.kind == "notice"]
    end = f"{PATH}/contacts/{notice}/end"
    assert "No other notice contact is designated" in browser.get(end).text
    page = browser.post(end, ended_on="2030-01-01").text
    assert "This day has not come yet." in page and "registered letter only" in page
    given = {"ended_on": "2026-03-01", "letter_reference": "RK 8"}
    for _twice in range(2):
        assert browser.post(end, **given).status_code == 303
    assert "No notice contact is designated" in browser.get(PATH).text
    (copy,) = [x.id for x in namings(registry) if x.kind == "copy"]
    page = browser.get(f"{PATH}/contacts/{copy}/end").text
    assert "letter_reference" not in page
    assert browser.post(f"{PATH}/contacts/{copy}/end", ended_on="2026-03-02").status_code == 303


def test_who_may_do_what(registry: str, signed_in: SignIn):
    publisher, admin = signed_in(Role.PUBLISHER), signed_in(Role.ADMIN)
    for path in ("end", "services/1/end", "contacts/new", "contacts/1/end"):
        assert publisher.get(f"{PATH}/{path}").status_code == 403, path
    for path in ("edit", "services/new"):
        assert publisher.get(f"{PATH}/{path}").status_code == 200, path
        assert admin.get(f"{PATH}/{path}").status_code == 403, path


def test_what_is_not_there_is_not_found(registry: str, signed_in: SignIn):
    browser = signed_in(Role.LEGAL)
    for path in (
        "/desk/agreements/9",
        "/desk/agreements/9/edit",
        "/desk/agreements/9/end",
        "/desk/agreements/9/services/new",
        "/desk/agreements/9/contacts/new",
        "/desk/clients/9/agreements/new",
        f"{PATH}/services/99/end",
        f"{PATH}/contacts/99/end",
    ):
        assert browser.get(path).status_code == 404, path


def test_the_end_is_told_in_the_vendors_day(
    announced: str, signed_in: SignIn, clock: SettableClock
):
    """At 23:30 UTC of the 2nd it is the 3rd in Paris: the 2nd is over."""
    clock.at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    browser = signed_in(Role.LEGAL)
    page = browser.post(f"{PATH}/end", last_day="2026-03-02", note="They left.").text
    assert "That day is over" in page


@pytest.mark.parametrize("step", ["services/new", "contacts/new"])
def test_a_list_in_which_nothing_is_chosen_shows_no_number(
    step: str, registry: str, signed_in: SignIn
):
    page = signed_in(Role.LEGAL).get(f"{PATH}/{step}").text
    first = re.search(r'<option[^>]*value="0"[^>]*>([^<]*)</option>', page)
    assert first is not None
    assert first.group(1) == "–"
