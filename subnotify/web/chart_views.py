"""The chart of transfer mechanisms, for the page and as data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from subnotify.rules.instrument_links import official_address
from subnotify.rules.texts import LANGUAGES, NO_TEXT
from subnotify.rules.transfer_charts import (
    ChartCell,
    ChartRow,
    EntryInChart,
    find_instrument,
)
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_verdicts import Instrument
from subnotify.rules.vendor_mechanisms import Mechanism
from subnotify.rules.words import VendorRole
from subnotify.web.list_data import day_data, text_data
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.mechanisms import mechanism_name, use_words
from subnotify.wording.transfer_reasons import instrument_words, law_words


@dataclass(frozen=True)
class CellEntryView:
    """An entry that rests on a mechanism. places: "United States"; lapsed_on: where it alone
    lapsed."""

    name: str
    row_id: str
    places: str
    lapsed_on: date | None


@dataclass(frozen=True)
class CellView:
    applies: bool
    entries: tuple[CellEntryView, ...]


@dataclass(frozen=True)
class MechanismView:
    """A row of the chart. address: of the official text; details and document: the vendor's."""

    name: str
    use: str
    address: str
    processor: CellView
    controller: CellView
    comment: str
    details: str
    document: str
    effective_on: date | None
    modified_on: date | None
    lapsed_on: date | None
    replaced_by: str
    is_being_replaced: bool

    @property
    def says_more(self) -> bool:
        """Whether the vendor says anything of it."""
        said = (self.comment, self.details, self.document, self.effective_on, self.modified_on)
        return any(said)


@dataclass(frozen=True)
class ChartView:
    """The mechanisms under one export law."""

    law: str
    rows: tuple[MechanismView, ...]


def chart_views(rows: Iterable[ChartRow], w: Wording) -> tuple[ChartView, ...]:
    """One chart for each law under which there is a mechanism."""
    return tuple(
        ChartView(law_words(law, w), tuple(_row_view(row, w) for row in its))
        for law, its in groupby(rows, key=lambda row: row.law)
    )


def _row_view(row: ChartRow, w: Wording) -> MechanismView:
    said = row.stated
    return MechanismView(
        name=mechanism_name(row.instrument, said.title if said else NO_TEXT, w),
        use=use_words(row.use, w),
        address=official_address(row.instrument, w.language),
        processor=_cell_view(row, VendorRole.PROCESSOR, w),
        controller=_cell_view(row, VendorRole.CONTROLLER, w),
        comment=said.comment.in_language(w.language) if said else "",
        details=said.details_url if said else "",
        document=said.document_url if said else "",
        effective_on=said.effective_on if said else None,
        modified_on=said.modified_on if said else None,
        lapsed_on=row.lapsed_on,
        replaced_by=instrument_words(row.replaced_by, w),
        is_being_replaced=row.replaced_by is None and _has_entries(row),
    )


def _has_entries(row: ChartRow) -> bool:
    return any(cell.entries for cell in row.cells.values())


def _cell_view(row: ChartRow, role: VendorRole, w: Wording) -> CellView:
    cell = row.cells[role]
    return CellView(cell.applies, tuple(_entry_view(x, row, w) for x in cell.entries))


def _entry_view(entry: EntryInChart, row: ChartRow, w: Wording) -> CellEntryView:
    places = [place.organisation or w.country(place.country) for place in entry.places]
    lapsed_on = entry.lapsed_on if entry.lapsed_on != row.lapsed_on else None
    return CellEntryView(entry.name, entry.row, ", ".join(places), lapsed_on)


def stated_name(mechanism: Mechanism, reference: TransferReference, w: Wording) -> str:
    """What the vendor states, named as the chart names it."""
    it = find_instrument(reference, mechanism.code)
    return mechanism_name(it, mechanism.title, w) or mechanism.code


def chart_data(rows: Sequence[ChartRow]) -> list[dict[str, Any]]:
    return [_row_data(row) for row in rows]


def _row_data(row: ChartRow) -> dict[str, Any]:
    said, it = row.stated, row.instrument
    title = said.title if said else NO_TEXT
    return {
        "law": row.law.value,
        "use": row.use.value,
        "mechanism": it.code if it is not None else None,
        "name": {x: mechanism_name(it, title, wording_for(x)) for x in LANGUAGES},
        "number": (it.number or None) if it is not None else None,
        "address": official_address(it, LANGUAGES[0]) or None,
        "processor": _cell_data(row.cells[VendorRole.PROCESSOR]),
        "controller": _cell_data(row.cells[VendorRole.CONTROLLER]),
        "comment": text_data(said.comment if said else NO_TEXT),
        "details": (said.details_url or None) if said else None,
        "document": (said.document_url or None) if said else None,
        "effective_on": day_data(said.effective_on) if said else None,
        "modified_on": day_data(said.modified_on) if said else None,
        "lapsed_on": day_data(row.lapsed_on),
        "replaced_by": _code(row.replaced_by),
    }


def _code(instrument: Instrument | None) -> str | None:
    return instrument.code if instrument is not None else None


def _cell_data(cell: ChartCell) -> dict[str, Any]:
    """entries: keys, each with the places for which it rests on the mechanism."""
    return {
        "applies": cell.applies,
        "entries": [
            {
                "key": entry.key,
                "places": [place.organisation or place.country for place in entry.places],
                "lapsed_on": day_data(entry.lapsed_on),
            }
            for entry in cell.entries
        ],
    }
