"""Notice terms as the desk shows them: read out, at work, with what is wrong, and compared."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _

from subnotify.operations.example_dates import ExampleDates, example_dates
from subnotify.rules.contradictions import contradictions
from subnotify.rules.errors import Problem
from subnotify.rules.terms import NoticeTerms, Reading
from subnotify.rules.terms_checks import not_computable
from subnotify.storage.terms_versions import IncompleteAgreement, TermsVersion
from subnotify.web.terms_choices import RUNS_FROM, TIMELY
from subnotify.web.terms_fields import anchor_of
from subnotify.web.terms_forms import TermsForm
from subnotify.web.terms_remedies import NOT_COMPUTABLE_FIELDS, computable_remedy, form_remedy
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason
from subnotify.wording.notice_terms import TermsLine, terms_lines
from subnotify.wording.problems import problem_text
from subnotify.wording.terms_example import example_sentence, lead_sentence, rule_words
from subnotify.wording.window_steps import step_sentences


@dataclass(frozen=True)
class ProblemView:
    """One thing wrong: the message, how to mend it, and the field where (its name and anchor)."""

    message: str
    remedy: str
    field: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class ExampleView:
    """heading: which changes, "" where the terms have no rules. steps: how the end is counted."""

    heading: str
    sentence: str
    lead: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class TermsReading:
    """Terms read out. is_readable: False where what was typed is no terms at all."""

    is_readable: bool
    lines: tuple[TermsLine, ...] = ()
    examples: tuple[ExampleView, ...] = ()
    invalid: tuple[ProblemView, ...] = ()
    contradictory: tuple[ProblemView, ...] = ()
    uncomputable: ProblemView | None = None

    @property
    def said(self) -> str:
        """The shortest summary: for a reader who does not see the page change."""
        first = next((x.sentence for x in self.examples), "")
        problems = len(self.invalid) + len(self.contradictory) + bool(self.uncomputable)
        return f"{first} {_('Problems: %(n)s', n=problems)}" if problems else first


@dataclass(frozen=True)
class OpenField:
    """A field that the clause leaves open. assumed: what the product does meanwhile."""

    name: str
    title: str
    assumed: str
    reading: Reading | None = None
    value: str = ""

    @property
    def value_code(self) -> str:
        return self.reading.value if self.reading else ""


@dataclass(frozen=True)
class ComparedLine:
    name: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class VersionView:
    """A version on record, with its reading."""

    version: TermsVersion
    reading: TermsReading
    open_fields: tuple[OpenField, ...] = field(default=())


def read_out(terms: NoticeTerms, w: Wording, *, at: datetime) -> TermsReading:
    """Terms on record, with their dates for a notice given at `at`."""
    return _reading(terms, None, w, at)


def read_form(form: TermsForm, w: Wording, *, at: datetime) -> TermsReading:
    """What was typed so far, stored nowhere."""
    terms, problems = form.read()
    if terms is None:
        return TermsReading(False, invalid=tuple(_at_field(x, form, w) for x in problems))
    return _reading(terms, form, w, at)


def version_view(version: TermsVersion, w: Wording, *, at: datetime) -> VersionView:
    return VersionView(
        version, read_out(version.terms, w, at=at), tuple(open_fields(version.terms))
    )


def _reading(terms: NoticeTerms, form: TermsForm | None, w: Wording, at: datetime) -> TermsReading:
    code = not_computable(terms)
    try:
        examples = tuple(_example(x, terms, w) for x in example_dates(terms, at=at))
    except OverflowError:
        far = Problem(
            "objection_period", "The period ends too far in the future.", "Shorten the period."
        )
        return TermsReading(False, invalid=(_at_field(far, form, w),))
    return TermsReading(
        True,
        # Beside the form the quotation stands already.
        lines=all_lines(terms, w) if form is None else terms_lines(terms, w),
        examples=examples,
        contradictory=tuple(_at_field(x, form, w) for x in _further(terms, code)),
        uncomputable=_uncomputable(code, form, w) if code else None,
    )


def _example(example: ExampleDates, terms: NoticeTerms, w: Wording) -> ExampleView:
    window = example.window
    return ExampleView(
        heading=rule_words(example.rule, w) if terms.notice_rules else "",
        sentence=example_sentence(example.terms, window, example.commencement_on, w),
        lead=lead_sentence(example.terms, example.lead_ends_at, w),
        steps=step_sentences(window, w) if window else (),
    )


def _uncomputable(code: str, form: TermsForm | None, w: Wording) -> ProblemView:
    reason = not_computable_reason(code, w)
    problem = Problem(NOT_COMPUTABLE_FIELDS.get(code, ""), "", "")
    where = _at_field(problem, form, w) if form is not None else ProblemView("", "")
    return ProblemView(
        _("No date can be computed: %(reason)s.", reason=reason),
        computable_remedy(code),
        where.field,
        where.anchor,
    )


def _at_field(problem: Problem, form: TermsForm | None, w: Wording) -> ProblemView:
    said = problem_text(problem, w)
    found = form.field_of(problem) if form is not None and problem.where else None
    return ProblemView(
        said.message,
        form_remedy(problem) or said.remedy,
        _title(problem, form) if found is not None and form is not None else "",
        anchor_of(found) if found is not None else "",
    )


def _title(problem: Problem, form: TermsForm) -> str:
    """The name of the group that a problem's field stands in, as the form shows it."""
    found = form.field_of(problem)
    where = problem.where.removeprefix("terms.").split(".")[0].split("[")[0]
    outer = form._fields.get(where)
    # A part of a period is named by the period: "Number" alone says nothing.
    if outer is not None and outer.type == "FieldList" and where != "notice_rules":
        return str(outer.label.text)
    if where == "notice_rules":
        return str(_("Rules for some changes"))
    return str(found.label.text) if found is not None else ""


def all_lines(terms: NoticeTerms, w: Wording) -> tuple[TermsLine, ...]:
    """Where the terms come from, and what they say."""
    origin = terms.provenance
    read = w.series(
        [x for x in (origin.read_by, w.date(origin.read_on) if origin.read_on else "") if x]
    )
    named = (
        (_("Clause"), origin.clause),
        (_("Quotation"), origin.quotation),
        (_("Read by"), read),
        (_("Signed version"), origin.signed_version),
    )
    return (*(TermsLine(name, text) for name, text in named if text), *terms_lines(terms, w))


def open_fields(terms: NoticeTerms) -> Iterable[OpenField]:
    """What the clause leaves open, with legal's reading or the assumption made meanwhile."""
    named = (
        (
            "runs_from",
            _("From when the period runs"),
            RUNS_FROM,
            _("Receipt is assumed: the latest of what the clause can mean."),
        ),
        (
            "objection_timely_when",
            _("What makes an objection in time"),
            TIMELY,
            _("Both dates are kept; where they differ, a person decides."),
        ),
    )
    for name, title, words, assumed in named:
        if getattr(terms, name) == "unspecified":
            reading = terms.readings.get(name)
            value = str(words[type(getattr(terms, name))(reading.value)]) if reading else ""
            yield OpenField(name, title, assumed, reading, value)


def compare(before: NoticeTerms | None, after: NoticeTerms, w: Wording) -> tuple[ComparedLine, ...]:
    """Two versions line by line, in the order of the new one; what only the old says stands where
    it stood."""
    old = {line.name: line.text for line in all_lines(before, w)} if before is not None else {}
    new = {line.name: line.text for line in all_lines(after, w)}
    names = list(new)
    for place, name in enumerate(old):
        if name not in new:
            names.insert(min(place, len(names)), name)
    return tuple(ComparedLine(name, old.get(name, ""), new.get(name, "")) for name in names)


def incomplete_reasons(agreement: IncompleteAgreement, w: Wording) -> list[ProblemView]:
    """Why an agreement stands in the list: nothing on record, no dates, contradictions."""
    if agreement.terms is None:
        missing = _("The notice terms are not on record.")
        return [ProblemView(missing, _("Enter them from the signed agreement."))]
    found = []
    if agreement.not_computable:
        found.append(_uncomputable(agreement.not_computable, None, w))
    further = _further(agreement.terms, agreement.not_computable)
    return [*found, *(_at_field(x, None, w) for x in further)]


def _further(terms: NoticeTerms, code: str | None) -> Iterable[Problem]:
    """The contradictions, without what keeps dates from being computed: that is said already."""
    is_said = code == "unit"
    return [x for x in contradictions(terms) if not (is_said and x.where.endswith(".unit"))]
