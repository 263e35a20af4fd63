"""Files kept with a record, as they are stored: encrypted, with what they are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.storage.tables import DocumentRow


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """What is told of a file without opening it. digest: SHA-256 of its bytes."""

    id: int
    file_name: str
    media_type: str
    octets: int
    digest: str
    added_at: datetime
    added_by: str


def append_document(
    session: Session,
    *,
    digest: str,
    ciphertext: bytes,
    media_type: str,
    file_name: str,
    octets: int,
    by: str,
    at: datetime,
) -> int:
    """Store a sealed file; its id."""
    row = DocumentRow(
        digest=digest,
        ciphertext=ciphertext,
        media_type=media_type,
        file_name=file_name,
        octets=octets,
        added_at=at,
        added_by=by,
    )
    session.add(row)
    session.flush()
    return row.id


def find_document(session: Session, document_id: int | None) -> KeptDocument | None:
    """What is told of it; None for None."""
    if document_id is None:
        return None
    row = session.execute(
        select(
            DocumentRow.id,
            DocumentRow.file_name,
            DocumentRow.media_type,
            DocumentRow.octets,
            DocumentRow.digest,
            DocumentRow.added_at,
            DocumentRow.added_by,
        ).where(DocumentRow.id == document_id)
    ).one_or_none()
    return KeptDocument(*row) if row is not None else None


def get_ciphertext(session: Session, document_id: int) -> bytes:
    """The sealed bytes. Raises NotFound."""
    found = session.scalar(select(DocumentRow.ciphertext).where(DocumentRow.id == document_id))
    if found is None:
        raise NotFound
    return found
