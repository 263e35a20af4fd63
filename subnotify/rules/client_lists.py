"""What list applies to one client on a day: who may process its data, and why the others may not.

The public list says who is engaged. For one agreement that is too much where the client buys other
services, was promised that a subprocessor is not used for it, has not been asked yet, or allows no
processing in a country; and too little where it keeps what the others have left behind. An entry
is on the client's list if and only if it may process that client's data.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from subnotify.rules.allowed_countries import (
    CountryException,
    blocked_countries,
    forbidden_countries,
)
from subnotify.rules.client_list_facts import AgreementSide, CaseOfClient, EntryOfList, WhyNot
from subnotify.rules.gates import Use, use_of_change
from subnotify.rules.words import CaseState, ChangeKind, Outcome, VendorRole

_USED = frozenset({Use.MAY_USE, Use.EARLY})
# With these there is no client left that could keep anything.
_GONE = frozenset({Outcome.TERMINATED, Outcome.AGREEMENT_ENDED, Outcome.CHANGE_WITHDRAWN})
_BEGINS = frozenset({ChangeKind.ADDITION, ChangeKind.REPLACEMENT})


@dataclass(frozen=True)
class ClientEntry:
    """An entry as it concerns the client. services: the keys among those that it buys.

    since_on: used (or kept away) since; None where nothing recorded says so. is_kept: phased out
    for the others. why_not: set where it may not process the client's data. rests_on: exceptions
    without which a country would be closed. case_id: whose state decides.
    """

    entry: EntryOfList
    services: tuple[str, ...]
    since_on: date | None = None
    is_kept: bool = False
    why_not: WhyNot | None = None
    countries: frozenset[str] = frozenset()
    rests_on: tuple[CountryException, ...] = ()
    case_id: int | None = None


@dataclass(frozen=True)
class ClientList:
    """used: may process the client's data, those it keeps included. not_used: on the list, for
    services that it buys, and not for it. recipients: whom the vendor gives data as controller."""

    used: tuple[ClientEntry, ...] = ()
    not_used: tuple[ClientEntry, ...] = ()
    recipients: tuple[EntryOfList, ...] = ()


def client_list(
    entries: Iterable[EntryOfList], side: AgreementSide, *, on: date, at: datetime
) -> ClientList:
    """The list that applies to one agreement on the day `on`, in the order of the entries.

    at: the instant on that day at which the cases are given. Nothing applies once the agreement
    has ended.
    """
    listed = [entry for entry in entries if entry.is_on_list(on)]
    recipients = tuple(x for x in listed if x.facts.role is VendorRole.CONTROLLER)
    if side.has_ended:
        return ClientList(recipients=recipients)
    judged = [
        _judge(entry, side, on, at)
        for entry in listed
        if entry.facts.role is VendorRole.PROCESSOR and not entry.is_phased_out(on)
    ]
    concerned = [x for x in judged if x.services]
    kept = _kept(listed, concerned, side, on, at)
    found = sorted([*concerned, *kept], key=lambda x: listed.index(x.entry))
    return ClientList(
        used=tuple(x for x in found if x.why_not is None),
        not_used=tuple(x for x in found if x.why_not is not None),
        recipients=recipients,
    )


def _judge(entry: EntryOfList, side: AgreementSide, on: date, at: datetime) -> ClientEntry:
    """Whether the entry may process the client's data, and since when."""
    services = tuple(key for key in entry.facts.services if key in side.bought)
    found = ClientEntry(entry, services, _since(entry, services, side))
    decisive = [x for x in (_beginning(entry, side), _own_case(entry, side)) if x is not None]
    refusing = next((x for x in decisive if _why_not(x, at) is not None), None)
    if refusing is not None and refusing.outcome is not None:
        return _refused(found, refusing, at)
    countries = _closed_countries(found, side, on)
    if countries:
        return _closed(found, countries, decisive, side, on)
    if refusing is not None:
        return _refused(found, refusing, at)
    settled = [x.settled_on for x in decisive if x.settled_on is not None]
    days = [x for x in (found.since_on, *settled) if x is not None]
    found = replace(
        found,
        since_on=max(days, default=None),
        case_id=decisive[-1].id if decisive else None,
    )
    return _with_exceptions(found, side, on)


def _kept(
    listed: Sequence[EntryOfList],
    present: Sequence[ClientEntry],
    side: AgreementSide,
    on: date,
    at: datetime,
) -> list[ClientEntry]:
    """What is phased out and this client keeps, because what took its place is not used for it."""
    used = {x.entry.subprocessor_id for x in present if x.why_not is None}
    kept = []
    for entry in listed:
        if not entry.is_phased_out(on) or entry.facts.role is not VendorRole.PROCESSOR:
            continue
        ended = [
            case
            for case in side.cases
            if case.ends(entry.subprocessor_id)
            and case.commenced_on == entry.phased_out_from_on
            and case.outcome not in _GONE
            and not _is_used(case, entry, listed, side, on, at)
        ]
        found = _judge(entry, side, on, at)
        if ended and found.services and entry.subprocessor_id not in used:
            kept.append(replace(found, is_kept=True, case_id=found.case_id or ended[0].id))
    return kept


def _is_used(
    case: CaseOfClient,
    old: EntryOfList,
    listed: Sequence[EntryOfList],
    side: AgreementSide,
    on: date,
    at: datetime,
) -> bool:
    """Whether the change that phased `old` out holds for the client."""
    if case.kind is ChangeKind.REMOVAL:
        return _use(case, at) in _USED
    brought = next((x for x in listed if x.change_id == case.change_id and x.id != old.id), None)
    if brought is None:
        return _use(case, at) in _USED
    return _judge(brought, side, on, at).why_not is None


def _own_case(entry: EntryOfList, side: AgreementSide) -> CaseOfClient | None:
    return next((x for x in side.cases if x.change_id == entry.change_id), None)


def _beginning(entry: EntryOfList, side: AgreementSide) -> CaseOfClient | None:
    """The case of the last change that put the subprocessor on the list, up to this entry.

    Who had it kept away then did not agree to it by letting an amendment of it pass.
    """
    began = [
        case
        for case in side.cases
        if case.kind in _BEGINS
        and case.subprocessor_id == entry.subprocessor_id
        and case.commenced_on <= entry.from_on
    ]
    return max(began, key=lambda case: (case.commenced_on, case.id), default=None)


def _use(case: CaseOfClient, at: datetime) -> Use:
    """What the gate says, countries apart: those are judged by the day of the list."""
    return use_of_change(
        case.state,
        case.outcome,
        is_gated_out=case.is_gated_out,
        # It has commenced, whatever the hour.
        commencement_at=at,
        at=at,
        is_lead_over=case.is_lead_over,
        uses_early=case.uses_early,
    )


def _why_not(case: CaseOfClient, at: datetime) -> WhyNot | None:
    match _use(case, at):
        case Use.GATED_OUT:
            return WhyNot.GATED_OUT
        case Use.AWAITS_LEAD_TIME:
            return WhyNot.LEAD_TIME
        case Use.BLOCKS:
            is_objected = case.state is CaseState.OBJECTED
            return WhyNot.OBJECTED if is_objected else WhyNot.NOT_SETTLED
        case Use.NOT_USED if case.outcome is Outcome.ACCOMMODATED:
            return WhyNot.ACCOMMODATED
        case Use.NOT_USED if case.outcome is Outcome.TERMINATED:
            return WhyNot.TERMINATED
        case Use.NOT_USED:
            return WhyNot.NOT_AUTHORISED
        case _:
            return None


def _closed_countries(found: ClientEntry, side: AgreementSide, on: date) -> frozenset[str]:
    """Countries of the entry that the agreement does not allow on that day."""
    number = found.entry.subprocessor_id
    return blocked_countries(
        side.allowed, found.entry.facts, side.exceptions, subprocessor_id=number, on=on
    )


def _closed(
    found: ClientEntry,
    countries: frozenset[str],
    decisive: Sequence[CaseOfClient],
    side: AgreementSide,
    on: date,
) -> ClientEntry:
    """Kept away since it is there, or since the last exception for such a country ended."""
    ended = [
        x.until_on
        for x in side.exceptions
        if x.country in countries and x.until_on is not None and x.until_on <= on
    ]
    return replace(
        found,
        why_not=WhyNot.COUNTRY,
        countries=countries,
        since_on=max([found.entry.from_on, *ended]),
        case_id=decisive[-1].id if decisive else None,
    )


def _with_exceptions(found: ClientEntry, side: AgreementSide, on: date) -> ClientEntry:
    """With the exceptions that open what the agreement does not allow."""
    facts, number = found.entry.facts, found.entry.subprocessor_id
    forbidden = forbidden_countries(side.allowed, facts)
    rests_on = tuple(
        x for x in side.exceptions if any(x.covers(country, number, on) for country in forbidden)
    )
    days = [x for x in (found.since_on, *(x.from_on for x in rests_on)) if x is not None]
    return replace(found, rests_on=rests_on, countries=forbidden, since_on=max(days, default=None))


def _since(entry: EntryOfList, services: Sequence[str], side: AgreementSide) -> date | None:
    """When the entry and a service that it helps with met first."""
    bought = [side.bought[key] for key in services]
    if not bought or None in bought:
        return entry.from_on
    return max(entry.from_on, min(day for day in bought if day is not None))


def _refused(found: ClientEntry, case: CaseOfClient, at: datetime) -> ClientEntry:
    """Kept away by what stands on record of a case."""
    settled_on = case.settled_on if case.outcome is not None else None
    return replace(
        found,
        why_not=_why_not(case, at),
        since_on=max(found.entry.from_on, settled_on or found.entry.from_on),
        case_id=case.id,
    )
