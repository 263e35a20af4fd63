"""Releases that correct another one: which, and what of the corrected one still stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, select
from sqlalchemy.orm import Session, aliased

from subnotify.rules.words import ChangeState, ReleaseState
from subnotify.storage.tables import ChangeRow, NoticeRow, ReleaseRow


@dataclass(frozen=True)
class CorrectedRelease:
    """The release that another one takes the place of."""

    id: int
    number: str
    released_at: datetime


def find_corrected(session: Session, corrects_id: int | None) -> CorrectedRelease | None:
    """The release with this id, as others name it; None for None."""
    row = session.get(ReleaseRow, corrects_id) if corrects_id is not None else None
    if row is None or row.number is None or row.released_at is None:
        return None
    return CorrectedRelease(row.id, row.number, row.released_at)


def find_correction(session: Session, release_id: int) -> ReleaseRow | None:
    """The release, drafted or released, that corrects this one; None where there is none."""
    return session.scalar(
        select(ReleaseRow)
        .where(
            ReleaseRow.corrects_id == release_id,
            ReleaseRow.state != ReleaseState.WITHDRAWN.value,
        )
        .order_by(ReleaseRow.id)
        .limit(1)
    )


def lock_announced_changes(session: Session, release_id: int) -> list[ChangeRow]:
    """The changes of a release that are announced and have not commenced, locked, in the order
    of their ids."""
    return list(
        session.scalars(
            select(ChangeRow)
            .where(
                ChangeRow.release_id == release_id,
                ChangeRow.state == ChangeState.RELEASED.value,
            )
            .order_by(ChangeRow.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def lock_changes_corrected_by(session: Session, release_id: int) -> list[ChangeRow]:
    """Those that the release with this id takes the place of; none unless it is a correction."""
    corrects_id = session.scalar(select(ReleaseRow.corrects_id).where(ReleaseRow.id == release_id))
    return lock_announced_changes(session, corrects_id) if corrects_id is not None else []


def has_notice_of_correction() -> ColumnElement[bool]:
    """The agreement of NoticeRow has a notice of a release that corrects the one of NoticeRow:
    that notice tells what became of it."""
    notice, release = aliased(NoticeRow), aliased(ReleaseRow)
    return exists().where(
        release.corrects_id == NoticeRow.release_id,
        notice.release_id == release.id,
        notice.agreement_id == NoticeRow.agreement_id,
    )


def number_of_correction() -> ScalarSelect[str | None]:
    """The number of the last release of which `has_notice_of_correction` is true."""
    notice, release = aliased(NoticeRow), aliased(ReleaseRow)
    return (
        select(func.max(release.number))
        .where(
            release.corrects_id == NoticeRow.release_id,
            notice.release_id == release.id,
            notice.agreement_id == NoticeRow.agreement_id,
        )
        .correlate(NoticeRow)
        .scalar_subquery()
    )
