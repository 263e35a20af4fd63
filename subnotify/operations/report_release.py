"""What became of a release: its totals, and a file of each agreement and change. Reads only."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy.orm import Session

from subnotify.operations.export_board import ExportedCase, exported_case
from subnotify.rules.csv_tables import guarded
from subnotify.rules.errors import NotFound
from subnotify.rules.words import LetterState, ReleaseState
from subnotify.storage.board import BoardCase, load_cases
from subnotify.storage.board_charts import ReleaseDelivery, list_release_deliveries
from subnotify.storage.corrections import CorrectedRelease, find_corrected, find_correction
from subnotify.storage.release_cases import list_case_page
from subnotify.storage.release_reports import (
    ChangeCounts,
    EvidenceMark,
    NoticeCounts,
    count_changes,
    count_letters,
    count_notices,
    list_evidence_marks,
)
from subnotify.storage.releases import Release, ReleasedChange, get_release, list_released_changes
from subnotify.storage.sending_progress import MailCounts, count_release

PAGE = 500
_FURTHER = (
    *("notice_state", "not_served_because", "gated_out"),
    *("change_state", "commencement_on", "commenced_at"),
)


@dataclass(frozen=True)
class ReleaseReport:
    """changes: in their order, with their counts. delivery: None where no agreement was told.
    correction: the number of the release that corrects this one; "" for a draft of it."""

    release: Release
    notices: NoticeCounts
    mails: MailCounts
    letters: Mapping[LetterState, int]
    changes: Sequence[tuple[ReleasedChange, ChangeCounts]]
    delivery: ReleaseDelivery | None
    corrected: CorrectedRelease | None
    correction: tuple[int, str] | None
    marks: Sequence[EvidenceMark]


def report_release(session: Session, release_id: int, *, at: datetime) -> ReleaseReport:
    """The report of a released release, as it is at `at`. Raises NotFound, for a draft too."""
    release = get_release(session, release_id)
    if release.state is not ReleaseState.RELEASED:
        raise NotFound
    changes = list_released_changes(session, release_id)
    counts = count_changes(session, [change.id for change in changes], at=at)
    correction = find_correction(session, release_id)
    return ReleaseReport(
        release=release,
        notices=count_notices(session, release_id),
        mails=count_release(session, release_id).notice_mails,
        letters=count_letters(session, release_id),
        changes=[(change, counts[change.id]) for change in changes],
        delivery=next(iter(list_release_deliveries(session, release_id)), None),
        corrected=find_corrected(session, release.corrects_id),
        correction=(correction.id, correction.number or "") if correction else None,
        marks=list_evidence_marks(session, release_id),
    )


def write_report_csv(session: Session, release_id: int, out: IO[str], *, at: datetime) -> None:
    """A line of names, then one for each change under each agreement, by agreement. No cell is a
    formula to a spreadsheet. Read page by page: the memory does not grow with the agreements."""
    writer = csv.writer(out)
    writer.writerow((*ExportedCase.__dataclass_fields__, *_FURTHER))
    for row in _rows(session, release_id, at):
        writer.writerow([guarded(str(value)) for value in row])


def _rows(session: Session, release_id: int, at: datetime) -> Iterator[tuple[object, ...]]:
    changes = {change.id: change for change in list_released_changes(session, release_id)}
    after: int | None = 0
    while after is not None:
        page = list_case_page(session, release_id, after=after, size=PAGE)
        cases = load_cases(session, page.case_ids, at=at)
        for case_id in page.case_ids:
            # Deleted since: an import that was undone.
            if case_id in cases:
                yield _row(cases[case_id], changes[cases[case_id].change_id])
        after = page.next


def _row(case: BoardCase, change: ReleasedChange) -> tuple[object, ...]:
    return (
        *vars(exported_case(case)).values(),
        case.notice_state.value,
        case.failure,
        "yes" if case.gated_out else "",
        change.state.value,
        change.commencement_on or "",
        change.commenced_at.isoformat() if change.commenced_at else "",
    )
