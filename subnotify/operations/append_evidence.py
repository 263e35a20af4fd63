"""Evidence of facts: appended inside the operation that causes them, never changed.

No transaction of its own: evidence is written in the caller's, together with what it proves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.evidence.digest import salted_digest, seal_content
from subnotify.storage.evidence_log import EvidenceRecord, append_records, get_evidence


@dataclass(frozen=True)
class NewEvidence:
    """One fact to record. `content` may hold str, numbers, dates, aware instants, enums, lists
    and mappings; personal data belongs only there, never in the other fields."""

    type: str
    object_type: str
    object_id: int
    content: Mapping[str, Any]


def append_evidence(
    session: Session,
    type: str,
    *,
    actor: str,
    object_type: str,
    object_id: int,
    content: Mapping[str, Any],
    at: datetime,
) -> int:
    """Record one fact; its id. actor: "operator:3", "client", "job:close_windows": no name."""
    fact = NewEvidence(type, object_type, object_id, content)
    return append_evidence_many(session, [fact], actor=actor, at=at)[0]


def append_evidence_many(
    session: Session, facts: Sequence[NewEvidence], *, actor: str, at: datetime
) -> list[int]:
    """Record many facts of one instant and one actor, set-based; their ids in the same order."""
    return append_records(session, seal_evidence(facts, actor=actor, at=at))


def seal_evidence(
    facts: Sequence[NewEvidence], *, actor: str, at: datetime
) -> list[EvidenceRecord]:
    """Facts ready for `append_records`: for a transaction that keeps others waiting, this part of
    the work can be done before it begins."""
    records = []
    for fact in facts:
        sealed = seal_content(fact.content)
        records.append(
            EvidenceRecord(
                type=fact.type,
                at=at,
                actor=actor,
                object_type=fact.object_type,
                object_id=fact.object_id,
                digest=sealed.digest,
                salt=sealed.salt,
                content=sealed.canonical,
            )
        )
    return records


def verify_evidence(session: Session, evidence_id: int) -> bool | None:
    """Whether the stored content is what the digest speaks of; None when it was erased.

    Raises NotFound for an id that no evidence has.
    """
    stored = get_evidence(session, evidence_id)
    if stored.salt is None or stored.content is None:
        return None
    return salted_digest(stored.salt, stored.content) == stored.digest
