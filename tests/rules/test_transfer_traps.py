"""What is easily taken wrongly of a place, a role, a list or a date; each with its rule."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from subnotify.rules.transfer_records import ImpactAssessment, Place, RecordedBasis
from subnotify.rules.transfer_reference import end_basis
from subnotify.rules.transfer_words import (
    ExportLaw,
    Fact,
    Lawful,
    Reason,
    Rule,
    TransferRisk,
)
from subnotify.rules.transfers import assess
from tests.rules.transfer_samples import (
    CH,
    CONTROLLER,
    EU,
    PROCESSOR,
    REFERENCE,
    TODAY,
    UK,
    in_full,
    judge,
    missing,
    said,
)

YES, NO, IF = Lawful.YES, Lawful.NO, Lawful.IF_RECORDED


@pytest.mark.parametrize(
    ("place", "law", "expected"),
    [
        ("FR", EU, (YES, Reason.EEA, "V1")),
        ("RE", EU, (YES, Reason.EEA, "V1")),  # Réunion is EU territory
        ("AX", EU, (YES, Reason.EEA, "V1")),
        ("NO", EU, (YES, Reason.EEA, "V1")),
        ("SJ", EU, (NO, Reason.NO_BASIS, "V1")),  # Svalbard is Norwegian, and outside the EEA
        ("GL", EU, (NO, Reason.NO_BASIS, "V1")),
        ("FO", EU, (IF, Reason.SCOPE_UNCHECKED, "V9")),
        ("GI", EU, (NO, Reason.NO_BASIS, "V1")),  # the decision for the UK leaves it out
        ("GI", CH, (YES, Reason.ADEQUATE, "V1")),
        ("GI", UK, (YES, Reason.ADEQUATE, "V1")),
        ("NC", EU, (NO, Reason.NO_BASIS, "V1")),
        ("AW", EU, (NO, Reason.NO_BASIS, "V1")),
        ("MC", EU, (NO, Reason.NO_BASIS, "V1")),
        ("MC", CH, (YES, Reason.ADEQUATE, "V1")),
        ("AD", EU, (YES, Reason.ADEQUATE, "V1")),
        ("HK", EU, (NO, Reason.NO_BASIS, "V1")),
        ("TW", EU, (NO, Reason.NO_BASIS, "V1")),
        ("CH", EU, (YES, Reason.ADEQUATE, "V1")),
        ("CH", CH, (YES, Reason.DOMESTIC, "V10")),
        ("CH", UK, (YES, Reason.ADEQUATE, "V1")),
        ("GB", EU, (YES, Reason.ADEQUATE, "V1")),
        ("GB", CH, (YES, Reason.ADEQUATE, "V1")),
        ("GB", UK, (YES, Reason.DOMESTIC, "V10")),
        ("DE", CH, (YES, Reason.ADEQUATE, "V1")),
        ("DE", UK, (YES, Reason.ADEQUATE, "V1")),
        ("US", EU, (NO, Reason.NO_BASIS, "V1")),  # the country alone is never adequate
        ("US", CH, (NO, Reason.NO_BASIS, "V1")),
        ("PR", EU, (NO, Reason.NO_BASIS, "V1")),
        ("JP", EU, (IF, Reason.SCOPE_UNCHECKED, "V9")),
        ("JP", CH, (NO, Reason.NO_BASIS, "V1")),
        ("KR", CH, (NO, Reason.NO_BASIS, "V1")),
        ("BR", EU, (IF, Reason.SCOPE_UNCHECKED, "V9")),
        ("BR", CH, (NO, Reason.NO_BASIS, "V1")),
        ("BR", UK, (NO, Reason.NO_BASIS, "V1")),
        ("CA", EU, (IF, Reason.SCOPE_UNCHECKED, "V9")),
        ("European Patent Organisation", EU, (YES, Reason.ADEQUATE, "V9")),
        ("epo", EU, (YES, Reason.ADEQUATE, "V9")),
        ("European Patent Organisation", CH, (NO, Reason.NO_BASIS, "V9")),
        ("European Patent Organisation", UK, (NO, Reason.NO_BASIS, "V9")),
        ("World Health Organization", EU, (NO, Reason.NO_BASIS, "V9")),
    ],
)
def test_what_a_place_is_by_itself(
    place: str, law: ExportLaw, expected: tuple[Lawful, Reason, str]
):
    assert said(judge(place, law=law)) == expected


@pytest.mark.parametrize("country", ["DE", "NO", "CH", "PR"])
def test_an_organisation_is_no_part_of_the_country_it_sits_in(country: str):
    for law in ExportLaw:
        result = assess(
            REFERENCE,
            place=Place(country, "World Health Organization"),
            law=law,
            role=PROCESSOR,
            on=TODAY,
            recorded=(),
            is_own_group=False,
        )
        assert said(result) == (NO, Reason.NO_BASIS, "V9")
        assert (result.is_eea_not_eu, result.trap) == (False, "")


def test_members_of_the_eea_that_are_not_in_the_eu_are_told_apart():
    assert judge("NO").is_eea_not_eu and judge("LI").is_eea_not_eu and judge("IS").is_eea_not_eu
    assert not judge("FR").is_eea_not_eu and not judge("CH").is_eea_not_eu


def test_a_territorys_trap_is_told():
    assert "EU territory" in judge("RE").trap
    assert "US list" in judge("PR").trap
    assert judge("FR").trap == ""


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2020, 1, 31), Reason.EU_LAW_APPLIED),
        (date(2020, 12, 31), Reason.EU_LAW_APPLIED),
        (date(2021, 1, 1), Reason.BRIDGE),
        (date(2021, 6, 27), Reason.BRIDGE),
        (date(2021, 6, 28), Reason.ADEQUATE),
        (date(2031, 12, 27), Reason.ADEQUATE),
        (date(2031, 12, 28), Reason.ENDED),
    ],
)
def test_the_united_kingdom_seen_from_the_eu(day: date, expected: Reason):
    result = judge("GB", on=day)
    assert result.reason is expected
    assert result.lawful is (NO if expected is Reason.ENDED else YES)
    if expected is Reason.ADEQUATE:
        assert result.lawful_until == date(2031, 12, 27)


def test_the_bridge_had_a_last_day_of_its_own():
    """The decision came two days before it; without it the day after would have been none."""
    without = end_basis(REFERENCE, "EU-GB", date(2021, 6, 28))
    last = judge("GB", on=date(2021, 6, 30), reference=without)
    assert (last.reason, last.lawful_until) == (Reason.BRIDGE, date(2021, 6, 30))
    assert judge("GB", on=date(2021, 7, 1), reference=without).lawful is NO


def test_a_sunset_marks_what_needed_no_record():
    result = judge("GB", on=date(2032, 1, 1))
    assert (result.rule, result.lapsed_on) == (Rule.ENDS, date(2031, 12, 28))


def test_hungary_was_a_third_country_before_it_joined():
    assert judge("HU", on=date(2000, 7, 25)).lawful is NO
    assert judge("HU", on=date(2004, 4, 30)).reason is Reason.ADEQUATE
    assert judge("HU", on=date(2004, 5, 1)).reason is Reason.EEA


def test_the_swiss_list_says_nothing_of_the_days_before_it():
    assert said(judge("DE", law=CH, on=date(2023, 8, 31))) == (NO, Reason.NOT_YET, "V1")


def test_a_scope_is_lawful_once_it_is_confirmed_in_the_references_words():
    result = judge("CA", RecordedBasis(EU, "EU-CA", conditions=frozenset({"PIPEDA, surely"})))
    assert said(result) == (IF, Reason.SCOPE_UNCHECKED, "V9")
    (check,) = result.missing
    assert check.detail == "Record why PIPEDA applies to the recipient."
    confirmed = RecordedBasis(EU, "EU-CA", conditions=frozenset({check.detail}))
    assert said(judge("CA", confirmed)) == (YES, Reason.ADEQUATE_IN_SCOPE, "V9")


@pytest.mark.parametrize(
    ("code", "role", "expected"),
    [
        ("scc_eu_2021_m3", PROCESSOR, (YES, Reason.SAFEGUARD, "V2")),
        ("scc_eu_2021_m3", CONTROLLER, (NO, Reason.WRONG_ROLES, "V2")),
        ("scc_eu_2021_m2", PROCESSOR, (NO, Reason.WRONG_ROLES, "V2")),
        ("scc_eu_2021_m2", CONTROLLER, (YES, Reason.SAFEGUARD, "V2")),
        ("scc_eu_2021_m1", PROCESSOR, (NO, Reason.WRONG_ROLES, "V2")),
        ("scc_eu_2021_m1", CONTROLLER, (NO, Reason.WRONG_ROLES, "V2")),
        ("scc_eu_2021_m4", PROCESSOR, (NO, Reason.WRONG_ROLES, "V2")),
        ("scc_eu_2010_c2p", PROCESSOR, (NO, Reason.ENDED, "V4")),
        ("scc_art28_2021_915", PROCESSOR, (NO, Reason.NEVER_A_BASIS, "V5")),
        ("art49", PROCESSOR, (NO, Reason.NEVER_A_BASIS, "V5")),
        ("art49", CONTROLLER, (NO, Reason.NEVER_A_BASIS, "V5")),
        ("art48", PROCESSOR, (NO, Reason.NEVER_A_BASIS, "V5")),
        ("ISO 27001", PROCESSOR, (NO, Reason.UNKNOWN_BASIS, "V5")),
        ("bcr_p", PROCESSOR, (NO, Reason.NOT_OWN_GROUP, "V6")),
        ("none_required", PROCESSOR, (NO, Reason.NOT_DOMESTIC, "V1")),
        ("EU-JP", PROCESSOR, (NO, Reason.OTHER_PLACE, "V9")),
        ("ch_scc", PROCESSOR, (NO, Reason.OTHER_LAW, "V10")),
    ],
)
def test_what_is_recorded_for_a_us_recipient(
    code: str, role: object, expected: tuple[Lawful, Reason, str]
):
    recorded = in_full(code, EU, role)  # type: ignore[arg-type]
    assert said(judge("US", recorded, role=role)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "law"), [("ch_scc", CH), ("uk_addendum", UK)])
def test_an_instrument_on_top_of_the_clauses_needs_the_module_of_the_roles(
    code: str, law: ExportLaw
):
    second, third, none = (in_full(code, law, module=module) for module in ("2", "3", ""))
    assert said(judge("US", second, law=law)) == (NO, Reason.WRONG_MODULE, "V2")
    assert judge("US", third, law=law).lawful is YES
    assert missing(judge("US", none, law=law)) == {Fact.MODULE}
    assert judge("US", second, law=law, role=CONTROLLER).lawful is YES
    assert judge("US", third, law=law, role=CONTROLLER).reason is Reason.WRONG_MODULE


def test_eu_clauses_alone_are_nothing_under_swiss_and_uk_law():
    for law in (CH, UK):
        result = judge("US", in_full("scc_eu_2021_m3"), law=law)
        assert said(result) == (NO, Reason.OTHER_LAW, "V10")


def test_binding_rules_hold_inside_the_group():
    assert judge("US", in_full("bcr_p"), is_own_group=True).rule is Rule.OWN_GROUP
    assert judge("US", in_full("bcr_p"), is_own_group=True).lawful is YES


def test_what_module_3_asks_for():
    result = judge("US", RecordedBasis(EU, "scc_eu_2021_m3"))
    assert said(result) == (IF, Reason.SAFEGUARD_INCOMPLETE, "V2")
    details = [
        (fact.fact, fact.detail.split()[0] if fact.detail else "") for fact in result.missing
    ]
    assert details == [
        (Fact.SIGNED_ON, ""),
        (Fact.IMPACT_ASSESSMENT, ""),
        (Fact.EVIDENCE, "annex_version"),
        (Fact.EVIDENCE, "clause_9_option"),
        (Fact.CONDITION, "importer"),
        (Fact.CONDITION, "annexes"),
    ]


def test_days_of_the_record_bound_a_safeguard():
    recorded = in_full("scc_eu_2021_m3", signed_on=date(2026, 3, 1), expires_on=date(2026, 9, 30))
    assert judge("US", recorded, on=date(2026, 2, 28)).reason is Reason.NOT_SIGNED_YET
    assert judge("US", recorded, on=date(2026, 3, 1)).lawful is YES
    assert judge("US", recorded, on=date(2026, 9, 30)).lawful_until == date(2026, 9, 30)
    after = judge("US", recorded, on=date(2026, 10, 1))
    assert (said(after), after.lapsed_on) == ((NO, Reason.EXPIRED, "V8"), date(2026, 10, 1))


def test_old_clauses_could_not_be_signed_to_the_end():
    day = date(2022, 1, 1)
    old = in_full("scc_eu_2010_c2p", role=CONTROLLER, signed_on=date(2021, 9, 26))
    assert judge("US", old, role=CONTROLLER, on=day).lawful is YES
    late = replace(old, signed_on=date(2021, 9, 27))
    result = judge("US", late, role=CONTROLLER, on=day)
    assert said(result) == (NO, Reason.SIGNED_TOO_LATE, "V4")


def test_an_impact_assessment_counts_from_its_day_and_by_its_result():
    later = ImpactAssessment("TIA-2", date(2027, 1, 1))
    recorded = in_full("scc_eu_2021_m3", impact_assessment=later)
    assert missing(judge("US", recorded)) == {Fact.IMPACT_ASSESSMENT}
    bad = replace(later, done_on=date(2026, 1, 1), result=TransferRisk.INSUFFICIENT)
    result = judge("US", replace(recorded, impact_assessment=bad))
    assert said(result) == (NO, Reason.ASSESSED_INSUFFICIENT, "V1")


def test_whatever_stands_in_for_adequacy_needs_an_assessment_of_the_law_there():
    """CJEU C-311/18, 92 and 134; but not the clauses of the years before."""
    asked = set()
    for safeguard, role in product(REFERENCE.safeguards, (PROCESSOR, CONTROLLER)):
        recorded = in_full(safeguard.code, safeguard.law, role, impact_assessment=None)
        on = safeguard.interval.last or TODAY
        result = judge("IN", recorded, law=safeguard.law, role=role, on=on, is_own_group=True)
        if not safeguard.fits(role):
            assert result.lawful is NO
        elif safeguard.interval.last is not None:
            assert result.lawful is YES
        else:
            assert missing(result) == {Fact.IMPACT_ASSESSMENT}, safeguard.code
            asked.add(safeguard.code)
    assert {"uk_addendum", "uk_idta", "uk_bcr_p", "bcr_c", "adhoc_clauses", "ch_bcr"} <= asked


def test_of_several_bases_the_best_counts_and_the_longest():
    dead = in_full("EU-US-PRIVACY-SHIELD")
    clauses = in_full("scc_eu_2021_m3", expires_on=date(2027, 1, 1))
    listed = in_full("EU-US-DPF")
    claimed = RecordedBasis(EU, "EU-US-DPF")
    assert judge("US", dead, clauses).reason is Reason.SAFEGUARD
    assert judge("US", claimed, clauses).reason is Reason.SAFEGUARD
    result = judge("US", clauses, listed)
    assert (result.reason, result.lawful_until) == (Reason.ADEQUATE_LISTED, None)
    assert judge("US", in_full("art49"), dead).reason is Reason.ENDED


def test_of_lapsed_bases_the_one_that_held_longest_says_since_when():
    dead = in_full("EU-US-PRIVACY-SHIELD")
    clauses = in_full("scc_eu_2021_m3", expires_on=date(2026, 9, 30))
    result = judge("US", dead, clauses, in_full("art49"))
    assert (result.reason, result.lapsed_on) == (Reason.EXPIRED, date(2026, 10, 1))
