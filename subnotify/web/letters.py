"""Letters on the desk: what waits for the printer, the batches, and making new ones."""

import itertools
from math import ceil

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from subnotify.operations.give_batches import give_batches
from subnotify.operations.prepare_batches import prepare_batches
from subnotify.operations.press_letters import TypesetPress
from subnotify.rules.words import BatchState, LetterProduct, Role
from subnotify.storage.database import db
from subnotify.storage.job_runs import list_job_runs
from subnotify.storage.letter_batch_pages import (
    PAGE_SIZE,
    count_batches,
    list_batches,
)
from subnotify.storage.letter_pages import (
    count_printable,
    count_waiting,
    list_releases_waiting,
    list_stopped,
    list_waiting_letters,
)
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.errors import rule_sentences
from subnotify.web.letter_views import page_number, provider, settings, state_of

letters = Blueprint("letters", __name__, url_prefix="/desk/letters")

MAY_LOOK = (Role.LEGAL, Role.PUBLISHER)
# A page answers soon: what is left is for the job, or for another press of the button.
MOST_AT_ONCE = 5
STOPPED_SHOWN = 50
BATCHES_SHOWN = 10


@letters.route("")
@needs_role(*MAY_LOOK)
def show_letters() -> str:
    """What waits, the oldest first, of one release or of all; and the batches."""
    session, page = db.session(), page_number()
    releases = list_releases_waiting(session)
    asked = request.args.get("release", "")
    release_id = next((x for x, _number in releases if str(x) == asked), None)
    counts = count_waiting(session, release_id=release_id)
    waiting = sum(one.letters for one in counts)
    batch_counts = count_batches(session)
    pages = max(1, ceil(waiting / PAGE_SIZE))
    return render_template(
        "desk/letters/list.html",
        counts=counts,
        waiting=waiting,
        lines=list_waiting_letters(session, release_id=release_id, page=page),
        printable=count_printable(session),
        releases=releases,
        release_id=release_id,
        stopped=list_stopped(session, most=STOPPED_SHOWN),
        batches=list_batches(session, most=BATCHES_SHOWN),
        batch_counts=[(x, batch_counts[x]) for x in BatchState if batch_counts.get(x)],
        more_batches=sum(batch_counts.values()) > BATCHES_SHOWN,
        electronic=LetterProduct.REGISTERED_ELECTRONIC,
        state_of=state_of,
        folder=settings().letters_folder,
        failure=_last_failure(),
        is_legal=_is_legal(),
        page=page,
        page_count=pages,
        earlier=url_for(".show_letters", release=release_id, page=page - 1) if page > 1 else None,
        later=url_for(".show_letters", release=release_id, page=page + 1) if page < pages else None,
    )


@letters.route("/batches")
@needs_role(*MAY_LOOK)
def show_batches() -> str:
    """All batches: those that wait to be handed over first, then the newest."""
    page, counts = page_number(), count_batches(db.session())
    pages = max(1, ceil(sum(counts.values()) / PAGE_SIZE))
    offset = (page - 1) * PAGE_SIZE
    return render_template(
        "desk/letters/batches.html",
        batches=list_batches(db.session(), most=PAGE_SIZE, offset=offset),
        folder=settings().letters_folder,
        page=page,
        page_count=pages,
        earlier=url_for(".show_batches", page=page - 1) if page > 1 else None,
        later=url_for(".show_batches", page=page + 1) if page < pages else None,
    )


@letters.route("/prepare", methods=["POST"])
@needs_role(Role.LEGAL)
def prepare() -> Response:
    """Write what waits, make batches of it, and give them to the printer's folder."""
    session, at, turns = db.session(), request_at(), itertools.count()
    prepared = prepare_batches(
        session,
        TypesetPress(settings().public_url, settings().vendor_time_zone, at),
        seal_key=settings().seal_key,
        by=current_operator().name,
        actor=who()["actor"],
        stop=lambda: next(turns) >= MOST_AT_ONCE,
        zone=settings().zone,
        at=at,
    )
    if prepared.batches:
        count = len(prepared.batches)
        flash(ngettext("%(num)s batch is prepared.", "%(num)s batches are prepared.", count))
    if prepared.electronic:
        flash(
            ngettext(
                "%(num)s electronic letter is written: send it with your service for such letters.",
                "%(num)s electronic letters are written: send them with your service for such"
                " letters.",
                prepared.electronic,
            )
        )
    if prepared.set_aside:
        flash(_("Some letters could not be written. They are listed below."), "warning")
    if not prepared.batches and not prepared.electronic and not prepared.set_aside:
        flash(_("No letter waits to be prepared."), "info")
    give()
    return redirect(url_for(".show_letters"), code=303)


def give(batch_ids: list[int] | None = None) -> None:
    """Give these batches, or all, to the folder where there is one; say what it refuses."""
    place = provider()
    if place is None:
        return
    given = give_batches(
        db.session(),
        place,
        keys=(settings().seal_key,),
        actor=who()["actor"],
        at=request_at(),
        batch_ids=batch_ids,
    )
    for key, error in given.refused:
        for sentence in rule_sentences(error):
            flash(_("%(batch)s: %(said)s", batch=key, said=sentence), "warning")


def _last_failure() -> str:
    """What the job said when it last failed; empty when it has gone well since."""
    run = list_job_runs(db.session()).get("prepare_letters")
    if run is None or run.failed_at is None:
        return ""
    is_past = run.finished_at is not None and run.finished_at > run.failed_at
    return "" if is_past else run.failure or ""


def _is_legal() -> bool:
    return Role.LEGAL in current_operator().roles
