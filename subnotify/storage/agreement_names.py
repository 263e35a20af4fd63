"""How people call an agreement: its client and its reference."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.storage.tables import AgreementRow, ClientRow, NoticeRow


def name_agreements(session: Session, agreement_ids: Iterable[int]) -> dict[int, str]:
    """ "Client (reference)" by agreement id, in the order of the clients' names."""
    rows = session.execute(
        select(AgreementRow.id, ClientRow.name, AgreementRow.reference)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(AgreementRow.id.in_(list(agreement_ids)))
        .order_by(ClientRow.name, AgreementRow.id)
    )
    return {row.id: f"{row.name} ({row.reference})" for row in rows}


def agreement_of_notices(session: Session, notice_ids: Iterable[int]) -> dict[int, str]:
    """The references of the agreements that notices were given under, by notice id."""
    rows = session.execute(
        select(NoticeRow.id, AgreementRow.reference)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .where(NoticeRow.id.in_(list(notice_ids)))
    )
    return {row.id: row.reference for row in rows}
