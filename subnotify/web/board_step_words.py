"""What legal can do with many cases at once, as the board's address names it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from subnotify.rules.case_holds import CLEARABLE
from subnotify.rules.words import HoldReason
from subnotify.web.board_address import NOBODY
from subnotify.wording.labels import label
from subnotify.wording.language import Wording


class StepKind(StrEnum):
    ASSIGN = "assign"
    READ = "read"
    CLEAR = "clear"


@dataclass(frozen=True)
class BoardStep:
    """owner: of an assignment, "" for nobody. reason: the hold that is cleared."""

    kind: StepKind
    owner: str = ""
    reason: HoldReason | None = None

    @property
    def value(self) -> str:
        match self.kind:
            case StepKind.ASSIGN:
                return f"{self.kind.value}:{self.owner or NOBODY}"
            case StepKind.CLEAR if self.reason is not None:
                return f"{self.kind.value}:{self.reason.value}"
            case _:
                return self.kind.value


def read_step(text: str) -> BoardStep | None:
    """None for what names no step."""
    kind, _, rest = text.partition(":")
    match kind:
        case "assign" if rest:
            return BoardStep(StepKind.ASSIGN, "" if rest == NOBODY else rest)
        case "clear" if rest in {reason.value for reason in CLEARABLE}:
            return BoardStep(StepKind.CLEAR, reason=HoldReason(rest))
        case "read":
            return BoardStep(StepKind.READ)
        case _:
            return None


def list_steps(owners: Sequence[str], w: Wording) -> list[tuple[str, str]]:
    """Each step with its name, to choose from."""
    return [
        *(
            (BoardStep(StepKind.ASSIGN, owner).value, w.gettext("Assign to %(name)s", name=owner))
            for owner in owners
        ),
        (BoardStep(StepKind.ASSIGN).value, w.gettext("Take the owner away")),
        (StepKind.READ.value, w.gettext("Mark questions and requests as read")),
        *(
            (
                BoardStep(StepKind.CLEAR, reason=reason).value,
                w.gettext("Clear the hold “%(name)s”", name=label(w, reason)),
            )
            for reason in sorted(CLEARABLE)
        ),
    ]


def button_text(step: BoardStep, count: int, w: Wording) -> str:
    """ "Assign 42 cases to Lucie Garnier"."""
    match step.kind:
        case StepKind.ASSIGN if step.owner:
            return w.ngettext(
                "Assign %(n)s case to %(name)s",
                "Assign %(n)s cases to %(name)s",
                count,
                name=step.owner,
            )
        case StepKind.ASSIGN:
            return w.ngettext(
                "Take the owner of %(n)s case away", "Take the owner of %(n)s cases away", count
            )
        case StepKind.READ:
            return w.ngettext(
                "Mark what waits in %(n)s case as read",
                "Mark what waits in %(n)s cases as read",
                count,
            )
        case _:
            return w.ngettext(
                "Clear the hold of %(n)s case", "Clear the hold of %(n)s cases", count
            )


def done_text(count: int, w: Wording) -> str:
    return w.ngettext(
        "The step was taken for %(n)s case.", "The step was taken for %(n)s cases.", count
    )
