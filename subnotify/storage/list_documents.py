"""What the list of a client is named by on paper, and what was announced to it at an instant."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from subnotify.rules.document_requests import ListVersion
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import CaseState, ChangeKind, Outcome
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    ListEntryRow,
    ListPublicationRow,
    ReleaseRow,
    SubprocessorRow,
)


@dataclass(frozen=True)
class ChangeAtInstant:
    """A change that was announced and not in force at an instant.

    case_id: its case under the agreement, None: the agreement got no notice of it; outcome: which
    the case had then. replaced: the name on the list of what it takes the place of.
    """

    subprocessor_id: int
    key: str
    kind: ChangeKind
    facts: SubprocessorFacts
    replaced: str
    commencement_on: date | None
    release_number: str
    released_at: datetime
    case_id: int | None
    state: CaseState | None
    outcome: Outcome | None


def find_list_version(session: Session, *, at: datetime) -> ListVersion | None:
    """The version of the published list at an instant; None before the first publication."""
    published = session.execute(
        select(ListPublicationRow.list_version, ListPublicationRow.at)
        .where(ListPublicationRow.at <= at)
        .order_by(ListPublicationRow.list_version.desc())
        .limit(1)
    ).one_or_none()
    if published is None:
        return None
    release = session.execute(
        select(ReleaseRow.number, ReleaseRow.released_at)
        .where(ReleaseRow.released_at.is_not(None), ReleaseRow.released_at <= at)
        .order_by(ReleaseRow.released_at.desc(), ReleaseRow.id.desc())
        .limit(1)
    ).one_or_none()
    number, released_at = (release.number or "", release.released_at) if release else ("", None)
    return ListVersion(published.list_version, published.at, number, released_at)


def list_announced_to(
    session: Session, agreement_id: int, *, at: datetime
) -> tuple[ChangeAtInstant, ...]:
    """Changes released until `at` and neither in force nor withdrawn then, by commencement; with
    the agreement's case of each. Commencement is told as it stands now: it may be postponed."""
    replaced = aliased(SubprocessorRow)
    rows = session.execute(
        select(ChangeRow, ReleaseRow, SubprocessorRow.key, replaced.key.label("old"), CaseRow)
        .join(SubprocessorRow, SubprocessorRow.id == ChangeRow.subprocessor_id)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .outerjoin(replaced, replaced.id == ChangeRow.replaced_id)
        .outerjoin(
            CaseRow, (CaseRow.change_id == ChangeRow.id) & (CaseRow.agreement_id == agreement_id)
        )
        .where(
            ReleaseRow.released_at <= at,
            or_(ChangeRow.commenced_at.is_(None), ChangeRow.commenced_at > at),
            or_(ChangeRow.withdrawn_at.is_(None), ChangeRow.withdrawn_at > at),
        )
        .order_by(ChangeRow.commencement_on, ChangeRow.id)
    ).all()
    names = _names(session, [row[0].replaced_id for row in rows if row[0].replaced_id])
    return tuple(
        _announced(change, release, key, names.get(change.replaced_id, old or ""), case, at)
        for change, release, key, old, case in rows
    )


def _announced(
    change: ChangeRow,
    release: ReleaseRow,
    key: str,
    replaced: str,
    case: CaseRow | None,
    at: datetime,
) -> ChangeAtInstant:
    is_settled = case is not None and case.outcome_at is not None and case.outcome_at <= at
    outcome = Outcome(case.outcome) if case is not None and case.outcome and is_settled else None
    state = CaseState(case.state) if case is not None else None
    if state is CaseState.CLOSED and outcome is None:
        state = CaseState.OPEN
    return ChangeAtInstant(
        subprocessor_id=change.subprocessor_id,
        key=key,
        kind=ChangeKind(change.kind),
        facts=facts_from_mapping(change.facts or {}),
        replaced=replaced,
        commencement_on=change.commencement_on,
        release_number=release.number or "",
        released_at=release.released_at or change.drafted_at,
        case_id=case.id if case is not None else None,
        state=state,
        outcome=outcome,
    )


def _names(session: Session, subprocessor_ids: list[int]) -> dict[int | None, str]:
    rows = session.execute(
        select(ListEntryRow.subprocessor_id, ListEntryRow.facts)
        .where(ListEntryRow.subprocessor_id.in_(subprocessor_ids))
        .order_by(ListEntryRow.in_force_from_on, ListEntryRow.id)
    )
    return {row.subprocessor_id: facts_from_mapping(row.facts).name for row in rows}
