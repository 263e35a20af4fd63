"""What is announced: changes released and not yet commenced."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import ChangeKind, ChangeState
from subnotify.storage.tables import ChangeRow, ReleaseRow, SubprocessorRow


@dataclass(frozen=True)
class AnnouncedChange:
    """A change released and not yet commenced, with the facts as announced.

    before: what the list said when it was released; None where it did not name the subprocessor.
    is_being_corrected: a draft that corrects its release announces it anew.
    """

    id: int
    kind: ChangeKind
    subprocessor_id: int
    key: str
    facts: SubprocessorFacts
    replaced_id: int | None
    replaced_key: str | None
    commencement_on: date | None
    release_number: str
    released_at: datetime
    before: SubprocessorFacts | None = None
    release_id: int = 0
    is_being_corrected: bool = False


def list_announced_changes(session: Session) -> tuple[AnnouncedChange, ...]:
    """Changes released and not commenced, by commencement day."""
    replaced = aliased(SubprocessorRow)
    rows = session.execute(
        select(ChangeRow, SubprocessorRow.key, replaced.key, ReleaseRow, _is_being_corrected())
        .join(SubprocessorRow, SubprocessorRow.id == ChangeRow.subprocessor_id)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .outerjoin(replaced, replaced.id == ChangeRow.replaced_id)
        .where(ChangeRow.state == ChangeState.RELEASED.value)
        .order_by(ChangeRow.commencement_on, ChangeRow.id)
    )
    return tuple(
        AnnouncedChange(
            id=change.id,
            kind=ChangeKind(change.kind),
            subprocessor_id=change.subprocessor_id,
            key=key,
            facts=facts_from_mapping(change.facts or {}),
            replaced_id=change.replaced_id,
            replaced_key=replaced_key,
            commencement_on=change.commencement_on,
            release_number=release.number or "",
            released_at=release.released_at,
            before=facts_from_mapping(change.before_facts) if change.before_facts else None,
            release_id=release.id,
            is_being_corrected=bool(is_being_corrected),
        )
        for change, key, replaced_key, release, is_being_corrected in rows
        if release.released_at is not None
    )


def _is_being_corrected() -> ColumnElement[bool]:
    draft, correction = aliased(ChangeRow), aliased(ReleaseRow)
    return exists().where(
        draft.state == ChangeState.DRAFT.value,
        draft.subprocessor_id == ChangeRow.subprocessor_id,
        draft.release_id == correction.id,
        correction.corrects_id == ChangeRow.release_id,
    )


def announcement_state(session: Session) -> tuple[tuple[int, date | None], ...]:
    """What tells whether the announced part of the page changed: change ids with their days."""
    rows = session.execute(
        select(ChangeRow.id, ChangeRow.commencement_on)
        .where(ChangeRow.state == ChangeState.RELEASED.value)
        .order_by(ChangeRow.id)
    )
    return tuple((row.id, row.commencement_on) for row in rows)


def last_announced_facts(session: Session) -> dict[int, SubprocessorFacts]:
    """What was announced last of each subprocessor, also where it was withdrawn, by its id."""
    rows = session.execute(
        select(ChangeRow.subprocessor_id, ChangeRow.facts)
        .where(ChangeRow.state != ChangeState.DRAFT.value)
        .order_by(ChangeRow.id)
    )
    return {row.subprocessor_id: facts_from_mapping(row.facts) for row in rows if row.facts}
