"""What the law says of places, decisions and safeguards, written down by hand.

Nothing here is read from the reference data: where the two differ, one of them is wrong.
"""

from datetime import date, timedelta

import pytest

from subnotify.rules.transfer_records import NONE_REQUIRED, ImpactAssessment, RecordedBasis
from subnotify.rules.transfer_words import (
    AT_HOME,
    ExportLaw,
    Fact,
    Lawful,
    Reason,
    TransferRisk,
)
from subnotify.rules.words import VendorRole
from tests.rules.transfer_samples import (
    CH,
    CONTROLLER,
    EU,
    LONG_AGO,
    PROCESSOR,
    TODAY,
    UK,
    in_full,
    judge,
    missing,
    said,
)

YES, NO, IF = Lawful.YES, Lawful.NO, Lawful.IF_RECORDED
BOTH = (PROCESSOR, CONTROLLER)
DAY = timedelta(days=1)

# On 2026-11-21, with nothing recorded: for the EU, Switzerland, the United Kingdom.
PLACES = {
    **dict.fromkeys(["FR", "DE", "IE", "HU", "IS", "LI", "NO"], (YES, YES, YES)),
    # EU territory under codes of their own.
    **dict.fromkeys(["AX", "GP", "GF", "MQ", "RE", "YT", "MF"], (YES, YES, YES)),
    **dict.fromkeys(["CH", "GB", "GG", "JE", "IM", "AD", "AR", "NZ"], (YES, YES, YES)),
    "GI": (NO, YES, YES),
    "MC": (NO, YES, NO),
    # Adequate for the EU in their scope only, for the others as they are.
    **dict.fromkeys(["IL", "UY", "FO"], (IF, YES, YES)),
    "CA": (IF, IF, IF),
    **dict.fromkeys(["JP", "KR"], (IF, NO, IF)),
    "BR": (IF, NO, NO),
    # The United States are never adequate as such, nor are their territories.
    **dict.fromkeys(["US", "PR", "GU", "VI"], (NO, NO, NO)),
    **dict.fromkeys(["GL", "SJ", "NC", "PF", "PM", "BL", "AW", "CW", "SM", "VA"], (NO, NO, NO)),
    **dict.fromkeys(["IN", "AU", "SG", "TR", "UA", "RS", "CN", "HK", "MO", "TW"], (NO, NO, NO)),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", BOTH)
def test_what_a_place_is_under_each_law_in_each_role(place: str, role: VendorRole):
    found = tuple(judge(place, law=law, role=role).lawful for law in (EU, CH, UK))
    assert found == PLACES[place]


@pytest.mark.parametrize("place", PLACES)
def test_to_claim_that_no_basis_is_required_changes_nothing(place: str):
    for law in ExportLaw:
        claimed = judge(place, RecordedBasis(law, NONE_REQUIRED), law=law)
        alone = judge(place, law=law)
        assert claimed.lawful is alone.lawful
        assert (claimed.reason in AT_HOME) == (alone.reason in AT_HOME)
        if alone.lawful is NO:
            assert said(claimed) == (NO, Reason.NOT_DOMESTIC, "V1")


# Place, law, what is recorded, in which roles, from, until.
VALIDITY = [
    ("CH", EU, "EU-CH", BOTH, "2000-07-26", None),
    ("AR", EU, "EU-AR", BOTH, "2003-06-30", None),
    ("CA", EU, "EU-CA", BOTH, "2001-12-20", None),
    ("GG", EU, "EU-GG", BOTH, "2003-11-21", None),
    ("IM", EU, "EU-IM", BOTH, "2004-04-28", None),
    ("JE", EU, "EU-JE", BOTH, "2008-05-08", None),
    ("FO", EU, "EU-FO", BOTH, "2010-03-05", None),
    ("AD", EU, "EU-AD", BOTH, "2010-10-19", None),
    ("IL", EU, "EU-IL", BOTH, "2011-01-31", None),
    ("UY", EU, "EU-UY", BOTH, "2012-08-21", None),
    ("NZ", EU, "EU-NZ", BOTH, "2012-12-19", None),
    ("JP", EU, "EU-JP", BOTH, "2019-01-23", None),
    ("KR", EU, "EU-KR", BOTH, "2021-12-17", None),
    # Before 2021-06-28 it was no third country.
    ("GB", EU, "EU-GB", BOTH, None, "2031-12-27"),
    ("BR", EU, "EU-BR", BOTH, "2026-01-28", None),
    ("European Patent Organisation", EU, "EU-EPO", BOTH, "2025-07-18", None),
    ("US", EU, "EU-US-SAFE-HARBOR", BOTH, "2000-07-26", "2015-10-05"),
    ("US", EU, "EU-US-PRIVACY-SHIELD", BOTH, "2016-07-12", "2020-07-15"),
    ("US", EU, "EU-US-DPF", BOTH, "2023-07-10", None),
    ("HU", EU, "EU-HU", BOTH, "2000-07-26", None),  # since 2004-05-01 as a member
    ("DE", CH, "CH-EEA", BOTH, "2023-09-01", None),
    ("GB", CH, "CH-GB", BOTH, "2023-09-01", None),
    ("CA", CH, "CH-CA", BOTH, "2023-09-01", None),
    ("MC", CH, "CH-MC", BOTH, "2023-09-01", None),
    ("GI", CH, "CH-GI", BOTH, "2023-09-01", None),
    ("US", CH, "CH-US-PRIVACY-SHIELD", BOTH, "2017-04-12", "2020-09-07"),
    ("US", CH, "CH-US-DPF", BOTH, "2024-09-15", None),
    ("FR", UK, "UK-EEA", BOTH, "2020-12-31", None),
    ("CH", UK, "UK-CH", BOTH, "2020-12-31", None),
    ("GI", UK, "UK-GI", BOTH, "2020-12-31", None),
    ("JP", UK, "UK-JP", BOTH, "2020-12-31", None),
    ("CA", UK, "UK-CA", BOTH, "2020-12-31", None),
    ("KR", UK, "UK-KR", BOTH, "2022-12-19", None),
    ("US", UK, "UK-US-DPF", BOTH, "2023-10-12", None),
    ("IN", EU, "scc_eu_2021_m3", (PROCESSOR,), "2021-06-27", None),
    ("IN", EU, "scc_eu_2021_m2", (CONTROLLER,), "2021-06-27", None),
    ("IN", EU, "scc_eu_2010_c2p", (CONTROLLER,), "2010-05-15", "2022-12-26"),
    ("IN", EU, "certification", BOTH, "2026-04-15", None),
    ("IN", CH, "ch_scc", BOTH, "2021-08-27", None),
    ("IN", CH, "ch_old_scc", (CONTROLLER,), None, "2022-12-31"),
    ("IN", UK, "uk_idta", BOTH, "2022-03-21", None),
    ("IN", UK, "uk_addendum", BOTH, "2022-03-21", None),
    ("IN", UK, "uk_old_scc", (CONTROLLER,), None, "2024-03-20"),
]


@pytest.mark.parametrize("row", VALIDITY, ids=[f"{row[0]} {row[2]}" for row in VALIDITY])
def test_before_on_the_first_and_last_day_and_after(row: tuple[str, ExportLaw, str, object, ...]):
    place, law, code, roles, first, last = row
    days = [(TODAY if last is None else date.fromisoformat(last), True)]
    if first is not None:
        days += [(date.fromisoformat(first) - DAY, False), (date.fromisoformat(first), True)]
    if last is not None:
        days.append((date.fromisoformat(last) + DAY, False))
    for day, holds in days:
        for role in BOTH:
            for under in ExportLaw:
                with_it = judge(place, in_full(code, under, role), law=under, role=role, on=day)
                alone = judge(place, law=under, role=role, on=day)
                if under is law and role in roles:
                    assert (with_it.lawful is YES) is holds, (day, role)
                else:
                    # Under another law, or in a role it is not made for, it adds nothing.
                    assert with_it.lawful is alone.lawful, (day, role, under)


def test_a_member_whose_code_is_no_third_country_now_was_one_before():
    assert judge("HU", on=date(2004, 4, 30)).reason is Reason.ADEQUATE
    assert judge("HU", on=date(2004, 5, 1)).reason is Reason.EEA


def test_a_decision_that_norway_has_not_taken_over_says_so():
    pending = "EEA/EFTA: incorporation pending in May 2026."
    assert judge("BR").trap == judge("BR", in_full("EU-BR")).trap == pending
    assert judge("BR", law=CH).trap == judge("KR").trap == ""
    assert judge("BR", in_full("scc_eu_2021_m3")).trap == ""


@pytest.mark.parametrize("law", ExportLaw)
@pytest.mark.parametrize("role", BOTH)
def test_a_us_company_without_its_entry_on_the_list(law: ExportLaw, role: VendorRole):
    code = {EU: "EU-US-DPF", CH: "CH-US-DPF", UK: "UK-US-DPF"}[law]
    unlisted = in_full(code, law, role, list_entry=None)
    assert said(judge("US", unlisted, law=law, role=role)) == (
        *(IF, Reason.LIST_ENTRY_INCOMPLETE, "V3"),
    )
    assert judge("US", in_full(code, law, role), law=law, role=role).lawful is YES


@pytest.mark.parametrize("law", ExportLaw)
@pytest.mark.parametrize("role", BOTH)
def test_a_canadian_recipient_outside_the_act(law: ExportLaw, role: VendorRole):
    code = {EU: "EU-CA", CH: "CH-CA", UK: "UK-CA"}[law]
    outside = in_full(code, law, role, conditions=frozenset())
    assert said(judge("CA", outside, law=law, role=role)) == (IF, Reason.SCOPE_UNCHECKED, "V9")
    inside = in_full(code, law, role)
    assert judge("CA", inside, law=law, role=role).reason is Reason.ADEQUATE_IN_SCOPE


# Who may rest on the rules of a group, and that an exception for single cases is never a basis.
@pytest.mark.parametrize(
    ("code", "law", "role", "inside"),
    [
        ("bcr_p", EU, PROCESSOR, YES),
        ("bcr_p", EU, CONTROLLER, NO),
        ("bcr_c", EU, PROCESSOR, NO),
        ("bcr_c", EU, CONTROLLER, YES),
        ("uk_bcr_p", UK, PROCESSOR, YES),
        ("uk_bcr_p", UK, CONTROLLER, NO),
        ("ch_bcr", CH, PROCESSOR, YES),
        ("ch_bcr", CH, CONTROLLER, YES),
        *((code, EU, role, NO) for code in ("art49", "art48") for role in BOTH),
        *(("ch_art17", CH, role, NO) for role in BOTH),
        *(("public_body_instrument", EU, role, NO) for role in BOTH),
    ],
)
def test_own_group_and_exceptions(code: str, law: ExportLaw, role: VendorRole, inside: Lawful):
    recorded = in_full(code, law, role)
    within = judge("IN", recorded, law=law, role=role, is_own_group=True)
    outside = judge("IN", recorded, law=law, role=role)
    assert (within.lawful, outside.lawful) == (inside, NO)
    if inside is YES:
        assert said(outside) == (NO, Reason.NOT_OWN_GROUP, "V6")


def test_a_scope_confirmed_for_a_time_ends_with_it():
    confirmed = in_full("EU-CA", expires_on=date(2026, 12, 31))
    last = judge("CA", confirmed, on=date(2026, 12, 31))
    assert (last.reason, last.lawful_until) == (Reason.ADEQUATE_IN_SCOPE, date(2026, 12, 31))
    after = judge("CA", confirmed, on=date(2027, 1, 1))
    # To be confirmed anew, as if nobody ever had.
    assert said(after) == (IF, Reason.SCOPE_UNCHECKED, "V9")
    # What is adequate without conditions needs no record, and outlives it.
    recorded = in_full("EU-NZ", expires_on=date(2026, 12, 31))
    for day in (date(2026, 12, 31), date(2027, 1, 1)):
        found = judge("NZ", recorded, on=day)
        assert (found.reason, found.lawful_until) == (Reason.ADEQUATE, None)


@pytest.mark.parametrize(
    ("code", "law", "first"),
    [
        ("scc_eu_2021_m3", EU, date(2021, 6, 27)),
        ("certification", EU, date(2026, 4, 15)),
        ("uk_idta", UK, date(2022, 3, 21)),
        # On top of the clauses; recognised a little after they could be signed.
        ("ch_scc", CH, date(2021, 6, 27)),
        ("uk_addendum", UK, date(2021, 6, 27)),
    ],
)
def test_what_was_signed_before_the_instrument_existed_is_another(
    code: str, law: ExportLaw, first: date
):
    assert judge("IN", in_full(code, law, signed_on=first), law=law).lawful is YES
    earlier = judge("IN", in_full(code, law, signed_on=first - DAY), law=law)
    assert said(earlier) == (NO, Reason.SIGNED_TOO_EARLY, "V1")


def test_an_assessment_counts_from_its_day_and_by_its_reference():
    bad = ImpactAssessment("TIA-2", date(2026, 11, 22), TransferRisk.INSUFFICIENT)
    recorded = in_full("scc_eu_2021_m3", impact_assessment=bad)
    assert missing(judge("IN", recorded)) == {Fact.IMPACT_ASSESSMENT}
    assert judge("IN", recorded, on=bad.done_on).reason is Reason.ASSESSED_INSUFFICIENT
    nameless = in_full("scc_eu_2021_m3", impact_assessment=ImpactAssessment("", LONG_AGO))
    assert missing(judge("IN", nameless)) == {Fact.IMPACT_ASSESSMENT}


def test_a_certificate_has_a_last_day_and_approved_rules_a_reference():
    endless = in_full("certification", expires_on=None)
    assert missing(judge("IN", endless)) == {Fact.EXPIRES_ON}
    ended = in_full("certification", expires_on=TODAY - DAY)
    assert said(judge("IN", ended)) == (NO, Reason.EXPIRED, "V8")
    nameless = in_full("bcr_p", reference="")
    assert missing(judge("IN", nameless, is_own_group=True)) == {Fact.REFERENCE}
    without = in_full("bcr_p", evidence=(("lead_authority", ""), ("approval_date", "2020-01-01")))
    found = judge("IN", without, is_own_group=True)
    assert {x.detail for x in found.missing} == {
        *("lead_authority", "edpb_opinion_number", "entity_list_version"),
    }


def test_of_what_is_recorded_in_part_the_nearest_to_its_end_is_told():
    clauses, listed = RecordedBasis(EU, "scc_eu_2021_m3"), RecordedBasis(EU, "EU-US-DPF")
    for recorded in ((clauses, listed), (listed, clauses)):
        found = judge("US", *recorded)
        assert found.instrument is not None
        assert (found.lawful, found.instrument.code) == (IF, "EU-US-DPF")
        assert len(found.missing) == 1
