"""When a client that has not answered is reminded of a running objection window.

Two reminders at most: at half time, and some days before the deadline. They are a courtesy of the
vendor: no source asks for them, they serve no notice and move no date.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

# Between two reminders, and between the opening of the window and the first one.
APART = timedelta(hours=24)
_INSTANT = timedelta(microseconds=1)


class ReminderKind(StrEnum):
    """half: at half time; days: some days before the deadline. Stored in keys of messages."""

    HALF = "half"
    DAYS = "days"


@dataclass(frozen=True)
class PlannedReminder:
    """A reminder that is sent at `due_at`, or late, but before `useless_at` (exclusive)."""

    kind: ReminderKind
    due_at: datetime
    useless_at: datetime


def plan_reminders(
    opens_at: datetime,
    closes_at: datetime,
    zone: ZoneInfo,
    *,
    at_half_time: bool,
    days_before: int,
) -> tuple[PlannedReminder, ...]:
    """The reminders of one window, in the order of time; none twice, none at or after closes_at.

    opens_at, closes_at: aware, the end exclusive. zone: the agreement's. `days` is due at the
    start of the local day that lies `days_before` whole days before the window's last day; 0
    never. `half` is due at the middle of the window.

    None is planned for the window's first 24 hours: the notice itself has just come. Where the
    two would be less than 24 hours apart, `half` is left out: both say the same, and `days` is
    the one whose hour the vendor chose. So a window of two days gets none or one, a window not
    longer than `days_before` days only `half`, and one of about twice that only `days`.

    One that was missed (downtime) is of use until 24 hours before the next, or the deadline.
    """
    dues: dict[ReminderKind, datetime] = {}
    earliest = opens_at + APART
    half_at = opens_at + (closes_at - opens_at) / 2
    if days_before > 0:
        days_at = _start_of_day_before(closes_at, zone, days_before)
        if earliest <= days_at < closes_at:
            dues[ReminderKind.DAYS] = days_at
    if at_half_time and earliest <= half_at < closes_at:
        other = dues.get(ReminderKind.DAYS)
        if other is None or abs(other - half_at) >= APART:
            dues[ReminderKind.HALF] = half_at
    ordered = sorted(dues.items(), key=lambda due: due[1])
    ends = [*(due_at - APART for _, due_at in ordered[1:]), closes_at]
    return tuple(
        PlannedReminder(kind, due_at, useless_at)
        for (kind, due_at), useless_at in zip(ordered, ends, strict=False)
    )


def find_due(plan: tuple[PlannedReminder, ...], *, at: datetime) -> ReminderKind | None:
    """The reminder that is to be sent at `at` unless it was already; never more than one."""
    for planned in plan:
        if planned.due_at <= at < planned.useless_at:
            return planned.kind
    return None


def _start_of_day_before(closes_at: datetime, zone: ZoneInfo, days: int) -> datetime:
    """The start of the local day that is so many days before the last day, in UTC."""
    last_day = (closes_at.astimezone(UTC) - _INSTANT).astimezone(zone).date()
    day = last_day - timedelta(days=days)
    return datetime.combine(day, time(0), zone).astimezone(UTC)
