"""What newer holidays and time zones make of a window, as sentences."""

from subnotify.rules.time_limits import Step, StepKind
from subnotify.rules.windows import Window
from subnotify.wording.language import Wording
from subnotify.wording.window_steps import step_sentences

_ENDS = frozenset({StepKind.CLOSES, StepKind.CLOSES_AT, StepKind.OTHER_READING})


def new_step_sentences(old: Window, new: Window, w: Wording) -> tuple[str, ...]:
    """What the new computation says that the old one did not: the reason of another end.

    Where every step is the same, the clock of the zone is known otherwise.
    """
    said = _only_in(new, old.steps, w)
    if said or new.closes_at == old.closes_at:
        return said
    return (
        w.gettext(
            "The days are the same, but the clock of %(zone)s is known better: the last day ends"
            " at another instant.",
            zone=new.time_zone,
        ),
    )


def former_step_sentences(old: Window, new: Window, w: Wording) -> tuple[str, ...]:
    """What the old computation said and the new one does not."""
    return _only_in(old, new.steps, w)


def _only_in(window: Window, others: tuple[Step, ...], w: Wording) -> tuple[str, ...]:
    sentences = step_sentences(window, w)
    return tuple(
        sentence
        for step, sentence in zip(window.steps, sentences, strict=True)
        if step not in others and step.kind not in _ENDS
    )
