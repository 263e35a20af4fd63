"""How an objection window was computed, step by step, as sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from subnotify.rules.terms_words import CountingRule
from subnotify.rules.time_limits import Step, StepKind
from subnotify.rules.windows import Window, window_from_mapping
from subnotify.wording.language import Wording

# What a rule that moves the last day rests on. Names of laws stay in their language.
_SOURCES = {CountingRule.FR_CPC_640_642.value: "code de procédure civile, art. 642"}


@dataclass(frozen=True)
class _Place:
    """What the sentences need of a window."""

    time_zone: str
    rule: str = ""


def step_sentences(window: Window, w: Wording) -> tuple[str, ...]:
    """One sentence for each step, in order, telling days in the window's own zone."""
    return tuple(_sentence(step, window, w) for step in window.steps)


def limit_sentences(steps: Sequence[Step], zone: str, w: Wording) -> tuple[str, ...]:
    """The same for the steps of a time limit; zone: the IANA name in which it is counted."""
    return tuple(_sentence(step, _Place(zone), w) for step in steps)


def stored_step_sentences(window: Mapping[str, Any] | None, w: Wording) -> tuple[str, ...]:
    """The same for a window as a notice keeps it (`window_to_mapping`); none without window."""
    return step_sentences(window_from_mapping(window), w) if window else ()


def _sentence(step: Step, window: Window | _Place, w: Wording) -> str:
    day = w.date(step.day, "weekday")
    match step.kind:
        case StepKind.RECEIVED:
            return w.gettext(
                "Received on %(day)s at %(time)s (%(zone)s).",
                day=day,
                time=w.clock(time.fromisoformat(step.detail)),
                zone=window.time_zone,
            )
        case StepKind.DISPATCHED:
            return w.gettext(
                "Sent on %(day)s at %(time)s (%(zone)s).",
                day=day,
                time=w.clock(time.fromisoformat(step.detail)),
                zone=window.time_zone,
            )
        case StepKind.DAY_ONE:
            return w.gettext("That day itself is not counted: day 1 is %(day)s.", day=day)
        case StepKind.LAST_COUNTED:
            return w.gettext("Day %(number)s is %(day)s.", number=step.detail, day=day)
        case StepKind.EXTENDED:
            return w.gettext("The window was extended to %(day)s.", day=day)
        case StepKind.CLOSES:
            return w.gettext(
                "The window ends on %(day)s at 24:00 (%(zone)s).", day=day, zone=window.time_zone
            )
        case _:
            return _of_last_day(step, window, w)


def _of_last_day(step: Step, window: Window | _Place, w: Wording) -> str:
    """Whether a day may be the last one."""
    day = _capital(w.date(step.day, "weekday"))
    source = _SOURCES.get(window.rule, window.rule)
    match step.kind:
        case StepKind.ROLLED_HOLIDAY:
            return w.gettext(
                "%(day)s is a public holiday (%(name)s): moved to the next day (%(source)s).",
                day=day,
                name=step.detail,
                source=source,
            )
        case StepKind.WORKING_DAY:
            return w.gettext("%(day)s is a working day.", day=day)
        case StepKind.NO_ROLL:
            return w.gettext(
                "The agreement moves no last day: %(day)s stays the last, whatever day it is.",
                day=w.date(step.day, "weekday"),
            )
        case _:
            return w.gettext(
                "%(day)s does not count as a last day: moved to the next day (%(source)s).",
                day=day,
                source=source,
            )


def _capital(text: str) -> str:
    """French days begin with a small letter, sentences with a capital one."""
    return text[:1].upper() + text[1:]
