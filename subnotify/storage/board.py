"""Legal's board: cases by time left, page by page, in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    HoldReason,
    NoticeState,
    Outcome,
    ProofKind,
    SettlementKind,
)
from subnotify.storage.board_objections import (
    BoardObjection,
    last_objections,
    last_settlements,
)
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ClientRow,
    NoticeRow,
    ReleaseRow,
    TermsVersionRow,
)
from subnotify.storage.waiting_counts import ends_between, held_for, unsettled

PAGE_SIZE = 50
MOST_CHOICES = 200
_BY_DEADLINE = (CaseRow.closes_at.asc().nulls_last(), CaseRow.id)
# Where objections are shown, what legal must find in time goes before the window.
_BY_TIME_LEFT = (
    case(
        (
            CaseRow.state.in_([CaseState.OBJECTED.value, CaseState.HOLD.value]),
            func.coalesce(
                CaseRow.accommodation_ends_at, CaseRow.unresolved_ends_at, CaseRow.closes_at
            ),
        ),
        else_=CaseRow.closes_at,
    )
    .asc()
    .nulls_last(),
    CaseRow.id,
)
_WITH_OBJECTIONS = frozenset({None, CaseState.OBJECTED, CaseState.HOLD})


@dataclass(frozen=True)
class BoardFilter:
    """What the board shows. state None: every case without an outcome. client: part of a name.

    holds: only cases held for one of these. ending: only those that wait for a person and of which
    a clock ends between these instants.
    """

    state: CaseState | None = None
    client: str = ""
    change_id: int | None = None
    release_id: int | None = None
    holds: tuple[HoldReason, ...] = ()
    ending: tuple[datetime, datetime] | None = None


@dataclass(frozen=True)
class BoardCase:
    """One line of the board. zone and clause: of the terms, None and "" where they are unknown.

    accommodation_ends_at, unresolved_ends_at: clocks of an objection that nobody settled.
    """

    id: int
    client: str
    agreement: str
    notice_reference: str
    change_id: int
    change_kind: ChangeKind
    subprocessor: str
    release_number: str
    state: CaseState
    holds: tuple[HoldReason, ...]
    outcome: Outcome | None
    notice_state: NoticeState
    served_at: datetime | None
    served_proof: ProofKind | None
    failure: str
    closes_at: datetime | None
    zone: str | None
    clause: str
    gated_out: bool
    objection: BoardObjection | None = None
    settlement: SettlementKind | None = None
    accommodation_ends_at: datetime | None = None
    unresolved_ends_at: datetime | None = None


@dataclass(frozen=True)
class Choice:
    """A change or release to filter by."""

    id: int
    text: str


@dataclass(frozen=True)
class Board:
    """cases: one page. total: of all pages. counts: by state, whatever state is shown."""

    cases: Sequence[BoardCase]
    total: int
    counts: Mapping[CaseState, int] = field(default_factory=dict)
    changes: Sequence[Choice] = ()


def load_board(session: Session, shown: BoardFilter, *, page: int) -> Board:
    """One page of the cases that `shown` lets through, the most urgent first.

    page counts from 1. Cases without a deadline come after those with one. Six queries, however
    many cases there are.
    """
    counts = _count_by_state(session, shown)
    wanted = [shown.state] if shown.state else [s for s in CaseState if s is not CaseState.CLOSED]
    total = sum(counts.get(state, 0) for state in wanted)
    ids = session.scalars(
        _narrowed(select(CaseRow.id), shown)
        .where(CaseRow.state.in_([state.value for state in wanted]))
        .order_by(*_order(shown))
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    ).all()
    rows = session.execute(_lines(ids, shown)).all()
    objections = last_objections(session, rows)
    settlements = last_settlements(session, [row.id for row in rows])
    cases = [_case(row, objections.get(row.id), settlements.get(row.id)) for row in rows]
    return Board(cases, total, counts, list_announced_choices(session))


def list_announced_choices(session: Session) -> Sequence[Choice]:
    """The latest changes that were released, newest first."""
    rows = session.execute(
        select(ChangeRow.id, ReleaseRow.number, ChangeRow.facts)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .where(ReleaseRow.number.is_not(None))
        .order_by(ReleaseRow.released_at.desc(), ChangeRow.position)
        .limit(MOST_CHOICES)
    )
    return [Choice(row.id, f"{row.number} · {_name(row.facts)}") for row in rows]


def _narrowed(query: Select[*tuple[Any, ...]], shown: BoardFilter) -> Select[*tuple[Any, ...]]:
    """A query of cases with the filter's conditions, and no more joins than these need."""
    if shown.change_id is not None:
        query = query.where(CaseRow.change_id == shown.change_id)
    if shown.release_id is not None:
        query = query.join(ChangeRow, ChangeRow.id == CaseRow.change_id).where(
            ChangeRow.release_id == shown.release_id
        )
    if shown.holds:
        query = query.where(held_for(shown.holds))
    if shown.ending is not None:
        query = query.where(unsettled(), ends_between(*shown.ending))
    if shown.client:
        name = func.lower(ClientRow.name).contains(shown.client.lower(), autoescape=True)
        query = (
            query.join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
            .join(ClientRow, ClientRow.id == AgreementRow.client_id)
            .where(name)
        )
    return query


def _count_by_state(session: Session, shown: BoardFilter) -> dict[CaseState, int]:
    query = select(CaseRow.state, func.count(CaseRow.id)).group_by(CaseRow.state)
    return {CaseState(state): count for state, count in session.execute(_narrowed(query, shown))}


def _order(shown: BoardFilter) -> tuple[Any, ...]:
    return _BY_TIME_LEFT if shown.state in _WITH_OBJECTIONS else _BY_DEADLINE


def _lines(case_ids: Sequence[int], shown: BoardFilter) -> Select[*tuple[Any, ...]]:
    return (
        select(
            CaseRow.id,
            CaseRow.notice_id,
            CaseRow.change_id,
            CaseRow.state,
            CaseRow.holds,
            CaseRow.outcome,
            CaseRow.closes_at,
            CaseRow.gated_out_at,
            CaseRow.accommodation_ends_at,
            CaseRow.unresolved_ends_at,
            ClientRow.name.label("client"),
            AgreementRow.reference.label("agreement"),
            NoticeRow.reference.label("notice_reference"),
            NoticeRow.state.label("notice_state"),
            NoticeRow.served_at,
            NoticeRow.served_proof,
            NoticeRow.failure,
            ChangeRow.kind,
            ChangeRow.facts,
            ReleaseRow.number,
            TermsVersionRow.terms,
        )
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(CaseRow.id.in_(case_ids))
        .order_by(*_order(shown))
    )


def _case(
    row: Any, objection: BoardObjection | None, settlement: SettlementKind | None
) -> BoardCase:
    terms = row.terms or {}
    return BoardCase(
        id=row.id,
        client=row.client,
        agreement=row.agreement,
        notice_reference=row.notice_reference,
        change_id=row.change_id,
        change_kind=ChangeKind(row.kind),
        subprocessor=_name(row.facts),
        release_number=row.number or "",
        state=CaseState(row.state),
        holds=tuple(HoldReason(hold) for hold in row.holds),
        outcome=Outcome(row.outcome) if row.outcome else None,
        notice_state=NoticeState(row.notice_state),
        served_at=row.served_at,
        served_proof=ProofKind(row.served_proof) if row.served_proof else None,
        failure=row.failure or "",
        closes_at=row.closes_at,
        zone=terms.get("counting", {}).get("time_zone"),
        clause=terms.get("provenance", {}).get("clause", ""),
        gated_out=row.gated_out_at is not None,
        objection=objection,
        settlement=settlement,
        accommodation_ends_at=row.accommodation_ends_at,
        unresolved_ends_at=row.unresolved_ends_at,
    )


def _name(facts: Mapping[str, Any] | None) -> str:
    return str((facts or {}).get("name", ""))
