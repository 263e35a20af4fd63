"""Decide whether an objection counts as in time: where the dates disagree, a person reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.errors import MoveNotAllowed, OutcomeRecorded
from subnotify.rules.objection_clocks import grown_clock, objection_clocks
from subnotify.rules.objections import timeliness_of
from subnotify.rules.words import ResponseKind, Timeliness
from subnotify.storage.case_locks import get_response, lock_cases_of_response
from subnotify.storage.cases import load_case_facts
from subnotify.storage.tables import CaseRow

DECISIONS = (Timeliness.IN_TIME, Timeliness.LATE)


def decide_timeliness(
    session: Session,
    response_id: int,
    decided: Timeliness,
    *,
    note: str,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    """Legal's reading of an objection that is disputed or late: it counts as in time, or late.

    An objection in time by both dates is not decided by hand: nobody makes it late. Deciding the
    same twice changes nothing. Raises MoveNotAllowed, OutcomeRecorded (every case it is about has
    its outcome), ReasonMissing, NotFound.
    """
    reason = written_reason(note)
    with transaction(session):
        cases = lock_cases_of_response(session, response_id)
        response = get_response(session, response_id)
        if response.kind != ResponseKind.OBJECTION or decided not in DECISIONS:
            raise MoveNotAllowed(reason="Only an objection is judged by its dates.")
        if response.timeliness_decided == decided:
            return
        facts = load_case_facts(session, [c.id for c in cases], at=at)
        _require_open_to_doubt(facts, response_id)
        response.timeliness_decided = decided.value
        if decided is Timeliness.IN_TIME:
            _run_clocks_anew(cases, facts, at)
        append_evidence(
            session,
            "timeliness_decided",
            actor=actor,
            object_type="response",
            object_id=response_id,
            content={"reference": response.reference, "decided": decided, "note": reason, "by": by},
            at=at,
        )
        apply_standings(session, [case.id for case in cases], actor=actor, at=at)


def _run_clocks_anew(
    cases: Sequence[CaseRow], facts: Mapping[int, CaseFacts], at: datetime
) -> None:
    """While it was disputed whether the objection counts, nobody looked for a way, and its client
    could not know what it may do: the second silence runs from the decision."""
    for case in cases:
        terms = facts[case.id].terms
        if terms is None or case.outcome is not None:
            continue
        clocks = objection_clocks(terms, at, get_calendar(terms.counting.holiday_calendar))
        clock = grown_clock(facts[case.id].unresolved, clocks)
        case.unresolved_ends_at = clock.ends_at if clock else None
        case.unresolved_after_at = clock.after_at if clock else None


def _require_open_to_doubt(facts: Mapping[int, CaseFacts], response_id: int) -> None:
    """Some case it is about is still open, and to it the objection is not plainly in time."""
    undecided = [one for one in facts.values() if one.outcome is None]
    if not undecided:
        raise OutcomeRecorded
    if all(_in_time_by_both_dates(one, response_id) for one in undecided):
        raise MoveNotAllowed(reason="This objection is in time by both dates.")


def _in_time_by_both_dates(facts: CaseFacts, response_id: int) -> bool:
    """Whatever was decided of it before, which may have been for a shorter window."""
    response = next(r for r in facts.responses if r.number == response_id)
    return timeliness_of(facts, replace(response, decided=None)) is Timeliness.IN_TIME
