"""Calendars read back by the library hold what was given, and nothing that was not."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from subnotify.delivery.calendars import CalendarEntry, calendar_bytes
from subnotify.rules.calendar_uids import deadline_uid

CHANGED = datetime(2026, 3, 2, 9, 30, 5, 123, tzinfo=UTC)


def entry(**more: object) -> CalendarEntry:
    facts: dict[str, object] = {
        "uid": "deadline-N_1-1@vendor.example",
        "sequence": 3,
        "summary": "Deadline",
        "changed_at": CHANGED,
        "starts_at": datetime(2026, 4, 2, 0, 0, tzinfo=timezone(timedelta(hours=2))),
    }
    return CalendarEntry(**(facts | more))  # type: ignore[arg-type]


def events(raw: bytes) -> list[object]:
    return list(Calendar.from_ical(raw).walk("VEVENT"))


def test_an_instant_is_written_in_utc_with_what_updates_need() -> None:
    raw = calendar_bytes("Fristen", [entry(url="https://vendor.example/n/x")])
    assert b"METHOD:PUBLISH\r\n" in raw and b"VERSION:2.0\r\n" in raw and b"PRODID:" in raw
    assert b"DTSTART:20260401T220000Z\r\n" in raw
    assert b"DTSTAMP:20260302T093005Z\r\n" in raw
    (event,) = events(raw)
    assert event["UID"] == "deadline-N_1-1@vendor.example" and event["SEQUENCE"] == 3
    assert event["STATUS"] == "CONFIRMED" and event["URL"] == "https://vendor.example/n/x"


def test_a_day_is_a_date_and_a_cancelled_entry_says_so() -> None:
    raw = calendar_bytes(
        "x", [entry(starts_at=None, on=date(2026, 4, 1)), entry(is_cancelled=True)]
    )
    assert b"DTSTART;VALUE=DATE:20260401\r\n" in raw
    assert [event["STATUS"] for event in events(raw)] == ["CONFIRMED", "CANCELLED"]


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_no_text_writes_a_property_and_lines_are_folded(text: str) -> None:
    raw = calendar_bytes(text, [entry(summary=text, description=text, url="")])
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    (event,) = events(raw)
    names = {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "SUMMARY", "STATUS"}
    assert set(event) - {"DESCRIPTION"} == names | {"TRANSP"}


def test_escaped_signs_come_back() -> None:
    text = "Accord n° 12; échéance, \\ « oui »\nBEGIN:VEVENT\r\nATTENDEE:x" + " é" * 90
    (event,) = events(calendar_bytes("x", [entry(summary=text)]))
    assert event["SUMMARY"] == text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": None},
        {"on": date(2026, 4, 1)},
        {"changed_at": datetime(2026, 3, 2)},  # noqa: DTZ001
        {"sequence": -1},
    ],
)
def test_an_entry_that_no_calendar_can_hold_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        calendar_bytes("x", [entry(**wrong)])


def test_one_deadline_has_one_name() -> None:
    assert deadline_uid("SN-2026-0007", 2, "Privacy.Example") == deadline_uid(
        "SN-2026-0007", 2, "privacy.example"
    )
    assert deadline_uid("a-1", 2, "h") != deadline_uid("a", 12, "h")
