"""End a service of an agreement on a day, or take such an end back."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.registry_part import (
    Kept,
    append_gathered,
    open_part_of_agreement,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound, Problem, ProblemsFound, RuleError
from subnotify.rules.words import SettlementKind
from subnotify.storage.case_decisions import settlements_by_case
from subnotify.storage.tables import AgreementServiceRow, CaseRow, ServiceRow


class ServiceTerminated(RuleError):
    message = "The client terminated this service: its end stands. If it buys it anew, add it."


def end_service(
    session: Session,
    agreement_id: int,
    service_id: int,
    until_on: date | None,
    *,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Record the first day without the service; None: it has no end (any more).

    Running cases stay as they are: what a client is asked about a change does not end with one
    service. The same again changes nothing. zone: the vendor's. Raises ProblemsFound at until_on,
    ServiceTerminated, NotFound.
    """
    with transaction(session):
        part = open_part_of_agreement(session, agreement_id, by=by, at=at, zone=zone)
        row = part.agreements.services[agreement_id].get(service_id)
        if row is None:
            raise NotFound
        before = row.until_on
        if before == until_on:
            return Kept(agreement_id, is_changed=False)
        service = session.get_one(ServiceRow, service_id)
        _require_possible(session, row, service.key, until_on)
        row.until_on = until_on
        said = {
            "by": by,
            "service": service.key,
            "before": {"until_on": before},
            "after": {"until_on": until_on},
        }
        fact = NewEvidence("service_end_recorded", "agreement", agreement_id, said)
        append_gathered(part.run, [fact], actor=actor)
        return Kept(agreement_id, is_changed=True)


def _require_possible(
    session: Session, row: AgreementServiceRow, key: str, until_on: date | None
) -> None:
    if row.from_on and until_on and until_on < row.from_on:
        raise ProblemsFound(
            (
                Problem(
                    "until_on",
                    "The service ends before it begins.",
                    "Correct the day.",
                ),
            )
        )
    later = until_on is None or (row.until_on is not None and until_on > row.until_on)
    if row.until_on is not None and later and _is_terminated(session, row.agreement_id, key):
        raise ServiceTerminated


def _is_terminated(session: Session, agreement_id: int, key: str) -> bool:
    """A termination that stands names the service (DESIGN section 3 item 13)."""
    cases = session.scalars(select(CaseRow.id).where(CaseRow.agreement_id == agreement_id)).all()
    # A later settlement of the same case took its place.
    standing = settlements_by_case(session, cases).values()
    return any(x.kind == SettlementKind.TERMINATED and key in x.services for x in standing)
