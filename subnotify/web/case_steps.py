"""One step of legal's about a case: a page with a form, whose refusals keep what was typed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import Field

from subnotify.operations.preview_settlement import ClosingPreview
from subnotify.operations.record_data_return import (
    ChoiceMissing,
    DoneBeforeEnd,
    DoneInFuture,
    ProofMissing,
)
from subnotify.rules.errors import NotFound, ProblemsFound, RuleError
from subnotify.rules.terminations import (
    DeclaredInFuture,
    EffectDayMissing,
    EffectDayTooEarly,
    EffectDayTooLate,
    ServicesMissing,
    VendorMayNotTerminate,
    VendorTooEarly,
)
from subnotify.storage.case_head import CaseHead
from subnotify.web.access import current_operator
from subnotify.web.case_views import title_of
from subnotify.web.forms_base import PageForm
from subnotify.web.language import page_wording


def who() -> dict[str, str]:
    """`by` and `actor` of an operation, for the signed-in operator."""
    operator = current_operator()
    return {"by": operator.name, "actor": f"operator:{operator.id}"}


@dataclass(frozen=True)
class Shown:
    """A field of a step's page."""

    field: Field
    hint: str = ""
    width: str = ""
    rows: int | None = None
    label: str = ""


@dataclass(frozen=True)
class Step:
    """A step's page: what is said before the form, its button. listed: facts under a title of
    their own; steps: how a day in them was counted."""

    title: str
    button: str
    done: str
    said: Sequence[str] = ()
    listed_title: str = ""
    listed: Sequence[str] = ()
    steps: Sequence[str] = ()
    warning: str = ""
    is_grave: bool = False
    # The mail that the step sends, as it would leave, under a title of its own.
    mail: ClosingPreview | None = None
    mail_title: str = ""


@dataclass(frozen=True)
class LookFirst:
    """Nothing was done yet: the page that shows what the step would do."""

    page: str


def take_step(
    head: CaseHead,
    form: PageForm,
    step: Step,
    fields: Sequence[Shown],
    act: Callable[[], object],
    *,
    with_file: bool = False,
) -> str | Response:
    """Show the form; once it is valid, act, and go back to the case (or on to what is looked at
    first). What a rule refuses is shown at its field, and what was typed is kept."""
    if form.validate_on_submit():
        try:
            next_page = act()
        except NotFound:
            raise
        except ProblemsFound as error:
            form.refuse_at_fields(error)
        except RuleError as error:
            form.refuse(error, _field_of(form, error))
        else:
            if isinstance(next_page, LookFirst):
                return next_page.page
            flash(step.done)
            return redirect(url_for("cases.show_case", case_id=head.case.id), code=303)
    return render_template(
        "desk/cases/step.html",
        head=head,
        title=title_of(head, page_wording()),
        form=form,
        step=step,
        fields=fields,
        with_file=with_file,
    )


_FIELDS: Mapping[type[RuleError], str] = {
    ServicesMissing: "services",
    EffectDayMissing: "takes_effect_on",
    EffectDayTooEarly: "takes_effect_on",
    EffectDayTooLate: "takes_effect_on",
    DeclaredInFuture: "declared_on",
    VendorMayNotTerminate: "terminated_by",
    VendorTooEarly: "terminated_by",
    ChoiceMissing: "done_on",
    DoneInFuture: "done_on",
    DoneBeforeEnd: "done_on",
    ProofMissing: "scan",
}


def _field_of(form: PageForm, error: RuleError) -> Field | None:
    """The field that an error is about, so that the summary leads there."""
    name = _FIELDS.get(type(error), "")
    return next((field for field in form if field.name == name), None)
