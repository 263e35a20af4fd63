"""Notices and cases of a release, written set-based: no row passes through Python.

All of it happens in the releasing operation's transaction (DESIGN section 12, bulk).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    JSON,
    ColumnElement,
    CursorResult,
    Select,
    String,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from subnotify.rules.case_facts import Standing
from subnotify.rules.releases import FAILURES, Unservable
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    NoticeState,
)
from subnotify.storage.concerned import agreements_buying, concerned
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ClientRow,
    NoticeRow,
    TermsVersionRow,
    UtcDateTime,
)

CHUNK = 500
_NOTICES = cast(Table, NoticeRow.__table__)
_CASES = cast(Table, CaseRow.__table__)


@dataclass(frozen=True)
class StartingGroup:
    """Notices of a release that share terms and failure; terms_id stands for all of them."""

    digest: str | None
    terms_id: int | None
    failure: HoldReason | None
    notices: int


def insert_notices(
    session: Session,
    release_id: int,
    number: str,
    change_ids: Sequence[int],
    failure_texts: Mapping[Unservable, str],
    *,
    on: date,
    at: datetime,
    only_missing: bool = False,
) -> int:
    """One notice per agreement that any of the changes concerns; how many.

    only_missing: leave out those that have a notice of this release already. failure_texts: what
    a notice says that cannot be served, for each key of FAILURES.
    """
    found = concerned(change_ids, on)
    problem = found.c.serving_problem
    source = select(
        literal(f"{number}-") + _five_digits(found.c.id),
        literal(release_id),
        found.c.id,
        found.c.terms_id,
        found.c.language,
        case((problem.is_(None), NoticeState.QUEUED.value), else_=NoticeState.NOT_SERVED.value),
        literal(1),
        _translated(problem, {key.value: hold.value for key, hold in FAILURES.items()}),
        _translated(problem, {key.value: text for key, text in failure_texts.items()}),
        literal(at, UtcDateTime()),
    )
    if only_missing:
        has_notice = select(NoticeRow.agreement_id).where(NoticeRow.release_id == release_id)
        source = source.where(found.c.id.not_in(has_notice))
    source = source.order_by(found.c.id)
    columns = (
        *("reference", "release_id", "agreement_id", "terms_id", "language", "state"),
        *("serving_number", "failure_reason", "failure", "created_at"),
    )
    return _run(session, insert(_NOTICES).from_select(columns, source))


def insert_cases(
    session: Session,
    release_id: int,
    change_id: int,
    *,
    on: date,
    notices_made_at: datetime | None = None,
) -> int:
    """One case per agreement that this change concerns, waiting for its notice; how many.

    notices_made_at: only of the notices made then (a few among many: see `made_at`).
    """
    source = (
        select(
            literal(change_id),
            NoticeRow.agreement_id,
            NoticeRow.id,
            literal(CaseState.WAITING.value),
            literal([], JSON()),
            literal(True),
            ClientRow.country,
            NoticeRow.language,
        )
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(
            NoticeRow.release_id == release_id,
            made_at(notices_made_at),
            NoticeRow.agreement_id.in_(agreements_buying([change_id], on)),
        )
        .order_by(NoticeRow.id)
    )
    columns = (
        *("change_id", "agreement_id", "notice_id", "state", "holds", "is_quiet"),
        *("country", "language"),
    )
    return _run(session, insert(_CASES).from_select(columns, source))


def list_starting_groups(session: Session, release_id: int) -> tuple[StartingGroup, ...]:
    """The notices of a release by terms and failure: all cases of a group start alike."""
    rows = session.execute(
        select(
            TermsVersionRow.digest,
            func.min(TermsVersionRow.id),
            NoticeRow.failure_reason,
            func.count(),
        )
        .select_from(NoticeRow)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(NoticeRow.release_id == release_id)
        .group_by(TermsVersionRow.digest, NoticeRow.failure_reason)
    )
    return tuple(
        StartingGroup(digest, terms_id, HoldReason(failure) if failure else None, number)
        for digest, terms_id, failure, number in rows
    )


def set_starting_standing(
    session: Session,
    release_id: int,
    change_id: int,
    standing: Standing,
    groups: Sequence[StartingGroup],
    *,
    only_blocked: bool = False,
) -> None:
    """Write the standing of the cases whose notices are in these groups, or of the blocked ones
    among them."""
    meant = CaseRow.blocked_countries != "" if only_blocked else true()
    for start in range(0, len(groups), CHUNK):
        notices = notices_in_groups(release_id, groups[start : start + CHUNK])
        session.execute(
            update(_CASES)
            .where(CaseRow.change_id == change_id, CaseRow.notice_id.in_(notices), meant)
            .values(state=standing.state.value, holds=[hold.value for hold in standing.holds])
        )


def notices_in_groups(release_id: int, groups: Sequence[StartingGroup]) -> Select[int]:
    """Ids of the notices of a release that are in these groups."""
    return (
        select(NoticeRow.id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(NoticeRow.release_id == release_id, or_(*(_in_group(group) for group in groups)))
    )


def made_at(instant: datetime | None) -> ColumnElement[bool]:
    """Notices made at one instant; all where none is given.

    Never said for a whole release: it would be true of every row, but PostgreSQL expects few
    rows from it, and joins tens of thousands one by one.
    """
    return true() if instant is None else NoticeRow.created_at == instant


@dataclass(frozen=True)
class WrittenNotice:
    agreement_id: int
    reference: str
    terms_id: int | None
    is_hindered: bool


def list_written_notices(session: Session, release_id: int) -> tuple[WrittenNotice, ...]:
    """The notices of a release by agreement; hindered: not servable, or no deadline computable."""
    rows = session.execute(
        select(
            NoticeRow.agreement_id,
            NoticeRow.reference,
            NoticeRow.terms_id,
            or_(
                NoticeRow.failure_reason.is_not(None),
                NoticeRow.terms_id.is_(None),
                TermsVersionRow.not_computable.is_not(None),
            ).label("is_hindered"),
        )
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(NoticeRow.release_id == release_id)
        .order_by(NoticeRow.agreement_id)
    )
    return tuple(WrittenNotice(*row) for row in rows)


def _in_group(group: StartingGroup) -> ColumnElement[bool]:
    failure = group.failure.value if group.failure else None
    return and_(
        TermsVersionRow.digest.is_(None)
        if group.digest is None
        else TermsVersionRow.digest == group.digest,
        NoticeRow.failure_reason.is_(None)
        if failure is None
        else NoticeRow.failure_reason == failure,
    )


def _translated(column: ColumnElement[Any], values: Mapping[str, str]) -> ColumnElement[Any]:
    return case(*((column == key, value) for key, value in values.items()), else_=null())


def _five_digits(number: ColumnElement[int]) -> ColumnElement[str]:
    """ "00042"; a longer number keeps all its digits."""
    digits = sql_cast(number, String())
    padded = func.substr(literal("00000").concat(digits), func.length(digits) + 1)
    return case((number < 100_000, padded), else_=digits)


def _run(session: Session, statement: Any) -> int:
    # An INSERT keeps its count only when asked to (on PostgreSQL).
    options = {"preserve_rowcount": True}
    return cast("CursorResult[Any]", session.execute(statement, execution_options=options)).rowcount
