"""The forms behind a notice link: recorded once, nothing lost on errors, nothing by accident."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import update

from subnotify.operations import append_answers
from subnotify.rules.terms_words import ObjectionForm
from subnotify.rules.words import CaseState, ResponseKind, ResponseState, Timeliness
from subnotify.storage.agreement_names import agreement_of_notices
from subnotify.storage.responses import StoredResponse, list_responses
from subnotify.storage.tables import MessageRow
from tests.support.alike import same_client
from tests.support.answers import case_of, give, objection
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario, terms_of
from tests.support.web_client import WebClient, session_on

NAMED = {"by_name": "Camille Perrin", "by_role": "DPO"}
_FIELD = re.compile(r'<input[^>]*name="(csrf_token|form_key)"[^>]*value="([^"]*)"')


@pytest.fixture
def announce(database_url, at) -> Callable[..., Announced]:
    with session_on(database_url) as session:
        yield Scenario(session, at=at).announce


@pytest.fixture
def recorded(database_url) -> Callable[[Announced], tuple[StoredResponse, ...]]:
    """What was answered to a notice."""

    def read(announced: Announced) -> tuple[StoredResponse, ...]:
        with session_on(database_url) as session:
            return list_responses(session, announced.notice_id)

    return read


def hidden(client: WebClient, path: str) -> dict[str, str]:
    """The hidden fields of the form on a page."""
    return {name: unescape(value) for name, value in _FIELD.findall(client.get(path).text)}


def send(client: WebClient, path: str, **fields):
    return client.post_bare(path, {**hidden(client, path), **fields})


def test_an_objection_in_one_post_leads_to_its_receipt(client, announce, recorded):
    announced = announce()
    response = send(client, f"/n/{announced.token}/object", text="Outside the EU.", **NAMED)
    (given,) = recorded(announced)
    assert response.status_code == 303
    assert response.location == f"/n/{announced.token}/receipts/{given.reference}"
    assert (given.kind, given.state) == (ResponseKind.OBJECTION, ResponseState.EFFECTIVE)
    assert (given.by_name, given.by_role, given.text) == (*NAMED.values(), "Outside the EU.")


def test_the_same_form_sent_twice_shows_the_same_receipt(client, announce, recorded):
    announced = announce()
    path = f"/n/{announced.token}/object"
    form = {**hidden(client, path), **NAMED}
    locations = {client.post_bare(path, form).location for _ in range(2)}
    assert len(locations) == 1
    assert len(recorded(announced)) == 1


@pytest.mark.parametrize(
    "path",
    ["object", "no-objection", "waive", "ask", "acknowledge", "withdraw", "wrong-person"],
)
def test_what_a_scanner_sends_changes_nothing(client, announce, recorded, path):
    """An empty form, one without its token, one with every field as the page has it."""
    announced = announce()
    address = f"/n/{announced.token}/{path}"
    as_shown = hidden(client, address)
    for fields in ({}, NAMED, as_shown):
        assert client.post_bare(address, fields).status_code == 200
    assert recorded(announced) == ()


def test_errors_keep_what_was_typed_and_lead_to_their_fields(client, announce, recorded):
    announced = announce(changes=2)
    path = f"/n/{announced.token}/object"
    first = hidden(client, path)
    page = client.post_bare(
        path, {**first, "by_name": "Camille Perrin", "text": "We need <more> facts."}
    ).text
    assert "<title>Error: Object" in page
    assert '<a href="#cases-0">You chose no change. Choose at least one.</a>' in page
    assert '<a href="#by_role">Your role is missing.' in page
    assert 'value="Camille Perrin"' in page
    assert "We need &lt;more&gt; facts." in page
    assert first["form_key"] in page
    assert recorded(announced) == ()


def test_an_expired_token_loses_nothing(client, announce, recorded):
    announced = announce()
    path = f"/n/{announced.token}/object"
    stale = {**hidden(client, path), **NAMED, "text": "A long text.", "csrf_token": "stale"}
    page = client.post_bare(path, stale).text
    assert "Nothing has been sent yet" in page
    assert "A long text." in page and 'value="Camille Perrin"' in page
    fresh = {name: unescape(value) for name, value in _FIELD.findall(page)}
    assert fresh["csrf_token"] != "stale"
    assert client.post_bare(path, {**stale, **fresh}).status_code == 303
    assert [x.text for x in recorded(announced)] == ["A long text."]


def test_the_wrong_person_names_another_who_gets_nothing(client, announce, recorded):
    announced = announce()
    path = f"/n/{announced.token}/wrong-person"
    page = send(client, path, by_name="Ines Roy").text
    assert '<a href="#named_name">You name nobody yet.' in page
    response = send(
        client, path, by_name="Ines Roy", named_name="Ada <Berger>", named_address="ada@x.test"
    )
    (given,) = recorded(announced)
    assert (given.kind, given.case_id) == (ResponseKind.WRONG_PERSON, announced.case_ids[0])
    receipt = client.get(response.location).text
    assert "Ada &lt;Berger&gt;" in receipt and "ada@x.test" in receipt
    # Whoever passed it on may still answer.
    assert "/acknowledge" in client.get(f"/n/{announced.token}").text


def test_the_rest_of_the_window_is_waived_with_a_code_only(client, announce, recorded):
    announced = announce()
    assert f"/n/{announced.token}/waive" in client.get(f"/n/{announced.token}").text
    response = send(client, f"/n/{announced.token}/waive", **NAMED)
    (given,) = recorded(announced)
    assert (given.kind, given.state) == (ResponseKind.WAIVER, ResponseState.AWAITING_CODE)
    assert response.location.endswith(f"/receipts/{given.reference}/code")


def test_conditions_stand_on_the_receipt(client, announce, recorded):
    announced = announce()
    form = {**NAMED, "conditions": "Hosting stays in the EU."}
    response = send(client, f"/n/{announced.token}/object", **form)
    assert recorded(announced)[0].conditions == "Hosting stays in the EU."
    assert "Hosting stays in the EU." in client.get(response.location).text


def test_one_change_of_two_is_answered_alone(client, announce, recorded, database_url):
    announced = announce(changes=2)
    first, second = announced.case_ids
    path = f"/n/{announced.token}/object?change={second}"
    assert re.search(rf'value="{second}" checked', client.get(path).text)
    send(client, path, cases=str(second), **NAMED)
    assert [x.case_id for x in recorded(announced)] == [second]
    with session_on(database_url) as session:
        assert case_of(session, first).state == CaseState.OPEN
        assert case_of(session, second).state == CaseState.OBJECTED


@pytest.mark.parametrize("made_up", ["another", "999999", "-1"])
def test_a_change_of_another_notice_is_not_found(client, announce, recorded, made_up):
    announced, other = announce(changes=2), announce()
    case_id = str(other.case_ids[0]) if made_up == "another" else made_up
    response = send(client, f"/n/{announced.token}/object", cases=case_id, **NAMED)
    assert response.status_code == 404
    assert recorded(announced) == recorded(other) == ()


def test_a_receipt_of_another_notice_is_not_found(client, announce, database_url, at):
    announced, other = announce(), announce()
    with session_on(database_url) as session:
        reference = give(session, other, objection(other), at=at).reference
    for path in ("", "/code", "/letter"):
        response = client.get(f"/n/{announced.token}/receipts/{reference}{path}")
        assert response.status_code == 404


def test_the_registered_letter_contract_shows_consequences_before_the_form(client, announce):
    page = client.get(f"/n/{announce(preset=REGISTERED, language='en').token}/object").text
    consequences = page.index("You bear the consequences of early termination")
    assert consequences < page.index("<form method=")
    assert "Record the objection and prepare the letter" in page


def test_services_to_terminate_are_chosen(client, announce, recorded):
    announced = announce(preset=REGISTERED, changes=2)
    path = f"/n/{announced.token}/object"
    second = str(announced.case_ids[1])
    page = send(client, path, cases=second, **NAMED).text
    assert "For a change that you chose, no service is chosen." in page
    send(client, path, cases=second, services="helpdesk", **NAMED)
    assert [x.services for x in recorded(announced)] == [("helpdesk",)]


def test_a_late_objection_is_taken_and_called_late(client, announce, recorded, clock):
    announced = announce()
    clock.at += timedelta(days=16)
    path = f"/n/{announced.token}/object"
    assert "it is recorded as late" in client.get(path).text
    receipt = client.get(send(client, path, **NAMED).location).text
    assert [x.timeliness for x in recorded(announced)] == [Timeliness.LATE]
    assert "The objection came after the deadline. It is kept" in receipt


@pytest.mark.parametrize("kind", [ResponseKind.QUESTION, ResponseKind.MORE_TIME])
def test_a_question_or_a_request_for_time(client, announce, recorded, kind):
    announced = announce()
    path = f"/n/{announced.token}/ask"
    page = send(client, path, ask_for=kind.value, by_name="Camille Perrin").text
    assert "There is no text yet. Write what you want to know or ask for." in page
    send(client, path, ask_for=kind.value, by_name="Camille Perrin", text="Until June?")
    assert [(x.kind, x.text) for x in recorded(announced)] == [(kind, "Until June?")]


def test_acknowledging_needs_a_name_and_is_no_answer(client, announce, recorded, database_url, at):
    announced = announce()
    path = f"/n/{announced.token}/acknowledge"
    assert "Your name is missing." in send(client, path).text
    receipt = client.get(send(client, path, by_name="Camille Perrin").location).text
    assert "You have acknowledged receipt of the notice." in receipt
    assert [x.kind for x in recorded(announced)] == [ResponseKind.ACKNOWLEDGEMENT]
    assert f"/n/{announced.token}/acknowledge" not in client.get(f"/n/{announced.token}").text
    with session_on(database_url) as session:
        # Served anew (another contact's mail had bounced): the new serving wants its own proof.
        session.execute(update(MessageRow).values(queued_at=at + timedelta(days=400)))
        session.commit()
    assert f"/n/{announced.token}/acknowledge" in client.get(f"/n/{announced.token}").text
    with session_on(database_url) as session:
        assert case_of(session, announced.case_ids[0]).state == CaseState.OPEN


def test_too_long_a_text_is_refused_in_words(client, announce, recorded):
    announced = announce()
    page = send(client, f"/n/{announced.token}/object", text="x" * 5001, **NAMED).text
    assert "Shorten it to 5000 characters at most." in page
    assert "x" * 5001 in page
    assert recorded(announced) == ()


def test_other_agreements_are_answered_alike_in_one_step(client, announce, recorded, database_url):
    first, second, foreign = announce(), announce(), announce()
    with session_on(database_url) as session:
        same_client(session, first, second)
    path = f"/n/{first.token}/object"
    page = client.get(path).text
    boxes = re.findall(r'<input[^>]*name="elsewhere"[^>]*>', page)
    assert [f'value="{second.notice_id}"' in box for box in boxes] == [True]
    refused = send(client, path, elsewhere=str(foreign.notice_id), **NAMED)
    assert refused.status_code == 404
    assert recorded(first) == recorded(foreign) == ()
    response = send(client, path, elsewhere=str(second.notice_id), **NAMED)
    (alike,) = recorded(second)
    assert (alike.kind, alike.by_name) == (ResponseKind.OBJECTION, NAMED["by_name"])
    assert alike.reference in client.get(response.location).text


def test_where_the_code_of_an_answer_given_alike_is_entered(
    client, announce, recorded, database_url
):
    first, second = announce(), announce()
    with session_on(database_url) as session:
        same_client(session, first, second)
    elsewhere = str(second.notice_id)
    send(client, f"/n/{first.token}/no-objection", elsewhere=elsewhere, **NAMED)
    assert [x.state for x in recorded(second)] == [ResponseState.AWAITING_CODE]
    said = "Enter that code in the notice in which you answered."
    assert said in unescape(" ".join(client.get(f"/n/{second.token}").text.split()))
    assert said not in unescape(" ".join(client.get(f"/n/{first.token}").text.split()))


def test_what_a_button_says_where_the_agreement_asks_for_an_email(client, announce):
    """The same as the page behind it, and as the receipt."""
    by_mail = replace(terms_of(FIFTEEN), preset="", objection_form=ObjectionForm.EMAIL)
    announced = announce(terms=by_mail)
    page = client.get(f"/n/{announced.token}").text
    assert "Recorded at once, but not valid by itself" in page
    assert "Counts as soon as you send it." not in page
    receipt = client.get(send(client, f"/n/{announced.token}/object", **NAMED).location).text
    assert "your agreement asks for an email. Answer our mail, too, by Tuesday" in receipt


def test_an_agreement_that_took_no_more_is_named(
    client, announce, recorded, database_url, monkeypatch
):
    first, second = announce(), announce()
    with session_on(database_url) as session:
        same_client(session, first, second)
        (name,) = agreement_of_notices(session, [second.notice_id]).values()
    monkeypatch.setattr(append_answers, "RESPONSES_PER_DAY", 1)
    send(client, f"/n/{second.token}/ask", text="When?", **NAMED)
    path = f"/n/{first.token}/no-objection"
    response = send(client, path, elsewhere=str(second.notice_id), **NAMED)
    assert response.status_code == 303 and len(recorded(first)) == len(recorded(second)) == 1
    page = client.get(response.location).text
    assert f"Nothing was recorded under your agreement {name}: its notice" in page


def test_why_an_agreement_is_not_among_them_is_said(client, announce, database_url):
    """An objection that terminates is given in its own notice; another client's is not named."""
    first, second, foreign = announce(), announce(preset=REGISTERED), announce(preset=REGISTERED)
    with session_on(database_url) as session:
        same_client(session, first, second)
        names = agreement_of_notices(session, [second.notice_id, foreign.notice_id])
    page = client.get(f"/n/{first.token}/object").text
    assert 'name="elsewhere"' not in page
    assert f"Your agreement {names[second.notice_id]} is not among those" in page
    assert names[foreign.notice_id] not in page
    for path in ("no-objection", "waive"):
        assert "is not among those" not in client.get(f"/n/{first.token}/{path}").text


def test_another_contact_learns_nothing_of_other_agreements(client, announce, database_url):
    first, second = announce(contacts=2), announce()
    with session_on(database_url) as session:
        same_client(session, first, second)
    response = send(client, f"/n/{first.token}/object", elsewhere=str(second.notice_id), **NAMED)
    assert "Answered alike" in client.get(response.location).text
    theirs = response.location.replace(first.token, first.tokens[1])
    page = client.get(theirs)
    assert page.status_code == 200 and "Answered alike" not in page.text
