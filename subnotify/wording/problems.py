"""What the rules refuse, in the reader's language."""

from dataclasses import dataclass

from subnotify.rules.errors import MoveNotAllowed, Problem, RuleError, TermsNotComputable
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason


@dataclass(frozen=True)
class ProblemText:
    """A problem to be shown: its path, what is wrong, how to mend it."""

    where: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message} {self.remedy}"


def problem_text(problem: Problem, w: Wording) -> ProblemText:
    """A problem of the input in this language; its path stays as it is."""
    params = dict(problem.params)
    return ProblemText(
        problem.where,
        _filled(w.gettext(problem.message), params),
        _filled(w.gettext(problem.remedy), params),
    )


def error_text(error: RuleError, w: Wording) -> str:
    """The sentence of a refused step in this language."""
    params = dict(error.params)
    if isinstance(error, TermsNotComputable):
        params["reason"] = not_computable_reason(error.reason, w)
    elif isinstance(error, MoveNotAllowed):
        params["reason"] = w.gettext(str(params["reason"]))
    return _filled(w.gettext(error.message), params)


def _filled(text: str, params: dict[str, object] | dict[str, str]) -> str:
    return text % params
