"""Clients on the desk: the list, one client's page, and keeping clients and contacts."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.keep_client import ClientFacts, add_client, change_client
from subnotify.operations.keep_contact import add_contact, change_contact
from subnotify.operations.registry_part import Kept
from subnotify.rules.errors import NotFound
from subnotify.rules.words import Role
from subnotify.storage.client_pages import (
    ClientContact,
    ClientFile,
    count_clients,
    get_client_file,
    list_clients,
)
from subnotify.storage.database import db
from subnotify.storage.registry_history import list_facts
from subnotify.web.access import needs_role
from subnotify.web.agreements import today
from subnotify.web.case_steps import Shown, Step
from subnotify.web.client_forms import ClientForm, ContactForm, stored_contact
from subnotify.web.contact_serving import (
    say_who_is_untold,
    serve_what_waits,
    waiting_references,
)
from subnotify.web.language import page_wording
from subnotify.web.registry_history import history_views
from subnotify.web.registry_steps import (
    WRITERS,
    Place,
    acting,
    is_legal,
    is_published,
    is_writer,
    take_registry_step,
)
from subnotify.web.requests_views import views_of
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason

PAGE_SIZE = 50

clients = Blueprint("clients", __name__, url_prefix="/desk/clients")


@clients.route("")
@needs_role(*Role)
def list_clients_page() -> str:
    """A page of clients, those whose name or key has the letters asked for."""
    search = request.args.get("search", "").strip()[:200]
    total = count_clients(db.session(), search)
    last = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    rows = list_clients(
        db.session(),
        search,
        on=acting()["at"].astimezone(acting()["zone"]).date(),
        skip=(page - 1) * PAGE_SIZE,
        most=PAGE_SIZE,
    )
    asked: dict[str, Any] = {"search": search} if search else {}
    return render_template(
        "desk/clients/list.html",
        rows=rows,
        search=search,
        total=total,
        page=page,
        last=last,
        earlier=url_for(".list_clients_page", page=page - 1, **asked) if page > 1 else None,
        later=url_for(".list_clients_page", page=page + 1, **asked) if page < last else None,
        is_writer=is_writer(),
    )


@clients.route("/<int:client_id>")
@needs_role(*Role)
def show_client(client_id: int) -> str:
    """One client: its facts, contacts and agreements, and what was recorded of them."""
    w = page_wording()
    file = get_client_file(db.session(), client_id)
    objects = (("client", [client_id]), ("contact", [x.id for x in file.contacts]))
    return render_template(
        "desk/clients/client.html",
        file=file,
        reasons={
            x.id: not_computable_reason(x.not_computable, w) if x.not_computable else ""
            for x in file.agreements
        },
        history=history_views(list_facts(db.session(), objects), w),
        requests=views_of([x.id for x in file.agreements], today()) if is_writer() else (),
        is_writer=is_writer(),
        is_legal=is_legal(),
    )


@clients.route("/new", methods=["GET", "POST"])
@needs_role(*WRITERS)
def new_client() -> str | Response:
    form = ClientForm().offer(page_wording())
    step = Step(
        title=_("Add a client"),
        button=_("Add the client"),
        done=_("The client is added. Add its contacts next, then its agreements."),
    )
    return take_registry_step(
        form,
        step,
        Place("", url_for(".list_clients_page"), _("Clients")),
        [
            Shown(form.name),
            Shown(form.country, width="width-20"),
            Shown(
                form.key,
                hint=_(
                    "It names the client in import files for good. Left empty, it is made from the"
                    " name."
                ),
                width="width-20",
            ),
        ],
        lambda: add_client(db.session(), form.facts(), key=form.key.data or "", **acting()),
        lambda kept: url_for(".show_client", client_id=kept.id),
    )


@clients.route("/<int:client_id>/edit", methods=["GET", "POST"])
@needs_role(*WRITERS)
def edit_client(client_id: int) -> str | Response:
    file = get_client_file(db.session(), client_id)
    stored = ClientFacts(file.name, file.country)
    form = ClientForm(obj=stored).offer(page_wording())
    del form.key
    form.show(stored)
    step = Step(
        title=_("Change the client"),
        button=_("Save"),
        done=_("The client is saved."),
        said=[_("Its key, %(key)s, stays: import files know the client by it.", key=file.key)],
    )
    return take_registry_step(
        form,
        step,
        _place(file),
        [Shown(form.name), Shown(form.country, width="width-20"), Shown(form.seen)],
        lambda: change_client(db.session(), client_id, form.facts(), **acting()),
        lambda _kept: url_for(".show_client", client_id=client_id),
        lambda: form.is_overtaken(stored, form.facts()),
    )


@clients.route("/<int:client_id>/contacts/new", methods=["GET", "POST"])
@needs_role(*WRITERS)
def new_contact(client_id: int) -> str | Response:
    file = get_client_file(db.session(), client_id)
    form = ContactForm().without_letter().without_serving()
    step = Step(
        title=_("Add a contact"),
        button=_("Add the contact"),
        done=_("The contact is added. It gets nothing until an agreement names it."),
        said=[_("A person or a mailbox of the client. Which agreements name it is said there.")],
    )
    return take_registry_step(
        form,
        step,
        _place(file),
        _contact_fields(form),
        lambda: add_contact(db.session(), client_id, form.facts(None), **acting()),
        lambda _kept: url_for(".show_client", client_id=client_id, _anchor="contacts"),
    )


@clients.route("/<int:client_id>/contacts/<int:contact_id>/edit", methods=["GET", "POST"])
@needs_role(*WRITERS)
def edit_contact(client_id: int, contact_id: int) -> str | Response:
    """Change a contact; a designated one by letter, and by legal only."""
    w = page_wording()
    file = get_client_file(db.session(), client_id)
    stored = next((x for x in file.contacts if x.id == contact_id), None)
    if stored is None:
        raise NotFound
    facts = stored_contact(stored)
    form = ContactForm(obj=facts)
    form.show(facts)
    by_letter = bool(stored.designated_in) and is_published()
    if not by_letter:
        form = form.without_letter()
    elif not is_legal():
        form = form.without_designating()
    waiting = waiting_references(contact_id) if is_legal() else ()
    if not waiting:
        form = form.without_serving()

    def change() -> Kept:
        new = form.facts(facts)
        kept = change_contact(db.session(), client_id, contact_id, new, form.letter(), **acting())
        say_who_is_untold(kept, facts, new, is_named=bool(stored.named))
        if "serve_anew" in form and form.serve_anew.data:
            serve_what_waits(kept, facts, new, form.letter())
        return kept

    step = Step(
        title=_("Change the contact"),
        button=_("Save"),
        done=_("The contact is saved."),
        said=_said_of_designation(stored, w) if by_letter else (),
    )
    return take_registry_step(
        form,
        step,
        _place(file),
        _contact_fields(form, waiting),
        change,
        lambda _kept: url_for(".show_client", client_id=client_id, _anchor="contacts"),
        lambda: form.is_overtaken(facts, form.facts(facts)),
    )


def _said_of_designation(stored: ClientContact, w: Wording) -> list[str]:
    said = [
        _(
            "%(name)s is a designated notice contact of %(agreements)s. Its name, its email address"
            " and its postal address change by registered letter; the former values stay in the"
            " evidence.",
            name=stored.name,
            agreements=w.listed([x.reference for x in stored.designated_in]),
        )
    ]
    if not is_legal():
        said.append(_("Legal records such a letter; the rest you can change here."))
    return said


def _contact_fields(form: ContactForm, waiting: Sequence[str] = ()) -> list[Shown]:
    hints = {
        "role_title": _("For example: data protection officer."),
        "email": _("A notice contact without one cannot be served by email."),
        "letter_reference": _(
            "Only if the name, the email address or the postal address changes: for example the"
            " number of the registered letter."
        ),
        "letter_on": _("The day from which the letter counts; today or earlier."),
        "serve_anew": _(
            "If the email or the postal address changes: %(list)s, with a full window from the new"
            " receipt.",
            list=page_wording().listed(waiting),
        ),
    }
    rows = {"postal_address": 3}
    return [
        Shown(
            field,
            hint=hints.get(field.name, ""),
            width={"letter_on": "width-10", "phone": "width-20"}.get(field.name, ""),
            rows=rows.get(field.name),
        )
        for field in form
        if field.name != "csrf_token"
    ]


def _place(file: ClientFile) -> Place:
    return Place(file.name, url_for(".show_client", client_id=file.id), file.name)
