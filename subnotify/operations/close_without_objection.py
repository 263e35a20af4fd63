"""Close a case without objection where silence was broken and nothing more came: by two persons.

`accepted_by_silence` is never written by hand; under general authorisation `no_objection` may be
(DESIGN section 3 item 1).
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.transaction import transaction
from subnotify.operations.two_person_decisions import (
    CLOSE_NO_OBJECTION,
    confirm_decision,
    find_open_proposal,
    propose_decision,
)
from subnotify.operations.watch_clock import require_trusted_clock
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.cases import decide
from subnotify.rules.errors import MoveNotAllowed, OutcomeRecorded
from subnotify.rules.words import HoldReason, Outcome
from subnotify.storage.case_locks import lock_case
from subnotify.storage.cases import load_case_facts
from subnotify.storage.tables import CaseRow, ResponseRow


def may_close_without_objection(facts: CaseFacts, *, at: datetime) -> bool:
    """Whether two persons could close the case now: nothing but the broken silence holds it."""
    if facts.outcome is not None:
        return False
    present = decide(facts, at=at)
    closed = decide(replace(facts, no_objection_by_two=True), at=at)
    return HoldReason.SILENCE_BROKEN in present.holds and closed.outcome is Outcome.NO_OBJECTION


def propose_no_objection(
    session: Session, case_id: int, *, note: str, by: str, actor: str, at: datetime
) -> int:
    """Legal proposes to close a case without objection; the proposal's id.

    Raises MoveNotAllowed while anything but the broken silence holds the case, OutcomeRecorded,
    ReasonMissing, NotFound, ClockInDoubt.
    """
    reason = written_reason(note)
    with transaction(session):
        _require_possible(session, lock_case(session, case_id), at)
        return propose_decision(
            session, case_id, CLOSE_NO_OBJECTION, reason, by=by, actor=actor, at=at
        )


def confirm_no_objection(
    session: Session, case_id: int, *, by: str, actor: str, at: datetime
) -> None:
    """The second person confirms, and the case closes at once.

    Raises SecondPersonNeeded, MoveNotAllowed (nothing is proposed; the client has spoken since;
    something else holds the case), OutcomeRecorded, NotFound, ClockInDoubt.
    """
    with transaction(session):
        case = lock_case(session, case_id)
        _require_possible(session, case, at)
        proposal = find_open_proposal(session, case_id, CLOSE_NO_OBJECTION)
        if proposal is not None and _spoke_since(session, case, proposal.proposed_at):
            raise MoveNotAllowed(
                reason="The client has said something since. Read it, then propose again."
            )
        confirm_decision(session, case_id, CLOSE_NO_OBJECTION, by=by, actor=actor, at=at)
        apply_standings(session, [case_id], actor=actor, at=at)


def _require_possible(session: Session, case: CaseRow, at: datetime) -> None:
    if case.outcome is not None:
        raise OutcomeRecorded
    require_trusted_clock(session)
    facts = load_case_facts(session, [case.id], at=at)[case.id]
    if not may_close_without_objection(facts, at=at):
        raise MoveNotAllowed(
            reason="This closes only a case under general authorisation whose window and grace are"
            " over, which nothing but a broken silence holds."
        )


def _spoke_since(session: Session, case: CaseRow, proposed_at: datetime) -> bool:
    # Nothing waited to be read when it was proposed: what was read since was recorded since,
    # though a letter counts as received from the start of its day.
    since = or_(ResponseRow.received_at > proposed_at, ResponseRow.read_at > proposed_at)
    of_notice = ResponseRow.notice_id == case.notice_id
    return session.scalar(select(ResponseRow.id).where(of_notice, since).limit(1)) is not None
