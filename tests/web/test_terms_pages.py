"""Pages of notice terms beside the form: legal's readings, and what is incomplete."""

from collections.abc import Callable
from datetime import datetime
from html import unescape

import pytest

from subnotify.rules.words import Role
from subnotify.storage.terms_versions import find_current_version
from tests.operations.desk_registry import example
from tests.support.imports import bring
from tests.support.scenario import Scenario
from tests.support.web_client import WebClient, session_on
from tests.web.terms_form import typed

SignIn = Callable[..., WebClient]
READING = "/desk/agreements/1/terms/readings/objection_timely_when"
INCOMPLETE = "/desk/agreements/incomplete"


@pytest.fixture
def legal(database_url: str, at: datetime, signed_in: SignIn) -> WebClient:
    with session_on(database_url) as session:
        example(session, at)
    return signed_in(Role.LEGAL)


def test_a_reading_is_recorded_and_shown_with_who_and_why(legal: WebClient):
    page = unescape(legal.get("/desk/agreements/1/terms").text)
    assert "What the clause leaves open" in page
    assert "Both dates are kept; where they differ, a person decides." in page
    answer = legal.post(READING, value="dispatched", why="Art. 669 CPC", based_on="1")
    assert answer.status_code == 303
    page = unescape(legal.get(answer.location).text)
    assert "recorded, as a new version" in page and "Notice terms, version 2" in page
    assert "it was sent in time" in page and "Art. 669 CPC" in page
    assert "Read by Ana legal on 2 March 2026." in page
    form = legal.get(READING).text
    assert 'value="dispatched" checked' in form


def test_a_reading_without_a_reason_keeps_what_was_chosen(legal: WebClient):
    answer = legal.post(READING, value="received", why=" ", based_on="1")
    page = unescape(answer.text)
    assert "Write why the clause is read so" in page and 'href="#why"' in page
    assert 'value="received" checked' in page
    overtaken = legal.post(READING, value="received", why="so", based_on="7")
    assert "Another version of these terms was recorded meanwhile" in overtaken.text


def test_readings_are_for_legal_and_for_open_fields(legal: WebClient, signed_in: SignIn):
    assert legal.get("/desk/agreements/1/terms/readings/runs_from").status_code == 404
    assert legal.get("/desk/agreements/1/terms/readings/closes").status_code == 404
    publisher = signed_in(Role.PUBLISHER)
    page = publisher.get("/desk/agreements/1/terms").text
    assert "What the clause leaves open" in page and "readings/" not in page
    assert publisher.get(READING).status_code == 403


def test_running_cases_are_counted_and_keep_their_version(
    database_url: str, at: datetime, signed_in: SignIn
):
    with session_on(database_url) as session:
        agreement_id = Scenario(session, at=at).announce(changes=2).agreement_id
    browser = signed_in(Role.LEGAL)
    edit = f"/desk/agreements/{agreement_id}/terms/edit"
    form = browser.get(f"{edit}?start=current").text
    said = "2 cases of this agreement are running. They keep the version they were opened under"
    assert said in unescape(form)
    values = typed(form, objection_period__0__number="20", provenance__read_on="2026-03-01")
    compared = browser.post_bare(edit, values)
    assert "2 running cases keep the version they were opened under" in compared.text
    values = typed(compared.text, "")
    values["save"] = "1"
    assert browser.post_bare(edit, values).status_code == 303
    page = browser.get(f"/desk/agreements/{agreement_id}/terms/1").text
    assert "2 running cases keep this version." in page


def test_incomplete_agreements_say_why_and_lead_to_the_form(
    database_url: str, at: datetime, signed_in: SignIn
):
    with session_on(database_url) as session:
        bring(session, many(60), at)
    browser = signed_in(Role.LEGAL)
    assert INCOMPLETE in browser.get("/desk/agreements").text
    first = unescape(browser.get(INCOMPLETE).text)
    assert "Page 1 of 2, 60 agreements" in first
    assert "The notice terms are not on record." in first
    assert "nobody has chosen yet what proves receipt" in first
    assert "Acceptance by silence is irrevocable, but silence does not accept." in first
    for step in ("/desk/agreements/1/terms/edit", "/desk/agreements/2/terms/edit?start=current"):
        assert f'href="{step}"' in first
    assert "C059" in browser.get(f"{INCOMPLETE}?page=2").text
    assert "C059" in browser.get(f"{INCOMPLETE}?page=99").text
    publisher = signed_in(Role.PUBLISHER).get(INCOMPLETE)
    assert "Legal enters them." in publisher.text and "terms/edit" not in publisher.text


def many(count: int) -> str:
    """Agreements: every third without terms, not computable, contradictory as well."""
    said = (
        "",
        ", terms: {preset: fr-15-days}",
        ", terms: {preset: fr-15-days, silence_irrevocable: true, effect_of_silence: unspecified}",
    )
    lines = ["vendor: {name: V, contact_email: d@v.example}", "clients:"]
    lines += [f"  - {{key: c{n}, name: C{n:03}, country: FR}}" for n in range(count)]
    lines += ["agreements:"]
    lines += [
        f"  - {{key: a{n:03}, client: c{n}, reference: R{n}, language: en{said[n % 3]}}}"
        for n in range(count)
    ]
    return "\n".join(lines)


def test_nothing_incomplete_says_so(legal: WebClient):
    assert "Nothing is missing" in legal.get(INCOMPLETE).text


def test_an_agreement_without_terms(database_url: str, at: datetime, signed_in: SignIn):
    with session_on(database_url) as session:
        bring(session, many(1), at)
    browser = signed_in(Role.LEGAL)
    page = browser.get("/desk/agreements/1/terms").text
    assert "No notice terms are on record" in page
    edit = "/desk/agreements/1/terms/edit"
    assert 'value="current"' not in browser.get(edit).text
    form = browser.get(f"{edit}?start=blank").text
    assert "Ana legal" in typed(form)["provenance-read_by"]
    assert typed(form)["provenance-read_on"] == "2026-03-02"
    assert typed(form).getlist("proof_of_receipt") == []
    answer = browser.post_bare(edit, typed(form, provenance__clause="none"))
    assert "Version 1, new" in answer.text
    values = typed(answer.text, "")
    values["save"] = "1"
    assert browser.post_bare(edit, values).status_code == 303
    with session_on(database_url) as session:
        found = find_current_version(session, 1)
        assert found is not None and found.number == 1


def test_pages_of_terms_in_french(legal: WebClient):
    for path in ("terms", "terms/1", "terms/edit", "terms/edit?start=current"):
        mark = "&" if "?" in path else "?"
        page = legal.get(f"/desk/agreements/1/{path}{mark}lang=fr")
        assert page.status_code == 200 and 'lang="fr"' in page.text
