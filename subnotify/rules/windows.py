"""Objection windows under notice terms: from the trigger to the deadline (DESIGN section 7)."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from subnotify.rules.errors import NoticeTooLate, TermsNotComputable
from subnotify.rules.holidays import HolidayCalendar, add_business_days
from subnotify.rules.lead_times import given_at
from subnotify.rules.periods import is_in_hours
from subnotify.rules.steps import DateReading, Step, StepKind, TimeLimit
from subnotify.rules.terms import POSTAL_GRACE_BUSINESS_DAYS, NoticeTerms, Period
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import Closes, RunsFrom, TimelyWhen
from subnotify.rules.time_limits import (
    limit_backward,
    limit_before,
    limit_from_instant,
    limit_hours_before,
    start_of_day,
    zone_of,
)
from subnotify.rules.words import Timeliness

_TRIGGER_STEPS = {
    RunsFrom.DISPATCH: StepKind.DISPATCHED,
    RunsFrom.RECEIPT: StepKind.RECEIVED,
    RunsFrom.PUBLICATION: StepKind.PUBLISHED,
    RunsFrom.COMMENCEMENT_BACKWARD: StepKind.DISPATCHED,
}


@dataclass(frozen=True)
class Window:
    """An objection window under one version of notice terms.

    opens_at: the trigger. closes_at: the first instant that is too late under the latest reading
    (UTC). last_day: the last local day on which the client may act. silence_after_at: closes_at
    plus grace. readings: every view of the last day where authorities differ, the named rule's
    first; else one.
    """

    opens_at: datetime
    closes_at: datetime
    nominal_last_day: date
    last_day: date
    silence_after_at: datetime
    time_zone: str
    rule: str
    steps: tuple[Step, ...]
    versions: str
    readings: tuple[DateReading, ...] = ()


def compute_window(
    terms: NoticeTerms,
    trigger_at: datetime,
    calendar: HolidayCalendar,
    *,
    commencement_on: date | None = None,
    from_receipt: bool = False,
) -> Window:
    """The objection window of a notice whose trigger was at `trigger_at`.

    The trigger is dispatch, receipt or publication as the terms say; where a clause deems the
    notice received, it is the dispatch, or the first presentation of the letter. commencement_on:
    the announced day, for terms that count from it. from_receipt: the trigger is a receipt all the
    same, by a letter that no clause deems received (`rules/deliveries`). Raises TermsNotComputable
    where the engine has no rule for these terms, and NoticeTooLate where a window that ends with
    (or is counted back from) commencement would be over before it opens.
    """
    reason = not_computable(terms)
    if reason is not None:
        raise TermsNotComputable(reason)
    opens_at = trigger_at.astimezone(UTC)
    first = StepKind.RECEIVED if from_receipt else _trigger_step(terms)
    steps = [_instant_step(first, trigger_at, terms)]
    if terms.deems_from_dispatch and not from_receipt:
        opens_at = given_at(terms, trigger_at, calendar)
        steps.append(_instant_step(StepKind.DEEMED_RECEIVED, opens_at, terms))
    if terms.assumes_trigger:
        steps.append(Step(StepKind.ASSUMED, steps[-1].day, RunsFrom.RECEIPT.value))
    limit = _limit(terms, opens_at, calendar, commencement_on, steps)
    if limit.latest.ends_at <= opens_at:
        raise NoticeTooLate(last_day=limit.last_day.isoformat())
    zone = zone_of(terms.counting.time_zone)
    return Window(
        opens_at=opens_at,
        closes_at=limit.latest.ends_at,
        nominal_last_day=limit.nominal_last_day,
        last_day=limit.latest.last_day,
        silence_after_at=end_of_grace(terms, limit.latest.last_day, calendar),
        time_zone=zone.key,
        rule=terms.counting.rule.value,
        steps=(*steps, *limit.steps),
        versions=calendar.version,
        readings=limit.readings,
    )


def is_from_receipt(window: Window) -> bool:
    """Whether the trigger of the window was a receipt (`compute_window`), whatever the terms
    would have had it run from."""
    return window.steps[0].kind is StepKind.RECEIVED


def _trigger_step(terms: NoticeTerms) -> StepKind:
    if terms.deems_by_presentation:
        return StepKind.DEEMED_RECEIVED
    if terms.deems_from_dispatch:
        return StepKind.DISPATCHED
    return _TRIGGER_STEPS[terms.trigger]


def _instant_step(kind: StepKind, instant: datetime, terms: NoticeTerms) -> Step:
    local = instant.astimezone(zone_of(terms.counting.time_zone))
    return Step(kind, local.date(), local.strftime("%H:%M"))


def _limit(
    terms: NoticeTerms,
    opens_at: datetime,
    calendar: HolidayCalendar,
    commencement_on: date | None,
    steps: list[Step],
) -> TimeLimit:
    counting = terms.counting
    backward = terms.closes is Closes.PERIOD and terms.trigger is RunsFrom.COMMENCEMENT_BACKWARD
    if backward or terms.closes is Closes.COMMENCEMENT:
        if commencement_on is None:
            raise TermsNotComputable("no_commencement")
        steps.append(Step(StepKind.COMMENCES, commencement_on))
        if terms.closes is Closes.COMMENCEMENT:
            return limit_before(commencement_on, counting)
        period = _stated(terms.objection_period)
        if is_in_hours(period):
            start = start_of_day(commencement_on, zone_of(counting.time_zone))
            return limit_hours_before(start, period.number, counting)
        return limit_backward(commencement_on, period, counting, calendar)
    at_lead = terms.closes is Closes.END_OF_LEAD_TIME
    period = _stated(terms.lead_time if at_lead else terms.objection_period)
    return limit_from_instant(opens_at, period, counting, calendar)


def _stated(period: Period | None) -> Period:
    if period is None:
        raise TermsNotComputable("no_objection_period")
    return period


def needs_commencement(terms: NoticeTerms) -> bool:
    """The window depends on the announced day of commencement."""
    return terms.closes is Closes.COMMENCEMENT or (
        terms.closes is Closes.PERIOD and terms.trigger is RunsFrom.COMMENCEMENT_BACKWARD
    )


def window_key(terms: NoticeTerms, trigger_at: datetime, commencement_on: date | None) -> Hashable:
    """Triggers with the same key give windows that differ by the hour of opening only."""
    periods = (terms.objection_period, terms.lead_time)
    by_hour = terms.deemed_receipt is not None or any(x and is_in_hours(x) for x in periods)
    day = trigger_at.astimezone(zone_of(terms.counting.time_zone)).date()
    anchor = commencement_on if needs_commencement(terms) else None
    return (trigger_at if by_hour or anchor else day, anchor)


def started_at(window: Window, trigger_at: datetime) -> Window:
    """The same window for another trigger with the same key: only the hour differs."""
    if trigger_at == window.opens_at or (
        window.steps[0].kind is StepKind.DISPATCHED
        and any(step.kind is StepKind.DEEMED_RECEIVED for step in window.steps)
    ):
        return window
    hour = trigger_at.astimezone(zone_of(window.time_zone)).strftime("%H:%M")
    first = replace(window.steps[0], detail=hour)
    steps = (first, *window.steps[1:])
    return replace(window, opens_at=trigger_at.astimezone(UTC), steps=steps)


def extend_window(
    terms: NoticeTerms, window: Window, last_day: date, calendar: HolidayCalendar
) -> Window:
    """The same window with a later last day. A day that is not later changes nothing."""
    if last_day <= window.last_day:
        return window
    zone = zone_of(window.time_zone)
    steps = (
        *window.steps[:-1],
        Step(StepKind.EXTENDED, last_day),
        Step(StepKind.CLOSES, last_day, window.time_zone),
    )
    return replace(
        window,
        closes_at=start_of_day(last_day + timedelta(days=1), zone),
        last_day=last_day,
        # The calendar may have changed since: the grace never ends earlier.
        silence_after_at=max(window.silence_after_at, end_of_grace(terms, last_day, calendar)),
        steps=steps,
        versions=calendar.version,
    )


def end_of_grace(terms: NoticeTerms, last_day: date, calendar: HolidayCalendar) -> datetime:
    """closes_at plus grace: one local day, or ten working days where post may still bring one."""
    zone = zone_of(terms.counting.time_zone)
    if terms.needs_opened_post:
        last_grace_day = add_business_days(last_day, POSTAL_GRACE_BUSINESS_DAYS, calendar)
    else:
        last_grace_day = last_day + timedelta(days=1)
    return start_of_day(last_grace_day + timedelta(days=1), zone)


def judge_timeliness(
    terms: NoticeTerms, window: Window | None, *, received_at: datetime, dispatched_on: date | None
) -> Timeliness:
    """Whether an objection came in time.

    A dispatch date counts up to and including the last day; a receipt must be before closes_at.
    Where the terms do not say which decides, or say it and the other date contradicts it
    (in time by dispatch, late by receipt, or the reverse), it is disputed (DESIGN section 3 item
    2). Without a window nothing is late: the client may object as soon as it knows.
    """
    if window is None:
        return Timeliness.NO_WINDOW
    by_receipt = received_at < window.closes_at
    if dispatched_on is None:
        if by_receipt:
            return Timeliness.IN_TIME
        # Nobody recorded the dispatch, and dispatch (perhaps) decides: never silently late.
        decides = terms.decides_timeliness
        return Timeliness.LATE if decides is TimelyWhen.RECEIVED else Timeliness.DISPUTED
    by_dispatch = dispatched_on <= window.last_day
    if by_dispatch == by_receipt:
        return Timeliness.IN_TIME if by_receipt else Timeliness.LATE
    return Timeliness.DISPUTED


def window_to_mapping(window: Window) -> dict[str, Any]:
    return {
        "opens_at": window.opens_at.isoformat(),
        "closes_at": window.closes_at.isoformat(),
        "nominal_last_day": window.nominal_last_day.isoformat(),
        "last_day": window.last_day.isoformat(),
        "silence_after_at": window.silence_after_at.isoformat(),
        "time_zone": window.time_zone,
        "rule": window.rule,
        "versions": window.versions,
        "steps": [
            {"kind": step.kind.value, "day": step.day.isoformat(), "detail": step.detail}
            for step in window.steps
        ],
        "readings": [
            {
                "name": reading.name,
                "last_day": reading.last_day.isoformat(),
                "ends_at": reading.ends_at.isoformat(),
            }
            for reading in window.readings
        ],
    }


def window_from_mapping(data: Mapping[str, Any]) -> Window:
    return Window(
        opens_at=datetime.fromisoformat(data["opens_at"]),
        closes_at=datetime.fromisoformat(data["closes_at"]),
        nominal_last_day=date.fromisoformat(data["nominal_last_day"]),
        last_day=date.fromisoformat(data["last_day"]),
        silence_after_at=datetime.fromisoformat(data["silence_after_at"]),
        time_zone=data["time_zone"],
        rule=data["rule"],
        versions=data["versions"],
        steps=tuple(
            Step(StepKind(step["kind"]), date.fromisoformat(step["day"]), step["detail"])
            for step in data["steps"]
        ),
        # Windows kept by earlier versions name no readings: they had one.
        readings=tuple(
            DateReading(
                reading["name"],
                date.fromisoformat(reading["last_day"]),
                datetime.fromisoformat(reading["ends_at"]),
            )
            for reading in data.get("readings", ())
        ),
    )
