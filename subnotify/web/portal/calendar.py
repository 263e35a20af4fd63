"""The private calendar address of a mailbox: its page, and the calendar that a program fetches."""

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.delivery.calendars import MIME_TYPE
from subnotify.operations.keep_portal_calendar import (
    fetch_portal_calendar,
    renew_portal_calendar,
    revoke_portal_calendar,
)
from subnotify.storage.database import db
from subnotify.storage.portal_calendars import find_portal_calendar
from subnotify.web.access import (
    current_visit,
    open_route,
    portal_route,
    request_at,
    token_digest,
)
from subnotify.web.language import current_language
from subnotify.web.portal.blueprint import portal


@portal.route("/calendars/<token>.ics")
@open_route
def fetch_calendar(token: str) -> Response:
    """Open, because a calendar program signs in nowhere: the address is the key."""
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    octets = fetch_portal_calendar(
        db.session(),
        token_digest(token),
        zone=settings.zone.key,
        public_url=settings.public_url,
        at=request_at(),
    )
    response = Response(octets, mimetype=MIME_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


@portal.route("/calendar")
@portal_route
def show_calendar() -> str:
    return _page("")


@portal.route("/calendar", methods=["POST"])
@portal_route
def renew_calendar() -> str:
    """The answer shows the address, once; it is not redirected, because it can be read nowhere."""
    token = renew_portal_calendar(
        db.session(), current_visit(), language=current_language(), at=request_at()
    )
    return _page(url_for(".fetch_calendar", token=token, _external=True))


@portal.route("/calendar/revoke", methods=["POST"])
@portal_route
def revoke_calendar() -> Response:
    revoke_portal_calendar(db.session(), current_visit(), at=request_at())
    flash(_("The address opens nothing any more."))
    return redirect(url_for(".show_calendar"), code=303)


def _page(address: str) -> str:
    found = find_portal_calendar(db.session(), current_visit().mailbox)
    return render_template("portal/calendar.html", address=address, calendar=found)
