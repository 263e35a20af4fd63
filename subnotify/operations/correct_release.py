"""Correct an announced release: a new release names it, takes its place, and opens full windows.

The correction is drafted with what the release announces, to be edited, approved and released as
any other. On its release the changes of the corrected one that have not commenced are withdrawn;
a termination stands (DESIGN section 3 items 4 and 13), and the new notice tells the rest.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.operations.withdraw_change import end_announced
from subnotify.rules.errors import RuleError
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import ChangeKind, ReleaseState
from subnotify.storage.corrections import find_correction, lock_announced_changes
from subnotify.storage.operators import Operator
from subnotify.storage.registry import get_subprocessor
from subnotify.storage.registry_drafts import (
    find_draft_change_row,
    list_change_services,
    set_draft_facts,
    write_draft_change,
)
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.releases import lock_release, release_of, set_changes, write_texts
from subnotify.storage.tables import ChangeRow, ReleaseRow


class NothingAnnounced(RuleError):
    message = (
        "Nothing of this release is announced any more: its changes have taken effect or were"
        " withdrawn. Draft a new change instead."
    )


class CorrectedAlready(RuleError):
    message = "This release has a correction already: edit that draft, or correct that release."


class DraftInTheWay(RuleError):
    message = (
        "Something else is drafted for %(name)s. Release or discard that draft first, then correct"
        " this release."
    )


def draft_correction(session: Session, release_id: int, *, by: Operator, at: datetime) -> int:
    """A draft that announces anew what this release announces, and names it; the draft's id.

    Raises NothingAnnounced, CorrectedAlready, DraftInTheWay, NotFound.
    """
    with transaction(session):
        # The changes first, as who commences or withdraws them does; then the list stands still.
        changes = lock_announced_changes(session, release_id)
        lock_vendor(session)
        corrected = lock_release(session, release_id)
        if corrected.state != ReleaseState.RELEASED.value or not changes:
            raise NothingAnnounced
        if find_correction(session, release_id) is not None:
            raise CorrectedAlready
        draft = ReleaseRow(
            state=ReleaseState.DRAFT.value,
            reason={},
            paragraph={},
            corrects_id=release_id,
            drafted_by=by.name,
            drafted_at=at,
        )
        write_texts(draft, release_of(corrected).texts)
        draft.commencement_on = max(
            (x.commencement_on for x in changes if x.commencement_on is not None), default=None
        )
        session.add(draft)
        session.flush()
        changes.sort(key=lambda change: change.position or 0)
        ids = [_announce_anew(session, change, by=by.name, at=at) for change in changes]
        set_changes(session, draft.id, ids)
        append_evidence(
            session,
            "correction_drafted",
            actor=f"operator:{by.id}",
            object_type="release",
            object_id=draft.id,
            content={"corrects": corrected.number},
            at=at,
        )
        return draft.id


def _announce_anew(session: Session, change: ChangeRow, *, by: str, at: datetime) -> int:
    """A draft change that says what the announced one says; its id."""
    subprocessor = get_subprocessor(session, change.subprocessor_id)
    facts = facts_from_mapping(change.facts or {})
    drafted = find_draft_change_row(session, change.subprocessor_id)
    if subprocessor.draft_facts is not None or drafted is not None:
        raise DraftInTheWay(name=facts.name)
    set_draft_facts(session, change.subprocessor_id, facts, by=by, at=at)
    return write_draft_change(
        session,
        change.subprocessor_id,
        kind=ChangeKind(change.kind),
        replaced_id=change.replaced_id,
        services=list_change_services(session, change.id),
        by=by,
        at=at,
    )


def end_corrected(
    session: Session, changes: list[ChangeRow], number: str, *, actor: str, at: datetime
) -> None:
    """Withdraw these changes, which the caller has locked, in favour of the release `number`: its
    notices, written before this within the same transaction, tell their clients of it."""
    for change in changes:
        end_announced(session, change, {"corrected_by": number}, actor=actor, at=at)
