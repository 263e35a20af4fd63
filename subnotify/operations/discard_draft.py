"""Drop what was drafted of a subprocessor."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.storage.registry import get_subprocessor
from subnotify.storage.registry_drafts import (
    clear_draft_facts,
    find_draft_change_row,
    remove_draft_change,
    remove_subprocessor,
)
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.tables import ChangeRow, ListEntryRow


def discard_draft(
    session: Session, subprocessor_id: int, *, by: str, actor: str, at: datetime
) -> None:
    """Drop the draft and its change; a subprocessor known by nothing else goes with it.

    Raises NotFound where nothing is drafted.
    """
    with transaction(session):
        lock_vendor(session)
        subprocessor = get_subprocessor(session, subprocessor_id)
        if subprocessor.draft_facts is None:
            raise NotFound
        change = find_draft_change_row(session, subprocessor_id)
        append_evidence(
            session,
            "draft_discarded",
            actor=actor,
            object_type="subprocessor",
            object_id=subprocessor_id,
            content={
                "by": by,
                "key": subprocessor.key,
                "kind": change.kind if change else None,
                "drafted_by": subprocessor.drafted_by,
                "drafted_at": subprocessor.drafted_at,
                "facts": facts_to_mapping(subprocessor.draft_facts),
            },
            at=at,
        )
        remove_draft_change(session, subprocessor_id)
        clear_draft_facts(session, [subprocessor_id])
        if not _is_known(session, subprocessor_id):
            remove_subprocessor(session, subprocessor_id)


def _is_known(session: Session, subprocessor_id: int) -> bool:
    """Whether the list, or a change that was released, speaks of it."""
    listed = select(ListEntryRow.id).where(ListEntryRow.subprocessor_id == subprocessor_id)
    changed = select(ChangeRow.id).where(
        (ChangeRow.subprocessor_id == subprocessor_id) | (ChangeRow.replaced_id == subprocessor_id)
    )
    return bool(session.scalar(select(exists(listed) | exists(changed))))
