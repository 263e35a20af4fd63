"""Reads what the commencement gates of changes rest on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, false, func, not_, or_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from subnotify.rules.allowed_countries import read_countries
from subnotify.rules.cases import NOT_USED
from subnotify.rules.gates import KEEPS_THE_OLD, STOPS_EARLY_USE, CaseTally
from subnotify.rules.words import CaseState, ChangeState, HoldReason, Outcome, VendorRole
from subnotify.storage.concerned import (
    agreement_is_active,
    agreements_buying,
    service_is_bought,
)
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    ChangeServiceRow,
    ClientRow,
    NoticeRow,
    ReleaseRow,
)

# Nothing waits for the lead time of these: the change is not used for the client anyway.
_NEVER_USED = [x.value for x in (*NOT_USED, Outcome.CHANGE_WITHDRAWN, Outcome.AGREEMENT_ENDED)]

_GONE = [x.value for x in (Outcome.TERMINATED, Outcome.CHANGE_WITHDRAWN, Outcome.AGREEMENT_ENDED)]


# `rules.releases.notifies` as SQL: the vendor is processor for the entry, or was until now.
_TOLD = (ChangeRow.facts, ChangeRow.before_facts)

_CLIENT_COLUMNS: tuple[Any, ...] = (
    CaseRow.id,
    ClientRow.name,
    AgreementRow.reference,
    NoticeRow.reference,
    CaseRow.state,
    CaseRow.holds,
    CaseRow.outcome,
    CaseRow.closes_at,
    CaseRow.gated_out_at,
    CaseRow.gated_out_note,
    CaseRow.lead_ends_at,
    CaseRow.early_use_at,
    CaseRow.blocked_countries,
    CaseRow.agreement_id,
)


@dataclass(frozen=True)
class GateClient:
    """One case as the gate's page shows it."""

    case_id: int
    client: str
    agreement: str
    notice_reference: str
    state: CaseState
    holds: tuple[HoldReason, ...]
    outcome: Outcome | None
    closes_at: datetime | None
    gated_out_at: datetime | None
    gated_out_note: str | None
    lead_ends_at: datetime | None
    early_use_at: datetime | None
    blocked_countries: tuple[str, ...]
    agreement_id: int

    def is_lead_over(self, at: datetime) -> bool:
        """Passed, waived, or none."""
        ends = [x for x in (self.lead_ends_at, self.early_use_at) if x is not None]
        return self.lead_ends_at is None or min(ends) <= at


def is_blocked() -> ColumnElement[bool]:
    """The agreement does not allow a country, so the change is kept away from the client whatever
    the outcome says; nothing is left to keep where the client is gone: as SQL."""
    over = or_(CaseRow.outcome.is_(None), CaseRow.outcome.not_in(_GONE))
    return and_(CaseRow.blocked_countries != "", over)


def lead_is_over(at: datetime) -> ColumnElement[bool]:
    """The case's lead time has passed, is waived, or there is none: `is_lead_over` as SQL."""
    return or_(
        CaseRow.lead_ends_at.is_(None),
        CaseRow.lead_ends_at <= at,
        and_(CaseRow.early_use_at.is_not(None), CaseRow.early_use_at <= at),
    )


def uses_early(at: datetime) -> ColumnElement[bool]:
    """`rules.gates.may_use_early` as SQL, for cases in bulk."""
    holds = sql_cast(CaseRow.holds, String)
    stopped = or_(false(), *(holds.contains(f'"{x.value}"') for x in sorted(STOPS_EARLY_USE)))
    return and_(
        CaseRow.early_use_at.is_not(None),
        CaseRow.early_use_at <= at,
        or_(
            CaseRow.state == CaseState.OPEN.value,
            and_(CaseRow.state == CaseState.HOLD.value, not_(stopped)),
        ),
    )


def tally_cases(
    session: Session, change_ids: Iterable[int], *, on: date, at: datetime
) -> dict[int, list[CaseTally]]:
    """How the cases of each change stand at `at`, in two grouped queries for all of them.

    An agreement that an announced change concerns on the day `on` and that has no case (it was
    signed, or bought the service, since the release) counts as a case that waits for its notice.
    """
    ids = list(change_ids)
    cases = (
        select(
            CaseRow.change_id,
            CaseRow.state,
            CaseRow.outcome,
            _flag(CaseRow.gated_out_at.is_not(None)).label("gated_out"),
            _flag(lead_is_over(at)).label("lead_over"),
            _flag(uses_early(at)).label("early"),
            _flag(CaseRow.blocked_countries != "").label("blocked"),
        )
        .where(CaseRow.change_id.in_(ids))
        .subquery()
    )
    rows: Iterable[Any] = session.execute(
        select(*cases.c, func.count().label("number")).group_by(*cases.c)
    )
    tallies: dict[int, list[CaseTally]] = defaultdict(list)
    for row in rows:
        tallies[row.change_id].append(
            CaseTally(
                CaseState(row.state),
                Outcome(row.outcome) if row.outcome else None,
                bool(row.gated_out),
                row.number,
                bool(row.lead_over),
                bool(row.early),
                bool(row.blocked),
            )
        )
    for change_id, count in count_unnotified(session, ids, on).items():
        tallies[change_id].append(CaseTally(CaseState.WAITING, None, False, count))
    return tallies


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def count_unnotified(session: Session, change_ids: Sequence[int], on: date) -> dict[int, int]:
    """How many agreements each announced change concerns on that day without having a case."""
    has_case = (
        select(CaseRow.id)
        .where(
            CaseRow.change_id == ChangeRow.id,
            CaseRow.agreement_id == AgreementServiceRow.agreement_id,
        )
        .exists()
    )
    rows = session.execute(
        select(ChangeRow.id, func.count(AgreementServiceRow.agreement_id.distinct()))
        .join(ChangeServiceRow, ChangeServiceRow.change_id == ChangeRow.id)
        .join(AgreementServiceRow, AgreementServiceRow.service_id == ChangeServiceRow.service_id)
        .join(AgreementRow, AgreementRow.id == AgreementServiceRow.agreement_id)
        .where(
            ChangeRow.id.in_(change_ids),
            ChangeRow.state == ChangeState.RELEASED.value,
            or_(*(x["role"].as_string() == VendorRole.PROCESSOR.value for x in _TOLD)),
            agreement_is_active(on),
            service_is_bought(on),
            ~has_case,
        )
        .group_by(ChangeRow.id)
    )
    return dict(rows.all())


def list_announced(session: Session) -> list[tuple[int, int, str]]:
    """Changes announced and neither in force nor withdrawn: id, release id, release number."""
    rows = session.execute(
        select(ChangeRow.id, ReleaseRow.id, ReleaseRow.number)
        .join(ReleaseRow, ReleaseRow.id == ChangeRow.release_id)
        .where(ChangeRow.state == ChangeState.RELEASED.value)
        .order_by(ReleaseRow.id, ChangeRow.id)
    )
    return [(change_id, release_id, number or "") for change_id, release_id, number in rows]


def list_changes_due(session: Session, until_on: date) -> list[int]:
    """Released changes that commence by themselves and whose day is `until_on` or before."""
    return list(
        session.scalars(
            select(ChangeRow.id)
            .where(
                ChangeRow.state == ChangeState.RELEASED.value,
                ChangeRow.commences_by_itself.is_(True),
                ChangeRow.commencement_on <= until_on,
            )
            .order_by(ChangeRow.commencement_on, ChangeRow.id)
        )
    )


def lock_change(session: Session, change_id: int) -> ChangeRow | None:
    """The change as it is now, kept from other writers until the transaction ends."""
    return session.get(
        ChangeRow, change_id, populate_existing=True, with_for_update={"key_share": True}
    )


def is_old_kept(session: Session, change_id: int, *, on: date, at: datetime) -> bool:
    """Whether some client keeps what the change replaces, amends or removes, at `at`; on: the
    vendor's day, on which its agreement runs and buys a service that the change concerns."""
    waits = or_(CaseRow.outcome.is_(None), not_(lead_is_over(at)))
    kept = or_(
        CaseRow.outcome.in_([outcome.value for outcome in KEEPS_THE_OLD]),
        and_(waits, CaseRow.gated_out_at.is_not(None)),
        is_blocked(),
    )
    query = select(CaseRow.id).where(
        CaseRow.change_id == change_id,
        kept,
        CaseRow.agreement_id.in_(agreements_buying([change_id], on)),
    )
    return session.scalar(query.limit(1)) is not None


def list_gate_clients(
    session: Session,
    change_id: int,
    *,
    only_unsettled: bool,
    offset: int,
    limit: int,
    at: datetime,
) -> Sequence[GateClient]:
    """Cases of a change by client: all of them, or those without an outcome, whose lead time is
    not over at `at`, or whose agreement does not allow a country."""
    query = _clients_of(change_id).offset(offset).limit(limit)
    if only_unsettled:
        query = query.where(or_(CaseRow.outcome.is_(None), _waits_for_lead(at), is_blocked()))
    return [_gate_client(row) for row in session.execute(query)]


def list_withheld(
    session: Session, change_id: int, *, offset: int, limit: int, at: datetime
) -> list[GateClient]:
    """Cases whose clients the change must not be used for at `at`, by client, whatever keeps it
    from them: not settled, settled so, the lead time, or a country that is not allowed."""
    withheld = or_(
        and_(CaseRow.outcome.is_(None), not_(uses_early(at))),
        CaseRow.outcome.in_([x.value for x in NOT_USED]),
        _waits_for_lead(at),
        is_blocked(),
    )
    query = _clients_of(change_id).where(withheld).offset(offset).limit(limit)
    return [_gate_client(row) for row in session.execute(query)]


def _waits_for_lead(at: datetime) -> ColumnElement[bool]:
    return and_(not_(lead_is_over(at)), CaseRow.outcome.not_in(_NEVER_USED))


def _clients_of(change_id: int) -> Select[Any]:
    return (
        select(*_CLIENT_COLUMNS)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(CaseRow.change_id == change_id)
        .order_by(ClientRow.name, CaseRow.id)
    )


def _gate_client(row: Any) -> GateClient:
    return GateClient(
        case_id=row[0],
        client=row[1],
        agreement=row[2],
        notice_reference=row[3],
        state=CaseState(row[4]),
        holds=tuple(HoldReason(hold) for hold in row[5]),
        outcome=Outcome(row[6]) if row[6] else None,
        closes_at=row[7],
        gated_out_at=row[8],
        gated_out_note=row[9],
        lead_ends_at=row[10],
        early_use_at=row[11],
        blocked_countries=read_countries(row[12]),
        agreement_id=row[13],
    )
