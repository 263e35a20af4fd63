"""Keep the vendor's own notes on a subprocessor."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import RuleError
from subnotify.storage.internal_notes import get_internal_notes, set_internal_notes

LONGEST = 20_000


class NotesTooLong(RuleError):
    message = "These notes are longer than %(longest)s characters. Shorten them."


class NotesChanged(RuleError):
    message = (
        "Somebody else changed the notes meanwhile. Add to yours what you want to keep of theirs."
    )


def keep_internal_notes(
    session: Session,
    subprocessor_id: int,
    notes: str,
    *,
    by: str,
    at: datetime,
    actor: str = "operator",
    seen: str | None = None,
) -> bool:
    """Keep the notes; whether anything changed. Line ends are made one kind.

    The evidence names who and when, not what: notes are not evidence, and may be erased.
    seen: the notes that were to be replaced. Raises NotFound, NotesTooLong, and NotesChanged where
    they are others by now.
    """
    kept = _plain(notes)
    with transaction(session):
        before = get_internal_notes(session, subprocessor_id, lock=True)
        if kept == before:
            return False
        if seen is not None and _plain(seen) != before:
            raise NotesChanged
        if len(kept) > LONGEST:
            raise NotesTooLong(longest=LONGEST)
        set_internal_notes(session, subprocessor_id, kept)
        append_evidence(
            session,
            "internal_notes_kept",
            actor=actor,
            object_type="subprocessor",
            object_id=subprocessor_id,
            content={"by": by},
            at=at,
        )
    return True


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
