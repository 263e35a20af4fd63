"""Personal links: which notice a token opens, and as which contact."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from subnotify.rules.words import ContactKind, MessagePurpose
from subnotify.storage.tables import AgreementContactRow, ContactRow, MessageRow, NoticeRow


@dataclass(frozen=True)
class NoticeLink:
    """What a link opens. The purpose of its message says what it may do.

    contact_kind: notice while the contact is still designated, by the address that was written
    to; else copy: who was replaced by letter may object, but gives nothing up any more.
    response_id: of a receipt, the response it acknowledges.
    """

    message_id: int
    purpose: MessagePurpose
    notice_id: int
    contact_id: int
    contact_kind: ContactKind
    contact_name: str
    contact_email: str
    response_id: int | None


def find_link(session: Session, digest: str) -> NoticeLink | None:
    """The link whose token has this SHA-256; None for an unknown or a revoked one."""
    row = session.execute(
        select(
            MessageRow.id,
            MessageRow.purpose,
            MessageRow.notice_id,
            MessageRow.contact_id,
            MessageRow.to_address,
            MessageRow.response_id,
            ContactRow.name,
            _still_designated().label("is_designated"),
        )
        .join(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(
            MessageRow.link_digest == digest,
            MessageRow.link_revoked_at.is_(None),
            MessageRow.notice_id.is_not(None),
        )
    ).one_or_none()
    if row is None:
        return None
    return NoticeLink(
        message_id=row.id,
        purpose=MessagePurpose(row.purpose),
        notice_id=row.notice_id,
        contact_id=row.contact_id,
        contact_kind=ContactKind.NOTICE if row.is_designated else ContactKind.COPY,
        contact_name=row.name,
        # The address that was written to, even if the contact's changed since.
        contact_email=row.to_address or "",
        response_id=row.response_id,
    )


def _still_designated() -> ColumnElement[bool]:
    named = exists().where(
        AgreementContactRow.agreement_id == NoticeRow.agreement_id,
        AgreementContactRow.contact_id == MessageRow.contact_id,
        AgreementContactRow.kind == ContactKind.NOTICE.value,
        AgreementContactRow.ended_on.is_(None),
        NoticeRow.id == MessageRow.notice_id,
    )
    return and_(
        MessageRow.contact_kind == ContactKind.NOTICE.value,
        ContactRow.email == MessageRow.to_address,
        named,
    )


def lock_notice(session: Session, notice_id: int) -> None:
    """Let answers to one notice wait for each other until the transaction ends."""
    session.execute(
        select(NoticeRow.id).where(NoticeRow.id == notice_id).with_for_update(key_share=True)
    ).one()
