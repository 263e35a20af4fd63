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


def test_the_old_version_stays_readable_with_who_recorded_it(legal: WebClient):
    quoted = "vingt jours <b>francs</b>"
    record(legal, objection_period__0__number="20", provenance__quotation=quoted)
    page = unescape(legal.get("/desk/agreements/1/terms").text)
    assert "Notice terms, version 2" in page and "20 days from receipt" in page
    assert "Ana legal" in page and "paul" in page
    assert quoted in page
    assert "<b>francs</b>" not in legal.get("/desk/agreements/1/terms").text
    old = unescape(legal.get("/desk/agreements/1/terms/1").text)
    assert "15 days from receipt" in old and "A later version replaced this one" in old
    assert legal.get("/desk/agreements/1/terms/3").status_code == 404


def record(browser: WebClient, start: str = "current", **changed: object) -> None:
    """From the form to the recorded version."""
    compared = send(browser, start, **changed)
    assert compared.status_code == 200, compared.text
    values = typed(compared.text, "")
    values["save"] = "1"
    answer = browser.post_bare(EDIT, values)
    assert answer.status_code == 303, answer.text


def test_what_was_typed_is_kept_and_the_errors_lead_to_their_fields(
    legal: WebClient, database_url: str
):
    answer = send(
        legal,
        objection_period__0__number="thirty",
        counting__time_zone="Europe/Atlantis",
        counting__extra_holidays="32-13",
        provenance__clause="",
        provenance__read_on="2026-03-03",
        allowed_countries="France, Narnia",
        emergency_replacement__terms="at once",
        receipt_fallback_days="-3",
    )
    assert answer.status_code == 422
    page = unescape(answer.text)
    for anchor, message in (
        ("objection_period-0-number", "“thirty” is not a whole number"),
        ("counting-time_zone", "“Europe/Atlantis” is not a time zone"),
        ("counting-extra_holidays", "These holidays cannot be read"),
        ("provenance-clause", "The clause is not named"),
        ("provenance-read_on", "is missing or lies ahead"),
        ("allowed_countries", "“Narnia” is not a country code"),
        ("receipt_fallback_days", "“-3” is not a whole number"),
    ):
        assert f'<a href="#{anchor}">' in page, anchor
        assert message in page, message
    kept = typed(answer.text)
    assert kept["objection_period-0-number"] == "thirty"
    assert kept["counting-extra_holidays"] == "32-13"
    assert kept["allowed_countries"] == "France, Narnia"
    assert kept["emergency_replacement-terms"] == "at once"
    assert '<details class="more" id="more" open>' in page
    assert len(versions(database_url)) == 1


def test_every_field_of_a_rare_contract_is_recorded_and_shown_again(
    legal: WebClient, database_url: str
):
    record(legal, "blank", **RARE)
    stored = versions(database_url)[-1].terms
    for name, value in RARE_STORED.items():
        assert stored[name] == value, name
    shown = typed(legal.get(f"{EDIT}?start=current").text)
    for given, value in RARE.items():
        name = given.replace("__", "-")
        wanted = value if isinstance(value, list) else [value]
        found = shown.getlist(name)
        if name == "allowed_countries":
            wanted, found = ["France\nSwitzerland"], [found[0].replace("\r", "")]
        assert found == wanted, name
    same = send(legal)
    assert "what is on record already" in same.text


RARE: dict[str, object] = {
    "provenance__clause": "8.3",
    "authorisation": "general",
    "changes_covered": ["addition", "removal"],
    "lead_time__0__number": "2",
    "lead_time__0__unit": "weeks",
    "lead_time_before": "engagement",
    "objection_period__0__number": "1",
    "objection_period__0__unit": "months",
    "objection_period__1__number": "3",
    "objection_period__1__unit": "days",
    "runs_from": "receipt",
    "counting__rule": "ch-or-77-78",
    "counting__time_zone": "Europe/Zurich",
    "counting__holiday_calendar": "CH-ZH",
    "counting__extra_holidays": "01-02",
    "channels": ["email", "post"],
    "channel_choice": "any",
    "copy_channels": ["portal"],
    "deemed_receipt__kind": "business_days_after_dispatch",
    "deemed_receipt__days": "3",
    "deemed_receipt__opening": "08:30",
    "proof_of_receipt": ["acknowledgement", "deemed"],
    "receipt_fallback_days": "10",
    "served_when": "any_notice_contact",
    "objection_form": "written",
    "objection_address": "Rue 1",
    "objection_grounds": "closed_list",
    "closed_grounds": "security",
    "effect_of_silence": "deemed_accepted",
    "silence_broken_by": "any_response",
    "effect_of_objection": "accommodation",
    "may_commence": "after_lead_time",
    "accommodation_period__0__number": "30",
    "if_unresolved": "deemed_accepted_after",
    "deemed_accepted_after__0__number": "14",
    "termination__scope": "suite",
    "termination__exercise_within__0__number": "60",
    "termination__takes_effect": "after_notice",
    "termination__effect_period__0__number": "90",
    "termination__financial_effect": "pro_rata_refund",
    "termination__data_at_end": "return",
    "termination__data_days": "0",
    "emergency_replacement__allowed": "yes",
    "emergency_replacement__terms": "within 5 days",
    "allowed_countries": "Suisse\nfrance",
    "notice_rules__0__applies_to": "data_category",
    "notice_rules__0__category": "health",
    "notice_rules__0__objection_period__0__number": "90",
    "notice_rules__0__notice_only": None,
}
RARE = {name: value for name, value in RARE.items() if value is not None}
RARE_STORED = {
    "changes_covered": ["addition", "removal"],
    "lead_time": {"number": 2, "unit": "weeks"},
    "objection_period": {"number": 1, "unit": "months", "plus": {"number": 3, "unit": "days"}},
    "counting": {
        "rule": "ch-or-77-78",
        "time_zone": "Europe/Zurich",
        "holiday_calendar": "CH-ZH+01-02",
    },
    "deemed_receipt": {
        "kind": "business_days_after_dispatch",
        "opening": "08:30",
        "cutoff": None,
        "days": 3,
    },
    "proof_of_receipt": ["acknowledgement", "deemed"],
    "receipt_fallback_days": 10,
    "allowed_countries": ["CH", "FR"],
    "emergency_replacement": {"allowed": True, "terms": "within 5 days"},
    "termination": {
        "scope": "suite",
        "takes_effect": "after_notice",
        "financial_effect": "pro_rata_refund",
        "data": "return",
        "data_days": 0,
        "exercise_within": {"number": 60, "unit": "days"},
        "effect_period": {"number": 90, "unit": "days"},
    },
    "notice_rules": [
        {
            "applies_to": "data_category:health",
            "lead_time": None,
            "objection_period": {"number": 90, "unit": "days"},
            "closes": "period",
            "notice_only": False,
            "requires_agreement_dates": False,
        }
    ],
}


def test_a_button_adds_a_rule_and_records_nothing(legal: WebClient, database_url: str):
    answer = send(legal, button="more_rules", objection_period__0__number="21")
    assert answer.status_code == 200
    values = typed(answer.text)
    assert "notice_rules-1-applies_to" in values and values["objection_period-0-number"] == "21"
    assert '<details class="more" id="more" open>' in answer.text
    assert len(versions(database_url)) == 1


def test_values_beside_a_choice_that_does_not_use_them_are_not_lost_silently(legal: WebClient):
    answer = send(legal, deemed_receipt__days="3", notice_rules__0__objection_period__0__number="5")
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert '<a href="#deemed_receipt-kind">' in page
    assert '<a href="#notice_rules-0-applies_to">' in page
    assert "A rule has periods, but applies to nothing." in page


def test_the_reading_of_what_is_typed_stores_nothing(legal: WebClient, database_url: str):
    with session_on(database_url) as session:
        before = everything(session)
    values = typed(legal.get(f"{EDIT}?start=current").text, objection_period__0__number="30")
    answer = legal.post_bare("/desk/agreements/1/terms/reading", values)
    assert answer.status_code == 200
    page = unescape(answer.text)
    assert "<html" not in page
    assert (
        "A notice accepted by the client's server today can be objected to until"
        " Wednesday 1 April 2026, 24:00 (Europe/Paris)." in page
    )
    assert "day 1 is Tuesday 3 March 2026" in page
    send(legal, button="show", objection_period__0__number="30")
    send(legal, objection_period__0__number="30")
    with session_on(database_url) as session:
        assert everything(session) == before


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"proof_of_receipt": []}, "nobody has chosen yet what proves receipt"),
        ({"objection_period__0__number": ""}, "the agreement states no objection period"),
        ({"silence_irrevocable": "y", "effect_of_silence": "unspecified"}, "is irrevocable, but"),
        ({"channels": ["post"]}, "no window opens before the client acknowledges receipt itself"),
        ({"authorisation": "specific"}, "Specific authorisation is never given by silence."),
        ({"authorisation": "everything"}, "“everything” is not a known value."),
        ({"runs_from": "unspecified"}, "receipt"),
        (
            {"runs_from": "commencement_backward"},
            "of a change that takes effect on Friday 1 May 2026 can be objected to until",
        ),
        ({"lead_time__0__number": "10"}, "the lead time lets the change take effect from"),
        ({"objection_period__0__number": "9" * 5000}, "is not a whole number"),
        ({"counting__holiday_calendar": "DE-BY"}, "DE-BY"),
        (
            {"notice_rules__0__applies_to": "affiliate", "notice_rules__0__notice_only": "y"},
            "For a company of the vendor's group",
        ),
    ],
)
def test_the_reading_names_dates_and_problems(
    legal: WebClient, changed: dict[str, object], said: str
):
    values = typed(legal.get(f"{EDIT}?start=current").text, **changed)
    answer = legal.post_bare("/desk/agreements/1/terms/reading", values)
    assert answer.status_code == 200
    assert said in " ".join(unescape(answer.text).split()), answer.text


def test_in_french(legal: WebClient):
    page = legal.get(f"{EDIT}?start=current&lang=fr").text
    values = typed(page, objection_period__0__number="30")
    answer = unescape(legal.post_bare("/desk/agreements/1/terms/reading", values).text)
    assert "mercredi 1er avril 2026" in answer
    assert 'lang="fr"' in page


def test_somebody_else_was_faster(legal: WebClient, signed_in: SignIn, database_url: str):
    mine = typed(legal.get(f"{EDIT}?start=current").text, objection_period__0__number="30")
    record(legal, objection_period__0__number="20")
    mine["save"] = "1"
    refused = legal.post_bare(EDIT, mine)
    assert refused.status_code == 409
    page = unescape(refused.text)
    assert "Nothing was recorded" in page and "Ana legal recorded version 2" in page
    assert "20 days" in page and "30 days" in page
    assert len(versions(database_url)) == 2
    again = typed(refused.text, "")
    again["save"] = "1"
    assert legal.post_bare(EDIT, again).status_code == 303
    assert [x.terms["objection_period"]["number"] for x in versions(database_url)] == [15, 20, 30]


def test_only_legal_writes_and_everybody_reads(legal: WebClient, signed_in: SignIn):
    for role in (Role.PUBLISHER, Role.ADMIN):
        browser = signed_in(role)
        page = browser.get("/desk/agreements/1/terms")
        assert page.status_code == 200 and "terms/edit" not in page.text
        assert browser.get("/desk/agreements/incomplete").status_code == 200
        token = browser.token("/desk/agreements/1/terms")
        for path in (EDIT, "/desk/agreements/1/terms/reading"):
            assert browser.post_bare(path, {"csrf_token": token}).status_code == 403
        assert browser.get(EDIT).status_code == 403


def test_an_agreement_that_there_is_not(legal: WebClient):
    values = typed(legal.get(f"{EDIT}?start=current").text, save="1")
    for path in ("/desk/agreements/99/terms/edit", "/desk/agreements/99/terms/reading"):
        assert legal.post_bare(path, values).status_code == 404
    for path in ("terms", "terms/1", "terms/edit", "terms/readings/runs_from"):
        assert legal.get(f"/desk/agreements/99/{path}").status_code == 404


def test_only_the_form_runs_our_script(legal: WebClient):
    form = legal.get(f"{EDIT}?start=blank")
    assert "script-src 'self'" in form.headers["Content-Security-Policy"]
    assert "connect-src 'self'" in form.headers["Content-Security-Policy"]
    assert "unsafe" not in form.headers["Content-Security-Policy"]
    assert legal.get("/static/terms.js").mimetype.endswith("javascript")
    read = legal.get("/desk/agreements/1/terms")
    assert "script-src 'none'" in read.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "odd",
    ["", "-1", "9" * 400, "٣٠", "<script>alert(1)</script>", "\u202e\u2028\x07", "é" * 600, "+"],
)
def test_nothing_typed_breaks_the_form_or_its_reading(legal: WebClient, odd: str):
    page = legal.get(f"{EDIT}?start=fr-30-days-registered").text
    values = typed(page)
    token = values["csrf_token"]
    for name in values:
        values.setlist(name, [odd])
    for one in (None, "objection_period-0-number", "counting-time_zone", "runs_from", "based_on"):
        sent = typed(page) if one else values
        if one:
            sent.setlist(one, [odd])
        sent["csrf_token"] = token
        for path in (EDIT, "/desk/agreements/1/terms/reading"):
            answer = legal.post_bare(path, sent)
            assert answer.status_code in (200, 409, 422), (one, path)
            assert "<script>alert" not in answer.text


def test_rows_that_no_form_of_ours_sends(legal: WebClient):
    sent = typed(
        legal.get(f"{EDIT}?start=current").text,
        notice_rules__999999__applies_to="any",
        lead_time__77__number="3",
        objection_period__x__number="3",
        termination__data="x",
    )
    assert legal.post_bare(EDIT, sent).status_code in (200, 422)
    bare = {"csrf_token": sent["csrf_token"]}
    assert legal.post_bare(EDIT, bare).status_code == 422
    assert legal.post_bare("/desk/agreements/1/terms/reading", bare).status_code == 200


def test_days_of_deemed_receipt_are_asked_for_never_taken_as_none(legal: WebClient):
    answer = send(legal, deemed_receipt__kind="days_after_dispatch")
    assert answer.status_code == 422
    assert '<a href="#deemed_receipt-days">The number of days is missing.' in answer.text
