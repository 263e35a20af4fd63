"""What an outcome does beyond its case: exceptions of the list, ends of services."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.case_facts import Standing
from subnotify.rules.objection_clocks import data_due_on
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import DataAtEnd
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import Outcome
from subnotify.storage.case_decisions import settled_effect_on, settlements_by_case
from subnotify.storage.cases import load_case_facts
from subnotify.storage.insert_once import insert_once
from subnotify.storage.tables import (
    AgreementExceptionRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    DataReturnRow,
    ServiceRow,
)

_GATED = frozenset({Outcome.ACCOMMODATED, Outcome.NOT_AUTHORISED})


def record_consequences(session: Session, closed: Mapping[int, Standing], *, at: datetime) -> None:
    """Within the caller's transaction, for cases that have just got their outcome.

    Accommodated or not authorised: a dated exception of the agreement, the subprocessor is not
    used for it. Terminated: the services named by legal end for the agreement on the day of
    effect, which is the first day without them, and the client's data is owed from then on.
    """
    excepted = [case_id for case_id, standing in closed.items() if standing.outcome in _GATED]
    terminated = [x for x, standing in closed.items() if standing.outcome is Outcome.TERMINATED]
    if excepted:
        _except_from_use(session, excepted, at)
    for case_id in terminated:
        _end_services(session, case_id, at)


def _except_from_use(session: Session, case_ids: list[int], at: datetime) -> None:
    rows = session.execute(
        select(CaseRow.agreement_id, CaseRow.change_id, ChangeRow.commencement_on)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(CaseRow.id.in_(case_ids))
    ).all()
    insert_once(
        session,
        AgreementExceptionRow,
        [
            {
                "agreement_id": row.agreement_id,
                "change_id": row.change_id,
                "from_on": row.commencement_on or at.date(),
                "note": "",
            }
            for row in rows
        ],
    )


def _end_services(session: Session, case_id: int, at: datetime) -> None:
    settlement = settlements_by_case(session, [case_id])[case_id]
    facts = load_case_facts(session, [case_id], at=at)[case_id]
    row = session.execute(
        select(CaseRow.agreement_id, CaseRow.closes_at, ChangeRow.commencement_on)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .where(CaseRow.id == case_id)
    ).one()
    until_on = settled_effect_on(settlement, facts.terms, row.commencement_on)
    if until_on is None:
        # At window close: the day after its last.
        until_on = _local_day(facts.terms, row.closes_at or at)
    former_on = session.scalar(
        select(DataReturnRow.ended_on).where(DataReturnRow.case_id == case_id)
    )
    session.execute(
        update(AgreementServiceRow)
        .where(
            AgreementServiceRow.agreement_id == row.agreement_id,
            AgreementServiceRow.service_id.in_(
                select(ServiceRow.id).where(ServiceRow.key.in_(settlement.services))
            ),
            # One that was to end later anyway ends now; one that has ended stays as it is.
            # What this case itself had ended, before its record was corrected, moves along.
            or_(
                AgreementServiceRow.until_on.is_(None),
                AgreementServiceRow.until_on > until_on,
                AgreementServiceRow.until_on == former_on,
            ),
        )
        .values(until_on=until_on)
    )
    _owe_data(session, case_id, facts.terms, until_on)


def _owe_data(session: Session, case_id: int, terms: NoticeTerms | None, ended_on: date) -> None:
    """The client's data is to be returned or destroyed, from the end of the services.

    After a corrected record the end may be another one: what was done about the data stays.
    """
    end = {"ended_on": ended_on, "due_on": data_due_on(terms, ended_on)}
    wanted = terms.termination.data if terms else DataAtEnd.UNSPECIFIED
    first = {"case_id": case_id, "wanted": wanted.value, "choice_note": "", "done_note": ""}
    insert_once(session, DataReturnRow, [{**first, **end}])
    session.execute(update(DataReturnRow).where(DataReturnRow.case_id == case_id).values(**end))


def _local_day(terms: NoticeTerms | None, instant: datetime) -> date:
    """The day of an instant in the agreement's zone."""
    return instant.astimezone(zone_of(terms.counting.time_zone if terms else "UTC")).date()
