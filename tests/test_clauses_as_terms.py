"""Every clause of data/clauses.yaml is written as terms, and says there what the clause says.

The facts of a clause are compared with its terms field by field; where the terms differ from what
the facts say at first sight, EXCEPTIONS names the field and why.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from subnotify.cli import main
from subnotify.cli_yaml import is_calendar
from subnotify.operations.registry_yaml import read_yaml
from subnotify.rules.reading import Reader
from subnotify.rules.terms import NoticeTerms, Period
from subnotify.rules.terms_files import read_agreements_terms
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.terms_words import Unit

DATA = Path(__file__).parent / "data"
WRITTEN = DATA / "clauses-as-terms.yaml"
CLAUSES: list[dict[str, Any]] = yaml.safe_load((DATA / "clauses.yaml").read_text(encoding="utf-8"))

# Objecting is terminating: said by the clause, not by the list of its consequences.
OBJECTION_TERMINATES = {"google-ads", "google-cloud", "github-2022", "sap-current"}
EXCEPTIONS: dict[tuple[str, str], Any] = {
    # The talks have the thirty days of the window, and extend nothing.
    ("sap-current", "accommodation_period"): None,
    # The lead time of other data; that of customer data is a rule.
    ("microsoft", "lead_time"): Period(30),
    ("de-avv-model", "objection_grounds"): "closed_list",  # one ground: an important reason
    ("sana", "objection_grounds"): "data_protection",
    ("fibonacci", "objection_grounds"): "reasons_stated",
    ("scalingo", "objection_grounds"): "closed_list",
    ("zoom", "scope"): "addendum",
    ("zoom", "if_unresolved"): "client_may_terminate",
    ("github-2022", "scope"): "suite",
    ("github-2022", "financial_effect"): "no_further_payment",
    ("submotion", "scope"): "agreement",
}
WITHIN_LEAD = {"other: within the notice period", "other: before the end of the notice period"}
TRIGGERS = {
    "notice_received": "receipt",
    "notice_sent": "dispatch",
    "other: being informed": "receipt",
    "other: having been informed": "receipt",
    "other: counted BACK from the engagement ('innerhalb von zwei Wochen vor')": (
        "commencement_backward"
    ),
}
BEFORE = {"effective_date": "commencement", "processing_start": "commencement"}
SILENCE = {
    "acceptance": "deemed_accepted",
    "authorised": "deemed_accepted",
    "refusal": "deemed_refused",
}
GROUNDS = {None: "none", "data_protection_reasonable": "data_protection"}
REFUNDS = {None: "unspecified", "prepaid_pro_rata": "pro_rata_refund"}
CHANNELS = {
    "email": {"email"},
    "portal": {"portal"},
    "list_update": {"list_publication"},
    "subscription_required": {"subscription"},
    "written": {"email", "post"},
    "other: mailing list": {"subscription"},
    "other: suitable means": {"email"},
    "other: means made available to clients": {"portal"},
}
EFFECT_DATES = {
    "with effect from the change's entry into force": "at_commencement",
    "immediate, by written notice": "immediately",
    "immediately upon written notice": "immediately",
    "immediately, by written notice": "immediately",
    "at a date the client sets, at most 30 days after SAP's notice of the change": "clients_date",
    "30 days' written notice, either party": "after_notice",
    "30 days' notice": "after_notice",
    "vendor, one month's notice": "after_notice",
}


def read_written() -> dict[str, NoticeTerms]:
    reader = Reader()
    content = read_yaml(WRITTEN.read_bytes())
    read = read_agreements_terms(content.data, reader, is_calendar)
    assert not reader.problems
    return {agreement.key: agreement.terms for agreement in read if agreement.terms is not None}


TERMS = read_written()
every_clause = pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause["id"])


def period_of(facts: dict[str, Any] | None) -> Period | None:
    if facts is None or facts["number"] is None:
        return None
    unit = "days" if facts["unit"] == "calendar_days" else facts["unit"]
    return Period(facts["number"], Unit(unit))


def check(clause: dict[str, Any], name: str, found: object, expected: object) -> None:
    expected = EXCEPTIONS.get((clause["id"], name), expected)
    assert found == expected, f"{clause['id']}.{name}"


def test_every_clause_is_written_once_and_nothing_else():
    assert list(TERMS) == [clause["id"] for clause in CLAUSES]


def test_terms_check_accepts_every_one():
    done = CliRunner().invoke(main, ["terms", "check", str(WRITTEN)])
    assert done.exit_code == 0, done.output
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {entry["kind"] for entry in found} == {"not_computable"}


def test_what_cannot_be_expressed_is_listed_and_rare():
    content = yaml.safe_load(WRITTEN.read_text(encoding="utf-8"))
    listed = content["inexpressible"]
    assert len(listed) * 20 <= len(CLAUSES)
    assert all(entry["agreement"] in TERMS and entry["reason"] for entry in listed)


@every_clause
def test_the_two_clocks(clause: dict[str, Any]):
    terms = TERMS[clause["id"]]
    lead = clause["notice_lead_time"]
    check(clause, "lead_time", terms.lead_time, period_of(lead))
    if lead is not None:
        before = BEFORE.get(lead["measured_before"], lead["measured_before"])
        assert terms.lead_time_before == before
    window = period_of(clause["objection_window"])
    if clause["window_trigger"] in WITHIN_LEAD:
        assert terms.closes == "end_of_lead_time" and terms.objection_period is None
        assert window in (None, terms.lead_time)
    else:
        check(clause, "objection_period", terms.objection_period, window)
    assert terms.runs_from == TRIGGERS.get(clause["window_trigger"], "unspecified")


@every_clause
def test_authorisation_notice_and_silence(clause: dict[str, Any]):
    terms = TERMS[clause["id"]]
    assert terms.authorisation == clause["authorisation"]
    named = [CHANNELS[channel] for channel in clause["notice_channels"] or ["email"]]
    assert set(terms.channels) == set().union(*named)
    assert terms.effect_of_silence == SILENCE.get(clause["silence_means"], "unspecified")
    assert terms.objection_timely_when == "unspecified"
    assert terms.objection_form == (clause["objection_channel"] or "any")
    grounds = clause["objection_grounds_required"]
    check(clause, "objection_grounds", terms.objection_grounds, GROUNDS.get(grounds, grounds))


@every_clause
def test_what_an_objection_leads_to(clause: dict[str, Any]):
    terms = TERMS[clause["id"]]
    resolution = period_of(clause["resolution_period"])
    check(clause, "accommodation_period", terms.accommodation_period, resolution)
    consequences = clause["objection_consequence"] or []
    check(clause, "effect", terms.effect_of_objection, expected_effect(clause["id"], consequences))
    client = any(consequence.startswith("terminate_") for consequence in consequences)
    vendor = "vendor_may_terminate" in consequences
    expected = "unspecified"
    if clause["id"] not in OBJECTION_TERMINATES and (client or vendor):
        alone = "client_may_terminate" if client else "vendor_may_terminate"
        expected = "either" if client and vendor else alone
    check(clause, "if_unresolved", terms.if_unresolved, expected)


def expected_effect(name: str, consequences: list[str]) -> str:
    if name in OBJECTION_TERMINATES:
        return "objection_is_termination"
    for consequence, effect in (
        ("suspend_engagement", "suspend_engagement"),
        ("negotiate", "accommodation"),
        ("no_use_for_client", "not_used_for_client"),
        ("stop_using_service", "client_stops_using"),
        ("stop_using_affected_feature", "client_stops_using"),
    ):
        if consequence in consequences:
            return effect
    return "unspecified"


@every_clause
def test_termination_refund_and_emergency(clause: dict[str, Any]):
    terms = TERMS[clause["id"]]
    consequences = clause["objection_consequence"] or []
    part = "terminate_affected_service" in consequences
    whole = "terminate_agreement" in consequences
    one = "service" if part else "agreement" if whole else "unspecified"
    scope = "service_or_agreement" if part and whole else one
    check(clause, "scope", terms.termination.scope, scope)
    when = EFFECT_DATES.get(clause["termination_effect"], "unspecified")
    assert terms.termination.takes_effect == when
    assert (terms.termination.effect_period is not None) == (
        when in ("clients_date", "after_notice")
    )
    refund = REFUNDS.get(clause["refund"], clause["refund"])
    check(clause, "financial_effect", terms.termination.financial_effect, refund)
    emergency = clause["emergency_replacement"] or {"allowed": None, "terms": ""}
    assert terms.emergency_replacement.allowed == emergency["allowed"]
    assert bool(terms.emergency_replacement.terms) == bool(emergency["terms"])


@every_clause
def test_where_the_terms_come_from_is_said(clause: dict[str, Any]):
    provenance = TERMS[clause["id"]].provenance
    assert provenance.clause == f"{clause['party']}: {clause['document']}"
    assert provenance.reading
    assert not provenance.quotation  # facts, in our own words


@every_clause
def test_the_terms_are_kept_whole(clause: dict[str, Any]):
    terms = TERMS[clause["id"]]
    assert terms_from_mapping(json.loads(json.dumps(terms_to_mapping(terms)))) == terms


def test_rules_by_kind_of_change():
    (customer_data,) = TERMS["microsoft"].notice_rules
    assert (customer_data.key, customer_data.lead_time) == (
        "customer data",
        Period(6, Unit.MONTHS),
    )
    (models,) = TERMS["perplexity"].notice_rules
    assert models.notice_only
    *leaving, others = TERMS["sana"].notice_rules
    assert not any(rule.notice_only for rule in leaving) and others.notice_only


def test_what_is_rare():
    docker = TERMS["docker"]
    assert docker.deemed_accepted_after == Period(60) == docker.accommodation_period
    assert TERMS["github-2022"].termination.scope == "suite"
    assert {"CH", "NO", "FR"} < TERMS["wire"].allowed_countries
    assert "US" not in TERMS["wire"].allowed_countries
    assert len(TERMS["scalingo"].closed_grounds) == 4
    assert TERMS["google-ads"].may_commence == "after_lead_time"
    assert TERMS["tiktok"].lead_time_before == "list_change"
    assert TERMS["reviewable"].deemed_receipt is not None
