"""Personal links: which notice a token opens, and as which contact."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import ContactKind, MessagePurpose
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    PortalLinkRow,
    PortalSessionRow,
)


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


def find_link(session: Session, digest: str, *, at: datetime) -> NoticeLink | None:
    """The link whose token has this SHA-256; None for an unknown or a revoked one.

    A link that the portal made opens what its message opens, while its session lasts at `at`.
    """
    row = session.execute(_links().where(MessageRow.link_digest == digest)).one_or_none()
    if row is None:
        row = session.execute(_links().where(MessageRow.id == _made(digest, at))).one_or_none()
    return _link(row) if row is not None else None


def _made(digest: str, at: datetime) -> ScalarSelect[int]:
    """The message of a link that the portal made."""
    return (
        select(PortalLinkRow.message_id)
        .join(PortalSessionRow, PortalSessionRow.id == PortalLinkRow.session_id)
        .where(
            PortalLinkRow.token_digest == digest,
            PortalSessionRow.ended_at.is_(None),
            PortalSessionRow.expires_at > at,
        )
        .scalar_subquery()
    )


def is_left_by_portal(session: Session, digest: str, *, at: datetime) -> bool:
    """Whether the portal made this link in a session that is over at `at`."""
    over = or_(PortalSessionRow.ended_at.is_not(None), PortalSessionRow.expires_at <= at)
    found = session.scalar(
        select(PortalLinkRow.id)
        .join(PortalSessionRow, PortalSessionRow.id == PortalLinkRow.session_id)
        .where(PortalLinkRow.token_digest == digest, over)
    )
    return found is not None


def list_links_alike(session: Session, link: NoticeLink) -> tuple[NoticeLink, ...]:
    """What this contact, or its mailbox, may open of the same release under other agreements of
    the same client: one for each notice, as a notice contact where it is one."""
    here = (
        select(NoticeRow.release_id, AgreementRow.client_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .where(NoticeRow.id == link.notice_id)
    ).subquery()
    rows = session.execute(
        _links()
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(
            here,
            and_(
                here.c.release_id == NoticeRow.release_id,
                here.c.client_id == AgreementRow.client_id,
            ),
        )
        .where(
            NoticeRow.id != link.notice_id,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.link_digest.is_not(None),
            or_(
                MessageRow.contact_id == link.contact_id,
                func.lower(MessageRow.to_address) == link.contact_email.lower(),
            ),
        )
        .order_by(MessageRow.id)
    )
    found: dict[int, NoticeLink] = {}
    for row in rows:
        one = _link(row)
        kept = found.get(one.notice_id)
        if kept is None or kept.contact_kind is ContactKind.COPY:
            found[one.notice_id] = one
    return tuple(found.values())


def _links() -> Select[*tuple[Any, ...]]:
    """Links that are not revoked."""
    return (
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
            MessageRow.link_revoked_at.is_(None),
            MessageRow.notice_id.is_not(None),
        )
    )


def _link(row: Row[Any]) -> NoticeLink:
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
