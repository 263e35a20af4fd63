"""Steps for many cases of the board: a page that says for how many, then a report of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import HiddenField, TextAreaField

from subnotify.operations.act_on_cases import (
    MOST_AT_ONCE,
    ManyDone,
    assign_cases,
    clear_hold_of_cases,
    read_replies_of_cases,
)
from subnotify.operations.written_reasons import LONGEST_REASON
from subnotify.rules.errors import RuleError
from subnotify.rules.words import Role
from subnotify.storage.board import load_cases
from subnotify.storage.board_filter import conditions
from subnotify.storage.board_lanes import list_lanes
from subnotify.storage.database import db
from subnotify.web.access import needs_role, request_at
from subnotify.web.board_address import View, read_view
from subnotify.web.board_step_words import BoardStep, StepKind, button_text, done_text, read_step
from subnotify.web.case_steps import who
from subnotify.web.errors import rule_sentences
from subnotify.web.forms_base import PageForm, at_most
from subnotify.web.language import page_wording

board_steps = Blueprint("board_steps", __name__, url_prefix="/desk/board/step")

NAMED = 50


class StepForm(PageForm):
    """cases: ids, as they were when the step was chosen. note: why a hold is cleared."""

    step = HiddenField()
    cases = HiddenField()
    note = TextAreaField(_l("Reason"), validators=[at_most(LONGEST_REASON)])


@dataclass(frozen=True)
class LeftOutLine:
    """A case that the step did not fit."""

    case_id: int
    client: str
    why: str


@board_steps.route("", methods=["GET"])
@needs_role(Role.LEGAL)
def confirm_step() -> str | Response:
    """What is about to be done, and for how many cases."""
    view, step = read_view(request.args), read_step(request.args.get("step", ""))
    if step is None:
        return redirect(view.address(), code=303)
    case_ids, is_cut = _asked(view)
    form = StepForm(formdata=None, step=step.value, cases=",".join(map(str, case_ids)))
    return _confirm_page(form, step, case_ids, view, is_cut=is_cut)


@board_steps.route("", methods=["POST"])
@needs_role(Role.LEGAL)
def take_step() -> str | Response | tuple[str, int]:
    view, form = read_view(request.args), StepForm()
    step, case_ids = read_step(form.step.data or ""), _ids((form.cases.data or "").split(","))
    if step is None:
        return redirect(view.address(), code=303)
    if form.validate_on_submit():
        try:
            report = _act(step, case_ids, form.note.data or "")
        except RuleError as error:
            form.refuse(error, form.note if step.kind is StepKind.CLEAR else None)
        else:
            return _report_page(report, view)
    return _confirm_page(form, step, case_ids, view), 422


def _act(step: BoardStep, case_ids: Sequence[int], note: str) -> ManyDone:
    session, at = db.session(), request_at()
    match step:
        case BoardStep(StepKind.ASSIGN, owner=owner):
            return assign_cases(session, case_ids, owner or None, at=at, **who())
        case BoardStep(StepKind.CLEAR, reason=reason) if reason is not None:
            return clear_hold_of_cases(session, case_ids, reason, note=note, at=at, **who())
        case _:
            return read_replies_of_cases(session, case_ids, at=at, **who())


def _asked(view: View) -> tuple[Sequence[int], bool]:
    """The ticked cases; or all that match, the most urgent first, and whether there are more."""
    if "all" not in request.args or view.lane is None:
        return _ids(request.args.getlist("case"))[:MOST_AT_ONCE], False
    session = db.session()
    wanted = conditions(session, view.shown)
    lanes = list_lanes(session, [view.lane], wanted, at=request_at(), size=MOST_AT_ONCE)
    return lanes[view.lane].case_ids, lanes[view.lane].next is not None


def _ids(texts: Sequence[str]) -> list[int]:
    numbers = [int(x) for x in texts if x.isascii() and x.isdigit() and len(x) < 10]
    return list(dict.fromkeys(numbers))


def _confirm_page(
    form: StepForm, step: BoardStep, case_ids: Sequence[int], view: View, *, is_cut: bool = False
) -> str:
    shown = load_cases(db.session(), case_ids[:NAMED], at=request_at())
    return render_template(
        "desk/board/step.html",
        form=form,
        view=view,
        title=button_text(step, len(case_ids), page_wording()),
        needs_reason=step.kind is StepKind.CLEAR,
        cases=[shown[x] for x in case_ids[:NAMED] if x in shown],
        count=len(case_ids),
        more=max(0, len(case_ids) - NAMED),
        most=MOST_AT_ONCE if is_cut else None,
        back=view.address(),
        action=view.address("board_steps.take_step"),
    )


def _report_page(report: ManyDone, view: View) -> str:
    left_out = [one.case_id for one in report.left_out]
    names = load_cases(db.session(), left_out, at=request_at())
    return render_template(
        "desk/board/step_done.html",
        said=done_text(len(report.done), page_wording()),
        left_out=[
            LeftOutLine(
                one.case_id,
                names[one.case_id].client if one.case_id in names else _("Unknown case"),
                " ".join(rule_sentences(one.why)),
            )
            for one in report.left_out
        ],
        back=view.address(),
    )
