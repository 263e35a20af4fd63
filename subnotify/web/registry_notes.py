"""The vendor's own notes on an entry, on a page of their own."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField

from subnotify.operations.keep_internal_notes import keep_internal_notes
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.internal_notes import get_internal_notes
from subnotify.web.access import needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.forms_base import PageForm
from subnotify.web.registry_pages import registry, row_of

__all__ = ["registry"]


class NotesForm(PageForm):
    """seen: the notes that the page showed."""

    notes = TextAreaField(_l("Internal notes"))
    seen = HiddenField()


@registry.route("/<int:subprocessor_id>/notes", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER, Role.LEGAL)
def edit_notes(subprocessor_id: int) -> ResponseReturnValue:
    """Write the notes; they are shown to operators only."""
    stored = get_internal_notes(db.session(), subprocessor_id)
    form = NotesForm(data={"notes": stored, "seen": stored})
    if form.validate_on_submit():
        try:
            keep_internal_notes(
                db.session(),
                subprocessor_id,
                form.notes.data or "",
                seen=form.seen.data or "",
                at=request_at(),
                **who(),
            )
        except NotFound:
            raise
        except RuleError as error:
            form.refuse(error, form.notes)
            form.seen.data = stored
        else:
            flash(_("The notes are kept."))
            address = url_for(".show_entry", subprocessor_id=subprocessor_id, _anchor="notes")
            return redirect(address, code=303)
    row = row_of(subprocessor_id)
    theirs = stored if form.errors and stored != form.notes.data else ""
    return render_template(
        "desk/registry/edit_notes.html",
        form=form,
        row=row,
        name=(row.draft or row.facts).name,
        theirs=theirs,
    )
