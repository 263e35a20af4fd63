"""How a release is being sent: its bar, its end, and the steps that hold it back and let it go."""

from collections.abc import Callable

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from subnotify.operations.foresee_sending import ReleaseSending, foresee_release
from subnotify.operations.pause_sending import pause_release_sending, resume_release_sending
from subnotify.operations.written_reasons import LONGEST_REASON
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import MessageState, ReleaseState, Role
from subnotify.storage.database import db
from subnotify.storage.releases import Release, get_release
from subnotify.storage.undelivered import count_unserved, list_unserved
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.forms_base import PageForm, at_most, filled, strip
from subnotify.web.language import page_wording
from subnotify.web.release_path import path_views
from subnotify.web.sending_views import bar_parts, sending_limits, settings
from subnotify.wording.sending import (
    end_sentence,
    progress_sentence,
    rate_words,
    verdict_sentences,
)

release_sending = Blueprint("release_sending", __name__, url_prefix="/desk/releases")

RENEWED_EVERY_SECONDS = 10
UNSERVED_SHOWN = 20


class PauseForm(PageForm):
    reason = TextAreaField(
        _l("Reason"),
        filters=[strip],
        validators=[
            filled(_l("Write the reason: it stays on record with the step")),
            at_most(LONGEST_REASON),
        ],
    )


@release_sending.route("/<int:release_id>/sending")
@needs_role(*Role)
def show_sending(release_id: int) -> Response:
    """The progress of a release; it renews itself while something is on its way."""
    _released(release_id)
    sending = foresee_sending_of(release_id)
    renews = sending.is_moving and request.args.get("renew") != "no"
    response = make_response(
        render_template(
            "desk/sending/release.html",
            sending=sending,
            release=sending.release,
            path=path_views(get_release(db.session(), release_id)),
            renews=renews,
            renewed_every=RENEWED_EVERY_SECONDS,
            may_pause=may_pause(),
            all_states=tuple(MessageState),
            unserved=list_unserved(db.session(), release_id, limit=UNSERVED_SHOWN),
            unserved_count=count_unserved(db.session(), release_id),
            **sending_words(sending),
        )
    )
    if renews:
        response.headers["Refresh"] = str(RENEWED_EVERY_SECONDS)
    return response


@release_sending.route("/<int:release_id>/sending/pause", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER, Role.LEGAL)
def pause_page(release_id: int) -> str | Response:
    """Hold back what has not left, after a confirmation with a reason."""
    release, sending = _released(release_id), foresee_sending_of(release_id)
    has_point = sending.progress.is_on_its_way and not sending.paused_at
    return _step(release, pause_release_sending, is_pause=True, has_point=has_point)


@release_sending.route("/<int:release_id>/sending/resume", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER, Role.LEGAL)
def resume_page(release_id: int) -> str | Response:
    """Send on what is held back, after a confirmation with a reason."""
    release = _released(release_id)
    has_point = foresee_sending_of(release_id).paused_at is not None
    return _step(release, resume_release_sending, is_pause=False, has_point=has_point)


def foresee_sending_of(release_id: int) -> ReleaseSending:
    return foresee_release(
        db.session(), release_id, sending_limits(), zone=settings().zone, at=request_at()
    )


def may_pause() -> bool:
    return bool(current_operator().roles & {Role.PUBLISHER, Role.LEGAL})


def sending_words(sending: ReleaseSending) -> dict[str, object]:
    """The bar and the sentences of a release, for its own page and its summary."""
    w, at = page_wording(), request_at()
    mails = sending.progress.notice_mails
    return {
        "bar": bar_parts(mails),
        "said": progress_sentence(mails.handed_over, mails.total, w, cancelled=mails.cancelled),
        "rate": rate_words(sending.rate, w) if sending.is_moving else "",
        "end": end_sentence(sending.estimate, w, is_held_back=sending.is_held_back, at=at)
        if mails.left
        else "",
        "verdicts": verdict_sentences(sending.verdict, w, is_held_back=sending.is_held_back),
    }


def _step(
    release: Release, step: Callable[..., int | None], *, is_pause: bool, has_point: bool
) -> str | Response:
    """The page of one of the two steps; without a point it leads back, unless it was sent."""
    if request.method == "GET" and not has_point:
        return _back(release.id)
    db.session.rollback()
    form = PauseForm()
    if form.validate_on_submit():
        try:
            moved = step(
                db.session(),
                release.id,
                reason=form.reason.data or "",
                by=current_operator(),
                at=request_at(),
            )
        except NotFound:
            raise
        except RuleError as error:
            form.refuse(error, form.reason)
        else:
            flash(_paused(moved) if is_pause else _resumed(moved))
            return _back(release.id)
    return _step_page(release, form, is_pause=is_pause)


def _step_page(release: Release, form: PauseForm, *, is_pause: bool) -> str:
    return render_template(
        "desk/sending/release_step.html",
        release=release,
        form=form,
        is_pause=is_pause,
        sending=foresee_sending_of(release.id),
    )


def _released(release_id: int) -> Release:
    """Raises NotFound for a draft: nothing of it is sent."""
    release = get_release(db.session(), release_id)
    if release.state is not ReleaseState.RELEASED:
        raise NotFound
    return release


def _paused(held: int | None) -> str:
    """None: somebody was faster."""
    if held is None:
        return str(_("Sending is paused already."))
    return str(
        ngettext(
            "Sending is paused: %(num)s mail is held back.",
            "Sending is paused: %(num)s mails are held back.",
            held,
        )
    )


def _resumed(freed: int | None) -> str:
    """None: somebody was faster."""
    if freed is None:
        return str(_("Sending goes on already."))
    return str(
        ngettext(
            "Sending goes on with %(num)s mail that was held back.",
            "Sending goes on with %(num)s mails that were held back.",
            freed,
        )
    )


def _back(release_id: int) -> Response:
    return redirect(url_for(".show_sending", release_id=release_id), code=303)
