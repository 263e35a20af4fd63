"""The reference data as read, and every way a newer file can be wrong."""

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import yaml

from subnotify.resources import transfer_reference_file
from subnotify.rules.reading import Reader
from subnotify.rules.transfer_reference import end_basis
from subnotify.rules.transfer_reference_reading import read_reference
from subnotify.rules.transfer_words import ConditionKind
from tests.rules.transfer_samples import REFERENCE

RAW = yaml.safe_load(transfer_reference_file().read_text(encoding="utf-8"))


def problems(change: Callable[[dict[str, Any]], object]) -> list[str]:
    data = copy.deepcopy(RAW)
    change(data)
    reader = Reader()
    reference = read_reference(data, reader)
    assert (reference is None) == bool(reader.problems)
    return [str(problem) for problem in reader.problems]


def test_the_packaged_data_have_no_problem_and_name_their_version():
    assert problems(lambda data: None) == []
    assert REFERENCE.version.startswith("2026-11-21 sha256:")
    assert len(REFERENCE.digest) == 64


def test_twenty_seven_members_and_three_states_of_the_eea_beside_them():
    assert len(REFERENCE.eu_members) == 27
    assert REFERENCE.eea_efta == {"IS", "LI", "NO"}


def test_sources_and_confidence_are_kept():
    finding = REFERENCE.find_finding("EU-JP")
    safeguard = REFERENCE.find_safeguard("bcr_p")
    assert finding is not None and finding.confidence == "read" and "2019-01-23" in finding.source
    assert safeguard is not None and safeguard.confidence == "memory"
    assert REFERENCE.territories["GL"].confidence == "memory"


def test_every_condition_that_a_field_meets_is_known_by_its_words():
    kinds = {
        (safeguard.code, condition.kind)
        for safeguard in REFERENCE.safeguards
        for condition in safeguard.conditions
        if condition.kind is not ConditionKind.CONFIRMED
    }
    assert kinds == {
        ("scc_eu_2021_m3", ConditionKind.IMPACT_ASSESSMENT),
        ("scc_eu_2021_m3", ConditionKind.MET),
        ("bcr_p", ConditionKind.OWN_GROUP),
        ("bcr_p", ConditionKind.IMPACT_ASSESSMENT),
        ("certification", ConditionKind.IMPACT_ASSESSMENT),
        ("uk_idta", ConditionKind.IMPACT_ASSESSMENT),
        ("uk_addendum", ConditionKind.MODULE),
        ("uk_addendum", ConditionKind.MET),
        ("uk_bcr_p", ConditionKind.OWN_GROUP),
        ("ch_scc", ConditionKind.MODULE),
        ("ch_scc", ConditionKind.IMPACT_ASSESSMENT),
        ("ch_bcr", ConditionKind.OWN_GROUP),
    }


def put(*path: object) -> Callable[[dict[str, Any]], object]:
    """Sets the place that all but the last name to the last; None removes it."""
    *steps, value = path

    def change(data: Any) -> None:
        for step in steps[:-1]:
            data = data[step]
        if value is None:
            del data[steps[-1]]
        else:
            data[steps[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("meta", "as_of", None), "meta.as_of: This is missing."),
        (put("meta", "as_of", "soon"), "meta.as_of: “soon” is not a day."),
        (put("eea", "eu_members", []), "eea.eu_members: This is missing."),
        (put("eea", "eu_members", 0, "EU"), "eea.eu_members[0]: “EU” is not a country code."),
        (put("eea", "members", ["FR"]), "eea.members: The field “members” is not known."),
        (put("more", {}), "file.more: The field “more” is not known."),
        (
            put("eu_adequacy", "in_force", 0, "in_force_untill", "2027-01-01"),
            "eu_adequacy.in_force[0].in_force_untill: The field",
        ),
        (
            put("eu_adequacy", "in_force", 0, "in_force_until", "1999-01-01"),
            "eu_adequacy.in_force[0]: It ends on 1999-01-01, before it begins on 2000-07-26.",
        ),
        (put("eu_adequacy", "in_force", 0, "id", None), "eu_adequacy.in_force[0].id: This is"),
        (put("eu_adequacy", "in_force", 0, "iso", None), "eu_adequacy.in_force[0].iso: This is"),
        (put("eu_adequacy", "in_force", 0, "decision", None), "in_force[0].decision: This is"),
        (put("eu_adequacy", "in_force", 1, "id", "EU-CH"), "“EU-CH” is there twice."),
        (
            put("eu_adequacy", "ended", 0, "in_force_until", None),
            "eu_adequacy.ended[0].in_force_until: This is missing. Write the last day",
        ),
        (put("eu_adequacy", "in_force", "CH"), "eu_adequacy.in_force: This must be a list."),
        (put("ch_adequacy", "in_force_from", None), "ch_adequacy.in_force_from: This is missing."),
        (put("ch_adequacy", "others", 2, "iso", "XX"), "ch_adequacy.others[2].iso: “XX” is not"),
        (put("ch_adequacy", "others", 2, "from", None), "ch_adequacy.others[2].from: This is"),
        (put("uk_adequacy", "entries", 0, "scope", "some"), "uk_adequacy.entries[0].scope: “some”"),
        (put("uk_adequacy", "entries", 3, "iso", None), "uk_adequacy.entries[3].iso: This is"),
        (put("safeguards", 0, "law", "US"), "safeguards[0].law: “US” is not a known value."),
        (put("safeguards", 0, "subprocessing", None), "safeguards[0].subprocessing: This is"),
        (put("safeguards", 0, "subprocessing", "no"), "safeguards[0].subprocessing: This must be"),
        (put("safeguards", 0, "exporter_role", "boss"), "safeguards[0].exporter_role: “boss”"),
        (put("safeguards", 0, "code", "art49"), "“art49” is there twice."),
        (put("safeguards", 2, "conditions", "signed"), "safeguards[2].conditions: This must be"),
        (put("safeguards", 2, "valid_till", "2030-01-01"), "safeguards[2].valid_till: The field"),
        (
            put("safeguards", 4, "valid_until", "2001-01-01"),
            "safeguards[4]: It ends on 2001-01-01, before it begins",
        ),
        (put("safeguards", 0, 7), "safeguards[0]: This must be a mapping of fields."),
    ],
)
def test_a_bad_file_is_refused_with_the_place(
    change: Callable[[dict[str, Any]], object], said: str
):
    assert any(said in problem for problem in problems(change)), problems(change)


@pytest.mark.parametrize("data", [None, [], "x", 3, {}, {"meta": 1, "eea": [], "safeguards": {}}])
def test_what_is_no_reference_is_refused(data: object):
    reader = Reader()
    assert read_reference(data, reader) is None
    assert reader.problems


def test_to_strike_down_cuts_the_interval_on_the_day_before():
    changed = end_basis(REFERENCE, "EU-US-DPF", date(2027, 1, 1))
    finding = changed.find_finding("EU-US-DPF")
    assert finding is not None and finding.interval.last == date(2026, 12, 31)
    assert changed.find_finding("EU-JP") == REFERENCE.find_finding("EU-JP")
    later = end_basis(REFERENCE, "EU-GB", date(2040, 1, 1)).find_finding("EU-GB")
    assert later is not None and later.interval.last == date(2031, 12, 27)
    clauses = end_basis(REFERENCE, "scc_eu_2021_m3", date(2027, 1, 1))
    assert clauses.find_safeguard("scc_eu_2021_m3") != REFERENCE.find_safeguard("scc_eu_2021_m3")
    with pytest.raises(KeyError):
        end_basis(REFERENCE, "EU-XX", date(2027, 1, 1))
