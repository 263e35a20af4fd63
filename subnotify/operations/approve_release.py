"""Legal approves a release: one revision of it, and the agreements that cannot be served."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.plan_release import list_late_ids
from subnotify.operations.release_checks import (
    AlreadyReleased,
    ReleaseNotDraft,
    load_draft,
    refuse_incomplete,
    refuse_other_late,
    refuse_other_unservable,
    refuse_stale,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.words import ReleaseState
from subnotify.storage.concerned_lists import list_unservable
from subnotify.storage.operators import Operator
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.releases import lock_release, void_approval
from subnotify.storage.tables import ReleaseRow


def approve_release(
    session: Session,
    release_id: int,
    *,
    revision: int,
    confirmed_unservable: Iterable[int],
    by: Operator,
    zone: ZoneInfo,
    at: datetime,
    confirmed_late: Iterable[int] = (),
) -> None:
    """Approve one revision.

    confirmed_unservable: ids of the agreements that legal saw as not servable or not computable;
    exactly those that are so now. confirmed_late: of those whose lead time the notice misses, or
    that get it too late for any window; at least those. zone: the vendor's. The digest of what is
    approved is kept: what differs from it cannot be released. Raises StaleRevision,
    ReleaseNotDraft, ProblemsFound while it is incomplete, UnservableChanged, LateNotConfirmed,
    NotFound.
    """
    with transaction(session):
        vendor = lock_vendor(session)
        row = lock_release(session, release_id)
        _refuse_not_draft(row)
        refuse_stale(row, revision)
        draft = load_draft(session, row, vendor, zone=zone, at=at)
        refuse_incomplete(draft)
        hindered = list_unservable(session, draft.notified_ids, draft.on)
        refuse_other_unservable(session, confirmed_unservable, (x.id for x in hindered))
        late = list_late_ids(session, draft, zone=zone, at=at)
        refuse_other_late(session, confirmed_late, late)
        _mark_approved(row, by, draft.content_digest, sorted(x.id for x in hindered), at)
        row.confirmed_late = late
        append_evidence(
            session,
            "release_approved",
            actor=f"operator:{by.id}",
            object_type="release",
            object_id=release_id,
            content={
                "revision": revision,
                "content_digest": draft.content_digest,
                "confirmed_unservable": row.confirmed_unservable,
                "confirmed_late": late,
            },
            at=at,
        )


def take_back_approval(
    session: Session, release_id: int, *, revision: int, by: Operator, at: datetime
) -> None:
    """Make an approved release a draft again, as it is.

    Raises AlreadyReleased, StaleRevision, NotFound.
    """
    with transaction(session):
        row = lock_release(session, release_id)
        if row.state == ReleaseState.RELEASED.value:
            raise AlreadyReleased
        refuse_stale(row, revision)
        if row.state != ReleaseState.APPROVED.value:
            return
        void_approval(row)
        append_evidence(
            session,
            "release_approval_taken_back",
            actor=f"operator:{by.id}",
            object_type="release",
            object_id=release_id,
            content={"revision": revision},
            at=at,
        )


def _mark_approved(
    row: ReleaseRow, by: Operator, content_digest: str, unservable: list[int], at: datetime
) -> None:
    row.state = ReleaseState.APPROVED.value
    row.approved_by = by.name
    row.approved_at = at
    row.confirmed_unservable = unservable
    row.content_digest = content_digest


def _refuse_not_draft(row: ReleaseRow) -> None:
    if row.state != ReleaseState.DRAFT.value:
        raise ReleaseNotDraft
