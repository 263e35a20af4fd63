"""What happens to an agreement: its services, and who is named in it."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from subnotify.operations.buy_service import buy_service
from subnotify.operations.designate_contact import designate_contact, end_designation
from subnotify.operations.end_service import end_service
from subnotify.operations.registry_part import Kept
from subnotify.rules.errors import NotFound
from subnotify.rules.words import ContactKind, Role
from subnotify.storage.agreement_file import (
    BoughtService,
    NamedContact,
    get_agreement_head,
    list_bought_services,
    list_named_contacts,
)
from subnotify.storage.client_pages import get_client_file
from subnotify.storage.database import db
from subnotify.storage.registry import Service, list_services
from subnotify.storage.tables import IncomingLetterRow
from subnotify.web.access import needs_role
from subnotify.web.agreement_forms import (
    BuyServiceForm,
    EndNamingForm,
    EndServiceForm,
    NamingForm,
)
from subnotify.web.agreements import agreement_place, today
from subnotify.web.case_steps import Shown, Step
from subnotify.web.letter_tasks import asked_letter, finish_task
from subnotify.web.registry_steps import WRITERS, acting, is_published, take_registry_step

agreement_steps = Blueprint(
    "agreement_steps", __name__, url_prefix="/desk/agreements/<int:agreement_id>"
)


@agreement_steps.route("/services/new", methods=["GET", "POST"])
@needs_role(*WRITERS)
def new_service(agreement_id: int) -> str | Response:
    head = get_agreement_head(db.session(), agreement_id)
    form = BuyServiceForm(data={"from_on": today()}).offer(_buyable(agreement_id))
    step = Step(
        title=_("Add a service"),
        button=_("Add the service"),
        done=_("The service is added."),
        said=[
            _(
                "If a change that concerns this service is announced and not yet in force, the"
                " agreement gets a notice of its own within minutes, with a full window."
            )
        ],
    )
    return take_registry_step(
        form,
        step,
        agreement_place(head),
        [Shown(form.service_id, width="width-20"), Shown(form.from_on, width="width-10")],
        lambda: buy_service(
            db.session(), agreement_id, form.service_id.data, form.from_on.data, **acting()
        ),
        lambda _kept: _address(agreement_id, "services"),
    )


def _buyable(agreement_id: int) -> list[Service]:
    """What it does not have, or has had: a service whose end is known can be bought again."""
    running = {x.id for x in list_bought_services(db.session(), agreement_id) if not x.until_on}
    everything = list_services(db.session())
    # A repeated submission is answered by the operation, which finds it on record.
    asked = request.form.get("service_id", "", type=str)
    return [x for x in everything if x.id not in running or str(x.id) == asked]


@agreement_steps.route("/services/<int:service_id>/end", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def end_service_page(agreement_id: int, service_id: int) -> str | Response:
    head = get_agreement_head(db.session(), agreement_id)
    service = _bought(agreement_id, service_id)
    form = EndServiceForm(data={"until_on": service.until_on})
    if service.until_on is None:
        form.until_on.validators = [InputRequired(_("Give the first day without it."))]
    hint = _("Leave it empty to take the end back.") if service.until_on else ""
    step = Step(
        title=_("End the service %(name)s", name=service.name),
        button=_("Record the end"),
        done=_("The end of the service is recorded."),
        said=[
            _("From that day on, changes that concern only this service are not notified."),
            _("Cases that run already stay as they are."),
        ],
        is_grave=True,
    )
    return take_registry_step(
        form,
        step,
        agreement_place(head),
        [Shown(form.until_on, hint=hint, width="width-10")],
        lambda: end_service(db.session(), agreement_id, service_id, form.until_on.data, **acting()),
        lambda _kept: _address(agreement_id, "services"),
    )


def _bought(agreement_id: int, service_id: int) -> BoughtService:
    for service in list_bought_services(db.session(), agreement_id):
        if service.id == service_id:
            return service
    raise NotFound


@agreement_steps.route("/contacts/new", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def new_naming(agreement_id: int) -> str | Response:
    """Name a contact of the client in the agreement."""
    head = get_agreement_head(db.session(), agreement_id)
    client = get_client_file(db.session(), head.client_id)
    named = list_named_contacts(db.session(), agreement_id)
    letter = asked_letter(head.client_id)
    form = NamingForm(data=_by_letter(letter)).offer(client.contacts, named)
    step = Step(
        title=_("Name a contact"),
        button=_("Name the contact"),
        done=_("The contact is named in the agreement."),
        said=[
            _(
                "A designated notice contact changes by registered letter: give its reference and"
                " the day from which it counts. A copy contact needs neither."
            ),
            *([] if client.contacts else [_("This client has no contacts yet. Add one first.")]),
        ],
    )

    def act() -> Kept:
        kept = designate_contact(db.session(), agreement_id, form.naming(), **acting())
        if letter is not None:
            finish_task(letter.id, _("Named in agreement %(name)s.", name=head.reference))
        return kept

    return take_registry_step(
        form,
        step,
        agreement_place(head),
        _naming_fields(form),
        act,
        lambda _kept: _address(agreement_id, "contacts"),
    )


def _by_letter(letter: IncomingLetterRow | None) -> dict[str, Any]:
    """What a letter on record says already: its number, and the day from which it counts."""
    if letter is None:
        return {}
    return {
        "kind": ContactKind.NOTICE.value,
        "on": letter.received_on,
        "letter_reference": letter.letter_reference,
    }


def _naming_fields(form: NamingForm) -> list[Shown]:
    fields = [Shown(form.contact_id), Shown(form.kind)]
    if "ends" in form:
        hint = _("Those chosen end on the day below, by the same letter.")
        fields.append(Shown(form.ends, hint=hint))
    return [
        *fields,
        Shown(form.clause, hint=_("Where the agreement names it, for example: annex 2.")),
        Shown(form.on, hint=_("Today or earlier."), width="width-10"),
        Shown(
            form.letter_reference,
            hint=_("For example the number of the registered letter."),
            width="width-20",
        ),
    ]


@agreement_steps.route("/contacts/<int:naming_id>/end", methods=["GET", "POST"])
@needs_role(Role.LEGAL)
def end_naming(agreement_id: int, naming_id: int) -> str | Response:
    head = get_agreement_head(db.session(), agreement_id)
    named = list_named_contacts(db.session(), agreement_id)
    one = next((x for x in named if x.id == naming_id), None)
    if one is None:
        raise NotFound
    form = EndNamingForm(data={"ended_on": today()})
    fields = [Shown(form.ended_on, hint=_("Today or earlier."), width="width-10")]
    if one.kind is ContactKind.NOTICE:
        form.letter_reference.flags.required = is_published()
        fields.append(Shown(form.letter_reference, width="width-20"))
    else:
        del form.letter_reference
    step = Step(
        title=_("End the naming of %(name)s", name=one.name),
        button=_("Record the end"),
        done=_("The end is recorded."),
        said=_said_of_end(one, named),
        is_grave=True,
    )

    def act() -> Kept:
        letter = form.letter_reference.data if "letter_reference" in form else ""
        return end_designation(
            db.session(),
            agreement_id,
            naming_id,
            form.ended_on.data,
            letter_reference=letter or "",
            **acting(),
        )

    return take_registry_step(
        form,
        step,
        agreement_place(head),
        fields,
        act,
        lambda _kept: _address(agreement_id, "contacts"),
    )


def _said_of_end(one: NamedContact, named: tuple[NamedContact, ...]) -> list[str]:
    if one.kind is not ContactKind.NOTICE:
        return [_("It gets no more copies under this agreement.")]
    said = [_("It is a designated notice contact: its end is recorded by registered letter.")]
    others = [x for x in named if x.kind is ContactKind.NOTICE and x.ended_on is None and x != one]
    if not others:
        said.append(
            _(
                "No other notice contact is designated: without one, no notice can be served under"
                " this agreement, and its cases are on hold."
            )
        )
    return said


def _address(agreement_id: int, anchor: str | None = None) -> str:
    return url_for("agreements.show_agreement", agreement_id=agreement_id, _anchor=anchor)
