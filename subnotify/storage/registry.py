"""The vendor, its services, the list and its drafts: reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from subnotify.rules.errors import NotFound
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.vendor import VendorProfile, vendor_from_mapping
from subnotify.rules.words import ChangeKind, ChangeState
from subnotify.storage.tables import (
    ChangeRow,
    ChangeServiceRow,
    ListEntryRow,
    ServiceRow,
    SubprocessorRow,
    VendorRow,
)
from subnotify.storage.tables.base import Json

VENDOR_ID = 1


@dataclass(frozen=True)
class Vendor:
    profile: VendorProfile
    list_version: int
    list_changed_at: datetime | None
    first_published_at: datetime | None


@dataclass(frozen=True)
class Service:
    id: int
    key: str
    name: str


@dataclass(frozen=True)
class Subprocessor:
    """A subprocessor with the publisher's draft; draft_facts None: nothing is being drafted."""

    id: int
    key: str
    draft_facts: SubprocessorFacts | None
    drafted_at: datetime | None
    drafted_by: str | None


@dataclass(frozen=True)
class ListEntry:
    """What the list says of a subprocessor, from a day (included) to another (excluded).

    since_on: from which day it is in force in substance: a correction of the list says the same
    from a later day on.
    """

    id: int
    subprocessor_id: int
    key: str
    facts: SubprocessorFacts
    in_force_from_on: date
    in_force_until_on: date | None
    phased_out_from_on: date | None
    change_id: int | None
    published_at: datetime
    since_on: date


@dataclass(frozen=True)
class DraftChange:
    """A change not yet released. facts: the subprocessor's draft; services: keys concerned.

    release_id: the release it is drafted into, None while it is in none.
    """

    id: int
    kind: ChangeKind
    subprocessor_id: int
    key: str
    facts: SubprocessorFacts
    services: frozenset[str]
    replaced_id: int | None
    replaced_key: str | None
    release_id: int | None
    drafted_by: str
    drafted_at: datetime


def find_vendor(session: Session) -> Vendor | None:
    """The vendor; None before the first import."""
    row = session.get(VendorRow, VENDOR_ID)
    if row is None:
        return None
    return Vendor(
        vendor_from_mapping(row.profile),
        row.list_version,
        row.list_changed_at,
        row.first_published_at,
    )


def get_vendor(session: Session) -> Vendor:
    """The vendor. Raises NotFound before the first import."""
    vendor = find_vendor(session)
    if vendor is None:
        raise NotFound
    return vendor


def list_services(session: Session) -> tuple[Service, ...]:
    """All services, by name."""
    rows = session.execute(
        select(ServiceRow.id, ServiceRow.key, ServiceRow.name).order_by(
            ServiceRow.name, ServiceRow.id
        )
    )
    return tuple(Service(*row) for row in rows)


def list_subprocessors(session: Session) -> tuple[Subprocessor, ...]:
    """All of them, whether on the list or only drafted, by key."""
    rows = session.scalars(select(SubprocessorRow).order_by(SubprocessorRow.key))
    return tuple(_subprocessor(row) for row in rows)


def get_subprocessor(session: Session, subprocessor_id: int) -> Subprocessor:
    """Raises NotFound."""
    row = session.get(SubprocessorRow, subprocessor_id)
    if row is None:
        raise NotFound
    return _subprocessor(row)


def find_subprocessor(session: Session, key: str) -> Subprocessor | None:
    row = session.scalar(select(SubprocessorRow).where(SubprocessorRow.key == key))
    return None if row is None else _subprocessor(row)


def list_entries_in_force(session: Session, on: date) -> tuple[ListEntry, ...]:
    """The list as it is in force on a day: from it (included) until it (excluded); by key."""
    rows = session.execute(
        _entries()
        .where(
            ListEntryRow.in_force_from_on <= on,
            or_(ListEntryRow.in_force_until_on.is_(None), ListEntryRow.in_force_until_on > on),
        )
        .order_by(SubprocessorRow.key, ListEntryRow.id)
    )
    began = _beginnings(session)
    return tuple(_entry(row, key, began) for row, key in rows)


def latest_entries(session: Session) -> dict[int, ListEntry]:
    """The last entry of each subprocessor that ever was on the list, by subprocessor id."""
    rows = session.execute(_entries().order_by(ListEntryRow.in_force_from_on, ListEntryRow.id))
    began = _beginnings(session)
    entries = (_entry(row, key, began) for row, key in rows)
    return {entry.subprocessor_id: entry for entry in entries}


def standing_entries(session: Session) -> dict[int, ListEntry]:
    """What the list says for everybody, by subprocessor id; not what some clients only keep."""
    entries = latest_entries(session).items()
    return {k: e for k, e in entries if e.in_force_until_on is e.phased_out_from_on is None}


def list_draft_changes(session: Session, release_id: int | None = None) -> tuple[DraftChange, ...]:
    """Changes in draft: all of them, or those of one release; oldest first.

    A change of a subprocessor without draft facts (never, unless edited by hand) is left out.
    """
    replaced = aliased(SubprocessorRow)
    query = (
        select(ChangeRow, SubprocessorRow, replaced.key)
        .join(SubprocessorRow, SubprocessorRow.id == ChangeRow.subprocessor_id)
        .outerjoin(replaced, replaced.id == ChangeRow.replaced_id)
        .where(ChangeRow.state == ChangeState.DRAFT.value, SubprocessorRow.draft_facts.is_not(None))
        .order_by(ChangeRow.position, ChangeRow.id)
    )
    if release_id is not None:
        query = query.where(ChangeRow.release_id == release_id)
    found = session.execute(query).all()
    services = _services_of_changes(session, [row[0].id for row in found])
    return tuple(
        _draft_change(change, subprocessor, replaced_key, services)
        for change, subprocessor, replaced_key in found
        if subprocessor.draft_facts
    )


def _services_of_changes(session: Session, change_ids: list[int]) -> dict[int, set[str]]:
    services: dict[int, set[str]] = {change_id: set() for change_id in change_ids}
    rows = session.execute(
        select(ChangeServiceRow.change_id, ServiceRow.key)
        .join(ServiceRow, ServiceRow.id == ChangeServiceRow.service_id)
        .where(ChangeServiceRow.change_id.in_(change_ids))
    )
    for change_id, key in rows:
        services[change_id].add(key)
    return services


def _draft_change(
    change: ChangeRow,
    subprocessor: SubprocessorRow,
    replaced_key: str | None,
    services: dict[int, set[str]],
) -> DraftChange:
    return DraftChange(
        id=change.id,
        kind=ChangeKind(change.kind),
        subprocessor_id=change.subprocessor_id,
        key=subprocessor.key,
        facts=facts_from_mapping(subprocessor.draft_facts or {}),
        services=frozenset(services[change.id]),
        replaced_id=change.replaced_id,
        replaced_key=replaced_key,
        release_id=change.release_id,
        drafted_by=change.drafted_by,
        drafted_at=change.drafted_at,
    )


def _subprocessor(row: SubprocessorRow) -> Subprocessor:
    draft: Json | None = row.draft_facts
    return Subprocessor(
        row.id,
        row.key,
        facts_from_mapping(draft) if draft else None,
        row.drafted_at,
        row.drafted_by,
    )


def _entries() -> Select[ListEntryRow, str]:
    return select(ListEntryRow, SubprocessorRow.key).join(
        SubprocessorRow, SubprocessorRow.id == ListEntryRow.subprocessor_id
    )


def _beginnings(session: Session) -> dict[int, date]:
    """Since when each corrected entry is in force in substance, by entry id.

    A correction is an entry without a change that follows another one of its subprocessor the day
    that one ends; the first publication follows none.
    """
    rows = session.execute(
        select(
            ListEntryRow.id,
            ListEntryRow.subprocessor_id,
            ListEntryRow.in_force_from_on,
            ListEntryRow.in_force_until_on,
            ListEntryRow.change_id,
        ).order_by(ListEntryRow.in_force_from_on, ListEntryRow.id)
    ).all()
    began: dict[int, date] = {}
    ended: dict[tuple[int, date], date] = {}
    for row in rows:
        since = row.in_force_from_on
        if row.change_id is None:
            since = ended.get((row.subprocessor_id, row.in_force_from_on), since)
        if since != row.in_force_from_on:
            began[row.id] = since
        if row.in_force_until_on is not None:
            ended[row.subprocessor_id, row.in_force_until_on] = since
    return began


def _entry(row: ListEntryRow, key: str, began: Mapping[int, date]) -> ListEntry:
    return ListEntry(
        id=row.id,
        subprocessor_id=row.subprocessor_id,
        key=key,
        facts=facts_from_mapping(row.facts),
        in_force_from_on=row.in_force_from_on,
        in_force_until_on=row.in_force_until_on,
        phased_out_from_on=row.phased_out_from_on,
        change_id=row.change_id,
        published_at=row.published_at,
        since_on=began.get(row.id, row.in_force_from_on),
    )
