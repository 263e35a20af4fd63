"""Writes what the rules say of cases: state, holds, outcome, and what follows from an outcome.

The one place where a case's state changes after its release. It is a step of an operation that
has just recorded a fact, inside that operation's transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.queue_messages import queue_closing
from subnotify.operations.record_consequences import record_consequences
from subnotify.rules.case_facts import CaseFacts, Standing
from subnotify.rules.cases import decide
from subnotify.rules.objection_clocks import clocks_of_case, grown_clock
from subnotify.rules.objections import live_objections
from subnotify.rules.windows import Window
from subnotify.rules.words import CaseState, HoldReason, Outcome, ResponseKind
from subnotify.storage.bulk_updates import update_by_id
from subnotify.storage.cases import load_case_facts
from subnotify.storage.id_lists import among
from subnotify.storage.plain_rows import plain_rows
from subnotify.storage.service_watch import has_open_freeze
from subnotify.storage.tables import CaseRow, OutcomeRow

CHUNK = 500
_BEFORE_ALL_LIMITS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ServedCase:
    """What the serving of its notice makes of a case. window: the one that runs now (None: as on
    record); columns: what is written together with where the case stands."""

    window: Window | None
    columns: Mapping[str, Any]


def apply_standings(
    session: Session,
    case_ids: Iterable[int],
    *,
    served: Mapping[int, ServedCase] | None = None,
    actor: str,
    at: datetime,
) -> dict[int, Standing]:
    """Decide these cases anew and write what changed; their standings by case id.

    actor: who caused it ("operator:3", "client:notice:17", "job:close_windows"). Outcomes are
    recorded once with their evidence; a closing mail is queued for each. The cases are locked in
    the order of their ids, so that concurrent operations wait for each other and never deadlock.
    served: what is new of cases by the serving of their notice, by case id.
    """
    ids = sorted(set(case_ids))
    standings: dict[int, Standing] = {}
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        new = {x: served[x] for x in part if x in served} if served else {}
        standings |= _apply(session, part, new, actor, at)
    return standings


def _apply(
    session: Session,
    ids: Sequence[int],
    served: Mapping[int, ServedCase],
    actor: str,
    at: datetime,
) -> dict[int, Standing]:
    session.flush()
    found = session.execute(
        select(CaseRow.id, CaseRow.state, CaseRow.holds, CaseRow.outcome, CaseRow.is_quiet)
        .where(among(CaseRow.id, ids))
        .order_by(CaseRow.id)
        .with_for_update(key_share=True)
    )
    rows = {row.id: row for row in plain_rows(found)}
    opened = {x: one.window for x, one in served.items() if one.window is not None}
    facts = _with_clocks(session, load_case_facts(session, ids, opened=opened, at=at))
    standings = _decide(session, rows, facts, at)
    quiet = {case_id: _is_quiet(facts[case_id]) for case_id in rows}
    _write_quiet(session, {x: quiet[x] for x, row in rows.items() if row.is_quiet != quiet[x]})
    moved = {
        case_id: standing
        for case_id, standing in standings.items()
        if (rows[case_id].state, list(rows[case_id].holds), rows[case_id].outcome)
        != (standing.state, list(standing.holds), standing.outcome)
    }
    _write(session, moved, {x: one.columns for x, one in served.items()}, at)
    _append_moves(session, moved, actor, at)
    closed = [x for x, standing in moved.items() if standing.outcome and rows[x].outcome is None]
    reopened = [x for x, standing in moved.items() if rows[x].outcome and standing.outcome is None]
    _record_outcomes(session, {x: standings[x] for x in closed}, facts, actor, at)
    _record_reopenings(session, {x: standings[x] for x in reopened}, actor, at)
    record_consequences(session, {x: standings[x] for x in closed}, at=at)
    queue_closing(session, closed, at=at)
    return standings


def _decide(
    session: Session, rows: Mapping[int, Any], facts: Mapping[int, CaseFacts], at: datetime
) -> dict[int, Standing]:
    """While the clock is in doubt, no case closes by the time that it says has passed."""
    standings = {case_id: decide(facts[case_id], at=at) for case_id in rows}
    closing = [x for x in rows if standings[x].outcome and rows[x].outcome is None]
    if closing and has_open_freeze(session):
        standings |= {x: decide(facts[x], at=_BEFORE_ALL_LIMITS) for x in closing}
    return standings


def _with_clocks(session: Session, facts: dict[int, CaseFacts]) -> dict[int, CaseFacts]:
    """The facts with the clocks that the objections on record start, which are written too.

    A kept clock never moves to an earlier instant, whatever a newer calendar says.
    """
    columns = []
    for case_id, case in facts.items():
        objected = any(x.kind is ResponseKind.OBJECTION for x in case.responses)
        # After an outcome the clock stays as it ran: the closing mail tells of it.
        if case.terms is None or not objected or case.outcome is not None:
            continue
        calendar = get_calendar(case.terms.counting.holiday_calendar)
        clocks = clocks_of_case(case, calendar)
        clock = grown_clock(case.unresolved, clocks)
        facts[case_id] = replace(case, unresolved=clock)
        accommodation = clocks.accommodation if clocks else None
        columns.append(
            {
                "id": case_id,
                "accommodation_ends_at": accommodation.latest.ends_at if accommodation else None,
                "unresolved_ends_at": clock.ends_at if clock else None,
                "unresolved_after_at": clock.after_at if clock else None,
            }
        )
    if columns:
        session.execute(update(CaseRow), columns)
    return facts


def _is_quiet(facts: CaseFacts) -> bool:
    """Nobody spoke or acted: the case may be closed in bulk with its like."""
    if facts.reply_waits or facts.is_contested or facts.was_down or facts.cleared:
        return False
    return not facts.responses and facts.settlement is None and facts.reopened is None


def _write_quiet(session: Session, quiet: Mapping[int, bool]) -> None:
    """Apart from where the case stands: what comes after an outcome leaves its instant alone."""
    if quiet:
        update_by_id(session, CaseRow, [{"id": x, "is_quiet": quiet[x]} for x in quiet])


def _write(
    session: Session,
    moved: Mapping[int, Standing],
    served: Mapping[int, Mapping[str, Any]],
    at: datetime,
) -> None:
    """Where the cases stand, and what is new of them, in one statement: each write of a case is
    one of several indexes."""
    rows = {x: {"id": x, **columns} for x, columns in served.items() if columns}
    for case_id, standing in moved.items():
        rows.setdefault(case_id, {"id": case_id}).update(
            state=standing.state.value,
            holds=[hold.value for hold in standing.holds],
            outcome=standing.outcome.value if standing.outcome else None,
            outcome_at=at if standing.outcome else None,
        )
    update_by_id(session, CaseRow, list(rows.values()))


def _append_moves(
    session: Session, moved: Mapping[int, Standing], actor: str, at: datetime
) -> None:
    append_evidence_many(
        session,
        [
            NewEvidence(
                "case_moved",
                "case",
                case_id,
                {
                    "state": standing.state.value,
                    "holds": [hold.value for hold in standing.holds],
                    "outcome": standing.outcome.value if standing.outcome else None,
                },
            )
            for case_id, standing in moved.items()
            # That it opened is in the evidence of its notice as served.
            if standing.state is not CaseState.OPEN
        ],
        actor=actor,
        at=at,
    )


def _next_numbers(session: Session, ids: Iterable[int]) -> Mapping[int, int]:
    last = select(OutcomeRow.case_id, func.max(OutcomeRow.number)).where(
        OutcomeRow.case_id.in_(list(ids))
    )
    found = session.execute(last.group_by(OutcomeRow.case_id)).all()
    return {case_id: number + 1 for case_id, number in found}


def _record_outcomes(
    session: Session,
    closed: Mapping[int, Standing],
    facts: Mapping[int, CaseFacts],
    actor: str,
    at: datetime,
) -> None:
    if not closed:
        return
    numbers = _next_numbers(session, closed)
    session.execute(
        insert(OutcomeRow),
        [
            {
                "case_id": case_id,
                "number": numbers.get(case_id, 1),
                "outcome": standing.outcome.value if standing.outcome else None,
                "at": at,
                "by": actor,
                "note": "",
                "covers_up_to": _covers(standing, facts[case_id]),
            }
            for case_id, standing in closed.items()
        ],
    )


def _covers(standing: Standing, facts: CaseFacts) -> int | None:
    """The objections that an outcome ends without a settlement: all that were live then."""
    if standing.outcome is not Outcome.ACCEPTED_UNRESOLVED:
        return None
    return max(objection.number for objection in live_objections(facts))


def _record_reopenings(
    session: Session, reopened: Mapping[int, Standing], actor: str, at: datetime
) -> None:
    """The old outcome stays; a correction names it and why it no longer stands."""
    if not reopened:
        return
    latest = {
        row.case_id: row
        for row in session.execute(
            select(OutcomeRow.case_id, OutcomeRow.id, OutcomeRow.number)
            .where(OutcomeRow.case_id.in_(list(reopened)))
            .order_by(OutcomeRow.number)
        )
    }
    session.execute(
        insert(OutcomeRow),
        [
            {
                "case_id": case_id,
                "number": latest[case_id].number + 1,
                "outcome": None,
                "at": at,
                "by": actor,
                "note": "",
                "corrects_id": latest[case_id].id,
                "reopened_because": _reason(standing).value,
            }
            for case_id, standing in reopened.items()
        ],
    )


def _reason(standing: Standing) -> HoldReason:
    if standing.state is not CaseState.HOLD:
        raise RuntimeError(f"a closed case moved to {standing.state} instead of hold")
    # Such an objection may wait for more than that; the other reasons stand alone.
    after_closing = HoldReason.OBJECTION_AFTER_CLOSING
    return after_closing if after_closing in standing.holds else standing.holds[0]
