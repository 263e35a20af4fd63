"""The rows of places in the form of an entry: a country or an organisation, and what is there."""

import hashlib
import json
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, SelectField, StringField

from subnotify.rules.locations import Location, location_to_mapping, without_assessments
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.web.forms_base import strip


class LocationForm(Form):
    """One row. number: of the stored location that it shows, "" for a new one."""

    number = HiddenField()
    country = SelectField(_l("Country"), validate_choice=False)
    kind = SelectField(_l("What is there"), validate_choice=False)
    organisation = StringField(_l("International organisation"), filters=[strip])

    @property
    def is_blank(self) -> bool:
        return not (self.country.data or self.organisation.data)


def row_data(place: Location, number: int) -> dict[str, str]:
    """What a row shows of a stored location."""
    return {
        "number": str(number),
        "country": place.country,
        "kind": place.kind.value,
        "organisation": place.organisation,
    }


def row_to_plain(form: LocationForm, before: SubprocessorFacts | None) -> dict[str, Any]:
    """The row as `read_facts` reads it, with the bases that are recorded for the same place: what
    is recorded for one country says nothing of another."""
    plain: dict[str, Any] = {
        "country": form.country.data or "",
        "kind": form.kind.data,
        "organisation": form.organisation.data or "",
    }
    known = _find_stored(form, before.locations if before else ())
    if known is not None:
        plain["bases"] = without_assessments(location_to_mapping(known)).get("bases", [])
    return plain


def _find_stored(form: LocationForm, stored: tuple[Location, ...]) -> Location | None:
    place = (form.country.data or "", form.organisation.data or "")
    number = form.number.data or ""
    # Others may have moved the rows since the page was shown: then the kind tells.
    candidates = [stored[int(number)]] if _is_index(number, stored) else []
    if number:
        candidates += [x for x in stored if x.kind.value == form.kind.data]
    return next((x for x in candidates if (x.country, x.organisation) == place), None)


def _is_index(number: str, stored: tuple[Location, ...]) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 4 and int(number) < len(stored)


def facts_digest(facts: SubprocessorFacts) -> str:
    """What the form of an entry shows, as one value: everything but the bases."""
    plain = facts_to_mapping(facts)
    plain["locations"] = [(x.country, x.kind.value, x.organisation) for x in facts.locations]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
