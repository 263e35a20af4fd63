"""What the board's pictures count: windows that run, answers per change, delivery per release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, true
from sqlalchemy.orm import Session

from subnotify.rules.words import CaseState, NoticeState, ResponseKind, ResponseState
from subnotify.storage.id_lists import among
from subnotify.storage.tables import CaseRow, ChangeRow, NoticeRow, ReleaseRow, ResponseRow

MOST_WINDOWS = 15
MOST_CHANGES = 8
MOST_RELEASES = 4


@dataclass(frozen=True)
class RunningWindow:
    """Cases whose windows run alike."""

    opens_at: datetime
    closes_at: datetime
    cases: int


@dataclass(frozen=True)
class ChangeAnswers:
    """answers: how many cases have one of each kind. cases: all of the change's."""

    change_id: int
    name: str
    release: str
    cases: int
    answers: Mapping[ResponseKind, int]


@dataclass(frozen=True)
class ReleaseDelivery:
    """How many notices of a release came how far."""

    release_id: int
    number: str
    notices: int
    left: int
    served: int
    answered: int


def list_running_windows(session: Session, *, at: datetime) -> Sequence[RunningWindow]:
    """Those that end first, soonest first."""
    rows = session.execute(
        select(CaseRow.opens_at, CaseRow.closes_at, func.count().label("cases"))
        .where(
            CaseRow.state.in_([CaseState.OPEN.value, CaseState.OBJECTED.value]),
            CaseRow.opens_at.is_not(None),
            CaseRow.closes_at > at,
        )
        .group_by(CaseRow.opens_at, CaseRow.closes_at)
        .order_by(CaseRow.closes_at, CaseRow.opens_at)
        .limit(MOST_WINDOWS)
    )
    return [RunningWindow(row.opens_at, row.closes_at, row.cases) for row in rows if row.opens_at]


def list_change_answers(session: Session) -> Sequence[ChangeAnswers]:
    """Of the latest changes that were announced to anybody, newest first."""
    cases = (
        select(CaseRow.change_id, func.count().label("cases"))
        .group_by(CaseRow.change_id)
        .subquery()
    )
    changes = session.execute(
        select(
            ChangeRow.id,
            ChangeRow.facts["name"].as_string().label("name"),
            ReleaseRow.number,
            cases.c.cases,
        )
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .join(cases, cases.c.change_id == ChangeRow.id)
        .order_by(ReleaseRow.released_at.desc(), ChangeRow.position)
        .limit(MOST_CHANGES)
    ).all()
    answers = _answers(session, [row.id for row in changes])
    return [
        ChangeAnswers(row.id, row.name or "", row.number or "", row.cases, answers.get(row.id, {}))
        for row in changes
    ]


def _answers(session: Session, change_ids: Sequence[int]) -> dict[int, dict[ResponseKind, int]]:
    rows: Any = session.execute(
        select(
            CaseRow.change_id, ResponseRow.kind, func.count(CaseRow.id.distinct()).label("cases")
        )
        .join(
            ResponseRow,
            (ResponseRow.notice_id == CaseRow.notice_id)
            & or_(ResponseRow.case_id.is_(None), ResponseRow.case_id == CaseRow.id),
        )
        .where(
            among(CaseRow.change_id, change_ids),
            ResponseRow.state == ResponseState.EFFECTIVE.value,
        )
        .group_by(CaseRow.change_id, ResponseRow.kind)
    )
    found: dict[int, dict[ResponseKind, int]] = {}
    for row in rows:
        found.setdefault(row.change_id, {})[ResponseKind(row.kind)] = row.cases
    return found


def list_release_deliveries(
    session: Session, release_id: int | None = None
) -> Sequence[ReleaseDelivery]:
    """Of the latest releases with notices, newest first; or of one alone."""
    answered = (
        select(ResponseRow.id)
        .where(
            ResponseRow.notice_id == NoticeRow.id,
            ResponseRow.state == ResponseState.EFFECTIVE.value,
        )
        .correlate(NoticeRow)
        .exists()
    )
    counted = (
        select(
            NoticeRow.release_id,
            func.count().label("notices"),
            func.count(NoticeRow.dispatched_at).label("left"),
            func.sum(case((NoticeRow.state == NoticeState.SERVED.value, 1), else_=0)).label(
                "served"
            ),
            func.sum(case((answered, 1), else_=0)).label("answered"),
        )
        .where(NoticeRow.release_id == release_id if release_id is not None else true())
        .group_by(NoticeRow.release_id)
        .subquery()
    )
    rows = session.execute(
        select(ReleaseRow.id, ReleaseRow.number, counted)
        .join(counted, counted.c.release_id == ReleaseRow.id)
        .order_by(ReleaseRow.released_at.desc())
        .limit(MOST_RELEASES)
    )
    return [
        ReleaseDelivery(
            row.id,
            row.number or "",
            row.notices,
            # What is served has left, whether or not the instant was told (brought in).
            max(row.left, int(row.served)),
            int(row.served),
            int(row.answered),
        )
        for row in rows
    ]
