"""A service that an agreement buys from a day on: added, or bought again after its end."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.registry_part import (
    Kept,
    append_gathered,
    open_part_of_agreement,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound, Problem, ProblemsFound, RuleError
from subnotify.storage.tables import AgreementRow, AgreementServiceRow, ServiceRow


class AgreementHasEnded(RuleError):
    message = "This agreement has ended."


def buy_service(
    session: Session,
    agreement_id: int,
    service_id: int,
    from_on: date | None,
    *,
    by: str,
    actor: str,
    at: datetime,
    zone: ZoneInfo,
) -> Kept:
    """Add a service from its first day; None: not limited. zone: the vendor's.

    Changes that are announced and concern it are notified late (operations/notify_late.py), each
    with a full window. The same again changes nothing. Raises ProblemsFound at service_id or
    from_on, AgreementHasEnded, NotFound.
    """
    with transaction(session):
        part = open_part_of_agreement(session, agreement_id, by=by, at=at, zone=zone)
        service = session.get(ServiceRow, service_id)
        if service is None:
            raise NotFound
        _require_running(part.get_agreement(agreement_id), part.run.today)
        row = part.agreements.services[agreement_id].get(service_id)
        before = {"from_on": row.from_on, "until_on": row.until_on} if row else None
        after = {"from_on": from_on, "until_on": None}
        if before == after:
            return Kept(agreement_id, is_changed=False)
        if row is None:
            row = AgreementServiceRow(agreement_id=agreement_id, service_id=service_id)
            session.add(row)
        else:
            _require_after_end(row, from_on)
        row.from_on, row.until_on = from_on, None
        said = {"by": by, "service": service.key, "before": before, "after": after}
        fact = NewEvidence("service_bought", "agreement", agreement_id, said)
        append_gathered(part.run, [fact], actor=actor)
        return Kept(agreement_id, is_changed=True)


def _require_running(agreement: AgreementRow, today: date) -> None:
    if agreement.ended_on is not None and agreement.ended_on < today:
        raise AgreementHasEnded


def _require_after_end(row: AgreementServiceRow, from_on: date | None) -> None:
    """A service has one time of use on record: the new one follows the old."""
    if row.until_on is None:
        raise ProblemsFound(
            (
                Problem(
                    "service_id",
                    "The agreement has this service already.",
                    "Choose another one.",
                ),
            )
        )
    if from_on is None or from_on < row.until_on:
        raise ProblemsFound(
            (
                Problem(
                    "from_on",
                    "The agreement had this service before, until %(day)s.",
                    "Give that day or a later one.",
                    (("day", row.until_on.isoformat()),),
                ),
            )
        )
