"""The clocks that an objection starts, and those of a termination (DESIGN section 6).

Every clock is counted by the agreement's own rule, zone and calendar. Where a clause can be read
in two ways, the later day is taken, because each of these clocks ends something for the client.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from subnotify.rules.case_facts import CaseFacts, UnresolvedClock
from subnotify.rules.holidays import HolidayCalendar
from subnotify.rules.objections import live_objections, timeliness_of
from subnotify.rules.periods import is_in_hours
from subnotify.rules.steps import TimeLimit
from subnotify.rules.terms import Counting, NoticeTerms, Period
from subnotify.rules.terms_words import (
    Authorisation,
    CountingRule,
    IfUnresolved,
    ObjectionEffect,
    TakesEffect,
)
from subnotify.rules.time_limits import limit_from_day, limit_from_instant, zone_of
from subnotify.rules.windows import end_of_grace
from subnotify.rules.words import Timeliness

# Rules of one kind of window, and what they mean for a period that they cannot count.
_RULE_OF_OTHER_PERIODS = {
    CountingRule.RETRO_1182_71: CountingRule.EU_1182_71,
    CountingRule.EU_1182_71_HOURS: CountingRule.EU_1182_71,
    CountingRule.CONTRACT_HOURS_ELAPSED: CountingRule.CONTRACT_CALENDAR,
}


@dataclass(frozen=True)
class TerminationEffect:
    """When a termination takes effect; days are the first day without the services.

    takes_effect_on: where the terms fix it, else None. earliest_on, latest_on: between which a
    person gives the day (latest_on None: the terms set no end). limit: how a period was counted.
    """

    when: TakesEffect
    takes_effect_on: date | None = None
    earliest_on: date | None = None
    latest_on: date | None = None
    limit: TimeLimit | None = None

    @property
    def is_given(self) -> bool:
        """A person gives the day: the terms leave it open, or to the client."""
        return self.when in (TakesEffect.CLIENTS_DATE, TakesEffect.UNSPECIFIED)


@dataclass(frozen=True)
class ObjectionClocks:
    """What runs from an objection received at `received_at`; None where the terms say nothing.

    accommodation: until when the vendor may look for a way. exercise: until when notice of
    termination may be given. deemed_accepted: when the second silence rule ends the matter;
    deemed_after_at adds the grace of silence to it.
    """

    received_at: datetime
    accommodation: TimeLimit | None
    exercise: TimeLimit | None
    deemed_accepted: TimeLimit | None
    deemed_after_at: datetime | None


def objection_clocks(
    terms: NoticeTerms, received_at: datetime, calendar: HolidayCalendar
) -> ObjectionClocks:
    """Every clock of an objection that reached the vendor at `received_at` (aware)."""
    deemed = deemed_accepted_at(terms, received_at, calendar)
    return ObjectionClocks(
        received_at=received_at,
        accommodation=accommodation_ends(terms, received_at, calendar),
        exercise=termination_exercise_ends(terms, received_at, calendar),
        deemed_accepted=deemed,
        deemed_after_at=end_of_grace(terms, deemed.latest.last_day, calendar) if deemed else None,
    )


def clocks_of_case(facts: CaseFacts, calendar: HolidayCalendar) -> ObjectionClocks | None:
    """The clocks that run for a case; None where no objection in time waits to be settled.

    They run from the receipt of the last one, or from when a settlement was undone, if later: a
    client that was told that its objection is met has not slept over its rights.
    """
    if facts.terms is None or facts.outcome is not None:
        return None
    received = [
        objection.received_at
        for objection in live_objections(facts)
        if timeliness_of(facts, objection) is not Timeliness.LATE
    ]
    if not received:
        return None
    started_at = max([*received, *([facts.unsettled_at] if facts.unsettled_at else [])])
    return objection_clocks(facts.terms, started_at, calendar)


def grown_clock(
    before: UnresolvedClock | None, clocks: ObjectionClocks | None
) -> UnresolvedClock | None:
    """The clock of the second silence rule as it is kept: never earlier than it was before."""
    if clocks is None or clocks.deemed_accepted is None or clocks.deemed_after_at is None:
        return None
    ends_at, after_at = clocks.deemed_accepted.latest.ends_at, clocks.deemed_after_at
    if before is None:
        return UnresolvedClock(ends_at, after_at)
    return UnresolvedClock(max(ends_at, before.ends_at), max(after_at, before.after_at))


def accommodation_ends(
    terms: NoticeTerms, received_at: datetime, calendar: HolidayCalendar
) -> TimeLimit | None:
    """The end of the accommodation period, counted from the receipt of the objection at the
    vendor (`received_at`, aware). None where the terms state no such period."""
    period = terms.accommodation_period
    return None if period is None else _from_instant(received_at, period, terms, calendar)


def termination_exercise_ends(
    terms: NoticeTerms, received_at: datetime, calendar: HolidayCalendar
) -> TimeLimit | None:
    """The last day for a notice of termination after an objection received at `received_at`.

    `termination.exercise_within` is counted from the end of the accommodation period, where there
    is none from the receipt of the objection. None where the terms set no limit; where objecting
    is terminating, the objection window is the limit.
    """
    period = terms.termination.exercise_within
    if period is None:
        return None
    accommodation = accommodation_ends(terms, received_at, calendar)
    if accommodation is None:
        return _from_instant(received_at, period, terms, calendar)
    return _after_limit(accommodation, period, terms, calendar)


def deemed_accepted_at(
    terms: NoticeTerms, received_at: datetime, calendar: HolidayCalendar
) -> TimeLimit | None:
    """The second silence rule: when an objection that stays unresolved, without notice of
    termination, counts as acceptance.

    `deemed_accepted_after` is counted from the receipt of the objection at the vendor, and never
    ends before the accommodation period and the period for terminating do. None where the terms
    have no such rule, for authorisation that is not general, and where objecting is terminating.
    """
    if not has_second_silence(terms):
        return None
    period = terms.deemed_accepted_after
    limits = [
        limit
        for limit in (
            _from_instant(received_at, period, terms, calendar) if period else None,
            accommodation_ends(terms, received_at, calendar),
            termination_exercise_ends(terms, received_at, calendar),
        )
        if limit is not None
    ]
    return max(limits, key=lambda limit: limit.latest.ends_at, default=None)


def has_second_silence(terms: NoticeTerms) -> bool:
    """Whether an objection that stays unresolved may count as acceptance under the terms; never
    where no answer means no."""
    stated = (
        terms.deemed_accepted_after is not None
        or terms.if_unresolved is IfUnresolved.DEEMED_ACCEPTED
    )
    terminates = terms.effect_of_objection is ObjectionEffect.TERMINATION
    is_general = terms.authorisation is Authorisation.GENERAL and not terms.needs_a_yes
    return stated and not terminates and is_general


def termination_effect(
    terms: NoticeTerms | None,
    declared_at: datetime,
    calendar: HolidayCalendar,
    *,
    noticed_at: datetime | None = None,
    window_closes_at: datetime | None = None,
    commencement_on: date | None = None,
) -> TerminationEffect:
    """When a termination takes effect whose notice was given at `declared_at` (aware).

    immediately: on that day. at_window_close: when the objection window ends; no day without one.
    at_commencement: with the change. after_notice: `effect_period` from the notice of termination
    (declared_at). clients_date: a day that the client sets, at most `effect_period` after the
    notice of the change (noticed_at; without one from declared_at), and never before the notice of
    termination. unspecified, or a period that is not stated: a person gives the day.
    """
    if terms is None:
        return TerminationEffect(TakesEffect.UNSPECIFIED)
    zone = zone_of(terms.counting.time_zone)
    declared_on = declared_at.astimezone(zone).date()
    when, period = terms.termination.takes_effect, terms.termination.effect_period
    match when:
        case TakesEffect.IMMEDIATELY:
            return TerminationEffect(when, declared_on)
        case TakesEffect.AT_WINDOW_CLOSE:
            closes_on = window_closes_at.astimezone(zone).date() if window_closes_at else None
            return TerminationEffect(when, closes_on)
        case TakesEffect.AT_COMMENCEMENT:
            return TerminationEffect(when, commencement_on)
        case TakesEffect.AFTER_NOTICE if period is not None:
            limit = _from_instant(declared_at, period, terms, calendar)
            return TerminationEffect(when, _day_after(limit, terms), limit=limit)
        case TakesEffect.CLIENTS_DATE if period is not None:
            limit = _from_instant(noticed_at or declared_at, period, terms, calendar)
            latest = max(_day_after(limit, terms), declared_on)
            return TerminationEffect(when, None, declared_on, latest, limit)
        case TakesEffect.CLIENTS_DATE:
            return TerminationEffect(when, None, declared_on)
        case _:
            return TerminationEffect(TakesEffect.UNSPECIFIED)


def data_due_on(terms: NoticeTerms | None, ended_on: date) -> date | None:
    """The last day for the return or destruction of the client's data.

    `termination.data_days` counted from the end of the services: `ended_on`, the first day without
    them, is the day of the event and not counted. Zero days: that day itself. None where the terms
    set no number of days. Never rolled: it is the vendor's own time limit.
    """
    days = terms.termination.data_days if terms else None
    return None if days is None else ended_on + timedelta(days=days)


def _from_instant(
    event_at: datetime, period: Period, terms: NoticeTerms, calendar: HolidayCalendar
) -> TimeLimit:
    return limit_from_instant(event_at, period, _counting(terms, period), calendar)


def _after_limit(
    before: TimeLimit, period: Period, terms: NoticeTerms, calendar: HolidayCalendar
) -> TimeLimit:
    """A period that starts when another ends, at the latest reading of it."""
    if is_in_hours(period):
        return _from_instant(before.latest.ends_at, period, terms, calendar)
    return limit_from_day(before.latest.last_day, period, _counting(terms, period), calendar)


def _counting(terms: NoticeTerms, period: Period) -> Counting:
    """How the agreement counts; a rule of hours or of backward windows counts nothing else."""
    rule = terms.counting.rule
    if is_in_hours(period):
        return terms.counting
    return replace(terms.counting, rule=_RULE_OF_OTHER_PERIODS.get(rule, rule))


def _day_after(limit: TimeLimit, terms: NoticeTerms) -> date:
    """The first day after a limit in the agreement's zone, at its latest reading."""
    return limit.latest.ends_at.astimezone(zone_of(terms.counting.time_zone)).date()
