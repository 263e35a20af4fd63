"""The cases that a later commencement touches."""

from typing import Any

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import HoldReason, NoticeState, Outcome
from subnotify.storage.overtaken_mails import may_have_heard
from subnotify.storage.tables import CaseRow, NoticeRow, TermsVersionRow

# The change is not used for such a client whenever it commences.
_NOT_CONCERNED = [
    outcome.value
    for outcome in (
        Outcome.ACCOMMODATED,
        Outcome.NOT_AUTHORISED,
        Outcome.TERMINATED,
        Outcome.AGREEMENT_ENDED,
        Outcome.CHANGE_WITHDRAWN,
    )
]


def list_running(session: Session, change_id: int) -> list[Row[Any]]:
    """Cases of the change whose window runs: id, window (its own or its notice's), closes_at,
    silence_after_at, served_at, terms; locked in the order of their ids."""
    return list(
        session.execute(
            _running(change_id).order_by(CaseRow.id).with_for_update(key_share=True, of=CaseRow)
        )
    )


def find_running(session: Session, change_id: int, case_id: int) -> Row[Any] | None:
    """The same of one case, which is only read; None where its window does not run."""
    return session.execute(_running(change_id).where(CaseRow.id == case_id)).first()


def _running(change_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            CaseRow.id,
            func.coalesce(CaseRow.window, NoticeRow.window).label("window"),
            CaseRow.closes_at,
            CaseRow.silence_after_at,
            NoticeRow.served_at,
            TermsVersionRow.terms,
        )
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(
            CaseRow.change_id == change_id,
            CaseRow.outcome.is_(None),
            CaseRow.closes_at.is_not(None),
            NoticeRow.state == NoticeState.SERVED.value,
        )
    )


def list_too_late(session: Session, change_id: int) -> list[int]:
    """Ids of the notices of this change that came too late for any window."""
    return list(
        session.scalars(
            select(NoticeRow.id)
            .join(CaseRow, CaseRow.notice_id == NoticeRow.id)
            .where(
                CaseRow.change_id == change_id,
                NoticeRow.state == NoticeState.NOT_SERVED.value,
                NoticeRow.failure_reason == HoldReason.NOTICE_TOO_LATE.value,
            )
            .order_by(NoticeRow.id)
        )
    )


def list_told_of_postponement(session: Session, change_id: int) -> list[int]:
    """Ids of the cases whose clients the change still concerns, and of which somebody may have
    heard of it, or will by what is sealed and names the former day."""
    return list(session.scalars(_told(change_id).order_by(CaseRow.id)))


def find_told_of_postponement(session: Session, change_id: int) -> int | None:
    """One of them, best one in which nobody spoke: most clients get the same mail as that."""
    return session.scalar(_told(change_id).order_by(CaseRow.is_quiet.desc(), CaseRow.id).limit(1))


def _told(change_id: int) -> Select[int]:
    return (
        select(CaseRow.id)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(
            CaseRow.change_id == change_id,
            or_(CaseRow.outcome.is_(None), CaseRow.outcome.not_in(_NOT_CONCERNED)),
            or_(NoticeRow.dispatched_at.is_not(None), may_have_heard()),
        )
    )
