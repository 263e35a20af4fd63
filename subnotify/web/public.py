"""The public list: `/` for people, `/subprocessors.json` for programs, `/history` for both.

subprocessors-json.md beside this file names the fields. With `?on=2026-03-31` page and data say
what was in force on that day, since the list was first published.

Transfer bases are shown as they stand today, not as they stood when an entry was published: one
that lapsed stays on the list and says so. What is announced is judged on the day on which it is to
take effect.

Both say the same to everybody, so they may be cached; their validator changes with the list, with
what is announced, with the vendor's profile, with the reference data of transfer bases and with
the vendor's day.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib.metadata import version

from flask import Blueprint, current_app, jsonify, make_response, render_template, request, session
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.load_transfer_reference import reference_digest_in_use
from subnotify.rules.errors import NotFound
from subnotify.rules.transfer_words import ExportLaw
from subnotify.storage.announcements import announcement_state
from subnotify.storage.database import db
from subnotify.storage.registry import Vendor, find_vendor, list_services
from subnotify.web.access import find_current_operator, open_route, request_at
from subnotify.web.chart_views import chart_data, chart_views
from subnotify.web.history_views import history_lines
from subnotify.web.language import ARGUMENT, current_language, page_wording
from subnotify.web.list_data import announced_data, day_data, listed_data, vendor_data
from subnotify.web.list_views import announcement_view, listed_view, row_names
from subnotify.web.map_views import list_map, map_choices
from subnotify.web.page_cache import answer_for_everybody
from subnotify.web.shown_list import shown_list

DATA_FORMAT = "subnotify-list-2"
# Under which law the map is drawn, and the list of which day is shown.
MAP_ARGUMENT, DAY_ARGUMENT = "law", "on"
# Asked for again each time, answered "not modified" unless the list changed.
FRESH_FOR = timedelta(0)

public = Blueprint("public", __name__)


@public.route("/")
@open_route
def show_list() -> Response:
    """The list as it is in force, and what is announced."""
    vendor = find_vendor(db.session())
    if vendor is None or vendor.first_published_at is None:
        return make_response(render_template("public/not_published.html"))
    on = _asked_day(vendor)
    return _answer(vendor, lambda: make_response(_page(vendor, on)))


@public.route("/history")
@open_route
def show_history() -> Response:
    """What took effect, and when."""
    vendor = find_vendor(db.session())
    if vendor is None or vendor.first_published_at is None:
        raise NotFound
    published_at = vendor.first_published_at
    return _answer(
        vendor,
        lambda: make_response(
            render_template(
                "public/history.html",
                lines=history_lines(db.session(), published_at, page_wording()),
            )
        ),
    )


def _page(vendor: Vendor, on: date) -> str:
    w = page_wording()
    shown = shown_list(db.session(), vendor, on=on, is_past=on < _today())
    services = {service.key: service.name for service in list_services(db.session())}
    names = row_names(shown.entries, shown.row_ids)
    listed = [
        listed_view(entry, services, w, row_id=shown.row_ids[entry.id], others=names)
        for entry in shown.entries
    ]
    announced = [
        announcement_view(change, services, names, w, on=_today()) for change in shown.announced
    ]
    law = _map_law(vendor)
    return render_template(
        "public/list.html",
        vendor=vendor,
        subprocessors=[entry for entry in listed if not entry.is_recipient],
        recipients=[entry for entry in listed if entry.is_recipient],
        announced=announced,
        charts=chart_views(shown.chart, w),
        map=list_map(shown.entries, w, law),
        map_laws=map_choices(vendor.profile.laws, law, w),
        published_on=w.local(_published_at(vendor)).date(),
        modified_on=_modified_on(vendor),
        past_on=on if on < _today() else None,
        has_invented=any(x.invented for x in listed) or any(x.entry.invented for x in announced),
    )


@public.route("/subprocessors.json")
@open_route
def list_data() -> Response:
    """The same as data. Before the first publication: `published` false, and no entries."""
    vendor = find_vendor(db.session())
    if vendor is None or vendor.first_published_at is None:
        return jsonify(format=DATA_FORMAT, published=False, entries=[], announced=[])
    on = _asked_day(vendor)
    return _answer(vendor, lambda: _data(vendor, on))


def _data(vendor: Vendor, on: date) -> Response:
    shown = shown_list(db.session(), vendor, on=on, is_past=on < _today())
    return jsonify(
        format=DATA_FORMAT,
        published=True,
        on=on.isoformat(),
        version=vendor.list_version,
        first_published_at=_published_at(vendor).isoformat().replace("+00:00", "Z"),
        last_changed_at=_changed_at(vendor).isoformat().replace("+00:00", "Z"),
        vendor=vendor_data(vendor),
        services=[{"key": x.key, "name": x.name} for x in list_services(db.session())],
        entries=[listed_data(x) for x in shown.entries],
        announced=[announced_data(x) for x in shown.announced],
        chart=chart_data(shown.chart),
        chart_modified_on=day_data(_modified_on(vendor)),
    )


def _today() -> date:
    return request_at().astimezone(_settings().zone).date()


def _asked_day(vendor: Vendor) -> date:
    """The day whose list is asked for, else today. NotFound where there was or is none."""
    asked = request.args.get(DAY_ARGUMENT)
    if asked is None:
        return _today()
    try:
        on = date.fromisoformat(asked)
    except ValueError:
        raise NotFound from None
    first = _published_at(vendor).astimezone(_settings().zone).date()
    # One address for each day: the parser takes other forms, too.
    if on.isoformat() != asked or not first <= on <= _today():
        raise NotFound
    return on


def _settings() -> Settings:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return settings


def _published_at(vendor: Vendor) -> datetime:
    assert vendor.first_published_at is not None  # only a published list is shown
    return vendor.first_published_at


def _changed_at(vendor: Vendor) -> datetime:
    return vendor.list_changed_at or _published_at(vendor)


def _modified_on(vendor: Vendor) -> date:
    """The day on which the chart last changed: the list, or what the vendor states itself."""
    stated = [x.modified_on for x in vendor.profile.mechanisms if x.modified_on is not None]
    return max([_changed_at(vendor).astimezone(_settings().zone).date(), *stated])


def _map_law(vendor: Vendor) -> ExportLaw:
    """The law that the reader chose for the map, else the vendor's first."""
    laws = vendor.profile.laws
    return next((law for law in laws if law.value == request.args.get(MAP_ARGUMENT)), laws[0])


def _answer(vendor: Vendor, render: Callable[[], Response]) -> Response:
    """What everybody gets. An operator's page has a frame of its own; a message is told once."""
    if find_current_operator() is not None or "_flashes" in session:
        return render()
    return answer_for_everybody(_validator(vendor), render, fresh_for=FRESH_FOR)


def _validator(vendor: Vendor) -> str:
    # The page links to itself in the other language, with whatever else it was asked.
    asked = [pair for pair in request.args.items(multi=True) if pair[0] != ARGUMENT]
    said = (
        *(version("subnotify"), request.script_root, request.path, asked),
        *(current_language(), _today()),
        *(vendor, tuple(list_services(db.session())), announcement_state(db.session())),
        reference_digest_in_use(db.session()),
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]
