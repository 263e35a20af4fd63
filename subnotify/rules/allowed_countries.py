"""Which countries of a change an agreement does not allow, and what the client excepted.

An agreement may say where its client's data may be processed (`NoticeTerms.allowed_countries`).
What an entry says of a place counts whole: its seat, where it hosts, and from where it accesses
or supports. An amendment is judged like an addition, by all places of the new entry and not by
those it adds: who never allowed the old places did not allow them by their being amended.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import ChangeKind

# An international organisation sits in no country, so no list of countries allows it implicitly.
# ISO 3166-1 leaves XA to XZ to whoever uses them: this one never is a country.
ORGANISATION = "XO"


@dataclass(frozen=True)
class CountryException:
    """A client lets its data be processed in a country that its terms do not allow.

    country: an ISO code, or ORGANISATION. subprocessor_id: only for that one; None: for all.
    from_on is the first day, until_on the first day without it; None: no end is known.
    """

    country: str
    subprocessor_id: int | None
    from_on: date
    until_on: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)

    def covers(self, country: str, subprocessor_id: int, day: date) -> bool:
        """Whether it lets this subprocessor process the data in that country on that day."""
        is_meant = self.subprocessor_id in (None, subprocessor_id)
        return is_meant and self.country == country and self.holds_on(day)


def countries_of(facts: SubprocessorFacts) -> frozenset[str]:
    """Where the entry sits and works; ORGANISATION for a place that is no country."""
    return frozenset(x.country or ORGANISATION for x in facts.locations)


def forbidden_countries(allowed: frozenset[str], facts: SubprocessorFacts) -> frozenset[str]:
    """The entry's countries that are not among those allowed; none where nothing is restricted."""
    return countries_of(facts) - allowed if allowed else frozenset()


def blocked_countries(
    allowed: frozenset[str],
    facts: SubprocessorFacts,
    exceptions: Iterable[CountryException],
    *,
    subprocessor_id: int,
    on: date,
) -> frozenset[str]:
    """What is forbidden and no exception covers on that day.

    exceptions: those of the agreement. on: the day of commencement, or of the use.
    """
    known = tuple(exceptions)
    return frozenset(
        country
        for country in forbidden_countries(allowed, facts)
        if not any(x.covers(country, subprocessor_id, on) for x in known)
    )


def can_be_blocked(kind: ChangeKind) -> bool:
    """A removal takes the data away from somewhere: no country stands against it."""
    return kind is not ChangeKind.REMOVAL


def write_countries(countries: Iterable[str]) -> str:
    """ "IN US", as a case keeps them; "" for none."""
    return " ".join(sorted(set(countries)))


def read_countries(stored: str) -> tuple[str, ...]:
    """The countries of `write_countries`, sorted."""
    return tuple(stored.split())
