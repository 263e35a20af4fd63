"""The registry on the desk: drafts with gaps, publication refused and done, drafted changes."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import ChangeKind, Role
from subnotify.storage.registry import (
    DraftChange,
    find_subprocessor,
    get_vendor,
    list_draft_changes,
)
from tests.support.page_forms import fields_of
from tests.support.samples import COMPLETED_LIST, PUBLISHED_LIST, sample
from tests.support.web_client import WebClient, session_on

PARIS = ZoneInfo("Europe/Paris")
REGISTRY = "/desk/registry"


@pytest.fixture
def drafts(database_url: str, at: datetime) -> str:
    """The list with its gaps, imported."""
    with session_on(database_url) as session:
        import_registry(session, sample(PUBLISHED_LIST), by="paul", at=at, zone=PARIS)
    return database_url


@pytest.fixture
def published(database_url: str, at: datetime) -> str:
    with session_on(database_url) as session:
        import_registry(session, sample(COMPLETED_LIST), by="paul", at=at, zone=PARIS)
        publish_list(session, by="paul", at=at, zone=PARIS)
    return database_url


@pytest.fixture
def publisher(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.PUBLISHER)


def entry_id(url: str, key: str) -> int:
    with session_on(url) as session:
        found = find_subprocessor(session, key)
        assert found is not None
        return found.id


def draft_of(url: str, key: str) -> SubprocessorFacts:
    with session_on(url) as session:
        found = find_subprocessor(session, key)
        assert found is not None and found.draft_facts is not None
        return found.draft_facts


def changes(url: str) -> tuple[DraftChange, ...]:
    with session_on(url) as session:
        return list_draft_changes(session)


# What a browser sends of the form of "sentry", with its gaps filled.
SENTRY = {
    "name": "Sentry",
    "other_names": "Functional Software\r\n\r\nSentry.io",
    "address": "45 Fremont Street, 8th Floor, San Francisco, CA 94105",
    "contact": "privacy@sentry.example",
    "website": "",
    "activities_en": "Application logs collection tool",
    "activities_fr": "Outil de collecte des journaux applicatifs",
    "services": ["veille", "hebergement"],
    "data_categories_en": "Identifiers in logs",
    "data_categories_fr": "Identifiants des journaux",
    "role": "processor",
    "locations-0-number": "0",
    "locations-0-country": "US",
    "locations-0-kind": "establishment",
    "locations-1-country": "",
    "locations-1-kind": "establishment",
    "locations-2-country": "DE",
    "locations-2-kind": "hosting",
    "agreement_signed_on": "2023-02-20",
    "agreement_planned_on": "",
    "agreement_from_on": "2023-03-01",
    "agreement_until_on": "",
    "in_use_since_on": "2023-03-01",
}


def test_before_an_import_the_page_says_how_to_begin(publisher: WebClient):
    assert "subnotify import FILE" in publisher.get(REGISTRY).text


def test_every_gap_is_named_and_links_to_its_field(drafts: str, publisher: WebClient):
    page = publisher.get(REGISTRY).text
    sentry = entry_id(drafts, "sentry")
    assert f'href="{REGISTRY}/{sentry}/locations/1#EU_GDPR">Seat, United States</a>' in page
    form = publisher.get(f"{REGISTRY}/{sentry}/edit").text
    for anchor in ("contact", "services-0", "data_categories_en"):
        assert f'{REGISTRY}/{sentry}/edit#{anchor}"' in page
        assert f'id="{anchor}"' in form
    assert f'href="{REGISTRY}/{sentry}/locations/1#EU_GDPR"' in form
    assert 'id="EU_GDPR"' in publisher.get(f"{REGISTRY}/{sentry}/locations/1").text


def test_publication_is_refused_with_the_gaps_of_each_entry(drafts: str, publisher: WebClient):
    response = publisher.post(f"{REGISTRY}/publish", REGISTRY)
    assert response.status_code == 422
    summary = response.text.split('class="error-summary"')[1].split("<h1>")[0]
    for name in ("PIPEDRIVE", "HUBSPOT", "Sentry", "ZENDESK"):
        part = summary.split(f"<h3>{name}</h3>")[1].split("<h3>")[0]
        assert (
            "EU GDPR: No transfer basis is recorded, and nothing makes it lawful without one."
            in part
        )
    assert "No transfer basis" not in summary.split("<h3>IONOS</h3>")[1].split("<h3>")[0]
    with session_on(drafts) as session:
        assert get_vendor(session).first_published_at is None


def test_completed_it_is_published_from_the_desk(
    drafts: str, publisher: WebClient, client: WebClient, at: datetime
):
    with session_on(drafts) as session:
        import_registry(session, sample(COMPLETED_LIST), by="paul", at=at, zone=PARIS)
    response = publisher.post(f"{REGISTRY}/publish", REGISTRY)
    assert response.status_code == 303
    page = publisher.get(REGISTRY).text
    assert "The list is published." in page
    assert "in force since 25 May 2018" in page
    assert "Publish the list" not in page
    assert "Sarreguemines" in client.get("/").text


def test_the_form_keeps_every_fact(drafts: str, publisher: WebClient):
    sentry = entry_id(drafts, "sentry")
    response = publisher.post(f"{REGISTRY}/{sentry}/edit", **SENTRY)
    assert response.status_code == 303, response.text
    facts = draft_of(drafts, "sentry")
    assert facts.other_names == ("Functional Software", "Sentry.io")
    assert facts.services == ("veille", "hebergement")
    assert [(x.country, x.kind) for x in facts.locations] == [
        ("US", "establishment"),
        ("DE", "hosting"),
    ]
    assert str(facts.agreement_signed_on) == "2023-02-20"
    assert facts.agreement_planned_on is None
    # The transfer to the seat lacks a basis: its page follows.
    assert response.location == f"{REGISTRY}/{sentry}/locations/1"
    page = publisher.get(response.location).text
    assert "Draft saved. 1 fact is still missing." in page
    assert "Next: what makes the transfer lawful. Seat, United States." in page


def test_a_wrong_form_keeps_what_was_typed_and_says_how_to_mend_it(
    drafts: str, publisher: WebClient
):
    sentry = entry_id(drafts, "sentry")
    wrong = {
        **SENTRY,
        "website": "sentry.io",
        "in_use_since_on": "1 March",
        "locations-1-country": "XX",
        "agreement_until_on": "2022-01-01",
    }
    response = publisher.post(f"{REGISTRY}/{sentry}/edit", **wrong)
    assert response.status_code == 200
    assert "Write the day as year-month-day" in response.text
    assert 'value="1 March"' in response.text
    response = publisher.post(f"{REGISTRY}/{sentry}/edit", **{**wrong, "in_use_since_on": ""})
    summary = response.text.split('class="error-summary"')[1].split("</div>")[0]
    for anchor in (
        "website",
        "locations-1-country",
        "agreement_until_on",
    ):
        assert f'href="#{anchor}"' in summary, anchor
    for typed in ('value="sentry.io"', "Functional Software", 'value="XX"'):
        assert typed in response.text
    assert draft_of(drafts, "sentry").contact == ""


def test_another_location_adds_rows_and_keeps_the_input(drafts: str, publisher: WebClient):
    sentry = entry_id(drafts, "sentry")
    response = publisher.post(f"{REGISTRY}/{sentry}/edit", **SENTRY, add_location="1")
    assert response.status_code == 200
    assert response.text.count('class="card location"') == 5
    assert 'value="privacy@sentry.example"' in response.text
    assert "There is a problem" not in response.text
    assert draft_of(drafts, "sentry").contact == ""


def test_saving_the_form_as_it_is_shown_changes_nothing(published: str, publisher: WebClient):
    """What the form shows of an entry on the list is what it sends back: no phantom change."""
    for key in ("ovhcloud", "ionos", "zendesk", "pipedrive"):
        path = f"{REGISTRY}/{entry_id(published, key)}/edit"
        fields = fields_of(publisher.get(path).text)
        response = publisher.post_bare(path, fields)
        assert response.status_code == 303, response.text
    assert changes(published) == ()


def test_after_publication_an_edit_is_an_amendment_that_waits(published: str, publisher: WebClient):
    sentry = entry_id(published, "sentry")
    publisher.post(f"{REGISTRY}/{sentry}/edit", **SENTRY)
    (change,) = changes(published)
    assert (change.kind, change.key) == (ChangeKind.AMENDMENT, "sentry")
    page = publisher.get(f"{REGISTRY}/{sentry}").text
    assert "What differs from the list" in page
    assert "protection.donnees@sentry.example" in page and "privacy@sentry.example" in page
    response = publisher.post(f"{REGISTRY}/{sentry}/discard", f"{REGISTRY}/{sentry}")
    assert response.status_code == 303
    assert changes(published) == ()


def test_a_new_subprocessor_is_added_or_replaces_another(published: str, publisher: WebClient):
    new = {**SENTRY, "name": "Crédit Log & Co."}
    zendesk = entry_id(published, "zendesk")
    response = publisher.post(f"{REGISTRY}/new", **new, replaces=str(zendesk))
    assert response.status_code == 303
    publisher.post(f"{REGISTRY}/new", **new, replaces="")
    first, second = changes(published)
    assert (first.key, first.kind, first.replaced_key) == (
        "credit-log-co",
        ChangeKind.REPLACEMENT,
        "zendesk",
    )
    assert first.services == {"veille", "hebergement", "assistance"}
    assert (second.key, second.kind) == ("credit-log-co-2", ChangeKind.ADDITION)
    page = publisher.get(REGISTRY).text
    assert "Fill in what is missing, then draft a release." in page
    gone = entry_id(published, "credit-log-co")
    publisher.post(f"{REGISTRY}/{gone}/discard", f"{REGISTRY}/{gone}")
    assert publisher.get(f"{REGISTRY}/{gone}").status_code == 404


def test_only_publishers_write(published: str, signed_in: Callable[..., WebClient]):
    legal = signed_in(Role.LEGAL)
    sentry = entry_id(published, "sentry")
    assert legal.get(REGISTRY).status_code == 200
    page = legal.get(f"{REGISTRY}/{sentry}")
    assert page.status_code == 200
    assert "/edit" not in page.text
    for path in ("new", f"{sentry}/edit"):
        assert legal.get(f"{REGISTRY}/{path}").status_code == 403
    assert legal.post(f"{REGISTRY}/{sentry}/discard", REGISTRY).status_code == 403
    # The second pair of eyes may publish; here it is done already.
    admin = signed_in(Role.ADMIN)
    assert admin.post(f"{REGISTRY}/publish", REGISTRY).status_code == 403
    assert legal.post(f"{REGISTRY}/publish", REGISTRY).status_code == 303
    assert "The list is published already." in legal.get(REGISTRY).text


def test_an_unknown_entry_is_not_found(published: str, publisher: WebClient):
    assert publisher.get(f"{REGISTRY}/999").status_code == 404
    assert publisher.get(f"{REGISTRY}/999/edit").status_code == 404


# Every further field of the form.
FURTHER = {
    "trading_name": "Sentry",
    "company_number": "5 314 159",
    "parent": "Functional Holdings Inc.",
    "affiliate": "y",
    "data_subjects_en": "Staff of clients",
    "data_subjects_fr": "Personnel des clients",
    "special_categories": "y",
    "hr_data": "y",
    "list_url": "https://sentry.example/subprocessors",
    "agreement_url": "https://sentry.example/dpa",
    "obligations_flowed_down_on": "2023-02-20",
    "guarantees_reviewed_on": "2026-01-12",
}


def test_the_entry_is_kept_and_shown_in_full(drafts: str, publisher: WebClient):
    page = f"{REGISTRY}/{entry_id(drafts, 'sentry')}"
    publisher.post(f"{page}/edit", **SENTRY, **FURTHER, engaged_by="ionos")
    facts = draft_of(drafts, "sentry")
    for name in ("trading_name", "company_number", "parent", "list_url", "agreement_url"):
        assert getattr(facts, name) == FURTHER[name]
    assert (facts.affiliate, facts.special_categories, facts.hr_data) == (True, True, True)
    assert facts.engaged_by == "ionos"
    assert facts.data_subjects.in_language("fr") == "Personnel des clients"
    assert str(facts.obligations_flowed_down_on) == "2023-02-20"
    assert str(facts.guarantees_reviewed_on) == "2026-01-12"
    text = publisher.get(page).text
    for shown in (
        *("5 314 159", "Functional Holdings Inc.", "affiliate", "Staff of clients", "IONOS"),
        *("https://sentry.example/dpa", "20 February 2023", "12 January 2026"),
    ):
        assert shown in text, shown
    fields = fields_of(publisher.get(f"{page}/edit").text)
    assert {name: fields[name] for name in FURTHER} == {k: [v] for k, v in FURTHER.items()}
    # Emptied, they are empty: the form is the whole of the facts that it shows.
    flags = {"affiliate", "special_categories", "hr_data"}
    empty = {name: "" for name in FURTHER if name not in flags}
    publisher.post(f"{page}/edit", **SENTRY, **empty)
    facts = draft_of(drafts, "sentry")
    assert (facts.parent, facts.affiliate, facts.guarantees_reviewed_on) == ("", False, None)


def test_nobody_is_engaged_by_itself_through_others(drafts: str, publisher: WebClient):
    pages = {x: f"{REGISTRY}/{entry_id(drafts, x)}/edit" for x in ("sentry", "ionos", "ovhcloud")}

    def engage(key: str, by: str) -> str:
        fields = fields_of(publisher.get(pages[key]).text)
        return publisher.post_bare(pages[key], {**fields, "engaged_by": [by]}).text

    engage("sentry", "ionos")
    engage("ionos", "ovhcloud")
    answer = engage("ovhcloud", "sentry")
    assert "That entry is itself engaged by this one." in answer
    assert 'href="#engaged_by"' in answer
    assert "That entry is itself engaged by this one." in engage("ionos", "ionos")
    assert "Choose an entry of the registry." in engage("ionos", "nobody")
    assert draft_of(drafts, "ovhcloud").engaged_by == ""


def test_two_clicks_draft_one_entry(published: str, publisher: WebClient):
    new = {"csrf_token": publisher.token(f"{REGISTRY}/new"), **SENTRY, "name": "Orage"}
    new["replaces"] = ""
    first, second = (publisher.post_bare(f"{REGISTRY}/new", new).location for _ in range(2))
    assert first == second
    assert [x.key for x in changes(published)] == ["orage"]


def test_who_saves_second_is_told_and_loses_nothing(drafts: str, publisher: WebClient):
    page = f"{REGISTRY}/{entry_id(drafts, 'sentry')}/edit"
    mine = {**fields_of(publisher.get(page).text), "website": ["https://mine.example"]}
    theirs = {**fields_of(publisher.get(page).text), "parent": ["Theirs Inc."]}
    publisher.post_bare(page, theirs)
    answer = publisher.post_bare(page, mine)
    assert "Somebody else changed this entry meanwhile." in answer.text
    assert 'value="https://mine.example"' in answer.text
    assert draft_of(drafts, "sentry").parent == "Theirs Inc."
    again = fields_of(answer.text)
    for _time in range(2):
        assert publisher.post_bare(page, again).status_code == 303
    assert draft_of(drafts, "sentry").website == "https://mine.example"


@pytest.mark.parametrize(
    "text", ["\x00", "‮ ​", "<script>alert(1)</script>\r\n", "x" * 6000, "%(a)s {b}", "’'\""]
)
def test_no_text_breaks_the_form(drafts: str, publisher: WebClient, text: str):
    page = f"{REGISTRY}/{entry_id(drafts, 'sentry')}/edit"
    odd = dict.fromkeys({**SENTRY, **FURTHER, "engaged_by": ""}, text)
    odd |= {f"locations-0-{name}": text for name in ("number", "country", "kind", "organisation")}
    for given in (odd, {**odd, "name": "Sentry", "seen": text}):
        answer = publisher.post(page, **given)
        assert answer.status_code in (200, 303, 400)
        assert "<script>alert" not in answer.text
    assert publisher.get(page).status_code == 200
