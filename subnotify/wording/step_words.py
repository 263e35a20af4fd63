"""What the sentences of a computation's steps share."""

from dataclasses import dataclass
from datetime import date, time

from subnotify.rules.periods import parts_of
from subnotify.rules.steps import Step, StepKind
from subnotify.rules.terms import Period
from subnotify.rules.terms_words import Unit
from subnotify.wording.language import Wording
from subnotify.wording.periods import period_of_code

# Days that a count passes over belong to these units.
COUNTED_DAYS = frozenset({Unit.BUSINESS_DAYS, Unit.JOURS_OUVRABLES})


@dataclass(frozen=True)
class StepContext:
    """A step among the others of its computation, with the zone and rule of all of them."""

    steps: tuple[Step, ...]
    place: int
    zone: str
    rule: str

    @property
    def step(self) -> Step:
        return self.steps[self.place]

    @property
    def period(self) -> Period | None:
        """The period that was counted; None in windows of the first version, and for hours."""
        kinds = (StepKind.LAST_COUNTED, StepKind.COUNTED_BACK)
        counted = next((step for step in self.steps if step.kind in kinds), None)
        return period_of_code(counted.detail) if counted is not None else None

    @property
    def last_unit(self) -> Unit | None:
        """The unit in which the count ended."""
        return tuple(parts_of(self.period))[-1].unit if self.period is not None else None

    @property
    def event_day(self) -> date | None:
        """The day from which the period was counted, which is itself not counted."""
        first = next((step for step in self.steps if step.kind is StepKind.DAY_ONE), None)
        return date.fromordinal(first.day.toordinal() - 1) if first is not None else None

    @property
    def latest_view(self) -> date:
        """The last day under the view that has it latest."""
        kinds = (StepKind.OTHER_READING, StepKind.CLOSES)
        return max(step.day for step in self.steps if step.kind in kinds)


def step_clock(detail: str, w: Wording) -> str:
    """A step's "09:14" as this language writes it, to the second where it has seconds."""
    return w.exact_clock(time.fromisoformat(detail))


def with_source(text: str, source: str) -> str:
    """A sentence without its full stop, with what it rests on."""
    return f"{text} ({source})." if source else f"{text}."


def capital(text: str) -> str:
    """French days begin with a small letter, sentences with a capital one."""
    return text[:1].upper() + text[1:]
