"""What a computed time limit is made of: its steps, and the views of its last day."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class StepKind(StrEnum):
    """What happened to the date; the layers above write it out as a sentence."""

    ASSUMED = "assumed"  # detail: what the clause leaves open
    DISPATCHED = "dispatched"  # day, detail: hour
    RECEIVED = "received"
    PUBLISHED = "published"
    TRIGGERED = "triggered"
    COMMENCES = "commences"  # day
    DEEMED_RECEIVED = "deemed_received"  # day, detail: hour
    DAY_ONE = "day_one"  # day
    NOT_COUNTED_HOLIDAY = "not_counted_holiday"  # day, detail: name
    LAST_COUNTED = "last_counted"  # day, detail: the period ("15 days", "1 months 15 days")
    COUNTED_BACK = "counted_back"  # the same
    HOUR_EXCLUDED = "hour_excluded"  # day, detail: hour from which hours count
    HOURS_END = "hours_end"  # day, detail: "72 10:20"
    ROLLED_SATURDAY = "rolled_saturday"  # day
    ROLLED_SUNDAY = "rolled_sunday"  # day
    ROLLED_HOLIDAY = "rolled_holiday"  # day, detail: name
    WORKING_DAY = "working_day"  # day
    TWO_WORKING_DAYS = "two_working_days"  # day
    NO_ROLL = "no_roll"  # day
    NOT_ROLLED_SATURDAY = "not_rolled_saturday"  # day
    NOT_ROLLED_SUNDAY = "not_rolled_sunday"  # day
    NOT_ROLLED_HOLIDAY = "not_rolled_holiday"  # day, detail: name
    OTHER_READING = "other_reading"  # day, detail: name of the reading
    AT_COMMENCEMENT = "at_commencement"  # day: the last before commencement
    EXTENDED = "extended"  # day
    CLOSES = "closes"  # day, detail: zone; until 24:00 of that day
    CLOSES_AT = "closes_at"  # day, detail: hour


@dataclass(frozen=True)
class Step:
    kind: StepKind
    day: date
    detail: str = ""


class ReadingName(StrEnum):
    """Whose view of a contested date it is."""

    CH_OR_78 = "ch-or-78"
    CH_SATURDAY = "ch-saturday-as-holiday"
    BASEL_1972 = "basel-1972"


@dataclass(frozen=True)
class DateReading:
    """One view of the last day. ends_at: the first instant that is too late (UTC)."""

    name: str
    last_day: date
    ends_at: datetime


@dataclass(frozen=True)
class TimeLimit:
    """A computed time limit: the named rule's dates, and all readings of them.

    last_day: the last local day on which one may act. ends_at: the first instant that is too
    late (UTC). readings: the named rule's first; more than one only where they differ.
    """

    nominal_last_day: date
    last_day: date
    ends_at: datetime
    readings: tuple[DateReading, ...]
    steps: tuple[Step, ...]

    @property
    def is_contested(self) -> bool:
        """Respectable authority stands for another date."""
        return len(self.readings) > 1

    @property
    def latest(self) -> DateReading:
        return max(self.readings, key=lambda reading: reading.ends_at)
