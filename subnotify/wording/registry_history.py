"""What was recorded of clients, contacts and agreements, as lines that say what changed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from subnotify.rules.errors import N_
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ContactKind
from subnotify.wording.countries import country_word
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import law_words

_NAMES = {
    "key": N_("Key"),
    "name": N_("Name"),
    "country": N_("Country"),
    "role_title": N_("Role"),
    "email": N_("Email address"),
    "postal_address": N_("Postal address"),
    "phone": N_("Telephone"),
    "reference": N_("Reference"),
    "language": N_("Language of the notices"),
    "signed_on": N_("Signed on"),
    "laws": N_("Laws of the client's data"),
    "last_day": N_("Last day"),
    "service": N_("Service"),
    "services": N_("Services"),
    "from_on": N_("First day"),
    "until_on": N_("First day without it"),
    "contact": N_("Contact"),
    "kind": N_("Kind"),
    "clause": N_("Clause"),
    "designated_on": N_("Designated on"),
    "ended_on": N_("First day on which it is none any more"),
    "letter": N_("Letter"),
    "number": N_("Version"),
    "reason": N_("Reason"),
}


def history_lines(content: Mapping[str, Any], w: Wording) -> tuple[str, ...]:
    """One line for each thing that a fact says: "Email address: a@x.example → b@x.example"."""
    said = [
        f"{w.gettext(_NAMES[name])}{w.gettext(':')} {_value(name, content[name], w)}"
        for name in _NAMES
        if content.get(name)
    ]
    return (*said, *_differences(content.get("before"), content.get("after"), w))


def _differences(before: object, after: object, w: Wording) -> list[str]:
    """What differs between two mappings of fields; with nothing before, all that there is now."""
    if not isinstance(after, Mapping):
        return []
    old = before if isinstance(before, Mapping) else {}
    lines = []
    for name in _NAMES:
        was, now = old.get(name) or "", after.get(name) or ""
        if was == now:
            continue
        value = _value(name, now, w) if now else w.gettext("nothing")
        if old:
            former = _value(name, was, w) if was else w.gettext("nothing")
            value = f"{former} → {value}"
        lines.append(f"{w.gettext(_NAMES[name])}{w.gettext(':')} {value}")
    return lines


def _value(name: str, value: object, w: Wording) -> str:
    if name == "language":
        return w.gettext("French") if value == "fr" else w.gettext("English")
    if name == "country":
        return country_word(str(value), w)
    if name == "kind" and value in list(ContactKind):
        return label(w, ContactKind(str(value)))
    if name == "last_day" or name.endswith("_on"):
        return _day(str(value), w)
    if name == "laws" and isinstance(value, list):
        return w.listed([law_words(ExportLaw(law), w) for law in value])
    if isinstance(value, list):
        return w.listed([str(x) for x in value])
    return " ".join(str(value).split())


def _day(text: str, w: Wording) -> str:
    try:
        return w.date(date.fromisoformat(text))
    except ValueError:
        return text
