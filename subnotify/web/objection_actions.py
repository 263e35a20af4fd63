"""Legal's steps about an objection: acknowledge it, propose how to meet it, take that back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from subnotify.operations.answer_proposal import ProposalAnswer, record_proposal_answer
from subnotify.operations.preview_step import preview_step
from subnotify.operations.render_messages import MailContext
from subnotify.operations.take_objection_step import (
    LegalStep,
    take_objection_step,
    undo_objection_step,
)
from subnotify.operations.written_reasons import LONGEST_REASON
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.objection_steps import open_proposal, possible_steps_of_legal
from subnotify.rules.words import Measure, Outcome, ResponseChannel, Role, StepKind
from subnotify.storage.case_head import CaseHead, load_case_head
from subnotify.storage.database import db
from subnotify.storage.objection_steps import list_steps
from subnotify.web.access import needs_password_again, needs_role, request_at
from subnotify.web.case_forms import ConfirmForm, ReasonForm
from subnotify.web.case_steps import Shown, Step, take_step, who
from subnotify.web.case_views import title_of
from subnotify.web.forms_base import PageForm, at_most, filled, strip
from subnotify.web.language import page_wording
from subnotify.web.notice.opening import settings
from subnotify.web.settlement_preview import closing_preview
from subnotify.wording.labels import label
from subnotify.wording.mail_steps import measure_sentence

objection_actions = Blueprint(
    "objection_actions", __name__, url_prefix="/desk/cases/<int:case_id>/objection"
)

# What the second of the two forms sends: the mail was looked at.
_SEEN = "seen"
_BY_PAPER = (
    ResponseChannel.REPLY,
    ResponseChannel.POST,
    ResponseChannel.REGISTERED_POST,
    ResponseChannel.OTHER,
)


class WriteForm(PageForm):
    """What legal writes to the client."""

    text = TextAreaField(
        _l("Your words to the client"),
        filters=[strip],
        validators=[
            filled(_l("Write what the client is told: it is mailed")),
            at_most(LONGEST_REASON),
        ],
    )


class ProposeForm(WriteForm):
    measure = RadioField(
        _l("How would the objection be met?"),
        validators=[InputRequired(_l("Choose how the objection would be met"))],
    )

    def offer(self, name: str) -> "ProposeForm":
        w = page_wording()
        self.measure.choices = [(x.value, measure_sentence(x, name, w)) for x in Measure]
        return self


class ClientAnswerForm(ReasonForm):
    kind = RadioField(
        _l("What did the client answer?"),
        validators=[InputRequired(_l("Choose what the client answered"))],
    )
    channel = RadioField(
        _l("How did the answer come?"),
        validators=[InputRequired(_l("Choose how the answer came"))],
    )


def _head(case_id: int) -> CaseHead:
    return load_case_head(db.session(), case_id, at=request_at())


@objection_actions.route("/acknowledge", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def acknowledge_page(case_id: int) -> str | Response:
    head, form = _head(case_id), WriteForm()
    step = Step(
        title=_("Acknowledge the objection"),
        button=_("See the mail first"),
        done=_("The objection is acknowledged; the mail leaves in ten minutes."),
        said=[_("The receipt was sent at once. Here a person says who looks into it.")],
    )
    return _write(head, form, StepKind.ACKNOWLEDGED, step)


@objection_actions.route("/propose", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def propose_page(case_id: int) -> str | Response:
    head = _head(case_id)
    form = ProposeForm().offer((head.before or head.announced).name)
    step = Step(
        title=_("Propose how to meet the objection"),
        button=_("See the mail first"),
        done=_("The proposal is recorded; the mail leaves in ten minutes."),
        said=[
            _(
                "The client accepts by its link and a code, or refuses. Accepted, the objection is"
                " settled as accommodated. Refused or not answered, it stands."
            )
        ],
    )
    return _write(head, form, StepKind.PROPOSED, step)


def _write(head: CaseHead, form: WriteForm, kind: StepKind, step: Step) -> str | Response:
    """First the form, then the mail as it would leave, then the step."""
    if request.method == "GET":
        steps = list_steps(db.session(), [head.case.id])[head.case.id]
        if kind not in possible_steps_of_legal(head.facts, steps, at=request_at()):
            return redirect(url_for("cases.show_case", case_id=head.case.id), code=303)
    elif form.validate():
        measure = Measure(form.measure.data) if isinstance(form, ProposeForm) else None
        written = LegalStep(kind, form.text.data or "", measure)
        if _SEEN not in request.form:
            return _preview(head, form, step, written)
        try:
            take_objection_step(db.session(), head.case.id, written, at=request_at(), **who())
        except NotFound:
            raise
        except RuleError as error:
            form.refuse(error)
        else:
            flash(step.done)
            address = url_for("cases.show_case", case_id=head.case.id, _anchor="way")
            return redirect(address, code=303)
    fields = [Shown(form.measure)] if isinstance(form, ProposeForm) else []
    hint = _("The mail is in the language of the notice; write in it too.")
    return render_template(
        "desk/cases/step.html",
        head=head,
        title=title_of(head, page_wording()),
        form=form,
        step=step,
        fields=[*fields, Shown(form.text, hint=hint, rows=8)],
    )


def _preview(head: CaseHead, form: WriteForm, step: Step, written: LegalStep) -> str:
    known = settings()
    context = MailContext(known.public_url, known.vendor_time_zone)
    return render_template(
        "desk/cases/step_preview.html",
        head=head,
        title=title_of(head, page_wording()),
        form=form,
        step=step,
        written=written,
        seen=_SEEN,
        shown=preview_step(db.session(), head.case.id, written, context=context, at=request_at()),
    )


@objection_actions.route("/steps/<int:step_id>/undo", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def undo_page(case_id: int, step_id: int) -> str | Response:
    head = _head(case_id)
    found = [x for x in list_steps(db.session(), [case_id])[case_id] if x.id == step_id]
    if not found:
        raise NotFound
    step = Step(
        title=_("Undo: %(step)s", step=label(page_wording(), found[0].kind)),
        button=_("Undo this step"),
        done=_("The step is undone: its mail does not leave."),
        said=[
            _("The client has seen nothing of it so far, and will not."),
            found[0].text,
        ],
    )
    return take_step(
        head,
        ConfirmForm(),
        step,
        [],
        lambda: undo_objection_step(db.session(), case_id, step_id, at=request_at(), **who()),
    )


@objection_actions.route("/proposals/<int:step_id>/answer", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
@needs_password_again
def record_answer_page(case_id: int, step_id: int) -> str | Response:
    head = _head(case_id)
    proposal = open_proposal(
        head.facts, list_steps(db.session(), [case_id])[case_id], at=request_at()
    )
    if proposal is None or proposal.id != step_id:
        return redirect(url_for("cases.show_case", case_id=case_id), code=303)
    w, form = page_wording(), ClientAnswerForm()
    answers = (StepKind.ACCEPTED, StepKind.REFUSED)
    form.kind.choices = [(x.value, label(w, x).capitalize()) for x in answers]
    form.channel.choices = [(x.value, label(w, x).capitalize()) for x in _BY_PAPER]
    step = Step(
        title=_("Record the client's answer"),
        button=_("Record the answer"),
        done=_("The client's answer is recorded."),
        said=[
            proposal.text,
            _("Accepted, the objection is settled as accommodated. Refused, it stands."),
        ],
        mail=closing_preview(case_id, Outcome.ACCOMMODATED),
        mail_title=_("If the client accepts, this mail leaves when the case closes"),
    )

    def act() -> None:
        record_proposal_answer(
            db.session(),
            case_id,
            step_id,
            ProposalAnswer(StepKind(form.kind.data), "", form.note.data or ""),
            ResponseChannel(form.channel.data),
            at=request_at(),
            **who(),
        )

    note = Shown(form.note, label=_("What it says, and where it is on file"), rows=4)
    return take_step(head, form, step, [Shown(form.kind), Shown(form.channel), note], act)
