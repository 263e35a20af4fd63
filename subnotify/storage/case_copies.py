"""What cases copy of their clients and notices, for the board to filter by."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from subnotify.storage.id_lists import among
from subnotify.storage.tables import AgreementRow, CaseRow, ClientRow, NoticeRow


def copy_countries(session: Session, client_ids: Collection[int]) -> None:
    """These clients may have another country now."""
    named = select(AgreementRow.id).where(among(AgreementRow.client_id, client_ids))
    copy_filters(session, CaseRow.agreement_id.in_(named))


def copy_filters(session: Session, which: ColumnElement[bool]) -> None:
    """Write the copies anew for the cases of this condition."""
    country = (
        select(ClientRow.country)
        .join(AgreementRow, AgreementRow.client_id == ClientRow.id)
        .where(AgreementRow.id == CaseRow.agreement_id)
        .scalar_subquery()
    )
    language = select(NoticeRow.language).where(NoticeRow.id == CaseRow.notice_id).scalar_subquery()
    session.execute(
        update(CaseRow)
        .where(which)
        .values(country=country, language=language)
        .execution_options(synchronize_session=False)
    )
