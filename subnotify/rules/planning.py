"""Planning a release under one version of notice terms: until when to send, from when to commence.

Pure. Days of sending are local days of the agreement's zone, and a notice planned for a day is
taken to be sent and received at noon of it; commencement begins with the vendor's day.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from subnotify.rules.errors import NoticeTooLate
from subnotify.rules.holidays import ONE_DAY, HolidayCalendar
from subnotify.rules.lead_times import (
    given_at,
    lead_ends_at,
    lead_limit_before,
    may_use_early,
    waives_lead_time,
)
from subnotify.rules.seasons import falls_at_christmas, falls_in_august
from subnotify.rules.sending_days import (
    Commencement,
    hangs_on_commencement,
    latest_sending_before,
    latest_sending_on,
    local_day,
)
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import Authorisation
from subnotify.rules.time_limits import start_of_day, zone_of
from subnotify.rules.windows import Window, compute_window
from subnotify.rules.words import ChangeKind


class HeldBackBy(StrEnum):
    """Which of the two clocks ends later."""

    LEAD_TIME = "lead_time"
    WINDOW = "window"


@dataclass(frozen=True)
class Course:
    """What follows from sending at one instant.

    window: None where none opens (the client is only informed), or where it would be over
    before it opens: `too_late_since` is its last day then. usable_at: the first instant at which
    both clocks let the change be used, if nobody objects; None where nothing keeps it back.
    """

    given_at: datetime
    window: Window | None
    lead_ends_at: datetime | None
    usable_at: datetime | None
    too_late_since: date | None = None

    @property
    def held_back_by(self) -> HeldBackBy | None:
        if self.usable_at is None:
            return None
        by_lead = self.lead_ends_at is not None and self.lead_ends_at >= self.usable_at
        return HeldBackBy.LEAD_TIME if by_lead else HeldBackBy.WINDOW


@dataclass(frozen=True)
class TermsPlan:
    """The plan for all agreements under the same terms, if everything is sent at one instant.

    earliest_on: the first vendor's day on which commencement is lawful for them. usable_on: the
    first vendor's day on which the gate lets the change be used for them if commencement is
    the wanted day (where the window ends with commencement, its grace comes after it).
    lead_due_on: the last day to give notice in time for the wanted day. latest_sending_on: the
    same for both clocks; None where no day does. sending_before: the same to the minute, UTC and
    exclusive. days_missed: by how many days the wanted day is too early. days_outlived: by how
    many days the window outlives the wanted day.
    """

    course: Course
    earliest_on: date
    usable_on: date | None = None
    lead_due_on: date | None = None
    is_lead_met: bool = True
    latest_sending_on: date | None = None
    sending_before: datetime | None = None
    days_missed: int = 0
    days_outlived: int = 0
    uses_early: bool = False
    in_august: bool = False
    at_christmas: bool = False

    @property
    def is_gated_alone(self) -> bool:
        """The wanted day is kept for others only: for these the gate opens later."""
        return self.days_missed > 0 or self.course.too_late_since is not None

    @property
    def runs_past_commencement(self) -> bool:
        """The window outlives commencement, and the terms let the change be used meanwhile."""
        return self.uses_early and self.days_outlived > 0


def timing_key(terms: NoticeTerms, kind: ChangeKind) -> Hashable:
    """Terms with the same key have the same plan for a change of that kind."""
    return (
        terms.counting,
        terms.lead_time,
        terms.objection_period,
        terms.closes,
        terms.trigger,
        terms.assumes_trigger,
        terms.deemed_receipt,
        terms.needs_opened_post,
        terms.may_commence,
        terms.emergency_replacement.allowed,
        terms.authorisation,
        terms.needs_a_yes,
        kind in terms.changes_covered,
    )


def plan_terms(
    terms: NoticeTerms,
    kind: ChangeKind,
    calendar: HolidayCalendar,
    *,
    sent_at: datetime,
    zone: ZoneInfo,
    commencement: Commencement | None,
) -> TermsPlan:
    """The plan for a change of this kind, if notice is sent and received at `sent_at`.

    terms: as they hold for the change (`terms_for_change`), and computable. zone: the vendor's.
    commencement: the wanted one, if it is chosen. Raises TermsNotComputable.
    """
    today = sent_at.astimezone(zone).date()
    is_emergency = commencement is not None and commencement.is_emergency
    first = Commencement(today, zone, is_emergency)
    if kind not in terms.changes_covered:
        return TermsPlan(Course(sent_at, None, None, None), today, usable_on=today)
    if hangs_on_commencement(terms):
        earliest_on = _earliest_anchored(terms, calendar, sent_at, first)
        found = course_of(terms, calendar, sent_at, commencement or first.moved_to(earliest_on))
    else:
        found = course_of(terms, calendar, sent_at, first)
        earliest_on = _first_day(found.usable_at, first, not_before=today)
    if commencement is None:
        return _with_seasons(TermsPlan(found, earliest_on), found.window)
    local_on = local_day(commencement.at, terms)
    lead = lead_limit_before(terms, commencement.at, calendar)
    usable_on = _first_day(found.usable_at, commencement, not_before=commencement.on)
    window = found.window
    plan = TermsPlan(
        course=found,
        earliest_on=earliest_on,
        usable_on=None if found.too_late_since else usable_on,
        lead_due_on=lead.last_day if lead else None,
        is_lead_met=found.lead_ends_at is None or found.lead_ends_at <= commencement.at,
        latest_sending_on=latest_sending_on(terms, calendar, commencement),
        sending_before=latest_sending_before(terms, calendar, commencement),
        days_missed=max(0, (max(earliest_on, usable_on) - commencement.on).days),
        days_outlived=max(0, (window.last_day - local_on).days) if window else 0,
        uses_early=may_use_early(terms, is_emergency=is_emergency),
    )
    return _with_seasons(plan, window)


def course_of(
    terms: NoticeTerms,
    calendar: HolidayCalendar,
    sent_at: datetime,
    commencement: Commencement,
) -> Course:
    """What follows from sending at `sent_at` for that commencement. Raises TermsNotComputable."""
    given = given_at(terms, sent_at, calendar)
    is_emergency = commencement.is_emergency
    waived = waives_lead_time(terms, is_emergency=is_emergency)
    lead_end = None if waived else lead_ends_at(terms, given, calendar)
    ends = [] if lead_end is None else [lead_end]
    window, too_late_since = None, None
    if terms.authorisation is not Authorisation.BLANKET:
        local_on = local_day(commencement.at, terms)
        try:
            window = compute_window(terms, sent_at, calendar, commencement_on=local_on)
        except NoticeTooLate as error:
            too_late_since = date.fromisoformat(str(error.params["last_day"]))
    if window is not None and not may_use_early(terms, is_emergency=is_emergency):
        ends.append(window.silence_after_at)
    return Course(given, window, lead_end, max(ends, default=None), too_late_since)


def _earliest_anchored(
    terms: NoticeTerms, calendar: HolidayCalendar, sent_at: datetime, first: Commencement
) -> date:
    """The first vendor's day, `first` or later, that is lawful if notice is sent at `sent_at`.

    The window hangs on commencement, and its grace may come after it: the window must be open and
    the lead time kept, and the gate waits for the grace of each client.
    """

    def is_lawful(day: date) -> bool:
        return _is_anchored_lawful(terms, calendar, sent_at, first.moved_to(day))

    return _first(first.on, is_lawful)


def _is_anchored_lawful(
    terms: NoticeTerms, calendar: HolidayCalendar, sent_at: datetime, day: Commencement
) -> bool:
    found = course_of(terms, calendar, sent_at, day)
    is_kept = found.lead_ends_at is None or found.lead_ends_at <= day.at
    return is_kept and found.too_late_since is None


def _first(start: date, is_lawful: Callable[[date], bool]) -> date:
    """The first day from `start` on that is lawful; once lawful, every later day is."""
    if is_lawful(start):
        return start
    low, step = start, 1
    while not is_lawful(low + timedelta(days=step)):
        low, step = low + timedelta(days=step), step * 2
    high = low + timedelta(days=step)
    while (high - low).days > 1:
        middle = low + timedelta(days=(high - low).days // 2)
        low, high = (low, middle) if is_lawful(middle) else (middle, high)
    return high


def _first_day(instant: datetime | None, commencement: Commencement, *, not_before: date) -> date:
    """The first vendor's day, from `not_before` on, that begins at or after the instant."""
    if instant is None:
        return not_before
    day = instant.astimezone(commencement.zone).date()
    if start_of_day(day, commencement.zone) < instant:
        day += ONE_DAY
    return max(day, not_before)


def _with_seasons(plan: TermsPlan, window: Window | None) -> TermsPlan:
    if window is None:
        return plan
    first = window.opens_at.astimezone(zone_of(window.time_zone)).date()
    return replace(
        plan,
        in_august=falls_in_august(first, window.last_day),
        at_christmas=falls_at_christmas(first, window.last_day),
    )
