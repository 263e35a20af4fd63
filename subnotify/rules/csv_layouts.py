"""The plain tables that come and go as CSV: one file for each kind, one line for each entry.

clients.csv       key, name, country
contacts.csv      client, key, name, role_title, email, postal_address, phone
agreements.csv    key, client, reference, language, signed_on, ended_on, services, then of the
                  notice terms: preset, objection_number, objection_unit, lead_number, lead_unit,
                  runs_from, proof_of_receipt
designations.csv  agreement, contact, kind (notice or copy), clause, designated_on,
                  letter_reference, ended_on
windows.csv       notices given before: agreement, contact, kind (addition or replacement),
                  subprocessor, commencement_on, dispatched_at, received_at, proof,
                  proof_reference, reason_en, reason_fr (of the change: once is enough)

Days are written 2026-03-31. `services` are keys with `|` between them; a service bought for a
time is written `key from..until` (either may be left out; the last day is the first one without).
`proof_of_receipt` may hold several values with `|` between them. A column that a file leaves out
stays as it is; an empty cell empties the field, except in the terms, where it leaves them as they
are. Terms beyond these columns are kept, and come by the form or the YAML file.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from subnotify.rules.csv_tables import Table, place
from subnotify.rules.errors import Problem, ProblemsFound


class ImportKind(StrEnum):
    """What an imported file holds."""

    REGISTRY = "registry"
    CLIENTS = "clients"
    CONTACTS = "contacts"
    AGREEMENTS = "agreements"
    DESIGNATIONS = "designations"
    WINDOWS = "windows"


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of table; `required` must be there."""

    kind: ImportKind
    columns: tuple[str, ...]
    required: frozenset[str]


TERMS_COLUMNS = (
    *("preset", "objection_number", "objection_unit", "lead_number", "lead_unit"),
    *("runs_from", "proof_of_receipt"),
)
LAYOUTS = (
    Layout(
        ImportKind.CLIENTS,
        ("key", "name", "country"),
        frozenset({"key", "name", "country"}),
    ),
    Layout(
        ImportKind.CONTACTS,
        ("client", "key", "name", "role_title", "email", "postal_address", "phone"),
        frozenset({"client", "key", "name"}),
    ),
    Layout(
        ImportKind.AGREEMENTS,
        (
            *("key", "client", "reference", "language", "signed_on", "ended_on", "services"),
            *TERMS_COLUMNS,
        ),
        frozenset({"key", "client", "reference", "language"}),
    ),
    Layout(
        ImportKind.DESIGNATIONS,
        (
            *("agreement", "contact", "kind", "clause", "designated_on"),
            *("letter_reference", "ended_on"),
        ),
        frozenset({"agreement", "contact", "kind"}),
    ),
    Layout(
        ImportKind.WINDOWS,
        (
            *("agreement", "contact", "kind", "subprocessor", "commencement_on"),
            *("dispatched_at", "received_at", "proof", "proof_reference"),
            *("reason_en", "reason_fr"),
        ),
        frozenset({"agreement", "contact", "subprocessor", "commencement_on", "dispatched_at"}),
    ),
)
ALL_COLUMNS = frozenset(column for layout in LAYOUTS for column in layout.columns)
EXPORTED = tuple(layout.kind for layout in LAYOUTS if layout.kind is not ImportKind.WINDOWS)


def get_layout(kind: ImportKind) -> Layout:
    """The layout of a kind of table. Raises LookupError for the registry, which is YAML."""
    for layout in LAYOUTS:
        if layout.kind is kind:
            return layout
    raise LookupError(kind)


def recognise(table: Table) -> Layout:
    """The layout that the columns are those of. Raises ProblemsFound with what is missing or not
    known, by the layout that fits best."""
    named = set(table.columns)
    best = max(LAYOUTS, key=lambda x: (len(named & x.required), len(named & set(x.columns))))
    problems = [
        Problem(
            place(table.name, 1),
            "The column “%(column)s” is missing.",
            "Add it; the columns are: %(known)s.",
            (("column", column), ("known", _listed(best.columns))),
        )
        for column in best.columns
        if column in best.required - named
    ]
    problems += [
        Problem(
            place(table.name, 1),
            "The column “%(column)s” is not known.",
            "Remove it, or use one of: %(known)s.",
            (("column", column), ("known", _listed(best.columns))),
        )
        for column in table.columns
        if column not in best.columns
    ]
    if problems:
        raise ProblemsFound(tuple(problems))
    return best


def _listed(columns: Collection[str]) -> str:
    return ", ".join(columns)
