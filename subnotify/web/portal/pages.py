"""The pages of a signed-in mailbox. All they show is loaded through the current client."""

from dataclasses import replace

from flask import abort, current_app, render_template, request, url_for

from subnotify.operations.show_client_list import show_client_list
from subnotify.storage.database import db
from subnotify.storage.portal_contacts import list_portal_contacts
from subnotify.storage.portal_notices import (
    find_next_deadline,
    get_portal_agreement,
    list_portal_agreements,
    list_portal_notices,
)
from subnotify.storage.registry import list_services
from subnotify.web.access import current_visit, portal_route, request_at
from subnotify.web.client_lists import entry_view, recipient_view
from subnotify.web.frame import find_vendor_profile
from subnotify.web.language import page_wording
from subnotify.web.portal.blueprint import portal
from subnotify.wording.catalogue import LANGUAGES
from subnotify.wording.transfer_reasons import law_words

LAST_PAGE = 10_000


@portal.route("")
@portal_route
def home() -> str:
    """The next deadline first, then all notices, the latest first."""
    visit, page = current_visit(), _page_number()
    found = list_portal_notices(db.session(), visit, page=page)
    return render_template(
        "portal/home.html",
        next_deadline=find_next_deadline(db.session(), visit, at=request_at()),
        notices=found.notices,
        earlier=url_for(".home", page=page - 1) if page > 1 else None,
        later=url_for(".home", page=page + 1) if found.has_more else None,
        is_first=page == 1,
    )


@portal.route("/lists")
@portal_route
def show_lists() -> str:
    """The agreements, each leading to its list."""
    return render_template(
        "portal/lists.html", agreements=list_portal_agreements(db.session(), current_visit())
    )


@portal.route("/agreements/<int:agreement_id>/list")
@portal_route
def show_list(agreement_id: int) -> str:
    """The list that applies under one agreement today, as the desk shows it."""
    agreement = get_portal_agreement(db.session(), current_visit(), agreement_id)
    zone, w = current_app.config["SUBNOTIFY_SETTINGS"].zone, page_wording()
    today = request_at().astimezone(zone).date()
    shown = show_client_list(db.session(), agreement_id, on=today, zone=zone, at=request_at())
    names = {service.key: service.name for service in list_services(db.session())}
    laws = frozenset(shown.laws)
    return render_template(
        "portal/list.html",
        agreement=agreement,
        on=shown.on,
        laws=w.listed([law_words(law, w) for law in shown.laws]),
        # Cases are the desk's.
        used=[replace(entry_view(x, names, laws, w), case_id=None) for x in shown.applies.used],
        not_used=[
            replace(entry_view(x, names, laws, w), case_id=None) for x in shown.applies.not_used
        ],
        recipients=[recipient_view(x, names, laws, w) for x in shown.applies.recipients],
    )


@portal.route("/contacts")
@portal_route
def show_contacts() -> str:
    """Who is on file for the agreements, and how that is changed."""
    return render_template(
        "portal/contacts.html",
        agreements=list_portal_contacts(db.session(), current_visit()),
        vendor=find_vendor_profile(),
    )


@portal.route("/choices")
@portal_route
def show_choices() -> str:
    """The languages, each by its own name, and the clients that the mailbox serves."""
    return render_template("portal/choices.html", languages=list(LANGUAGES.items()))


def _page_number() -> int:
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LAST_PAGE):
        abort(404)
    return int(text)
