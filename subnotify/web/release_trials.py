"""Try a draft release before anybody is told: a mail to oneself, and all mails without sending."""

import logging

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.delivery.headers import Mailbox, UnsafeHeader
from subnotify.delivery.one_off import OneOffMailFailed
from subnotify.operations.dry_run_release import dry_run_release
from subnotify.operations.preview_mail import preview_mail
from subnotify.rules.words import ReleaseState, Role
from subnotify.storage.database import db
from subnotify.storage.releases import get_release
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.account import MAILER
from subnotify.web.language import page_wording
from subnotify.web.release_pages import settings
from subnotify.web.release_path import path_views
from subnotify.web.release_views import unservable_sentences
from subnotify.wording.language import wording_for
from subnotify.wording.mail_trial import as_trial

release_trials = Blueprint("release_trials", __name__, url_prefix="/desk/releases")

# What a page renders while its reader waits; the command renders them all.
MOST_AGREEMENTS = 2_000
UNSERVABLE_SHOWN = 200

logger = logging.getLogger(__name__)


@release_trials.route("/<int:release_id>/dry-run")
@needs_role(*Role)
def show_dry_run(release_id: int) -> str | Response:
    """Every mail of the draft rendered, none sent, and what came of it."""
    release = get_release(db.session(), release_id)
    if release.state not in (ReleaseState.DRAFT, ReleaseState.APPROVED):
        return redirect(url_for("releases.show_release", release_id=release_id), code=303)
    run = dry_run_release(
        db.session(),
        release_id,
        public_url=settings().public_url,
        sender=Mailbox(settings().mail_from),
        zone=settings().zone,
        at=request_at(),
        at_most=MOST_AGREEMENTS,
    )
    w = page_wording()
    return render_template(
        "desk/releases/dry_run.html",
        release=release,
        path=path_views(release),
        run=run,
        unservable=[(x, unservable_sentences(x, w)) for x in run.unservable[:UNSERVABLE_SHOWN]],
        most=MOST_AGREEMENTS,
    )


@release_trials.route("/<int:release_id>/preview/<int:agreement_id>/trial", methods=["POST"])
@needs_role(Role.PUBLISHER, Role.LEGAL)
def mail_trial(release_id: int, agreement_id: int) -> Response:
    """Mail what one agreement would get to the operator who asks, and to nobody else."""
    operator = current_operator()
    shown = preview_mail(
        db.session(),
        release_id,
        agreement_id,
        public_url=settings().public_url,
        zone=settings().zone,
        at=request_at(),
    )
    language = shown.agreement.language
    mail = as_trial(shown.mail, wording_for(language))
    # What was read is enough: no lock is held while the mail server is asked.
    db.session.rollback()
    try:
        current_app.extensions[MAILER].send(
            operator.email, mail.subject, mail.text, mail.html, at=request_at(), language=language
        )
        flash(_("The trial mail is on its way to %(address)s.", address=operator.email))
    except (OneOffMailFailed, UnsafeHeader, OSError):
        logger.exception("a trial mail of release %s was not sent", release_id)
        flash(
            _("The mail server did not take the trial mail. Try again in a few minutes."), "error"
        )
    page = url_for("release_mail.show_mail", release_id=release_id, agreement_id=agreement_id)
    return redirect(page, code=303)
