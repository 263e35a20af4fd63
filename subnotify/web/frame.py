"""What every page is framed by: the vendor's name and contact, the languages, the navigation."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for

from subnotify.rules.vendor import VendorProfile, vendor_from_mapping
from subnotify.storage.database import db
from subnotify.storage.queue_state import find_alarm
from subnotify.storage.tables import VendorRow
from subnotify.web.access import find_current_operator
from subnotify.web.language import current_language, list_language_choices
from subnotify.web.navigation import list_navigation

STYLESHEET = "subnotify.css"


@dataclass(frozen=True)
class PageFrame:
    vendor_name: str
    home_address: str
    data_protection_contact: str
    data_protection_email: str
    demonstration: bool


def find_vendor_profile() -> VendorProfile | None:
    """The vendor as this request knows it; None before it was imported."""
    if "vendor_profile" not in g:
        row = db.session.get(VendorRow, 1)
        g.vendor_profile = None if row is None else vendor_from_mapping(row.profile)
    profile: VendorProfile | None = g.vendor_profile
    return profile


def _frame() -> PageFrame:
    profile = None if g.get("without_database") else find_vendor_profile()
    home = f"{request.script_root}/"
    if profile is None:
        return PageFrame("subnotify", home, "", "", False)
    return PageFrame(
        profile.name,
        home,
        profile.contact_name or profile.name,
        profile.contact_email,
        profile.demonstration,
    )


def init_frame(app: Flask) -> None:
    """Give base.html what it needs."""
    # The address changes with the content, so that browsers may keep it for long.
    digest = hashlib.sha256((Path(str(app.static_folder)) / STYLESHEET).read_bytes()).hexdigest()

    @app.context_processor
    def frame() -> dict[str, Any]:
        # Before the guard ran (a bad host, too large a body) nobody is known.
        operator = None if g.get("without_database") else find_current_operator()
        return {
            "frame": _frame(),
            "operator": operator,
            "navigation": list_navigation(operator),
            "sending_alarm": find_alarm(db.session()) if operator else None,
            "page_language": current_language(),
            "language_choices": list_language_choices(),
            "stylesheet_address": url_for("static", filename=STYLESHEET, v=digest[:12]),
        }
