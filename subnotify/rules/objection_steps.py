"""The steps of an objection on its way to an outcome: what legal wrote, what the client answered.

A step of legal's waits for a short time before its mail leaves: until then it can be taken back,
and the client sees nothing of it. After that only a new step corrects it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.errors import MoveNotAllowed, OutcomeRecorded, RuleError
from subnotify.rules.objections import live_objections
from subnotify.rules.words import Measure, ResponseChannel, StepKind

# How long legal can take a step back.
UNDO_LASTS = timedelta(minutes=10)
BY_LEGAL = frozenset({StepKind.ACKNOWLEDGED, StepKind.PROPOSED})
ANSWERS = frozenset({StepKind.ACCEPTED, StepKind.REFUSED})


class StepSent(RuleError):
    message = "The mail has left: this step cannot be undone. Take a new step that corrects it."


class ProposalOver(RuleError):
    message = "This proposal is answered already, or holds no longer. Look at the notice again."


@dataclass(frozen=True)
class ObjectionStep:
    """about_id: of an answer, the proposal. counts_at: from when it holds: of legal's steps when
    the mail leaves; None while an acceptance awaits its code."""

    id: int
    case_id: int
    kind: StepKind
    text: str
    taken_at: datetime
    taken_by: str
    counts_at: datetime | None
    measure: Measure | None = None
    about_id: int | None = None
    channel: ResponseChannel | None = None
    contact_id: int | None = None
    undone_at: datetime | None = None

    def stands(self, at: datetime) -> bool:
        """It holds, and the client may see it."""
        return self.undone_at is None and self.counts_at is not None and at >= self.counts_at

    def waits(self, at: datetime) -> bool:
        """A step of legal's whose mail has not left: it can still be taken back."""
        is_early = self.counts_at is not None and at < self.counts_at
        return self.kind in BY_LEGAL and self.undone_at is None and is_early


def answer_to(
    steps: Sequence[ObjectionStep], proposal: ObjectionStep, *, at: datetime
) -> ObjectionStep | None:
    """The client's answer to a proposal that counts: its last one."""
    given = [x for x in steps if x.about_id == proposal.id and x.stands(at)]
    return given[-1] if given else None


def standing_proposal(steps: Sequence[ObjectionStep], *, at: datetime) -> ObjectionStep | None:
    """The last proposal that the client can know of: a later one takes the place of the former."""
    sent = [x for x in steps if x.kind is StepKind.PROPOSED and x.stands(at)]
    return sent[-1] if sent else None


def open_proposal(
    facts: CaseFacts, steps: Sequence[ObjectionStep], *, at: datetime
) -> ObjectionStep | None:
    """The proposal that the client may answer now; None where there is none, or it is answered."""
    proposal = standing_proposal(steps, at=at)
    if proposal is None or facts.outcome is not None or not live_objections(facts):
        return None
    return proposal if answer_to(steps, proposal, at=at) is None else None


def possible_steps_of_legal(
    facts: CaseFacts, steps: Sequence[ObjectionStep], *, at: datetime
) -> frozenset[StepKind]:
    """Which steps legal may take now: none where no objection waits, or one of its mails does."""
    if facts.outcome is not None or not live_objections(facts) or any(x.waits(at) for x in steps):
        return frozenset()
    if any(x.kind is StepKind.ACKNOWLEDGED and x.stands(at) for x in steps):
        return frozenset({StepKind.PROPOSED})
    return BY_LEGAL


def require_possible(
    facts: CaseFacts, steps: Sequence[ObjectionStep], kind: StepKind, *, at: datetime
) -> None:
    """Raises OutcomeRecorded and MoveNotAllowed, with what to do instead."""
    if kind in possible_steps_of_legal(facts, steps, at=at):
        return
    if facts.outcome is not None:
        raise OutcomeRecorded
    if not live_objections(facts):
        raise MoveNotAllowed(reason="No objection waits to be settled.")
    if any(x.waits(at) for x in steps):
        raise MoveNotAllowed(
            reason="A mail about this objection has not left yet. Undo that step, or wait for it."
        )
    raise MoveNotAllowed(reason="The objection is acknowledged already.")
