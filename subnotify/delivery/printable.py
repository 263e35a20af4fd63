"""Text as the fonts of a printed document can show it.

A PDF/A file may not hold a character that no font of it shows: such a one is shown as "\ufffd", and
the document says so.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from subnotify.delivery.font_characters import IN_FONTS, NOT_IN_FONTS

# As wording.list_document explains it.
MISSING = "\ufffd"
# Marks that turn the reading direction, and those that nobody sees: with them a name could look
# like another one.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """One line of text with every character that can be shown; MISSING for the others."""
    return text if IN_FONTS.fullmatch(text) else NOT_IN_FONTS.sub(MISSING, _plain(text))


def unprintable(*texts: str) -> str:
    """The characters of these texts that cannot be shown, each once, in their order; "" where
    every one can."""
    found = (NOT_IN_FONTS.findall(_plain(x)) for x in texts if not IN_FONTS.fullmatch(x))
    return "".join(dict.fromkeys(character for each in found for character in each))


def unprintable_in(data: Any) -> str:
    """The same for every text of plain data."""
    return unprintable(*_texts(data))


def _plain(text: str) -> str:
    return _CONTROLS.sub(" ", _UNSEEN.sub("", unicodedata.normalize("NFC", text)))


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list | tuple):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _texts(value)


def printable_data(data: Any) -> Any:
    """Plain data (mappings, lists, texts, numbers) with every text printable."""
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, dict):
        return {key: printable_data(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [printable_data(value) for value in data]
    return data


def holds_missing(data: Any) -> bool:
    """Whether any text of the data has a character that could not be shown."""
    return any(MISSING in text for text in _texts(data))
