"""A letter on the desk: its address, its PDF, and what became of it."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import Field

from subnotify.operations.give_batches import open_former_letter, open_letter
from subnotify.operations.import_letter_events import (
    EventChanges,
    EventsChanged,
    preview_letter_events,
)
from subnotify.rules.words import (
    CorrectionState,
    LetterEventKind,
    LetterEventSource,
    LetterProduct,
    LetterState,
    MessageState,
    Role,
)
from subnotify.storage.database import begin_read_only, db
from subnotify.storage.deemed_letters import list_deemed_letters
from subnotify.storage.former_seals import list_former_bytes
from subnotify.storage.letter_contradictions import list_open_contradictions
from subnotify.storage.letter_corrections import list_letter_corrections, load_taken_back
from subnotify.storage.letter_pages import LetterFile, load_letter_file
from subnotify.storage.untrue_letters import is_untrue
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.documents import download
from subnotify.web.language import page_wording
from subnotify.web.letter_corrections import correction_words
from subnotify.web.letter_events import (
    check_page,
    flash_contested,
    read_confirmed,
    record_confirmed,
)
from subnotify.web.letter_forms import ConfirmEventsForm, LetterEventForm
from subnotify.web.letter_views import (
    event_kinds,
    lacks_number,
    meaning,
    settings,
    state_of,
    translated,
)
from subnotify.web.letters import MAY_LOOK
from subnotify.wording.labels import label
from subnotify.wording.problems import problem_text
from subnotify.wording.proofs import deemed_sentence

letter_files = Blueprint("letter_files", __name__, url_prefix="/desk/letters/<int:letter_id>")


@letter_files.route("")
@needs_role(*MAY_LOOK)
def show_letter(letter_id: int) -> str:
    file = load_letter_file(db.session(), letter_id)
    is_legal = Role.LEGAL in current_operator().roles
    corrections = list_letter_corrections(db.session(), letter_id)
    waits = file.line.state is LetterState.QUEUED and (
        file.line.message_state is MessageState.QUEUED
    )
    product = file.line.product
    return render_template(
        "desk/letters/letter.html",
        file=file,
        line=file.line,
        state=state_of(file.line),
        events=[(LetterEventKind(x.kind), LetterEventSource(x.source), x) for x in file.events],
        is_legal=is_legal,
        may_record=is_legal and file.line.message_state is not MessageState.PARKED,
        electronic=product is LetterProduct.REGISTERED_ELECTRONIC,
        may_be_electronic=waits
        and product is LetterProduct.REGISTERED
        and file.line.batch_id is None,
        deemed=_deemed(letter_id),
        former_bytes=list_former_bytes(db.session(), letter_id),
        is_untrue=is_untrue(db.session(), letter_id),
        may_be_paper=waits and product is LetterProduct.REGISTERED_ELECTRONIC,
        contested=[
            (LetterEventKind(x.kind), LetterEventSource(x.source), x)
            for x in list_open_contradictions(db.session(), [letter_id])
        ],
        unproved_posting=lacks_number(file),
        corrections=[(x, CorrectionState(x.state), correction_words(x)) for x in corrections],
        open_correction=any(x.state == CorrectionState.PROPOSED for x in corrections),
    )


@letter_files.route("/letter.pdf")
@needs_role(Role.LEGAL)
def download_letter(letter_id: int) -> Response:
    """The letter as it was printed."""
    octets = open_letter(db.session(), letter_id, keys=(settings().seal_key,))
    file = load_letter_file(db.session(), letter_id)
    return download(octets, f"{file.line.reference}-{letter_id}.pdf", "application/pdf")


@letter_files.route("/former/<int:seal_id>.pdf")
@needs_role(Role.LEGAL)
def download_former(letter_id: int, seal_id: int) -> Response:
    """The letter as it was before it was written anew: somebody may have posted it all the same."""
    keys = (settings().seal_key,)
    octets = open_former_letter(db.session(), letter_id, seal_id, keys=keys)
    file = load_letter_file(db.session(), letter_id)
    name = f"{file.line.reference}-{letter_id}-former-{seal_id}.pdf"
    return download(octets, name, "application/pdf")


@letter_files.route("/event", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def event_page(letter_id: int) -> str | Response | tuple[str, int]:
    """Enter what became of it. The next page shows what follows; nothing is recorded before."""
    session, w = db.session(), page_wording()
    file = load_letter_file(session, letter_id)
    kinds = event_kinds(file.line.product)
    form = LetterEventForm().offer([(kind, label(w, kind)) for kind in kinds])
    if form.is_submitted():
        session.rollback()
        if form.validate():
            event = form.event(file.logical_key)
            found = preview_letter_events(
                session,
                [event],
                source=LetterEventSource.DESK,
                vendor_time_zone=settings().vendor_time_zone,
                at=request_at(),
            )
            begin_read_only(session)
            if found.told:
                return _check(file, found)
            if not found.refused:
                flash(_("This is on record already. Nothing was changed."), "info")
                return redirect(url_for(".show_letter", letter_id=letter_id), code=303)
            _show_refused(form, found)
        else:
            begin_read_only(session)
    page = render_template("desk/letters/event.html", form=form, file=file, line=file.line)
    return (page, 422) if form.is_submitted() else page


@letter_files.route("/event/record", methods=["POST"])
@needs_role(Role.LEGAL)
def record_event(letter_id: int) -> Response:
    """Record exactly what the page showed."""
    file = load_letter_file(db.session(), letter_id)
    db.session().rollback()
    back = redirect(url_for(".show_letter", letter_id=letter_id), code=303)
    form = ConfirmEventsForm()
    events = read_confirmed(form)
    if any(event.letter != file.logical_key for event in events):
        abort(400)
    try:
        found = record_confirmed(form, events, LetterEventSource.DESK)
    except EventsChanged as error:
        flash(_(error.message), "warning")
        return back
    flash_contested(found)
    if found.new:
        flash(_("It is recorded."))
    elif not found.contested:
        flash(_("This is on record already. Nothing was changed."), "info")
    return back


def _deemed(letter_id: int) -> str:
    """That the notice counts as given by this letter although it came back; "" of others."""
    clause = list_deemed_letters(db.session(), [letter_id]).get(letter_id)
    return deemed_sentence(clause, page_wording()) if clause is not None else ""


def _check(file: LetterFile, found: EventChanges) -> str:
    event, w = found.told[0], page_wording()
    said = [meaning(event.kind, file.line.product, w)] if found.new else []
    if (event.kind, event.on) in load_taken_back(db.session(), [file.line.message_id]).get(
        file.line.message_id, ()
    ):
        said.append(_("Two persons found before that this did not happen on this day."))
    return check_page(
        found,
        title=_("Check what is recorded"),
        said=said,
        action=url_for(".record_event", letter_id=file.line.message_id),
        back=url_for(".show_letter", letter_id=file.line.message_id),
        back_text=_("Back to the letter"),
    )


def _show_refused(form: LetterEventForm, found: EventChanges) -> None:
    """Each reason at the field that it is about."""
    w = page_wording()
    fields: dict[str, Field] = {field.name: field for field in form}
    for one in found.refused:
        for problem in one.problems:
            said = problem_text(translated(problem, w), w)
            form.refuse_with(f"{said.message} {said.remedy}", fields.get(problem.where))
