"""Example dates of notice terms: what would follow if notice were given now. Nothing is stored."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.errors import NoticeTooLate
from subnotify.rules.holidays import HolidayCalendar
from subnotify.rules.lead_times import given_at, lead_ends_at
from subnotify.rules.notice_rules import under_rule
from subnotify.rules.terms import NoticeRule, NoticeTerms
from subnotify.rules.terms_checks import has_window, not_computable
from subnotify.rules.terms_words import RuleScope
from subnotify.rules.time_limits import zone_of
from subnotify.rules.windows import Window, compute_window, needs_commencement

# How far off a change is assumed to commence where the window is counted back from it.
_DAYS_AHEAD = 60
_MOST_DAYS_AHEAD = 20_000


@dataclass(frozen=True)
class ExampleDates:
    """rule: the terms' rule that the dates hold under, None for every other change. terms: with
    that rule applied. window None: no window opens. commencement_on: assumed, where the window
    depends on it. lead_ends_at: from when the lead time is kept; None without one."""

    rule: NoticeRule | None
    terms: NoticeTerms
    window: Window | None
    commencement_on: date | None
    lead_ends_at: datetime | None


def example_dates(terms: NoticeTerms, *, at: datetime) -> tuple[ExampleDates, ...]:
    """For each of the terms' rules, and for changes that none applies to, what a notice given at
    `at` leads to; empty where dates cannot be computed.

    Raises UnknownCalendar, and OverflowError for periods that end after the year 9999.
    """
    if not_computable(terms) is not None:
        return ()
    calendar = get_calendar(terms.counting.holiday_calendar)
    rules: list[NoticeRule | None] = list(terms.notice_rules)
    if not any(rule.applies_to is RuleScope.ANY for rule in terms.notice_rules):
        rules.insert(0, None)
    return tuple(_example(terms, rule, calendar, at) for rule in rules)


def _example(
    terms: NoticeTerms, rule: NoticeRule | None, calendar: HolidayCalendar, at: datetime
) -> ExampleDates:
    variant = under_rule(terms, rule)
    if not has_window(variant):
        # Who is only informed waits for nothing; when such a notice is given may be unknown, too.
        return ExampleDates(rule, variant, None, None, None)
    ends_at = lead_ends_at(variant, given_at(variant, at, calendar), calendar)
    if not needs_commencement(variant):
        window = compute_window(variant, at, calendar)
        return ExampleDates(rule, variant, window, None, ends_at)
    window, commencement_on = _before_commencement(variant, calendar, at)
    return ExampleDates(rule, variant, window, commencement_on, ends_at)


def _before_commencement(
    terms: NoticeTerms, calendar: HolidayCalendar, at: datetime
) -> tuple[Window, date]:
    """The window under a commencement far enough off for it to open."""
    today = at.astimezone(zone_of(terms.counting.time_zone)).date()
    ahead = _DAYS_AHEAD
    while True:
        commencement_on = today + timedelta(days=ahead)
        try:
            window = compute_window(terms, at, calendar, commencement_on=commencement_on)
        except NoticeTooLate:
            if ahead > _MOST_DAYS_AHEAD:
                raise OverflowError("no commencement is far enough off") from None
            ahead *= 2
        else:
            return window, commencement_on
