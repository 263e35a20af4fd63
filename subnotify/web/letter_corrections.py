"""Correcting what is recorded of a letter: one person of legal proposes, another one confirms."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import Field

from subnotify.operations.correct_letter_event import (
    SameDay,
    confirm_event_correction,
    propose_contradiction_untrue,
    propose_event_correction,
    refuse_event_correction,
)
from subnotify.rules.errors import NotFound, ProblemsFound, RuleError
from subnotify.rules.words import LetterEventKind, Role
from subnotify.storage.database import begin_read_only, db
from subnotify.storage.letter_contradictions import get_contradiction
from subnotify.storage.letter_corrections import get_letter_correction
from subnotify.storage.letter_pages import load_letter_file
from subnotify.storage.tables import LetterEventCorrectionRow
from subnotify.web.access import needs_password_again, needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.forms_base import PageForm
from subnotify.web.language import page_wording
from subnotify.web.letter_forms import CorrectEventForm, UntrueEventForm
from subnotify.web.letter_steps import LetterStep, take_letter_step
from subnotify.web.letter_views import settings, translated
from subnotify.wording.labels import label

letter_corrections = Blueprint(
    "letter_corrections", __name__, url_prefix="/desk/letters/<int:letter_id>/corrections"
)


@letter_corrections.route("/new/<kind>", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def propose_page(letter_id: int, kind: str) -> str | Response | tuple[str, int]:
    """Propose another day, or that it did not happen."""
    file = load_letter_file(db.session(), letter_id)
    event = next((x for x in file.events if x.kind == kind), None)
    if event is None:
        abort(404)
    known, was_on = LetterEventKind(event.kind), event.on
    form = CorrectEventForm()
    if form.is_submitted():
        db.session().rollback()
        if form.validate() and _act(form, lambda: _propose(letter_id, known, form)):
            flash(_("Proposed. Another person must confirm it."))
            return redirect(url_for("letter_files.show_letter", letter_id=letter_id), code=303)
        begin_read_only(db.session())
    w = page_wording()
    page = render_template(
        "desk/letters/correct.html",
        form=form,
        line=file.line,
        event=label(w, known),
        was_on=was_on,
    )
    return (page, 422) if form.is_submitted() else page


@letter_corrections.route("/contradiction/<int:contradiction_id>", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def untrue_page(letter_id: int, contradiction_id: int) -> str | Response | tuple[str, int]:
    """Propose that what contradicts the record did not happen to this letter."""
    told = get_contradiction(db.session(), letter_id, contradiction_id)
    known, on = LetterEventKind(told.kind), told.on
    form = UntrueEventForm()
    if form.is_submitted():
        db.session().rollback()
        if form.validate() and _act(
            form, lambda: _propose_untrue(letter_id, contradiction_id, form)
        ):
            flash(_("Proposed. Another person must confirm it."))
            return redirect(url_for("letter_files.show_letter", letter_id=letter_id), code=303)
        begin_read_only(db.session())
    file = load_letter_file(db.session(), letter_id)
    w = page_wording()
    page = render_template(
        "desk/letters/untrue.html", form=form, line=file.line, event=label(w, known), on=on
    )
    return (page, 422) if form.is_submitted() else page


@letter_corrections.route("/<int:correction_id>/confirm", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
@needs_password_again
def confirm_page(letter_id: int, correction_id: int) -> str | Response:
    row = _correction(letter_id, correction_id)
    step = LetterStep(
        title=_("Confirm the correction"),
        button=_("Correct it"),
        done=_("It is corrected. What was recorded before stays visible."),
        said=(
            *correction_words(row),
            _(
                "The notice is judged anew: no window ends earlier than now. Where nothing proves"
                " any more that the notice was given, it counts as not served, and its cases are"
                " on hold; so are cases that silence had closed, where the day of serving moves."
                " What contradicts it is recorded from then on."
            ),
        ),
        is_grave=True,
    )
    return take_letter_step(
        letter_id,
        step,
        lambda: confirm_event_correction(
            db.session(),
            correction_id,
            legal_email=settings().legal_email,
            vendor_time_zone=settings().vendor_time_zone,
            at=request_at(),
            **who(),
        ),
    )


@letter_corrections.route("/<int:correction_id>/refuse", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def refuse_page(letter_id: int, correction_id: int) -> str | Response:
    row = _correction(letter_id, correction_id)
    step = LetterStep(
        title=_("Refuse the correction"),
        button=_("Leave it as recorded"),
        done=_("The correction is refused. Nothing was changed."),
        said=correction_words(row),
    )
    return take_letter_step(
        letter_id,
        step,
        lambda: refuse_event_correction(db.session(), correction_id, at=request_at(), **who()),
    )


def correction_words(row: LetterEventCorrectionRow) -> tuple[str, ...]:
    """What a correction says, who proposed it, and why."""
    w = page_wording()
    event, was_on = label(w, LetterEventKind(row.kind)), w.date(row.was_on, "weekday")
    if row.on is None:
        change = _(
            "“%(event)s”, recorded for %(day)s, did not happen to this letter.",
            event=event,
            day=was_on,
        )
    else:
        change = _(
            "“%(event)s” happened on %(true_day)s, not on %(day)s.",
            event=event,
            true_day=w.date(row.on, "weekday"),
            day=was_on,
        )
    return (
        change,
        _(
            "Proposed by %(name)s, %(instant)s.",
            name=row.proposed_by,
            instant=w.date_time(row.proposed_at),
        ),
        _("Reason: %(reason)s", reason=row.reason),
    )


def _correction(letter_id: int, correction_id: int) -> LetterEventCorrectionRow:
    row = get_letter_correction(db.session(), correction_id)
    if row.message_id != letter_id:
        raise NotFound
    return row


def _propose(letter_id: int, kind: LetterEventKind, form: CorrectEventForm) -> None:
    propose_event_correction(
        db.session(),
        letter_id,
        kind,
        on=form.on.data if form.what.data == "day" else None,
        reason=form.note.data or "",
        vendor_time_zone=settings().vendor_time_zone,
        at=request_at(),
        **who(),
    )


def _propose_untrue(letter_id: int, contradiction_id: int, form: UntrueEventForm) -> None:
    propose_contradiction_untrue(
        db.session(),
        letter_id,
        contradiction_id,
        reason=form.note.data or "",
        at=request_at(),
        **who(),
    )


def _act(form: PageForm, act: Callable[[], None]) -> bool:
    """Whether it was done; what a rule refuses is shown at its field."""
    fields: dict[str, Field] = {field.name: field for field in form}
    try:
        act()
    except NotFound:
        raise
    except ProblemsFound as error:
        w = page_wording()
        form.refuse_at_fields(ProblemsFound(tuple(translated(x, w) for x in error.problems)))
    except RuleError as error:
        form.refuse(error, fields["on"] if isinstance(error, SameDay) else None)
    else:
        return True
    return False
