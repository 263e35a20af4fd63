"""Whether a registered letter takes over from a mail that failed: what legal need not do."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.ladder import takes_over
from subnotify.rules.words import Channel, ContactKind, LetterState, MessagePurpose
from subnotify.storage.ladder import list_dead
from subnotify.storage.tables import ContactRow, LetterRow, MessageRow, NoticeRow

_CAME_TO_NOTHING = (LetterState.CANCELLED, LetterState.RETURNED, LetterState.UNCLAIMED)


def list_follow_ups(
    session: Session, notice_ids: Collection[int], *, on: date, at: datetime
) -> dict[int, tuple[str, ...]]:
    """The names of the contacts to whom a registered letter of the present serving goes or will
    within minutes, by notice; a notice without any is left out. on: the vendor's day."""
    letters = session.execute(
        select(MessageRow.notice_id, MessageRow.contact_id)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            MessageRow.notice_id.in_(notice_ids),
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.contact_kind == ContactKind.NOTICE.value,
            MessageRow.channel == Channel.REGISTERED_POST.value,
            MessageRow.serving_number == NoticeRow.serving_number,
            LetterRow.state.not_in(_CAME_TO_NOTHING),
        )
    )
    found = {(row.notice_id or 0, row.contact_id or 0) for row in letters}
    rungs = list_dead(session, on=on, at=at, notice_ids=notice_ids)
    found |= {(rung.notice_id, rung.contact_id) for rung in rungs if takes_over(rung.terms)}
    contacts = {contact_id for _, contact_id in found}
    named = session.execute(
        select(ContactRow.id, ContactRow.name).where(ContactRow.id.in_(contacts))
    )
    names = {row.id: row.name for row in named}
    by_notice: dict[int, tuple[str, ...]] = {}
    for notice_id, contact_id in sorted(found):
        by_notice[notice_id] = (*by_notice.get(notice_id, ()), names[contact_id])
    return by_notice
