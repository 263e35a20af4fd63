"""What tests of the desk's registry steps share: the imported example, and who acts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.storage.tables import (
    AgreementRow,
    ClientRow,
    ContactRow,
    EvidenceContentRow,
    EvidenceRow,
    ServiceRow,
)
from tests.support.imports import PARIS, bring, published
from tests.support.samples import EXAMPLE, sample


@dataclass(frozen=True)
class Example:
    """Ids of the sample file's entries."""

    client: int
    agreement: int
    dpo: int
    it: int


def example(session: Session, at: datetime, *, is_published: bool = True) -> Example:
    (published if is_published else bring)(session, sample(EXAMPLE), at)
    contacts = {row.key: row.id for row in session.scalars(select(ContactRow))}
    return Example(
        session.scalars(select(ClientRow.id)).one(),
        session.scalars(select(AgreementRow.id)).one(),
        contacts["dpo"],
        contacts["informatique"],
    )


def acting(at: datetime) -> dict[str, Any]:
    return {"by": "Lea", "actor": "operator:7", "at": at, "zone": PARIS}


def service_id(session: Session, key: str) -> int:
    return session.scalars(select(ServiceRow.id).where(ServiceRow.key == key)).one()


def facts_on_record(session: Session, type: str) -> list[dict[str, Any]]:
    """The contents of the evidence of this type, oldest first."""
    rows = session.scalars(
        select(EvidenceContentRow)
        .join(EvidenceRow, EvidenceRow.id == EvidenceContentRow.evidence_id)
        .where(EvidenceRow.type == type)
        .order_by(EvidenceRow.id)
    )
    return [dict(row.content) for row in rows]
