"""Every date that follows from notice terms and the facts of one notice, with what it rests on.

Pure. The dates come from the same functions as those of a case (`windows`, `lead_times`,
`objection_clocks`), so a command and a page cannot disagree; what is added here is why a date is
what it is, or why there is none.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from subnotify.rules.holidays import HolidayCalendar
from subnotify.rules.notice_dates import (
    Anchors,
    Assumption,
    Basis,
    LeadTimeDates,
    WindowDates,
    assume,
    derive_lead_time,
    derive_window,
    find_ground,
    reading_of,
)
from subnotify.rules.objection_clocks import (
    ObjectionClocks,
    TerminationEffect,
    data_due_on,
    objection_clocks,
    termination_effect,
)
from subnotify.rules.steps import TimeLimit
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import (
    IfUnresolved,
    ObjectionEffect,
    TakesEffect,
    TimelyWhen,
)
from subnotify.rules.windows import judge_timeliness
from subnotify.rules.words import Timeliness

_ONE_INSTANT = timedelta(seconds=1)
# Effects that do not wait for the notice of termination.
_NOT_DECLARED = frozenset({TakesEffect.AT_WINDOW_CLOSE, TakesEffect.AT_COMMENCEMENT})


@dataclass(frozen=True)
class ObjectionDates:
    """timeliness: judged by the receipt of the objection; None without one."""

    timeliness: Timeliness | None = None
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class ClockDates:
    """limit None: no such clock runs, or it has not started; the assumptions say which."""

    limit: TimeLimit | None = None
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class ExerciseDates:
    """Until when notice of termination may be given. ends_at: the first instant too late (UTC).
    limit None beside a day: the objection window is the limit."""

    last_day: date | None = None
    ends_at: datetime | None = None
    assumptions: tuple[Assumption, ...] = ()
    limit: TimeLimit | None = None


@dataclass(frozen=True)
class EffectDates:
    """declared_at: the notice of termination that was taken (UTC or as given)."""

    effect: TerminationEffect
    declared_at: datetime | None = None
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class DataDates:
    """Until when the client's data is returned or destroyed."""

    due_on: date | None = None
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class DerivedDates:
    """All dates of one notice under terms as they hold for one change.

    clocks: all that the objection started; None without one.
    """

    lead_time: LeadTimeDates
    window: WindowDates
    objection: ObjectionDates
    clocks: ObjectionClocks | None
    accommodation: ClockDates
    exercise: ExerciseDates
    deemed_acceptance: ClockDates
    effect: EffectDates
    data: DataDates


def derive_dates(terms: NoticeTerms, anchors: Anchors, calendar: HolidayCalendar) -> DerivedDates:
    """Every date that follows from the terms and the facts of one notice.

    terms: as they hold for one change (`notice_rules.under_rule`). calendar: the one that the
    terms name. Nothing is raised for what cannot be computed: the date is None, and its
    assumptions say why.
    """
    ground = find_ground(terms, anchors)
    window = derive_window(terms, anchors, ground, calendar)
    objected_at = anchors.objected_at
    clocks = objection_clocks(terms, objected_at, calendar) if objected_at else None
    exercise = _exercise(terms, clocks, window)
    effect = _effect(terms, anchors, clocks, exercise, window, calendar)
    return DerivedDates(
        lead_time=derive_lead_time(terms, anchors, ground, calendar),
        window=window,
        objection=_objection(terms, objected_at, window),
        clocks=clocks,
        accommodation=_accommodation(terms, clocks),
        exercise=exercise,
        deemed_acceptance=_deemed_acceptance(terms, clocks),
        effect=effect,
        data=_data(terms, effect),
    )


def _objection(
    terms: NoticeTerms, objected_at: datetime | None, window: WindowDates
) -> ObjectionDates:
    if objected_at is None:
        return ObjectionDates(assumptions=_none(Basis.NO_OBJECTION))
    found = judge_timeliness(terms, window.window, received_at=objected_at, dispatched_on=None)
    if terms.decides_timeliness is TimelyWhen.UNSPECIFIED:
        return ObjectionDates(found, _none(Basis.TIMELY_UNSPECIFIED))
    if terms.objection_timely_when is TimelyWhen.UNSPECIFIED:
        return ObjectionDates(found, (reading_of(terms, "objection_timely_when"),))
    return ObjectionDates(found)


def _none(code: Basis) -> tuple[Assumption, ...]:
    return (assume(code),)


def _clock(limit: TimeLimit | None, *assumptions: Assumption) -> ClockDates:
    contested = (assume(Basis.CONTESTED),) if limit and limit.is_contested else ()
    return ClockDates(limit, (*assumptions, *contested))


def _accommodation(terms: NoticeTerms, clocks: ObjectionClocks | None) -> ClockDates:
    if terms.accommodation_period is None:
        return ClockDates(assumptions=_none(Basis.NOT_STATED))
    if clocks is None:
        return ClockDates(assumptions=_none(Basis.NO_OBJECTION))
    return _clock(clocks.accommodation, assume(Basis.FROM_OBJECTION))


def _deemed_acceptance(terms: NoticeTerms, clocks: ObjectionClocks | None) -> ClockDates:
    stated = (
        terms.deemed_accepted_after is not None
        or terms.if_unresolved is IfUnresolved.DEEMED_ACCEPTED
    )
    if not stated:
        return ClockDates(assumptions=_none(Basis.NOT_STATED))
    if clocks is None:
        return ClockDates(assumptions=_none(Basis.NO_OBJECTION))
    if clocks.deemed_accepted is None:
        return ClockDates(assumptions=_none(Basis.NOT_STATED))
    return _clock(
        clocks.deemed_accepted, assume(Basis.FROM_OBJECTION), assume(Basis.NOT_BEFORE_OTHERS)
    )


def _exercise(
    terms: NoticeTerms, clocks: ObjectionClocks | None, window: WindowDates
) -> ExerciseDates:
    """Where objecting is terminating, the objection window is the time limit."""
    if terms.effect_of_objection is ObjectionEffect.TERMINATION:
        assumptions = (assume(Basis.OBJECTION_TERMINATES), *window.assumptions)
        if window.window is None:
            return ExerciseDates(assumptions=assumptions)
        return ExerciseDates(window.window.last_day, window.window.closes_at, assumptions)
    if terms.termination.exercise_within is None:
        return ExerciseDates(assumptions=_none(Basis.NOT_STATED))
    if clocks is None or clocks.exercise is None:
        return ExerciseDates(assumptions=_none(Basis.NO_OBJECTION))
    after = Basis.FROM_ACCOMMODATION if clocks.accommodation else Basis.FROM_OBJECTION
    clock = _clock(clocks.exercise, assume(after))
    latest = clocks.exercise.latest
    return ExerciseDates(latest.last_day, latest.ends_at, clock.assumptions, clocks.exercise)


def _effect(
    terms: NoticeTerms,
    anchors: Anchors,
    clocks: ObjectionClocks | None,
    exercise: ExerciseDates,
    window: WindowDates,
    calendar: HolidayCalendar,
) -> EffectDates:
    """When a termination would take effect; declared as late as the terms allow, unless the
    objection itself is the declaration."""
    when = terms.termination.takes_effect
    if when is TakesEffect.UNSPECIFIED:
        return EffectDates(TerminationEffect(when), assumptions=_none(Basis.NOT_STATED))
    declared_at, assumed = _declaration(terms, clocks, exercise)
    if declared_at is None and when not in _NOT_DECLARED:
        return EffectDates(TerminationEffect(when), assumptions=_none(Basis.NO_OBJECTION))
    if when in _NOT_DECLARED:
        assumed = list(window.assumptions) if when is TakesEffect.AT_WINDOW_CLOSE else []
        if when is TakesEffect.AT_COMMENCEMENT and anchors.commencement_on is None:
            assumed.append(assume(Basis.NO_COMMENCEMENT))
    if when is TakesEffect.CLIENTS_DATE and terms.termination.effect_period is not None:
        assumed.append(assume(Basis.FROM_NOTICE_OF_CHANGE))
    effect = termination_effect(
        terms,
        declared_at or anchors.dispatched_at,
        calendar,
        noticed_at=window.window.opens_at if window.window else anchors.dispatched_at,
        window_closes_at=window.window.closes_at if window.window else None,
        commencement_on=anchors.commencement_on,
    )
    assumed.append(assume(Basis.FIRST_DAY_WITHOUT))
    return EffectDates(effect, declared_at, tuple(assumed))


def _declaration(
    terms: NoticeTerms, clocks: ObjectionClocks | None, exercise: ExerciseDates
) -> tuple[datetime | None, list[Assumption]]:
    """The notice of termination that is taken; None while nobody has objected."""
    if clocks is None:
        return None, []
    if terms.effect_of_objection is ObjectionEffect.TERMINATION:
        return clocks.received_at, [assume(Basis.OBJECTION_TERMINATES)]
    if exercise.ends_at is not None:
        return exercise.ends_at - _ONE_INSTANT, [assume(Basis.DECLARED_LAST_DAY)]
    if clocks.accommodation is not None:
        ends_at = clocks.accommodation.latest.ends_at
        return ends_at, [assume(Basis.DECLARED_UNRESOLVED)]
    return clocks.received_at, [assume(Basis.DECLARED_WITH_OBJECTION)]


def _data(terms: NoticeTerms, effect: EffectDates) -> DataDates:
    if terms.termination.data_days is None:
        return DataDates(assumptions=_none(Basis.NOT_STATED))
    ended_on = effect.effect.takes_effect_on
    if ended_on is not None:
        return DataDates(data_due_on(terms, ended_on), (assume(Basis.FROM_EFFECT),))
    if effect.effect.latest_on is not None:
        due_on = data_due_on(terms, effect.effect.latest_on)
        return DataDates(due_on, (assume(Basis.FROM_LATEST_END),))
    return DataDates(assumptions=(assume(Basis.NO_END), *effect.assumptions))
