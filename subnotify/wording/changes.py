"""One sentence for a change of the list."""

from collections.abc import Sequence

from subnotify.rules.changes import Amendment
from subnotify.rules.errors import N_
from subnotify.rules.locations import Location
from subnotify.rules.words import ChangeKind
from subnotify.wording.bases import place_name
from subnotify.wording.language import Wording

# What an amendment changes, in few words; several facts share one.
_PARTS = {
    "name": N_("name"),
    "trading_name": N_("name"),
    "other_names": N_("name"),
    "company_number": N_("company number"),
    "parent": N_("parent company"),
    "address": N_("address"),
    "contact": N_("contact"),
    "website": N_("website"),
    "list_url": N_("its own list of subprocessors"),
    "agreement_url": N_("its data-processing agreement"),
    "activities": N_("activities"),
    "services": N_("services"),
    "data_categories": N_("personal data"),
    "data_subjects": N_("persons concerned"),
    "special_categories": N_("special categories of data"),
    "hr_data": N_("data of employees"),
    "role": N_("role of the vendor"),
    "affiliate": N_("belonging to the vendor's group"),
    "engaged_by": N_("who engages it"),
    "agreement_signed_on": N_("subprocessing agreement"),
    "agreement_planned_on": N_("subprocessing agreement"),
    "agreement_from_on": N_("subprocessing agreement"),
    "agreement_until_on": N_("subprocessing agreement"),
    "obligations_flowed_down_on": N_("obligations imposed on it"),
    "guarantees_reviewed_on": N_("review of its guarantees"),
    "in_use_since_on": N_("in use since"),
}


def change_sentence(
    kind: ChangeKind,
    name: str,
    replaced_name: str,
    services: Sequence[str],
    w: Wording,
    amendment: Amendment | None = None,
) -> str:
    """ "OVHcloud will replace IONOS for Monitoring." without a full stop.

    name, replaced_name: as the list has them; replaced_name is "" except in a replacement.
    services: names of those concerned, as people read them; may be empty. amendment: what differs,
    where that is known.
    """
    concerned = w.listed(services)
    said = {"name": name, "replaced": replaced_name, "services": concerned}
    match kind:
        case ChangeKind.ADDITION:
            if concerned:
                return w.gettext("%(name)s will be added for %(services)s", **said)
            return w.gettext("%(name)s will be added", **said)
        case ChangeKind.REPLACEMENT:
            if concerned:
                return w.gettext("%(name)s will replace %(replaced)s for %(services)s", **said)
            return w.gettext("%(name)s will replace %(replaced)s", **said)
        case ChangeKind.REMOVAL:
            if concerned:
                return w.gettext("%(name)s will no longer be used for %(services)s", **said)
            return w.gettext("%(name)s will no longer be used", **said)
        case ChangeKind.AMENDMENT:
            return _amendment_sentence(name, concerned, amendment or Amendment(), w)


def _amendment_sentence(name: str, services: str, amendment: Amendment, w: Wording) -> str:
    """Other countries are said outright where nothing else differs; else what differs is listed."""
    is_place_alone = not amendment.fields and not amendment.bases_differ
    new, gone = _countries(amendment.new_places, w), _countries(amendment.gone_places, w)
    if is_place_alone and new and not gone:
        said = {"name": name, "places": new, "services": services}
        if services:
            return w.gettext(
                "%(name)s will process data in %(places)s as well, for %(services)s", **said
            )
        return w.gettext("%(name)s will process data in %(places)s as well", **said)
    if is_place_alone and gone and not new:
        said = {"name": name, "places": gone, "services": services}
        if services:
            return w.gettext(
                "%(name)s will no longer process data in %(places)s, for %(services)s", **said
            )
        return w.gettext("%(name)s will no longer process data in %(places)s", **said)
    said = {"name": name, "services": services, "what": w.listed(amended_parts(amendment, w))}
    if not said["what"]:
        if services:
            return w.gettext("What %(name)s does for %(services)s will change", **said)
        return w.gettext("What %(name)s does will change", **said)
    if services:
        return w.gettext("Changes of %(name)s for %(services)s: %(what)s", **said)
    return w.gettext("Changes of %(name)s: %(what)s", **said)


def amended_parts(amendment: Amendment, w: Wording) -> list[str]:
    """What differs, in few words, each once: "personal data", "places (new: India)"."""
    parts = [w.gettext(_PARTS[field]) for field in amendment.fields]
    if amendment.locations_differ:
        parts.append(_places_part(amendment, w))
    if amendment.bases_differ:
        parts.append(w.gettext("transfer basis"))
    return list(dict.fromkeys(parts))


def _places_part(amendment: Amendment, w: Wording) -> str:
    new, gone = _countries(amendment.new_places, w), _countries(amendment.gone_places, w)
    if new and gone:
        return w.gettext("places (new: %(new)s; no longer: %(gone)s)", new=new, gone=gone)
    if new:
        return w.gettext("places (new: %(new)s)", new=new)
    if gone:
        return w.gettext("places (no longer: %(gone)s)", gone=gone)
    return w.gettext("places")


def _countries(places: Sequence[Location], w: Wording) -> str:
    return w.listed([place_name(place, w) for place in places])
