"""Writes and reads evidence rows. The digests come from the caller: see evidence/digest.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, Text, func, select, text
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.storage.bulk_updates import insert_long_rows, insert_rows
from subnotify.storage.tables import EvidenceContentRow, EvidenceRow

CHUNK = 5_000

# The content is JSON text already: nothing writes it once more, and no key changes its place.
_CONTENTS = Table(
    "evidence_contents",
    MetaData(),
    *(Column("evidence_id", Integer), Column("salt", Text), Column("content", Text)),
)


@dataclass(frozen=True)
class EvidenceRecord:
    """One fact, ready to be written; `content` is JSON text."""

    type: str
    at: datetime
    actor: str
    object_type: str
    object_id: int
    digest: str
    salt: str
    content: str


@dataclass(frozen=True)
class StoredEvidence:
    """A fact as stored; salt and content are None once they were erased."""

    id: int
    type: str
    digest: str
    salt: str | None
    content: Mapping[str, Any] | None


def append_records(session: Session, records: Sequence[EvidenceRecord]) -> list[int]:
    """Insert the records in their order, set-based; their ids in the same order."""
    session.flush()
    ids: list[int] = []
    for start in range(0, len(records), CHUNK):
        part = records[start : start + CHUNK]
        reserved = _reserve_ids(session, len(part))
        insert_rows(
            session,
            EvidenceRow,
            [
                {
                    "id": number,
                    "type": record.type,
                    "at": record.at,
                    "actor": record.actor,
                    "object_type": record.object_type,
                    "object_id": record.object_id,
                    "digest": record.digest,
                }
                for number, record in zip(reserved, part, strict=True)
            ],
        )
        insert_long_rows(
            session,
            _CONTENTS,
            [
                {"evidence_id": number, "salt": record.salt, "content": record.content}
                for number, record in zip(reserved, part, strict=True)
            ],
        )
        ids += reserved
    return ids


def get_evidence(session: Session, evidence_id: int) -> StoredEvidence:
    """The fact with its content. Raises NotFound."""
    row = session.get(EvidenceRow, evidence_id)
    if row is None:
        raise NotFound
    content = session.get(EvidenceContentRow, evidence_id)
    return StoredEvidence(
        row.id,
        row.type,
        row.digest,
        content.salt if content else None,
        content.content if content else None,
    )


def _reserve_ids(session: Session, number: int) -> list[int]:
    """Ids for rows about to be inserted: known beforehand, so both tables are filled in bulk."""
    if session.get_bind().dialect.name == "postgresql":
        drawn = session.execute(
            text(
                "SELECT nextval(pg_get_serial_sequence('evidence', 'id'))"
                " FROM generate_series(1, :number)"
            ),
            {"number": number},
        )
        return sorted(drawn.scalars())
    # On SQLite a writing transaction holds the only write lock from its first word.
    last = session.scalar(select(func.max(EvidenceRow.id))) or 0
    return list(range(last + 1, last + 1 + number))
