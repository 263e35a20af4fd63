"""The cases of a release in the order of their agreements, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.storage.tables import CaseRow, ChangeRow, NoticeRow


@dataclass(frozen=True)
class CasePage:
    """next: the agreement after which the next page goes on; None after the last one."""

    case_ids: Sequence[int]
    next: int | None


def list_case_page(session: Session, release_id: int, *, after: int, size: int) -> CasePage:
    """The cases of the next `size` agreements; under each in the order of the changes."""
    notices = (
        select(NoticeRow.id, NoticeRow.agreement_id)
        .where(NoticeRow.release_id == release_id, NoticeRow.agreement_id > after)
        .order_by(NoticeRow.agreement_id)
        .limit(size)
        .subquery()
    )
    rows = session.execute(
        select(notices.c.agreement_id, CaseRow.id)
        .outerjoin(CaseRow, CaseRow.notice_id == notices.c.id)
        .outerjoin(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .order_by(notices.c.agreement_id, ChangeRow.position)
    ).all()
    agreements = {row.agreement_id for row in rows}
    return CasePage(
        [row.id for row in rows if row.id is not None],
        rows[-1].agreement_id if len(agreements) == size else None,
    )
