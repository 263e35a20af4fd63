"""The registry on the desk: what is on the list, what is drafted, what a draft still lacks."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.discard_draft import discard_draft
from subnotify.operations.draft_change import SubprocessorExists, draft_new_subprocessor
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.rules.changes import same_facts
from subnotify.rules.engagement import leads_back
from subnotify.rules.keys import key_from_name
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import Role, VendorRole
from subnotify.storage.database import db
from subnotify.storage.internal_notes import get_internal_notes
from subnotify.storage.registry import (
    ListEntry,
    find_subprocessor,
    find_vendor,
    list_entries_in_force,
    list_services,
)
from subnotify.storage.registry_list import lock_vendor
from subnotify.web import (
    registry_corrections,
    registry_entry_history,
    registry_locations,
    registry_notes,
    registry_overview,
    registry_removal,
    vendor_mechanisms,
    vendor_profile,
)
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.case_steps import who
from subnotify.web.language import page_wording
from subnotify.web.registry_details import detail_groups
from subnotify.web.registry_forms import FactsForm, NewSubprocessorForm, form_data
from subnotify.web.registry_location_views import place_rows
from subnotify.web.registry_pages import (
    first_unlawful,
    may_note,
    may_write,
    registry,
    row_of,
    say_saved,
    today,
)
from subnotify.web.registry_views import (
    EntryRow,
    difference_views,
    gaps_of,
    list_rows,
)

__all__ = [
    "registry",
    "registry_corrections",
    "registry_entry_history",
    "registry_locations",
    "registry_notes",
    "registry_overview",
    "registry_removal",
    "vendor_mechanisms",
    "vendor_profile",
]


@registry.route("/<int:subprocessor_id>")
@needs_role(*Role)
def show_entry(subprocessor_id: int) -> str:
    """What the list says of one subprocessor, and what is drafted."""
    w = page_wording()
    row = row_of(subprocessor_id)
    names = {service.key: service.name for service in list_services(db.session())}
    said = row.facts if row.announced or row.entry else None
    return render_template(
        "desk/registry/entry.html",
        row=row,
        said=said,
        draft=row.draft,
        fact_groups_of=lambda facts: detail_groups(facts, names, _names(), w),
        place_rows=lambda facts: place_rows(facts, w),
        differences=difference_views(said, row.draft, names, w) if said and row.draft else [],
        may_write=may_write(),
        notes=get_internal_notes(db.session(), subprocessor_id),
        offers_correction=registry_corrections.offers_correction(row),
        waiting=registry_corrections.waiting_correction(row),
        may_note=may_note(),
    )


@registry.route("/<int:subprocessor_id>/edit", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def edit_entry(subprocessor_id: int) -> ResponseReturnValue:
    """Write the draft of one subprocessor."""
    if request.method == "POST":
        # Nobody changes the draft between what is read here and what is kept.
        lock_vendor(db.session())
    row = row_of(subprocessor_id)
    before = row.draft or row.facts
    form = FactsForm(data=form_data(before))
    _offer(form, row)
    if _only_wants_another_row() or not form.validate_on_submit():
        return _form_page(form, row)
    facts = _read(form, row, before)
    if facts is None or form.is_overtaken(before, facts):
        return _form_page(form, row)
    save_draft_facts(
        db.session(), subprocessor_id, facts, by=current_operator().name, at=request_at()
    )
    return _go_on(subprocessor_id, facts)


@registry.route("/new", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def new_entry() -> ResponseReturnValue:
    """Draft a subprocessor that is not on the list: an addition, or a replacement."""
    form = NewSubprocessorForm(data={"role": VendorRole.PROCESSOR.value})
    _offer(form, None)
    form.offer_replaced(_replaceable())
    if _only_wants_another_row() or not form.validate_on_submit():
        return _form_page(form, None)
    facts = _read(form, None, None)
    if facts is None:
        return _form_page(form, None)
    return _go_on(
        _draft_once(facts, int(form.replaces.data) if form.replaces.data else None), facts
    )


def _draft_once(facts: SubprocessorFacts, replaces_id: int | None) -> int:
    """The draft of a new entry; its id. Sent twice, it is drafted once."""
    while True:
        twin = _find_twin(facts, replaces_id)
        if twin is not None:
            return twin
        try:
            return draft_new_subprocessor(
                db.session(),
                _free_key(facts.name),
                facts,
                replaces_id=replaces_id,
                by=current_operator().name,
                at=request_at(),
            )
        except SubprocessorExists:
            # Somebody else took the key since it was free: the other of two clicks, perhaps.
            continue


def _find_twin(facts: SubprocessorFacts, replaces_id: int | None) -> int | None:
    """The entry that is drafted with just these facts, and is on no list."""
    return next(
        (
            row.id
            for row in _rows()
            if row.draft
            and not (row.entry or row.announced)
            and (row.change.replaced_id if row.change else None) == replaces_id
            and same_facts(row.draft, facts)
        ),
        None,
    )


def _offer(form: FactsForm, row: EntryRow | None) -> None:
    others = [(x.key, (x.draft or x.facts).name) for x in _rows() if row is None or x.id != row.id]
    services = list_services(db.session())
    form.offer(services, others, page_wording(), more=_only_wants_another_row())


def _read(
    form: FactsForm, row: EntryRow | None, before: SubprocessorFacts | None
) -> SubprocessorFacts | None:
    """The facts as typed; None, with the errors, where they cannot be kept."""
    facts = form.read(before, page_wording())
    if facts is None or not facts.engaged_by:
        return facts
    engagers = {x.key: (x.draft or x.facts).engaged_by for x in _rows()}
    own = row.key if row else ""
    if facts.engaged_by not in engagers:
        form.refuse_with(_("Choose an entry of the registry."), form.engaged_by)
        return None
    if own and leads_back(own, facts.engaged_by, engagers):
        form.refuse_with(
            _("That entry is itself engaged by this one. Choose who engages this one."),
            form.engaged_by,
        )
        return None
    return facts


def _go_on(subprocessor_id: int, facts: SubprocessorFacts) -> Response:
    """To the first place whose transfers are not lawful yet, else to the entry."""
    assessed = EntryAssessor(db.session()).assess(facts, on=today())
    following = first_unlawful(assessed)
    say_saved(assessed, following)
    if following is None:
        return redirect(url_for(".show_entry", subprocessor_id=subprocessor_id), code=303)
    address = url_for(".edit_location", subprocessor_id=subprocessor_id, number=following)
    return redirect(address, code=303)


@registry.route("/<int:subprocessor_id>/discard", methods=["POST"])
@needs_role(Role.PUBLISHER)
def discard(subprocessor_id: int) -> Response:
    """Drop the draft; what is on the list stays as it is."""
    discard_draft(db.session(), subprocessor_id, at=request_at(), **who())
    flash(_("The draft is discarded."))
    return redirect(url_for(".show_registry"), code=303)


def _form_page(form: FactsForm, row: EntryRow | None) -> str:
    shows_stored = row is not None and request.method == "GET"
    return render_template(
        "desk/registry/edit.html",
        form=form,
        row=row,
        gaps=gaps_of(db.session(), row.draft or row.facts, today(), page_wording())
        if row is not None and shows_stored
        else (),
    )


def _rows() -> list[EntryRow]:
    return list_rows(db.session(), page_wording(), on=today())


def _names() -> dict[str, str]:
    return {row.key: (row.draft or row.facts).name for row in _rows()}


def _only_wants_another_row() -> bool:
    return request.method == "POST" and "add_location" in request.form


def _replaceable() -> list[ListEntry]:
    vendor = find_vendor(db.session())
    if vendor is None or vendor.first_published_at is None:
        return []
    entries = list_entries_in_force(db.session(), today())
    # What is phased out has left the list already, for everybody but a client that keeps it.
    return [x for x in entries if x.in_force_until_on is None and x.phased_out_from_on is None]


def _free_key(name: str) -> str:
    key = key_from_name(name)
    number = 1
    while find_subprocessor(db.session(), key if number == 1 else f"{key}-{number}"):
        number += 1
    return key if number == 1 else f"{key}-{number}"
