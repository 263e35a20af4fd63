"""What could be signed on a day to replace a basis that is lost."""

from datetime import date

import pytest

from subnotify.rules.transfer_safeguards import fitting_safeguards
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import VendorRole
from tests.rules.transfer_samples import (
    CH,
    CONTROLLER,
    EU,
    PROCESSOR,
    REFERENCE,
    TODAY,
    UK,
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
