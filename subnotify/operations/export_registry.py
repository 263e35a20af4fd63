"""Clients, contacts, agreements and designations as CSV: imported again, they change nothing."""

from sqlalchemy.orm import Session

from subnotify.operations.registry_cells import stored_cells
from subnotify.rules.csv_layouts import ImportKind, get_layout
from subnotify.rules.csv_tables import write_table
from subnotify.storage.agreements import (
    AgreementRows,
    load_agreement_rows,
    load_client_rows,
    service_ids,
)


def export_csv(session: Session, kind: ImportKind, *, separator: str = ",") -> bytes:
    """One table, as it is stored now. separator: a comma, or the semicolon that spreadsheets
    expect where the comma is the decimal mark."""
    clients = load_client_rows(session)
    needs_agreements = kind in (ImportKind.AGREEMENTS, ImportKind.DESIGNATIONS)
    agreements = load_agreement_rows(session) if needs_agreements else AgreementRows()
    services = {number: key for key, number in service_ids(session).items()}
    rows = stored_cells(kind, clients, agreements, services)
    return write_table(get_layout(kind).columns, rows, separator=separator)
