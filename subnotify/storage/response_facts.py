"""What clients said in their cases, as the rules read it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.case_facts import ResponseFact
from subnotify.rules.words import ResponseChannel, ResponseKind, ResponseState, Timeliness
from subnotify.storage.id_lists import among
from subnotify.storage.tables import ResponseRow


def responses_by_case(session: Session, rows: Sequence[Any]) -> Mapping[int, list[ResponseFact]]:
    """Responses to the case itself, and those to the whole notice, which count for each case.

    rows: the cases, with id and notice_id.
    """
    cases_of_notice: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        cases_of_notice[row.notice_id].append(row.id)
    said: dict[int, list[ResponseFact]] = defaultdict(list)
    found = session.scalars(
        select(ResponseRow)
        .where(among(ResponseRow.notice_id, cases_of_notice))
        .order_by(ResponseRow.id)
    )
    for response in found:
        cases = cases_of_notice[response.notice_id]
        concerned = [x for x in cases if response.case_id in (None, x)]
        for case_id in concerned:
            said[case_id].append(_response_fact(response))
    return said


def _response_fact(row: ResponseRow) -> ResponseFact:
    return ResponseFact(
        number=row.id,
        kind=ResponseKind(row.kind),
        received_at=row.received_at,
        channel=ResponseChannel(row.channel),
        dispatched_on=row.dispatched_on,
        is_effective=row.state == ResponseState.EFFECTIVE,
        decided=Timeliness(row.timeliness_decided) if row.timeliness_decided else None,
        is_read=row.read_at is not None,
        is_disowned=row.disowned_at is not None,
        disowned_is_cleared=row.disowned_cleared_at is not None,
        confirmed_at=row.confirmed_at,
    )
