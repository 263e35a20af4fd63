"""The last day on which to send notice for a wanted commencement. Pure.

Days of sending are local days of the agreement's zone; a notice planned for a day is taken to be
sent and received at noon of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from subnotify.rules.errors import NoticeTooLate
from subnotify.rules.holidays import ONE_DAY, HolidayCalendar
from subnotify.rules.lead_times import (
    given_at,
    lead_limit_before,
    may_use_early,
    waives_lead_time,
)
from subnotify.rules.periods import is_in_hours
from subnotify.rules.steps import TimeLimit
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import Authorisation
from subnotify.rules.time_limits import start_of_day, zone_of
from subnotify.rules.windows import compute_window, needs_commencement

SENDING_HOUR = time(12)
ONE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Commencement:
    """The wanted day of commencement, and the vendor's zone in which it begins.

    is_emergency: the release is announced as an emergency.
    """

    on: date
    zone: ZoneInfo
    is_emergency: bool = False

    @property
    def at(self) -> datetime:
        return start_of_day(self.on, self.zone)

    def moved_to(self, day: date) -> "Commencement":
        return Commencement(day, self.zone, self.is_emergency)


def hangs_on_commencement(terms: NoticeTerms) -> bool:
    """The window ends with commencement, or is counted back from it."""
    return needs_commencement(terms) and terms.authorisation is not Authorisation.BLANKET


def latest_sending_on(
    terms: NoticeTerms, calendar: HolidayCalendar, commencement: Commencement
) -> date:
    """The last local day on which to send at noon so that commencement is lawful for all."""
    zone = zone_of(terms.counting.time_zone)
    is_lawful_at = _lawful_sending(terms, calendar, commencement)

    def is_lawful(day: date) -> bool:
        return is_lawful_at(datetime.combine(day, SENDING_HOUR, tzinfo=zone))

    day = _sending_guess(terms, calendar, commencement)
    lead = _lead_limit(terms, calendar, commencement)
    if lead is not None:
        day = min(day, lead.last_day)
    if is_lawful(day):
        while is_lawful(day + ONE_DAY):
            day += ONE_DAY
        return day
    while not is_lawful(day):
        day -= ONE_DAY
    return day


def latest_sending_before(
    terms: NoticeTerms, calendar: HolidayCalendar, commencement: Commencement
) -> datetime:
    """The instant (UTC, exclusive, to the minute) before which to send, so that commencement is
    lawful for all: within the last day, or the morning after, where hours or a cutoff count."""
    zone = zone_of(terms.counting.time_zone)
    day = latest_sending_on(terms, calendar, commencement)
    is_lawful_at = _lawful_sending(terms, calendar, commencement)
    midnight = start_of_day(day + ONE_DAY, zone)
    if is_lawful_at(midnight - ONE_MINUTE) and not is_lawful_at(midnight):
        return midnight
    low, high = (
        datetime.combine(x, SENDING_HOUR, tzinfo=zone).astimezone(UTC) for x in (day, day + ONE_DAY)
    )
    while high - low > ONE_MINUTE:
        middle = low + (high - low) // ONE_MINUTE // 2 * ONE_MINUTE
        low, high = (middle, high) if is_lawful_at(middle) else (low, middle)
    return high


def _lead_limit(
    terms: NoticeTerms, calendar: HolidayCalendar, commencement: Commencement
) -> TimeLimit | None:
    """By when notice must be given; None without a lead time that counts."""
    waived = waives_lead_time(terms, is_emergency=commencement.is_emergency)
    return None if waived else lead_limit_before(terms, commencement.at, calendar)


def _lawful_sending(
    terms: NoticeTerms, calendar: HolidayCalendar, commencement: Commencement
) -> Callable[[datetime], bool]:
    """Whether commencement is lawful if notice is sent and received at an instant. Once it is
    not, it never is again."""
    lead = _lead_limit(terms, calendar, commencement)

    def is_lawful(sent_at: datetime) -> bool:
        given = given_at(terms, sent_at, calendar)
        # A notice after commencement announces nothing, whatever the terms say.
        in_time = given <= commencement.at and (lead is None or _is_kept(given, lead, terms))
        return in_time and _is_window_lawful(terms, calendar, sent_at, commencement)

    return is_lawful


def _is_kept(given: datetime, lead: TimeLimit, terms: NoticeTerms) -> bool:
    """Days end before the limit's end; hours are full at it."""
    if terms.lead_time is not None and is_in_hours(terms.lead_time):
        return given <= lead.ends_at
    return given < lead.ends_at


def _is_window_lawful(
    terms: NoticeTerms, calendar: HolidayCalendar, sent_at: datetime, commencement: Commencement
) -> bool:
    """The window lets commencement be: over by then, or hanging on it and not over before it
    opens, or allowed to run on."""
    if terms.authorisation is Authorisation.BLANKET:
        return True
    hangs = hangs_on_commencement(terms)
    if not hangs and may_use_early(terms, is_emergency=commencement.is_emergency):
        return True
    local_on = local_day(commencement.at, terms)
    try:
        window = compute_window(terms, sent_at, calendar, commencement_on=local_on)
    except NoticeTooLate:
        return False
    return hangs or window.silence_after_at <= commencement.at


def _sending_guess(
    terms: NoticeTerms, calendar: HolidayCalendar, commencement: Commencement
) -> date:
    """A day near the last lawful one: as long before commencement as the window runs after it."""
    zone = zone_of(terms.counting.time_zone)
    start = commencement.at
    last = start.astimezone(zone).date()
    hangs = hangs_on_commencement(terms)
    is_free = may_use_early(terms, is_emergency=commencement.is_emergency)
    if terms.authorisation is Authorisation.BLANKET or (is_free and not hangs):
        return last
    at_noon = datetime.combine(last, SENDING_HOUR, tzinfo=zone)
    try:
        window = compute_window(terms, at_noon, calendar, commencement_on=last)
    except NoticeTooLate as error:
        return date.fromisoformat(str(error.params["last_day"]))
    if hangs:
        return last
    return last - timedelta(days=(window.silence_after_at - start).days)


def local_day(instant: datetime, terms: NoticeTerms) -> date:
    """The day of an instant in the agreement's zone."""
    return instant.astimezone(zone_of(terms.counting.time_zone)).date()
