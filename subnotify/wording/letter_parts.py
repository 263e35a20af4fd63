"""What every letter says around its text: the sender, place and date, references, the addressee."""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from babel import Locale

from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import LetterProduct
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line
from subnotify.wording.mail_party import Party

# "75011 Paris", "F-38000 Grenoble Cedex 9": a postal code of the continent before the locality.
_LOCALITY = re.compile(r"(?:[A-Z]{1,3}-)?\d{4,5}\s+(?P<name>\D+?)(?:\s+cedex\b.*)?", re.IGNORECASE)


def sender_parts(vendor: VendorProfile, w: Wording) -> list[list[str]]:
    """The vendor as the sender: its name, its address, its contact for data protection."""
    contact = [w.gettext("Data protection:"), vendor.contact_name, vendor.contact_email]
    parts = [[vendor.name], address_lines(vendor.address), [line for line in contact if line]]
    return [part for part in parts if part]


def address_lines(address: str) -> list[str]:
    """A postal address, written in lines or with commas, a line each."""
    lines = [part.strip() for part in address.splitlines() if part.strip()]
    if len(lines) > 1:
        return [line.rstrip(",") for line in lines]
    return [part.strip() for line in lines for part in line.split(",") if part.strip()]


def page_words(w: Wording) -> str:
    """How pages are numbered; the template puts in {number} and {total}."""
    return w.gettext("Page %(page)s of %(pages)s", page="{number}", pages="{total}")


def place_and_date(vendor: VendorProfile, day: date, w: Wording) -> str:
    """ "Paris, 2 March 2026"; the day alone where the vendor's address names no locality."""
    place = locality(vendor.address)
    if not place:
        return w.date(day)
    return w.gettext("%(place)s, %(day)s", place=place, day=w.date(day))


def locality(address: str) -> str:
    """The locality of a postal address on the continent; "" where it is not found."""
    for line in reversed(address_lines(address)):
        found = _LOCALITY.fullmatch(line)
        if found:
            return found["name"].strip()
    return ""


def reference_lines(party: Party, w: Wording) -> list[str]:
    """As the mail of the same notice has them."""
    values = party.values
    return [
        w.gettext("Client: %(client)s", client=values["client_name"]),
        w.gettext("Agreement: %(reference)s", reference=values["agreement_reference"]),
        w.gettext("Reference: %(reference)s", reference=values["reference"]),
    ]


def mention(product: LetterProduct, w: Wording) -> str:
    """What is written above the addressee of a letter that does not travel as plain post."""
    match product:
        case LetterProduct.PLAIN:
            return ""
        case LetterProduct.REGISTERED:
            return w.gettext("Registered letter with acknowledgement of receipt")
        case LetterProduct.REGISTERED_ELECTRONIC:
            return w.gettext("Electronic registered letter")


def addressee_lines(
    lines: Sequence[str], client_name: str, client_country: str, from_country: str
) -> tuple[str, ...]:
    """The address as it is printed: with the client's name if it is not in it, the last line in
    capitals, and that line a country only abroad.

    lines: as they are on record, the contact's name first; an organisation's name goes before it
    (NF Z 10-011). client_country, from_country: ISO
    3166-1 codes, "" where unknown. The country's name is in the language of the country that the
    letter leaves where we have it, else in English (Universal Postal Convention).
    """
    kept = [one_line(line) for line in lines if line.strip()]
    client = one_line(client_name)
    if client and not any(client.casefold() in line.casefold() for line in kept):
        kept.insert(0, client)
    country = _country_code(kept[-1]) if len(kept) > 1 else ""
    if country:
        kept.pop()
    country = country or client_country.upper()
    if kept:
        kept[-1] = kept[-1].upper()
    if country and from_country and country != from_country.upper():
        language = "fr" if from_country.upper() in _FRENCH_SPEAKING else "en"
        kept.append(_countries(language).get(country, country).upper())
    return tuple(kept)


_FRENCH_SPEAKING = frozenset({"FR", "BE", "CH", "LU", "MC"})


def _country_code(line: str) -> str:
    """The code of the country that a line names and nothing else; "" where it names none."""
    return _codes_by_name().get(line.strip(" .").casefold(), "")


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    languages = ("fr", "en", "de", "es", "it", "nl")
    return {
        name.casefold(): code
        for language in languages
        for code, name in _countries(language).items()
    }


@lru_cache(maxsize=8)
def _countries(language: str) -> dict[str, str]:
    names = Locale.parse(language).territories
    return {code: str(name) for code, name in names.items() if len(code) == 2 and code.isalpha()}
