"""How a time limit was computed, step by step, as sentences to check with a paper calendar."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from subnotify.rules.steps import Step, StepKind
from subnotify.rules.windows import Window, window_from_mapping
from subnotify.wording.count_steps import closing_sentence, count_sentence
from subnotify.wording.language import Wording
from subnotify.wording.last_day_steps import last_day_sentence
from subnotify.wording.step_words import StepContext, step_clock


def limit_sentences(steps: Sequence[Step], zone: str, rule: str, w: Wording) -> tuple[str, ...]:
    """One sentence or two for each step, in order.

    zone: the IANA zone in which the days of the steps are told. rule: the id of the counting
    rule, whose source is named. A window that is open until the later of two views says so.
    """
    contexts = [StepContext(tuple(steps), place, zone, rule) for place in range(len(steps))]
    return tuple(_sentence(context, w) for context in contexts)


def step_sentences(window: Window, w: Wording) -> tuple[str, ...]:
    """The same for a window, telling days in the window's own zone."""
    return limit_sentences(window.steps, window.time_zone, window.rule, w)


def stored_step_sentences(window: Mapping[str, Any] | None, w: Wording) -> tuple[str, ...]:
    """The same for a window as a notice keeps it (`window_to_mapping`); none without window."""
    return step_sentences(window_from_mapping(window), w) if window else ()


def told_last_day(window: Window) -> date | None:
    """The latest last day that the steps tell; None without steps."""
    return max((step.day for step in window.steps), default=None)


def _sentence(context: StepContext, w: Wording) -> str:
    step = context.step
    if step.kind in _EVENTS:
        return _event_sentence(context, w)
    if step.kind in (StepKind.CLOSES, StepKind.CLOSES_AT, StepKind.OTHER_READING):
        return closing_sentence(context, w)
    return count_sentence(context, w) or last_day_sentence(context, w)


_EVENTS = frozenset(
    {
        StepKind.DISPATCHED,
        StepKind.RECEIVED,
        StepKind.PUBLISHED,
        StepKind.TRIGGERED,
        StepKind.DEEMED_RECEIVED,
        StepKind.ASSUMED,
        StepKind.COMMENCES,
    }
)


def _event_sentence(context: StepContext, w: Wording) -> str:
    step = context.step
    day = w.date(step.day, "weekday")
    if step.kind is StepKind.COMMENCES:
        return w.gettext("The change is announced to take effect on %(day)s.", day=day)
    if step.kind is StepKind.ASSUMED:
        return w.gettext(
            "The agreement does not say from when the period runs: it is counted from receipt, the"
            " latest of the possible readings."
        )
    values = {"day": day, "time": step_clock(step.detail, w), "zone": context.zone}
    match step.kind:
        case StepKind.RECEIVED:
            return w.gettext("Received on %(day)s at %(time)s (%(zone)s).", **values)
        case StepKind.DISPATCHED:
            return w.gettext("Sent on %(day)s at %(time)s (%(zone)s).", **values)
        case StepKind.PUBLISHED:
            return w.gettext("Published on %(day)s at %(time)s (%(zone)s).", **values)
        case StepKind.DEEMED_RECEIVED:
            return w.gettext(
                "Under the agreement it counts as received on %(day)s at %(time)s (%(zone)s).",
                **values,
            )
        case _:
            return w.gettext("The event was on %(day)s at %(time)s (%(zone)s).", **values)
