"""The steps of counting: from day 1 to the last counted day or hour, and the end."""

from datetime import timedelta

from subnotify.rules.periods import parts_of
from subnotify.rules.steps import ReadingName, Step, StepKind
from subnotify.rules.terms import Period
from subnotify.rules.terms_words import CountingRule, Unit
from subnotify.wording.language import Wording
from subnotify.wording.periods import period_words
from subnotify.wording.rule_sources import count_source, month_source, roll_source
from subnotify.wording.step_words import (
    COUNTED_DAYS,
    StepContext,
    capital,
    step_clock,
    with_source,
)


def count_sentence(context: StepContext, w: Wording) -> str:
    """A step of the count; "" for a step of another kind."""
    step = context.step
    match step.kind:
        case StepKind.DAY_ONE:
            return _day_one(context, w)
        case StepKind.NOT_COUNTED_HOLIDAY:
            return w.gettext(
                "%(day)s is a public holiday (%(name)s) and is not counted.",
                day=capital(w.date(step.day, "weekday")),
                name=step.detail,
            )
        case StepKind.LAST_COUNTED:
            return _last_counted(context, w)
        case StepKind.COUNTED_BACK:
            return _counted_back(context, w)
        case StepKind.HOUR_EXCLUDED:
            text = w.gettext(
                "The hour of the event is not counted: the hours run from %(day)s at %(time)s",
                day=w.date(step.day, "weekday"),
                time=step_clock(step.detail, w),
            )
            return with_source(text, count_source(context.rule, w))
        case StepKind.HOURS_END:
            return _hours(step, w)
        case _:
            return ""


def _day_one(context: StepContext, w: Wording) -> str:
    day = w.date(context.step.day, "weekday")
    match context.last_unit:
        case Unit.BUSINESS_DAYS:
            text = w.gettext(
                "That day itself is not counted; Mondays to Fridays are, except the public holidays"
                " named here"
            )
        case Unit.JOURS_OUVRABLES:
            text = w.gettext(
                "That day itself is not counted; Mondays to Saturdays are, except the public"
                " holidays named here"
            )
        case _:
            text = w.gettext("That day itself is not counted: day 1 is %(day)s", day=day)
    return with_source(text, count_source(context.rule, w))


def _last_counted(context: StepContext, w: Wording) -> str:
    step, period = context.step, context.period
    day = w.date(step.day, "weekday")
    if period is None:
        return w.gettext("Day %(number)s is %(day)s.", number=step.detail, day=day)
    if period.plus is None and period.number > 0:
        number = w.number(period.number)
        match period.unit:
            case Unit.DAYS:
                return w.gettext("Day %(number)s is %(day)s.", number=number, day=day)
            case Unit.BUSINESS_DAYS:
                return w.gettext("Business day %(number)s is %(day)s.", number=number, day=day)
            case Unit.JOURS_OUVRABLES:
                return w.gettext(
                    "Working day %(number)s (Monday to Saturday) is %(day)s.",
                    number=number,
                    day=day,
                )
            case Unit.MONTHS | Unit.YEARS:
                return _last_of_months(context, period, w)
            case _:
                pass
    return w.gettext(
        "The period of %(period)s ends on %(day)s.", period=period_words(period, w), day=day
    )


def _last_of_months(context: StepContext, period: Period, w: Wording) -> str:
    """Months end on the day of the same number; where there is none, on the month's last."""
    step, event_day = context.step, context.event_day
    values = {"period": period_words(period, w), "day": w.date(step.day, "weekday")}
    if event_day is not None and event_day.day != step.day.day:
        text = w.gettext(
            "The period of %(period)s ends on %(day)s, the last day of a month that has no day"
            " %(number)s",
            **values,
            number=w.number(event_day.day),
        )
    else:
        text = w.gettext(
            "The period of %(period)s ends on the day of the same number, %(day)s", **values
        )
    return with_source(text, month_source(context.rule, w))


def _counted_back(context: StepContext, w: Wording) -> str:
    step, period = context.step, context.period
    values = {
        "period": period_words(period, w) if period is not None else step.detail,
        "day": w.date(step.day, "weekday"),
    }
    if context.rule == CountingRule.UK_CLEAR_DAYS:
        return w.gettext(
            "Counted back %(period)s from then, neither the first nor the last day included:"
            " %(day)s is the last day.",
            **values,
        )
    if _leaves_days_out(period):
        return w.gettext(
            "Counted back %(period)s from then, without weekends and the public holidays named"
            " here: %(day)s is the last day.",
            **values,
        )
    text = w.gettext(
        "Counted back %(period)s from then: %(day)s is the last day; counting back, no day is"
        " moved",
        **values,
    )
    is_law = context.rule in (CountingRule.RETRO_1182_71, CountingRule.EU_1182_71)
    return with_source(text, roll_source(context.rule, w) if is_law else "")


def _leaves_days_out(period: Period | None) -> bool:
    return period is not None and any(part.unit in COUNTED_DAYS for part in parts_of(period))


def _hours(step: Step, w: Wording) -> str:
    number = int(step.detail.split()[0])
    period = period_words(Period(abs(number), Unit.HOURS), w)
    if number < 0:
        return w.gettext(
            "The period of %(period)s is counted back without a break, also over weekends, public"
            " holidays and a change of the clock.",
            period=period,
        )
    return w.gettext(
        "The period of %(period)s runs without a break, also over weekends, public holidays and a"
        " change of the clock.",
        period=period,
    )


def closing_sentence(context: StepContext, w: Wording) -> str:
    """When the window ends, and what another view of the law makes of it."""
    step = context.step
    if step.kind is StepKind.OTHER_READING:
        return _other_reading(step, w)
    last_day = step.day
    if step.kind is StepKind.CLOSES_AT:
        if step.detail != "00:00":
            return w.gettext(
                "The window ends on %(day)s at %(time)s (%(zone)s).",
                day=w.date(step.day, "weekday"),
                time=step_clock(step.detail, w),
                zone=context.zone,
            )
        last_day -= timedelta(days=1)
    elif context.latest_view > last_day:
        return w.gettext(
            "By the rule applied here the window would end on %(day)s at 24:00; it stays open until"
            " the later of the two: %(latest)s at 24:00 (%(zone)s).",
            day=w.date(last_day, "weekday"),
            latest=w.date(context.latest_view, "weekday"),
            zone=context.zone,
        )
    return w.gettext(
        "The window ends on %(day)s at 24:00 (%(zone)s).",
        day=w.date(last_day, "weekday"),
        zone=context.zone,
    )


def _other_reading(step: Step, w: Wording) -> str:
    day = w.date(step.day, "weekday")
    match step.detail:
        case ReadingName.CH_SATURDAY:
            return w.gettext(
                "Authorities differ: by another view a Saturday counts as a holiday (Swiss Federal"
                " Act of 21 June 1963, SR 173.110.3), and %(day)s is the last day.",
                day=day,
            )
        case ReadingName.CH_OR_78:
            return w.gettext(
                "Authorities differ: by another view a Saturday is no holiday (Swiss Code of"
                " Obligations, art. 78), and %(day)s is the last day.",
                day=day,
            )
        case _:
            return w.gettext(
                "Authorities differ: by another view (%(name)s) %(day)s is the last day.",
                name=step.detail,
                day=day,
            )
