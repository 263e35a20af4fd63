"""Clauses that say when a notice counts as received, whatever happened to it."""

from datetime import UTC, datetime

from subnotify.rules.errors import TermsNotComputable
from subnotify.rules.holidays import ONE_DAY, HolidayCalendar, add_business_days, is_business_day
from subnotify.rules.terms import DeemedReceipt
from subnotify.rules.terms_words import DeemedKind
from subnotify.rules.time_limits import zone_of


def deemed_receipt_at(
    dispatched_at: datetime, deemed: DeemedReceipt, time_zone: str, calendar: HolidayCalendar
) -> datetime:
    """When a notice dispatched at `dispatched_at` counts as received (UTC).

    `next_business_day`: what is sent on a business day until the cutoff counts at once (what is
    sent before the opening, at the opening); later, and on other days, at the opening of the next
    business day. The cutoff itself is still in time. Without a cutoff everything counts the next
    business day, the later of the possible readings. `business_days_after_dispatch` and
    `days_after_dispatch` count the days after that of dispatch and take the opening. Raises
    TermsNotComputable for a first presentation: only the postal service knows it.
    """
    zone = zone_of(time_zone)
    local = dispatched_at.astimezone(zone)
    day = local.date()
    match deemed.kind:
        case DeemedKind.AT_ACCEPTANCE:
            return dispatched_at.astimezone(UTC)
        case DeemedKind.NEXT_BUSINESS_DAY:
            in_hours = deemed.cutoff is not None and local.time() <= deemed.cutoff
            if not (is_business_day(day, calendar) and in_hours):
                day = add_business_days(day, 1, calendar)
            elif local.time() >= deemed.opening:
                return dispatched_at.astimezone(UTC)
        case DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH:
            day = add_business_days(day, deemed.days, calendar)
        case DeemedKind.DAYS_AFTER_DISPATCH:
            day += deemed.days * ONE_DAY
        case DeemedKind.FIRST_PRESENTATION:
            raise TermsNotComputable("first_presentation")
    # Zero days after dispatch is the day of dispatch: nothing is received before it was sent.
    opening_at = datetime.combine(day, deemed.opening, tzinfo=zone).astimezone(UTC)
    return max(opening_at, dispatched_at.astimezone(UTC))
