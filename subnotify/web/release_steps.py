"""Steps on a release: approve, release now or at an hour; and on an announced change: let it
commence by itself, withdraw it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from subnotify.operations.approve_release import approve_release, take_back_approval
from subnotify.operations.preview_release import preview_release
from subnotify.operations.release_at_hour import call_off_release_hour, set_release_hour
from subnotify.operations.release_changes import release_changes
from subnotify.operations.release_checks import AlreadyReleased, LateNotConfirmed
from subnotify.operations.set_commencement import set_commencement
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.release_hours import MOST_DAYS_AHEAD
from subnotify.rules.words import ReleaseState, Role
from subnotify.storage.database import db
from subnotify.storage.releases import ReleasedChange, get_release, list_released_changes
from subnotify.web.access import (
    current_operator,
    needs_password_again,
    needs_password_to,
    needs_role,
    request_at,
)
from subnotify.web.errors import rule_sentences
from subnotify.web.language import page_wording
from subnotify.web.plan_views import held_back_view
from subnotify.web.release_forms import ApproveForm, ReleaseForm, StepForm, WithdrawForm
from subnotify.web.release_pages import settings
from subnotify.web.release_path import hour_view, path_views
from subnotify.web.release_views import (
    problem_views,
    unservable_sentences,
)
from subnotify.web.told_previews import withdrawal_of

release_steps = Blueprint("release_steps", __name__, url_prefix="/desk/releases")


@release_steps.route("/<int:release_id>/approve", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
@needs_password_again
def approve_page(release_id: int) -> str | Response:
    """Legal approves one revision, and the lists of agreements that cannot be served and of those
    that are told late."""
    release = get_release(db.session(), release_id)
    if release.state is not ReleaseState.DRAFT:
        return _back(release_id)
    form = ApproveForm()
    if not form.is_submitted():
        form.revision.data = release.revision
    preview = preview_release(db.session(), release_id, zone=settings().zone, at=request_at())
    if not preview.unservable:
        del form.confirmed
    if not preview.late:
        del form.confirmed_late
    db.session.rollback()
    if form.validate_on_submit() and _approved(form, release_id):
        flash(_("The release is approved. A publisher can release it now."))
        return _back(release_id)
    form.unservable.data = ",".join(str(x.id) for x in preview.unservable)
    form.unservable.raw_data = None
    form.late.data = ",".join(str(x.agreement.id) for x in preview.late)
    form.late.raw_data = None
    return render_template(
        "desk/releases/approve.html",
        form=form,
        preview=preview,
        release=preview.release,
        path=path_views(preview.release),
        problems=problem_views(preview, page_wording()),
        unservable=[(x, unservable_sentences(x, page_wording())) for x in preview.unservable],
        late=[held_back_view(x, page_wording()) for x in preview.late],
    )


def _approved(form: ApproveForm, release_id: int) -> bool:
    """Whether it worked; else the form says why not."""
    try:
        approve_release(
            db.session(),
            release_id,
            revision=form.revision.data or 0,
            confirmed_unservable=form.unservable_ids(),
            confirmed_late=form.late_ids(),
            by=current_operator(),
            zone=settings().zone,
            at=request_at(),
        )
    except RuleError as error:
        form.refuse(error)
        # The lists below may be others than those that were confirmed.
        for name in ("confirmed", "confirmed_late"):
            if name in form:
                form[name].data = False
        return False
    return True


@release_steps.route("/<int:release_id>/take-back", methods=["POST"])
@needs_role(Role.LEGAL, Role.PUBLISHER)
def take_back(release_id: int) -> Response:
    """Make an approved release a draft again."""
    form = StepForm()
    take_back_approval(
        db.session(),
        release_id,
        revision=form.revision.data or 0,
        by=current_operator(),
        at=request_at(),
    )
    flash(_("The approval is taken back: the release is a draft again."))
    return _back(release_id)


@release_steps.route("/<int:release_id>/release", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
@needs_password_again
def release_page(release_id: int) -> str | Response:
    """The last page before everything goes out."""
    release = get_release(db.session(), release_id)
    if release.state is not ReleaseState.APPROVED:
        return _back(release_id)
    alone = release.approved_by == current_operator().name
    form = ReleaseForm()
    if not form.is_submitted():
        form.revision.data = release.revision
    preview = preview_release(db.session(), release_id, zone=settings().zone, at=request_at())
    path = path_views(release)
    db.session.rollback()
    if form.validate_on_submit():
        step = _planned if form.when.data == "hour" else _released
        if step(form, release_id):
            return _back(release_id)
    return render_template(
        "desk/releases/release.html",
        form=form,
        preview=preview,
        release=preview.release,
        path=path,
        problems=problem_views(preview, page_wording()),
        hour=hour_view(release.hour, page_wording()),
        zone=settings().zone.key,
        most_days=MOST_DAYS_AHEAD,
        is_alone=alone,
        may_alone=settings().one_person_release,
    )


@release_steps.route("/<int:release_id>/call-off", methods=["POST"])
@needs_role(Role.LEGAL, Role.PUBLISHER)
def call_off_hour(release_id: int) -> Response:
    """Do not release at the planned hour: it waits for a person again."""
    form = StepForm()
    called_off = call_off_release_hour(
        db.session(),
        release_id,
        revision=form.revision.data or 0,
        by=current_operator(),
        at=request_at(),
    )
    if called_off:
        flash(_("The planned hour is called off: nothing is released by itself."))
    return _back(release_id)


def _planned(form: ReleaseForm, release_id: int) -> bool:
    """Whether the hour is recorded; else the form says why not."""
    zone = settings().zone
    hour = form.hour(zone, at=request_at())
    if hour is None:
        return False
    try:
        set_release_hour(
            db.session(),
            release_id,
            revision=form.revision.data or 0,
            hour=hour,
            by=current_operator(),
            zone=zone,
            at=request_at(),
            one_person_release=settings().one_person_release,
            one_person_reason=form.one_person_reason.data or "",
        )
    except ReasonMissing as error:
        form.refuse(error, form.one_person_reason)
        return False
    except RuleError as error:
        form.refuse(error)
        form.needs_legal = isinstance(error, LateNotConfirmed)
        return False
    said = page_wording().in_zone(zone).date_time(hour)
    flash(
        _(
            "Planned: it is released on %(instant)s, after everything is checked again.",
            instant=said,
        )
    )
    return True


def _released(form: ReleaseForm, release_id: int) -> bool:
    """Whether it is released now; else the form says why not."""
    try:
        made = release_changes(
            db.session(),
            release_id,
            revision=form.revision.data or 0,
            by=current_operator(),
            zone=settings().zone,
            at=request_at(),
            one_person_release=settings().one_person_release,
            one_person_reason=form.one_person_reason.data or "",
        )
    except AlreadyReleased as error:
        flash(rule_sentences(error)[0], "info")
        return True
    except ReasonMissing as error:
        form.refuse(error, form.one_person_reason)
        return False
    except RuleError as error:
        form.refuse(error)
        return False
    flash(
        ngettext(
            "Released as %(number)s: %(num)s notice is on its way.",
            "Released as %(number)s: %(num)s notices are on their way.",
            made.notices,
            number=made.number,
        )
    )
    return True


@release_steps.route("/<int:release_id>/changes/<int:change_id>/commencement", methods=["POST"])
@needs_role(Role.PUBLISHER)
@needs_password_to("by_itself")
def set_commencement_step(release_id: int, change_id: int) -> Response:
    """Let an announced change commence by itself, or (without the field) wait for a person."""
    by_itself = request.form.get("by_itself") == "yes"
    set_commencement(
        db.session(),
        release_id,
        change_id,
        by_itself=by_itself,
        by=current_operator(),
        at=request_at(),
    )
    flash(
        _("The change will commence by itself on its day, once every case is settled.")
        if by_itself
        else _("The change waits for a person to let it commence.")
    )
    return _back(release_id)


@release_steps.route("/<int:release_id>/changes/<int:change_id>/withdraw", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
@needs_password_again
def withdraw_page(release_id: int, change_id: int) -> str | Response:
    """Withdraw an announced change for everybody, after a confirmation with a reason."""
    change = _announced(release_id, change_id)
    form = WithdrawForm()
    db.session.rollback()
    if form.validate_on_submit():
        try:
            withdraw_change(
                db.session(),
                release_id,
                change_id,
                reason=form.reason.data or "",
                by=current_operator(),
                at=request_at(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            flash(_("The change is withdrawn. Clients that may have heard of it are told."))
            return _back(release_id)
    return render_template(
        "desk/releases/withdraw.html",
        form=form,
        change=change,
        release=get_release(db.session(), release_id),
        shown=withdrawal_of(change_id),
    )


def _announced(release_id: int, change_id: int) -> ReleasedChange:
    for change in list_released_changes(db.session(), release_id):
        if change.id == change_id:
            return change
    raise NotFound


def _back(release_id: int) -> Response:
    return redirect(url_for("releases.show_release", release_id=release_id), code=303)
