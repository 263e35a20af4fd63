"""Texts that people wrote, in one or more languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from subnotify.rules.reading import Reader

LANGUAGES = ("en", "fr")
ANY_LANGUAGE = ""


@dataclass(frozen=True)
class LocalText:
    """A text per language; under "" one that serves every language (a name, a number)."""

    by_language: tuple[tuple[str, str], ...] = ()

    def in_language(self, language: str) -> str:
        """The text in `language`, else the one for every language, else any there is, else ""."""
        texts = dict(self.by_language)
        for key in (language, ANY_LANGUAGE, *LANGUAGES):
            if texts.get(key):
                return texts[key]
        return ""

    def is_written_in(self, language: str) -> bool:
        texts = dict(self.by_language)
        return bool(texts.get(language) or texts.get(ANY_LANGUAGE))

    def __bool__(self) -> bool:
        return any(text for _, text in self.by_language)


NO_TEXT = LocalText()


def local_text(value: str | Mapping[str, str]) -> LocalText:
    """LocalText of a plain string (every language) or a mapping of language to text."""
    if isinstance(value, str):
        return LocalText(((ANY_LANGUAGE, value),)) if value else LocalText()
    return LocalText(tuple(sorted((key, text) for key, text in value.items() if text)))


def local_text_to_plain(text: LocalText) -> str | dict[str, str]:
    """The reverse of `local_text`."""
    texts = dict(text.by_language)
    return texts[ANY_LANGUAGE] if set(texts) == {ANY_LANGUAGE} else texts


def read_local_text(value: object, where: str, reader: Reader, *, longest: int = 5000) -> LocalText:
    """A text for every language, or a mapping with `en` and `fr`."""
    if not isinstance(value, Mapping):
        return local_text(reader.text(value, where, longest=longest))
    reader.known_fields(value, where, LANGUAGES)
    return local_text(
        {
            language: reader.text(value.get(language), f"{where}.{language}", longest=longest)
            for language in LANGUAGES
        }
    )
