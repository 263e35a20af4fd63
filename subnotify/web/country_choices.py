"""Countries to choose from, in the reader's language."""

import re

from subnotify.rules.keys import plain_letters
from subnotify.wording.language import Wording

# CLDR also names groupings, private codes and parts of countries.
_NO_COUNTRY = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ")
)


def country_choices(w: Wording) -> list[tuple[str, str]]:
    """Every country's code and name, sorted as people look them up."""
    names = [
        (code, str(name))
        for code, name in w.locale.territories.items()
        if re.fullmatch("[A-Z]{2}", code) and code not in _NO_COUNTRY
    ]
    return [("", ""), *sorted(names, key=lambda pair: plain_letters(pair[1]))]


def with_stored(choices: list[tuple[str, str]], stored: str | None) -> list[tuple[str, str]]:
    """The choices, with a stored code that is none of them, so that saving does not lose it."""
    if stored and stored not in dict(choices):
        return [*choices, (stored, stored)]
    return choices
