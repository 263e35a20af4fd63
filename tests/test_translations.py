"""Every text exists in French, whole and well set; none on a page or in a mail misses gettext."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from subnotify.wording.catalogue import LANGUAGES, TRANSLATIONS_FOLDER
from tests.support.template_texts import Untranslated, untranslated_texts

CHECKOUT = Path(__file__).resolve().parent.parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]
PLACE = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"<[^>]*>")
# What is set as it is: tags, code, addresses, and the name of a placeholder.
AS_IT_IS = re.compile(r"<[^>]*>|`[^`]*`|https?://|%\(\w+\)s")

# Words that French writes as English does.
SAME_WORDS = {
    "%(n)s pages",
    "%(n)s page",
    "position %(n)s",
    "Position",
    "PDF",
    "%(num)s client",
    "%(num)s clients",
    "%(n)s minute",
    "%(n)s minutes",
    "%(size)s octets",
    "Active",
    "Document",
    "Note",
    "active",
    "contact",
    "services",
    "Clause",
    "Clients",
    "Imports",
    "Menu",
    "Message",
    "Quota",
    "Section",
    "Service",
    "Version",
    "Version %(number)s",
    "client",
    "plus",
    "Client",
    "Confirmations",
    "Contact",
    "Contacts",
    "Corrections",
    "Dates",
    "Messages",
    "Pages",
    "Services",
    "Signature",
    "Silence",
    "Source",
    "code",
    "question",
    "version %(number)s",
}

# What mail programs read, whatever the language: the same "Re:" keeps a thread together.
NOT_TRANSLATED = {Untranslated("subject.txt", "Re:")}

# What a French typesetter would mend: the pattern, and how it is set right.
MISTAKES = (
    (re.compile(r"\w'\w|' "), "apostrophe: ’"),
    (re.compile(r'"|“|”'), "quotation marks: « »"),
    (re.compile(r"(?<![\u202f\u00a0\d])[;!?%»](?!\w)"), "no-break space before ; ! ? % »"),
    (re.compile(r"[^\u00a0\d`]:(?!\w|//)"), "no-break space before the colon"),
    (re.compile(r"«(?!\u00a0)"), "no-break space after «"),
    (re.compile(r"  "), "two spaces"),
)

# A name may begin with a vowel: "d’OVHcloud", but "de Sentry".
BEFORE_NAME = re.compile(r"\b(de|que|le|la) %\((name|vendor|services|replaced|country)\)s", re.I)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The texts that code and templates hold now."""
    target = tmp_path_factory.mktemp("texts") / "messages.pot"
    extract = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"]
    mapping = str(TRANSLATIONS_FOLDER / "babel.cfg")
    subprocess.run(
        [*extract, "--mapping-file", mapping, "--output-file", str(target), "."],
        cwd=CHECKOUT,
        check=True,
    )
    return catalogue_of(target)


def catalogue_of(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def source_of(language: str) -> Path:
    return TRANSLATIONS_FOLDER / language / "LC_MESSAGES" / "messages.po"


@pytest.fixture(scope="module", params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return catalogue_of(source_of(request.param), request.param)


def forms(texts: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def keys(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {(message.context, forms(message.id)[0]) for message in catalogue if message.id}


def pairs(catalogue: Catalog) -> Iterator[tuple[Message, str, str]]:
    """The message, and each English form beside the translated one."""
    for message in catalogue:
        if message.id:
            for english, told in zip(forms(message.id), forms(message.string), strict=True):
                yield message, english, told


def test_all_texts_of_code_and_templates_are_in_the_catalogue(
    extracted: Catalog, catalogue: Catalog
) -> None:
    missing = keys(extracted) - keys(catalogue)
    assert not missing, f"run `make translations`, then translate: {sorted(missing, key=str)}"


def test_the_catalogue_holds_nothing_that_is_gone(extracted: Catalog, catalogue: Catalog) -> None:
    gone = keys(catalogue) - keys(extracted)
    assert not gone, f"run `make translations`: {sorted(gone, key=str)}"
    assert not catalogue.obsolete


def test_every_text_is_translated(catalogue: Catalog) -> None:
    assert not catalogue.fuzzy
    assert [m.id for m in catalogue if m.id and (m.fuzzy or not all(forms(m.string)))] == []


def test_plurals_have_both_forms(extracted: Catalog, catalogue: Catalog) -> None:
    for message in extracted:
        if message.id:
            found = catalogue.get(message.id, message.context)
            assert found is not None and found.pluralizable == message.pluralizable, message.id


def test_placeholders_are_kept(catalogue: Catalog) -> None:
    wrong = [
        (english, told)
        for _, english, told in pairs(catalogue)
        if sorted(PLACE.findall(english)) != sorted(PLACE.findall(told))
    ]
    assert wrong == []


def test_markup_and_spaces_at_the_ends_are_kept(catalogue: Catalog) -> None:
    wrong = [
        (english, told)
        for _, english, told in pairs(catalogue)
        if TAG.findall(english) != TAG.findall(told)
        or english.endswith(" ") != told.endswith(" ")
        or (english[-1] in ".?!" and english[-1] != told[-1])
    ]
    assert wrong == []


def test_nothing_stays_in_english(catalogue: Catalog) -> None:
    left = {
        english
        for _, english, told in pairs(catalogue)
        if english == told and re.search(r"[^\W\d_]", PLACE.sub("", english))
    }
    assert left <= SAME_WORDS, f"translate: {sorted(left - SAME_WORDS)}"
    assert left >= SAME_WORDS, "no longer the same, or gone"


def test_french_is_set_as_french(catalogue: Catalog) -> None:
    wrong = [
        (told, remedy)
        for _, _, told in pairs(catalogue)
        for pattern, remedy in MISTAKES
        if pattern.search(AS_IT_IS.sub("¤", told))
    ]
    assert wrong == []


def test_no_name_follows_a_word_that_would_be_elided(catalogue: Catalog) -> None:
    assert [told for _, _, told in pairs(catalogue) if BEFORE_NAME.search(told)] == []


def test_no_text_of_a_template_misses_gettext() -> None:
    found: list[Untranslated] = []
    for path in sorted((CHECKOUT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            found += untranslated_texts(path)
    assert [one for one in found if one not in NOT_TRANSLATED] == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Read this</p>", "Read this"),
        ('<p title="Read {{ it }}">{{ _("That") }}</p>', "Read"),
        ("<img alt='A map'>", "A map"),
        ("<p>{{ 'open' if it else _('Closed') }}</p>", "open"),
        ("{{ button('Send') }}", "Send"),
        ("{{ field(form.name, hint='In full') }}", "In full"),
        ("{% set title = 'Board' %}{{ title }}", "Board"),
    ],
)
def test_what_misses_gettext_is_found(tmp_path: Path, source: str, text: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(source)
    assert [one.text for one in untranslated_texts(path)] == [text]


def test_what_needs_no_gettext_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<style>.a {}</style><p class=\"{{ 'on' if it }}\"><code>subnotify import</code> · {{ it }}"
        "{% trans %}Told{% endtrans %} {{ _('Told') }} {{ button(_('Send'), 'grave') }}</p>"
    )
    assert untranslated_texts(path) == []
