"""What evidence says of clients, contacts and agreements, for the desk to read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from subnotify.storage.tables import EvidenceContentRow, EvidenceRow
from subnotify.storage.tables.base import Json

MOST = 200


@dataclass(frozen=True)
class RecordedFact:
    """content: None once it was erased."""

    type: str
    at: datetime
    actor: str
    content: Json | None


def list_facts(
    session: Session, objects: Iterable[tuple[str, Iterable[int]]]
) -> tuple[RecordedFact, ...]:
    """The latest 200 facts about these objects, newest first.

    objects: types with ids: ("client", [3]), ("contact", [7, 8]).
    """
    about = [
        and_(EvidenceRow.object_type == object_type, EvidenceRow.object_id.in_(list(ids)))
        for object_type, ids in objects
    ]
    rows = session.execute(
        select(EvidenceRow.type, EvidenceRow.at, EvidenceRow.actor, EvidenceContentRow.content)
        .outerjoin(EvidenceContentRow, EvidenceContentRow.evidence_id == EvidenceRow.id)
        .where(or_(*about))
        .order_by(EvidenceRow.id.desc())
        .limit(MOST)
    )
    return tuple(RecordedFact(*row) for row in rows)
