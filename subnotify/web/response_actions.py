"""What legal does with a response or a message of a case: read, answer, judge, record a bounce."""

import secrets

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from subnotify.operations.decide_timeliness import decide_timeliness
from subnotify.operations.read_response import answer_response, mark_response_read
from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.write_to_client import write_to_client
from subnotify.rules.errors import NotFound
from subnotify.rules.words import Role, Timeliness
from subnotify.storage.case_head import CaseHead, load_case_head
from subnotify.storage.database import db
from subnotify.storage.tables import MessageRow, ResponseRow
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_forms import AnswerForm, BounceForm, MessageForm, TimelinessForm
from subnotify.web.case_steps import Shown, Step, take_step, who
from subnotify.web.language import page_wording
from subnotify.web.timeline_words import day_alone

response_actions = Blueprint("response_actions", __name__, url_prefix="/desk/cases/<int:case_id>")


def _owned(case_id: int, response_id: int) -> tuple[CaseHead, ResponseRow]:
    """The case, and a response about it or about its notice. Raises NotFound for any other."""
    head = load_case_head(db.session(), case_id, at=request_at())
    response = db.session.get(ResponseRow, response_id)
    if response is None or response.notice_id != head.notice.id:
        raise NotFound
    if response.case_id not in (None, case_id):
        raise NotFound
    return head, response


@response_actions.route("/responses/<int:response_id>/read", methods=["POST"])
@needs_role(Role.LEGAL)
def read(case_id: int, response_id: int) -> Response:
    _owned(case_id, response_id)
    mark_response_read(db.session(), response_id, at=request_at(), **who())
    flash(_("The response is marked as read."))
    return redirect(url_for("cases.show_case", case_id=case_id), code=303)


@response_actions.route("/responses/<int:response_id>/answer", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def answer_page(case_id: int, response_id: int) -> str | Response:
    head, response = _owned(case_id, response_id)
    form = AnswerForm()
    step = Step(
        title=_("Answer %(reference)s", reference=response.reference),
        button=_("Send the answer"),
        done=_("The answer is on its way, and the response counts as read."),
        said=[
            _("%(name)s wrote: %(text)s", name=response.by_name, text=response.text)
            if response.text
            else response.by_name,
            _("The answer is mailed to every contact of the agreement."),
        ],
    )
    return take_step(
        head,
        form,
        step,
        [Shown(form.answer, rows=8)],
        lambda: answer_response(
            db.session(), response_id, form.answer.data or "", at=request_at(), **who()
        ),
    )


@response_actions.route("/write", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def write_page(case_id: int) -> str | Response:
    """Legal writes to the client unasked, or once more."""
    head = load_case_head(db.session(), case_id, at=request_at())
    form = MessageForm()
    if not form.form_key.data:
        form.form_key.data = secrets.token_hex(16)
    step = Step(
        title=_("Write to the client"),
        button=_("Send the message"),
        done=_("The message is on its way, and stands in the thread."),
        said=[
            _(
                "The message is mailed to every contact of the agreement, and the client reads it"
                " on the page of the notice. It answers no question by itself, and no date changes."
            )
        ],
    )
    return take_step(
        head,
        form,
        step,
        [Shown(form.form_key), Shown(form.text, rows=8)],
        lambda: write_to_client(
            db.session(),
            case_id,
            form.text.data or "",
            form_key=form.form_key.data or "",
            at=request_at(),
            **who(),
        ),
    )


@response_actions.route("/responses/<int:response_id>/timeliness", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def timeliness_page(case_id: int, response_id: int) -> str | Response:
    head, response = _owned(case_id, response_id)
    form = TimelinessForm().offer()
    w = page_wording(head.zone)
    day = day_alone(response.channel, response.received_at, w)
    received = w.date_time(response.received_at) if day is None else w.date(day, "weekday")
    said = [_("Received: %(instant)s.", instant=received)]
    if response.dispatched_on is not None:
        said.append(_("Sent on %(day)s.", day=w.date(response.dispatched_on, "weekday")))
    if head.window is not None:
        said.append(_("The window ended on %(end)s.", end=w.until(head.window.closes_at)))
    step = Step(
        title=_("Does objection %(reference)s count?", reference=response.reference),
        button=_("Record the decision"),
        done=_("The decision is recorded."),
        said=said,
    )
    return take_step(
        head,
        form,
        step,
        [Shown(form.decided), Shown(form.note, rows=4)],
        lambda: decide_timeliness(
            db.session(),
            response_id,
            Timeliness(form.decided.data),
            note=form.note.data or "",
            at=request_at(),
            **who(),
        ),
    )


@response_actions.route("/messages/<int:message_id>/bounce", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def bounce_page(case_id: int, message_id: int) -> str | Response:
    head = load_case_head(db.session(), case_id, at=request_at())
    address = db.session.scalar(
        select(MessageRow.to_address).where(
            MessageRow.id == message_id, MessageRow.notice_id == head.notice.id
        )
    )
    if address is None:
        raise NotFound
    form = BounceForm()
    step = Step(
        title=_("Record a bounce from %(address)s", address=address),
        button=_("Record the bounce"),
        done=_("The bounce is recorded."),
        said=[
            _(
                "For a permanent failure that came back by mail. A notice that rested on this"
                " message is no longer served: its cases go on hold, even if silence had closed"
                " them, and the client gets a full new window when the notice is served anew."
            )
        ],
        is_grave=True,
    )
    return take_step(
        head,
        form,
        step,
        [Shown(form.note, rows=5)],
        lambda: record_bounce(
            db.session(), message_id, note=form.note.data or "", at=request_at(), **who()
        ),
    )
