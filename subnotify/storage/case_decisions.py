"""What persons decided about cases, and what became of recorded outcomes, for the rules."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.case_facts import SettlementFact
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import TakesEffect
from subnotify.rules.time_limits import start_of_day, zone_of
from subnotify.rules.words import HoldReason, SettlementKind, StepKind
from subnotify.storage.id_lists import among
from subnotify.storage.tables import (
    HoldClearanceRow,
    ObjectionStepRow,
    OutcomeRow,
    SettlementRow,
    TwoPersonDecisionRow,
)


@dataclass(frozen=True)
class Reopening:
    reason: HoldReason
    at: datetime


def settlements_by_case(session: Session, ids: Sequence[int]) -> Mapping[int, SettlementRow]:
    """The latest settlement of each case that was not undone."""
    found = session.scalars(
        select(SettlementRow)
        .where(among(SettlementRow.case_id, ids), SettlementRow.undone_at.is_(None))
        .order_by(SettlementRow.id)
    )
    return {row.case_id: row for row in found}


def last_undone(session: Session, ids: Sequence[int]) -> Mapping[int, datetime]:
    """When a settlement of each case was last taken back."""
    found = session.execute(
        select(SettlementRow.case_id, SettlementRow.undone_at)
        .where(among(SettlementRow.case_id, ids), SettlementRow.undone_at.is_not(None))
        .order_by(SettlementRow.undone_at)
    )
    return {case_id: undone_at for case_id, undone_at in found if undone_at is not None}


def last_refusals(session: Session, ids: Sequence[int]) -> Mapping[int, datetime]:
    """When each client last refused what legal proposed."""
    found = session.execute(
        select(ObjectionStepRow.case_id, func.max(ObjectionStepRow.counts_at))
        .where(
            among(ObjectionStepRow.case_id, ids),
            ObjectionStepRow.kind == StepKind.REFUSED.value,
            ObjectionStepRow.undone_at.is_(None),
        )
        .group_by(ObjectionStepRow.case_id)
    )
    return {case_id: at for case_id, at in found if at is not None}


def covered_responses(session: Session, ids: Sequence[int]) -> Mapping[int, int]:
    """The last response that the recorded outcome of each case ended."""
    if not ids:
        return {}
    found = session.execute(
        select(OutcomeRow.case_id, OutcomeRow.covers_up_to)
        .where(among(OutcomeRow.case_id, ids), OutcomeRow.covers_up_to.is_not(None))
        .order_by(OutcomeRow.number)
    )
    return {case_id: number for case_id, number in found if number is not None}


def settled_effect_on(
    row: SettlementRow, terms: NoticeTerms | None, commencement_on: date | None
) -> date | None:
    """The first day without the services that a settlement ends; with the change it moves along
    when commencement is postponed. None where it waits for the end of the window."""
    if terms is not None and terms.termination.takes_effect is TakesEffect.AT_COMMENCEMENT:
        return commencement_on or row.takes_effect_on
    return row.takes_effect_on


def settlement_fact(
    row: SettlementRow | None, terms: NoticeTerms | None, commencement_on: date | None
) -> SettlementFact | None:
    if row is None:
        return None
    effect_at = None
    effect_on = settled_effect_on(row, terms, commencement_on)
    if effect_on is not None:
        zone = zone_of(terms.counting.time_zone if terms else "UTC")
        effect_at = start_of_day(effect_on, zone)
    return SettlementFact(
        SettlementKind(row.kind), row.response_id or 0, effect_at, counts_at=row.counts_at
    )


def two_person_decisions(
    session: Session, ids: Sequence[int]
) -> Mapping[tuple[int, str], datetime]:
    found = session.execute(
        select(
            TwoPersonDecisionRow.case_id,
            TwoPersonDecisionRow.kind,
            func.max(TwoPersonDecisionRow.confirmed_at),
        )
        .where(
            among(TwoPersonDecisionRow.case_id, ids), TwoPersonDecisionRow.confirmed_at.is_not(None)
        )
        .group_by(TwoPersonDecisionRow.case_id, TwoPersonDecisionRow.kind)
    )
    return {
        (case_id, kind): confirmed_at
        for case_id, kind, confirmed_at in found
        if confirmed_at is not None
    }


def decided_since(
    decisions: Mapping[tuple[int, str], datetime],
    case_id: int,
    kind: str,
    reopening: Reopening | None,
) -> bool:
    """A decision of two persons counts for the outcome it was taken about, not for a later one."""
    confirmed_at = decisions.get((case_id, kind))
    if confirmed_at is None:
        return False
    return reopening is None or confirmed_at > reopening.at


def clearances(
    session: Session, ids: Sequence[int]
) -> Mapping[int, list[tuple[HoldReason, datetime]]]:
    cleared: dict[int, list[tuple[HoldReason, datetime]]] = defaultdict(list)
    for row in session.scalars(
        select(HoldClearanceRow).where(among(HoldClearanceRow.case_id, ids))
    ):
        cleared[row.case_id].append((HoldReason(row.reason), row.cleared_at))
    return cleared


def last_reopenings(session: Session, ids: Sequence[int]) -> Mapping[int, Reopening]:
    """The latest correction of each case, where it left the case open."""
    found = session.execute(
        select(OutcomeRow.case_id, OutcomeRow.outcome, OutcomeRow.reopened_because, OutcomeRow.at)
        .where(among(OutcomeRow.case_id, ids))
        .order_by(OutcomeRow.case_id, OutcomeRow.number)
    )
    latest: dict[int, Reopening] = {}
    for case_id, _outcome, because, at in found:
        if because is not None:
            latest[case_id] = Reopening(HoldReason(because), at)
    return latest
