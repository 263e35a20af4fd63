"""Reference data of transfer bases that are newer than the package's own."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from subnotify.storage.tables import TransferReferenceRow


@dataclass(frozen=True)
class StoredReference:
    """Which data, by the SHA-256 of their file and the day of their facts."""

    digest: str
    as_of: date


def find_latest_reference(session: Session) -> StoredReference | None:
    """The data with the latest facts, of those the last loaded; None: none were ever loaded."""
    row = session.execute(
        select(TransferReferenceRow.digest, TransferReferenceRow.as_of)
        .order_by(TransferReferenceRow.as_of.desc(), TransferReferenceRow.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else StoredReference(*row)


def get_reference_content(session: Session, digest: str) -> bytes:
    """The file as it came."""
    query = select(TransferReferenceRow.content).where(TransferReferenceRow.digest == digest)
    return session.scalars(query).one().encode()


def append_reference(
    session: Session, *, as_of: date, digest: str, content: bytes, by: str, at: datetime
) -> None:
    """The data count as loaded last; a file that was loaded before leaves its old place."""
    session.execute(delete(TransferReferenceRow).where(TransferReferenceRow.digest == digest))
    session.add(
        TransferReferenceRow(
            as_of=as_of,
            digest=digest,
            content=content.decode(),
            loaded_at=at,
            loaded_by=by,
        )
    )
