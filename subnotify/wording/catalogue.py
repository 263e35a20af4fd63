"""The catalogue of translated texts: one for pages and mail, read from the .po files themselves.

Compiling in memory at first use means that no compiled file can be missing from a package or
older than its source.
"""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

TRANSLATIONS_FOLDER = Path(__file__).resolve().parent.parent / "translations"

LANGUAGES: dict[str, str] = {"en": "English", "fr": "Français"}
"""Language codes that pages and mail exist in, each with its own name for itself."""

DEFAULT_LANGUAGE = "en"
"""The language of the message ids; also what an unknown language falls back to."""


def supported_language(language: str | None) -> str:
    """The supported language nearest to a tag (`fr`, `fr-CH`, `FR_ch`); else the default."""
    base = (language or "").replace("_", "-").split("-")[0].lower()
    return base if base in LANGUAGES else DEFAULT_LANGUAGE


@lru_cache(maxsize=len(LANGUAGES) + 2)
def translations_for(language: str) -> NullTranslations:
    """The translations of a supported language.

    In: a language code of LANGUAGES. Out: Babel translations; for English, or where the folder
    holds no file, the message ids themselves. Entries marked fuzzy are left out.
    """
    source = TRANSLATIONS_FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not source.exists():
        return NullTranslations()
    with source.open("rb") as file:
        catalog = read_po(file, locale=language, domain="messages")
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(fp=compiled, domain="messages")
