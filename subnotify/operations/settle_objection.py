"""Settle an objection: legal's decision, on record, from which the rules draw the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.take_back_steps import take_back_waiting
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.case_holds import lasting_holds
from subnotify.rules.errors import MoveNotAllowed, NotFound, OutcomeRecorded
from subnotify.rules.objection_steps import UNDO_LASTS
from subnotify.rules.objections import client_terminates, live_objections
from subnotify.rules.settlements import is_agreed
from subnotify.rules.terminations import (
    ServicesMissing,
    SettledTermination,
    settled_termination,
)
from subnotify.rules.words import (
    HoldReason,
    ResponseKind,
    SettlementKind,
    StepKind,
    TerminationParty,
)
from subnotify.storage.case_locks import lock_case
from subnotify.storage.cases import load_case_facts
from subnotify.storage.tables import (
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ObjectionStepRow,
    ResponseRow,
    ServiceRow,
    SettlementRow,
)

# After these the services go on.
_TAKES_BACK = frozenset({SettlementKind.WITHDRAWN, SettlementKind.ACCOMMODATED})


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
    # The last objection that whoever decides has seen; None where no page showed them.
    seen_up_to: int | None = None


def settle_objection(
    session: Session, case_id: int, decision: Settlement, *, by: str, actor: str, at: datetime
) -> int:
    """Record legal's decision on every objection of a case so far; the settlement's id.

    A later objection in time is not covered by it. No outcome comes of it before UNDO_LASTS is
    over, and until then the client does not see it. The same decision sent twice is one. Over a
    settlement that counts it is the new step that corrects that. Raises OutcomeRecorded,
    MoveNotAllowed (nothing to settle; a termination that the client has not taken back; what the
    client itself agreed to), ReasonMissing, ServicesMissing, NotFound, and what
    `settled_termination` raises.
    """
    with transaction(session):
        lock_case(session, case_id)
        return settle_within(session, case_id, decision, by=by, actor=actor, at=at)


def settle_within(
    session: Session,
    case_id: int,
    decision: Settlement,
    *,
    agreed: bool = False,
    at_once: bool = False,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    """The same within the caller's transaction, which has locked the case.

    agreed: the client did, on record; at_once: by itself, so there is nothing for legal to undo.
    A mail about the objection that has not left yet would speak of what is over: it is taken back.
    """
    row = draft_settlement(session, case_id, decision, agreed=agreed, by=by, at=at)
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
    session: Session,
    case_id: int,
    decision: Settlement,
    *,
    agreed: bool = False,
    by: str,
    at: datetime,
) -> SettlementRow:
    """What would be recorded, once everything allows it; nothing is. Raises what settling does."""
    note = written_reason(decision.note)
    case = session.get(CaseRow, case_id)
    if case is None:
        raise NotFound
    facts = load_case_facts(session, [case_id], at=at)[case_id]
    if facts.outcome is not None:
        raise OutcomeRecorded
    if not agreed:
        _refuse_against_client(facts, decision.kind, at)
    covers = _covered_objection(facts, decision.kind)
    if decision.seen_up_to is not None and covers is not None and covers > decision.seen_up_to:
        raise MoveNotAllowed(
            reason="Another objection came since you opened this page. Open it again and read that"
            " one."
        )
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
    """Take the present settlement of a case back before it counts: its objections wait for legal
    again, and what was settled before holds as it did.

    The client's own declaration stands as it did. Raises OutcomeRecorded once the outcome is
    recorded (then only two persons correct it), MoveNotAllowed where nothing is settled, or where
    it counts already (a new settlement corrects it), ReasonMissing, NotFound.
    """
    reason = written_reason(note)
    with transaction(session):
        case = lock_case(session, case_id)
        if case.outcome is not None:
            raise OutcomeRecorded
        row = find_settlement(session, case_id)
        if row is None:
            raise MoveNotAllowed(reason="No settlement stands for this case.")
        if row.counts_at is None or at >= row.counts_at:
            raise MoveNotAllowed(
                reason="The settlement counts, and the client can see it. Settle anew to correct"
                " it."
            )
        # Settled twice in these minutes is undone once: legal decides afresh.
        for fresh in _standing_settlements(session, case_id):
            if fresh.counts_at is not None and at < fresh.counts_at:
                fresh.undone_at = at
                _undo_acceptance(session, case_id, fresh.decided_at, by, at)
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


def _undo_acceptance(
    session: Session, case_id: int, since: datetime, by: str, at: datetime
) -> None:
    """An acceptance that legal itself put on record goes with the settlement that it made."""
    session.execute(
        update(ObjectionStepRow)
        .where(
            ObjectionStepRow.case_id == case_id,
            ObjectionStepRow.kind == StepKind.ACCEPTED.value,
            ObjectionStepRow.contact_id.is_(None),
            ObjectionStepRow.counts_at == since,
            ObjectionStepRow.undone_at.is_(None),
        )
        .values(undone_at=at, undone_by=by)
        .execution_options(synchronize_session=False)
    )


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
    return max(objections, default=None)


def _refuse_against_client(facts: CaseFacts, kind: SettlementKind, at: datetime) -> None:
    """What legal cannot decide alone: to take a termination back, which both sides do, each on
    record (DESIGN section 3 item 13), and to take back what the client agreed to."""
    if kind in _TAKES_BACK and client_terminates(facts) and not _took_back(facts):
        raise MoveNotAllowed(
            reason="The client has terminated. Record its withdrawal first, or its answer to a"
            " proposal: a termination is taken back only by both sides."
        )
    present = facts.settlement
    if present is None or present.is_fresh(at) or live_objections(facts):
        return
    if HoldReason.RECORD_CORRECTED in lasting_holds(facts):
        return  # two persons have just taken it back
    if present.kind is SettlementKind.TERMINATED and kind is SettlementKind.INEFFECTIVE:
        raise MoveNotAllowed(
            reason="The termination counts, and the client can see it. Once the case is closed, two"
            " persons can correct it."
        )
    if is_agreed(present):
        raise MoveNotAllowed(
            reason="The client itself agreed to this settlement. Once the case is closed, two"
            " persons can correct it."
        )


def _took_back(facts: CaseFacts) -> bool:
    """The client withdrew what it objected last."""
    effective = [r for r in facts.responses if r.is_effective]
    objections = [r.number for r in effective if r.kind is ResponseKind.OBJECTION]
    last = max(objections, default=0)
    return any(r.kind is ResponseKind.WITHDRAWAL and r.number > last for r in effective)


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
    return row.id if _decided(row) == _decided(drafted) else None


def _decided(row: SettlementRow) -> tuple[object, ...]:
    """All that a person entered; an agreement that counts at once is none that can be undone."""
    at_once = row.counts_at is None
    said = (row.kind, row.response_id, row.note, sorted(row.services), at_once)
    return (*said, row.takes_effect_on, row.declared_on, row.terminated_by)


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
