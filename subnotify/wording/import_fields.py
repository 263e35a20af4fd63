"""Fields of the list's entries in the differences of an import, as people read them.

The names are those of operations/import_subprocessors.noted_facts:
`locations[hosting US].EU_GDPR.signed_on`.
"""

import re

from subnotify.rules.countries import COUNTRIES
from subnotify.rules.errors import N_
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import (
    MissingFact,
    finding_instrument,
    safeguard_instrument,
)
from subnotify.rules.transfer_words import ExportLaw, Fact
from subnotify.rules.words import LocationKind
from subnotify.wording.fact_fields import field_label
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import instrument_words, law_words, missing_words

_LOCATION = re.compile(
    r"locations\[(?P<kind>[a-z]+) (?P<place>.+?)(?: \((?P<again>\d+)\))?\]"
    r"(?:\.(?P<law>[A-Z]+_[A-Z]+)(?: \((?P<number>\d+)\))?)?\.(?P<field>[a-z_.]+)",
    re.DOTALL,
)
_BASIS = {
    "code": N_("Transfer basis"),
    "reference": N_("Reference of the document"),
    "module": N_("Module of the EU clauses"),
    "signed_on": N_("Signed on"),
    "expires_on": N_("Its last day"),
    "conditions": N_("Confirmed"),
    "list_entry.entity": N_("Legal entity on the list"),
    "list_entry.lists": N_("On which lists it is"),
    "list_entry.status": N_("Status of its entry"),
    "list_entry.covered_data": N_("Data that the entry covers"),
    "list_entry.checked_on": N_("Looked up on"),
    "list_entry.next_certification_on": N_("Next certification due on"),
    "impact_assessment.reference": N_("Transfer impact assessment: reference"),
    "impact_assessment.done_on": N_("Transfer impact assessment: done on"),
    "impact_assessment.result": N_("Transfer impact assessment: result"),
}
_OTHERS = {
    "country": N_("Country"),
    "organisation": N_("International organisation"),
    "replaces": N_("Takes the place of"),
    "internal_notes": N_("Internal notes, never published"),
}
_LANGUAGES = {"en": N_("%(field)s, in English"), "fr": N_("%(field)s, in French")}


def entry_field_words(name: str, w: Wording) -> str:
    """A field of an entry: "hosting, United States, EU GDPR: signed on". One that is not known
    stays as the file has it."""
    found = _LOCATION.fullmatch(name)
    if found is not None and found["kind"] in set(LocationKind):
        return _location_words(found, w)
    if name in _OTHERS:
        return w.gettext(_OTHERS[name])
    first, _, rest = name.partition(".")
    if rest in _LANGUAGES:
        return w.gettext(_LANGUAGES[rest]) % {"field": _fact_label(first, w)}
    return _fact_label(f"agreement_{rest}" if first == "agreement" else name, w)


def _location_words(found: re.Match[str], w: Wording) -> str:
    place = found["place"]
    said = f"{label(w, LocationKind(found['kind']))}, "
    said += w.country(place) if place in COUNTRIES else place
    if found["again"]:
        said += f" ({found['again']})"
    if found["law"] not in set(ExportLaw):
        field = _OTHERS.get(found["field"])
        return _told(said, w.gettext(field) if field else found["field"], w)
    said += f", {law_words(ExportLaw(found['law']), w)}"
    if found["number"]:
        said += f" ({found['number']})"
    return _told(said, _basis_field(found["field"], w), w)


def _told(place: str, said: str, w: Wording) -> str:
    return w.gettext("%(place)s: %(said)s") % {"place": place, "said": said}


def _basis_field(field: str, w: Wording) -> str:
    if field in _BASIS:
        return w.gettext(_BASIS[field])
    if field.startswith("evidence."):
        return missing_words(MissingFact(Fact.EVIDENCE, field.removeprefix("evidence.")), w)
    return field


def _fact_label(field: str, w: Wording) -> str:
    try:
        return field_label(field, w)
    except KeyError:
        return field


def entry_value_words(name: str, value: str, reference: TransferReference, w: Wording) -> str:
    """The value of a field as it is shown: the code of a basis with the instrument's name; any
    other as the file writes it."""
    found = _LOCATION.fullmatch(name)
    if found is None or found["field"] != "code":
        return value
    finding, safeguard = reference.find_finding(value), reference.find_safeguard(value)
    if finding is not None:
        said = instrument_words(finding_instrument(finding), w)
    elif safeguard is not None:
        said = instrument_words(safeguard_instrument(safeguard), w)
    else:
        return value
    return f"{said} · {value}"
