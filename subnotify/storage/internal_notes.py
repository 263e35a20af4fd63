"""Notes of the vendor's own people on a subprocessor.

Read by themselves, never with an entry: what is published, frozen or mailed cannot hold them.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.storage.tables import SubprocessorRow


def get_internal_notes(session: Session, subprocessor_id: int, *, lock: bool = False) -> str:
    """The notes, "" where there are none. lock: nobody else writes them until the transaction
    ends. Raises NotFound."""
    query = select(SubprocessorRow.internal_notes).where(SubprocessorRow.id == subprocessor_id)
    notes = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if notes is None:
        raise NotFound
    return notes


def set_internal_notes(session: Session, subprocessor_id: int, notes: str) -> None:
    session.execute(
        update(SubprocessorRow)
        .where(SubprocessorRow.id == subprocessor_id)
        .values(internal_notes=notes)
    )
