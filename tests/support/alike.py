"""Two notices of one release to one mailbox, under two agreements of one client."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ContactRow,
    MessageRow,
    NoticeRow,
)
from tests.support.scenario import Announced


def same_client(
    session: Session,
    first: Announced,
    second: Announced,
    *,
    is_same: bool = True,
    mailbox: str = "",
    contact_kind: str = "",
) -> None:
    """Make `second` a notice of the release of `first`, to its client and its first contact's
    mailbox. is_same: false leaves it another client's. mailbox, contact_kind: other ones."""
    notice = session.get_one(NoticeRow, first.notice_id)
    agreement = session.get_one(AgreementRow, notice.agreement_id)
    changes = session.scalars(
        select(CaseRow.change_id).where(CaseRow.notice_id == first.notice_id).order_by(CaseRow.id)
    ).all()
    session.get_one(NoticeRow, second.notice_id).release_id = notice.release_id
    for case_id, change_id in zip(second.case_ids, changes, strict=True):
        session.get_one(CaseRow, case_id).change_id = change_id
    if is_same:
        session.get_one(AgreementRow, second.agreement_id).client_id = agreement.client_id
    address = mailbox or session.get_one(ContactRow, first.contact_ids[0]).email
    session.get_one(ContactRow, second.contact_ids[0]).email = address
    message = session.get_one(MessageRow, second.message_ids[0])
    message.to_address = address
    if contact_kind:
        message.contact_kind = contact_kind
    session.flush()
    session.commit()
