"""The past as the demonstration plays it: events by their instants, on working days."""

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from subnotify.rules.holidays import SATURDAY, HolidayCalendar

Event = Callable[[datetime], None]
# Nothing happens twice in the same instant, and every step of an event takes its time.
_STEP = timedelta(milliseconds=350)


class Timeline:
    """Plays events; `now` is the instant of the one being played, and moves a little when read."""

    def __init__(self, today: date, zone: ZoneInfo, calendar: HolidayCalendar) -> None:
        self._today, self._zone, self._calendar = today, zone, calendar
        self._events: list[tuple[datetime, int, Event]] = []
        self._order = itertools.count()
        self._now = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        self._now += _STEP
        return self._now

    def workday(self, days_ago: int) -> date:
        """The working day `days_ago` days before today, or the last one before it."""
        return self.workday_until(self._today - timedelta(days=days_ago))

    def workday_until(self, day: date) -> date:
        """That day, or the last working day before it."""
        while day.weekday() >= SATURDAY or self._calendar.holiday_name(day) is not None:
            day -= timedelta(days=1)
        return day

    def workday_from(self, day: date) -> date:
        """That day, or the first working day after it."""
        while day.weekday() >= SATURDAY or self._calendar.holiday_name(day) is not None:
            day += timedelta(days=1)
        return day

    def instant(self, day: date, hour: int, minute: int) -> datetime:
        """An hour of that day in the vendor's zone, as an instant in UTC."""
        return datetime.combine(day, time(hour, minute), self._zone).astimezone(UTC)

    def on(self, day: date, hour: int, minute: int, event: Event) -> None:
        """Plan an event. One whose hour is past when it is planned comes next."""
        heapq.heappush(self._events, (self.instant(day, hour, minute), next(self._order), event))

    def play(self, until: datetime) -> None:
        """Play every event before `until`, also those planned meanwhile. The rest never happens."""
        while self._events and self._events[0][0] < until:
            instant, _, event = heapq.heappop(self._events)
            self._now = max(self._now, instant)
            event(self._now)
