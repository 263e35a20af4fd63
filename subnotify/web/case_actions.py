"""What legal does with a case: one page with one form for each step."""

from dataclasses import replace
from datetime import date

from flask import Blueprint, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.clear_hold import clear_hold
from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.gate_out_client import gate_out_client
from subnotify.operations.serve_anew import serve_anew
from subnotify.operations.settle_objection import settle_objection, undo_settlement
from subnotify.rules.case_holds import CLEARABLE
from subnotify.rules.errors import NotFound
from subnotify.rules.words import HoldReason, Role
from subnotify.storage.case_head import CaseHead, load_case_head
from subnotify.storage.database import db
from subnotify.web.access import needs_password_again, needs_password_to, needs_role, request_at
from subnotify.web.case_clocks import (
    expected_effect,
    expected_effect_sentences,
    expected_effect_steps,
)
from subnotify.web.case_forms import (
    ExtendForm,
    ReasonForm,
    SettleForm,
    given_day,
)
from subnotify.web.case_steps import LookFirst, Shown, Step, take_step, who
from subnotify.web.language import page_wording
from subnotify.web.registry_steps import acting
from subnotify.web.settlement_preview import SEEN, show_settlement
from subnotify.web.told_previews import SEEN as TOLD_SEEN
from subnotify.web.told_previews import show_extension
from subnotify.wording.holds import hold_text

case_actions = Blueprint("case_actions", __name__, url_prefix="/desk/cases/<int:case_id>")


def _head(case_id: int) -> CaseHead:
    return load_case_head(db.session(), case_id, at=request_at())


def _note(form: ReasonForm, hint: str = "") -> Shown:
    return Shown(form.note, hint=hint, rows=4)


@case_actions.route("/settle", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
@needs_password_to(SEEN)
def settle_page(case_id: int) -> str | Response:
    head = _head(case_id)
    declared_on, effect = expected_effect(head, at=request_at())
    form = SettleForm().offer(head, effect)
    local = page_wording(head.zone)
    step = Step(
        title=_("Settle the objection"),
        button=_("See the mail first"),
        done=_("The settlement is recorded."),
        said=[
            _(
                "The decision covers every objection recorded so far; a later one in time is not"
                " covered. For ten minutes you can undo it, and the client does not see it; after"
                " that a new settlement corrects it."
            ),
        ],
        listed_title=_("If it ends in a termination"),
        listed=expected_effect_sentences(head, effect, local),
        steps=expected_effect_steps(head, declared_on, effect, local),
    )

    def act() -> LookFirst | None:
        if SEEN not in request.form:
            return LookFirst(show_settlement(head, form, form.decision()))
        settle_objection(db.session(), case_id, form.decision(), at=request_at(), **who())
        return None

    return take_step(head, form, step, _settle_fields(form, declared_on), act)


def _settle_fields(form: SettleForm, declared_on: date) -> list[Shown]:
    """The fields of a termination are those that its terms leave to a person."""
    fields = [Shown(form.kind)]
    if "terminated_by" in form:
        fields.append(Shown(form.terminated_by, hint=_("Only for a termination.")))
    day = page_wording().date(declared_on)
    fields += [
        Shown(
            form.declared_on,
            hint=_("Only for a termination. Left empty, it is %(day)s.", day=day),
            width="width-10",
        ),
        Shown(form.services, hint=_("Only for a termination.")),
    ]
    if "takes_effect_on" in form:
        fields.append(
            Shown(
                form.takes_effect_on,
                hint=_("Only for a termination: the terms leave this day open."),
                width="width-10",
            )
        )
    return [*fields, _note(form)]


@case_actions.route("/undo-settlement", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
@needs_password_again
def undo_settlement_page(case_id: int) -> str | Response:
    form = ReasonForm()
    step = Step(
        title=_("Undo the settlement"),
        button=_("Undo the settlement"),
        done=_("The settlement is undone."),
        said=[_("The objection waits for legal again. What the client declared stands.")],
    )
    return take_step(
        _head(case_id),
        form,
        step,
        [_note(form)],
        lambda: undo_settlement(
            db.session(), case_id, note=form.note.data or "", at=request_at(), **who()
        ),
    )


@case_actions.route("/extend", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def extend_page(case_id: int) -> str | Response:
    head = _head(case_id)
    form = ExtendForm()
    w = page_wording(head.zone)
    said = [_("A window only grows. The grace time moves along.")]
    if head.window is not None:
        said.append(_("It ends now on: %(end)s.", end=w.until(head.window.closes_at)))
    step = Step(
        title=_("Extend the window"),
        button=_("See the mail first"),
        done=_("The window is extended, and its client is told."),
        said=said,
    )
    fields = [Shown(form.last_day, width="width-10"), _note(form)]

    def act() -> LookFirst | None:
        last_day = given_day(form.last_day)
        if request.form.get(TOLD_SEEN) != last_day.isoformat():
            shown = replace(step, button=_("Extend the window and send the mail"))
            return LookFirst(show_extension(head, form, shown, fields, last_day))
        extend_case_window(
            db.session(),
            case_id,
            last_day,
            note=form.note.data or "",
            at=request_at(),
            **who(),
        )
        return None

    return take_step(head, form, step, fields, act)


@case_actions.route("/clear/<reason>", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def clear_page(case_id: int, reason: str) -> str | Response:
    if reason not in CLEARABLE:
        raise NotFound
    hold = HoldReason(reason)
    text = hold_text(hold, page_wording())
    form = ReasonForm()
    step = Step(
        title=_("Clear the hold: %(name)s", name=text.name),
        button=_("Clear the hold"),
        done=_("The hold is cleared; the case is decided anew by its terms."),
        said=[text.explanation, text.remedy],
    )
    return take_step(
        _head(case_id),
        form,
        step,
        [_note(form)],
        lambda: clear_hold(
            db.session(), case_id, hold, note=form.note.data or "", at=request_at(), **who()
        ),
    )


@case_actions.route("/serve-anew", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def serve_anew_page(case_id: int) -> str | Response:
    head = _head(case_id)
    form = ReasonForm()
    step = Step(
        title=_("Serve the notice anew"),
        button=_("Serve the notice anew"),
        done=_("The notice is queued anew."),
        said=[
            _(
                "It goes to the contacts as the agreement names them now. A full window runs from"
                " the new receipt, for every change of the notice."
            )
        ],
    )
    return take_step(
        head,
        form,
        step,
        [_note(form, _("For example: the client gave a new address on the telephone."))],
        lambda: serve_anew(db.session(), head.notice.id, note=form.note.data or "", **acting()),
    )


@case_actions.route("/gate-out", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def gate_out_page(case_id: int) -> str | Response:
    form = ReasonForm()
    step = Step(
        title=_("Gate the client out"),
        button=_("Gate the client out"),
        done=_("The client is gated out: the change is not used for it until its case is settled."),
        said=[
            _(
                "The change may then commence for the other clients. Make sure that it is not used"
                " for this one: you vouch for it."
            )
        ],
    )
    return take_step(
        _head(case_id),
        form,
        step,
        [_note(form, _("How is it made sure that the subprocessor gets no data of this client?"))],
        lambda: gate_out_client(
            db.session(), case_id, note=form.note.data or "", at=request_at(), **who()
        ),
    )
