"""Which agreements do not allow a country of a change that is about to be released. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from subnotify.rules.allowed_countries import (
    CountryException,
    blocked_countries,
    can_be_blocked,
    forbidden_countries,
)
from subnotify.rules.releases import ReleaseChange
from subnotify.rules.terms import NoticeTerms
from subnotify.storage.blocked_cases import ConcernedName, list_concerned_under
from subnotify.storage.country_exceptions import exceptions_by_agreement


@dataclass(frozen=True)
class BlockedAgreement:
    agreement: ConcernedName
    countries: frozenset[str]


@dataclass(frozen=True)
class BlockedChange:
    """A change with the agreements, by client, for which it will not be used."""

    change: ReleaseChange
    agreements: tuple[BlockedAgreement, ...]

    @property
    def countries(self) -> frozenset[str]:
        """Those that some agreement does not allow."""
        return frozenset[str]().union(*(x.countries for x in self.agreements))


def list_blocked_changes(
    session: Session,
    changes: Sequence[ReleaseChange],
    terms: Mapping[str, NoticeTerms],
    *,
    on: date,
    commencement_on: date | None,
) -> tuple[BlockedChange, ...]:
    """The changes that some agreements block, in their order.

    terms: by digest, of all agreements concerned. on: the vendor's day. One query for each change
    that some terms forbid; none where they forbid nothing.
    """
    day = max(commencement_on or on, on)
    found = []
    for change in changes:
        if not (change.is_notified and can_be_blocked(change.kind)):
            continue
        digests = [
            digest
            for digest, one in terms.items()
            if forbidden_countries(one.allowed_countries, change.facts)
        ]
        concerned = list_concerned_under(session, change.id, digests, on) if digests else ()
        blocked = tuple(_blocked(session, change, concerned, terms, day))
        if blocked:
            found.append(BlockedChange(change, blocked))
    return tuple(found)


def _blocked(
    session: Session,
    change: ReleaseChange,
    concerned: Sequence[ConcernedName],
    terms: Mapping[str, NoticeTerms],
    day: date,
) -> Iterable[BlockedAgreement]:
    exceptions = exceptions_by_agreement(session, [x.id for x in concerned])
    for agreement in concerned:
        countries = blocked_countries(
            terms[agreement.digest].allowed_countries,
            change.facts,
            exceptions.get(agreement.id, ()),
            subprocessor_id=change.subprocessor_id,
            on=day,
        )
        if countries:
            yield BlockedAgreement(agreement, countries)


def blocked_for_agreement(
    changes: Iterable[ReleaseChange],
    exceptions: Iterable[CountryException],
    terms: NoticeTerms | None,
    *,
    on: date,
) -> dict[int, tuple[str, ...]]:
    """Per change, the countries that one agreement does not allow, sorted. exceptions: its own.
    on: the later of the vendor's day and the day of commencement."""
    allowed = terms.allowed_countries if terms else frozenset()
    excepted = tuple(exceptions)
    return {
        change.id: tuple(
            sorted(
                blocked_countries(
                    allowed,
                    change.facts,
                    excepted,
                    subprocessor_id=change.subprocessor_id,
                    on=on,
                )
            )
        )
        if can_be_blocked(change.kind)
        else ()
        for change in changes
    }
