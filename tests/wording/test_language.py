"""Dates, ends of windows, lists and countries as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from subnotify.wording.catalogue import supported_language
from subnotify.wording.language import wording_for

PARIS = "Europe/Paris"
# Midnight in Paris after 31 March 2026, in summer time.
MIDNIGHT = datetime(2026, 3, 31, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tag", "language"),
    [("fr", "fr"), ("fr-CH", "fr"), ("FR_ch", "fr"), ("en-GB", "en"), ("de", "en"), (None, "en")],
)
def test_the_nearest_language_is_taken(tag: str | None, language: str) -> None:
    assert supported_language(tag) == language


def test_an_exclusive_end_at_midnight_is_the_whole_day_before() -> None:
    assert wording_for("en", PARIS).until(MIDNIGHT) == "Tuesday 31 March 2026, 24:00 (Europe/Paris)"
    assert wording_for("fr", PARIS).until(MIDNIGHT).startswith("mardi 31 mars 2026")


def test_an_end_within_a_day_keeps_its_hour() -> None:
    text = wording_for("en", PARIS).until(MIDNIGHT - timedelta(hours=7))
    assert text == "Tuesday 31 March 2026 at 17:00 (Europe/Paris)"


def test_the_same_end_read_in_another_zone() -> None:
    assert "17:00" in wording_for("en", "America/New_York").until(MIDNIGHT - timedelta(hours=1))


def test_an_end_to_the_second_keeps_its_seconds() -> None:
    """A period in hours ends to the second: told earlier, it would be cut short."""
    end = MIDNIGHT - timedelta(hours=7, seconds=-30)
    assert "at 17:00:30 (" in wording_for("en", PARIS).until(end)
    assert "17\u00a0h\u00a000\u00a0min\u00a030\u00a0s" in wording_for("fr", PARIS).until(end)


def test_an_end_in_the_hour_that_comes_twice_says_which_one() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    told = [wording_for("en", PARIS).until(first + timedelta(hours=n)) for n in (-1, 0, 1, 2)]
    assert told == [
        "Sunday 25 October 2026 at 01:30 (Europe/Paris)",
        "Sunday 25 October 2026 at 02:30 (Europe/Paris, UTC+02:00)",
        "Sunday 25 October 2026 at 02:30 (Europe/Paris, UTC+01:00)",
        "Sunday 25 October 2026 at 03:30 (Europe/Paris)",
    ]


def test_the_last_day_on_a_short_line() -> None:
    w = wording_for("en", PARIS)
    assert w.last_day_words(MIDNIGHT) == "31 March 2026"
    assert w.last_day_words(MIDNIGHT, "weekday") == "Tuesday 31 March 2026"
    assert w.last_day_words(MIDNIGHT - timedelta(hours=7)) == "31 March 2026 at 17:00"


def test_days_left_are_calendar_days_of_the_zone() -> None:
    w = wording_for("en", PARIS)
    left = {
        hours: w.days_left(MIDNIGHT, at=MIDNIGHT - timedelta(hours=hours))
        for hours in (0, 1, 24, 25)
    }
    assert left == {0: -1, 1: 0, 24: 0, 25: 1}


def test_days_left_count_right_over_the_change_of_clocks() -> None:
    # From Saturday 28 March to Tuesday 31: the Sunday between has 23 hours.
    at = datetime(2026, 3, 28, 8, tzinfo=UTC)
    assert wording_for("en", PARIS).days_left(MIDNIGHT, at=at) == 3


def test_dates() -> None:
    en, fr = wording_for("en"), wording_for("fr")
    assert en.date(date(2026, 3, 1)) == "1 March 2026"
    assert fr.date(date(2026, 3, 1)) == "1er mars 2026"
    assert fr.date(date(2026, 3, 1), "weekday") == "dimanche 1er mars 2026"
    assert fr.date(date(2026, 3, 11)) == "11 mars 2026"
    assert en.date(date(2026, 3, 2), "short") == "2 Mar 2026"


def test_an_instant_says_its_zone() -> None:
    assert wording_for("en").date_time(MIDNIGHT) == "31 March 2026 at 22:00 (UTC)"
    assert (
        wording_for("en").in_zone(PARIS).date_time(MIDNIGHT)
        == "1 April 2026 at 00:00 (Europe/Paris)"
    )
    with pytest.raises(ValueError, match="zone"):
        wording_for("en").date_time(datetime(2026, 3, 1))  # noqa: DTZ001


def test_a_time_of_day_is_told_as_in_the_language() -> None:
    at = datetime(2026, 3, 31, 22, 5, tzinfo=UTC)
    assert wording_for("en", PARIS).time(at) == "00:05"
    assert wording_for("fr", PARIS).time(at) == "0\u00a0h\u00a005"


def test_names_of_countries_and_languages() -> None:
    assert wording_for("fr").country("us") == "États-Unis"
    assert wording_for("en").country("ZZ9") == "ZZ9"
    assert wording_for("fr").language_name("en") == "anglais"


def test_lists_and_numbers() -> None:
    en, fr = wording_for("en"), wording_for("fr")
    assert en.listed(["a", "b", "c"]) == "a, b and c"
    assert fr.listed(["a", "b"], "or") == "a ou b"
    assert en.listed([]) == ""
    assert en.number(12345) == "12,345"
    assert fr.number(12345) == "12\u202f345"


def test_messages_are_filled() -> None:
    w = wording_for("en")
    assert w.gettext("At %(place)s", place="50 %") == "At 50 %"
    assert w.gettext("50 % of all") == "50 % of all"
    assert w.ngettext("%(n)s day", "%(n)s days", 1) == "1 day"
    assert w.ngettext("%(n)s day", "%(n)s days", 1200) == "1,200 days"


@pytest.mark.parametrize(
    ("name", "told"), [("Mirador Inc.", "Mirador Inc."), ("OVH", "OVH."), ("Etc...", "Etc....")]
)
def test_a_name_that_ends_with_a_full_stop_gets_no_second_one(name: str, told: str) -> None:
    w = wording_for("en", PARIS)
    assert w.gettext("Not used for you: %(name)s.", name=name) == f"Not used for you: {told}"
    assert w.gettext("What is %(name)s", name="this..") == "What is this.."
