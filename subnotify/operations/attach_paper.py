"""Keep a scan with a case: a letter, a slip, a settlement, a certificate. It stays as it is."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.keep_document import GivenFile, keep_document
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import LONGEST_REASON, ReasonTooLong
from subnotify.rules.words import PaperKind
from subnotify.storage.case_locks import lock_case
from subnotify.storage.case_papers import list_papers
from subnotify.storage.tables import CasePaperRow


@dataclass(frozen=True)
class GivenPaper:
    """note: what it shows, as far as its kind does not say so."""

    kind: PaperKind
    scan: GivenFile
    note: str = ""


def attach_paper(
    session: Session,
    case_id: int,
    paper: GivenPaper,
    *,
    seal_key: SealKey,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    """Seal a scan and keep it with the case; the paper's id. The same file twice is one paper.

    Raises ProblemsFound at "scan" (another kind of file, empty, too large), ReasonTooLong,
    NotFound.
    """
    if len(paper.note) > LONGEST_REASON:
        raise ReasonTooLong(longest=LONGEST_REASON)
    with transaction(session):
        case = lock_case(session, case_id)
        digest = hashlib.sha256(paper.scan.octets).hexdigest()
        for known in list_papers(session, case_id):
            if (known.kind, known.digest) == (paper.kind, digest):
                return known.id
        kept = keep_document(
            session,
            paper.scan,
            fallback_name=f"{paper.kind.value}-{case.id}",
            seal_key=seal_key,
            by=by,
            at=at,
        )
        row = CasePaperRow(
            case_id=case_id,
            document_id=kept.id,
            kind=paper.kind.value,
            note=paper.note.strip(),
            added_at=at,
            added_by=by,
        )
        session.add(row)
        session.flush()
        append_evidence(
            session,
            "paper_attached",
            actor=actor,
            object_type="case",
            object_id=case_id,
            content={
                "paper": row.id,
                "kind": row.kind,
                "scan_sha256": kept.digest,
                "octets": kept.octets,
                "note": row.note,
                "by": by,
            },
            at=at,
        )
        return row.id
