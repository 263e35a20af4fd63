"""Places in the form of notice terms: whose holidays count, which countries are allowed."""

from collections.abc import Mapping
from functools import cache

from flask_babel import gettext as _

from subnotify.holiday_calendars import list_subdivisions
from subnotify.rules.countries import COUNTRIES
from subnotify.rules.country_groups import COUNTRY_GROUPS, grouped_countries
from subnotify.rules.keys import plain_letters
from subnotify.web.country_choices import country_choices
from subnotify.web.terms_fields import lines_of
from subnotify.wording.catalogue import LANGUAGES
from subnotify.wording.language import Wording, wording_for

# As contracts in our languages write the groups of `rules.country_groups`.
_GROUP_WORDS = {"EU": "EU", "UE": "EU", "EEA": "EEA", "EEE": "EEA"}


def calendar_choices(w: Wording, stored: str | None) -> dict[str, list[tuple[str, str]]]:
    """Countries, then parts of those whose parts differ, as groups of a list."""
    known = list_subdivisions()
    countries = [(code, name) for code, name in country_choices(w) if code in known]
    groups = {
        _("No calendar"): [("none", _("no public holidays"))],
        _("Countries"): countries,
    }
    for code, name in countries:
        if known[code]:
            groups[name] = [(f"{code}-{part}", f"{name}: {said}") for part, said in known[code]]
    offered = {value for group in groups.values() for value, _name in group}
    if stored and stored not in offered:
        groups[_("As recorded")] = [(stored, stored)]
    return groups


def country_codes(text: str | None) -> list[str]:
    """Countries by name, in any of our languages, or by code, and the groups that contracts name;
    what is none of these stays as typed."""
    return [_country_code(x) for x in lines_of(text)]


def country_lines(codes: frozenset[str], w: Wording) -> str:
    """The reverse of `country_codes`, one on each line: a whole group by its word."""
    words = grouped_countries(codes)
    groups = [word for word in words if word in COUNTRY_GROUPS]
    return "\n".join([*groups, *sorted(w.country(x) for x in words if x not in groups)])


def _country_code(word: str) -> str:
    group = _GROUP_WORDS.get(word.upper())
    if group is not None:
        return group
    return _country_names().get(plain_letters(word), word.upper() if len(word) == 2 else word)


@cache
def _country_names() -> Mapping[str, str]:
    return {
        plain_letters(wording_for(language).country(code)): code
        for language in LANGUAGES
        for code in COUNTRIES
    }
