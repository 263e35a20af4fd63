"""On which mornings legal gets its summary."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from subnotify.rules.holidays import HolidayCalendar, add_business_days, is_business_day

MORNING = time(7)
# Whoever was down all morning is not woken by yesterday's summary: the next morning has it.
NOON = time(12)


@dataclass(frozen=True)
class DigestMorning:
    """A morning at the vendor's. next_at: the morning of the next working day."""

    on: date
    is_workday: bool
    next_at: datetime


def find_morning(
    zone: ZoneInfo, calendar: HolidayCalendar, *, at: datetime
) -> DigestMorning | None:
    """The morning in which `at` lies; None before 7:00 and from 12:00 on, by the vendor's clock.

    zone and calendar: the vendor's. Working days are Monday to Friday except its holidays.
    """
    local = at.astimezone(zone)
    if not MORNING <= local.time() < NOON:
        return None
    day = local.date()
    next_day = add_business_days(day, 1, calendar)
    next_at = datetime.combine(next_day, MORNING, zone).astimezone(UTC)
    return DigestMorning(day, is_business_day(day, calendar), next_at)
