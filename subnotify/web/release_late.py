"""Legal confirms ahead who is told late if an approved release goes out at a later hour."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from subnotify.operations.confirm_late import confirm_late
from subnotify.operations.plan_release import AgreementPlan
from subnotify.operations.preview_release import preview_release
from subnotify.rules.errors import RuleError
from subnotify.rules.release_hours import MOST_DAYS_AHEAD
from subnotify.rules.words import ReleaseState, Role
from subnotify.storage.database import db
from subnotify.storage.releases import Release, get_release
from subnotify.web.access import current_operator, needs_password_again, needs_role, request_at
from subnotify.web.language import page_wording
from subnotify.web.plan_views import held_back_view
from subnotify.web.release_forms import LateForm
from subnotify.web.release_pages import settings
from subnotify.web.release_path import path_views

release_late = Blueprint("release_late", __name__, url_prefix="/desk/releases")


@release_late.route("/<int:release_id>/late", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
@needs_password_again
def late_page(release_id: int) -> str | Response:
    """Choose an hour, see who would be told late then, and confirm the list."""
    release = get_release(db.session(), release_id)
    if release.state is not ReleaseState.APPROVED:
        return _back(release_id)
    form = LateForm() if request.method == "POST" else _asked(release)
    hour = form.hour(settings().zone, at=request_at()) if form.has_hour() else None
    late = _late(release_id, hour) if hour else ()
    db.session.rollback()
    if hour and form.validate_on_submit() and _confirmed(form, release_id, hour):
        return _back(release_id)
    form.late.data = ",".join(str(line.agreement.id) for line in late)
    form.late.raw_data = None
    known = set(release.confirmed_late)
    w = page_wording()
    return render_template(
        "desk/releases/late.html",
        form=form,
        release=release,
        path=path_views(release),
        hour=hour,
        zone=settings().zone.key,
        most_days=MOST_DAYS_AHEAD,
        new=[held_back_view(line, w) for line in late if line.agreement.id not in known],
        confirmed=sum(line.agreement.id in known for line in late),
    )


def _asked(release: Release) -> LateForm:
    """The hour of the address, else the one that is planned."""
    form = LateForm(formdata=request.args)
    form.revision.data = release.revision
    planned = release.hour
    if not form.has_hour() and planned is not None and planned.at > request_at():
        local = planned.at.astimezone(settings().zone)
        form.hour_on.data, form.hour_time.data = local.date(), local.time()
    return form


def _late(release_id: int, hour: datetime) -> tuple[AgreementPlan, ...]:
    return preview_release(db.session(), release_id, zone=settings().zone, at=hour).late


def _confirmed(form: LateForm, release_id: int, hour: datetime) -> bool:
    """Whether it worked; else the form says why not."""
    try:
        new = confirm_late(
            db.session(),
            release_id,
            revision=form.revision.data or 0,
            hour=hour,
            confirmed_late=form.late_ids(),
            by=current_operator(),
            zone=settings().zone,
            at=request_at(),
        )
    except RuleError as error:
        form.refuse(error)
        form.confirmed.data = False
        return False
    flash(
        ngettext(
            "Confirmed: %(num)s further agreement may be told late. A publisher can plan the hour.",
            "Confirmed: %(num)s further agreements may be told late. A publisher can plan the"
            " hour.",
            new,
        )
        if new
        else _("These agreements were confirmed already.")
    )
    return True


def _back(release_id: int) -> Response:
    return redirect(url_for("releases.show_release", release_id=release_id), code=303)
