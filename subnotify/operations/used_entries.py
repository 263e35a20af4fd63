"""What the list says today, and what it is announced to say: all of which must be lawful."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import ChangeKind
from subnotify.storage.announcements import list_announced_changes
from subnotify.storage.registry import list_entries_in_force


@dataclass(frozen=True)
class UsedEntry:
    """used_from: the commencement of what is announced; None: it is in force."""

    subprocessor_id: int
    key: str
    facts: SubprocessorFacts
    used_from: date | None


def list_used(session: Session, today: date) -> list[UsedEntry]:
    """Entries in force on the vendor's day, by key; then the announced changes but removals."""
    in_force = [
        UsedEntry(entry.subprocessor_id, entry.key, entry.facts, None)
        for entry in list_entries_in_force(session, today)
    ]
    announced = [
        UsedEntry(change.subprocessor_id, change.key, change.facts, change.commencement_on)
        for change in list_announced_changes(session)
        if change.kind is not ChangeKind.REMOVAL
    ]
    return in_force + announced
