"""The plain tables that come and go as CSV: one file for each kind, one line for each entry.

clients.csv       key, name, country
contacts.csv      client, key, name, role_title, email, postal_address, phone
agreements.csv    key, client, reference, language, signed_on, ended_on, services, laws (of the
                  vendor's export laws, those of this client's data; empty: all), then of the
                  notice terms: preset, objection_number, objection_unit, lead_number, lead_unit,
                  runs_from, proof_of_receipt
designations.csv  agreement, contact, kind (notice or copy), clause, designated_on,
                  letter_reference, ended_on
windows.csv       notices given before: agreement, contact, kind (addition or replacement),
                  subprocessor, commencement_on, channel (email, post or registered_post;
                  empty: email, where the terms take any mail), dispatched_at, received_at, proof,
                  proof_reference, reason_en, reason_fr (of the change: once is enough)
subprocessors.csv the entries of the list, drafts included: key, name, and what the list says of
                  each; of a text either one column (activities) or one for each language
                  (activities_en, activities_fr)
locations.csv     subprocessor, country, organisation, kind. The lines of an entry are all its
                  locations; a location that stays keeps its bases
bases.csv         subprocessor, country, organisation, kind (which location), law, code, and what
                  is recorded of the basis. The lines of an entry are all its bases; a line
                  without law and code says that a location has none

Days are written 2026-03-31. `services` are keys with `|` between them; a service bought for a
time is written `key from..until` (either may be left out; the last day is the first one without).
`laws`, `proof_of_receipt`, `other_names`, `conditions`, `evidence`, `lists` and
`list_covered_data` may hold several values with `|` between them; in a value, `|` and `\\` stand
after a `\\`. `evidence` holds `name=value`; `conditions` may be `all`: every one that the reference
data have. Yes and no are `true` and `false`. A column that a file leaves out stays as it is; an
empty cell empties the field, except in the terms, where it leaves them as they
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
    SUBPROCESSORS = "subprocessors"
    LOCATIONS = "locations"
    BASES = "bases"


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
# Texts that may be written in each language.
TEXT_COLUMNS = ("activities", "data_categories", "data_subjects")
# Where a basis belongs.
PLACE_COLUMNS = ("country", "organisation", "kind")
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
            "laws",
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
            *("channel", "dispatched_at", "received_at", "proof", "proof_reference"),
            *("reason_en", "reason_fr"),
        ),
        frozenset({"agreement", "contact", "subprocessor", "commencement_on", "dispatched_at"}),
    ),
    Layout(
        ImportKind.SUBPROCESSORS,
        (
            *("key", "name", "trading_name", "other_names", "company_number", "parent"),
            *("address", "contact", "website", "list_url", "agreement_url"),
            *(f"{text}{ending}" for text in TEXT_COLUMNS for ending in ("", "_en", "_fr")),
            *("services", "special_categories", "hr_data", "role", "affiliate", "engaged_by"),
            *("replaces", "agreement_signed_on", "agreement_planned_on", "agreement_from_on"),
            *("agreement_until_on", "obligations_flowed_down_on", "guarantees_reviewed_on"),
            *("in_use_since_on", "demonstration_values", "internal_notes"),
        ),
        frozenset({"key", "name"}),
    ),
    Layout(
        ImportKind.LOCATIONS,
        ("subprocessor", *PLACE_COLUMNS),
        frozenset({"subprocessor", "country", "kind"}),
    ),
    Layout(
        ImportKind.BASES,
        (
            *("subprocessor", *PLACE_COLUMNS, "law", "code", "reference", "module", "signed_on"),
            *("expires_on", "conditions", "evidence", "list_entity", "lists", "list_status"),
            *("list_covered_data", "list_checked_on", "list_next_certification_on"),
            *("assessment_reference", "assessment_done_on", "assessment_result"),
        ),
        frozenset({"subprocessor", "country", "kind", "law", "code"}),
    ),
)
ALL_COLUMNS = frozenset(column for layout in LAYOUTS for column in layout.columns)
EXPORTED = tuple(layout.kind for layout in LAYOUTS if layout.kind is not ImportKind.WINDOWS)


def get_layout(kind: ImportKind) -> Layout:
    """The layout of a kind of table. Raises LookupError for the registry, which is no table."""
    for layout in LAYOUTS:
        if layout.kind is kind:
            return layout
    raise LookupError(kind)


def recognise(table: Table) -> Layout:
    """The layout that the columns are those of. Raises ProblemsFound with what is missing or not
    known, by the layout that fits best; of two that fit alike, by the one the file is named for."""
    named = set(table.columns)
    stem = table.name.lower().removesuffix(".csv")

    def fit(layout: Layout) -> tuple[int, bool, bool, int]:
        required, columns = named & layout.required, named & set(layout.columns)
        is_named = stem == layout.kind.value
        return len(required), is_named, required == layout.required, len(columns)

    best = max(LAYOUTS, key=fit)
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
