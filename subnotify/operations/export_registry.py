"""What is stored, as files: imported again, they change nothing.

The vendor, its services and its list as one file, YAML or JSON; clients, contacts, agreements,
designations, and the list too, as CSV tables.
"""

import json
from enum import StrEnum
from typing import Any

import yaml
from sqlalchemy.orm import Session

from subnotify.operations.registry_cells import stored_cells
from subnotify.operations.registry_list_csv import list_cells
from subnotify.operations.stored_registry import read_stored_entries, read_stored_registry
from subnotify.rules.csv_layouts import ImportKind, get_layout
from subnotify.rules.csv_tables import write_table
from subnotify.storage.agreements import (
    AgreementRows,
    load_agreement_rows,
    load_client_rows,
    service_ids,
)

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH = 100
_OF_THE_LIST = (ImportKind.SUBPROCESSORS, ImportKind.LOCATIONS, ImportKind.BASES)


class RegistryFormat(StrEnum):
    """How the registry's file is written; the value is the ending of its name."""

    YAML = "yaml"
    JSON = "json"


def export_registry(session: Session, form: RegistryFormat) -> bytes:
    """Vendor, services and list, drafts and internal notes included: for the vendor's people."""
    registry = read_stored_registry(session)
    if form is RegistryFormat.JSON:
        return (json.dumps(registry, ensure_ascii=False, indent=2) + "\n").encode()
    written: str = yaml.dump(
        registry, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=_WIDTH
    )
    return written.encode()


def export_csv(session: Session, kind: ImportKind, *, separator: str = ",") -> bytes:
    """One table, as it is stored now. separator: a comma, or the semicolon that spreadsheets
    expect where the comma is the decimal mark."""
    columns = get_layout(kind).columns
    if kind in _OF_THE_LIST:
        entries = read_stored_entries(session)
        return write_table(columns, list_cells(kind, entries), separator=separator)
    clients = load_client_rows(session)
    needs_agreements = kind in (ImportKind.AGREEMENTS, ImportKind.DESIGNATIONS)
    agreements = load_agreement_rows(session) if needs_agreements else AgreementRows()
    services = {number: key for key, number in service_ids(session).items()}
    rows = stored_cells(kind, clients, agreements, services)
    return write_table(columns, rows, separator=separator)
