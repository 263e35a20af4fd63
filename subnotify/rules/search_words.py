"""The words of a name, as they are kept to be searched by their beginnings."""

import re
import unicodedata

MOST_TYPED = 6
LONGEST = 60
_WORD = re.compile(r"[^\W_]+")
# Letters that no decomposition turns into the ones people type instead.
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d"})


def words_of(*texts: str) -> frozenset[str]:
    """Each word once, without case, accents and punctuation: "Société Ø-Brique" gives societe, o,
    brique."""
    return frozenset(word[:LONGEST] for text in texts for word in _WORD.findall(_plain(text)))


def typed_words(text: str) -> tuple[str, ...]:
    """What somebody searches for, in the order typed, each once; no more than MOST_TYPED."""
    found = dict.fromkeys(word[:LONGEST] for word in _WORD.findall(_plain(text)))
    return tuple(found)[:MOST_TYPED]


def first_after(prefix: str) -> str:
    """The end (exclusive) of all words that begin with it, where words sort by code point."""
    return prefix + chr(0x10FFFF)


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(x for x in apart if not unicodedata.combining(x)).translate(_PLAIN)
