"""What legal wrote to a client about a notice."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.storage.id_lists import among
from subnotify.storage.tables import LegalMessageRow


@dataclass(frozen=True)
class LegalMessage:
    id: int
    notice_id: int
    text: str
    written_at: datetime
    written_by: str
    digest: str


def list_legal_messages(session: Session, notice_id: int) -> tuple[LegalMessage, ...]:
    """Those of one notice, in the order of writing."""
    rows = session.scalars(
        select(LegalMessageRow)
        .where(LegalMessageRow.notice_id == notice_id)
        .order_by(LegalMessageRow.id)
    )
    return tuple(map(_stored, rows))


def load_legal_messages(session: Session, ids: Collection[int]) -> dict[int, LegalMessage]:
    """By id; without those that do not exist."""
    if not ids:
        return {}
    rows = session.scalars(select(LegalMessageRow).where(among(LegalMessageRow.id, ids)))
    return {row.id: _stored(row) for row in rows}


def find_by_form(session: Session, form_token: str) -> int | None:
    """The message that this form wrote before."""
    return session.scalar(
        select(LegalMessageRow.id).where(LegalMessageRow.form_token == form_token)
    )


def append_legal_message(
    session: Session,
    *,
    notice_id: int,
    case_id: int,
    text: str,
    by: str,
    form_token: str,
    digest: str,
    at: datetime,
) -> int:
    row = LegalMessageRow(
        notice_id=notice_id,
        case_id=case_id,
        text=text,
        written_at=at,
        written_by=by,
        form_token=form_token,
        digest=digest,
    )
    session.add(row)
    session.flush()
    return row.id


def _stored(row: LegalMessageRow) -> LegalMessage:
    return LegalMessage(
        id=row.id,
        notice_id=row.notice_id,
        text=row.text,
        written_at=row.written_at,
        written_by=row.written_by,
        digest=row.digest,
    )
