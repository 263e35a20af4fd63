"""The public list: `/` for people, `/subprocessors.json` for programs.

subprocessors-json.md beside this file names the fields.

Transfer bases are shown as they stand today, not as they stood when an entry was published: one
that lapsed stays on the list and says so. What is announced is judged on the day on which it is to
take effect.

Both say the same to everybody, so they may be cached; their validator changes with the list, with
what is announced, with the vendor's profile, with the reference data of transfer bases and with
the vendor's day.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.metadata import version

from flask import Blueprint, current_app, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from subnotify.config import Settings
from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.load_transfer_reference import reference_digest_in_use
from subnotify.rules.words import ChangeKind
from subnotify.storage.announcements import (
    AnnouncedChange,
    announcement_state,
    list_announced_changes,
)
from subnotify.storage.database import db
from subnotify.storage.registry import (
    ListEntry,
    Vendor,
    find_vendor,
    list_entries_in_force,
    list_services,
)
from subnotify.web.access import find_current_operator, open_route, request_at
from subnotify.web.headers import let_be_cached
from subnotify.web.language import current_language, page_wording
from subnotify.web.list_views import (
    announced_data,
    announcement_view,
    listed_data,
    listed_view,
    vendor_data,
)

DATA_FORMAT = "subnotify-list-2"
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
    unchanged = _not_modified(vendor)
    if unchanged is not None:
        return unchanged
    w = page_wording()
    names = {service.key: service.name for service in list_services(db.session())}
    shown = _shown()
    listed = [listed_view(entry, names, w) for entry in shown.entries]
    replaced = {entry.key: entry.facts.name for entry in shown.entries}
    announced = [
        announcement_view(change, names, replaced, w, on=_today()) for change in shown.announced
    ]
    body = render_template(
        "public/list.html",
        vendor=vendor,
        subprocessors=[entry for entry in listed if not entry.is_recipient],
        recipients=[entry for entry in listed if entry.is_recipient],
        announced=announced,
        has_invented=any(x.invented for x in listed) or any(x.entry.invented for x in announced),
    )
    return _cacheable(make_response(body), vendor)


@public.route("/subprocessors.json")
@open_route
def list_data() -> Response:
    """The same as data. Before the first publication: `published` false, and no entries."""
    vendor = find_vendor(db.session())
    if vendor is None or vendor.first_published_at is None:
        return jsonify(format=DATA_FORMAT, published=False, entries=[], announced=[])
    unchanged = _not_modified(vendor)
    if unchanged is not None:
        return unchanged
    changed_at = vendor.list_changed_at or vendor.first_published_at
    shown = _shown()
    response = jsonify(
        format=DATA_FORMAT,
        published=True,
        version=vendor.list_version,
        first_published_at=vendor.first_published_at.isoformat().replace("+00:00", "Z"),
        last_changed_at=changed_at.isoformat().replace("+00:00", "Z"),
        vendor=vendor_data(vendor),
        services=[{"key": x.key, "name": x.name} for x in list_services(db.session())],
        entries=[listed_data(x) for x in shown.entries],
        announced=[announced_data(x) for x in shown.announced],
    )
    return _cacheable(response, vendor)


@dataclass(frozen=True)
class _Shown:
    """The list of the vendor's day, by name, and what is announced, both assessed."""

    entries: tuple[ListEntry, ...]
    announced: tuple[AnnouncedChange, ...]


def _shown() -> _Shown:
    today = _today()
    assessor = EntryAssessor(db.session())
    entries = (
        replace(entry, facts=assessor.assess(entry.facts, on=today))
        for entry in list_entries_in_force(db.session(), today)
    )
    announced = (
        replace(change, facts=assessor.assess(change.facts, on=_judged_on(change, today)))
        for change in list_announced_changes(db.session())
    )
    return _Shown(tuple(sorted(entries, key=_by_name)), tuple(announced))


def _by_name(entry: ListEntry) -> tuple[str, str, bool]:
    """Of two entries of one subprocessor the one that is phased out comes last."""
    return entry.facts.name.casefold(), entry.key, entry.phased_out_from_on is not None


def _judged_on(change: AnnouncedChange, today: date) -> date:
    """The day on which it is to take effect, or today where that has passed or it only leaves."""
    if change.kind is ChangeKind.REMOVAL or change.commencement_on is None:
        return today
    return max(today, change.commencement_on)


def _today() -> date:
    settings: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return request_at().astimezone(settings.zone).date()


def _validator(vendor: Vendor) -> str:
    services = tuple(list_services(db.session()))
    said = (
        *(version("subnotify"), request.path, current_language(), _today()),
        *(vendor, services, announcement_state(db.session())),
        reference_digest_in_use(db.session()),
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _not_modified(vendor: Vendor) -> Response | None:
    """304 for who has this version already. An operator's page has a frame of its own."""
    if find_current_operator() is not None or not request.if_none_match:
        return None
    validator = _validator(vendor)
    if not request.if_none_match.contains_weak(validator):
        return None
    response = Response(status=304)
    response.set_etag(validator, weak=True)
    return let_be_cached(response, FRESH_FOR)


def _cacheable(response: Response, vendor: Vendor) -> Response:
    if find_current_operator() is not None:
        return response
    response.set_etag(_validator(vendor), weak=True)
    return let_be_cached(response, FRESH_FOR)
