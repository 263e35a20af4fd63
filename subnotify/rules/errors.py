"""What the rules refuse, each error named for the fact it states.

`message` is an English gettext msgid with `%(name)s` placeholders, `params` fills them: the layers
above translate it. str(error) is the English sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass


def N_(text: str) -> str:
    """Marks a message id that stands neither in a Problem nor in an error's `message`."""
    return text


class RuleError(Exception):
    """A fact that forbids what was asked. The base of all domain errors."""

    message = "This is not possible."

    def __init__(self, **params: object) -> None:
        self.params: Mapping[str, object] = params
        super().__init__(self.message % params)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was given, and how to mend it.

    where: a path ("subprocessors[2].locations[0].basis"); message and remedy: English gettext
    msgids with `%(name)s` placeholders filled from params.
    """

    where: str
    message: str
    remedy: str
    params: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        filled = dict(self.params)
        return f"{self.where}: {self.message % filled} {self.remedy % filled}"


class ProblemsFound(RuleError):
    """The input has problems; nothing was done. `problems` lists all of them."""

    message = "%(count)s problems were found."

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(count=len(problems))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class NotFound(RuleError):
    """The object does not exist, or not for whom asks."""

    message = "This was not found."


class WindowClosed(RuleError):
    message = "The objection window has closed."


class NoticeNotServed(RuleError):
    message = "The notice has not been served, so no window is open."


class TermsNotComputable(RuleError):
    """The terms are valid, but the engine cannot compute dates from them.

    `reason` is a short code kept with the terms version.
    """

    message = "Dates cannot be computed from these notice terms: %(reason)s."

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason=reason)


class NoticeTooLate(RuleError):
    """The window ends with commencement, or is counted back from it, and is over already."""

    message = "The window would have ended on %(last_day)s, before the notice was given."


class OutcomeRecorded(RuleError):
    message = "This case already has its outcome."


class ClockInDoubt(RuleError):
    """What was asked rests on the time that has passed, and our clock may be wrong."""

    message = (
        "Our clock is in doubt, and this rests on the time that has passed. A person must look at"
        " the clock and say that it is right (on the page “Sending”); then try again."
    )


class MoveNotAllowed(RuleError):
    """The case does not admit this step now; `reason` is a gettext msgid."""

    message = "This step is not possible now: %(reason)s"
