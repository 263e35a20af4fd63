"""The password once more before release, settlement and a second person's confirmation."""

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from flask import Flask, request
from sqlalchemy import select

from subnotify.operations.sign_in import FAILURES_PER_NAME
from subnotify.rules.second_factor import PASSWORD_COUNTS_FOR
from subnotify.rules.words import Role
from subnotify.storage.tables import OperatorSessionRow
from subnotify.web.access import asks_password_again, needs_password_again, needs_role
from tests.support.web_client import PASSWORD, SettableClock, WebClient, session_on

STEPS_OF_WEIGHT = {
    "/desk/releases/<int:release_id>/approve",
    "/desk/releases/<int:release_id>/release",
    "/desk/releases/<int:release_id>/changes/<int:change_id>/withdraw",
    "/desk/releases/<int:release_id>/changes/<int:change_id>/commencement",
    "/desk/cases/<int:case_id>/settle",
    "/desk/cases/<int:case_id>/undo-settlement",
    "/desk/cases/<int:case_id>/objection/proposals/<int:step_id>/answer",
    "/desk/cases/<int:case_id>/no-objection/confirm",
    "/desk/cases/<int:case_id>/correct/confirm",
    "/desk/imports/<int:proposal_id>/apply",
    "/desk/recomputations/<int:proposal_id>/apply",
    "/desk/recomputations/apply-all",
    "/desk/letters/<int:letter_id>/corrections/<int:correction_id>/confirm",
    "/desk/registry/corrections/<int:correction_id>",
    "/desk/registry/publish",
    "/desk/releases/<int:release_id>/late",
    "/desk/operators",
    "/desk/operators/<int:operator_id>",
    "/desk/operators/<int:operator_id>/deactivate",
    "/desk/operators/<int:operator_id>/activate",
    "/desk/operators/<int:operator_id>/reset-second-factor",
    "/sign-in/set-up",
    "/desk/second-factor/recovery-codes",
}


@pytest.fixture
def app(app: Flask) -> Flask:
    """With a step of weight that says what it was sent."""

    @needs_role(Role.LEGAL)
    @needs_password_again
    def grave_step() -> str:
        files = {name: file.read().decode() for name, file in request.files.items()}
        typed = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
        return f"done with {typed} and {files}"

    app.add_url_rule("/desk/grave", "grave", grave_step, methods=["POST"])
    return app


@pytest.fixture
def late(signed_in, clock: SettableClock) -> WebClient:
    """Legal, eleven minutes after signing in."""
    browser = signed_in(Role.LEGAL)
    clock.at += PASSWORD_COUNTS_FOR
    return browser


def send(browser: WebClient, **fields: object):
    token = browser.token("/desk/second-factor")
    return browser.post_once("/desk/grave", {"csrf_token": token, **fields})


def carried(page: str) -> dict[str, list[str]]:
    """The hidden fields of the page's main part."""
    found: dict[str, list[str]] = {}
    pattern = r'<input type="hidden" name="([^"]*)" value="([^"]*)"'
    for name, value in re.findall(pattern, page.partition("<main")[2]):
        found.setdefault(name, []).append(unescape(value))
    return found


def test_the_steps_that_ask_for_it(app: Flask) -> None:
    asking = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if asks_password_again(app.view_functions[rule.endpoint])
    }
    assert asking >= STEPS_OF_WEIGHT


def test_no_second_person_confirms_without_it(app: Flask) -> None:
    """Whatever address of the desk ends so is a second person's step, or one that ends a wait."""
    confirming = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/desk/") and rule.rule.endswith(("/confirm", "/apply", "/approve"))
    }
    bare = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule in confirming and not asks_password_again(app.view_functions[rule.endpoint])
    }
    assert confirming and not bare


def test_a_sign_in_counts_for_ten_minutes(signed_in, clock: SettableClock) -> None:
    browser = signed_in(Role.LEGAL)
    clock.at += PASSWORD_COUNTS_FOR - timedelta(seconds=1)
    assert send(browser, note="now").status_code == 200
    clock.at += timedelta(seconds=1)
    assert send(browser, note="late").status_code == 403


def test_what_was_typed_goes_on(late: WebClient, clock: SettableClock, database_url: str) -> None:
    note = 'two lines\n<b>"and"</b> signs'
    asked = send(late, note=note, services=["mail", "desk"])
    assert "Nothing has been done yet" in asked.text and "<b>" not in asked.text
    fields = carried(asked.text)
    assert fields["services"] == ["mail", "desk"]
    wrong = late.post_once("/desk/grave", {**fields, "password_again": "not this one"})
    assert wrong.status_code == 403 and "not your password" in wrong.text
    assert carried(wrong.text) == fields
    done = late.post_once("/desk/grave", {**fields, "password_again": PASSWORD})
    assert done.text.startswith("done with") and "'mail'" in done.text and "'desk'" in done.text
    assert repr(note) in done.text.replace("\\r", "")
    # It counts for the steps that follow, in this session alone.
    assert send(late, note="next").status_code == 200
    with session_on(database_url) as session:
        row = session.scalars(select(OperatorSessionRow)).one()
    assert row.password_at == clock.at


def test_a_file_is_asked_for_again_in_the_same_form(late: WebClient) -> None:
    asked = send(late, note="x", scan=(BytesIO(b"page"), "letter.pdf"))
    assert "Choose the file again: letter.pdf" in asked.text
    assert 'type="file" name="scan"' in asked.text and "multipart/form-data" in asked.text
    given = {**carried(asked.text), "scan": (BytesIO(b"page"), "letter.pdf")}
    done = late.post_once("/desk/grave", {**given, "password_again": PASSWORD})
    assert "'scan': 'page'" in done.text


def test_guessing_is_throttled_as_a_sign_in_is(late: WebClient) -> None:
    fields = carried(send(late, note="x").text)
    for _ in range(FAILURES_PER_NAME):
        wrong = late.post_once("/desk/grave", {**fields, "password_again": "wrong"})
        assert wrong.status_code == 403
    refused = late.post_once("/desk/grave", {**fields, "password_again": PASSWORD})
    assert refused.status_code == 429 and "Wait" in refused.text


def test_another_site_cannot_have_its_form_confirmed(late: WebClient) -> None:
    """Without our token no page asks for a password, and none carries what was sent."""
    forged = late.post_once("/desk/grave", {"note": "forged"})
    assert forged.status_code == 400 and "password_again" not in forged.text
    forged = late.post_once("/desk/cases/1/settle", {"note": "forged", "seen": "1"})
    assert forged.status_code == 400 and "password_again" not in forged.text


def test_a_look_ahead_needs_none(late: WebClient) -> None:
    """Where a step is shown before it is taken, only taking it asks for the password."""
    token = {"csrf_token": late.token("/desk/second-factor")}
    looked = late.post_once("/desk/cases/1/settle", token)
    assert looked.status_code == 404 and "password_again" not in looked.text
    taken = late.post_once("/desk/cases/1/settle", {**token, "seen": "1"})
    assert taken.status_code == 403 and "password_again" in taken.text


def test_commencing_by_itself_needs_one_and_waiting_for_a_person_none(
    signed_in, clock: SettableClock
) -> None:
    """Switching it on lets a change be used with nobody looking; switching it off only waits."""
    browser = signed_in(Role.PUBLISHER)
    clock.at += PASSWORD_COUNTS_FOR
    token = {"csrf_token": browser.token("/desk/second-factor")}
    address = "/desk/releases/1/changes/1/commencement"
    waits = browser.post_once(address, token)
    assert waits.status_code == 404 and "password_again" not in waits.text
    begins = browser.post_once(address, {**token, "by_itself": "yes"})
    assert begins.status_code == 403 and "password_again" in begins.text


def test_other_roles_learn_nothing(signed_in, clock: SettableClock) -> None:
    browser = signed_in(Role.PUBLISHER)
    clock.at += PASSWORD_COUNTS_FOR
    refused = send(browser, note="x")
    assert refused.status_code == 403 and "password_again" not in refused.text
