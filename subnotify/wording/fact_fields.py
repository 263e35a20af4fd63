"""The fields of a subprocessor's facts, as people read them."""

import re

from subnotify.rules.errors import N_
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.wording.bases import place_name
from subnotify.wording.labels import label
from subnotify.wording.language import Wording

_LABELS = {
    "name": N_("Legal name"),
    "trading_name": N_("Trading name"),
    "other_names": N_("Other names"),
    "company_number": N_("Company number"),
    "parent": N_("Parent company"),
    "address": N_("Postal address"),
    "contact": N_("Contact for data protection"),
    "website": N_("Website"),
    "list_url": N_("Its own list of subprocessors"),
    "agreement_url": N_("Its data-processing agreement"),
    "activities": N_("Activities"),
    "services": N_("Services"),
    "data_categories": N_("Personal data"),
    "data_subjects": N_("Persons concerned"),
    "special_categories": N_("Special categories of data"),
    "hr_data": N_("Data of employees"),
    "role": N_("Role of the vendor"),
    "affiliate": N_("Company of the vendor's group"),
    "engaged_by": N_("Engaged by"),
    "locations": N_("Seat and locations"),
    "agreement_signed_on": N_("Agreement signed on"),
    "agreement_planned_on": N_("Agreement to be signed on"),
    "agreement_from_on": N_("Agreement runs from"),
    "agreement_until_on": N_("Agreement runs until"),
    "obligations_flowed_down_on": N_("Obligations imposed on it on"),
    "guarantees_reviewed_on": N_("Guarantees reviewed on"),
    "in_use_since_on": N_("In use since"),
    "demonstration_values": N_("Invented values"),
}


def field_label(field: str, w: Wording) -> str:
    """The label of a field of SubprocessorFacts. Raises KeyError for any other name."""
    return w.gettext(_LABELS[field])


def place_label(path: str, facts: SubprocessorFacts, w: Wording) -> str:
    """The label of a problem's path without the entry: "contact", "locations[0].basis".

    A location is told by its kind and country: "seat, United States".
    """
    found = re.match(r"locations\[(\d+)\]", path)
    if found and int(found[1]) < len(facts.locations):
        place = facts.locations[int(found[1])]
        return w.gettext(
            "%(kind)s, %(country)s", kind=label(w, place.kind), country=place_name(place, w)
        )
    return field_label(re.split(r"[.\[]", path)[0], w)
