"""When a transfer stops being lawful, how long before legal is told, and what could replace it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from subnotify.rules.transfer_endings import Ending, find_ending
from subnotify.rules.transfer_records import Place, RecordedBasis
from subnotify.rules.transfer_reference import TransferReference, end_basis
from subnotify.rules.transfer_safeguards import fitting_safeguards
from subnotify.rules.transfer_words import ExportLaw, Reason
from subnotify.rules.words import VendorRole
from tests.rules.transfer_samples import (
    CH,
    CONTROLLER,
    ENTRY,
    EU,
    PROCESSOR,
    REFERENCE,
    TODAY,
    UK,
    in_full,
)


def ending(
    country: str,
    *recorded: RecordedBasis,
    on: date = TODAY,
    reference: TransferReference = REFERENCE,
) -> Ending | None:
    return find_ending(
        reference,
        place=Place(country),
        law=EU,
        role=PROCESSOR,
        on=on,
        recorded=recorded,
        is_own_group=False,
    )


def offered(law: ExportLaw, role: VendorRole, on: date, *, is_own_group: bool = False) -> list[str]:
    found = fitting_safeguards(REFERENCE, law=law, role=role, on=on, is_own_group=is_own_group)
    return [safeguard.code for safeguard in found]


@pytest.mark.parametrize(
    ("law", "role", "on", "codes"),
    [
        (EU, PROCESSOR, date(2020, 7, 17), []),  # clauses between processors did not exist
        (EU, PROCESSOR, date(2021, 6, 26), []),
        (EU, PROCESSOR, date(2021, 6, 27), ["scc_eu_2021_m3"]),
        (EU, PROCESSOR, TODAY, ["scc_eu_2021_m3", "certification"]),
        (EU, CONTROLLER, date(2020, 7, 17), ["scc_eu_2010_c2p"]),
        (EU, CONTROLLER, date(2021, 9, 26), ["scc_eu_2021_m2", "scc_eu_2010_c2p"]),
        (EU, CONTROLLER, date(2021, 9, 27), ["scc_eu_2021_m2"]),
        (CH, PROCESSOR, date(2021, 8, 26), []),
        (CH, PROCESSOR, TODAY, ["ch_scc"]),
        (UK, PROCESSOR, date(2022, 3, 20), []),
        (UK, PROCESSOR, TODAY, ["uk_idta", "uk_addendum"]),
    ],
)
def test_what_could_be_signed_on_a_day(
    law: ExportLaw, role: VendorRole, on: date, codes: list[str]
):
    assert offered(law, role, on) == codes


def test_the_own_group_has_its_binding_rules_too():
    assert offered(EU, PROCESSOR, date(2020, 7, 17), is_own_group=True) == ["bcr_p"]
    assert offered(EU, CONTROLLER, TODAY, is_own_group=True) == [
        *("scc_eu_2021_m2", "bcr_c", "certification"),
    ]
    assert "ch_bcr" in offered(CH, PROCESSOR, TODAY, is_own_group=True)


def test_a_sunset_is_seen_ahead_by_its_stages():
    found = ending("GB")
    assert found is not None
    assert (found.last_day, found.then.reason) == (date(2031, 12, 27), Reason.ENDED)
    stages = {
        days: found.stage(found.lapses_on - timedelta(days=days))
        for days in (181, 180, 91, 90, 31, 30, 1, 0)
    }
    assert stages == {181: None, 180: 180, 91: 180, 90: 90, 31: 90, 30: 30, 1: 30, 0: 30}
    assert [x.code for x in found.replacements] == ["scc_eu_2021_m3", "certification"]


def test_a_certification_that_runs_out_is_an_end_unless_clauses_lie_ready():
    entry = replace(ENTRY, next_certification_on=date(2027, 3, 1))
    listed = in_full("EU-US-DPF", list_entry=entry)
    found = ending("US", listed)
    assert found is not None and found.last_day == date(2027, 3, 1)
    assert found.days_left(date(2027, 3, 1)) == 1
    clauses = in_full("scc_eu_2021_m3")
    assert ending("US", listed, clauses) is None


def test_a_decision_struck_down_is_an_end():
    changed = end_basis(REFERENCE, "EU-US-DPF", date(2027, 1, 1))
    found = ending("US", in_full("EU-US-DPF"), reference=changed)
    assert found is not None and found.lapses_on == date(2027, 1, 1)


def test_one_basis_after_the_other_is_no_end():
    first = in_full("scc_eu_2021_m3", expires_on=date(2027, 6, 30))
    second = in_full("scc_eu_2021_m3", signed_on=date(2027, 7, 1))
    assert ending("US", first, second) is None
    assert ending("GB", on=date(2020, 6, 1)) is not None
    late = in_full("scc_eu_2021_m3", signed_on=date(2027, 7, 2))
    found = ending("US", first, late)
    assert found is not None and found.last_day == date(2027, 6, 30)


def test_what_is_not_lawful_or_has_no_end_has_none():
    assert ending("FR") is None
    assert ending("US") is None
    assert ending("CA") is None
