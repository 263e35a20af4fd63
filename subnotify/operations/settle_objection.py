"""Settle an objection: legal's decision, on record, from which the rules draw the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.take_back_steps import take_back_waiting
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.errors import MoveNotAllowed, NotFound, OutcomeRecorded
from subnotify.rules.objection_steps import UNDO_LASTS
from subnotify.rules.objections import client_terminates
from subnotify.rules.terminations import (
    ServicesMissing,
    SettledTermination,
    settled_termination,
)
from subnotify.rules.words import ResponseKind, SettlementKind, TerminationParty
from subnotify.storage.case_locks import lock_case
from subnotify.storage.cases import load_case_facts
from subnotify.storage.tables import (
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ResponseRow,
    ServiceRow,
    SettlementRow,
)


@dataclass(frozen=True)
class Settlement:
    """What legal decided. services: keys of the services a termination ends.

    takes_effect_on: the first day without them, only where the terms leave it open or to the
    client. declared_on: the day the notice of termination was received (the vendor's: was given),
    None for the day of the objection where objecting is terminating, else for today.
    """

    kind: SettlementKind
    note: str
    services: tuple[str, ...] = ()
    takes_effect_on: date | None = None
    declared_on: date | None = None
    terminated_by: TerminationParty = TerminationParty.CLIENT


def settle_objection(
    session: Session, case_id: int, decision: Settlement, *, by: str, actor: str, at: datetime
) -> int:
    """Record legal's decision on every objection of a case so far; the settlement's id.

    A later objection in time is not covered by it. No outcome comes of it before UNDO_LASTS is
    over, and until then the client does not see it. The same decision sent twice is one. Raises
    OutcomeRecorded, MoveNotAllowed (nothing to settle; a termination that the client has not
    taken back), ReasonMissing, ServicesMissing, NotFound, and what `settled_termination` raises.
    """
    with transaction(session):
        lock_case(session, case_id)
        return settle_within(session, case_id, decision, by=by, actor=actor, at=at)


def settle_within(
    session: Session,
    case_id: int,
    decision: Settlement,
    *,
    at_once: bool = False,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    """The same within the caller's transaction, which has locked the case.

    at_once: the client itself agreed, so there is nothing for legal to undo.
    A mail about the objection that has not left yet would speak of what is over: it is taken back.
    """
    row = draft_settlement(session, case_id, decision, by=by, at=at)
    if at_once:
        row.counts_at = None
    same = _same_settlement(session, row)
    if same is not None:
        return same
    session.add(row)
    session.flush()
    if decision.kind is SettlementKind.WITHDRAWN:
        _read_withdrawals(session, case_id, by, at)
    take_back_waiting(session, case_id, by=by, actor=actor, at=at)
    _append_settled(session, row, actor, at)
    apply_standings(session, [case_id], actor=actor, at=at)
    return row.id


def draft_settlement(
    session: Session, case_id: int, decision: Settlement, *, by: str, at: datetime
) -> SettlementRow:
    """What would be recorded, once everything allows it; nothing is. Raises what settling does."""
    note = written_reason(decision.note)
    case = session.get(CaseRow, case_id)
    if case is None:
        raise NotFound
    facts = load_case_facts(session, [case_id], at=at)[case_id]
    if facts.outcome is not None:
        raise OutcomeRecorded
    covers = _covered_objection(facts, decision.kind)
    services, termination = _termination(session, case, facts, decision, at)
    return SettlementRow(
        case_id=case_id,
        response_id=covers,
        kind=decision.kind.value,
        note=note,
        services=list(services),
        takes_effect_on=termination.takes_effect_on if termination else None,
        declared_on=termination.declared_on if termination else None,
        terminated_by=decision.terminated_by.value if termination else None,
        decided_at=at,
        decided_by=by,
        counts_at=at + UNDO_LASTS,
    )


def undo_settlement(
    session: Session, case_id: int, *, note: str, by: str, actor: str, at: datetime
) -> None:
    """Take the present settlement of a case back: its objections wait for legal again.

    The client's own declaration stands as it did. Raises OutcomeRecorded once the outcome is
    recorded (then only two persons correct it), MoveNotAllowed where nothing is settled,
    ReasonMissing, NotFound.
    """
    reason = written_reason(note)
    with transaction(session):
        case = lock_case(session, case_id)
        if case.outcome is not None:
            raise OutcomeRecorded
        row = find_settlement(session, case_id)
        if row is None:
            raise MoveNotAllowed(reason="No settlement stands for this case.")
        # Whatever was settled before it stays undone too: legal decides afresh.
        for earlier in _standing_settlements(session, case_id):
            earlier.undone_at = at
        append_evidence(
            session,
            "settlement_undone",
            actor=actor,
            object_type="case",
            object_id=case_id,
            content={"settlement": row.id, "kind": row.kind, "note": reason, "by": by},
            at=at,
        )
        apply_standings(session, [case_id], actor=actor, at=at)


def find_settlement(session: Session, case_id: int) -> SettlementRow | None:
    """The settlement that counts; None where there is none, or it was undone."""
    standing = _standing_settlements(session, case_id)
    return standing[-1] if standing else None


def _standing_settlements(session: Session, case_id: int) -> Sequence[SettlementRow]:
    return session.scalars(
        select(SettlementRow)
        .where(SettlementRow.case_id == case_id, SettlementRow.undone_at.is_(None))
        .order_by(SettlementRow.id)
    ).all()


def _covered_objection(facts: CaseFacts, kind: SettlementKind) -> int | None:
    """The number of the last objection, which the decision covers with all before it."""
    objections = [
        r.number for r in facts.responses if r.kind is ResponseKind.OBJECTION and r.is_effective
    ]
    if not objections and kind is not SettlementKind.ACCOMMODATED:
        raise MoveNotAllowed(reason="There is no objection to settle. Record the letter first.")
    if kind is SettlementKind.WITHDRAWN and client_terminates(facts):
        # A termination is taken back by both sides, each on record (DESIGN section 3 item 13).
        took_back = any(
            r.kind is ResponseKind.WITHDRAWAL and r.is_effective and r.number > max(objections)
            for r in facts.responses
        )
        if not took_back:
            raise MoveNotAllowed(
                reason="The client has terminated. Record its withdrawal first: a termination is"
                " taken back only by both sides."
            )
    return max(objections, default=None)


def _termination(
    session: Session, case: CaseRow, facts: CaseFacts, decision: Settlement, at: datetime
) -> tuple[tuple[str, ...], SettledTermination | None]:
    """The services that end, and when; none but for a termination."""
    if decision.kind is not SettlementKind.TERMINATED:
        return (), None
    bought = session.scalars(
        select(ServiceRow.key)
        .join(AgreementServiceRow, AgreementServiceRow.service_id == ServiceRow.id)
        .where(AgreementServiceRow.agreement_id == case.agreement_id)
    ).all()
    services = tuple(sorted(set(decision.services) & set(bought)))
    if not services:
        raise ServicesMissing
    change = session.get(ChangeRow, case.change_id)
    terms = facts.terms
    settled = settled_termination(
        facts,
        get_calendar(terms.counting.holiday_calendar if terms else "none"),
        by=decision.terminated_by,
        declared_on=decision.declared_on,
        takes_effect_on=decision.takes_effect_on,
        commencement_on=change.commencement_on if change else None,
        at=at,
    )
    return services, settled


def _same_settlement(session: Session, drafted: SettlementRow) -> int | None:
    """The settlement that stands, where it says just this: a form sent twice is one decision."""
    row = find_settlement(session, drafted.case_id)
    if row is None:
        return None
    is_same = (row.kind, row.response_id, row.note) == (
        *(drafted.kind, drafted.response_id, drafted.note),
    )
    return row.id if is_same else None


def _read_withdrawals(session: Session, case_id: int, by: str, at: datetime) -> None:
    """Settling as withdrawn is dealing with the withdrawals: they wait for nobody any more."""
    waiting = session.scalars(
        select(ResponseRow).where(
            ResponseRow.case_id == case_id,
            ResponseRow.kind == ResponseKind.WITHDRAWAL.value,
            ResponseRow.read_at.is_(None),
        )
    )
    for response in waiting:
        response.read_at, response.read_by = at, by


def _append_settled(session: Session, row: SettlementRow, actor: str, at: datetime) -> None:
    append_evidence(
        session,
        "objection_settled",
        actor=actor,
        object_type="case",
        object_id=row.case_id,
        content={
            "settlement": row.id,
            "kind": row.kind,
            "response": row.response_id,
            "services": row.services,
            "takes_effect_on": row.takes_effect_on,
            "declared_on": row.declared_on,
            "terminated_by": row.terminated_by,
            "note": row.note,
            "counts_at": row.counts_at,
            "by": row.decided_by,
        },
        at=at,
    )
