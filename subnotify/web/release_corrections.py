"""Correct a released release: a draft that names it, and takes its place once it is released."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.correct_release import draft_correction
from subnotify.rules.errors import RuleError
from subnotify.rules.words import ChangeState, ReleaseState, Role
from subnotify.storage.database import db
from subnotify.storage.releases import get_release, list_released_changes
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.release_forms import StepForm

release_corrections = Blueprint("release_corrections", __name__, url_prefix="/desk/releases")


@release_corrections.route("/<int:release_id>/correct", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def correct_page(release_id: int) -> str | Response:
    """Say what a correction does, and draft it."""
    release = get_release(db.session(), release_id)
    if release.state is not ReleaseState.RELEASED:
        return redirect(url_for("releases.show_release", release_id=release_id), code=303)
    announced = [
        change.name
        for change in list_released_changes(db.session(), release_id)
        if change.state is ChangeState.RELEASED
    ]
    form = StepForm(revision=release.revision)
    db.session.rollback()
    if form.validate_on_submit():
        try:
            drafted = draft_correction(
                db.session(), release_id, by=current_operator(), at=request_at()
            )
        except RuleError as error:
            form.refuse(error)
        else:
            flash(_("The correction is drafted with what was announced. Change what was wrong."))
            return redirect(url_for("releases.show_release", release_id=drafted), code=303)
    return render_template(
        "desk/releases/correct.html", form=form, release=release, announced=announced
    )
