"""What newer holidays and time zones make of a window, as sentences."""

from subnotify.rules.errors import N_
from subnotify.rules.recomputations import ProposalState, Recomputed
from subnotify.rules.steps import Step, StepKind
from subnotify.rules.windows import Window
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason
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


def kind_words(kind: Recomputed, w: Wording) -> str:
    """A few words for lists and filters."""
    return w.gettext(_KINDS[kind])


def state_sentence(state: ProposalState, w: Wording) -> str:
    """What became of a recomputation."""
    return w.gettext(_STATES[state])


def kind_sentence(kind: Recomputed, w: Wording) -> str:
    """What legal can do with a recomputation, and why."""
    return w.gettext(_EFFECTS[kind])


def failure_sentence(failure: str, w: Wording) -> str:
    """Why a window cannot be computed any more."""
    if failure in _FAILURES:
        return w.gettext(_FAILURES[failure])
    return w.gettext(
        "No date can be computed: %(reason)s.", reason=not_computable_reason(failure, w)
    )


_KINDS = {
    Recomputed.LONGER: N_("longer"),
    Recomputed.GRACE: N_("longer grace only"),
    Recomputed.SHORTER: N_("shorter"),
    Recomputed.FAILED: N_("not computable"),
    Recomputed.SAME: N_("the same"),
}
_EFFECTS = {
    Recomputed.LONGER: N_(
        "The client has more time. Once you apply it, the later deadline counts, and all contacts"
        " are told by mail."
    ),
    Recomputed.GRACE: N_(
        "The deadline stays as the client was told. Only silence counts later; nobody is written"
        " to."
    ),
    Recomputed.SHORTER: N_(
        "It would be shorter. The window stays: windows only grow, and the client may rely on the"
        " day it was told."
    ),
    Recomputed.FAILED: N_("The window stays as it was computed before."),
    Recomputed.SAME: N_("The window stays as it is."),
}
_STATES = {
    ProposalState.PROPOSED: N_("This waits for a decision."),
    ProposalState.APPLIED: N_("The longer window was given."),
    ProposalState.DISMISSED: N_("It was decided to leave the window as it is."),
    ProposalState.SAME: N_("There is nothing to decide."),
    ProposalState.OUTDATED: N_(
        "There is nothing to decide any more: the cases ended, the notice is served anew, or newer"
        " data came."
    ),
}
_FAILURES = {
    "NoticeTooLate": N_("By the newer data the window would have been over before it opened."),
    "UnknownCalendar": N_("The newer data does not know the agreement's holiday calendar."),
}
