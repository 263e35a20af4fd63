"""Releases on the desk: the list, drafting, and the page of one release."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.draft_release import discard_release, draft_release, edit_release
from subnotify.operations.preview_release import preview_release
from subnotify.operations.release_checks import StaleRevision
from subnotify.rules.errors import RuleError
from subnotify.rules.gates import gate_of_change
from subnotify.rules.words import (
    CaseState,
    ChangeState,
    MessageState,
    NoticeState,
    Outcome,
    ReleaseState,
    Role,
)
from subnotify.storage.change_names import name_registry
from subnotify.storage.corrections import find_corrected, find_correction
from subnotify.storage.database import db
from subnotify.storage.gates import tally_cases
from subnotify.storage.registry import DraftChange, list_draft_changes, standing_entries
from subnotify.storage.releases import (
    Release,
    get_release,
    list_released_changes,
)
from subnotify.storage.releases import list_releases as stored_releases
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.country_views import blocked_views
from subnotify.web.language import page_wording
from subnotify.web.plan_views import draft_sending_view, plan_view
from subnotify.web.release_forms import DraftForm, StepForm, form_data
from subnotify.web.release_pages import page_argument, settings
from subnotify.web.release_path import hour_view, path_views
from subnotify.web.release_sending import foresee_sending_of, sending_words
from subnotify.web.release_views import (
    change_views,
    counted,
    problem_views,
)

releases = Blueprint("releases", __name__, url_prefix="/desk/releases")


@releases.route("")
@needs_role(*Role)
def list_releases() -> str:
    lines = stored_releases(db.session())
    waiting = [draft for draft in _releasable() if draft.release_id is None]
    return render_template(
        "desk/releases/list.html", lines=lines, waiting=waiting, may_draft=_may(Role.PUBLISHER)
    )


@releases.route("/new", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def draft_page() -> str | Response:
    """Draft a release from changes that are in none yet."""
    drafts = [draft for draft in _releasable() if draft.release_id is None]
    form = _offered(DraftForm(data={"changes": [draft.id for draft in drafts]}), drafts)
    if form.validate_on_submit():
        try:
            release_id = draft_release(
                db.session(),
                change_ids=_in_order(form, drafts),
                texts=form.texts(),
                by=current_operator(),
                at=request_at(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            flash(_("The draft is saved. Check below what it would announce."))
            return redirect(url_for(".show_release", release_id=release_id), code=303)
    return render_template(
        "desk/releases/form.html", form=form, release=None, present=None, path=[]
    )


@releases.route("/<int:release_id>/edit", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def edit_page(release_id: int) -> str | Response:
    """Edit a draft. What was typed is kept when somebody else was faster."""
    release = get_release(db.session(), release_id)
    if release.state not in (ReleaseState.DRAFT, ReleaseState.APPROVED):
        return redirect(url_for(".show_release", release_id=release_id), code=303)
    drafts = [x for x in _releasable() if x.release_id in (None, release_id)]
    included = [draft.id for draft in drafts if draft.release_id == release_id]
    form = _offered(DraftForm(data=form_data(release, included)), drafts)
    present: Release | None = None
    if form.validate_on_submit():
        try:
            edit_release(
                db.session(),
                release_id,
                revision=form.revision.data or 0,
                change_ids=_in_order(form, drafts),
                texts=form.texts(),
                at=request_at(),
            )
        except StaleRevision as error:
            form.refuse(error)
            present = get_release(db.session(), release_id)
            # Saving again replaces the present version knowingly.
            form.revision.data = present.revision
            form.revision.raw_data = None
        except RuleError as error:
            form.refuse(error)
        else:
            flash(_("The draft is saved. Check below what it would announce."))
            return redirect(url_for(".show_release", release_id=release_id), code=303)
    return render_template(
        "desk/releases/form.html",
        form=form,
        release=release,
        present=present,
        path=path_views(release),
    )


@releases.route("/<int:release_id>")
@needs_role(*Role)
def show_release(release_id: int) -> str | Response:
    """A draft as it would be released, or a released one with its progress."""
    release = get_release(db.session(), release_id)
    if release.state is ReleaseState.RELEASED:
        return _released_page(release)
    if release.state is ReleaseState.WITHDRAWN:
        flash(_("This draft was discarded."), "info")
        return redirect(url_for(".list_releases"), code=303)
    w = page_wording()
    hour = release.hour
    planned = hour is not None and hour.is_waiting and hour.at > request_at()
    preview = preview_release(
        db.session(),
        release_id,
        zone=settings().zone,
        # What is planned is shown as it would be then.
        at=hour.at if hour is not None and planned else request_at(),
        plan_page=page_argument("held"),
    )
    confirmed = set(release.confirmed_late)
    late_then = sum(x.agreement.id not in confirmed for x in preview.late) if planned else 0
    return render_template(
        "desk/releases/draft.html",
        preview=preview,
        corrected=find_corrected(db.session(), preview.release.corrects_id),
        release=preview.release,
        problems=problem_views(preview, w),
        changes=change_views(db.session(), preview, w),
        path=path_views(preview.release),
        hour=hour_view(hour, w),
        late_then=late_then,
        zone=settings().zone.key,
        plan=plan_view(preview.plan, w),
        sending=draft_sending_view(preview.plan),
        blocked=blocked_views(preview.blocked, w),
        may_edit=_may(Role.PUBLISHER),
        may_approve=_may(Role.LEGAL),
        step=StepForm(revision=preview.release.revision),
    )


@releases.route("/<int:release_id>/discard", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def discard_page(release_id: int) -> str | Response:
    """Give a draft up, after a confirmation."""
    release = get_release(db.session(), release_id)
    if request.method == "GET" and release.state not in (ReleaseState.DRAFT, ReleaseState.APPROVED):
        return redirect(url_for(".show_release", release_id=release_id), code=303)
    form = StepForm(revision=release.revision)
    if form.validate_on_submit():
        discard_release(
            db.session(),
            release_id,
            revision=form.revision.data or 0,
            by=current_operator(),
            at=request_at(),
        )
        flash(
            _("The draft is discarded. Its changes can go into another release.")
            if release.corrects_id is None
            else _("The draft is discarded. What it was to correct stays announced.")
        )
        return redirect(url_for(".list_releases"), code=303)
    return render_template(
        "desk/releases/discard.html", form=form, release=release, path=path_views(release)
    )


def _released_page(release: Release) -> str:
    sending = foresee_sending_of(release.id)
    notices, mails = sending.progress.notices, sending.progress.notice_mails.states
    changes = list_released_changes(db.session(), release.id)
    zone, at = settings().zone, request_at()
    today = at.astimezone(zone).date()
    tallies = tally_cases(db.session(), [change.id for change in changes], on=today, at=at)
    gates = {
        change.id: gate_of_change(tallies.get(change.id, ()), change.commencement_on, zone, at=at)
        for change in changes
    }
    return render_template(
        "desk/releases/released.html",
        release=release,
        corrected=find_corrected(db.session(), release.corrects_id),
        correction=find_correction(db.session(), release.id),
        may_correct=_may(Role.PUBLISHER)
        and any(change.state is ChangeState.RELEASED for change in changes),
        path=path_views(release),
        notices=[(x, notices[x]) for x in NoticeState if notices.get(x)],
        messages=[(x, mails[x]) for x in MessageState if mails.get(x)],
        sending=sending,
        sending_words=sending_words(sending),
        changes=[
            (
                change,
                gates[change.id],
                [(CaseState(x), n) for x, n in counted(change.cases, CaseState)],
                [(Outcome(x), n) for x, n in counted(change.outcomes, Outcome)],
            )
            for change in changes
        ],
        board_address=_address("board.show_board"),
        gate_addresses={x.id: _address("gates.show_gate", change_id=x.id) for x in changes},
        notice_count=sum(notices.values()),
        may_set=_may(Role.PUBLISHER),
        may_withdraw=_may(Role.LEGAL),
    )


def _address(endpoint: str, **values: Any) -> str:
    """The address of a page of another part; "" while the app does not have it."""
    known = endpoint in current_app.view_functions
    return url_for(endpoint, **values) if known else ""


def _may(role: Role) -> bool:
    return role in current_operator().roles


def _releasable() -> list[DraftChange]:
    return list(list_draft_changes(db.session()))


def _offered(form: DraftForm, drafts: list[DraftChange]) -> DraftForm:
    session = db.session()
    before = {x.key: x.facts for x in standing_entries(session).values()}
    form.offer(drafts, name_registry(session), before, page_wording())
    return form


def _in_order(form: DraftForm, drafts: list[DraftChange]) -> list[int]:
    chosen = set(form.changes.data or ())
    return [draft.id for draft in drafts if draft.id in chosen]
