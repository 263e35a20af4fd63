"""What the board tells of clients' answers and of how objections were settled."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import (
    ResponseChannel,
    ResponseKind,
    ResponseState,
    SettlementKind,
    Timeliness,
)
from subnotify.storage.tables import ResponseRow, SettlementRow


@dataclass(frozen=True)
class BoardAnswer:
    """What a client said last about a case; its last objection, where it objected."""

    kind: ResponseKind
    received_at: datetime
    channel: ResponseChannel
    timeliness: Timeliness | None
    by_name: str


def last_answers(session: Session, rows: Sequence[Any]) -> Mapping[int, BoardAnswer]:
    """The last effective answer to each case, or to its whole notice; an acknowledgement is
    none."""
    cases_of: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        cases_of[row.notice_id].append(row.id)
    if not cases_of:
        return {}
    found = session.execute(
        select(
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
    return last


def last_settlements(session: Session, case_ids: Iterable[int]) -> Mapping[int, SettlementKind]:
    """How each case was settled, where it was and stays so."""
    rows = session.execute(
        select(SettlementRow.case_id, SettlementRow.kind)
        .where(SettlementRow.case_id.in_(list(case_ids)), SettlementRow.undone_at.is_(None))
        .order_by(SettlementRow.id)
    )
    return {row.case_id: SettlementKind(row.kind) for row in rows}
