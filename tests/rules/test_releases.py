"""Completeness, numbering and the earliest commencement: pure rules."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from subnotify.rules.releases import (
    ReleaseChange,
    ReleaseTexts,
    next_number,
    release_content,
    release_problems,
    starting_standing,
)
from subnotify.rules.texts import NO_TEXT, local_text
from subnotify.rules.words import CaseState, ChangeKind, HoldReason, VendorRole
from tests.support.scenario import FIFTEEN, terms_of
from tests.support.scenario_facts import ORAGE

ON = date(2026, 3, 2)
PARIS = ZoneInfo("Europe/Paris")
TEXTS = ReleaseTexts(
    local_text({"en": "More room.", "fr": "Plus de place."}), NO_TEXT, date(2026, 5, 1)
)
LISTED = {"before": replace(ORAGE, address="1 old street")}
CHANGE = ReleaseChange(
    1, ChangeKind.ADDITION, "orage", ORAGE, ("mail",), languages=frozenset({"en", "fr"})
)


def where(change: ReleaseChange = CHANGE, texts: ReleaseTexts = TEXTS) -> list[str]:
    return [problem.where for problem in release_problems([change], texts, on=ON)]


def test_a_complete_release_has_no_problems():
    assert where() == []


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (replace(TEXTS, reason=NO_TEXT), ["reason"]),
        (replace(TEXTS, reason=local_text({"en": "Only English"})), ["reason.fr"]),
        (replace(TEXTS, paragraph=local_text({"fr": "Seulement"})), ["paragraph.en"]),
        (replace(TEXTS, reason=local_text("42")), []),
        (replace(TEXTS, commencement_on=None), ["commencement_on"]),
        (replace(TEXTS, commencement_on=date(2026, 3, 1)), ["commencement_on"]),
        (replace(TEXTS, commencement_on=ON), []),
    ],
)
def test_texts_and_day(texts: ReleaseTexts, expected: list[str]):
    assert where(texts=texts) == expected


def test_a_language_nobody_uses_may_be_missing():
    only_english = replace(TEXTS, reason=local_text({"en": "Only English"}))
    assert where(replace(CHANGE, languages=frozenset({"en"})), only_english) == []


def test_an_empty_release():
    assert [x.where for x in release_problems([], TEXTS, on=ON)] == ["changes"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": ChangeKind.REMOVAL, **LISTED}, []),
        # What leaves the list need not be complete.
        (
            {
                "kind": ChangeKind.REMOVAL,
                "facts": replace(ORAGE, address="", locations=()),
                **LISTED,
            },
            [],
        ),
        ({"kind": ChangeKind.AMENDMENT, **LISTED}, []),
        # It has left the list since, or never came to be on it.
        ({"kind": ChangeKind.AMENDMENT}, ["changes.orage.kind"]),
        ({"kind": ChangeKind.REMOVAL}, ["changes.orage.kind"]),
        ({"is_pending": True}, ["changes.orage.kind"]),
        ({"untold_services": ("mail",)}, ["changes.orage.services"]),
        ({"kind": ChangeKind.REMOVAL, "is_pending": True, **LISTED}, ["changes.orage.kind"]),
        ({"kind": ChangeKind.REPLACEMENT, "replaced_key": "x"}, []),
        (
            {"kind": ChangeKind.REPLACEMENT, "replaced_is_in_force": False},
            ["changes.orage.replaced"],
        ),
        ({"facts": replace(ORAGE, address="")}, ["changes.orage.address"]),
        ({"facts": replace(ORAGE, data_categories=NO_TEXT)}, ["changes.orage.data_categories"]),
        (
            {"facts": replace(ORAGE, activities=local_text({"en": "Hosting"}))},
            ["changes.orage.activities.fr"],
        ),
        ({"facts": replace(ORAGE, locations=())}, ["changes.orage.locations"]),
        ({"wants_agreement_dates": ("DPA-1",)}, []),
        (
            {
                "wants_agreement_dates": ("DPA-1",),
                "facts": replace(ORAGE, agreement_from_on=None),
            },
            ["changes.orage.agreement"],
        ),
    ],
)
def test_each_change(change: dict[str, object], expected: list[str]):
    assert where(replace(CHANGE, **change)) == expected


def test_missing_agreement_dates_name_some_agreements_and_count_all():
    wanting = tuple(f"DPA-{n}" for n in range(9))
    change = replace(
        CHANGE, wants_agreement_dates=wanting, facts=replace(ORAGE, agreement_from_on=None)
    )
    (problem,) = release_problems([change], TEXTS, on=ON)
    assert dict(problem.params) == {"count": "9", "named": "DPA-0, DPA-1, DPA-2, DPA-3, DPA-4"}


def test_the_controllers_own_entries_are_not_notified():
    assert CHANGE.is_notified
    assert not replace(CHANGE, facts=replace(ORAGE, role=VendorRole.CONTROLLER)).is_notified


def test_numbers():
    assert next_number(2026, []) == "2026-001"
    assert next_number(2026, ["2026-001", "2026-009", "2025-044"]) == "2026-010"
    assert next_number(2026, ["2026-999", "2026-1000"]) == "2026-1001"


def test_content_differs_with_every_word_announced():
    def content(
        change: ReleaseChange = CHANGE,
        texts: ReleaseTexts = TEXTS,
        vendor: str = "Hexapode",
        reference: str = "2026-11-21",
    ) -> dict[str, Any]:
        return release_content(
            [change], texts, vendor={"name": vendor}, transfer_reference=reference
        )

    base = content()
    others = [
        content(replace(CHANGE, services=("chat",))),
        content(texts=replace(TEXTS, commences_by_itself=True)),
        content(vendor="Other"),
        content(reference="2027-01-01"),
        content(replace(CHANGE, facts=replace(ORAGE, address="?"))),
        content(replace(CHANGE, before=replace(ORAGE, address="?"))),
    ]
    assert all(base != other for other in others)
    assert base["changes"][0]["facts"]["name"] == ORAGE.name


def test_where_a_case_starts():
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    terms = terms_of(FIFTEEN)
    fine = starting_standing(ChangeKind.ADDITION, terms, None, at=at)
    assert (fine.state, fine.holds) == (CaseState.WAITING, ())
    unknown = starting_standing(ChangeKind.ADDITION, None, HoldReason.NOT_SERVED, at=at)
    assert unknown.holds == (HoldReason.NOT_SERVED, HoldReason.TERMS_UNKNOWN)
