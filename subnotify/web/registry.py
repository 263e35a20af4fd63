"""The registry on the desk: what is on the list, what is drafted, what a draft still lacks."""

from datetime import date

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.discard_draft import discard_draft
from subnotify.operations.draft_change import draft_new_subprocessor
from subnotify.operations.load_transfer_reference import reference_in_use
from subnotify.operations.publish_list import publish_list
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.keys import key_from_name
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.registry import (
    ListEntry,
    find_subprocessor,
    find_vendor,
    list_entries_in_force,
    list_services,
)
from subnotify.web.access import current_operator, needs_role, request_at
from subnotify.web.language import page_wording
from subnotify.web.list_views import entry_view
from subnotify.web.registry_forms import FactsForm, NewSubprocessorForm, form_data
from subnotify.web.registry_views import (
    EntryRow,
    GapView,
    difference_views,
    find_row,
    gaps_of,
    list_rows,
    refused_entries,
)

registry = Blueprint("registry", __name__, url_prefix="/desk/registry")


@registry.route("")
@needs_role(*Role)
def show_registry() -> str:
    return _registry_page()


@registry.route("/publish", methods=["POST"])
@needs_role(Role.PUBLISHER)
def publish() -> ResponseReturnValue:
    """Publish the first list, or say what every draft still lacks."""
    operator = current_operator()
    try:
        publish_list(
            db.session(),
            by=operator.name,
            at=request_at(),
            zone=_settings().zone,
            actor=f"operator:{operator.id}",
        )
    except ProblemsFound as refusal:
        return _registry_page(refusal), 422
    flash(_("The list is published."))
    return redirect(url_for(".show_registry"), code=303)


@registry.route("/<int:subprocessor_id>")
@needs_role(*Role)
def show_entry(subprocessor_id: int) -> str:
    """What the list says of one subprocessor, and what is drafted."""
    w = page_wording()
    row = _row(subprocessor_id)
    names = {service.key: service.name for service in list_services(db.session())}
    said = row.announced.facts if row.announced else row.entry.facts if row.entry else None
    return render_template(
        "desk/registry/entry.html",
        row=row,
        said=entry_view(row.key, said, names, w) if said else None,
        draft=entry_view(row.key, row.draft, names, w) if row.draft else None,
        differences=difference_views(said, row.draft, names, w) if said and row.draft else [],
        may_write=_may_write(),
    )


@registry.route("/<int:subprocessor_id>/edit", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def edit_entry(subprocessor_id: int) -> ResponseReturnValue:
    """Write the draft of one subprocessor."""
    w = page_wording()
    row = _row(subprocessor_id)
    before = row.draft or row.facts
    form = FactsForm(data=form_data(before))
    form.offer(list_services(db.session()), w, more=_only_wants_another_row())
    if _only_wants_another_row() or not form.validate_on_submit():
        return _form_page(form, row, before)
    facts = form.read(before, reference_in_use(db.session()), w)
    if facts is None:
        return _form_page(form, row, before)
    save_draft_facts(
        db.session(), subprocessor_id, facts, by=current_operator().name, at=request_at()
    )
    _say_saved(facts)
    return redirect(url_for(".show_entry", subprocessor_id=subprocessor_id), code=303)


@registry.route("/new", methods=["GET", "POST"])
@needs_role(Role.PUBLISHER)
def new_entry() -> ResponseReturnValue:
    """Draft a subprocessor that is not on the list: an addition, or a replacement."""
    w = page_wording()
    form = NewSubprocessorForm()
    form.offer(list_services(db.session()), w, more=_only_wants_another_row())
    form.offer_replaced(_replaceable())
    if _only_wants_another_row() or not form.validate_on_submit():
        return _form_page(form, None, None)
    facts = form.read(None, reference_in_use(db.session()), w)
    if facts is None:
        return _form_page(form, None, None)
    subprocessor_id = draft_new_subprocessor(
        db.session(),
        _free_key(facts.name),
        facts,
        replaces_id=int(form.replaces.data) if form.replaces.data else None,
        by=current_operator().name,
        at=request_at(),
    )
    _say_saved(facts)
    return redirect(url_for(".show_entry", subprocessor_id=subprocessor_id), code=303)


@registry.route("/<int:subprocessor_id>/discard", methods=["POST"])
@needs_role(Role.PUBLISHER)
def discard(subprocessor_id: int) -> Response:
    """Drop the draft; what is on the list stays as it is."""
    discard_draft(db.session(), subprocessor_id)
    flash(_("The draft is discarded."))
    return redirect(url_for(".show_registry"), code=303)


def _registry_page(refusal: ProblemsFound | None = None) -> str:
    w = page_wording()
    rows = list_rows(db.session(), w, on=_today())
    names = {service.key: service.name for service in list_services(db.session())}
    refused, general = refused_entries(refusal.problems if refusal else (), rows, w)
    return render_template(
        "desk/registry/registry.html",
        vendor=find_vendor(db.session()),
        rows=rows,
        service_names=names,
        changes=[row for row in rows if row.change],
        names_by_key={row.key: row.facts.name for row in rows},
        refused=refused,
        general=general,
        may_write=_may_write(),
    )


def _form_page(form: FactsForm, row: EntryRow | None, before: SubprocessorFacts | None) -> str:
    return render_template(
        "desk/registry/edit.html",
        form=form,
        row=row,
        gaps=_gaps(before) if before and request.method == "GET" else (),
    )


def _row(subprocessor_id: int) -> EntryRow:
    row = find_row(db.session(), subprocessor_id, page_wording(), on=_today())
    if row is None:
        raise NotFound
    return row


def _only_wants_another_row() -> bool:
    return request.method == "POST" and "add_location" in request.form


def _replaceable() -> list[ListEntry]:
    vendor = find_vendor(db.session())
    if vendor is None or vendor.first_published_at is None:
        return []
    entries = list_entries_in_force(db.session(), _today())
    return [entry for entry in entries if entry.in_force_until_on is None]


def _free_key(name: str) -> str:
    key = key_from_name(name)
    number = 1
    while find_subprocessor(db.session(), key if number == 1 else f"{key}-{number}"):
        number += 1
    return key if number == 1 else f"{key}-{number}"


def _gaps(facts: SubprocessorFacts) -> tuple[GapView, ...]:
    return gaps_of(db.session(), facts, _today(), page_wording())


def _say_saved(facts: SubprocessorFacts) -> None:
    missing = len(_gaps(facts))
    if missing:
        flash(
            ngettext(
                "Draft saved. %(num)s fact is still missing.",
                "Draft saved. %(num)s facts are still missing.",
                missing,
            ),
            "info",
        )
    else:
        flash(_("Draft saved. Nothing is missing."))


def _may_write() -> bool:
    return Role.PUBLISHER in current_operator().roles


def _settings() -> Settings:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return settings


def _today() -> date:
    return request_at().astimezone(_settings().zone).date()
