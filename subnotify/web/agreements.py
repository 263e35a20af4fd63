"""Clients' agreements on the desk: the list, one agreement's page, adding and changing one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.operations.keep_agreement import AgreementFacts, add_agreement, change_agreement
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import Role
from subnotify.storage.agreement_file import (
    AgreementFile,
    AgreementHead,
    TermsVersion,
    get_agreement_file,
    get_agreement_head,
)
from subnotify.storage.agreement_pages import count_agreements, list_agreements
from subnotify.storage.client_pages import get_client_file
from subnotify.storage.country_exceptions import list_recorded_exceptions, name_subprocessors
from subnotify.storage.database import db
from subnotify.storage.registry import find_vendor, list_services
from subnotify.storage.registry_history import list_facts
from subnotify.web.access import needs_role, request_at
from subnotify.web.agreement_forms import AgreementForm, NewAgreementForm
from subnotify.web.case_steps import Shown, Step
from subnotify.web.country_views import exception_views
from subnotify.web.language import page_wording
from subnotify.web.registry_history import history_views
from subnotify.web.registry_steps import (
    WRITERS,
    Place,
    acting,
    is_legal,
    is_writer,
    take_registry_step,
)
from subnotify.web.requests_views import views_of
from subnotify.wording.countries import countries_listed
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason
from subnotify.wording.notice_terms import terms_sentence
from subnotify.wording.transfer_reasons import law_words

PAGE_SIZE = 50
TERMS_FORM = "terms.edit_terms"

agreements = Blueprint("agreements", __name__, url_prefix="/desk")


@agreements.route("/agreements")
@needs_role(*Role)
def show_agreements() -> str:
    """A page of agreements: services, contacts, terms, and whether dates can be computed."""
    w = page_wording()
    search = request.args.get("search", "").strip()[:200]
    asked: dict[str, Any] = {"search": search} if search else {}
    total = count_agreements(db.session(), search)
    last = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    listed = list_agreements(db.session(), search, skip=(page - 1) * PAGE_SIZE, most=PAGE_SIZE)
    return render_template(
        "desk/agreements.html",
        rows=[
            (
                x,
                terms_sentence(terms_from_mapping(x.terms) if x.terms else None, w),
                not_computable_reason(x.not_computable, w) if x.not_computable else "",
            )
            for x in listed
        ],
        search=search,
        total=total,
        earlier=url_for(".show_agreements", page=page - 1, **asked) if page > 1 else None,
        later=url_for(".show_agreements", page=page + 1, **asked) if page < last else None,
        page=page,
        last=last,
        today=today(),
    )


@dataclass(frozen=True)
class TermsView:
    """A version of the notice terms, read out."""

    number: int
    is_current: bool
    sentence: str
    reason: str
    clause: str
    quotation: str
    recorded_at: datetime
    recorded_by: str


@agreements.route("/agreements/<int:agreement_id>")
@needs_role(*Role)
def show_agreement(agreement_id: int) -> str:
    """One agreement: services, contacts, versions of its terms, its cases, what was recorded."""
    w = page_wording()
    file = get_agreement_file(db.session(), agreement_id)
    head = file.head
    facts = list_facts(db.session(), [("agreement", [agreement_id])])
    return render_template(
        "desk/agreements/agreement.html",
        file=file,
        head=head,
        terms=[_terms_view(x, w) for x in file.terms],
        allowed_countries=_allowed_countries(file, w),
        exceptions=exception_views(
            list_recorded_exceptions(db.session(), agreement_id),
            name_subprocessors(db.session()),
            today(),
            w,
        ),
        laws=w.listed([law_words(x, w) for x in vendor_laws() if not head.laws or x in head.laws]),
        has_notice_contact=_has_notice_contact(file),
        terms_address=_terms_address(agreement_id),
        history=history_views(facts, w),
        requests=views_of([agreement_id], today()) if is_writer() else (),
        today=today(),
        is_writer=is_writer(),
        is_legal=is_legal(),
    )


@agreements.route("/clients/<int:client_id>/agreements/new", methods=["GET", "POST"])
@needs_role(*WRITERS)
def new_agreement(client_id: int) -> str | Response:
    """Add an agreement of a client, with what it says when it is signed."""
    client = get_client_file(db.session(), client_id)
    form = NewAgreementForm().offer(
        list_services(db.session()), client.contacts, vendor_laws(), page_wording()
    )
    said = [_("Its notice terms are entered afterwards; until then no deadline can be computed.")]
    if not client.contacts:
        said.append(
            _(
                "This client has no contacts yet. Add them first: whom the signed agreement names"
                " is then designated without a letter."
            )
        )
    step = Step(
        title=_("Add an agreement"),
        button=_("Add the agreement"),
        done=_("The agreement is added. Enter its notice terms next."),
        said=said,
    )
    return take_registry_step(
        form,
        step,
        Place(client.name, url_for("clients.show_client", client_id=client_id), client.name),
        _new_fields(form),
        lambda: add_agreement(
            db.session(),
            client_id,
            form.facts(),
            form.content(),
            key=form.key.data or "",
            **acting(),
        ),
        lambda kept: url_for(".show_agreement", agreement_id=kept.id),
    )


@agreements.route("/agreements/<int:agreement_id>/edit", methods=["GET", "POST"])
@needs_role(*WRITERS)
def edit_agreement(agreement_id: int) -> str | Response:
    head = get_agreement_head(db.session(), agreement_id)
    laws = tuple(law for law in vendor_laws() if law in head.laws)
    stored = AgreementFacts(head.reference, head.language, head.signed_on, laws)
    form = AgreementForm(obj=stored)
    form.offer_languages()
    form.offer_laws(vendor_laws(), page_wording())
    form.show(stored)
    step = Step(
        title=_("Change the agreement"),
        button=_("Save"),
        done=_("The agreement is saved."),
        said=[
            _("Notices that were made stay as they are; a new language holds for the next ones."),
            _("Its key, %(key)s, stays: import files know the agreement by it.", key=head.key),
        ],
    )
    return take_registry_step(
        form,
        step,
        agreement_place(head),
        [*_facts_fields(form), Shown(form.seen)],
        lambda: change_agreement(db.session(), agreement_id, form.facts(laws), **acting()),
        lambda _kept: url_for(".show_agreement", agreement_id=agreement_id),
        lambda: form.is_overtaken(stored, form.facts(laws)),
    )


def agreement_place(head: AgreementHead) -> Place:
    """The page of an agreement, as the place of a step."""
    return Place(
        f"{head.client}, {head.reference}",
        url_for("agreements.show_agreement", agreement_id=head.id),
        head.reference,
    )


def today() -> date:
    """The request's day, in the vendor's zone."""
    day: date = request_at().astimezone(acting()["zone"]).date()
    return day


def vendor_laws() -> tuple[ExportLaw, ...]:
    """The export laws under which the list is assessed; none before the first import."""
    vendor = find_vendor(db.session())
    return vendor.profile.laws if vendor is not None else ()


def _facts_fields(form: AgreementForm) -> list[Shown]:
    fields = [
        Shown(form.reference),
        Shown(form.language),
        Shown(form.signed_on, width="width-10"),
    ]
    if "laws" in form:
        fields.append(Shown(form.laws, hint=_("None chosen: all of them.")))
    return fields


def _new_fields(form: NewAgreementForm) -> Sequence[Shown]:
    fields = [
        *_facts_fields(form),
        Shown(form.services),
        Shown(
            form.from_on,
            hint=_("Leave it empty if they are used already since the agreement began."),
            width="width-10",
        ),
    ]
    if "notice_contacts" in form:
        fields += [
            Shown(
                form.notice_contacts,
                hint=_("Only a notice to them opens the window to object."),
            ),
            Shown(form.clause, hint=_("For example: annex 2."), width="width-20"),
            Shown(form.copy_contacts, hint=_("They get copies; nothing depends on them.")),
        ]
    key_hint = _(
        "It names the agreement in import files for good. Left empty, it is made from the"
        " reference."
    )
    return [*fields, Shown(form.key, hint=key_hint, width="width-20")]


def _allowed_countries(file: AgreementFile, w: Wording) -> str:
    """Those that the present terms allow, in words; "" where they restrict nothing."""
    current = next((x for x in file.terms if x.is_current), None)
    if current is None:
        return ""
    return countries_listed(terms_from_mapping(current.terms).allowed_countries, w)


def _has_notice_contact(file: AgreementFile) -> bool:
    return any(x.kind.value == "notice" and x.ended_on is None for x in file.contacts)


def _terms_view(version: TermsVersion, w: Wording) -> TermsView:
    terms = terms_from_mapping(version.terms)
    return TermsView(
        number=version.number,
        is_current=version.is_current,
        sentence=terms_sentence(terms, w),
        reason=not_computable_reason(version.not_computable, w) if version.not_computable else "",
        clause=terms.provenance.clause,
        quotation=terms.provenance.quotation,
        recorded_at=version.recorded_at,
        recorded_by=version.recorded_by,
    )


def _terms_address(agreement_id: int) -> str | None:
    """Where legal enters the terms, if this installation has that page."""
    if TERMS_FORM not in current_app.view_functions:
        return None
    return url_for(TERMS_FORM, agreement_id=agreement_id)
