"""Whether a day may be the last one of a period, and what is done where it may not."""

from subnotify.rules.holidays import SATURDAY
from subnotify.rules.steps import StepKind
from subnotify.rules.terms_words import Unit
from subnotify.wording.language import Wording
from subnotify.wording.rule_sources import roll_source, two_days_source
from subnotify.wording.step_words import COUNTED_DAYS, StepContext, capital


def last_day_sentence(context: StepContext, w: Wording) -> str:
    """A step that looks at the weekday or holiday of the last day, or sets another last day."""
    step = context.step
    weekday = w.date(step.day, "weekday")
    match step.kind:
        case StepKind.TWO_WORKING_DAYS:
            return w.gettext(
                "A period of two days or more has at least two working days: it is extended to"
                " %(day)s (%(source)s).",
                day=weekday,
                source=two_days_source(w),
            )
        case StepKind.EXTENDED:
            return w.gettext("The window was extended to %(day)s.", day=weekday)
        case StepKind.AT_COMMENCEMENT:
            return w.gettext(
                "The window ends when the change takes effect: %(day)s is its last day.",
                day=weekday,
            )
        case StepKind.WORKING_DAY | StepKind.NO_ROLL:
            return _usable(context, w)
        case StepKind.ROLLED_HOLIDAY | StepKind.ROLLED_SATURDAY | StepKind.ROLLED_SUNDAY:
            return _moved(context, w)
        case _:
            return _stays(context, w)


def _usable(context: StepContext, w: Wording) -> str:
    """A day on which a period may end, or one that nobody moves."""
    step = context.step
    day = w.date(step.day, "weekday")
    if step.kind is StepKind.WORKING_DAY and step.day.weekday() == SATURDAY:
        return w.gettext(
            "%(day)s may be a last day: Saturday is not on a par with a holiday (%(source)s).",
            day=capital(day),
            source=_roll_source(context, w),
        )
    if step.kind is StepKind.WORKING_DAY or context.last_unit in COUNTED_DAYS:
        return w.gettext("%(day)s is a working day.", day=capital(day))
    source = roll_source(context.rule, w)
    if source:
        return w.gettext(
            "No last day is moved (%(source)s): %(day)s stays the last, whatever day it is.",
            day=day,
            source=source,
        )
    return w.gettext(
        "The agreement moves no last day: %(day)s stays the last, whatever day it is.", day=day
    )


def _moved(context: StepContext, w: Wording) -> str:
    step = context.step
    day = capital(w.date(step.day, "weekday"))
    if step.kind is StepKind.ROLLED_HOLIDAY:
        return w.gettext(
            "%(day)s is a public holiday (%(name)s): moved to the next day (%(source)s).",
            day=day,
            name=step.detail,
            source=_roll_source(context, w),
        )
    return w.gettext(
        "%(day)s does not count as a last day: moved to the next day (%(source)s).",
        day=day,
        source=_roll_source(context, w),
    )


def _stays(context: StepContext, w: Wording) -> str:
    """A weekend or holiday that the rule leaves alone; the clause's reader must learn of it."""
    step = context.step
    day = capital(w.date(step.day))
    match step.kind:
        case StepKind.NOT_ROLLED_SATURDAY:
            fact = w.gettext("%(day)s is a Saturday.", day=day)
        case StepKind.NOT_ROLLED_SUNDAY:
            fact = w.gettext("%(day)s is a Sunday.", day=day)
        case _:
            day = capital(w.date(step.day, "weekday"))
            fact = w.gettext("%(day)s is a public holiday (%(name)s).", day=day, name=step.detail)
    source = roll_source(context.rule, w)
    counts = context.last_unit is Unit.JOURS_OUVRABLES
    if counts and step.kind is StepKind.NOT_ROLLED_SATURDAY:
        stays = w.gettext("In this count it is a working day.")
    elif source:
        stays = w.gettext("It stays the last day: none is moved (%(source)s).", source=source)
    else:
        stays = w.gettext("It stays the last day: the agreement moves none.")
    return f"{fact} {stays}"


def _roll_source(context: StepContext, w: Wording) -> str:
    return roll_source(context.rule, w) or w.gettext("as the agreement says")
