"""Corrections of the list: proposed from a draft with a reason, confirmed or refused by another
person."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Optional

from subnotify.operations.correct_list import (
    AlreadyDecided,
    confirm_list_correction,
    propose_list_correction,
    refuse_list_correction,
)
from subnotify.operations.two_person_decisions import is_same_person
from subnotify.operations.written_reasons import LONGEST_REASON, ReasonMissing
from subnotify.rules.changes import material_differences
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import CorrectionState, Role
from subnotify.storage.database import db
from subnotify.storage.list_corrections import (
    ListCorrection,
    find_waiting_correction,
    get_correction,
    list_waiting_corrections,
)
from subnotify.storage.registry import list_services
from subnotify.web.access import current_operator, needs_password_again, needs_role
from subnotify.web.case_forms import ReasonForm
from subnotify.web.case_steps import who
from subnotify.web.forms_base import PageForm, at_most, strip
from subnotify.web.language import page_wording
from subnotify.web.registry_pages import may_write, registry, row_of, settings
from subnotify.web.registry_steps import acting
from subnotify.web.registry_views import DifferenceView, EntryRow, difference_views

__all__ = ["registry"]


class DecisionForm(PageForm):
    """Confirm or refuse; which of the two, the button says."""

    note = TextAreaField(
        _l("Note"), filters=[strip], validators=[Optional(), at_most(LONGEST_REASON)]
    )


def offers_correction(row: EntryRow) -> bool:
    """Whether the draft of an entry differs from the list in its records alone."""
    entry = row.entry
    if entry is None or row.draft is None or row.announced is not None or row.gaps:
        return False
    if not row.in_force_since or entry.phased_out_from_on is not None:
        return False
    return (
        may_write() and bool(_differences(row)) and not material_differences(entry.facts, row.draft)
    )


def waiting_correction(row: EntryRow) -> ListCorrection | None:
    return find_waiting_correction(db.session(), row.id)


@registry.route("/<int:subprocessor_id>/correct", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def propose_correction_page(subprocessor_id: int) -> ResponseReturnValue:
    """Propose the draft as a correction, with the reason."""
    row = row_of(subprocessor_id)
    form = ReasonForm()
    address = url_for(".show_entry", subprocessor_id=subprocessor_id)
    if form.validate_on_submit():
        try:
            propose_list_correction(
                db.session(), subprocessor_id, reason=form.note.data or "", **acting()
            )
        except NotFound:
            raise
        except RuleError as error:
            form.refuse(error)
        else:
            flash(_("The correction is proposed. Another person must confirm it."))
            return redirect(address, code=303)
    return render_template(
        "desk/registry/propose_correction.html",
        form=form,
        row=row,
        back=address,
        differences=_differences(row),
    )


@registry.route("/corrections")
@needs_role(*Role)
def show_corrections() -> str:
    """What waits for another person."""
    waiting = list_waiting_corrections(db.session())
    return render_template("desk/registry/corrections.html", waiting=waiting)


@registry.route("/corrections/<int:correction_id>", methods=["GET", "POST"])
@needs_role(*Role)
@needs_password_again
def decide_correction(correction_id: int) -> ResponseReturnValue:
    """One correction with what it differs in; who may decide finds the two buttons."""
    correction = get_correction(db.session(), correction_id)
    form = DecisionForm()
    is_own = is_same_person(correction, **who())
    is_legal = Role.LEGAL in current_operator().roles
    may_confirm = is_legal if not is_own else settings().one_person_release
    may_refuse = is_legal or is_own
    if form.validate_on_submit():
        wants_refusal = request.form.get("decision") == "refuse"
        if not (may_refuse if wants_refusal else may_confirm):
            form.refuse_with(_("Another person, of legal, decides about this correction."))
        elif _decided(form, correction, refuse=wants_refusal):
            return redirect(
                url_for(".show_entry", subprocessor_id=correction.subprocessor_id), code=303
            )
    return render_template(
        "desk/registry/correction.html",
        form=form,
        correction=correction,
        differences=_difference_views(correction.before, correction.facts),
        is_waiting=correction.state is CorrectionState.PROPOSED,
        is_own=is_own,
        may_confirm=may_confirm,
        may_refuse=may_refuse,
    )


def _decided(form: DecisionForm, correction: ListCorrection, *, refuse: bool) -> bool:
    """Whether it is decided now; else the form says why not."""
    note = form.note.data or ""
    given = acting()
    try:
        if refuse:
            del given["zone"]
            refuse_list_correction(db.session(), correction.id, note=note, **given)
            flash(_("The correction is refused."))
        else:
            confirm_list_correction(
                db.session(),
                correction.id,
                one_person=settings().one_person_release,
                one_person_reason=note,
                **given,
            )
            flash(_("The list is corrected."))
    except NotFound:
        raise
    except AlreadyDecided as error:
        form.refuse(error)
        return False
    except ReasonMissing as error:
        form.refuse(error, form.note)
        return False
    except RuleError as error:
        form.refuse(error)
        return False
    return True


def _differences(row: EntryRow) -> list[DifferenceView]:
    if row.entry is None or row.draft is None:
        return []
    return _difference_views(row.entry.facts, row.draft)


def _difference_views(before: SubprocessorFacts, after: SubprocessorFacts) -> list[DifferenceView]:
    names = {service.key: service.name for service in list_services(db.session())}
    return difference_views(before, after, names, page_wording())
