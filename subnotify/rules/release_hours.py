"""Releasing at an hour: which planned instants are taken, and when one has passed for good.

Nothing leaves before its hour. After a standstill the hour is kept as long as it is fresh: later
a person looks again, because nobody expects the mails any more.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from subnotify.rules.errors import RuleError

MOST_DAYS_AHEAD = 30
STALE_AFTER = timedelta(hours=12)


class HourPassed(RuleError):
    message = "This hour has passed. Choose a later one, or release now."


class HourTooFar(RuleError):
    message = "This is too far ahead. Choose an hour within the next %(days)s days."


class NoSuchHour(RuleError):
    message = "This hour does not exist in %(zone)s: the clock is put forward. Choose another hour."


class HourMissed(RuleError):
    message = (
        "Nothing ran at the planned hour, and it is long over. Choose another hour, or release now."
    )


class PlannerGone(RuleError):
    message = (
        "%(name)s, who planned this release, is no longer an active publisher. Another publisher"
        " releases it, or plans another hour."
    )


@dataclass(frozen=True)
class PlannedHour:
    """When an approved release is to be released by itself, and who decided so.

    reason: why one person approves and releases; "" where two do. refused_at, refusal: that it
    was not released at its hour, and why (the refusal's English text with its values).
    """

    at: datetime
    by: str
    planned_at: datetime
    reason: str = ""
    refused_at: datetime | None = None
    refusal: tuple[str, tuple[tuple[str, str], ...]] | None = None

    @property
    def is_waiting(self) -> bool:
        return self.refused_at is None


def planned_instant(day: date, at_time: time, zone: ZoneInfo, *, at: datetime) -> datetime:
    """The instant of a local day and time; of an hour that comes twice, the first.

    Raises NoSuchHour, HourPassed unless it lies after `at`, HourTooFar.
    """
    local = datetime.combine(day, at_time, tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchHour(zone=zone.key)
    if instant <= at:
        raise HourPassed
    if instant > at + timedelta(days=MOST_DAYS_AHEAD):
        raise HourTooFar(days=MOST_DAYS_AHEAD)
    return instant


def refuse_stale_hour(planned_for: datetime, *, at: datetime) -> None:
    """Raises HourMissed where the hour lies too long back at `at`."""
    if at > planned_for + STALE_AFTER:
        raise HourMissed
