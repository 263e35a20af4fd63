"""Draft a release, edit it, discard it. Editing voids an approval."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.release_checks import (
    ChangeNotAvailable,
    refuse_announced,
    refuse_stale,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.releases import ReleaseTexts
from subnotify.rules.words import ChangeState, ReleaseState
from subnotify.storage.operators import Operator
from subnotify.storage.registry_drafts import clear_draft_facts, remove_draft_change
from subnotify.storage.releases import lock_release, set_changes, void_approval, write_texts
from subnotify.storage.tables import ChangeRow, ReleaseRow


def draft_release(
    session: Session,
    *,
    change_ids: Sequence[int],
    texts: ReleaseTexts,
    by: Operator,
    at: datetime,
) -> int:
    """A new draft with these draft changes, in their order; its id.

    Gaps are allowed: they block approval. Raises ChangeNotAvailable for a change that is no
    draft, or is in another release.
    """
    with transaction(session):
        row = ReleaseRow(
            state=ReleaseState.DRAFT.value,
            reason={},
            paragraph={},
            drafted_by=by.name,
            drafted_at=at,
        )
        write_texts(row, texts)
        session.add(row)
        session.flush()
        _refuse_unavailable(session, row.id, change_ids)
        set_changes(session, row.id, change_ids)
        return row.id


def edit_release(
    session: Session,
    release_id: int,
    *,
    revision: int,
    change_ids: Sequence[int],
    texts: ReleaseTexts,
    at: datetime,
) -> int:
    """Replace what the draft says; its new revision. An approval is void then.

    revision: the one that was read. Raises StaleRevision if it is not the present one,
    ReleaseNotEditable once released, ChangeNotAvailable, NotFound.
    """
    with transaction(session):
        row = lock_release(session, release_id)
        refuse_announced(row)
        refuse_stale(row, revision)
        _refuse_unavailable(session, release_id, change_ids)
        write_texts(row, texts)
        void_approval(row)
        row.revision += 1
        session.flush()
        set_changes(session, release_id, change_ids)
        return revision + 1


def discard_release(
    session: Session, release_id: int, *, revision: int, by: Operator, at: datetime
) -> None:
    """Give a draft up; its changes are free for another release. Those of a correction are
    forgotten: they are announced already, as they stand in the release that was to be corrected.

    Raises StaleRevision, ReleaseNotEditable once released, NotFound.
    """
    with transaction(session):
        row = lock_release(session, release_id)
        refuse_announced(row)
        refuse_stale(row, revision)
        void_approval(row)
        row.state = ReleaseState.WITHDRAWN.value
        row.revision += 1
        session.flush()
        if row.corrects_id is not None:
            _forget_drafts(session, release_id)
        set_changes(session, release_id, ())
        append_evidence(
            session,
            "release_discarded",
            actor=f"operator:{by.id}",
            object_type="release",
            object_id=release_id,
            content={"revision": revision},
            at=at,
        )


def _forget_drafts(session: Session, release_id: int) -> None:
    subprocessors = session.scalars(
        select(ChangeRow.subprocessor_id).where(
            ChangeRow.release_id == release_id, ChangeRow.state == ChangeState.DRAFT.value
        )
    ).all()
    clear_draft_facts(session, subprocessors)
    for subprocessor_id in subprocessors:
        remove_draft_change(session, subprocessor_id)


def _refuse_unavailable(session: Session, release_id: int, change_ids: Sequence[int]) -> None:
    found = session.scalars(
        select(ChangeRow)
        .where(ChangeRow.id.in_(list(change_ids)))
        .order_by(ChangeRow.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    free = {
        change.id
        for change in found
        if change.state == ChangeState.DRAFT.value and change.release_id in (None, release_id)
    }
    if len(free) != len(change_ids):
        raise ChangeNotAvailable
