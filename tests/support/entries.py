"""The list as tests read it."""

from datetime import date

from sqlalchemy.orm import Session

from subnotify.storage.registry import ListEntry, list_entries_in_force


def find_entry_in_force(session: Session, subprocessor_id: int, on: date) -> ListEntry | None:
    """What the list says of one subprocessor on a day; None where it is not on it.

    Where a client keeps an older entry beside it, the newer one.
    """
    entries = list_entries_in_force(session, on)
    found = [entry for entry in entries if entry.subprocessor_id == subprocessor_id]
    return max(found, key=lambda entry: (entry.in_force_from_on, entry.id), default=None)
