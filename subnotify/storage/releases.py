"""Releases and the changes in them: reading, and writing while they are drafts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, null, select, update
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.release_hours import PlannedHour
from subnotify.rules.releases import ReleaseTexts
from subnotify.rules.texts import local_text
from subnotify.rules.words import ChangeKind, ChangeState, ReleaseState
from subnotify.storage.release_hours import clear_hour, hour_of
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    NoticeRow,
    ReleaseRow,
    SubprocessorRow,
    VendorRow,
)
from subnotify.storage.tables.base import Json


@dataclass(frozen=True)
class Release:
    """A release with who drafted, approved and released it; number and content once released."""

    id: int
    number: str | None
    state: ReleaseState
    texts: ReleaseTexts
    revision: int
    drafted_by: str
    drafted_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    confirmed_unservable: tuple[int, ...]
    confirmed_late: tuple[int, ...]
    released_by: str | None
    released_at: datetime | None
    one_person_reason: str | None
    content_digest: str | None
    hour: PlannedHour | None = None
    # The release that it corrects and takes the place of.
    corrects_id: int | None = None


@dataclass(frozen=True)
class ReleaseLine:
    """A release in a list: the names of what it changes, and how many notices it has."""

    release: Release
    names: tuple[str, ...]
    notices: int


def list_releases(session: Session) -> tuple[ReleaseLine, ...]:
    """All releases, the newest first; discarded drafts are left out."""
    rows = session.scalars(
        select(ReleaseRow)
        .where(ReleaseRow.state != ReleaseState.WITHDRAWN.value)
        .order_by(ReleaseRow.id.desc())
    ).all()
    names = _names(session)
    counted = session.execute(
        select(NoticeRow.release_id, func.count()).group_by(NoticeRow.release_id)
    )
    notices = dict(counted.all())
    return tuple(
        ReleaseLine(release_of(row), tuple(names.get(row.id, ())), notices.get(row.id, 0))
        for row in rows
    )


def get_release(session: Session, release_id: int) -> Release:
    """Raises NotFound."""
    return release_of(get_release_row(session, release_id))


def get_release_row(session: Session, release_id: int) -> ReleaseRow:
    """The row to change. Raises NotFound."""
    row = session.get(ReleaseRow, release_id)
    if row is None:
        raise NotFound
    return row


def lock_release(session: Session, release_id: int) -> ReleaseRow:
    """The row as it is now, locked until the transaction ends. Raises NotFound."""
    row = session.scalar(
        select(ReleaseRow)
        .where(ReleaseRow.id == release_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def get_vendor_row(session: Session) -> VendorRow:
    """The vendor's row, to read. Raises NotFound before the first import."""
    row = session.scalars(select(VendorRow)).one_or_none()
    if row is None:
        raise NotFound
    return row


def list_numbers(session: Session, year: int) -> tuple[str, ...]:
    """The numbers given in a year."""
    rows = session.scalars(select(ReleaseRow.number).where(ReleaseRow.number.like(f"{year}-%")))
    return tuple(number for number in rows if number)


def release_of(row: ReleaseRow) -> Release:
    return Release(
        id=row.id,
        number=row.number,
        state=ReleaseState(row.state),
        texts=ReleaseTexts(
            local_text(row.reason),
            local_text(row.paragraph),
            row.commencement_on,
            row.commences_by_itself,
            local_text(row.emergency_reason),
        ),
        revision=row.revision,
        drafted_by=row.drafted_by,
        drafted_at=row.drafted_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        confirmed_unservable=tuple(row.confirmed_unservable or ()),
        confirmed_late=tuple(row.confirmed_late or ()),
        released_by=row.released_by,
        released_at=row.released_at,
        one_person_reason=row.one_person_reason,
        content_digest=row.content_digest,
        hour=hour_of(row),
        corrects_id=row.corrects_id,
    )


def write_texts(row: ReleaseRow, texts: ReleaseTexts) -> None:
    row.reason = dict(texts.reason.by_language)
    row.paragraph = dict(texts.paragraph.by_language)
    row.commencement_on = texts.commencement_on
    row.commences_by_itself = texts.commences_by_itself
    row.emergency_reason = dict(texts.emergency.by_language)


def set_changes(session: Session, release_id: int, change_ids: Sequence[int]) -> None:
    """Put exactly these drafts into the release, in this order; others leave it."""
    session.execute(
        update(ChangeRow)
        .where(ChangeRow.release_id == release_id, ChangeRow.state == ChangeState.DRAFT.value)
        .values(release_id=null(), position=null())
    )
    for position, change_id in enumerate(change_ids, start=1):
        session.execute(
            update(ChangeRow)
            .where(ChangeRow.id == change_id)
            .values(release_id=release_id, position=position)
        )
    session.expire_all()


def void_approval(row: ReleaseRow) -> None:
    """A changed draft is approved no more."""
    row.state = ReleaseState.DRAFT.value
    row.approved_by = None
    row.approved_at = None
    row.confirmed_unservable = None
    row.confirmed_late = None
    row.content_digest = None
    clear_hour(row)


@dataclass(frozen=True)
class ReleasedChange:
    """A change of a released release, with its cases counted by state and by outcome."""

    id: int
    kind: ChangeKind
    state: ChangeState
    name: str
    replaced_key: str | None
    commencement_on: date | None
    commences_by_itself: bool
    withdrawn_at: datetime | None
    commenced_at: datetime | None
    cases: Mapping[str, int]
    outcomes: Mapping[str, int]

    @property
    def case_count(self) -> int:
        return sum(self.cases.values())


def list_released_changes(session: Session, release_id: int) -> tuple[ReleasedChange, ...]:
    """The changes of a release in their order, with what became of their cases."""
    found = session.execute(select(SubprocessorRow.id, SubprocessorRow.key))
    replaced = dict(found.all())
    rows = session.scalars(
        select(ChangeRow).where(ChangeRow.release_id == release_id).order_by(ChangeRow.position)
    ).all()
    states: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    outcomes: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    counted = session.execute(
        select(CaseRow.change_id, CaseRow.state, CaseRow.outcome, func.count())
        .where(CaseRow.change_id.in_(list(states)))
        .group_by(CaseRow.change_id, CaseRow.state, CaseRow.outcome)
    )
    for change_id, state, outcome, number in counted:
        states[change_id][state] = states[change_id].get(state, 0) + number
        if outcome is not None:
            outcomes[change_id][outcome] = outcomes[change_id].get(outcome, 0) + number
    return tuple(
        ReleasedChange(
            id=row.id,
            kind=ChangeKind(row.kind),
            state=ChangeState(row.state),
            name=str((row.facts or {}).get("name", "")),
            replaced_key=replaced.get(row.replaced_id) if row.replaced_id else None,
            commencement_on=row.commencement_on,
            commences_by_itself=row.commences_by_itself,
            withdrawn_at=row.withdrawn_at,
            commenced_at=row.commenced_at,
            cases=states[row.id],
            outcomes=outcomes[row.id],
        )
        for row in rows
    )


def get_released_change(session: Session, release_id: int, change_id: int) -> ChangeRow:
    """The row of a change of this release, locked. Raises NotFound."""
    row = session.scalar(
        select(ChangeRow)
        .where(ChangeRow.id == change_id, ChangeRow.release_id == release_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def list_notice_ids(session: Session, change_id: int) -> list[int]:
    """The ids of the notices that announce this change, in their order."""
    return list(
        session.scalars(
            select(CaseRow.notice_id)
            .where(CaseRow.change_id == change_id)
            .distinct()
            .order_by(CaseRow.notice_id)
        )
    )


def list_case_ids(session: Session, change_id: int) -> list[int]:
    return list(
        session.scalars(
            select(CaseRow.id).where(CaseRow.change_id == change_id).order_by(CaseRow.id)
        )
    )


def list_release_names(session: Session, release_ids: Collection[int]) -> dict[int, list[str]]:
    """What each of these releases changes, by name."""
    return _names(session, ChangeRow.release_id.in_(list(release_ids)))


def _names(session: Session, wanted: ColumnElement[bool] | None = None) -> dict[int, list[str]]:
    """What each release changes, by name: frozen facts, or the draft's."""
    rows = session.execute(
        select(ChangeRow.release_id, ChangeRow.facts, SubprocessorRow.draft_facts)
        .join(SubprocessorRow, SubprocessorRow.id == ChangeRow.subprocessor_id)
        .where(ChangeRow.release_id.is_not(None) if wanted is None else wanted)
        .order_by(ChangeRow.release_id, ChangeRow.position)
    )
    names: dict[int, list[str]] = {}
    for release_id, facts, draft in rows:
        said: Json = facts or draft or {}
        names.setdefault(release_id or 0, []).append(str(said.get("name", "")))
    return names
