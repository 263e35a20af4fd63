"""What covers only who is on a list: the US frameworks of today, and those that fell."""

from dataclasses import replace
from datetime import date

import pytest

from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_words import (
    CoveredData,
    ExportLaw,
    Fact,
    FrameworkList,
    Lawful,
    ListStatus,
    Reason,
)
from tests.rules.transfer_samples import CH, ENTRY, EU, UK, in_full, judge, missing, said

YES, NO, IF = Lawful.YES, Lawful.NO, Lawful.IF_RECORDED


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2020, 7, 15), (YES, Reason.ADEQUATE_LISTED, "V3")),
        (date(2020, 7, 16), (NO, Reason.ENDED, "V4")),
        (date(2020, 7, 17), (NO, Reason.ENDED, "V4")),
    ],
)
def test_privacy_shield(day: date, expected: tuple[Lawful, Reason, str]):
    result = judge("US", in_full("EU-US-PRIVACY-SHIELD"), on=day)
    assert said(result) == expected
    if result.lawful is NO:
        assert result.lapsed_on == date(2020, 7, 16)
        assert dict(result.params)["by"] == "CJEU C-311/18 Schrems II"


def test_the_swiss_shield_is_never_inferred_from_the_european_one():
    recorded = in_full("EU-US-PRIVACY-SHIELD")
    assert said(judge("US", recorded, law=CH, on=date(2020, 1, 1))) == (
        *(NO, Reason.OTHER_LAW),
        "V10",
    )
    wrong = replace(recorded, law=CH)
    assert said(judge("US", wrong, law=CH, on=date(2020, 1, 1))) == (NO, Reason.OTHER_LAW, "V10")
    entry = replace(ENTRY, lists=frozenset({FrameworkList.EU_US}))
    swiss = in_full("CH-US-PRIVACY-SHIELD", CH, list_entry=entry)
    assert said(judge("US", swiss, law=CH, on=date(2020, 1, 1))) == (NO, Reason.OTHER_LIST, "V3")


US_FRAMEWORKS = [
    ("EU-US-DPF", EU, FrameworkList.EU_US),
    ("CH-US-DPF", CH, FrameworkList.SWISS_US),
    ("UK-US-DPF", UK, FrameworkList.UK_EXTENSION),
]


@pytest.mark.parametrize(("code", "law", "own"), US_FRAMEWORKS)
@pytest.mark.parametrize("place", ["US", "PR", "GU", "VI"])
def test_a_us_framework_covers_who_is_on_its_own_list(
    code: str, law: ExportLaw, own: FrameworkList, place: str
):
    entry = replace(ENTRY, lists=frozenset({own}))
    result = judge(place, in_full(code, law, list_entry=entry), law=law)
    assert said(result) == (YES, Reason.ADEQUATE_LISTED, "V3")
    for other in set(FrameworkList) - {own}:
        wrong = in_full(code, law, list_entry=replace(ENTRY, lists=frozenset({other})))
        assert said(judge(place, wrong, law=law)) == (NO, Reason.OTHER_LIST, "V3")


def test_a_us_framework_without_the_entry_is_lawful_once_it_is_recorded():
    nothing = judge("US", RecordedBasis(EU, "EU-US-DPF"))
    assert said(nothing) == (IF, Reason.LIST_ENTRY_INCOMPLETE, "V3")
    assert missing(nothing) == {Fact.LIST_ENTRY}
    bare = replace(ENTRY, entity="", covered_data=frozenset(), checked_on=None)
    result = judge("US", in_full("EU-US-DPF", list_entry=bare))
    assert result.lawful is IF
    assert missing(result) == {Fact.LIST_ENTITY, Fact.LIST_COVERED_DATA, Fact.LIST_CHECKED_ON}


def test_an_entry_says_nothing_of_days_before_it_was_looked_at_nor_after_it_lapsed():
    entry = replace(ENTRY, checked_on=date(2026, 11, 1), next_certification_on=date(2027, 3, 1))
    recorded = in_full("EU-US-DPF", list_entry=entry)
    assert missing(judge("US", recorded, on=date(2026, 10, 31))) == {Fact.LIST_CHECKED_ON}
    last = judge("US", recorded, on=date(2027, 3, 1))
    assert (last.lawful, last.lawful_until) == (YES, date(2027, 3, 1))
    after = judge("US", recorded, on=date(2027, 3, 2))
    assert said(after) == (NO, Reason.EXPIRED, "V8")
    assert after.lapsed_on == date(2027, 3, 2)


def test_an_inactive_entry_and_data_it_does_not_cover():
    inactive = in_full("EU-US-DPF", list_entry=replace(ENTRY, status=ListStatus.INACTIVE))
    assert said(judge("US", inactive)) == (NO, Reason.LIST_INACTIVE, "V3")
    other = replace(ENTRY, covered_data=frozenset({CoveredData.NON_HR}))
    recorded = in_full("EU-US-DPF", list_entry=other)
    assert judge("US", recorded).lawful is YES
    assert said(judge("US", recorded, data=CoveredData.HR)) == (NO, Reason.DATA_NOT_COVERED, "V3")
