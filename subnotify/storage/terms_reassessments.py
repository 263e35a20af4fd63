"""Which terms versions the program judges otherwise than it did, and what their clients were told.

terms_versions keeps copies of what the rules say of the terms; a newer program may say otherwise.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import CaseState, MessagePurpose, NoticeState
from subnotify.storage.id_lists import among
from subnotify.storage.tables import (
    BroughtInNoticeRow,
    CaseRow,
    MessageRow,
    NoticeRow,
    SealedMailRow,
    TermsReassessmentRow,
    TermsVersionRow,
)


@dataclass(frozen=True)
class Assessment:
    """What is kept of terms beside them; `digest` stands for equal terms."""

    digest: str
    not_computable: str | None
    is_contradictory: bool
    notice_channels: str


def list_assessments(session: Session) -> dict[Assessment, int]:
    """Every assessment that occurs, each with the id of one version that has it."""
    rows = session.execute(
        select(
            TermsVersionRow.digest,
            TermsVersionRow.not_computable,
            TermsVersionRow.is_contradictory,
            TermsVersionRow.notice_channels,
            func.min(TermsVersionRow.id),
        ).group_by(
            TermsVersionRow.digest,
            TermsVersionRow.not_computable,
            TermsVersionRow.is_contradictory,
            TermsVersionRow.notice_channels,
        )
    )
    return {
        Assessment(digest, code, wrong, channels): number
        for digest, code, wrong, channels, number in rows
    }


def load_terms_mappings(session: Session, terms_ids: Collection[int]) -> dict[int, Any]:
    """Terms as stored, by version."""
    rows = session.execute(
        select(TermsVersionRow.id, TermsVersionRow.terms).where(TermsVersionRow.id.in_(terms_ids))
    )
    return {row.id: row.terms for row in rows}


def rewrite_assessment(
    session: Session, before: Assessment, after: Assessment, *, limit: int
) -> Sequence[int]:
    """Write `after` to up to `limit` versions that say `before`; their ids. Terms stay as they
    are."""
    ids = (
        select(TermsVersionRow.id)
        .where(
            TermsVersionRow.digest == before.digest,
            TermsVersionRow.not_computable.is_not_distinct_from(before.not_computable),
            TermsVersionRow.is_contradictory == before.is_contradictory,
            TermsVersionRow.notice_channels == before.notice_channels,
        )
        .order_by(TermsVersionRow.id)
        .limit(limit)
    )
    found = session.scalars(ids).all()
    if found:
        session.execute(
            update(TermsVersionRow)
            .where(TermsVersionRow.id.in_(found))
            .values(
                digest=after.digest,
                not_computable=after.not_computable,
                is_contradictory=after.is_contradictory,
                notice_channels=after.notice_channels,
            )
            .execution_options(synchronize_session=False)
        )
    return found


def append_reassessments(
    session: Session, terms_ids: Sequence[int], before: str | None, after: str | None, at: datetime
) -> None:
    """Keep since when these versions are computable, or no longer."""
    values = {"before": before, "after": after, "at": at}
    if terms_ids:
        session.execute(
            insert(TermsReassessmentRow), [{"terms_id": x, **values} for x in terms_ids]
        )


def list_unserved_notices(session: Session, terms_ids: Collection[int]) -> Sequence[int]:
    """Notices under these terms that never opened a window and have a case without outcome."""
    return session.scalars(
        select(NoticeRow.id)
        .where(
            NoticeRow.terms_id.in_(terms_ids),
            NoticeRow.state != NoticeState.SERVED.value,
            NoticeRow.window.is_(None),
            exists().where(
                CaseRow.notice_id == NoticeRow.id, CaseRow.state != CaseState.CLOSED.value
            ),
        )
        .order_by(NoticeRow.id)
    ).all()


def list_unsettled_cases(session: Session, notice_ids: Collection[int]) -> Sequence[int]:
    """Cases of these notices without an outcome."""
    return session.scalars(
        select(CaseRow.id)
        .where(CaseRow.notice_id.in_(notice_ids), CaseRow.state != CaseState.CLOSED.value)
        .order_by(CaseRow.id)
    ).all()


def list_told_no_deadline(session: Session, notice_ids: Collection[int]) -> frozenset[int]:
    """Those of these notices whose present serving was given while no deadline could be computed
    from the terms: a mail that says so was built, it was brought in, or (without any mail) the
    release was published then. One that had a window before is not among them."""
    given_at = func.coalesce(
        SealedMailRow.sealed_at,
        BroughtInNoticeRow.at,
        case((MessageRow.id.is_(None), NoticeRow.created_at)),
    )
    learnt_later = exists().where(
        TermsReassessmentRow.terms_id == TermsVersionRow.id,
        TermsReassessmentRow.before.is_not(None),
        TermsReassessmentRow.after.is_(None),
        TermsReassessmentRow.at > given_at,
    )
    found = session.scalars(
        select(NoticeRow.id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .outerjoin(
            MessageRow,
            and_(
                MessageRow.notice_id == NoticeRow.id,
                MessageRow.purpose == MessagePurpose.NOTICE.value,
                MessageRow.serving_number == NoticeRow.serving_number,
            ),
        )
        .outerjoin(SealedMailRow, SealedMailRow.message_id == MessageRow.id)
        .outerjoin(BroughtInNoticeRow, BroughtInNoticeRow.message_id == MessageRow.id)
        .where(
            among(NoticeRow.id, notice_ids),
            NoticeRow.window.is_(None),
            given_at.is_not(None),
            or_(TermsVersionRow.not_computable.is_not(None), learnt_later),
        )
        .distinct()
    )
    return frozenset(found)
