"""What the rules refuse, in the reader's language."""

from dataclasses import dataclass

from subnotify.rules.errors import MoveNotAllowed, Problem, RuleError, TermsNotComputable
from subnotify.rules.publication_gaps import TransferProblem
from subnotify.rules.transfer_verdicts import Assessment
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason
from subnotify.wording.transfer_reasons import law_words, missing_words, reason_sentence


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
    if isinstance(problem, TransferProblem) and problem.assessment is not None:
        return _transfer_text(problem, problem.assessment, w)
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


def _transfer_text(problem: TransferProblem, assessment: Assessment, w: Wording) -> ProblemText:
    law, reason = law_words(problem.law, w), reason_sentence(assessment, w)
    if problem.missing is None:
        remedy = w.gettext("Record a basis that holds there, with all that it asks for.")
    else:
        lacking = missing_words(problem.missing, w)
        remedy = w.gettext("Still to be recorded: %(fact)s.", fact=lacking)
    return ProblemText(
        problem.where, w.gettext("%(law)s: %(reason)s", law=law, reason=reason), remedy
    )


def _filled(text: str, params: dict[str, object] | dict[str, str]) -> str:
    return text % params
