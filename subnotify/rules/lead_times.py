"""Lead times: from the notice to the first day on which a change may take effect (DESIGN 6, 7).

The lead time is counted back from commencement and never rolled; so the first lawful day is the
first one from which counting back does not go past the day on which notice was given.
"""

from datetime import UTC, date, datetime, timedelta

from subnotify.rules.deemed_receipt import deemed_receipt_at
from subnotify.rules.holidays import ONE_DAY, HolidayCalendar
from subnotify.rules.periods import add_period, is_in_hours
from subnotify.rules.steps import TimeLimit
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import MayCommence
from subnotify.rules.time_limits import limit_backward, limit_hours_before, start_of_day, zone_of


def given_at(terms: NoticeTerms, trigger_at: datetime, calendar: HolidayCalendar) -> datetime:
    """When the notice counts as given (UTC): its trigger, or what a clause deems instead."""
    if terms.deems_from_dispatch and terms.deemed_receipt is not None:
        zone = terms.counting.time_zone
        return deemed_receipt_at(trigger_at, terms.deemed_receipt, zone, calendar)
    return trigger_at.astimezone(UTC)


def lead_limit(
    terms: NoticeTerms, commencement_on: date, calendar: HolidayCalendar
) -> TimeLimit | None:
    """By when notice must be given for a commencement on that day of the agreement's zone; None
    without a lead time."""
    start = start_of_day(commencement_on, zone_of(terms.counting.time_zone))
    return lead_limit_before(terms, start, calendar)


def lead_limit_before(
    terms: NoticeTerms, commencement_at: datetime, calendar: HolidayCalendar
) -> TimeLimit | None:
    """The same for a commencement at an instant: hours are counted back from it, all other units
    from its day in the agreement's zone."""
    lead = terms.lead_time
    if lead is None:
        return None
    if is_in_hours(lead):
        return limit_hours_before(commencement_at, lead.number, terms.counting)
    local_on = commencement_at.astimezone(zone_of(terms.counting.time_zone)).date()
    return limit_backward(local_on, lead, terms.counting, calendar)


def lead_ends_at(
    terms: NoticeTerms, notice_given_at: datetime, calendar: HolidayCalendar
) -> datetime | None:
    """The first instant (UTC) at which the lead time is kept; None without a lead time.

    The start of a day of the agreement's zone, except for hours: these end to the second.
    """
    lead = terms.lead_time
    if lead is None:
        return None
    if is_in_hours(lead):
        return notice_given_at.astimezone(UTC) + timedelta(hours=lead.number)
    counting = terms.counting
    zone = zone_of(counting.time_zone)
    given_on = notice_given_at.astimezone(zone).date()

    def is_kept(day: date) -> bool:
        return limit_backward(day, lead, counting, calendar).last_day >= given_on

    # Forward and back differ by a few days at most: ends of months, weekends, holidays.
    day = add_period(given_on, lead, calendar)
    while not is_kept(day):
        day += ONE_DAY
    while is_kept(day - ONE_DAY):
        day -= ONE_DAY
    return start_of_day(day, zone)


def may_use_early(terms: NoticeTerms, *, is_emergency: bool = False) -> bool:
    """Whether the change may be used for the client while its window still runs; never without
    its yes where the terms need one."""
    if terms.needs_a_yes:
        return False
    return terms.may_commence is MayCommence.AFTER_LEAD_TIME or waives_lead_time(
        terms, is_emergency=is_emergency
    )


def waives_lead_time(terms: NoticeTerms, *, is_emergency: bool) -> bool:
    """Whether these terms let a change commence before its lead time: an emergency replacement,
    where no yes of the client is needed."""
    return is_emergency and not terms.needs_a_yes and terms.emergency_replacement.allowed is True


def early_use_at(
    terms: NoticeTerms,
    notice_given_at: datetime,
    calendar: HolidayCalendar,
    *,
    is_emergency: bool = False,
) -> datetime | None:
    """From when the terms let the change be used while the window still runs (UTC); None where
    they do not."""
    if waives_lead_time(terms, is_emergency=is_emergency):
        return notice_given_at.astimezone(UTC)
    if not may_use_early(terms):
        return None
    ends_at = lead_ends_at(terms, notice_given_at, calendar)
    return notice_given_at.astimezone(UTC) if ends_at is None else ends_at
