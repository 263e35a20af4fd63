"""Every step of a computation is a sentence that a person can check with a paper calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.steps import ReadingName, Step, StepKind, TimeLimit
from subnotify.rules.terms import Counting, NoticeTerms, Period
from subnotify.rules.terms_words import Closes, CountingRule, RunsFrom, Unit
from subnotify.rules.time_limits import limit_from_instant
from subnotify.rules.windows import compute_window, extend_window, window_from_mapping
from subnotify.wording.language import wording_for
from subnotify.wording.window_steps import (
    limit_sentences,
    step_sentences,
    stored_step_sentences,
    told_last_day,
)
from tests.wording.telling import FIFTEEN, LANGUAGES, in_every_language, w, window

# What the engine keeps in a step beside the day.
DETAILS = {
    StepKind.ASSUMED: "receipt",
    StepKind.DISPATCHED: "09:14",
    StepKind.RECEIVED: "09:14",
    StepKind.PUBLISHED: "09:14",
    StepKind.TRIGGERED: "09:14",
    StepKind.DEEMED_RECEIVED: "09:00",
    StepKind.NOT_COUNTED_HOLIDAY: "Noël",
    StepKind.LAST_COUNTED: "1 months 15 days",
    StepKind.COUNTED_BACK: "2 weeks",
    StepKind.HOUR_EXCLUDED: "11:00",
    StepKind.HOURS_END: "72",
    StepKind.ROLLED_HOLIDAY: "Noël",
    StepKind.NOT_ROLLED_HOLIDAY: "Noël",
    StepKind.OTHER_READING: ReadingName.CH_SATURDAY.value,
    StepKind.CLOSES: "Europe/Paris",
    StepKind.CLOSES_AT: "10:20:30",
}


def told(
    rule: CountingRule,
    day: str,
    period: Period,
    calendar: str = "none",
    zone: str = "Europe/Paris",
    language: str = "en",
) -> tuple[str, ...]:
    limit = limit_of(rule, day, period, calendar, zone)
    return limit_sentences(limit.steps, zone, rule.value, wording_for(language, zone))


def limit_of(rule: CountingRule, at: str, period: Period, calendar: str, zone: str) -> TimeLimit:
    counting = Counting(rule, zone, calendar)
    instant = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))
    return limit_from_instant(instant, period, counting, get_calendar(calendar))


@pytest.mark.parametrize("kind", StepKind)
@pytest.mark.parametrize("rule", CountingRule)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_a_sentence_under_every_rule(
    kind: StepKind, rule: CountingRule, language: str
) -> None:
    steps = (Step(kind, date(2026, 3, 1), DETAILS.get(kind, "")),)
    in_every_language(limit_sentences(steps, "Europe/Paris", rule.value, w(language)))


@pytest.mark.parametrize("name", ReadingName)
def test_every_reading_is_told(name: ReadingName) -> None:
    steps = (Step(StepKind.OTHER_READING, date(2026, 3, 2), name.value),)
    for language in LANGUAGES:
        in_every_language(limit_sentences(steps, "Europe/Zurich", "ch-or-77-78", w(language)))


def test_a_month_without_the_day_of_the_same_number() -> None:
    steps = told(CountingRule.DE_BGB_187_193, "2026-12-31T10:00", Period(2, Unit.MONTHS), "DE")
    assert steps == (
        "That day itself is not counted: day 1 is Friday 1 January 2027 (BGB § 187(1)).",
        "The period of 2 months ends on Sunday 28 February 2027, the last day of a month that has"
        " no day 31 (BGB § 188).",
        "Sunday 28 February 2027 does not count as a last day: moved to the next day (BGB § 193).",
        "Monday 1 March 2027 is a working day.",
        "The window ends on Monday 1 March 2027 at 24:00 (Europe/Paris).",
    )


def test_a_month_on_the_day_of_the_same_number() -> None:
    steps = told(CountingRule.UK_COMMON_LAW, "2026-02-28T10:00", Period(1, Unit.MONTHS))
    assert steps[1:3] == (
        "The period of 1 month ends on the day of the same number, Saturday 28 March 2026"
        " (English common law, Dodds v Walker [1981] 1 WLR 1027).",
        "28 March 2026 is a Saturday. It stays the last day: none is moved (English common law).",
    )


def test_a_clause_that_moves_nothing_says_what_day_it_leaves_alone() -> None:
    one_month = told(
        CountingRule.CONTRACT_CALENDAR, "2026-03-03T10:00", Period(1, Unit.MONTHS), "DE"
    )
    assert one_month[2] == (
        "Friday 3 April 2026 is a public holiday (Karfreitag)."
        " It stays the last day: the agreement moves none."
    )
    sunday = told(CountingRule.CONTRACT_CALENDAR, "2026-03-01T10:00", Period(7))
    assert sunday[2] == "8 March 2026 is a Sunday. It stays the last day: the agreement moves none."


def test_holidays_that_a_count_passes_over_are_named() -> None:
    steps = told(
        CountingRule.CONTRACT_BD_COUNT,
        "2026-12-18T17:00",
        Period(10, Unit.BUSINESS_DAYS),
        "FR-57",
    )
    assert steps == (
        "That day itself is not counted; Mondays to Fridays are, except the public holidays named"
        " here.",
        "Friday 25 December 2026 is a public holiday (Noël) and is not counted.",
        "Friday 1 January 2027 is a public holiday (Jour de l'an) and is not counted.",
        "Business day 10 is Tuesday 5 January 2027.",
        "Tuesday 5 January 2027 is a working day.",
        "The window ends on Tuesday 5 January 2027 at 24:00 (Europe/Paris).",
    )


def test_saturdays_among_jours_ouvrables() -> None:
    steps = told(
        CountingRule.CONTRACT_JOURS_OUVRABLES,
        "2026-12-18T17:00",
        Period(10, Unit.JOURS_OUVRABLES),
        "FR-57",
    )
    assert "Saturday 26 December 2026 is a public holiday (Saint-Étienne)" in steps[2]
    assert steps[5] == "2 January 2027 is a Saturday. In this count it is a working day."


def test_a_contested_saturday_names_the_other_view_and_the_later_end() -> None:
    steps = told(CountingRule.CH_OR_77_78, "2026-06-05T11:00", Period(15), "CH-ZH", "Europe/Zurich")
    assert steps[2:] == (
        "Saturday 20 June 2026 may be a last day: Saturday is not on a par with a holiday (Swiss"
        " Code of Obligations, art. 78).",
        "Authorities differ: by another view a Saturday counts as a holiday (Swiss Federal Act of"
        " 21 June 1963, SR 173.110.3), and Monday 22 June 2026 is the last day.",
        "By the rule applied here the window would end on Saturday 20 June 2026 at 24:00; it stays"
        " open until the later of the two: Monday 22 June 2026 at 24:00 (Europe/Zurich).",
    )


def test_an_earlier_view_changes_nothing_about_the_end() -> None:
    steps = told(CountingRule.BASEL_1972, "2026-06-05T11:00", Period(15), "CH-ZH", "Europe/Zurich")
    assert "Saturday is no holiday" in steps[-2]
    assert steps[-1] == "The window ends on Monday 22 June 2026 at 24:00 (Europe/Zurich)."


def test_two_working_days() -> None:
    steps = told(CountingRule.EU_1182_71, "2026-06-12T10:00", Period(2), "FR")
    assert steps[-2] == (
        "A period of two days or more has at least two working days: it is extended to Tuesday 16"
        " June 2026 (Regulation No 1182/71, art. 3(5))."
    )


def test_hours() -> None:
    in_hours = Period(72, Unit.HOURS)
    assert told(CountingRule.EU_1182_71_HOURS, "2026-06-16T10:20", in_hours) == (
        "The hour of the event is not counted: the hours run from Tuesday 16 June 2026 at 11:00"
        " (Regulation No 1182/71, art. 3(1)).",
        "The period of 72 hours runs without a break, also over weekends, public holidays and a"
        " change of the clock.",
        "The window ends on Friday 19 June 2026 at 11:00 (Europe/Paris).",
    )
    elapsed = told(CountingRule.CONTRACT_HOURS_ELAPSED, "2026-06-16T10:20:30", in_hours)
    assert elapsed[-1] == "The window ends on Friday 19 June 2026 at 10:20:30 (Europe/Paris)."
    midnight = told(CountingRule.CONTRACT_HOURS_ELAPSED, "2026-06-16T00:00", in_hours)
    assert midnight[-1] == "The window ends on Thursday 18 June 2026 at 24:00 (Europe/Paris)."


COUNTED_BACK = NoticeTerms(
    counting=Counting(CountingRule.RETRO_1182_71, "Europe/Paris"),
    objection_period=Period(2, Unit.WEEKS),
    runs_from=RunsFrom.COMMENCEMENT_BACKWARD,
)


def test_a_window_counted_back_from_commencement() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    computed = compute_window(
        COUNTED_BACK, at, get_calendar("none"), commencement_on=date(2026, 4, 7)
    )
    assert step_sentences(computed, w()) == (
        "Sent on Monday 2 March 2026 at 10:00 (Europe/Paris).",
        "The change is announced to take effect on Tuesday 7 April 2026.",
        "Counted back 2 weeks from then: Tuesday 24 March 2026 is the last day; counting back, no"
        " day is moved (Regulation No 1182/71, art. 3(4)).",
        "The window ends on Tuesday 24 March 2026 at 24:00 (Europe/Paris).",
    )


def test_a_window_that_ends_with_commencement() -> None:
    terms = NoticeTerms(
        counting=Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris"),
        closes=Closes.COMMENCEMENT,
        runs_from=RunsFrom.DISPATCH,
    )
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    computed = compute_window(terms, at, get_calendar("none"), commencement_on=date(2026, 4, 7))
    assert step_sentences(computed, w())[2:] == (
        "The window ends when the change takes effect: Monday 6 April 2026 is its last day.",
        "The window ends on Monday 6 April 2026 at 24:00 (Europe/Paris).",
    )


def test_an_assumption_is_told_with_the_day_it_rests_on() -> None:
    silent = replace(FIFTEEN, runs_from=RunsFrom.UNSPECIFIED)
    steps = step_sentences(window(silent, date(2026, 3, 2)), w())
    assert steps[:2] == (
        "Received on Monday 2 March 2026 at 09:14 (Europe/Paris).",
        "The agreement does not say from when the period runs: it is counted from receipt, the"
        " latest of the possible readings.",
    )


def test_an_extended_window_ends_on_its_new_day() -> None:
    computed = window(FIFTEEN, date(2026, 3, 2))
    extended = extend_window(FIFTEEN, computed, date(2026, 3, 31), get_calendar("FR"))
    assert step_sentences(extended, w())[-2:] == (
        "The window was extended to Tuesday 31 March 2026.",
        "The window ends on Tuesday 31 March 2026 at 24:00 (Europe/Paris).",
    )
    assert told_last_day(extended) == extended.last_day


# As notices of the first version keep it: bare numbers, no readings.
OF_BEFORE = {
    "opens_at": "2026-03-02T08:14:00+00:00",
    "closes_at": "2026-03-17T23:00:00+00:00",
    "nominal_last_day": "2026-03-17",
    "last_day": "2026-03-17",
    "silence_after_at": "2026-03-18T23:00:00+00:00",
    "time_zone": "Europe/Paris",
    "rule": "fr-cpc-640-642",
    "versions": "holidays 0.60, tzdata 2025.2",
    "steps": [
        {"kind": "received", "day": "2026-03-02", "detail": "09:14"},
        {"kind": "day_one", "day": "2026-03-03", "detail": ""},
        {"kind": "last_counted", "day": "2026-03-17", "detail": "15"},
        {"kind": "working_day", "day": "2026-03-17", "detail": ""},
        {"kind": "closes", "day": "2026-03-17", "detail": "Europe/Paris"},
    ],
}


def test_windows_kept_by_the_first_version_are_told_like_those_of_today() -> None:
    today = step_sentences(window(FIFTEEN, date(2026, 3, 2)), w())
    assert stored_step_sentences(OF_BEFORE, w()) == today
    assert "Day 15 is Tuesday 17 March 2026." in today
    assert window_from_mapping(OF_BEFORE).readings == ()


def test_a_rule_that_this_version_does_not_know_is_named_by_its_id() -> None:
    steps = (Step(StepKind.ROLLED_SUNDAY, date(2026, 3, 1)),)
    assert limit_sentences(steps, "Europe/Paris", "xx-rule", w()) == (
        "Sunday 1 March 2026 does not count as a last day: moved to the next day (xx-rule).",
    )
