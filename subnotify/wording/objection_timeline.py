"""What runs from an objection, from a termination and after it: names, ends, and how counted."""

from dataclasses import dataclass
from datetime import date, datetime

from subnotify.rules.objection_clocks import ObjectionClocks, TerminationEffect
from subnotify.rules.steps import StepKind, TimeLimit
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import IfUnresolved, TakesEffect
from subnotify.wording.language import Wording
from subnotify.wording.window_steps import limit_sentences

_CLOSING = frozenset({StepKind.CLOSES, StepKind.CLOSES_AT})


@dataclass(frozen=True)
class ClockTold:
    """One clock: until an instant (ends_at, exclusive) or a day (on). said: what it means; steps:
    how it was counted."""

    name: str
    ends_at: datetime | None = None
    on: date | None = None
    said: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


def objection_clocks_told(
    clocks: ObjectionClocks, terms: NoticeTerms, w: Wording
) -> tuple[ClockTold, ...]:
    """The clocks that an open objection started, for the desk. w: in the agreement's zone."""
    told = []
    received = w.gettext(
        "The objection reached us on %(instant)s.", instant=w.date_time(clocks.received_at)
    )
    if clocks.accommodation is not None:
        told.append(
            ClockTold(
                w.gettext("Time to find a way"),
                clocks.accommodation.latest.ends_at,
                said=_after_accommodation(terms, w),
                steps=limit_steps(clocks.accommodation, terms, received, w),
            )
        )
    if clocks.exercise is not None:
        told.append(
            ClockTold(
                w.gettext("Notice of termination"),
                clocks.exercise.latest.ends_at,
                said=(w.gettext("It is in time until then."),),
                steps=limit_steps(clocks.exercise, terms, _exercise_from(clocks, w, received), w),
            )
        )
    if clocks.deemed_accepted is not None and clocks.deemed_after_at is not None:
        told.append(_deemed(clocks, clocks.deemed_accepted, clocks.deemed_after_at, terms, w))
    return tuple(told)


def client_clock_sentences(
    clocks: ObjectionClocks, terms: NoticeTerms, w: Wording
) -> tuple[str, ...]:
    """The same in a few sentences to the client. w: in the agreement's zone."""
    sentences = []
    if clocks.accommodation is not None:
        until = w.until(clocks.accommodation.latest.ends_at)
        sentences.append(
            w.gettext(
                "We look for a way to serve you without this change until %(until)s.", until=until
            )
        )
    if clocks.exercise is not None:
        until = w.until(clocks.exercise.latest.ends_at)
        sentences.append(
            w.gettext("If none is found, you may terminate until %(until)s.", until=until)
        )
    elif terms.if_unresolved in (IfUnresolved.CLIENT_MAY_TERMINATE, IfUnresolved.EITHER):
        sentences.append(w.gettext("If none is found, you may terminate."))
    if clocks.deemed_accepted is not None:
        until = w.until(clocks.deemed_accepted.latest.ends_at)
        sentences.append(
            w.gettext(
                "If your objection is still unresolved and you have not terminated by %(until)s,"
                " your agreement deems that you have accepted the change.",
                until=until,
            )
        )
    return tuple(sentences)


def limit_steps(limit: TimeLimit, terms: NoticeTerms, event: str, w: Wording) -> tuple[str, ...]:
    """How a limit that is no window was counted: the event, each step, and its end."""
    counted = [step for step in limit.steps if step.kind not in _CLOSING]
    rule = limit.readings[0].name
    end = w.gettext("It ends on %(until)s.", until=w.until(limit.latest.ends_at))
    return (event, *limit_sentences(counted, terms.counting.time_zone, rule, w), end)


def effect_told(effect: TerminationEffect, w: Wording) -> tuple[str, ...]:
    """When a termination takes effect, for the desk. w: in the agreement's zone."""
    match effect.when:
        case TakesEffect.IMMEDIATELY:
            first = w.gettext("Under the terms the termination takes effect at once.")
        case TakesEffect.AT_WINDOW_CLOSE if effect.takes_effect_on is None:
            first = w.gettext(
                "Under the terms the termination takes effect when the window ends; no window"
                " runs yet."
            )
        case TakesEffect.AT_WINDOW_CLOSE:
            first = w.gettext(
                "Under the terms the termination takes effect when the window ends, without further"
                " input."
            )
        case TakesEffect.AT_COMMENCEMENT:
            first = w.gettext("Under the terms the termination takes effect with the change.")
        case TakesEffect.AFTER_NOTICE:
            first = w.gettext("Under the terms the termination takes effect after a notice period.")
        case TakesEffect.CLIENTS_DATE:
            return _clients_day(effect, w)
        case TakesEffect.UNSPECIFIED:
            first = w.gettext("The terms do not say when a termination takes effect: give the day.")
    if effect.takes_effect_on is None:
        return (first,)
    day = w.date(effect.takes_effect_on, "weekday")
    return (first, w.gettext("First day without the services: %(day)s.", day=day))


def effect_steps(
    effect: TerminationEffect,
    terms: NoticeTerms | None,
    declared_on: date,
    noticed_at: datetime | None,
    w: Wording,
) -> tuple[str, ...]:
    """How the day was counted, where a period was. declared_on: the day of the notice of
    termination; noticed_at: the notice of the change. w: in the agreement's zone."""
    if effect.limit is None or terms is None:
        return ()
    if effect.when is TakesEffect.CLIENTS_DATE and noticed_at is not None:
        event = w.gettext(
            "The notice of the change was given on %(instant)s.", instant=w.date_time(noticed_at)
        )
    else:
        event = w.gettext(
            "The notice of termination came on %(day)s.", day=w.date(declared_on, "weekday")
        )
    return limit_steps(effect.limit, terms, event, w)


def _clients_day(effect: TerminationEffect, w: Wording) -> tuple[str, ...]:
    first = w.gettext("Under the terms the client sets the day of the termination.")
    if effect.earliest_on is None or effect.latest_on is None:
        return (first,)
    bounds = w.gettext(
        "The first day without the services lies from %(earliest)s to %(latest)s: the time is"
        " counted from the notice of the change.",
        earliest=w.date(effect.earliest_on),
        latest=w.date(effect.latest_on),
    )
    return (first, bounds)


def _after_accommodation(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    match terms.if_unresolved:
        case IfUnresolved.CLIENT_MAY_TERMINATE | IfUnresolved.DEEMED_ACCEPTED:
            return (w.gettext("If no way is found, the client may terminate."),)
        case IfUnresolved.VENDOR_MAY_TERMINATE:
            return (w.gettext("If no way is found, the vendor may terminate."),)
        case IfUnresolved.EITHER:
            return (w.gettext("If no way is found, either side may terminate."),)
        case IfUnresolved.UNSPECIFIED:
            return (w.gettext("The agreement does not say what follows."),)


def _exercise_from(clocks: ObjectionClocks, w: Wording, received: str) -> str:
    if clocks.accommodation is None:
        return received
    return w.gettext(
        "The time to find a way ends on %(until)s.",
        until=w.until(clocks.accommodation.latest.ends_at),
    )


def _deemed(
    clocks: ObjectionClocks,
    limit: TimeLimit,
    after_at: datetime,
    terms: NoticeTerms,
    w: Wording,
) -> ClockTold:
    meaning = w.gettext(
        "An objection that is neither settled nor followed by a notice of termination then counts"
        " as acceptance; the case closes so after %(instant)s at the earliest, once replies are"
        " read.",
        instant=w.date_time(after_at),
    )
    later: tuple[str, ...] = ()
    if limit in (clocks.accommodation, clocks.exercise):
        # It waits for another clock, whose count is shown there.
        later = (w.gettext("It ends together with the clock before it."),)
    received = w.gettext(
        "The objection reached us on %(instant)s.", instant=w.date_time(clocks.received_at)
    )
    return ClockTold(
        w.gettext("Objection counts as unresolved"),
        limit.latest.ends_at,
        said=(meaning, *later),
        steps=() if later else limit_steps(limit, terms, received, w),
    )
