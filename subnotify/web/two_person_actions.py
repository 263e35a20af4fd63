"""Steps for two persons: closing after a broken silence, correcting a recorded outcome."""

from flask import Blueprint
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.close_without_objection import (
    confirm_no_objection,
    propose_no_objection,
)
from subnotify.operations.correct_record import confirm_correction, propose_correction
from subnotify.operations.two_person_decisions import (
    CLOSE_NO_OBJECTION,
    CORRECT_RECORD,
    find_open_proposal,
)
from subnotify.rules.words import Outcome, Role
from subnotify.storage.case_head import load_case_head
from subnotify.storage.database import db
from subnotify.web.access import needs_password_again, needs_role, request_at
from subnotify.web.case_forms import ConfirmForm, ReasonForm
from subnotify.web.case_steps import Shown, Step, take_step, who
from subnotify.web.language import page_wording
from subnotify.web.settlement_preview import closing_preview

two_person_actions = Blueprint(
    "two_person_actions", __name__, url_prefix="/desk/cases/<int:case_id>"
)


@two_person_actions.route("/no-objection", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def propose_no_objection_page(case_id: int) -> str | Response:
    form = ReasonForm()
    step = Step(
        title=_("Propose to close without objection"),
        button=_("Propose"),
        done=_("Proposed. Another person must confirm it."),
        said=[
            _(
                "The client said something that broke its silence, and nothing more came. Under a"
                " general authorisation two persons may close such a case as “no objection”. The"
                " second one confirms on this case's page."
            )
        ],
    )
    return take_step(
        load_case_head(db.session(), case_id, at=request_at()),
        form,
        step,
        [Shown(form.note, rows=4)],
        lambda: propose_no_objection(
            db.session(), case_id, note=form.note.data or "", at=request_at(), **who()
        ),
    )


@two_person_actions.route("/correct", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def propose_correction_page(case_id: int) -> str | Response:
    form = ReasonForm()
    step = Step(
        title=_("Propose to correct the outcome"),
        button=_("Propose"),
        done=_("Proposed. Another person must confirm it."),
        said=[
            _(
                "Once another person confirms, the case is on hold again and counts as unsettled."
                " The outcome recorded before stays on record."
            )
        ],
    )
    return take_step(
        load_case_head(db.session(), case_id, at=request_at()),
        form,
        step,
        [Shown(form.note, rows=4)],
        lambda: propose_correction(
            db.session(), case_id, note=form.note.data or "", at=request_at(), **who()
        ),
    )


@two_person_actions.route("/no-objection/confirm", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
@needs_password_again
def confirm_no_objection_page(case_id: int) -> str | Response:
    step = Step(
        title=_("Confirm: close without objection"),
        button=_("Close without objection"),
        done=_("The case is closed without objection."),
        said=_proposal(case_id, CLOSE_NO_OBJECTION),
        is_grave=True,
        mail=closing_preview(case_id, Outcome.NO_OBJECTION),
        mail_title=_("This mail leaves at once"),
    )
    return take_step(
        load_case_head(db.session(), case_id, at=request_at()),
        ConfirmForm(),
        step,
        [],
        lambda: confirm_no_objection(db.session(), case_id, at=request_at(), **who()),
    )


@two_person_actions.route("/correct/confirm", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
@needs_password_again
def confirm_correction_page(case_id: int) -> str | Response:
    step = Step(
        title=_("Confirm: correct the outcome"),
        button=_("Take the outcome back"),
        done=_("The outcome is taken back; the case is on hold."),
        said=_proposal(case_id, CORRECT_RECORD),
        is_grave=True,
    )
    return take_step(
        load_case_head(db.session(), case_id, at=request_at()),
        ConfirmForm(),
        step,
        [],
        lambda: confirm_correction(db.session(), case_id, at=request_at(), **who()),
    )


def _proposal(case_id: int, kind: str) -> list[str]:
    """Who proposed it and why."""
    proposal = find_open_proposal(db.session(), case_id, kind)
    if proposal is None:
        return [_("Nothing is proposed (any more).")]
    return [
        _(
            "Proposed by %(name)s, %(instant)s.",
            name=proposal.proposed_by,
            instant=page_wording().date_time(proposal.proposed_at),
        ),
        _("Reason: %(reason)s", reason=proposal.note),
    ]
