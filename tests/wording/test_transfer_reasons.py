"""Every reason, instrument and missing fact of transfers has its words, in each language."""

from dataclasses import replace
from datetime import date

import pytest

from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_verdicts import (
    Assessment,
    Instrument,
    MissingFact,
    finding_instrument,
    safeguard_instrument,
)
from subnotify.rules.transfer_words import (
    ConditionKind,
    ExportLaw,
    Fact,
    FrameworkList,
    Reason,
)
from subnotify.wording.transfer_reasons import (
    EVIDENCE,
    FACTS,
    FINDINGS,
    REASONS,
    SAFEGUARDS,
    instrument_words,
    law_words,
    missing_words,
    reason_sentence,
    territory_words,
)
from subnotify.wording.transfer_texts import (
    EFTA_NOTES,
    NUMBERS,
    REPLACED,
    TERRITORIES,
    TO_CONFIRM,
)
from tests.rules.transfer_samples import (
    CH,
    CONTROLLER,
    ENTRY,
    EU,
    PROCESSOR,
    REFERENCE,
    UK,
    in_full,
    judge,
)
from tests.wording.telling import LANGUAGES, in_every_language, w

SWISS_ONLY = replace(ENTRY, lists=frozenset({FrameworkList.SWISS_US}))

TOLD: list[tuple[Assessment, Reason, str]] = [
    (judge("CH", law=CH), Reason.DOMESTIC, "The data stay in the country"),
    (judge("FR"), Reason.EEA, "EU or EEA"),
    (judge("GB", on=date(2020, 6, 1)), Reason.EU_LAW_APPLIED, "Until 31 December 2020 EU law"),
    (judge("GB", on=date(2021, 6, 1)), Reason.BRIDGE, "Until 30 June 2021 the Trade"),
    (judge("CH"), Reason.ADEQUATE, "adequacy decision 2000/518/EC (Switzerland)."),
    (judge("DE", law=CH), Reason.ADEQUATE, "EEA states on the Swiss list (SR 235.11, Annex 1)."),
    (judge("NZ", law=UK), Reason.ADEQUATE, "New Zealand (DPA 2018 Sch. 21 para. 5)."),
    (judge("CA", in_full("EU-CA")), Reason.ADEQUATE_IN_SCOPE, "falls under it is recorded"),
    (
        judge("US", in_full("EU-US-DPF")),
        Reason.ADEQUATE_LISTED,
        "Example, Inc. was on the list when it was checked on 1 January 1999: EU-U.S. Data",
    ),
    (judge("US", in_full("scc_eu_2021_m3")), Reason.SAFEGUARD, "clauses 2021/914, module 3"),
    (judge("CA"), Reason.SCOPE_UNCHECKED, "for some recipients only"),
    (judge("US", RecordedBasis(EU, "EU-US-DPF")), Reason.LIST_ENTRY_INCOMPLETE, "(EU-U.S.)"),
    (judge("US", RecordedBasis(EU, "scc_eu_2021_m3")), Reason.SAFEGUARD_INCOMPLETE, "It fits, but"),
    (judge("IN"), Reason.NO_BASIS, "No transfer basis is recorded"),
    (judge("IN", RecordedBasis(EU, "none_required")), Reason.NOT_DOMESTIC, "third country"),
    (judge("KR", on=date(2020, 1, 1)), Reason.NOT_YET, "from 17 December 2021 only"),
    (
        judge("US", in_full("EU-US-PRIVACY-SHIELD")),
        Reason.ENDED,
        "It ended; its last day was 15 July 2020 (CJEU C-311/18 Schrems II): EU-U.S. Privacy",
    ),
    (judge("GB", on=date(2032, 1, 1)), Reason.ENDED, "its last day was 27 December 2031: "),
    (
        judge("US", in_full("scc_eu_2021_m3", expires_on=date(2025, 1, 1))),
        Reason.EXPIRED,
        "until 1 January 2025 only",
    ),
    (judge("IN", in_full("EU-JP")), Reason.OTHER_PLACE, "decision 2019/419 (Japan)."),
    (judge("US", in_full("scc_eu_2021_m3"), law=UK), Reason.OTHER_LAW, "(EU GDPR)"),
    (judge("US", in_full("SOC 2")), Reason.UNKNOWN_BASIS, "“SOC 2” is no transfer basis."),
    (judge("US", in_full("art49")), Reason.NEVER_A_BASIS, "derogations for specific situations"),
    (judge("US", in_full("scc_eu_2021_m2")), Reason.WRONG_ROLES, "from a processor to its sub"),
    (
        judge("US", in_full("scc_eu_2021_m3"), role=CONTROLLER),
        Reason.WRONG_ROLES,
        "from a controller to a processor",
    ),
    (judge("US", in_full("ch_scc", CH, module="2"), law=CH), Reason.WRONG_MODULE, "Module 2 does"),
    (judge("US", in_full("bcr_p")), Reason.NOT_OWN_GROUP, "own group only"),
    (
        judge(
            "US",
            in_full("scc_eu_2010_c2p", signed_on=date(2021, 10, 1)),
            role=CONTROLLER,
            on=date(2022, 1, 1),
        ),
        Reason.SIGNED_TOO_LATE,
        "from 27 September 2021 on, and was signed on 1 October 2021",
    ),
    (
        judge("US", in_full("scc_eu_2021_m3", signed_on=date(2019, 5, 2))),
        Reason.SIGNED_TOO_EARLY,
        "from 27 June 2021 on only; what was signed on 2 May 2019 is something else",
    ),
    (
        judge("US", in_full("scc_eu_2021_m3", signed_on=date(2027, 1, 1))),
        Reason.NOT_SIGNED_YET,
        "on 1 January 2027 only",
    ),
    (
        judge("US", in_full("EU-US-DPF", list_entry=SWISS_ONLY)),
        Reason.OTHER_LIST,
        "is for Swiss-U.S., not for EU-U.S.",
    ),
]


@pytest.mark.parametrize(("assessment", "reason", "part"), TOLD)
def test_a_reason_in_words(assessment: Assessment, reason: Reason, part: str) -> None:
    assert assessment.reason is reason
    assert part in reason_sentence(assessment, w())
    for language in LANGUAGES:
        in_every_language(reason_sentence(assessment, w(language)))


def test_every_reason_has_words() -> None:
    assert {*REASONS, Reason.WRONG_ROLES} == set(Reason)
    assert {*FACTS, Fact.EVIDENCE} == set(Fact)
    assert all(law_words(law, w()) for law in ExportLaw)


def test_every_safeguard_and_its_evidence_have_words_of_ours() -> None:
    assert set(SAFEGUARDS) == {safeguard.code for safeguard in REFERENCE.safeguards}
    asked = {name for safeguard in REFERENCE.safeguards for name in safeguard.evidence}
    own = {"signature_date", "tia_date", "expiry_date", "commitments_signature_date"}
    assert set(EVIDENCE) == asked - own
    assert {code for code in FINDINGS if REFERENCE.find_finding(code)} == set(FINDINGS)


def test_every_instrument_is_named() -> None:
    for finding in REFERENCE.findings:
        assert instrument_words(finding_instrument(finding), w())
    for safeguard in REFERENCE.safeguards:
        words = instrument_words(safeguard_instrument(safeguard), w())
        assert safeguard.legal_basis in words
    assert instrument_words(None, w()) == ""


def test_what_a_newer_reference_adds_is_told_by_its_own_words() -> None:
    new = Instrument("scc_eu_2027_m3", "SCC 2027/1, Module 3", "art. 46(2)(c)")
    assert instrument_words(new, w()) == "SCC 2027/1, Module 3 (art. 46(2)(c))"
    assert missing_words(MissingFact(Fact.EVIDENCE, "audit_date"), w()) == "audit date"


def test_what_is_missing_in_words() -> None:
    (check,) = judge("CA").missing
    assert missing_words(check, w()).endswith("Record why PIPEDA applies to the recipient")
    (entry,) = judge("US", RecordedBasis(EU, "EU-US-DPF")).missing
    assert missing_words(entry, w()) == "the recipient's entry on the list for EU-U.S."
    for role in (PROCESSOR, CONTROLLER):
        for safeguard in REFERENCE.safeguards:
            bare = RecordedBasis(safeguard.law, safeguard.code)
            for fact in judge("IN", bare, law=safeguard.law, role=role).missing:
                assert missing_words(fact, w()) and missing_words(fact, w("fr"))


def test_every_sentence_of_the_reference_that_people_read_is_marked_for_translation() -> None:
    confirmed = {
        *(check for finding in REFERENCE.findings for check in finding.checks),
        *(
            condition.text
            for safeguard in REFERENCE.safeguards
            for condition in safeguard.conditions
            if condition.kind is ConditionKind.CONFIRMED
        ),
    }
    assert set(TO_CONFIRM) == confirmed
    assert set(TERRITORIES) == {territory.trap for territory in REFERENCE.territories.values()}
    assert set(EFTA_NOTES) == {finding.efta_note for finding in REFERENCE.findings} - {""}
    assert set(REPLACED) == {finding.replaced for finding in REFERENCE.findings} - {""}
    named = {x.legal_basis for x in REFERENCE.safeguards} | {x.number for x in REFERENCE.findings}
    assert set(NUMBERS) <= named
    assert "RS 235.11, annexe 1" in reason_sentence(judge("DE", law=CH), w("fr"))
    assert "US list" in territory_words(judge("PR"), w())
    assert territory_words(judge("FR"), w()) == ""


def test_of_the_days_before_the_swiss_list_it_is_said_what_is_not_known() -> None:
    before = judge("DE", law=CH, on=date(2023, 8, 31))
    assert before.reason is Reason.NOT_YET
    assert reason_sentence(before, w()) == (
        "It counts from 1 September 2023 only: EEA states on the Swiss list (SR 235.11, Annex 1)."
        " Of the days before, these data say nothing: FDPIC list of States (non-binding) under the"
        " old FADP, until 2023-08-31."
    )
    # The certified companies of the United States joined the list a year later.
    later = judge("US", in_full("CH-US-DPF", CH), law=CH, on=date(2024, 9, 14))
    assert "say nothing" not in reason_sentence(later, w())
