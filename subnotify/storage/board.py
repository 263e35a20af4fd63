"""Legal's board: cases in lanes by time left, in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from subnotify.rules.lanes import Lane
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    HoldReason,
    NoticeState,
    Outcome,
    ProofKind,
    SettlementKind,
)
from subnotify.storage.board_filter import BoardFilter, conditions
from subnotify.storage.board_lanes import (
    MOST_COUNTED,
    MOST_FILTERED,
    MOST_SEARCHED,
    LanePage,
    Place,
    count_lanes,
    list_lanes,
)
from subnotify.storage.board_objections import BoardAnswer, last_answers, last_settlements
from subnotify.storage.id_lists import among
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ClientRow,
    NoticeRow,
    ReleaseRow,
    TermsVersionRow,
)

PAGE_SIZE = 50
# Of each lane, where all of them are on one screen.
LANE_SIZE = 5


@dataclass(frozen=True)
class BoardCase:
    """One line of the board. owner: "" for nobody's. zone and clause: of the terms, None and ""
    where they are unknown.

    accommodation_ends_at, unresolved_ends_at: clocks of an objection that nobody settled.
    """

    id: int
    client_id: int
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
    owner: str
    answer: BoardAnswer | None = None
    settlement: SettlementKind | None = None
    accommodation_ends_at: datetime | None = None
    unresolved_ends_at: datetime | None = None

    @property
    def has_deadline(self) -> bool:
        """The end of the window is one that somebody could keep: what came back stops it, and who
        was only informed never had any."""
        is_closed = self.state is CaseState.CLOSED
        runs = is_closed or self.notice_state is NoticeState.SERVED
        return runs and self.outcome is not Outcome.INFORMED


@dataclass(frozen=True)
class Board:
    """counts: of each lane, whatever is shown; more than `most` are told as one more.

    lanes: the cases of those that are shown. next: of a single lane, where its next page goes on.
    """

    counts: Mapping[Lane, int]
    most: int
    lanes: Mapping[Lane, Sequence[BoardCase]]
    next: Place | None = None


def load_board(
    session: Session,
    shown: BoardFilter,
    lane: Lane | None,
    *,
    at: datetime,
    after: Place | None = None,
) -> Board:
    """One page of a lane, or the first cases of every lane, that `shown` lets through.

    Seven queries at most, however many cases there are; more where an objection was late.
    """
    wanted = conditions(session, shown)
    lanes = [lane] if lane else list(Lane)
    size = PAGE_SIZE if lane else LANE_SIZE
    pages = list_lanes(session, lanes, wanted, at=at, size=size, after=after if lane else None)
    # A lane that ends on its first page is counted by it: rare cases are looked for once only.
    counts = {x: len(page.case_ids) for x, page in pages.items() if not (page.next or after)}
    others = [x for x in Lane if x not in counts]
    most = _most_counted(shown)
    counts |= count_lanes(session, wanted, others, at=at, most=most)
    cases = load_cases(
        session, {number for page in pages.values() for number in page.case_ids}, at=at
    )
    return Board(
        counts,
        most,
        {each: _in_order(page, cases) for each, page in pages.items()},
        pages[lane].next if lane else None,
    )


def _most_counted(shown: BoardFilter) -> int:
    if shown.search.strip():
        return MOST_SEARCHED
    return MOST_FILTERED if shown.is_narrow else MOST_COUNTED


def _in_order(page: LanePage, cases: Mapping[int, BoardCase]) -> Sequence[BoardCase]:
    # A case may have been deleted since: an import that was undone.
    return [cases[number] for number in page.case_ids if number in cases]


def load_cases(
    session: Session, case_ids: Sequence[int] | set[int], *, at: datetime
) -> Mapping[int, BoardCase]:
    """Lines by case id, as they are at `at`. Three queries, and those of the facts of cases with
    a late objection."""
    rows = session.execute(_lines(case_ids)).all()
    answers = last_answers(session, rows, at=at)
    settlements = last_settlements(session, [row.id for row in rows])
    return {row.id: _case(row, answers.get(row.id), settlements.get(row.id)) for row in rows}


def _lines(case_ids: Sequence[int] | set[int]) -> Select[*tuple[Any, ...]]:
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
            CaseRow.owner,
            ClientRow.id.label("client_id"),
            ClientRow.name.label("client"),
            AgreementRow.reference.label("agreement"),
            NoticeRow.reference.label("notice_reference"),
            NoticeRow.state.label("notice_state"),
            NoticeRow.served_at,
            NoticeRow.served_proof,
            NoticeRow.failure,
            ChangeRow.kind,
            # Not the whole of it: what is announced of a subprocessor is long.
            ChangeRow.facts["name"].as_string().label("subprocessor"),
            ReleaseRow.number,
            TermsVersionRow.terms["counting"]["time_zone"].as_string().label("zone"),
            TermsVersionRow.terms["provenance"]["clause"].as_string().label("clause"),
        )
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(among(CaseRow.id, case_ids))
    )


def _case(row: Any, answer: BoardAnswer | None, settlement: SettlementKind | None) -> BoardCase:
    return BoardCase(
        id=row.id,
        client_id=row.client_id,
        client=row.client,
        agreement=row.agreement,
        notice_reference=row.notice_reference,
        change_id=row.change_id,
        change_kind=ChangeKind(row.kind),
        subprocessor=row.subprocessor or "",
        release_number=row.number or "",
        state=CaseState(row.state),
        holds=tuple(HoldReason(hold) for hold in row.holds),
        outcome=Outcome(row.outcome) if row.outcome else None,
        notice_state=NoticeState(row.notice_state),
        served_at=row.served_at,
        served_proof=ProofKind(row.served_proof) if row.served_proof else None,
        failure=row.failure or "",
        closes_at=row.closes_at,
        zone=row.zone,
        clause=row.clause or "",
        gated_out=row.gated_out_at is not None,
        owner=row.owner or "",
        answer=answer,
        settlement=settlement,
        accommodation_ends_at=row.accommodation_ends_at,
        unresolved_ends_at=row.unresolved_ends_at,
    )
