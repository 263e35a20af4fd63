"""Clauses that say when a notice counts as received."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.deemed_receipt import deemed_receipt_at
from subnotify.rules.errors import TermsNotComputable
from subnotify.rules.reading import Reader
from subnotify.rules.terms import DeemedReceipt
from subnotify.rules.terms_parts_reading import read_deemed_receipt, read_hour
from subnotify.rules.terms_words import DeemedKind

PARIS = ZoneInfo("Europe/Paris")
OFFICE = DeemedReceipt(DeemedKind.NEXT_BUSINESS_DAY, time(9), time(17))
NO_CUTOFF = DeemedReceipt(DeemedKind.NEXT_BUSINESS_DAY, time(9))
TWO_DAYS = DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, time(9), days=2)
TWO_BUSINESS_DAYS = DeemedReceipt(DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH, time(9), days=2)
SAME_DAY = DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, time(9))


@pytest.mark.parametrize(
    ("deemed", "sent", "received"),
    [
        (DeemedReceipt(DeemedKind.AT_ACCEPTANCE), "2026-03-07T03:12:13", "2026-03-07T03:12:13"),
        (OFFICE, "2026-03-02T08:59:59", "2026-03-02T09:00"),
        (OFFICE, "2026-03-02T09:00", "2026-03-02T09:00"),
        # The cutoff itself is in time; a second later is not.
        (OFFICE, "2026-03-02T17:00", "2026-03-02T17:00"),
        (OFFICE, "2026-03-02T17:00:01", "2026-03-03T09:00"),
        (OFFICE, "2026-03-06T17:01", "2026-03-09T09:00"),
        (OFFICE, "2026-03-07T10:00", "2026-03-09T09:00"),
        # The Saturday before Easter Monday.
        (OFFICE, "2026-04-04T10:00", "2026-04-07T09:00"),
        # Without a cutoff "the next business day" means what it says.
        (NO_CUTOFF, "2026-03-02T08:00", "2026-03-03T09:00"),
        (NO_CUTOFF, "2026-03-02T23:59", "2026-03-03T09:00"),
        (NO_CUTOFF, "2026-03-08T10:00", "2026-03-09T09:00"),
        (TWO_DAYS, "2026-03-06T18:00", "2026-03-08T09:00"),
        (TWO_BUSINESS_DAYS, "2026-03-06T18:00", "2026-03-10T09:00"),
        (TWO_BUSINESS_DAYS, "2026-04-03T08:00", "2026-04-08T09:00"),
        # The night in which the clock goes forward.
        (TWO_DAYS, "2026-03-27T18:00", "2026-03-29T09:00"),
        # Nothing is received before it was sent.
        (SAME_DAY, "2026-03-02T08:00", "2026-03-02T09:00"),
        (SAME_DAY, "2026-03-02T18:00", "2026-03-02T18:00"),
    ],
)
def test_deemed_receipt(deemed: DeemedReceipt, sent: str, received: str) -> None:
    instants = [datetime.fromisoformat(text).replace(tzinfo=PARIS) for text in (sent, received)]
    found = deemed_receipt_at(instants[0], deemed, "Europe/Paris", get_calendar("FR"))
    assert found == instants[1]


def test_only_the_postal_service_knows_a_first_presentation() -> None:
    with pytest.raises(TermsNotComputable) as refusal:
        deemed_receipt_at(
            datetime(2026, 3, 2, tzinfo=PARIS),
            DeemedReceipt(DeemedKind.FIRST_PRESENTATION),
            "Europe/Paris",
            get_calendar("FR"),
        )
    assert refusal.value.reason == "first_presentation"


@pytest.mark.parametrize("kind", ["days_after_dispatch", "business_days_after_dispatch"])
@pytest.mark.parametrize("days", [{}, {"days": None}, {"days": ""}])
def test_a_number_of_days_that_is_missing_is_not_zero(kind: str, days: dict[str, object]) -> None:
    reader = Reader()
    read_deemed_receipt({"kind": kind, **days}, "deemed_receipt", reader)
    assert [problem.where for problem in reader.problems] == ["deemed_receipt.days"]


@pytest.mark.parametrize(
    ("written", "hour"), [("17:30", time(17, 30)), ("8:30", time(8, 30)), ("09:00:00", time(9))]
)
def test_hours_as_people_write_them(written: str, hour: time) -> None:
    reader = Reader()
    assert read_hour(written, "opening", reader) == hour
    assert reader.problems == []


@pytest.mark.parametrize("written", [9, 17, 1030, True, "9", "17h", "24:30", "8:3"])
def test_what_is_no_hour_is_refused(written: object) -> None:
    reader = Reader()
    assert read_hour(written, "opening", reader) is None
    assert [problem.where for problem in reader.problems] == ["opening"]
