"""Record that a client lets its data be processed in a country its agreement does not allow.

The document in which the client agreed is what the exception rests on. That may be its answer to
the notice, or an express "no objection" by code: that answer alone unblocks nothing, because an
agreement is changed by whoever may change it, and legal must have looked.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.judge_countries import rejudge_countries
from subnotify.operations.registry_part import Kept
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.allowed_countries import ORGANISATION
from subnotify.rules.countries import COUNTRIES
from subnotify.rules.errors import MoveNotAllowed, NotFound, Problem, ProblemsFound
from subnotify.storage.blocked_cases import list_cases_to_judge
from subnotify.storage.client_rows import lock_client_of_agreement
from subnotify.storage.tables import CountryExceptionRow, SubprocessorRow


@dataclass(frozen=True)
class ExceptionFacts:
    """What the client agreed to.

    country: an ISO code, or ORGANISATION. subprocessor_id: only for that one; None: for all.
    from_on: the first day; until_on: the first day without it, None: no end. reference: of the
    document in which the client agreed.
    """

    country: str
    subprocessor_id: int | None
    from_on: date | None
    until_on: date | None
    reference: str
    note: str = ""


def record_country_exception(
    session: Session,
    agreement_id: int,
    facts: ExceptionFacts,
    *,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Record an exception; cases that it unblocks are decided anew.

    Until then their clients were told that the change is not used for them, and had no reason to
    object: their windows run in full from now. The same again changes nothing. zone: the vendor's.
    Raises ProblemsFound at the names of ExceptionFacts, NotFound.
    """
    with transaction(session):
        lock_client_of_agreement(session, agreement_id)
        from_on = _check(session, facts)
        if _find_same(session, agreement_id, facts) is not None:
            return Kept(agreement_id, is_changed=False)
        row = CountryExceptionRow(
            agreement_id=agreement_id,
            country=facts.country,
            subprocessor_id=facts.subprocessor_id,
            from_on=from_on,
            until_on=facts.until_on,
            reference=facts.reference.strip(),
            note=facts.note.strip(),
            recorded_at=at,
            recorded_by=by,
        )
        session.add(row)
        session.flush()
        _append_evidence(session, "country_exception_recorded", row, {"by": by}, actor, at)
        _judge_agreement(session, agreement_id, zone, actor, at)
        return Kept(agreement_id, is_changed=True)


def end_country_exception(
    session: Session,
    agreement_id: int,
    exception_id: int,
    *,
    note: str,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """End an exception today: it is the first day without it. zone: the vendor's.

    Changes that rest on it are blocked (again): open cases are on hold; the outcome of closed ones
    stays, and the subprocessor may not be used for this client any more. Raises ReasonMissing,
    MoveNotAllowed where it has ended, NotFound.
    """
    reason = written_reason(note)
    with transaction(session):
        lock_client_of_agreement(session, agreement_id)
        row = session.get(CountryExceptionRow, exception_id, populate_existing=True)
        if row is None or row.agreement_id != agreement_id:
            raise NotFound
        if row.ended_at is not None:
            raise MoveNotAllowed(reason="This exception has been ended.")
        today = at.astimezone(zone).date()
        row.ended_at, row.ended_by = at, by
        row.until_on = today if row.until_on is None else min(row.until_on, today)
        said = {"by": by, "reason": reason}
        _append_evidence(session, "country_exception_ended", row, said, actor, at)
        _judge_agreement(session, agreement_id, zone, actor, at)
        return Kept(agreement_id, is_changed=True)


def _judge_agreement(
    session: Session, agreement_id: int, zone: ZoneInfo, actor: str, at: datetime
) -> None:
    """Block and unblock the cases of the agreement as its exceptions are now."""
    cases = list_cases_to_judge(session, agreement_id=agreement_id)
    today = at.astimezone(zone).date()
    rejudge_countries(session, cases, today=today, actor=actor, at=at)


def _check(session: Session, facts: ExceptionFacts) -> date:
    """The first day. Raises ProblemsFound, each problem at its field."""
    problems = []
    if facts.country not in COUNTRIES and facts.country != ORGANISATION:
        problems.append(
            Problem("country", "The country is missing.", "Choose where the data may go.")
        )
    if facts.country == ORGANISATION and facts.subprocessor_id is None:
        problems.append(
            Problem(
                "subprocessor_id",
                "An international organisation is excepted by its name only.",
                "Choose the subprocessor.",
            )
        )
    if facts.subprocessor_id and session.get(SubprocessorRow, facts.subprocessor_id) is None:
        raise NotFound
    if facts.from_on is None:
        problems.append(Problem("from_on", "The first day is missing.", "Give it."))
    elif facts.until_on is not None and facts.until_on <= facts.from_on:
        problems.append(
            Problem(
                "until_on",
                "The first day without the exception is not after its first day.",
                "Give a later day, or leave it empty.",
            )
        )
    if not facts.reference.strip():
        problems.append(
            Problem(
                "reference",
                "The document is not named.",
                "Write the reference of the document in which the client agreed.",
            )
        )
    if problems or facts.from_on is None:
        raise ProblemsFound(tuple(problems))
    return facts.from_on


def _find_same(session: Session, agreement_id: int, facts: ExceptionFacts) -> int | None:
    """One that says just this and stands."""
    return session.scalar(
        select(CountryExceptionRow.id).where(
            CountryExceptionRow.agreement_id == agreement_id,
            CountryExceptionRow.country == facts.country,
            CountryExceptionRow.subprocessor_id.is_(None)
            if facts.subprocessor_id is None
            else CountryExceptionRow.subprocessor_id == facts.subprocessor_id,
            CountryExceptionRow.from_on == facts.from_on,
            CountryExceptionRow.until_on.is_(None)
            if facts.until_on is None
            else CountryExceptionRow.until_on == facts.until_on,
            CountryExceptionRow.reference == facts.reference.strip(),
            CountryExceptionRow.ended_at.is_(None),
        )
    )


def _append_evidence(
    session: Session,
    type: str,
    row: CountryExceptionRow,
    said: dict[str, str],
    actor: str,
    at: datetime,
) -> None:
    append_evidence(
        session,
        type,
        actor=actor,
        object_type="agreement",
        object_id=row.agreement_id,
        content={
            "exception": row.id,
            "country": row.country,
            "subprocessor": row.subprocessor_id,
            "from_on": row.from_on,
            "until_on": row.until_on,
            "reference": row.reference,
            **({"note": row.note} if row.note else {}),
            **said,
        },
        at=at,
    )
