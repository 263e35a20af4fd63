"""The blueprint of the client portal, and what its pages have in common."""

from typing import Any

from flask import Blueprint, g, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from subnotify.storage.portal import PortalVisit
from subnotify.web.language import set_page_language

portal = Blueprint("portal", __name__, url_prefix="/portal")


@portal.before_request
def speak_the_language_of_the_mailbox() -> None:
    """What the reader chose in this browser goes first, as on every page."""
    visit: PortalVisit | None = g.get("portal_visit")
    if visit is not None and visit.language is not None:
        set_page_language(visit.language)


@portal.context_processor
def frame_of_visit() -> dict[str, Any]:
    """The mailbox that is signed in, if any, and the pages it may go to."""
    visit: PortalVisit | None = g.get("portal_visit")
    entries = (
        (gettext("Deadlines and notices"), url_for("portal.home")),
        (gettext("The list today"), url_for("portal.show_lists")),
        (gettext("Calendar"), url_for("portal.show_calendar")),
        (gettext("Documents"), url_for("portal.show_documents")),
        (gettext("Contacts on file"), url_for("portal.show_contacts")),
        (gettext("Language and clients"), url_for("portal.show_choices")),
    )
    return {"visit": visit, "portal_entries": entries if visit else ()}


@portal.after_request
def keep_out_of_indexes(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
