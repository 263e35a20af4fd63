"""The scans kept with a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.words import PaperKind
from subnotify.storage.tables import CasePaperRow, DocumentRow


@dataclass(frozen=True)
class CasePaper:
    """digest: SHA-256 of the scan."""

    id: int
    document_id: int
    kind: PaperKind
    note: str
    file_name: str
    octets: int
    digest: str
    added_at: datetime
    added_by: str


def list_papers(session: Session, case_id: int) -> Sequence[CasePaper]:
    """In the order in which they were added."""
    rows = session.execute(
        select(
            CasePaperRow.id,
            CasePaperRow.document_id,
            CasePaperRow.kind,
            CasePaperRow.note,
            DocumentRow.file_name,
            DocumentRow.octets,
            DocumentRow.digest,
            CasePaperRow.added_at,
            CasePaperRow.added_by,
        )
        .join(DocumentRow, DocumentRow.id == CasePaperRow.document_id)
        .where(CasePaperRow.case_id == case_id)
        .order_by(CasePaperRow.id)
    )
    return [
        CasePaper(
            row.id,
            row.document_id,
            PaperKind(row.kind),
            row.note,
            row.file_name,
            row.octets,
            row.digest,
            row.added_at,
            row.added_by,
        )
        for row in rows
    ]
