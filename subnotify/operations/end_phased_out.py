"""Ends the entries that were phased out, once no client keeps them any more."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.storage.database import begin_read_only
from subnotify.storage.gates import is_old_kept
from subnotify.storage.phased_out import (
    PhasedOut,
    end_entry,
    list_changes_phasing_out,
    list_phased_out,
)
from subnotify.storage.registry import find_vendor
from subnotify.storage.registry_list import append_list_version, lock_vendor

ACTOR = "job:end_phased_out"


def end_phased_out(session: Session, *, zone: ZoneInfo, at: datetime) -> int:
    """An entry stays on the list, phased out, while a running agreement keeps it (DESIGN
    section 4); from then on it is off the list. How many ended; zone: the vendor's.

    An entry of which no change is known to have phased it out stays. Run again, or twice at once,
    it finds nothing left to do.
    """
    begin_read_only(session)
    left = [x for x in list_phased_out(session) if _is_left(session, x, zone, at)]
    has_vendor = find_vendor(session) is not None
    session.rollback()
    if not left or not has_vendor:
        return 0
    ended = 0
    for entry in left:
        with transaction(session):
            vendor = lock_vendor(session)
            if not _is_left(session, entry, zone, at):
                continue
            today = at.astimezone(zone).date()
            if not end_entry(session, entry.entry_id, today):
                continue
            version = append_list_version(
                session, vendor, by=ACTOR, note=f"entry {entry.entry_id}: kept by nobody", at=at
            )
            append_evidence(
                session,
                "phased_out_ended",
                actor=ACTOR,
                object_type="subprocessor",
                object_id=entry.subprocessor_id,
                content={
                    "entry": entry.entry_id,
                    "phased_out_from_on": entry.from_on,
                    "until_on": today,
                    "list_version": version,
                },
                at=at,
            )
            ended += 1
    return ended


def _is_left(session: Session, entry: PhasedOut, zone: ZoneInfo, at: datetime) -> bool:
    """Whether nobody keeps it; not before the day after it was phased out."""
    today = at.astimezone(zone).date()
    changes = list_changes_phasing_out(session, entry, zone)
    if not changes or today <= entry.from_on:
        return False
    return not any(is_old_kept(session, x, on=today, at=at) for x in changes)
