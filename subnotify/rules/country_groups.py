"""The groups of countries that contracts name by a word: EU and EEA.

A contract that says "EU" does not say Iceland, Liechtenstein or Norway: the two are kept apart.
"""

from subnotify.rules.transfer_reference import EU_TERRITORIES

# Members since 2020-02-01. A test holds this against the reference data of transfer bases.
_MEMBERS = """
AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK
"""
EU_MEMBERS = frozenset(_MEMBERS.split())
EEA_NOT_EU = frozenset({"IS", "LI", "NO"})

# EU territory with an ISO code of its own (Réunion, Åland) belongs to the group.
COUNTRY_GROUPS = {
    "EU": EU_MEMBERS | EU_TERRITORIES,
    "EEA": EU_MEMBERS | EU_TERRITORIES | EEA_NOT_EU,
}


def expand_country(word: str) -> frozenset[str]:
    """The codes that a group's word stands for; any other word stands for itself."""
    return COUNTRY_GROUPS.get(word, frozenset({word}))


def grouped_countries(codes: frozenset[str]) -> tuple[str, ...]:
    """The codes with a whole group as its word, the larger group first: what people wrote.

    Sorted; nothing is left out, and expanding the result gives the codes again.
    """
    for word in ("EEA", "EU"):
        group = COUNTRY_GROUPS[word]
        if group <= codes:
            return (word, *sorted(codes - group))
    return tuple(sorted(codes))
