"""What became of a release, counted set-based: the same few queries however many agreements."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import String, and_, cast, exists, false, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import (
    CaseState,
    ChangeState,
    HoldReason,
    LetterState,
    MessagePurpose,
    NoticeState,
    Outcome,
    ProofKind,
    ResponseKind,
    ResponseState,
    SettlementKind,
    Timeliness,
)
from subnotify.storage.board_objections import LATE, judge_now
from subnotify.storage.id_lists import among
from subnotify.storage.overtaken_mails import is_overtaken
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    EvidenceRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    ResponseRow,
    SettlementRow,
)

# Named, not "other than closed": so each is looked up in the index.
_RUNNING = [state.value for state in CaseState if state is not CaseState.CLOSED]
_CHUNK = 500
_RELEASE_STEPS = ("release_approved", "release_released")


@dataclass(frozen=True)
class NoticeCounts:
    """One notice is one agreement. proofs: those served, by the proof that is relied on (None:
    none is on record). failures: those that are not served and of which something still stands,
    by reason. moving: queued, or on their way. left: all that have left or are served."""

    told: int
    left: int
    moving: int
    overtaken: int
    proofs: Mapping[ProofKind | None, int]
    failures: Mapping[HoldReason | None, int]

    @property
    def served(self) -> int:
        return sum(self.proofs.values())

    @property
    def not_served(self) -> int:
        return sum(self.failures.values())


@dataclass
class ChangeCounts:
    """The cases of one change. holds: cases for each reason; one case may have several.
    objections: cases with an objection, by whether the last word on it is that it came in time.
    closes: the first and the last deadline of its windows."""

    states: Counter[CaseState] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    holds: Counter[HoldReason] = field(default_factory=Counter)
    objections: Counter[Timeliness] = field(default_factory=Counter)
    settlements: Counter[SettlementKind] = field(default_factory=Counter)
    closes: tuple[datetime, datetime] | None = None
    gated_out: int = 0
    corrected: int = 0

    @property
    def cases(self) -> int:
        return sum(self.states.values())


@dataclass(frozen=True)
class EvidenceMark:
    """Where a step of the release stands in the evidence."""

    id: int
    type: str
    at: datetime
    digest: str


def count_notices(session: Session, release_id: int) -> NoticeCounts:
    """Two queries."""
    of_release = NoticeRow.release_id == release_id
    rows = session.execute(
        select(
            NoticeRow.state,
            NoticeRow.served_proof,
            NoticeRow.failure_reason,
            func.count().label("notices"),
            func.count(NoticeRow.dispatched_at).label("left"),
        )
        .where(of_release)
        .group_by(NoticeRow.state, NoticeRow.served_proof, NoticeRow.failure_reason)
    ).all()
    ended = dict(
        session.execute(
            select(NoticeRow.failure_reason, func.count())
            .where(
                of_release,
                NoticeRow.state == NoticeState.NOT_SERVED.value,
                is_overtaken(NoticeRow.id),
            )
            .group_by(NoticeRow.failure_reason)
        ).all()
    )
    proofs: Counter[ProofKind | None] = Counter()
    failures: Counter[HoldReason | None] = Counter()
    left = moving = 0
    for row in rows:
        if row.state == NoticeState.SERVED.value:
            proofs[ProofKind(row.served_proof) if row.served_proof else None] += row.notices
            # What is served has left, whether or not the instant was told (brought in).
            left += row.notices
            continue
        left += row.left
        if row.state == NoticeState.NOT_SERVED.value:
            failures[HoldReason(row.failure_reason) if row.failure_reason else None] += row.notices
        else:
            moving += row.notices
    for reason, number in ended.items():
        failures[HoldReason(reason) if reason else None] -= number
    return NoticeCounts(
        told=sum(row.notices for row in rows),
        left=left,
        moving=moving,
        overtaken=sum(ended.values()),
        proofs=proofs,
        failures=+failures,
    )


def count_letters(session: Session, release_id: int) -> Mapping[LetterState, int]:
    """The letters that carry notices of the release, by where they stand."""
    rows = session.execute(
        select(LetterRow.state, func.count())
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            NoticeRow.release_id == release_id,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
        )
        .group_by(LetterRow.state)
    )
    return {LetterState(state): number for state, number in rows}


def count_changes(
    session: Session, change_ids: Sequence[int], *, at: datetime
) -> Mapping[int, ChangeCounts]:
    """The cases of each change, as they are at `at`. Five queries for all of them, and those of
    the facts of late objections."""
    found = {number: ChangeCounts() for number in change_ids}
    _count_states(session, found)
    _count_holds(session, found)
    _count_objections(session, found, at)
    settled = session.execute(
        select(CaseRow.change_id, SettlementRow.kind, func.count(CaseRow.id.distinct()))
        .join(SettlementRow, SettlementRow.case_id == CaseRow.id)
        .where(among(CaseRow.change_id, found), SettlementRow.undone_at.is_(None))
        .group_by(CaseRow.change_id, SettlementRow.kind)
    )
    for change_id, kind, number in settled:
        found[change_id].settlements[SettlementKind(kind)] += number
    corrected = session.execute(
        select(CaseRow.change_id, func.count(CaseRow.id.distinct()))
        .join(OutcomeRow, OutcomeRow.case_id == CaseRow.id)
        .where(among(CaseRow.change_id, found), OutcomeRow.corrects_id.is_not(None))
        .group_by(CaseRow.change_id)
    )
    for change_id, number in corrected:
        found[change_id].corrected = number
    return found


def _count_states(session: Session, found: Mapping[int, ChangeCounts]) -> None:
    rows = session.execute(
        select(
            CaseRow.change_id,
            CaseRow.state,
            CaseRow.outcome,
            func.count().label("cases"),
            func.count(CaseRow.gated_out_at).label("gated_out"),
            func.min(CaseRow.closes_at).label("first_at"),
            func.max(CaseRow.closes_at).label("last_at"),
        )
        .where(among(CaseRow.change_id, found))
        .group_by(CaseRow.change_id, CaseRow.state, CaseRow.outcome)
    )
    for row in rows:
        counts = found[row.change_id]
        counts.states[CaseState(row.state)] += row.cases
        counts.gated_out += row.gated_out
        if row.outcome is not None:
            counts.outcomes[Outcome(row.outcome)] += row.cases
        if row.first_at is not None:
            ends = [*(counts.closes or ()), row.first_at, row.last_at]
            counts.closes = (min(ends), max(ends))


def _count_holds(session: Session, found: Mapping[int, ChangeCounts]) -> None:
    """Grouped by the reasons as they are stored: there are few sets of them."""
    written = cast(CaseRow.holds, String)
    rows = session.execute(
        select(CaseRow.change_id, written, func.count())
        .where(among(CaseRow.change_id, found), CaseRow.state == CaseState.HOLD.value)
        .group_by(CaseRow.change_id, written)
    )
    for change_id, reasons, number in rows:
        for reason in json.loads(reasons):
            found[change_id].holds[HoldReason(reason)] += number


def _count_objections(session: Session, found: Mapping[int, ChangeCounts], at: datetime) -> None:
    judged = func.coalesce(ResponseRow.timeliness_decided, ResponseRow.timeliness)
    objections = (
        select(CaseRow.change_id)
        .join(
            ResponseRow,
            and_(
                ResponseRow.notice_id == CaseRow.notice_id,
                or_(ResponseRow.case_id.is_(None), ResponseRow.case_id == CaseRow.id),
            ),
        )
        .where(
            among(CaseRow.change_id, found),
            ResponseRow.kind == ResponseKind.OBJECTION.value,
            ResponseRow.state == ResponseState.EFFECTIVE.value,
        )
    )
    is_late = func.coalesce(judged.in_([x.value for x in LATE]), false())
    rows = session.execute(
        objections.add_columns(judged, func.count(CaseRow.id.distinct()))
        .where(~is_late)
        .group_by(CaseRow.change_id, judged)
    )
    for change_id, timeliness, number in rows:
        found[change_id].objections[Timeliness(timeliness or Timeliness.NO_WINDOW)] += number
    late = session.execute(objections.add_columns(CaseRow.id, ResponseRow.id).where(is_late)).all()
    for start in range(0, len(late), _CHUNK):
        part = late[start : start + _CHUNK]
        now = judge_now(session, [(case_id, number) for _, case_id, number in part], at=at)
        judged_now = {(change_id, case_id, now[case_id, x]) for change_id, case_id, x in part}
        for change_id, _case_id, timeliness in judged_now:
            found[change_id].objections[timeliness] += 1


def list_evidence_marks(session: Session, release_id: int) -> Sequence[EvidenceMark]:
    """The last approval and the release itself, as evidence names them."""
    rows = session.scalars(
        select(EvidenceRow)
        .where(
            EvidenceRow.object_type == "release",
            EvidenceRow.object_id == release_id,
            EvidenceRow.type.in_(_RELEASE_STEPS),
        )
        .order_by(EvidenceRow.id)
    )
    last = {row.type: EvidenceMark(row.id, row.type, row.at, row.digest) for row in rows}
    return [last[kind] for kind in _RELEASE_STEPS if kind in last]


def is_ended(session: Session, release_id: int) -> bool:
    """Each of its changes took effect or was withdrawn, and each of its cases has an outcome."""
    of_release = ChangeRow.release_id == release_id
    runs = exists().where(
        of_release,
        or_(
            ChangeRow.state == ChangeState.RELEASED.value,
            exists().where(CaseRow.change_id == ChangeRow.id, CaseRow.state.in_(_RUNNING)),
        ),
    )
    return not session.scalar(select(runs))
