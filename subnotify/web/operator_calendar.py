"""Legal's calendar for a program that fetches it, and the page with its private address."""

from datetime import UTC
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.delivery.calendars import MIME_TYPE, CalendarEntry, calendar_bytes
from subnotify.operations.keep_operator_calendar import renew_calendar, revoke_calendar
from subnotify.rules.calendar_uids import common_uid, fetched_sequence
from subnotify.rules.errors import NotFound
from subnotify.rules.lanes import DueKind
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.operator_calendars import (
    CommonEnd,
    DueDay,
    find_calendar_of,
    find_operator_calendar,
    list_commencements,
    list_data_days,
    list_objection_ends,
    list_window_ends,
)
from subnotify.web.access import (
    current_operator,
    needs_role,
    open_route,
    request_at,
    token_digest,
)
from subnotify.web.frame import find_vendor_profile
from subnotify.web.language import current_language
from subnotify.wording.calendars import calendar_name, common_end_summary, due_day_summary
from subnotify.wording.language import Wording, wording_for

operator_calendar = Blueprint("operator_calendar", __name__)


@operator_calendar.route("/calendars/<token>.ics")
@open_route
def fetch(token: str) -> Response:
    """Open, because a calendar program signs in nowhere: the address is the key. Who may see the
    deadlines is asked each time."""
    found = find_calendar_of(db.session(), token_digest(token))
    if found is None:
        raise NotFound
    settings = _settings()
    w = wording_for(found.language, settings.zone.key)
    vendor = find_vendor_profile()
    octets = calendar_bytes(calendar_name(vendor.name if vendor else "", w), _entries(w))
    response = Response(octets, mimetype=MIME_TYPE)
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "no-store"
    return response


@operator_calendar.route("/desk/calendar-address")
@needs_role(Role.LEGAL)
def show_address() -> str:
    return _page("")


@operator_calendar.route("/desk/calendar-address", methods=["POST"])
@needs_role(Role.LEGAL)
def renew() -> str:
    """The answer shows the address, once; it is not redirected, because it can be read nowhere."""
    operator = current_operator()
    token = renew_calendar(
        db.session(),
        operator.id,
        language=current_language(),
        actor=f"operator:{operator.id}",
        at=request_at(),
    )
    return _page(url_for(".fetch", token=token, _external=True))


@operator_calendar.route("/desk/calendar-address/revoke", methods=["POST"])
@needs_role(Role.LEGAL)
def revoke() -> Response:
    operator = current_operator()
    revoke_calendar(db.session(), operator.id, actor=f"operator:{operator.id}", at=request_at())
    flash(_("The address opens nothing any more."))
    return redirect(url_for(".show_address"), code=303)


def _page(address: str) -> str:
    return render_template(
        "account/calendar_address.html",
        address=address,
        calendar=find_operator_calendar(db.session(), current_operator().id),
    )


def _entries(w: Wording) -> list[CalendarEntry]:
    """Of each kind the next ones; what is alike in many cases is one entry with their number."""
    session, at = db.session(), request_at()
    return [
        *(_end(x, DueKind.WINDOW, w) for x in list_window_ends(session, at=at)),
        *(_end(x, DueKind.OBJECTION, w) for x in list_objection_ends(session, at=at)),
        *(
            _day(x, DueKind.COMMENCEMENT, w)
            for x in list_commencements(session, since=w.local(at).date())
        ),
        *(_day(x, DueKind.DATA, w) for x in list_data_days(session)),
    ]


def _end(end: CommonEnd, kind: DueKind, w: Wording) -> CalendarEntry:
    last_day, is_whole_day = w.last_day(end.at)
    when = end.at.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
    return CalendarEntry(
        uid=common_uid(kind.value, end.change_id, when, _host()),
        sequence=fetched_sequence(request_at()),
        summary=common_end_summary(kind, end.change, end.cases, w),
        changed_at=request_at(),
        on=last_day if is_whole_day else None,
        starts_at=None if is_whole_day else end.at,
        description=w.gettext("Until %(end)s.", end=w.until(end.at)),
        url=_board(kind, last_day.isoformat(), end.change_id),
    )


def _day(due: DueDay, kind: DueKind, w: Wording) -> CalendarEntry:
    return CalendarEntry(
        uid=common_uid(kind.value, due.change_id, f"{due.on:%Y%m%d}", _host()),
        sequence=fetched_sequence(request_at()),
        summary=due_day_summary(due.change, due.cases, w),
        changed_at=request_at(),
        on=due.on,
        url=_board(kind, due.on.isoformat(), due.change_id),
    )


def _board(kind: DueKind, day: str, change_id: int | None) -> str:
    """The cases on the board; it asks for the sign-in."""
    return url_for("board.show_board", due=kind.value, on=day, change=change_id, _external=True)


def _host() -> str:
    return urlsplit(_settings().public_url).hostname or "localhost"


def _settings() -> Settings:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return settings
