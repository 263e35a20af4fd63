"""Letters to contacts and addresses that were struck out."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.words import ContactKind, LetterState, MessagePurpose, NoticeState
from subnotify.storage.id_lists import among
from subnotify.storage.tables import CaseRow, ContactRow, LetterRow, MessageRow, NoticeRow

# Nothing says yet that it arrived, or that it did not.
ON_ITS_WAY = (
    LetterState.QUEUED,
    LetterState.HANDED_OVER,
    LetterState.PRINTED,
    LetterState.POSTED,
    LetterState.PRESENTED,
)


def mark_former(
    session: Session, agreement_id: int, contact_id: int, *, since: date, is_whole: bool
) -> set[int]:
    """Mark the letters to this contact under this agreement as going to a former one from that day
    on; the notices of those that left. is_whole: all of them; else those with another name or
    address than the contact has now."""
    contact = session.get_one(ContactRow, contact_id)
    letters = session.execute(
        select(LetterRow, MessageRow.notice_id, MessageRow.handed_over_at)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            NoticeRow.agreement_id == agreement_id,
            MessageRow.contact_id == contact_id,
            MessageRow.contact_kind == ContactKind.NOTICE.value,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            or_(LetterRow.former_on.is_(None), LetterRow.former_on > since),
        )
        .order_by(LetterRow.message_id)
    ).all()
    left = set[int]()
    for letter, notice_id, handed_over_at in letters:
        if is_whole or is_other_address(letter.address_lines, contact.name, contact.postal_address):
            letter.former_on = since
            if handed_over_at is not None and notice_id is not None:
                left.add(notice_id)
    session.flush()
    return left


def notices_under_way_to_former() -> Select[int | None]:
    """The notices that are not served, and of which a letter of the present serving waits or
    travels to a contact or an address that is struck out: to be served anew."""
    return (
        select(MessageRow.notice_id)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            LetterRow.former_on.is_not(None),
            LetterRow.state.in_([state.value for state in ON_ITS_WAY]),
            MessageRow.serving_number == NoticeRow.serving_number,
            NoticeRow.state != NoticeState.SERVED.value,
        )
    )


def list_former_references(session: Session, agreement_ids: Collection[int]) -> list[str]:
    """Those of these agreements whose changes wait: their references."""
    if not agreement_ids:
        return []
    query = select(NoticeRow.reference).where(
        among(NoticeRow.agreement_id, agreement_ids),
        NoticeRow.id.in_(notices_under_way_to_former()),
        exists().where(CaseRow.notice_id == NoticeRow.id, CaseRow.outcome.is_(None)),
    )
    return list(session.scalars(query.order_by(NoticeRow.reference)))


def is_other_address(lines: list[str], name: str, postal_address: str) -> bool:
    """Whether a letter with these lines goes to another name or address; white space is none."""
    return " ".join(lines).split() != f"{name} {postal_address}".split()
