"""What the board tells of clients' answers and of how objections were settled."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.objections import timeliness_of
from subnotify.rules.words import (
    ResponseChannel,
    ResponseKind,
    ResponseState,
    SettlementKind,
    Timeliness,
)
from subnotify.storage.cases import load_case_facts
from subnotify.storage.tables import ResponseRow, SettlementRow

# An objection that was not plainly in time when it came, or as a person decided.
LATE = frozenset(Timeliness) - {Timeliness.IN_TIME, Timeliness.NO_WINDOW}


@dataclass(frozen=True)
class BoardAnswer:
    """What a client said last about a case; its last objection, where it objected. number: of the
    response."""

    number: int
    kind: ResponseKind
    received_at: datetime
    channel: ResponseChannel
    timeliness: Timeliness | None
    by_name: str


def last_answers(
    session: Session, rows: Sequence[Any], *, at: datetime
) -> Mapping[int, BoardAnswer]:
    """The last effective answer to each case, or to its whole notice; an acknowledgement is
    none. What was late is judged by the window as it is at `at`."""
    cases_of: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        cases_of[row.notice_id].append(row.id)
    if not cases_of:
        return {}
    found = session.execute(
        select(
            ResponseRow.id,
            ResponseRow.notice_id,
            ResponseRow.case_id,
            ResponseRow.kind,
            ResponseRow.received_at,
            ResponseRow.channel,
            ResponseRow.timeliness,
            ResponseRow.timeliness_decided,
            ResponseRow.by_name,
        )
        .where(
            ResponseRow.kind != ResponseKind.ACKNOWLEDGEMENT.value,
            ResponseRow.state == ResponseState.EFFECTIVE.value,
            or_(
                ResponseRow.case_id.in_([row.id for row in rows]),
                and_(ResponseRow.case_id.is_(None), ResponseRow.notice_id.in_(cases_of)),
            ),
        )
        .order_by(ResponseRow.id)
    )
    last: dict[int, BoardAnswer] = {}
    for one in found:
        judged = one.timeliness_decided or one.timeliness
        answer = BoardAnswer(
            one.id,
            ResponseKind(one.kind),
            one.received_at,
            ResponseChannel(one.channel),
            Timeliness(judged) if judged else None,
            one.by_name,
        )
        for case_id in [one.case_id] if one.case_id else cases_of[one.notice_id]:
            before = last.get(case_id)
            objected = before is not None and before.kind is ResponseKind.OBJECTION
            if before is not None and answer.kind is ResponseKind.WRONG_PERSON:
                continue  # what was answered before says more
            if not objected or answer.kind is ResponseKind.OBJECTION:
                last[case_id] = answer
    late = {x: answer.number for x, answer in last.items() if answer.timeliness in LATE}
    now = judge_now(session, late.items(), at=at)
    for case_id, number in late.items():
        last[case_id] = replace(last[case_id], timeliness=now[case_id, number])
    return last


def judge_now(
    session: Session, objections: Iterable[tuple[int, int]], *, at: datetime
) -> Mapping[tuple[int, int], Timeliness]:
    """Objections (case, response) by the window as it is at `at`: a longer or a new one may have
    made them timely. A few queries, or none for none."""
    wanted = set(objections)
    facts = load_case_facts(session, {case_id for case_id, _number in wanted}, at=at)
    return {
        (case_id, said.number): timeliness_of(of_case, said)
        for case_id, of_case in facts.items()
        for said in of_case.responses
        if (case_id, said.number) in wanted
    }


def last_settlements(session: Session, case_ids: Iterable[int]) -> Mapping[int, SettlementKind]:
    """How each case was settled, where it was and stays so."""
    rows = session.execute(
        select(SettlementRow.case_id, SettlementRow.kind)
        .where(SettlementRow.case_id.in_(list(case_ids)), SettlementRow.undone_at.is_(None))
        .order_by(SettlementRow.id)
    )
    return {row.case_id: SettlementKind(row.kind) for row in rows}
