"""Steps on a release: approve, release, see a mail; and on an announced change: let it commence by
itself, withdraw it."""

import base64
import hashlib
import re
from html import unescape

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from subnotify.operations.approve_release import approve_release, take_back_approval
from subnotify.operations.preview_mail import MailPreview, preview_mail
from subnotify.operations.preview_release import preview_release
from subnotify.operations.release_changes import release_changes
from subnotify.operations.release_checks import AlreadyReleased
from subnotify.operations.set_commencement import set_commencement
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import ReleaseState, Role
from subnotify.storage.database import db
from subnotify.storage.releases import ReleasedChange, get_release, list_released_changes
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.errors import rule_sentences
from subnotify.web.headers import CONTENT_SECURITY_POLICY
from subnotify.web.language import page_wording
from subnotify.web.plan_views import held_back_view
from subnotify.web.release_forms import ApproveForm, ReleaseForm, StepForm, WithdrawForm
from subnotify.web.release_pages import settings
from subnotify.web.release_path import path_views
from subnotify.web.release_views import (
    expected,
    problem_views,
    unservable_sentences,
)

release_steps = Blueprint("release_steps", __name__, url_prefix="/desk/releases")

_STYLE_ELEMENT = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_STYLE_ATTRIBUTE = re.compile(r'\sstyle="([^"]*)"')


@release_steps.route("/<int:release_id>/approve", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
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
    db.session.rollback()
    if form.validate_on_submit() and _released(form, release_id):
        return _back(release_id)
    return render_template(
        "desk/releases/release.html",
        form=form,
        preview=preview,
        release=preview.release,
        path=path_views(preview.release),
        problems=problem_views(preview, page_wording()),
        is_alone=alone,
        may_alone=settings().one_person_release,
    )


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


@release_steps.route("/<int:release_id>/preview/<int:agreement_id>")
@needs_role(*Role)
def show_mail(release_id: int, agreement_id: int) -> Response:
    """The mail as one client would get it: its words, and how it looks."""
    shown = _mail(release_id, agreement_id)
    response = make_response(
        render_template(
            "desk/releases/mail.html",
            shown=shown,
            release_id=release_id,
            window=expected(shown.window, page_wording()),
        )
    )
    # The page frames the mail, and nothing else.
    response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return response


@release_steps.route("/<int:release_id>/preview/<int:agreement_id>/mail.html")
@needs_role(*Role)
def show_mail_body(release_id: int, agreement_id: int) -> Response:
    """The mail's HTML alone, for the frame of its preview: sandboxed, with its own styles only."""
    html = _mail(release_id, agreement_id).mail.html
    response = make_response(html)
    response.headers["Content-Security-Policy"] = mail_policy(html)
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def mail_policy(html: str) -> str:
    """A policy under which exactly the styles that stand in this mail apply, and nothing runs."""
    styles = [*_STYLE_ELEMENT.findall(html), *map(unescape, _STYLE_ATTRIBUTE.findall(html))]
    hashes = sorted({_hashed(style) for style in styles})
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'unsafe-hashes' {' '.join(hashes)}",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
            "sandbox",
        )
    )


def _hashed(style: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def _mail(release_id: int, agreement_id: int) -> MailPreview:
    return preview_mail(
        db.session(),
        release_id,
        agreement_id,
        public_url=settings().public_url,
        zone=settings().zone,
        at=request_at(),
    )


@release_steps.route("/<int:release_id>/changes/<int:change_id>/commencement", methods=["POST"])
@needs_role(Role.PUBLISHER)
def set_commencement_step(release_id: int, change_id: int) -> Response:
    """Let an announced change commence by itself, or wait for a person."""
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
    )


def _announced(release_id: int, change_id: int) -> ReleasedChange:
    for change in list_released_changes(db.session(), release_id):
        if change.id == change_id:
            return change
    raise NotFound


def _back(release_id: int) -> Response:
    return redirect(url_for("releases.show_release", release_id=release_id), code=303)
