"""Legal's note on a transfer basis that ends: what is being done about it."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.storage.transfer_lapses import get_lapse, set_note


def note_lapse(
    session: Session, lapse_id: int, *, note: str, by: str, actor: str, at: datetime
) -> None:
    """Write the note in place of the one before, which stays in the evidence.

    Raises ReasonMissing, ReasonTooLong, NotFound.
    """
    written = written_reason(note)
    with transaction(session):
        before = get_lapse(session, lapse_id)
        if (before.note, before.noted_by) == (written, by):
            return
        set_note(session, lapse_id, note=written, by=by, at=at)
        append_evidence(
            session,
            "transfer_lapse_noted",
            actor=actor,
            object_type="transfer_lapse",
            object_id=lapse_id,
            content={"note": written, "by": by},
            at=at,
        )
