"""One step for many cases: legal's bulk actions on the board.

What was seen when the step was confirmed may be gone by now, so every case is judged anew here; a
case that the step does not fit is left out, with the reason, and stops none of the others.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.clear_hold import clear_hold
from subnotify.operations.read_response import mark_response_read
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.case_facts import WAITS_TO_BE_READ
from subnotify.rules.errors import RuleError
from subnotify.rules.words import CaseState, HoldReason, ResponseState
from subnotify.storage.case_locks import lock_cases
from subnotify.storage.id_lists import among
from subnotify.storage.tables import CaseRow, OperatorRow, ResponseRow

MOST_AT_ONCE = 500


class UnknownOwner(RuleError):
    message = "Only an operator who is active can look after cases. Choose one of the list."


class TooManyAtOnce(RuleError):
    message = "At most %(most)s cases are taken at once. Take fewer, then do the rest."


class CaseGone(RuleError):
    message = "This case is not there (any more)."


class CaseIsClosed(RuleError):
    message = "The case is closed by now."


class AlreadyOwned(RuleError):
    message = "Its owner was this one already."


class NothingToRead(RuleError):
    message = "Nothing of this client waits to be read (any more)."


@dataclass(frozen=True)
class LeftOut:
    case_id: int
    why: RuleError


@dataclass(frozen=True)
class ManyDone:
    """done: ids of the cases for which the step was taken."""

    done: Sequence[int]
    left_out: Sequence[LeftOut]


def assign_cases(
    session: Session,
    case_ids: Collection[int],
    owner: str | None,
    *,
    by: str,
    actor: str,
    at: datetime,
) -> ManyDone:
    """Give open cases an owner, an operator's name; None: nobody looks after them any more.

    All in one transaction. Raises UnknownOwner, TooManyAtOnce.
    """
    _refuse_too_many(case_ids)
    with transaction(session):
        if owner is not None and not _is_active(session, owner):
            raise UnknownOwner
        rows = {row.id: row for row in lock_cases(session, case_ids)}
        left_out = [
            LeftOut(number, why)
            for number in sorted(set(case_ids))
            if (why := _why_not_assigned(rows.get(number), owner)) is not None
        ]
        done = sorted(set(rows) - {one.case_id for one in left_out})
        session.execute(
            update(CaseRow)
            .where(among(CaseRow.id, done))
            .values(owner=owner)
            .execution_options(synchronize_session=False)
        )
        facts = [
            NewEvidence("case_assigned", "case", number, {"owner": owner or "", "by": by})
            for number in done
        ]
        append_evidence_many(session, facts, actor=actor, at=at)
    return ManyDone(done, left_out)


def read_replies_of_cases(
    session: Session, case_ids: Collection[int], *, by: str, actor: str, at: datetime
) -> ManyDone:
    """Mark what clients asked or said of these cases as read, each response in its own
    transaction. Raises TooManyAtOnce."""

    def read(case_id: int) -> None:
        for response_id in _unread(session, case_id):
            mark_response_read(session, response_id, by=by, actor=actor, at=at)

    return _each(session, case_ids, read)


def clear_hold_of_cases(
    session: Session,
    case_ids: Collection[int],
    reason: HoldReason,
    *,
    note: str,
    by: str,
    actor: str,
    at: datetime,
) -> ManyDone:
    """Clear one hold of these cases, each in its own transaction, where the rules allow it.

    Raises ReasonMissing, TooManyAtOnce.
    """
    why = written_reason(note)
    return _each(
        session,
        case_ids,
        lambda case_id: clear_hold(session, case_id, reason, note=why, by=by, actor=actor, at=at),
    )


def _each(session: Session, case_ids: Collection[int], step: Callable[[int], None]) -> ManyDone:
    _refuse_too_many(case_ids)
    done, left_out = [], []
    for case_id in sorted(set(case_ids)):
        try:
            _require_open(session, case_id)
            step(case_id)
        except RuleError as why:
            session.rollback()
            left_out.append(LeftOut(case_id, why))
        else:
            done.append(case_id)
    return ManyDone(done, left_out)


def _require_open(session: Session, case_id: int) -> None:
    state = session.scalar(select(CaseRow.state).where(CaseRow.id == case_id))
    if state is None:
        raise CaseGone
    if state == CaseState.CLOSED.value:
        raise CaseIsClosed


def _why_not_assigned(row: CaseRow | None, owner: str | None) -> RuleError | None:
    if row is None:
        return CaseGone()
    if row.state == CaseState.CLOSED.value:
        return CaseIsClosed()
    return AlreadyOwned() if row.owner == owner else None


def _is_active(session: Session, name: str) -> bool:
    query = select(OperatorRow.id).where(OperatorRow.name == name, OperatorRow.active.is_(True))
    return session.scalar(query) is not None


def _unread(session: Session, case_id: int) -> Sequence[int]:
    """Responses about the case, or about its whole notice. Raises NothingToRead."""
    found = session.scalars(
        select(ResponseRow.id)
        .join(CaseRow, CaseRow.notice_id == ResponseRow.notice_id)
        .where(
            CaseRow.id == case_id,
            (ResponseRow.case_id == case_id) | ResponseRow.case_id.is_(None),
            ResponseRow.kind.in_([kind.value for kind in WAITS_TO_BE_READ]),
            ResponseRow.state == ResponseState.EFFECTIVE.value,
            ResponseRow.read_at.is_(None),
        )
        .order_by(ResponseRow.id)
    ).all()
    if not found:
        raise NothingToRead
    return found


def _refuse_too_many(case_ids: Collection[int]) -> None:
    if len(set(case_ids)) > MOST_AT_ONCE:
        raise TooManyAtOnce(most=MOST_AT_ONCE)
