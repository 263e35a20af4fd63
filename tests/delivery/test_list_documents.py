"""The dated list as a PDF: for archives, for screen readers, and with every entry in it."""

import json
from dataclasses import replace

import pytest

from subnotify.delivery.list_documents import list_pages, list_pdf
from subnotify.delivery.printable import MISSING, printable
from subnotify.rules.client_lists import ClientList
from subnotify.wording.list_document import list_document_content, list_document_name
from tests.support.list_documents import (
    AT,
    HOSTILE,
    LONG,
    document,
    used,
    wording,
)
from tests.support.read_pdfs import read_pdf
from tests.support.scenario_facts import MIRADOR


def pdf(whole, language="en") -> bytes:
    content = list_document_content(whole, wording(language))
    return list_pdf(content, language=language, at=AT)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_can_be_kept_for_ever_and_read_aloud(language: str):
    found = read_pdf(pdf(document([used(1), used(2, MIRADOR)]), language))
    assert "<pdfaid:part>2</pdfaid:part>" in found.xmp
    assert "<pdfaid:conformance>U</pdfaid:conformance>" in found.xmp
    assert found.has_output_intent
    assert found.language == language
    assert found.fonts and all(is_embedded for _, is_embedded in found.fonts)
    # A heading of the whole, one of each section, and their tables with heads of columns.
    assert found.tags.count("/H1") == 1
    assert found.tags.count("/H2") == 4
    assert found.tags.count("/Table") == 4
    assert found.tags.count("/TH") == 4 * 5
    assert found.tags.count("/TD") == 5 * 5


@pytest.mark.parametrize("count", [0, 3, 60])
def test_every_entry_stands_in_it_and_every_page_has_its_number(count: int):
    found = read_pdf(pdf(document([used(n) for n in range(1, count + 1)])))
    for number in range(1, count + 1):
        assert found.text.count(f"Orage Hébergement SAS {number:03d}") == 1
    for name in ("Kept Away SAS", "Coming Soon Inc.", "Pipe CRM Ltd"):
        assert name in found.text
    assert ("None: no entry of the list is used" in found.text) is (count == 0)
    pages = len(found.pages)
    for number, text in enumerate(found.pages, start=1):
        assert f"page {number} of {pages}" in text
        assert "version 12 of 1 February 2026, latest release 2026-003" in " ".join(text.split())
        # The heads of the columns are said again on each page.
        assert "Identity and address" in text
    assert pages == {0: 2, 3: 2, 60: pages}[count] and pages < 15


def test_it_says_who_what_where_and_since_when():
    text = squeezed(read_pdf(pdf(document([used(2, MIRADOR, name=LONG)]))).text)
    for said in (
        "Hexapode SAS",
        "privacy@hexapode.example",
        "CNIL",
        "3 place de Fontenoy, 75007 Paris",
        "Établissements Ménard & Fils",
        "DPA-2024-117",
        "D-000017, of Camille Perrin, 27 February 2026",
        "2 March 2026 at 09:05 (Europe/Paris)",
        LONG,
        "also known as MiradorLogs",
        "45 Fremont Street, San Francisco, CA 94105, United States",
        "dpo@mirador.example",
        "Collects the application's error logs",
        "Email address, IP address",
        "Seat: United States",
        "standard contractual clauses",
        "Hosting: Germany",
        "EU or EEA: no transfer to a third country",
        "signed on 2 February 2026",
        "runs from 1 April 2026",
        "1 May 2024",
        "Coming Soon Inc. will replace Vieux Port SARL for Mail.",
        "It takes effect on Friday 1 May 2026 at the earliest.",
        "Release 2026-003, announced on 2 March 2026.",
        "An objection was met: it is not used for this client.",
    ):
        # Lines are broken where the column ends.
        assert squeezed(said) in text, said


def test_the_same_data_make_the_same_bytes():
    entries = [used(1), used(2, MIRADOR)]
    assert pdf(document(entries)) == pdf(document(entries))
    assert pdf(document(entries)) != pdf(document(entries[:1]))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_means_harm_is_shown_as_it_is(name: str):
    whole = document(
        [used(1, name=name, address=name, contact=name)], client=name, agreement_reference=name
    )
    found = read_pdf(pdf(whole))
    assert squeezed(found.text).count(squeezed(printable(name))) >= 4
    assert "page1of2" in squeezed(found.text)
    assert found.language == "en"
    assert list_document_name(whole, wording("en")).isascii()
    assert "/" not in list_document_name(whole, wording("en"))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Łódź, Αθήνα, Москва", "Łódź, Αθήνα, Москва"),
        ("株式会社 Tokyo", f"{MISSING * 4} Tokyo"),
        ("\u202etxt.exe\u200b", "txt.exe"),
        ("a\x00b\x1bc", "a b c"),
        ("e\u0301te\u0301", "été"),
        ("\ud800", MISSING),
        ("🙂", MISSING),
    ],
)
def test_no_character_keeps_a_document_back(given: str, shown: str):
    assert printable(given) == shown
    text = read_pdf(pdf(document([used(1, name=f"X {given} Y")]))).text
    assert shown.split()[0] in text
    assert ("stands for a character that the fonts of this document lack" in text) is (
        MISSING in shown
    )


def test_a_word_without_spaces_stays_within_its_column():
    name = "Donaudampfschifffahrts" * 12
    raw = pdf(document([used(1, name=name, website="https://long.example/" + "a" * 300)]))
    assert name in squeezed(read_pdf(raw).text)


def test_an_entry_longer_than_a_page_goes_on_on_the_next():
    places = MIRADOR.locations * 40
    found = read_pdf(pdf(document([used(1, MIRADOR, locations=places)])))
    assert found.text.count("Hosting: Germany") == 41
    assert len(found.pages) > 3


def test_where_nothing_is_special_nothing_is_explained():
    whole = document([used(1)])
    text = read_pdf(pdf(whole)).text
    assert "invented" not in text and MISSING not in text
    marked = document([used(1, demonstration_values=("address",))])
    assert "Roubaix, France *" in read_pdf(pdf(marked)).text
    assert "Values marked * are invented" in read_pdf(pdf(marked)).text
    past = replace(whole, is_today=False, asked=None, applies=ClientList(), announced=())
    text = read_pdf(pdf(past)).text
    assert "applied when 2 March 2026 ended" in text
    assert "Request" not in text and "Announced" not in text


def test_it_is_drawn_in_french_and_as_pictures():
    content = list_document_content(document([used(1)]), wording("fr"))
    assert json.loads(json.dumps(content)) is not None
    pages = list_pages(content, language="fr", dots_per_inch=40)
    assert len(pages) == 2 and all(page.startswith(b"\x89PNG") for page in pages)
    assert list_document_name(document([]), wording("fr")).startswith("sous-traitants-DPA-2024-117")
