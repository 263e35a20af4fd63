"""Countries in words: groups by their name, an organisation that sits in none."""

from collections.abc import Iterable

from subnotify.rules.allowed_countries import ORGANISATION
from subnotify.rules.country_groups import COUNTRY_GROUPS, grouped_countries
from subnotify.wording.language import Wording


def country_word(code: str, w: Wording) -> str:
    """ "Germany", "the European Union", "an international organisation"."""
    if code == ORGANISATION:
        return w.gettext("an international organisation")
    if code in COUNTRY_GROUPS:
        return group_word(code, w)
    return w.country(code)


def group_word(word: str, w: Wording) -> str:
    if word == "EU":
        return w.gettext("the European Union")
    return w.gettext("the European Economic Area")


def countries_listed(codes: Iterable[str], w: Wording) -> str:
    """ "Switzerland and the European Union": a whole group by its name; "" for none."""
    words = grouped_countries(frozenset(codes))
    return w.listed(sorted(country_word(word, w) for word in words))
