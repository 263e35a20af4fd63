"""Sending as a whole: the queue of all mail, what stopped it, what is set aside, and the watch."""

from math import ceil

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from subnotify.operations.foresee_sending import foresee_release
from subnotify.operations.lift_clock_freeze import lift_clock_freeze
from subnotify.operations.pause_sending import pause_queue, resume_queue
from subnotify.operations.retry_parked import retry_parked
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import MessageState, Role
from subnotify.storage.database import db
from subnotify.storage.mail_queue import QueuePause, find_pause, find_sender_refusal
from subnotify.storage.outbox import count_by_state
from subnotify.storage.queue_state import (
    count_late,
    count_parked,
    find_watch,
    list_parked,
    list_readings,
)
from subnotify.storage.sending_progress import list_on_their_way, measure_speed
from subnotify.storage.service_watch import list_open_freezes
from subnotify.storage.unopened_mails import count_unopened
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.errors import rule_sentences
from subnotify.web.incoming_views import as_plain
from subnotify.web.language import page_wording
from subnotify.web.reading_views import mailbox_place
from subnotify.web.release_sending import PauseForm, sending_words
from subnotify.web.sending_views import sending_limits, settings
from subnotify.wording.troubles import trouble_sentence, trouble_words, unopened_sentence

sending = Blueprint("sending", __name__, url_prefix="/desk/sending")

PAGE_SIZE = 50
RELEASES_SHOWN = 5
LAST_PAGE = 100_000
# Who may stop or start all mail.
GUARDIANS = (Role.ADMIN, Role.LEGAL)


@sending.route("")
@needs_role(*Role)
def show_queue() -> str:
    """The state of everything that sends, reads and watches."""
    session, at = db.session(), request_at()
    counts = count_by_state(session)
    parked_count, page = count_parked(session), _page()
    pages = max(1, ceil(parked_count / PAGE_SIZE))
    moving, w = list_on_their_way(session), page_wording()
    return render_template(
        "desk/sending/queue.html",
        counts=[(state, counts[state]) for state in MessageState if counts.get(state)],
        pause=find_pause(session),
        refusal=find_sender_refusal(session),
        late=count_late(session, at=at),
        speed=measure_speed(session, at=at),
        limits=sending_limits(),
        releases=_releases(moving[:RELEASES_SHOWN]),
        more_releases=max(0, len(moving) - RELEASES_SHOWN),
        parked=list_parked(session, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE),
        parked_count=parked_count,
        page=page,
        page_count=pages,
        earlier=url_for(".show_queue", page=page - 1) if page > 1 else None,
        later=url_for(".show_queue", page=page + 1) if page < pages else None,
        readings=[(mailbox_place(x.place, w), x) for x in list_readings(session)],
        say=_clause,
        sentence=_sentence,
        unopened=_unopened(session),
        watch=find_watch(session),
        freezes=list_open_freezes(session),
        at=at,
        may_stop=_may_stop(),
    )


@sending.route("/pause", methods=["GET", "POST"])
@needs_role(*GUARDIANS)
def pause_page() -> str | Response:
    """Stop all mail, after a confirmation with a reason."""
    form = PauseForm()
    if form.validate_on_submit():
        try:
            stopped = pause_queue(
                db.session(), reason=form.reason.data or "", at=request_at(), **who()
            )
        except RuleError as error:
            form.refuse(error, form.reason)
        else:
            flash(_("All mail is paused.") if stopped else _("All mail is paused already."))
            return redirect(url_for(".show_queue"), code=303)
    return _step_page(form, is_pause=True)


@sending.route("/resume", methods=["GET", "POST"])
@needs_role(*GUARDIANS)
def resume_page() -> str | Response:
    """Let all mail go on, after a confirmation with a reason."""
    form = PauseForm()
    if form.validate_on_submit():
        try:
            ended = resume_queue(
                db.session(), reason=form.reason.data or "", at=request_at(), **who()
            )
        except RuleError as error:
            form.refuse(error, form.reason)
        else:
            flash(_("Mail is sent again.") if ended else _("Mail is sent already."))
            return redirect(url_for(".show_queue"), code=303)
    return _step_page(form, is_pause=False)


@sending.route("/clock", methods=["GET", "POST"])
@needs_role(*GUARDIANS)
def clock_page() -> str | Response:
    """Say that the clock is right again, after a confirmation with a reason."""
    session = db.session()
    form, freezes = PauseForm(), list_open_freezes(session)
    session.rollback()
    if not freezes and not form.is_submitted():
        return redirect(url_for(".show_queue"), code=303)
    if form.validate_on_submit():
        try:
            lift_clock_freeze(session, note=form.reason.data or "", at=request_at(), **who())
        except RuleError as error:
            form.refuse(error, form.reason)
        else:
            flash(_("Windows close and changes commence again."))
            return redirect(url_for(".show_queue"), code=303)
    return render_template(
        "desk/sending/clock.html",
        form=form,
        freezes=freezes,
        sentence=_sentence,
    )


@sending.route("/parked/<int:message_id>/retry", methods=["POST"])
@needs_role(*GUARDIANS)
def retry(message_id: int) -> Response:
    """Queue a mail again that was set aside."""
    try:
        queued = retry_parked(db.session(), message_id, at=request_at(), **who())
    except NotFound:
        raise
    except RuleError as error:
        flash(rule_sentences(error)[0], "error")
    else:
        if queued:
            flash(_("The mail is queued again."))
        else:
            flash(_("This mail is not set aside any more."), "info")
    return redirect(url_for(".show_queue", _anchor="parked"), code=303)


def _unopened(session: Session) -> str:
    """The line about mails whose seal does not open; empty where there is none."""
    found = count_unopened(session)
    return unopened_sentence(found.count, page_wording()) if found.count else ""


def _clause(stored: str) -> str:
    return as_plain(trouble_words(stored, page_wording()))


def _sentence(stored: str) -> str:
    return as_plain(trouble_sentence(stored, page_wording()))


def _step_page(form: PauseForm, *, is_pause: bool) -> str | Response:
    pause: QueuePause | None = find_pause(db.session())
    if not form.is_submitted() and (pause is None) is not is_pause and not _takes_over(pause):
        return redirect(url_for(".show_queue"), code=303)
    return render_template(
        "desk/sending/queue_step.html", form=form, is_pause=is_pause, pause=pause
    )


def _takes_over(pause: QueuePause | None) -> bool:
    """A pause for refused credentials ends by itself: a person may put their own in its place."""
    return pause is not None and pause.next_sign_in_at is not None


def _releases(ids: list[int]) -> list[dict[str, object]]:
    found = []
    for release_id in ids:
        one = foresee_release(
            db.session(), release_id, sending_limits(), zone=settings().zone, at=request_at()
        )
        found.append({"sending": one, **sending_words(one)})
    return found


def _may_stop() -> bool:
    return bool(current_operator().roles & set(GUARDIANS))


def _page() -> int:
    text = request.args.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    return min(max(1, number), LAST_PAGE)
