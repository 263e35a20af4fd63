"""Takes cases for a decision: nobody else decides about them until the transaction ends.

All locks of rows are FOR NO KEY UPDATE (`key_share=True`): a plain FOR UPDATE would also stop
every insert of a row that refers to the locked one, and two operations that lock a notice and its
cases while a third adds a message could then wait for each other for ever. SQLite has one write
lock and ignores all this.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.storage.id_lists import among
from subnotify.storage.tables import CaseRow, NoticeRow, ResponseRow


def lock_case(session: Session, case_id: int) -> CaseRow:
    """The case as it is now. Raises NotFound."""
    row = session.scalar(_locked(select(CaseRow).where(CaseRow.id == case_id)))
    if row is None:
        raise NotFound
    return row


def lock_cases(session: Session, case_ids: Collection[int]) -> Sequence[CaseRow]:
    """Those of these cases that exist, in the order of their ids."""
    query = select(CaseRow).where(among(CaseRow.id, case_ids)).order_by(CaseRow.id)
    return session.scalars(_locked(query)).all()


def lock_cases_of_notice(session: Session, notice_id: int) -> Sequence[CaseRow]:
    """The cases of a notice in the order of their ids: whoever locks several does it so."""
    query = select(CaseRow).where(CaseRow.notice_id == notice_id).order_by(CaseRow.id)
    return session.scalars(_locked(query)).all()


def lock_cases_of_response(session: Session, response_id: int) -> Sequence[CaseRow]:
    """The case a response is about, or all of its notice's. Raises NotFound.

    A response never moves to another case, so it may be read before the cases are locked.
    """
    response = session.get(ResponseRow, response_id)
    if response is None:
        raise NotFound
    if response.case_id is not None:
        return [lock_case(session, response.case_id)]
    return lock_cases_of_notice(session, response.notice_id)


def get_response(session: Session, response_id: int) -> ResponseRow:
    """The response as it is now. Raises NotFound."""
    row = session.get(ResponseRow, response_id, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def get_notice(session: Session, notice_id: int) -> NoticeRow:
    """The notice as it is now. Raises NotFound."""
    row = session.get(NoticeRow, notice_id, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def _locked(query: Select[CaseRow]) -> Select[CaseRow]:
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)
