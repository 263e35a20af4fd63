"""Entering notice terms: from a start to a recorded version, and what is refused on the way."""

from collections.abc import Callable
from datetime import datetime
from html import unescape

import pytest

from subnotify.rules.words import Role
from subnotify.storage.tables import TermsVersionRow
from tests.operations.desk_registry import example, facts_on_record
from tests.support.imports import everything
from tests.support.web_client import WebClient, session_on
from tests.web.terms_form import typed

SignIn = Callable[..., WebClient]
EDIT = "/desk/agreements/1/terms/edit"


@pytest.fixture
def legal(database_url: str, at: datetime, signed_in: SignIn) -> WebClient:
    """Legal's browser; agreement 1 has the sample's terms as version 1."""
    with session_on(database_url) as session:
        example(session, at)
    return signed_in(Role.LEGAL)


def versions(url: str) -> list[TermsVersionRow]:
    with session_on(url) as session:
        rows = session.query(TermsVersionRow).order_by(TermsVersionRow.number).all()
        session.expunge_all()
        return rows


def send(browser: WebClient, start: str = "current", button: str = "", **changed: object):
    """Open the form, change fields, press a button."""
    values = typed(browser.get(f"{EDIT}?start={start}").text, **changed)
    if button:
        values[button] = "1"
    return browser.post_bare(EDIT, values)


def test_the_start_offers_presets_the_current_version_and_an_empty_form(legal: WebClient):
    page = legal.get(EDIT).text
    for value in ("current", "fr-15-days", "fr-30-days-registered", "blank"):
        assert f'value="{value}"' in page
    assert "<script" not in page
    assert "Start from" in legal.get(f"{EDIT}?start=nothing").text


def test_what_the_form_shows_is_what_is_on_record(legal: WebClient, database_url: str):
    before = versions(database_url)
    answer = send(legal)
    assert answer.status_code == 200
    assert "what is on record already" in answer.text
    assert "Record as version" not in answer.text
    answer = send(legal, button="save")
    assert answer.status_code == 303
    assert "nothing was changed" in legal.get(answer.location).text
    assert len(versions(database_url)) == len(before) == 1


def test_a_changed_period_is_compared_then_recorded(legal: WebClient, database_url: str):
    compared = send(legal, objection_period__0__number="20")
    assert compared.status_code == 200
    text = unescape(compared.text)
    assert "20 days" in text and "15 days" in text
    assert text.count('class="changed"') == 1
    assert len(versions(database_url)) == 1, "comparing records nothing"
    values = typed(compared.text, "")
    values["save"] = "1"
    answer = legal.post_bare(EDIT, values)
    assert answer.status_code == 303
    assert "Version 2 of the notice terms is recorded." in unescape(legal.get(answer.location).text)
    old, new = versions(database_url)
    assert not old.is_current and new.is_current
    assert old.terms["objection_period"] == {"number": 15, "unit": "days"}
    assert new.terms == {**old.terms, "objection_period": {"number": 20, "unit": "days"}}
    assert new.recorded_by == "Ana legal"
    with session_on(database_url) as session:
        (fact,) = facts_on_record(session, "terms_recorded")
    assert fact["number"] == 2 and fact["by"] == "Ana legal"
