"""The list that applies to one client today, or on an earlier day: as a page and as data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, current_app, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from subnotify.operations.show_client_list import DayAhead, ShownClientList, show_client_list
from subnotify.operations.show_list_document import render_client_list
from subnotify.rules.client_list_facts import EntryOfList
from subnotify.rules.client_lists import ClientEntry
from subnotify.rules.document_requests import ListNotPublished
from subnotify.rules.errors import NotFound
from subnotify.rules.texts import LANGUAGES
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import Role
from subnotify.storage.agreement_file import AgreementHead, get_agreement_head
from subnotify.storage.database import db
from subnotify.storage.registry import list_services
from subnotify.web.access import needs_role, request_at
from subnotify.web.agreements import today
from subnotify.web.documents import download
from subnotify.web.language import page_wording
from subnotify.web.list_data import day_data, facts_data
from subnotify.web.registry_steps import is_legal
from subnotify.wording.bases import location_words
from subnotify.wording.client_lists import used_notes, why_not_words
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line
from subnotify.wording.transfer_reasons import law_words

DATA_FORMAT = "subnotify-client-list-1"

client_lists = Blueprint("client_lists", __name__, url_prefix="/desk/agreements/<int:agreement_id>")


@dataclass(frozen=True)
class EntryView:
    """An entry as the page shows it. notes: what is particular; why_not: "" where it is used."""

    name: str
    address: str
    activities: str
    services: str
    places: tuple[str, ...]
    since_on: date | None
    notes: tuple[str, ...] = ()
    why_not: str = ""
    case_id: int | None = None


@client_lists.route("/list")
@needs_role(Role.LEGAL, Role.PUBLISHER)
def show_list(agreement_id: int) -> str | Response:
    """The list of the day in `?on=`; what is no day that has come is said, and today's shown."""
    head, w = get_agreement_head(db.session(), agreement_id), page_wording()
    on, problem = _asked_day()
    shown = _shown(agreement_id, on)
    names = {service.key: service.name for service in list_services(db.session())}
    laws = frozenset(shown.laws)
    page = render_template(
        "desk/agreements/list.html",
        head=head,
        on=shown.on,
        is_today=shown.on == today(),
        asked=request.args.get("on", ""),
        problem=problem,
        laws=w.listed([law_words(law, w) for law in shown.laws]),
        used=[entry_view(x, names, laws, w) for x in shown.applies.used],
        not_used=[entry_view(x, names, laws, w) for x in shown.applies.not_used],
        recipients=[recipient_view(x, names, laws, w) for x in shown.applies.recipients],
        is_legal=is_legal(),
        documents=[(code, w.language_name(code)) for code in LANGUAGES],
    )
    return make_response(page, 400) if problem else page


@client_lists.route("/list.json")
@needs_role(Role.LEGAL, Role.PUBLISHER)
def list_data(agreement_id: int) -> Response:
    """The same as data. 400 for what is no day that has come."""
    head = get_agreement_head(db.session(), agreement_id)
    on, problem = _asked_day()
    if problem:
        return make_response(jsonify(format=DATA_FORMAT, problem=problem), 400)
    return jsonify(client_list_data(head, _shown(agreement_id, on)))


@client_lists.route("/list.pdf")
@needs_role(Role.LEGAL)
def list_document(agreement_id: int) -> Response:
    """The same on paper, in the agreement's language or the one in `?language=`; nothing is kept
    of it. 400 for what is no day that has come, 404 where no list was published yet."""
    head = get_agreement_head(db.session(), agreement_id)
    on, problem = _asked_day()
    if problem:
        return make_response(jsonify(problem=problem), 400)
    asked = request.args.get("language", "")
    try:
        rendered = render_client_list(
            db.session(),
            agreement_id,
            on=on,
            language=asked if asked in LANGUAGES else head.language,
            zone=current_app.config["SUBNOTIFY_SETTINGS"].zone,
            at=request_at(),
        )
    except ListNotPublished as error:
        raise NotFound from error
    return download(rendered.raw, rendered.file_name, "application/pdf")


def client_list_data(head: AgreementHead, shown: ShownClientList) -> dict[str, Any]:
    """The list of one agreement as plain data; days are the vendor's."""
    return {
        "format": DATA_FORMAT,
        "agreement": {"key": head.key, "reference": head.reference, "client": head.client},
        "on": shown.on.isoformat(),
        "laws": [law.value for law in shown.laws],
        "subprocessors": [_used_data(x) for x in shown.applies.used],
        "not_used": [
            {
                "key": x.entry.key,
                "name": x.entry.facts.name,
                "reason": x.why_not.value if x.why_not else None,
                "countries": sorted(x.countries),
                "since": day_data(x.since_on),
            }
            for x in shown.applies.not_used
        ],
        "recipients": [facts_data(x.key, x.facts) for x in shown.applies.recipients],
    }


def _used_data(found: ClientEntry) -> dict[str, Any]:
    return {
        **facts_data(found.entry.key, found.entry.facts),
        "services": list(found.services),
        "since": day_data(found.since_on),
        "phased_out_from": day_data(found.entry.phased_out_from_on) if found.is_kept else None,
        "exceptions": [
            {"country": x.country, "from": day_data(x.from_on), "until": day_data(x.until_on)}
            for x in found.rests_on
        ],
    }


def _asked_day() -> tuple[date, str]:
    """The day asked for, and what is wrong with it; then today stands in."""
    text, w = request.args.get("on", "").strip(), page_wording()
    if not text:
        return today(), ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today(), w.gettext("This is not a day. Write it as year-month-day.")
    return (today(), w.gettext(DayAhead.message)) if day > today() else (day, "")


def _shown(agreement_id: int, on: date) -> ShownClientList:
    zone = current_app.config["SUBNOTIFY_SETTINGS"].zone
    return show_client_list(db.session(), agreement_id, on=on, zone=zone, at=request_at())


def entry_view(
    found: ClientEntry, names: Mapping[str, str], laws: frozenset[ExportLaw], w: Wording
) -> EntryView:
    """The entry as a page shows it. names: of services by key; laws: to assess places under."""
    facts = found.entry.facts
    return EntryView(
        name=facts.name,
        address=one_line(facts.address),
        activities=facts.activities.in_language(w.language),
        services=_services(found.services, names, w),
        places=tuple(location_words(x, w, laws) for x in facts.locations),
        since_on=found.since_on,
        notes=used_notes(found, w) if found.why_not is None else (),
        why_not=why_not_words(found, w),
        case_id=found.case_id,
    )


def recipient_view(
    entry: EntryOfList, names: Mapping[str, str], laws: frozenset[ExportLaw], w: Wording
) -> EntryView:
    """A recipient as a page shows it."""
    facts = entry.facts
    return EntryView(
        name=facts.name,
        address=one_line(facts.address),
        activities=facts.activities.in_language(w.language),
        services=_services(facts.services, names, w),
        places=tuple(location_words(x, w, laws) for x in facts.locations),
        since_on=entry.from_on,
    )


def _services(keys: Iterable[str], names: Mapping[str, str], w: Wording) -> str:
    return w.listed([names.get(key, key) for key in keys])
