"""Around the text of a letter: sender, place and date, the addressee."""

from dataclasses import replace
from datetime import date

import pytest

from subnotify.rules.words import LetterProduct
from subnotify.wording.language import wording_for
from subnotify.wording.letter_parts import (
    addressee_lines,
    locality,
    mention,
    page_words,
    place_and_date,
    sender_parts,
)
from tests.support.announced_facts import VENDOR

EN, FR = wording_for("en"), wording_for("fr")


def test_the_sender_is_the_vendor_with_its_contact_for_data_protection() -> None:
    assert sender_parts(VENDOR, EN) == [
        ["Northwind Informatique"],
        ["12 rue des Exemples", "75011 Paris"],
        ["Data protection:", "Claire Martin", "privacy@northwind.example"],
    ]
    in_one_line = replace(VENDOR, address="12 rue X, 38000 Grenoble, France", contact_name="")
    assert sender_parts(in_one_line, EN)[1:] == [
        ["12 rue X", "38000 Grenoble", "France"],
        ["Data protection:", "privacy@northwind.example"],
    ]
    assert sender_parts(replace(VENDOR, address=""), EN)[1][0] == "Data protection:"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("12 rue des Exemples\n75011 Paris", "Paris"),
        ("2 rue Kellermann, 59053 Roubaix Cedex 1, France", "Roubaix"),
        ("Kaistraße 5\nD-40221 Düsseldorf", "Düsseldorf"),
        ("1 Quay Street, Dublin", ""),
        ("45 Fremont Street, San Francisco, CA 94105", ""),
        ("", ""),
    ],
)
def test_the_place_is_that_of_the_vendor_where_its_address_names_one(
    address: str, place: str
) -> None:
    assert locality(address) == place


def test_place_and_date() -> None:
    day = date(2026, 3, 1)
    assert place_and_date(VENDOR, day, EN) == "Paris, 1 March 2026"
    assert place_and_date(VENDOR, day, FR) == "Paris, le 1er mars 2026"
    assert place_and_date(replace(VENDOR, address=""), day, EN) == "1 March 2026"


def test_pages_are_numbered_in_the_language() -> None:
    assert page_words(EN) == "Page {number} of {total}"
    assert page_words(FR) == "Page {number} sur {total}"


def test_registered_letters_say_so() -> None:
    assert mention(LetterProduct.PLAIN, EN) == ""
    assert "acknowledgement of receipt" in mention(LetterProduct.REGISTERED, EN)
    assert mention(LetterProduct.REGISTERED_ELECTRONIC, FR) == "Lettre recommandée électronique"


@pytest.mark.parametrize(
    ("lines", "country", "printed"),
    [
        (
            ("Ana Roy", "1 rue X", "75011 Paris"),
            "FR",
            ("Acme SARL", "Ana Roy", "1 rue X", "75011 PARIS"),
        ),
        (
            ("Acme SARL, Ana Roy", "1 rue X", "75011 Paris", "France"),
            "FR",
            ("Acme SARL, Ana Roy", "1 rue X", "75011 PARIS"),
        ),
        (
            ("Ana Roy", "Acme SARL", "Rue du Rhône 3", "1204 Genève"),
            "CH",
            ("Ana Roy", "Acme SARL", "Rue du Rhône 3", "1204 GENÈVE", "SUISSE"),
        ),
        (
            ("Ana Roy", "acme sarl", "Kaistraße 5", "40221 Düsseldorf", "Germany"),
            "FR",
            ("Ana Roy", "acme sarl", "Kaistraße 5", "40221 DÜSSELDORF", "ALLEMAGNE"),
        ),
        (
            ("Ana Roy", "Acme SARL", "Kaistraße 5", "40221 Düsseldorf", "DEUTSCHLAND."),
            "",
            ("Ana Roy", "Acme SARL", "Kaistraße 5", "40221 DÜSSELDORF", "ALLEMAGNE"),
        ),
        ((), "FR", ("ACME SARL",)),
    ],
)
def test_the_addressee(lines: tuple[str, ...], country: str, printed: tuple[str, ...]) -> None:
    assert addressee_lines(lines, "Acme SARL", country, "FR") == printed


def test_abroad_the_country_is_named_in_the_language_of_the_vendors_country() -> None:
    lines = ("Acme SARL", "1 rue X", "75011 Paris")
    assert addressee_lines(lines, "Acme SARL", "FR", "DE")[-1] == "FRANCE"
    assert addressee_lines(lines, "Acme SARL", "DE", "IE")[-1] == "GERMANY"
    assert addressee_lines(lines, "Acme SARL", "FR", "")[-1] == "75011 PARIS"
