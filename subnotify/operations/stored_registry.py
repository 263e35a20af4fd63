"""What is stored of the vendor, its services and its list, in the shape of an import file.

An entry stands as it is drafted; where nothing is drafted, as clients are told of it now. What
was assessed is left out: it follows from the rest, on any day.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.save_draft_facts import ListState, peek_list_state
from subnotify.rules.locations import without_assessments
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.vendor import vendor_to_mapping
from subnotify.storage.registry import (
    Subprocessor,
    find_vendor,
    list_draft_changes,
    list_services,
    list_subprocessors,
)
from subnotify.storage.tables import SubprocessorRow

Plain = dict[str, Any]


def read_stored_registry(session: Session) -> Plain:
    """The sections `vendor`, `services` and `subprocessors`; one that is empty is left out.

    Internal notes are among them: this is for the vendor's own people, and no publication.
    """
    vendor = find_vendor(session)
    if vendor is None:
        return {}
    registry: Plain = {
        "vendor": without_gaps(vendor_to_mapping(vendor.profile)),
        "services": [{"key": x.key, "name": x.name} for x in list_services(session)],
        "subprocessors": list(read_stored_entries(session).values()),
    }
    return {name: section for name, section in registry.items() if section}


def read_stored_entries(session: Session, *, with_former: bool = False) -> dict[str, Plain]:
    """The entries by key; none before the first import. with_former: also those that left the
    list and are not drafted anew."""
    if find_vendor(session) is None:
        return {}
    state = peek_list_state(session)
    replaced = _replaced_keys(session, state)
    notes = dict(session.execute(select(SubprocessorRow.id, SubprocessorRow.internal_notes)).all())
    entries: dict[str, Plain] = {}
    for one in list_subprocessors(session):
        facts = one.draft_facts or state.said(one.id)
        if facts is None and with_former:
            facts = state.former.get(one.id)
        if facts is not None:
            entries[one.key] = _entry(
                one, facts_to_mapping(facts), replaced.get(one.id, ""), notes[one.id]
            )
    return entries


def read_codes_on_record(session: Session) -> frozenset[str]:
    """The codes of the transfer bases of all entries, whether the reference knows them or not."""
    return frozenset(
        basis["code"]
        for entry in read_stored_entries(session, with_former=True).values()
        for location in entry.get("locations", ())
        for basis in location.get("bases", ())
    )


def _replaced_keys(session: Session, state: ListState) -> Mapping[int, str]:
    """Whose place a drafted entry would take; told only while that one is on the list."""
    return {
        change.subprocessor_id: change.replaced_key or ""
        for change in list_draft_changes(session)
        if change.replaced_id in state.in_force
    }


def _entry(one: Subprocessor, facts: Plain, replaces: str, notes: str) -> Plain:
    locations = [without_gaps(without_assessments(x)) for x in facts["locations"]]
    entry = {
        "key": one.key,
        **facts,
        "locations": locations,
        "replaces": replaces,
        "internal_notes": notes,
    }
    return without_gaps(entry)


def without_gaps(mapping: Mapping[str, Any]) -> Plain:
    """The fields that say something."""
    return {name: value for name, value in mapping.items() if value}
