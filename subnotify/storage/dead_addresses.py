"""Which addresses of designated contacts are known to be dead: the last mail or letter to them, as
they are on record now, was refused or came back, and nothing arrived there since."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from subnotify.rules.reachability import ContactReach
from subnotify.rules.words import (
    Channel,
    ContactKind,
    LetterEventKind,
    LetterState,
    MessagePurpose,
    NoticeState,
)
from subnotify.storage.concerned import contact_is_designated
from subnotify.storage.id_lists import among
from subnotify.storage.ladder import CAME_BACK, mail_failed
from subnotify.storage.notice_ways import has_postal_address
from subnotify.storage.tables import (
    AgreementContactRow,
    AttemptRow,
    ContactRow,
    LetterEventRow,
    LetterRow,
    MessageRow,
    NoticeRow,
)


def load_reaches(
    session: Session, agreement_ids: Collection[int], *, on: date
) -> Mapping[int, list[ContactReach]]:
    """The contacts whom each of these agreements designates on that day, with what is known of
    their addresses."""
    rows = session.execute(
        select(
            AgreementContactRow.agreement_id,
            ContactRow.id,
            ContactRow.name,
            ContactRow.email,
            ContactRow.postal_address,
            has_postal_address().label("has_post"),
        )
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(
            among(AgreementContactRow.agreement_id, agreement_ids),
            AgreementContactRow.kind == ContactKind.NOTICE.value,
            contact_is_designated(on),
        )
        .order_by(AgreementContactRow.agreement_id, ContactRow.name, ContactRow.id)
    ).all()
    mails = _dead_mails(session, agreement_ids)
    letters = _letters_back(session, agreement_ids)
    found: dict[int, list[ContactReach]] = defaultdict(list)
    for row in rows:
        pair = (row.agreement_id, row.id)
        lines = letter_lines(row.name, row.postal_address)
        found[row.agreement_id].append(
            ContactReach(
                id=row.id,
                name=row.name,
                email=row.email or "",
                has_post=row.has_post,
                mail_died_at=mails.get((*pair, (row.email or "").casefold())),
                letter_back_at=letters.get((*pair, lines[1:])),
            )
        )
    return found


def letter_lines(name: str, postal_address: str) -> tuple[str, ...]:
    """The lines of an address as they are compared: without what nobody sees."""
    lines = (" ".join(line.split()) for line in (name, *postal_address.splitlines()))
    return tuple(line for line in lines if line)


def _dead_mails(
    session: Session, agreement_ids: Collection[int]
) -> dict[tuple[int, int, str], datetime]:
    """When the last mail to (agreement, contact, address) failed, if none arrived there since."""
    tried_at = (
        select(func.max(AttemptRow.finished_at))
        .where(AttemptRow.message_id == MessageRow.id)
        .scalar_subquery()
    )
    later, notice = aliased(MessageRow), aliased(NoticeRow)
    arrived = exists().where(
        notice.agreement_id == NoticeRow.agreement_id,
        later.notice_id == notice.id,
        later.contact_id == MessageRow.contact_id,
        func.lower(later.to_address) == func.lower(MessageRow.to_address),
        later.handed_over_at > func.coalesce(MessageRow.bounced_at, tried_at),
        later.bounced_at.is_(None),
    )
    failed_at = func.coalesce(MessageRow.bounced_at, tried_at, MessageRow.queued_at)
    query = _failed(agreement_ids, failed_at, MessageRow.to_address).where(
        MessageRow.channel == Channel.EMAIL.value, mail_failed(), ~arrived
    )
    return {
        (row.agreement_id, row.contact_id, (row.to_address or "").casefold()): row.failed_at
        for row in session.execute(query)
    }


def _letters_back(
    session: Session, agreement_ids: Collection[int]
) -> dict[tuple[int, int, tuple[str, ...]], datetime]:
    """When it was recorded that the last letter to (agreement, contact, lines of the address) came
    back or was not collected."""
    told_at = (
        select(func.max(LetterEventRow.recorded_at))
        .where(
            LetterEventRow.message_id == MessageRow.id,
            LetterEventRow.kind.in_((LetterEventKind.RETURNED, LetterEventKind.UNCLAIMED)),
        )
        .scalar_subquery()
    )
    failed_at = func.coalesce(told_at, MessageRow.queued_at)
    query = (
        _failed(agreement_ids, failed_at, LetterRow.address_lines)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .where(LetterRow.state.in_(CAME_BACK), ~_letter_arrived())
    )
    return {
        (row.agreement_id, row.contact_id, letter_lines("", "\n".join(row.address_lines[1:]))): (
            row.failed_at
        )
        for row in session.execute(query)
    }


def _failed(
    agreement_ids: Collection[int],
    failed_at: ColumnElement[Any],
    address: InstrumentedAttribute[Any],
) -> Select[*tuple[Any, ...]]:
    """Messages to designated contacts of the present servings of notices that are not served, the
    last failure last."""
    return (
        select(
            NoticeRow.agreement_id,
            MessageRow.contact_id,
            address,
            failed_at.label("failed_at"),
        )
        .select_from(NoticeRow)
        .join(MessageRow, MessageRow.notice_id == NoticeRow.id)
        .where(
            among(NoticeRow.agreement_id, agreement_ids),
            NoticeRow.state == NoticeState.NOT_SERVED.value,
            MessageRow.purpose == MessagePurpose.NOTICE.value,
            MessageRow.contact_kind == ContactKind.NOTICE.value,
            MessageRow.serving_number == NoticeRow.serving_number,
        )
        .order_by(failed_at)
    )


def _letter_arrived() -> ColumnElement[bool]:
    """A later letter of the same agreement reached the contact."""
    later, notice, letter = aliased(MessageRow), aliased(NoticeRow), aliased(LetterRow)
    return exists().where(
        and_(
            notice.agreement_id == NoticeRow.agreement_id,
            later.notice_id == notice.id,
            later.contact_id == MessageRow.contact_id,
            later.id > MessageRow.id,
            letter.message_id == later.id,
            letter.state == LetterState.RECEIVED.value,
        )
    )
