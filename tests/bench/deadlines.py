"""`deadlines`: time limits a second on one core, against bare date arithmetic without rules.

The limit does what nobody can leave out: to the local day, the days added, the start of the next
local day in UTC. No step is named there, and nothing rolls.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.deadline_files import DeadlineCase, answer_case
from subnotify.rules.terms import Counting, Period
from subnotify.rules.terms_words import CountingRule, Unit
from tests.bench.measures import Measure, interleaved, peak_rss_mib

CASES = 20_000
ROUNDS = 3
FIRST = datetime(2026, 1, 1, 8, tzinfo=UTC)
ZONES = ("Europe/Paris", "Europe/Berlin", "Europe/London", "Atlantic/Azores")

CALENDAR = ((CountingRule.CONTRACT_CALENDAR, "none"), (CountingRule.UK_COMMON_LAW, "none"))
HOLIDAYS = (
    (CountingRule.FR_CPC_640_642, "FR"),
    (CountingRule.DE_BGB_187_193, "DE-BY"),
    (CountingRule.CH_OR_77_78, "CH-ZH"),
    (CountingRule.EU_1182_71, "FR-57"),
    (CountingRule.CONTRACT_BD_COUNT, "GB-SCT"),
)


def questions(rules: Sequence[tuple[CountingRule, str]]) -> list[DeadlineCase]:
    """Triggers over three years, periods of 5 to 34 days, no two questions alike."""
    asked = []
    for number in range(CASES):
        rule, calendar = rules[number % len(rules)]
        unit = Unit.BUSINESS_DAYS if rule is CountingRule.CONTRACT_BD_COUNT else Unit.DAYS
        trigger_at = FIRST + timedelta(minutes=79 * number)
        counting = Counting(rule, ZONES[number % len(ZONES)], calendar)
        asked.append(DeadlineCase(str(number), trigger_at, Period(5 + number % 30, unit), counting))
    return asked


def answer_all(asked: Sequence[DeadlineCase]) -> None:
    for case in asked:
        answer_case(case, get_calendar(case.counting.holiday_calendar))


def add_bare_days(asked: Sequence[DeadlineCase]) -> None:
    for case in asked:
        zone = ZoneInfo(case.counting.time_zone)
        day = case.trigger_at.astimezone(zone).date() + timedelta(days=case.period.number + 1)
        datetime.combine(day, time(0), zone).astimezone(UTC)


def measure_all() -> list[Measure]:
    measures = []
    for name, rules in (("deadlines-calendar", CALENDAR), ("deadlines-holidays", HOLIDAYS)):
        asked = questions(rules)
        rounds = [(lambda x=asked: answer_all(x), lambda x=asked: add_bare_days(x))] * ROUNDS
        part, limit = interleaved(rounds)
        measures.append(
            Measure(
                measure=name,
                database="none",
                n=CASES,
                value=round(CASES / part),
                unit="deadlines/s",
                limit=round(CASES / limit),
                ratio=round(limit / part, 3),
                rss_mib=peak_rss_mib(),
            )
        )
    return measures
