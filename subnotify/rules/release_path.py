"""The path of a release, from its draft to its report: which steps are done and what is missing.

Pure: the pages show it on each step, the order is that of the constants.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from subnotify.rules.errors import Problem
from subnotify.rules.words import ReleaseState


class PathStep(StrEnum):
    DRAFT = "draft"
    FACTS = "facts"
    RECIPIENTS = "recipients"
    CHECK = "check"
    APPROVAL = "approval"
    RELEASE = "release"
    PROGRESS = "progress"
    REPORT = "report"


class StepState(StrEnum):
    """incomplete: something is missing here. due: this is the next thing to do. later: cannot be
    taken yet."""

    DONE = "done"
    INCOMPLETE = "incomplete"
    DUE = "due"
    LATER = "later"


@dataclass(frozen=True)
class StepLine:
    """One step; missing: how many gaps there are to fill in."""

    step: PathStep
    state: StepState
    missing: int = 0


def release_path(
    state: ReleaseState,
    problems: Sequence[Problem],
    *,
    is_sent: bool = False,
    is_ended: bool = False,
) -> tuple[StepLine, ...]:
    """Every step of a release with its state. problems: of `release_problems`, those of the
    changes' facts named "changes.<key>...". is_sent: nothing of it is on its
    way any more. is_ended: nothing of what it announced is open, so its report is the last one."""
    facts = sum(problem.where.startswith("changes.") for problem in problems)
    texts = len(problems) - facts
    if state is ReleaseState.RELEASED:
        after = None if is_ended else PathStep.REPORT
        return _lines({}, after if is_sent else PathStep.PROGRESS)
    gaps = {step: n for step, n in ((PathStep.DRAFT, texts), (PathStep.FACTS, facts)) if n}
    if state is ReleaseState.APPROVED:
        return _lines(gaps, PathStep.RELEASE)
    return _lines(gaps, PathStep.CHECK if gaps else PathStep.APPROVAL)


def _lines(gaps: dict[PathStep, int], due: PathStep | None) -> tuple[StepLine, ...]:
    """All steps before the one that is due are done, unless something is missing there. due: None
    where nothing is left to do."""
    lines = []
    order = list(PathStep)
    done_before = len(order) if due is None else order.index(due)
    for place, step in enumerate(order):
        if step in gaps:
            lines.append(StepLine(step, StepState.INCOMPLETE, gaps[step]))
        elif place < done_before:
            lines.append(StepLine(step, StepState.DONE))
        elif step is due and not gaps:
            lines.append(StepLine(step, StepState.DUE))
        else:
            lines.append(StepLine(step, StepState.LATER))
    return tuple(lines)
