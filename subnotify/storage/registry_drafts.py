"""Writes the publisher's drafts: facts not yet on the list, and the changes that carry them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, null, select, update
from sqlalchemy.orm import Session

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.words import ChangeKind, ChangeState, ReleaseState
from subnotify.storage.tables import (
    ChangeRow,
    ChangeServiceRow,
    ReleaseRow,
    ServiceRow,
    SubprocessorRow,
)


def add_subprocessor(session: Session, key: str) -> int:
    """A new subprocessor without facts; its id."""
    row = SubprocessorRow(key=key)
    session.add(row)
    session.flush()
    return row.id


def set_draft_facts(
    session: Session, subprocessor_id: int, facts: SubprocessorFacts, *, by: str, at: datetime
) -> None:
    session.execute(
        update(SubprocessorRow)
        .where(SubprocessorRow.id == subprocessor_id)
        .values(draft_facts=facts_to_mapping(facts), drafted_by=by, drafted_at=at)
    )


def clear_draft_facts(session: Session, subprocessor_ids: Iterable[int]) -> None:
    """Nothing is drafted for them any more: what they say equals the list."""
    session.execute(
        update(SubprocessorRow)
        .where(SubprocessorRow.id.in_(list(subprocessor_ids)))
        # None would be stored as JSON's null, which is a value.
        .values(draft_facts=null(), drafted_by=None, drafted_at=None)
    )


def find_draft_change_row(session: Session, subprocessor_id: int) -> ChangeRow | None:
    """The one draft change of a subprocessor; None where nothing is drafted."""
    return session.scalar(
        select(ChangeRow)
        .where(
            ChangeRow.subprocessor_id == subprocessor_id,
            ChangeRow.state == ChangeState.DRAFT.value,
        )
        .order_by(ChangeRow.id)
        .limit(1)
    )


def write_draft_change(
    session: Session,
    subprocessor_id: int,
    *,
    kind: ChangeKind,
    replaced_id: int | None,
    services: Iterable[str],
    by: str,
    at: datetime,
) -> int:
    """Create or update the subprocessor's draft change with the services it concerns; its id.

    A release that contains it grows by one revision and loses its approval.
    """
    row = find_draft_change_row(session, subprocessor_id)
    if row is None:
        row = ChangeRow(
            kind=kind.value,
            state=ChangeState.DRAFT.value,
            subprocessor_id=subprocessor_id,
            replaced_id=replaced_id,
            drafted_by=by,
            drafted_at=at,
        )
        session.add(row)
    else:
        row.kind, row.replaced_id = kind.value, replaced_id
        row.drafted_by, row.drafted_at = by, at
    session.flush()
    _write_services(session, row.id, services)
    reopen_release(session, row.release_id)
    return row.id


def list_change_services(session: Session, change_id: int) -> frozenset[str]:
    """Keys of the services that a change concerns."""
    return frozenset(
        session.scalars(
            select(ServiceRow.key)
            .join(ChangeServiceRow, ChangeServiceRow.service_id == ServiceRow.id)
            .where(ChangeServiceRow.change_id == change_id)
        )
    )


def remove_draft_change(session: Session, subprocessor_id: int) -> None:
    """Forget the draft change, and take it out of the release it was drafted into."""
    row = find_draft_change_row(session, subprocessor_id)
    if row is None:
        return
    session.execute(delete(ChangeServiceRow).where(ChangeServiceRow.change_id == row.id))
    session.delete(row)
    session.flush()
    reopen_release(session, row.release_id)


def remove_subprocessor(session: Session, subprocessor_id: int) -> None:
    """Delete one that was never listed or announced; the caller has made sure of it."""
    session.execute(delete(SubprocessorRow).where(SubprocessorRow.id == subprocessor_id))


def reopen_release(session: Session, release_id: int | None) -> None:
    """A draft release changed: a new revision, and what was approved is approved no more."""
    row = session.get(ReleaseRow, release_id) if release_id is not None else None
    if row is None or row.state not in (ReleaseState.DRAFT.value, ReleaseState.APPROVED.value):
        return
    row.revision += 1
    row.state = ReleaseState.DRAFT.value
    row.approved_by = None
    row.approved_at = None


def _write_services(session: Session, change_id: int, keys: Iterable[str]) -> None:
    wanted = set(
        session.scalars(select(ServiceRow.id).where(ServiceRow.key.in_(sorted(set(keys)))))
    )
    present = set(
        session.scalars(
            select(ChangeServiceRow.service_id).where(ChangeServiceRow.change_id == change_id)
        )
    )
    if gone := present - wanted:
        session.execute(
            delete(ChangeServiceRow).where(
                ChangeServiceRow.change_id == change_id, ChangeServiceRow.service_id.in_(gone)
            )
        )
    session.add_all(
        ChangeServiceRow(change_id=change_id, service_id=service_id)
        for service_id in sorted(wanted - present)
    )
    session.flush()
