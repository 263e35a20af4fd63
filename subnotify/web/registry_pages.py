"""What the pages of the registry share: the blueprint, the entry looked at, what is said after."""

from dataclasses import replace
from datetime import date

from flask import Blueprint, current_app, flash
from flask_babel import gettext as _
from flask_babel import ngettext

from subnotify.config import Settings
from subnotify.rules.errors import NotFound
from subnotify.rules.facts_assessment import is_lawful
from subnotify.rules.publication_gaps import publication_gaps
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.web.access import current_operator, request_at
from subnotify.web.language import page_wording
from subnotify.web.registry_location_views import location_name
from subnotify.web.registry_views import EntryRow, find_row

registry = Blueprint("registry", __name__, url_prefix="/desk/registry")


def row_of(subprocessor_id: int) -> EntryRow:
    """The entry of an address. Raises NotFound."""
    row = find_row(db.session(), subprocessor_id, page_wording(), on=today())
    if row is None:
        raise NotFound
    return row


def say_saved(assessed: SubprocessorFacts, following: int | None) -> None:
    """Tell what a saved draft still lacks, and the place whose page opens next (from 1)."""
    said = []
    missing = len(publication_gaps(assessed, "facts"))
    if missing:
        said.append(
            ngettext(
                "Draft saved. %(num)s fact is still missing.",
                "Draft saved. %(num)s facts are still missing.",
                missing,
            )
        )
    else:
        said.append(_("Draft saved. Nothing is missing."))
    if following is not None:
        name = location_name(assessed, following - 1, page_wording())
        said.append(_("Next: what makes the transfer lawful. %(place)s.", place=name))
    flash(" ".join(said), "info" if missing else "success")


def first_unlawful(assessed: SubprocessorFacts, *, after: int = 1) -> int | None:
    """The number, from 1, of a location that is not lawful: that one or a later, else an earlier;
    None where all are."""
    order = [*range(after, len(assessed.locations) + 1), *range(1, after)]
    return next((n for n in order if not _is_lawful_at(assessed, n)), None)


def _is_lawful_at(assessed: SubprocessorFacts, number: int) -> bool:
    return is_lawful(replace(assessed, locations=(assessed.locations[number - 1],)))


def may_write() -> bool:
    return Role.PUBLISHER in current_operator().roles


def may_note() -> bool:
    return bool(current_operator().roles & {Role.PUBLISHER, Role.LEGAL})


def may_edit_vendor() -> bool:
    return bool(current_operator().roles & {Role.LEGAL, Role.ADMIN})


def settings() -> Settings:
    found: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return found


def today() -> date:
    """The vendor's day."""
    return request_at().astimezone(settings().zone).date()
