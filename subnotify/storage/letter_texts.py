"""What letters need of their own, beside what the mails about their notices need."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.words import LetterProduct, LetterReason, MessagePurpose
from subnotify.storage.tables import (
    AgreementRow,
    ClientRow,
    LetterRow,
    MessageRow,
    NoticeRow,
)


@dataclass(frozen=True, slots=True)
class LetterToWrite:
    """address_lines: as they were when the letter was queued. client_country: ISO 3166-1, of the
    client that the letter is for; "" where it is about no notice."""

    message_id: int
    logical_key: str
    purpose: MessagePurpose
    product: LetterProduct
    reason: LetterReason
    notice_id: int | None
    contact_id: int | None
    case_id: int | None
    response_id: int | None
    language: str
    address_lines: tuple[str, ...]
    client_country: str


def load_letters_to_write(
    session: Session, message_ids: Collection[int]
) -> dict[int, LetterToWrite]:
    """Those of these messages that are letters, by id."""
    rows = session.execute(
        select(
            MessageRow.id,
            MessageRow.logical_key,
            MessageRow.purpose,
            LetterRow.product,
            LetterRow.reason,
            MessageRow.notice_id,
            MessageRow.contact_id,
            MessageRow.case_id,
            MessageRow.response_id,
            MessageRow.language,
            LetterRow.address_lines,
            ClientRow.country,
        )
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .outerjoin(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .outerjoin(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .outerjoin(ClientRow, ClientRow.id == AgreementRow.client_id)
        .where(MessageRow.id.in_(message_ids))
    )
    return {
        row.id: LetterToWrite(
            message_id=row.id,
            logical_key=row.logical_key,
            purpose=MessagePurpose(row.purpose),
            product=LetterProduct(row.product),
            reason=LetterReason(row.reason),
            notice_id=row.notice_id,
            contact_id=row.contact_id,
            case_id=row.case_id,
            response_id=row.response_id,
            language=row.language,
            address_lines=tuple(row.address_lines),
            client_country=row.country or "",
        )
        for row in rows
    }
