"""What is told of letters, on the desk: a file of it, the page to check it, and its recording."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from subnotify.operations.import_letter_events import (
    EventChanges,
    EventsChanged,
    apply_letter_events,
    preview_event_file,
)
from subnotify.rules.errors import Problem, ProblemsFound
from subnotify.rules.letter_manifests import (
    EVENT_COLUMNS,
    TableEvent,
    read_events,
    write_events,
)
from subnotify.rules.words import LetterEventKind, LetterEventSource, Role
from subnotify.storage.database import begin_read_only, db
from subnotify.storage.letter_pages import find_letters
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.language import page_wording
from subnotify.web.letter_forms import ConfirmEventsForm, EventFileForm
from subnotify.web.letter_views import (
    MOST_SHOWN,
    contested_words,
    refused_words,
    settings,
    shown_changes,
)
from subnotify.wording.imports import import_problem_words
from subnotify.wording.labels import label

letter_events = Blueprint("letter_events", __name__, url_prefix="/desk/letters/events")

# What is confirmed travels with the page: a field of a form holds half a megabyte.
LARGEST_CONFIRMED = 400 * 1024


@letter_events.route("", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def upload() -> ResponseReturnValue:
    """A file of events, or a manifest that was filled in: first what it would record."""
    form = EventFileForm()
    problems: tuple[Problem, ...] = ()
    if form.is_submitted():
        db.session().rollback()
        sent = form.sent() if form.validate() else None
        if sent is not None:
            try:
                found = preview_event_file(
                    db.session(),
                    sent.filename or "",
                    sent.read(),
                    vendor_time_zone=settings().vendor_time_zone,
                    at=request_at(),
                )
            except ProblemsFound as refusal:
                problems = refusal.problems
            else:
                if len(write_events(found.told)) <= LARGEST_CONFIRMED:
                    begin_read_only(db.session())
                    return _check(found)
                form.refuse_with(
                    _(
                        "The file tells too much at once. Import it in parts, or with the command"
                        " `subnotify letters events`."
                    ),
                    form.file,
                )
        begin_read_only(db.session())
    w = page_wording()
    page = render_template(
        "desk/letters/import.html",
        form=form,
        problems=[import_problem_words(problem, w) for problem in problems],
        columns=EVENT_COLUMNS,
        kinds=[(kind.value, label(w, kind)) for kind in LetterEventKind],
    )
    return (page, 422) if form.is_submitted() else page


@letter_events.route("/record", methods=["POST"])
@needs_role(Role.LEGAL)
def record() -> ResponseReturnValue:
    """Record exactly what the page showed, or nothing."""
    form = ConfirmEventsForm()
    try:
        found = record_confirmed(form, read_confirmed(form), LetterEventSource.FILE)
    except EventsChanged as error:
        flash(_(error.message), "warning")
        return redirect(url_for(".upload"), code=303)
    flash_contested(found)
    if found.new:
        count = len(found.new)
        flash(ngettext("%(num)s event is recorded.", "%(num)s events are recorded.", count))
    elif not found.contested:
        flash(_("This is on record already. Nothing was changed."), "info")
    return redirect(url_for("letters.show_letters"), code=303)


def check_page(
    found: EventChanges, *, title: str, said: list[str], action: str, back: str, back_text: str
) -> str:
    """What would be recorded, with the button that does it, and every line that is refused."""
    w = page_wording()
    form = ConfirmEventsForm(
        formdata=None,
        data={"events": write_events(found.told).decode(), "shown": found.digest},
    )
    return render_template(
        "desk/letters/check.html",
        title=title,
        said=said,
        found=found,
        lines=shown_changes(found, w),
        contested=contested_words(found.contested, w),
        letters=find_letters(
            db.session(),
            {event.letter for event in (*found.new[:MOST_SHOWN], *found.told[-MOST_SHOWN:])},
        ),
        refused=refused_words(found.refused, w),
        form=form,
        action=action,
        back=back,
        back_text=back_text,
    )


def flash_contested(found: EventChanges) -> None:
    """What was kept beside the record, and what it does."""
    if found.contested:
        flash(
            ngettext(
                "%(num)s event contradicts what is on record. The cases wait on hold until two"
                " persons have corrected one of the two.",
                "%(num)s events contradict what is on record. The cases wait on hold until two"
                " persons have corrected one of the two.",
                len(found.contested),
            ),
            "warning",
        )


def read_confirmed(form: ConfirmEventsForm) -> tuple[TableEvent, ...]:
    """The events of a page that was confirmed; what no page of ours sends is refused."""
    if not form.validate():
        abort(400)
    try:
        table = read_events("", (form.events.data or "").encode())
    except ProblemsFound:
        abort(400)
    if table.problems or table.silent:
        abort(400)
    return table.events


def record_confirmed(
    form: ConfirmEventsForm, events: tuple[TableEvent, ...], source: LetterEventSource
) -> EventChanges:
    """Raises EventsChanged where other events would be new than those that were shown."""
    return apply_letter_events(
        db.session(),
        events,
        source=source,
        legal_email=settings().legal_email,
        vendor_time_zone=settings().vendor_time_zone,
        at=request_at(),
        shown=form.shown.data or "",
        **who(),
    )


def _check(found: EventChanges) -> str:
    return check_page(
        found,
        title=_("Check what is recorded"),
        said=[],
        action=url_for(".record"),
        back=url_for(".upload"),
        back_text=_("Events of letters"),
    )
