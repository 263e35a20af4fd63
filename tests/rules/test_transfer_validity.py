"""Every decision and safeguard of the data around its first and last day, as the file says them.

The expectations come from the file's own text, not through the reader that is under test.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest
import yaml

from subnotify.resources import transfer_reference_file
from subnotify.rules.transfer_words import ExportLaw, Lawful
from subnotify.rules.words import VendorRole
from tests.rules.transfer_samples import CH, CONTROLLER, EU, PROCESSOR, UK, in_full, judge

RAW = yaml.safe_load(transfer_reference_file().read_text(encoding="utf-8"))
DAY = timedelta(days=1)
# No data of its own decides there, and no law calls it home.
ELSEWHERE = "IN"

Edge = tuple[date, bool]


def edges(first: str | None, last: str | None) -> Iterator[Edge]:
    """The days around an interval, and whether it holds on them."""
    if first:
        yield date.fromisoformat(first) - DAY, False
        yield date.fromisoformat(first), True
    if last:
        yield date.fromisoformat(last), True
        yield date.fromisoformat(last) + DAY, False
    if not last:
        yield date(2026, 11, 21), True
        yield date(2090, 1, 1), True


def findings() -> Iterator[tuple[str, str, ExportLaw, str | None, str | None]]:
    """Id, place, law, first and last day of everything the file finds adequate."""
    eu, swiss, uk = RAW["eu_adequacy"], RAW["ch_adequacy"], RAW["uk_adequacy"]
    for item in [*eu["in_force"], *eu["ended"]]:
        if item["id"] != "EU-HU":
            first = item.get("in_force_from") or item["adopted"]
            place = item["iso"] or item["organisation"]
            yield item["id"], place, EU, first, item["in_force_until"]
    for item in swiss["others"]:
        name = f"CH-{item['iso']}" + ("-DPF" if item["iso"] == "US" else "")
        yield name, item["iso"], CH, item["from"], None
    for item in swiss["ended"]:
        yield item["id"], item["iso"], CH, item["in_force_from"], item["in_force_until"]
    for country in [*RAW["eea"]["eu_members"], *RAW["eea"]["eea_efta"], "RE"]:
        yield "CH-EEA", country, CH, swiss["in_force_from"], None
        yield "UK-EEA", country, UK, uk["entries"][0]["from"], None
    for item in uk["entries"]:
        if "iso" in item:
            name = f"UK-{item['iso']}" + ("-DPF" if item["iso"] == "US" else "")
            yield name, item["iso"], UK, item["from"], None
    yield "UK-EU-BODIES", "European Commission", UK, uk["entries"][1]["from"], None


FINDINGS = [
    pytest.param(*finding[:3], day, holds, id=f"{finding[0]} {finding[1]} {day}")
    for finding in findings()
    for day, holds in edges(*finding[3:])
]


@pytest.mark.parametrize(("code", "place", "law", "day", "holds"), FINDINGS)
def test_an_adequacy_finding_counts_from_its_first_to_its_last_day(
    code: str, place: str, law: ExportLaw, day: date, holds: bool
):
    recorded = in_full(code, law)
    for role in VendorRole:
        result = judge(place, recorded, law=law, on=day, role=role)
        if not holds and place == "GB" and law is EU and day < date(2021, 6, 28):
            # The bridge of the Trade and Cooperation Agreement ran a little longer.
            assert (result.lawful, result.instrument) == (Lawful.YES, None)
            continue
        assert result.lawful is (Lawful.YES if holds else Lawful.NO)
        if holds:
            assert result.instrument is not None and result.instrument.code == code
    for other, role in product(set(ExportLaw) - {law}, VendorRole):
        # Recorded for another law, or as if it were this one's, it adds nothing to what that
        # law gives anyway.
        without = judge(place, law=other, role=role, on=day)
        for basis in (recorded, in_full(code, other)):
            with_it = judge(place, basis, law=other, role=role, on=day)
            assert with_it.lawful is without.lawful


def test_all_of_the_files_findings_are_looked_at():
    ids = {param.values[0] for param in FINDINGS}
    assert len(ids) == 19 + 14 + 1 + 1 + 17
    assert len(RAW["eu_adequacy"]["in_force"]) + len(RAW["eu_adequacy"]["ended"]) == 20
    assert len(RAW["ch_adequacy"]["others"]) == 14


# Under which law each safeguard belongs, and in which role of the vendor it fits; by hand.
BOTH = (PROCESSOR, CONTROLLER)
SAFEGUARDS: dict[str, tuple[ExportLaw, tuple[VendorRole, ...], bool]] = {
    "scc_eu_2021_m1": (EU, (), False),
    "scc_eu_2021_m2": (EU, (CONTROLLER,), False),
    "scc_eu_2021_m3": (EU, (PROCESSOR,), False),
    "scc_eu_2021_m4": (EU, (), False),
    "scc_eu_2010_c2p": (EU, (CONTROLLER,), False),
    "scc_eu_2001_2004_c2c": (EU, (), False),
    "scc_art28_2021_915": (EU, (), False),
    "scc_sa_adopted": (EU, BOTH, False),
    "bcr_p": (EU, (PROCESSOR,), True),
    "bcr_c": (EU, (CONTROLLER,), True),
    "code_of_conduct": (EU, BOTH, False),
    "certification": (EU, BOTH, False),
    "adhoc_clauses": (EU, BOTH, False),
    "public_body_instrument": (EU, (), False),
    "art49": (EU, (), False),
    "art48": (EU, (), False),
    "uk_idta": (UK, BOTH, False),
    "uk_addendum": (UK, BOTH, False),
    "uk_old_scc": (UK, (CONTROLLER,), False),
    "uk_bcr_p": (UK, (PROCESSOR,), True),
    "ch_scc": (CH, BOTH, False),
    "ch_old_scc": (CH, (CONTROLLER,), False),
    "ch_contract_clauses": (CH, BOTH, False),
    "ch_bcr": (CH, BOTH, True),
    "ch_code_or_certification": (CH, BOTH, False),
    "ch_art17": (CH, (), False),
}


AROUND = [
    pytest.param(item["code"], day, holds, id=f"{item['code']} {day}")
    for item in RAW["safeguards"]
    for day, holds in edges(item.get("valid_from") or item.get("approved"), item.get("valid_until"))
]


@pytest.mark.parametrize(("code", "day", "holds"), AROUND)
def test_a_safeguard_counts_in_its_interval_for_its_law_and_roles(
    code: str, day: date, holds: bool
):
    own_law, roles, needs_group = SAFEGUARDS[code]
    for law, role, group in product(ExportLaw, VendorRole, (True, False)):
        recorded = in_full(code, law, role)
        result = judge(ELSEWHERE, recorded, law=law, role=role, on=day, is_own_group=group)
        fits = law is own_law and role in roles and (group or not needs_group)
        assert result.lawful is (Lawful.YES if holds and fits else Lawful.NO), (law, role, group)


def test_every_safeguard_of_the_file_is_in_the_table():
    assert [item["code"] for item in RAW["safeguards"]] == list(SAFEGUARDS)
