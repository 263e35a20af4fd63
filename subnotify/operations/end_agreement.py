"""End an agreement on a day, or take an end back that has not come."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.registry_part import (
    Kept,
    append_gathered,
    open_part_of_agreement,
)
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import Problem, ProblemsFound, RuleError
from subnotify.rules.words import Outcome
from subnotify.storage.tables import AgreementRow, CaseRow


class EndHasTakenEffect(RuleError):
    message = (
        "Cases were closed because this agreement had ended. Their outcomes must be corrected by"
        " two persons before its end is changed."
    )


def end_agreement(
    session: Session,
    agreement_id: int,
    last_day: date | None,
    *,
    note: str,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Record the agreement's last day; None: it has no end (any more).

    Once that day is over in the agreement's zone, its cases without an outcome end as
    `agreement_ended` (rules/cases.py), here or by the job that closes windows: a termination that
    the client declared stays one. The same again changes nothing. zone: the vendor's. Raises
    ProblemsFound at last_day, EndHasTakenEffect, ReasonMissing, ReasonTooLong, NotFound.
    """
    reason = written_reason(note)
    with transaction(session):
        part = open_part_of_agreement(session, agreement_id, by=by, at=at, zone=zone)
        agreement = part.get_agreement(agreement_id)
        before = agreement.ended_on
        if before == last_day:
            return Kept(agreement_id, is_changed=False)
        _require_possible(session, agreement, last_day)
        agreement.ended_on = last_day
        said = {"by": by, "before": before, "last_day": last_day, "reason": reason}
        fact = NewEvidence("agreement_end_recorded", "agreement", agreement_id, said)
        append_gathered(part.run, [fact], actor=actor)
        apply_standings(session, _list_open_cases(session, agreement_id), actor=actor, at=at)
        return Kept(agreement_id, is_changed=True)


def _require_possible(session: Session, agreement: AgreementRow, last_day: date | None) -> None:
    if last_day and agreement.signed_on and last_day < agreement.signed_on:
        raise ProblemsFound(
            (
                Problem(
                    "last_day",
                    "The agreement would end before it was signed.",
                    "Correct the day.",
                ),
            )
        )
    ended = exists().where(
        CaseRow.agreement_id == agreement.id, CaseRow.outcome == Outcome.AGREEMENT_ENDED.value
    )
    if session.scalar(select(ended)):
        raise EndHasTakenEffect


def _list_open_cases(session: Session, agreement_id: int) -> Sequence[int]:
    return session.scalars(
        select(CaseRow.id).where(CaseRow.agreement_id == agreement_id, CaseRow.outcome.is_(None))
    ).all()
