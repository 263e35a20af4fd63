"""The cases that the board's filter lets through, written to a file as CSV or JSON.

The file is complete before anybody reads it: a slow reader would otherwise keep a read transaction
open, which on SQLite keeps every writer waiting. Cases are read page by page, so the memory does
not grow with them.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy.orm import Session

from subnotify.rules.csv_tables import guarded
from subnotify.rules.lanes import Lane
from subnotify.storage.board import BoardCase, load_cases
from subnotify.storage.board_filter import BoardFilter, conditions
from subnotify.storage.board_lanes import Place, list_lanes

PAGE = 500
# Each case stands in one of these.
_APART = (Lane.OPEN, Lane.HOLD, Lane.OBJECTIONS, Lane.CLOSED)


@dataclass(frozen=True)
class ExportedCase:
    """One row, named as the columns of the CSV and the keys of the JSON are. Instants in UTC."""

    case: int
    notice: str
    client: str
    agreement: str
    clause: str
    release: str
    change: str
    subprocessor: str
    state: str
    outcome: str
    holds: str
    served_at: str
    served_proof: str
    closes_at: str
    time_zone: str
    answer: str
    answered_at: str
    settlement: str
    owner: str


def write_csv(
    session: Session, shown: BoardFilter, lane: Lane | None, out: IO[str], *, at: datetime
) -> None:
    """A line of names, then one for each case. A cell that a spreadsheet would take for a formula
    begins with an apostrophe."""
    writer = csv.writer(out)
    writer.writerow(ExportedCase.__dataclass_fields__)
    for row in _rows(session, shown, lane, at):
        writer.writerow([guarded(str(value)) for value in vars(row).values()])


def write_json(
    session: Session, shown: BoardFilter, lane: Lane | None, out: IO[str], *, at: datetime
) -> None:
    """{"at": ..., "cases": [...]}."""
    out.write(f'{{"at": {json.dumps(at.isoformat())}, "cases": [')
    for number, row in enumerate(_rows(session, shown, lane, at)):
        out.write(",\n" if number else "\n")
        out.write(json.dumps(vars(row), ensure_ascii=False))
    out.write("\n]}\n")


def _rows(
    session: Session, shown: BoardFilter, lane: Lane | None, at: datetime
) -> Iterator[ExportedCase]:
    wanted = conditions(session, shown)
    for one in [lane] if lane else _APART:
        after: Place | None = None
        while True:
            page = list_lanes(session, [one], wanted, at=at, size=PAGE, after=after)[one]
            cases = load_cases(session, page.case_ids, at=at)
            yield from (exported_case(cases[number]) for number in page.case_ids if number in cases)
            after = page.next
            if after is None:
                break


def exported_case(case: BoardCase) -> ExportedCase:
    """The case as a row."""
    answer = case.answer
    return ExportedCase(
        case=case.id,
        notice=case.notice_reference,
        client=case.client,
        agreement=case.agreement,
        clause=case.clause,
        release=case.release_number,
        change=case.change_kind.value,
        subprocessor=case.subprocessor,
        state=case.state.value,
        outcome=case.outcome.value if case.outcome else "",
        holds=" ".join(hold.value for hold in case.holds),
        served_at=_instant(case.served_at),
        served_proof=case.served_proof.value if case.served_proof else "",
        closes_at=_instant(case.closes_at if case.has_deadline else None),
        time_zone=case.zone or "",
        answer=answer.kind.value if answer else "",
        answered_at=_instant(answer.received_at if answer else None),
        settlement=case.settlement.value if case.settlement else "",
        owner=case.owner,
    )


def _instant(at: datetime | None) -> str:
    return at.isoformat() if at else ""
