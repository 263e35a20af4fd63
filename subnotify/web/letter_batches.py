"""A batch of letters on the desk: its letters, its two files, handing over and cancelling."""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.delivery.print_provider import MANIFEST_NAME, PDF_NAME
from subnotify.operations.cancel_batch import cancel_batch
from subnotify.operations.give_batches import open_batch
from subnotify.operations.hand_over_batch import (
    NotHandedOverYet,
    NotPreparedYet,
    hand_over_batch,
)
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import BatchState, Role
from subnotify.storage.database import db
from subnotify.storage.letter_batch_pages import BatchLine, get_batch_line, list_former_letters
from subnotify.storage.letter_batches import count_stopped, get_batch
from subnotify.storage.letter_pages import list_letters_of_batch
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.documents import download
from subnotify.web.forms_base import PageForm
from subnotify.web.letter_forms import HandOverForm
from subnotify.web.letter_views import provider, settings, state_of
from subnotify.web.letters import MAY_LOOK, give

letter_batches = Blueprint(
    "letter_batches", __name__, url_prefix="/desk/letters/batches/<int:batch_id>"
)


@letter_batches.route("")
@needs_role(*MAY_LOOK)
def show_batch(batch_id: int) -> str:
    batch = get_batch_line(db.session(), batch_id)
    return render_template(
        "desk/letters/batch.html",
        batch=batch,
        pdf_name=PDF_NAME,
        manifest_name=MANIFEST_NAME,
        lines=list_letters_of_batch(db.session(), batch_id),
        former=list_former_letters(db.session(), batch_id),
        state_of=state_of,
        stopped=_count_stopped(batch),
        folder=settings().letters_folder,
        is_legal=Role.LEGAL in current_operator().roles,
    )


@letter_batches.route("/letters.pdf")
@needs_role(Role.LEGAL)
def download_pdf(batch_id: int) -> Response:
    """All letters in one file, as the printer gets them."""
    row = get_batch(db.session(), batch_id)
    octets = open_batch(row, (settings().seal_key,))
    return download(octets, f"{row.key}.pdf", "application/pdf")


@letter_batches.route("/manifest.csv")
@needs_role(Role.LEGAL)
def download_manifest(batch_id: int) -> Response:
    row = get_batch(db.session(), batch_id)
    return download(row.manifest.encode(), f"{row.key}.csv", "text/csv")


@letter_batches.route("/give", methods=["POST"])
@needs_role(Role.LEGAL)
def give_again(batch_id: int) -> Response:
    """Put the batch into the folder now, which did not take it before."""
    batch = get_batch_line(db.session(), batch_id)
    db.session().rollback()
    if batch.place is None and batch.state is BatchState.PREPARED:
        give([batch_id])
        if get_batch_line(db.session(), batch_id).place is not None:
            flash(_("The batch is in the folder."))
    return redirect(url_for(".show_batch", batch_id=batch_id), code=303)


@letter_batches.route("/hand-over", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def hand_over_page(batch_id: int) -> str | Response:
    """Say since which day the printer or the post office has it, after a confirmation."""
    batch, form = get_batch_line(db.session(), batch_id), HandOverForm()
    stopped = _count_stopped(batch)
    if not form.is_submitted():
        form.on.data = _today()

    def hand_over() -> None:
        done = hand_over_batch(
            db.session(),
            batch_id,
            on=form.on.data,
            is_beyond_reach=form.is_beyond_reach.data,
            legal_email=settings().legal_email,
            vendor_time_zone=settings().vendor_time_zone,
            at=request_at(),
            **who(),
        )
        said = _("The batch is handed over.") if done else _("The batch was handed over before.")
        flash(said, "success" if done else "info")

    return _step("desk/letters/hand_over.html", batch, form, hand_over, stopped=stopped)


@letter_batches.route("/cancel", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def cancel_page(batch_id: int) -> str | Response:
    """Cancel the batch, after a confirmation: its letters wait for another one."""

    def cancel() -> None:
        done = cancel_batch(db.session(), batch_id, provider=provider(), at=request_at(), **who())
        said = _("The batch is cancelled.") if done else _("The batch was cancelled before.")
        flash(said, "success" if done else "info")

    batch = get_batch_line(db.session(), batch_id)
    return _step("desk/letters/cancel_batch.html", batch, PageForm(), cancel)


def _count_stopped(batch: BatchLine) -> int:
    is_waiting = batch.state is BatchState.PREPARED
    return count_stopped(db.session(), batch.id, on=_today()) if is_waiting else 0


def _today() -> date:
    return request_at().astimezone(settings().zone).date()


def _step(
    template: str, batch: BatchLine, form: PageForm, act: Callable[[], None], *, stopped: int = 0
) -> str | Response:
    """Show what follows; once it is confirmed, act and go back to the batch."""
    done = redirect(url_for(".show_batch", batch_id=batch.id), code=303)
    if form.is_submitted():
        db.session().rollback()
        if form.validate():
            try:
                act()
            except NotFound:
                raise
            except (NotHandedOverYet, NotPreparedYet) as error:
                form.refuse(error, form["on"])
            except RuleError as error:
                form.refuse(error)
            else:
                return done
    elif batch.state is not BatchState.PREPARED:
        return done
    return render_template(template, form=form, batch=batch, stopped=stopped)
