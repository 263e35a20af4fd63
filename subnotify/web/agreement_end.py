"""The end of an agreement: the day and the reason, what they will do, and the confirmation."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from subnotify.operations.end_agreement import end_agreement
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import Role
from subnotify.storage.agreement_file import (
    AgreementHead,
    count_open_cases,
    find_zone,
    get_agreement_head,
)
from subnotify.storage.database import db
from subnotify.web.access import needs_role, request_at
from subnotify.web.agreement_forms import EndAgreementForm
from subnotify.web.agreements import agreement_place
from subnotify.web.language import page_wording
from subnotify.web.registry_steps import acting, refuse

agreement_end = Blueprint(
    "agreement_end", __name__, url_prefix="/desk/agreements/<int:agreement_id>"
)


@agreement_end.route("/end", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def end_page(agreement_id: int) -> str | Response:
    """First the day and the reason, then what they do; only the confirmation records them."""
    head = get_agreement_head(db.session(), agreement_id)
    form = EndAgreementForm(data={"last_day": head.ended_on})
    is_checked = False
    if form.validate_on_submit():
        if form.last_day.data is None and head.ended_on is None:
            form.refuse_with(_("Give the last day of the agreement."), form.last_day)
        elif "confirmed" in request.form:
            answer = _end(head, form)
            if answer is not None:
                return answer
        else:
            is_checked = True
    return render_template(
        "desk/agreements/end.html",
        head=head,
        form=form,
        is_checked=is_checked,
        effects=_effects(head, form) if is_checked else (),
        place=agreement_place(head),
    )


def _end(head: AgreementHead, form: EndAgreementForm) -> Response | None:
    last_day = form.last_day.data
    try:
        kept = end_agreement(db.session(), head.id, last_day, note=form.note.data or "", **acting())
    except NotFound:
        raise
    except RuleError as error:
        refuse(form, error)
        return None
    if not kept.is_changed:
        flash(_("All of it was on record already: nothing was changed."), "info")
    elif last_day is None:
        flash(_("The agreement has no end any more."))
    else:
        flash(_("The end of the agreement is recorded."))
    return redirect(url_for("agreements.show_agreement", agreement_id=head.id), code=303)


def _effects(head: AgreementHead, form: EndAgreementForm) -> list[str]:
    """What the confirmation will do, in sentences."""
    last_day = form.last_day.data
    if last_day is None:
        return [
            _("The agreement runs on, without an end."),
            _("Changes that are released concern it as before."),
        ]
    open_cases = count_open_cases(db.session(), head.id)
    w = page_wording()
    over = last_day < _day_there(head.id)
    said = [_("The last day of the agreement is %(day)s.", day=w.date(last_day, "weekday"))]
    if open_cases and over:
        said.append(
            ngettext(
                "That day is over: %(num)s open case ends now as “agreement ended”, and the client"
                " is told. A termination that the client declared stays one.",
                "That day is over: %(num)s open cases end now as “agreement ended”, and the client"
                " is told. A termination that the client declared stays one.",
                open_cases,
            )
        )
    elif open_cases:
        said.append(
            ngettext(
                "%(num)s case is open. If it is still open when that day is over, it ends as"
                " “agreement ended”, and the client is told.",
                "%(num)s cases are open. Those still open when that day is over end as “agreement"
                " ended”, and the client is told.",
                open_cases,
            )
        )
    else:
        said.append(_("No case of it is open."))
    said.append(_("Changes released after that day are not notified under it."))
    return said


def _day_there(agreement_id: int) -> date:
    """The request's day in the zone that decides whether the last day is over."""
    zone = zone_of(find_zone(db.session(), agreement_id) or "UTC")
    return request_at().astimezone(zone).date()
