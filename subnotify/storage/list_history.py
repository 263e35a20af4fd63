"""How one entry of the list came to be what it is: its versions, its changes, who and why."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.texts import LocalText, local_text
from subnotify.rules.words import ChangeKind, ChangeState
from subnotify.storage.tables import (
    ChangeRow,
    ListEntryRow,
    ListPublicationRow,
    ReleaseRow,
)


@dataclass(frozen=True)
class ListedVersion:
    """What the list said from a day (included) to another (excluded).

    published_by, note: of the version of the list that brought it. change_id None: the first
    publication, or a correction.
    """

    facts: SubprocessorFacts
    from_on: date
    until_on: date | None
    phased_out_from_on: date | None
    change_id: int | None
    published_at: datetime
    published_by: str
    note: str


@dataclass(frozen=True)
class AnnouncedOnce:
    """A change that was released, whatever became of it. is_replaced: it puts another entry, of
    this name, in the place of this one."""

    id: int
    kind: ChangeKind
    state: ChangeState
    facts: SubprocessorFacts
    before: SubprocessorFacts | None
    is_replaced: bool
    name: str
    release_id: int
    release_number: str
    reason: LocalText
    drafted_by: str
    approved_by: str
    released_by: str
    one_person_reason: str
    released_at: datetime
    commencement_on: date | None
    commenced_at: datetime | None
    withdrawn_at: datetime | None


def list_versions(session: Session, subprocessor_id: int) -> tuple[ListedVersion, ...]:
    """Every version the list had of one subprocessor, oldest first."""
    rows = session.execute(
        select(ListEntryRow, ListPublicationRow)
        .outerjoin(ListPublicationRow, ListPublicationRow.at == ListEntryRow.published_at)
        .where(ListEntryRow.subprocessor_id == subprocessor_id)
        .order_by(ListEntryRow.in_force_from_on, ListEntryRow.id, ListPublicationRow.id)
    ).all()
    found = {entry.id: (entry, publication) for entry, publication in rows}
    return tuple(
        ListedVersion(
            facts=facts_from_mapping(entry.facts),
            from_on=entry.in_force_from_on,
            until_on=entry.in_force_until_on,
            phased_out_from_on=entry.phased_out_from_on,
            change_id=entry.change_id,
            published_at=entry.published_at,
            published_by=publication.by if publication else "",
            note=publication.note if publication else "",
        )
        for entry, publication in found.values()
    )


def list_announced_once(session: Session, subprocessor_id: int) -> tuple[AnnouncedOnce, ...]:
    """Every released change of one subprocessor, and of others in its place, oldest first."""
    rows = session.execute(
        select(ChangeRow, ReleaseRow)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .where(
            (ChangeRow.subprocessor_id == subprocessor_id)
            | (ChangeRow.replaced_id == subprocessor_id),
            ChangeRow.state != ChangeState.DRAFT.value,
            ReleaseRow.released_at.is_not(None),
        )
        .order_by(ReleaseRow.released_at, ChangeRow.id)
    )
    return tuple(_announced(change, release, subprocessor_id) for change, release in rows)


def _announced(change: ChangeRow, release: ReleaseRow, subprocessor_id: int) -> AnnouncedOnce:
    facts = facts_from_mapping(change.facts or {})
    return AnnouncedOnce(
        id=change.id,
        kind=ChangeKind(change.kind),
        state=ChangeState(change.state),
        facts=facts,
        before=facts_from_mapping(change.before_facts) if change.before_facts else None,
        is_replaced=change.subprocessor_id != subprocessor_id,
        name=facts.name,
        release_id=release.id,
        release_number=release.number or "",
        reason=local_text(release.reason),
        drafted_by=change.drafted_by,
        approved_by=release.approved_by or "",
        released_by=release.released_by or "",
        one_person_reason=release.one_person_reason or "",
        released_at=release.released_at or change.drafted_at,
        commencement_on=change.commencement_on,
        commenced_at=change.commenced_at,
        withdrawn_at=change.withdrawn_at,
    )
