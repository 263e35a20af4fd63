"""The plan of a draft release as data, and a later commencement of what is announced."""

from datetime import date
from math import ceil
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from subnotify.operations.foresee_sending import DraftSending
from subnotify.operations.plan_release import ReleasePlan, plan_release
from subnotify.operations.postpone_commencement import NotPostponed, postpone_commencement
from subnotify.operations.preview_told import ToldPreview
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.planning import TermsPlan
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.releases import get_release, list_released_changes
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.formatting import instant_iso
from subnotify.web.plan_views import foreseen_draft
from subnotify.web.release_forms import PostponeForm
from subnotify.web.release_pages import page_argument, settings
from subnotify.web.told_previews import SEEN, postponement_of

planning = Blueprint("planning", __name__, url_prefix="/desk/releases")


@planning.route("/<int:release_id>/planning.json")
@needs_role(*Role)
def show_plan(release_id: int) -> Response:
    """The plan of a draft, if every notice were sent and received now; `?page=` of held_back."""
    plan = plan_release(
        db.session(),
        release_id,
        zone=settings().zone,
        at=request_at(),
        page=page_argument("page"),
    )
    response = jsonify({**_as_data(plan), "sending": _sending_as_data(foreseen_draft(plan))})
    response.headers["Cache-Control"] = "no-store"
    return response


@planning.route("/<int:release_id>/changes/<int:change_id>/postpone", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def postpone_page(release_id: int, change_id: int) -> str | Response:
    """Set a later day of commencement for an announced change."""
    found = (x for x in list_released_changes(db.session(), release_id) if x.id == change_id)
    change = next(found, None)
    if change is None:
        raise NotFound
    form = PostponeForm()
    db.session.rollback()
    told, seen = None, ""
    if form.validate_on_submit() and form.commencement_on.data is not None:
        day = form.commencement_on.data.isoformat()
        if request.form.get(SEEN) == day:
            if _postponed(form, release_id, change_id):
                return redirect(url_for("releases.show_release", release_id=release_id), code=303)
        else:
            told = _told_first(form, release_id, change_id)
            seen = "" if form.errors or form.form_errors else day
    return render_template(
        "desk/releases/postpone.html",
        form=form,
        change=change,
        release=get_release(db.session(), release_id),
        told=told,
        seen_name=SEEN,
        seen=seen,
    )


def _told_first(form: PostponeForm, release_id: int, change_id: int) -> ToldPreview | None:
    """The mail before it is sent; where it cannot be, the form says why not."""
    day = form.commencement_on.data
    try:
        return postponement_of(release_id, change_id, day) if day is not None else None
    except NotPostponed as error:
        form.refuse(error, form.commencement_on)
    except NotFound:
        raise
    except RuleError as error:
        form.refuse(error)
    return None


def _postponed(form: PostponeForm, release_id: int, change_id: int) -> bool:
    """Whether it is postponed now; else the form says why not."""
    day = form.commencement_on.data
    if day is None:
        return False
    try:
        grown = postpone_commencement(
            db.session(),
            release_id,
            change_id,
            day,
            reason=form.reason.data or "",
            by=current_operator(),
            at=request_at(),
        )
    except NotPostponed as error:
        form.refuse(error, form.commencement_on)
        return False
    except RuleError as error:
        form.refuse(error)
        return False
    said = _("The change is postponed, and its clients are told.")
    if grown:
        more = ngettext(
            "%(num)s window that hangs on commencement grew.",
            "%(num)s windows that hang on commencement grew.",
            grown,
        )
        said = f"{said} {more}"
    flash(said)
    return True


def _as_data(plan: ReleasePlan) -> dict[str, Any]:
    said = plan.summary
    return {
        "sent_on": plan.on.isoformat(),
        "commencement_on": _day(plan.commencement_on),
        "is_emergency": plan.is_emergency,
        "earliest_commencement_on": _day(said.earliest_on),
        "latest_sending_on": _day(said.latest_sending_on),
        "agreements": {
            "all": said.agreements,
            "not_computable": said.not_computable,
            "held_back": said.gated,
            "lead_time_missed": said.late,
            "too_late_for_a_window": said.too_late,
            "window_outlives_commencement": said.running,
            "window_in_august": said.in_august,
            "window_at_christmas": said.at_christmas,
        },
        "held_back": [
            {
                "agreement_id": line.agreement.id,
                "client": line.agreement.client_name,
                "reference": line.agreement.reference,
                "terms": line.agreement.digest,
                **_plan_as_data(line.plan),
            }
            for line in plan.held_back
        ],
        "page": plan.page_number,
        "pages": plan.pages,
        "terms": [
            {
                "terms": group.digest,
                "agreements": group.agreements,
                **(_plan_as_data(group.plan) if group.plan else {"is_computable": False}),
            }
            for group in plan.terms
        ],
    }


def _sending_as_data(sending: DraftSending) -> dict[str, Any]:
    """What sending takes if it begins now, and whom it may be too late for."""
    estimate, limits, verdict = sending.estimate, sending.limits, sending.verdict
    return {
        "mails": sending.mails,
        "mails_waiting_before": sending.others,
        "per_hour": limits.per_hour,
        "per_domain_per_minute": limits.per_domain_per_minute,
        "takes_seconds": ceil(estimate.takes.total_seconds()),
        "ends_at": instant_iso(estimate.ends_at),
        "decided_by": estimate.decided_by,
        "rate_is_measured": estimate.is_measured,
        "is_in_time": verdict.is_in_time,
        "first_needed_before": instant_iso(verdict.nearest.before_at) if verdict.nearest else None,
        "agreements_at_risk": verdict.at_risk_count,
        "at_risk": [
            {
                "agreement_id": one.id,
                "client": one.client_name,
                "reference": one.reference,
                "needed_before": instant_iso(one.before_at),
            }
            for one in sending.named
        ],
    }


def _plan_as_data(plan: TermsPlan) -> dict[str, Any]:
    window, by = plan.course.window, plan.course.held_back_by
    return {
        "is_computable": True,
        "latest_sending_on": _day(plan.latest_sending_on),
        "earliest_commencement_on": _day(plan.earliest_on),
        "usable_on": _day(plan.usable_on),
        "held_back_by": by.value if by else None,
        "days_too_early": plan.days_missed,
        "lead_time_due_on": _day(plan.lead_due_on),
        "is_lead_time_met": plan.is_lead_met,
        "window_last_day": _day(window.last_day) if window else None,
        "window_over_since": _day(plan.course.too_late_since),
        "window_days_after_commencement": plan.days_outlived,
        "is_used_while_window_runs": plan.runs_past_commencement,
        "window_in_august": plan.in_august,
        "window_at_christmas": plan.at_christmas,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
