"""Notices that left, or should have, and that nothing proves: neither served nor refused.

Computed from the tables whenever it is asked: what is mended is gone from the list. Those whose
terms let no date be computed are on hold for that, and are told there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.unproved import DAY_MISSING, Unproved, find_unproved
from subnotify.rules.words import ContactKind, LetterState, MessagePurpose, NoticeState
from subnotify.storage.id_lists import among
from subnotify.storage.notice_ways import has_postal_address
from subnotify.storage.servings import load_deliveries
from subnotify.storage.stored_terms import read_terms, terms_text
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ClientRow,
    ContactRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    TermsVersionRow,
    UtcDateTime,
)

# The post keeps a registered letter for so long before it sends it back.
WAITS_FOR = timedelta(days=15)
_CHUNK = 5_000
_UNDER_WAY = (NoticeState.QUEUED.value, NoticeState.SERVING.value)
_TOLD = (LetterState.PRESENTED, LetterState.RECEIVED, LetterState.UNCLAIMED, LetterState.RETURNED)


@dataclass(frozen=True)
class Missing:
    """What is missing of one contact's mail or letter. letter_id: of its last letter, if any."""

    what: Unproved
    contact: str
    client_id: int
    letter_id: int | None


@dataclass(frozen=True)
class UnprovedNotice:
    """since_at: when the last mail or letter of its present serving left or was queued.
    case_id: the first of its cases without an outcome."""

    id: int
    reference: str
    case_id: int
    client_id: int
    client: str
    agreement_id: int
    agreement: str
    zone: str
    since_at: datetime
    missing: tuple[Missing, ...]


def count_unproved(session: Session, *, at: datetime) -> int:
    """How many are on the list."""
    query = select(func.count()).select_from(_under_way().where(_is_listed(session, at)).subquery())
    return session.scalar(query) or 0


def list_unproved_notices(
    session: Session, *, at: datetime, limit: int, offset: int = 0
) -> list[UnprovedNotice]:
    """Those whose mails and letters left, or were queued, more than WAITS_FOR ago, the oldest
    first; and those of whose letters a day is missing that only has to be entered, at once."""
    ids = session.scalars(
        _under_way()
        .where(_is_listed(session, at))
        .order_by(NoticeRow.created_at, NoticeRow.id)
        .limit(limit)
        .offset(offset)
    ).all()
    return _load(session, ids, at)


def _under_way() -> Select[int]:
    """Notices on their way whose changes wait, under terms from which dates can be computed."""
    return (
        select(NoticeRow.id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(
            NoticeRow.state.in_(_UNDER_WAY),
            TermsVersionRow.not_computable.is_(None),
            exists().where(CaseRow.notice_id == NoticeRow.id, CaseRow.outcome.is_(None)),
        )
    )


def _is_listed(session: Session, at: datetime) -> ColumnElement[bool]:
    ids = _list_day_missing(session, at)
    return or_(_waits_long(at), among(NoticeRow.id, ids)) if ids else _waits_long(at)


def _waits_long(at: datetime) -> ColumnElement[bool]:
    """Nothing of its present serving left, or was queued, within WAITS_FOR."""
    limit = at - WAITS_FOR
    left_at = func.coalesce(MessageRow.handed_over_at, MessageRow.queued_at)
    lately = exists().where(*_of_serving(), left_at > literal(limit, UtcDateTime()))
    return and_(NoticeRow.created_at <= limit, ~lately)


def _list_day_missing(session: Session, at: datetime) -> list[int]:
    """Those not listed for long waiting of which a letter is told to have arrived, or to have come
    back, and yet the day is missing from which the terms count."""
    letters = (
        select(MessageRow.notice_id)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(
            NoticeRow.state.in_(_UNDER_WAY),
            LetterRow.state.in_([state.value for state in _TOLD]),
            *_of_serving(),
        )
    )
    told = set(session.scalars(letters))
    if not told:
        return []
    query = _under_way().where(among(NoticeRow.id, sorted(x for x in told if x)), ~_waits_long(at))
    ids = session.scalars(query.order_by(NoticeRow.id)).all()
    found = []
    for start in range(0, len(ids), _CHUNK):
        for notice in _load(session, ids[start : start + _CHUNK], at):
            if any(one.what.why in DAY_MISSING for one in notice.missing):
                found.append(notice.id)
    return found


def _of_serving() -> tuple[ColumnElement[bool], ...]:
    """A message of the notice's present serving to a designated notice contact."""
    return (
        MessageRow.notice_id == NoticeRow.id,
        MessageRow.purpose == MessagePurpose.NOTICE.value,
        MessageRow.contact_kind == ContactKind.NOTICE.value,
        MessageRow.serving_number == NoticeRow.serving_number,
    )


def _load(session: Session, ids: Sequence[int], at: datetime) -> list[UnprovedNotice]:
    """These notices with what is missing, in the order of the ids."""
    if not ids:
        return []
    rows = {row.id: row for row in session.execute(_lines(ids))}
    deliveries = load_deliveries(session, ids)
    contacts = _list_contacts(session, ids)
    with_post = {x for x, contact in contacts.items() if contact.has_post}
    letters = _list_letters(session, ids)
    found = []
    for notice_id in ids:
        row, terms = rows[notice_id], read_terms(rows[notice_id].terms)
        missing = find_unproved(
            terms,
            deliveries.get(notice_id, ()),
            dispatched_at=row.dispatched_at,
            with_post=with_post,
            at=at,
        )
        found.append(
            UnprovedNotice(
                id=notice_id,
                reference=row.reference,
                case_id=row.case_id,
                client_id=row.client_id,
                client=row.client,
                agreement_id=row.agreement_id,
                agreement=row.agreement,
                zone=terms.counting.time_zone,
                since_at=row.since_at or row.created_at,
                missing=tuple(
                    Missing(
                        one,
                        contacts[one.contact_id].name if one.contact_id in contacts else "",
                        row.client_id,
                        letters.get((notice_id, one.contact_id, one.channel.value)),
                    )
                    for one in missing
                ),
            )
        )
    return found


def _lines(ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    since_at = (
        select(func.max(func.coalesce(MessageRow.handed_over_at, MessageRow.queued_at)))
        .where(*_of_serving())
        .correlate(NoticeRow)
        .scalar_subquery()
    )
    case_id = (
        select(func.min(CaseRow.id))
        .where(CaseRow.notice_id == NoticeRow.id, CaseRow.outcome.is_(None))
        .correlate(NoticeRow)
        .scalar_subquery()
    )
    return (
        select(
            NoticeRow.id,
            NoticeRow.reference,
            NoticeRow.dispatched_at,
            NoticeRow.created_at,
            NoticeRow.agreement_id,
            AgreementRow.reference.label("agreement"),
            AgreementRow.client_id,
            ClientRow.name.label("client"),
            terms_text(),
            since_at.label("since_at"),
            case_id.label("case_id"),
        )
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(among(NoticeRow.id, ids))
    )


def _list_contacts(session: Session, ids: Collection[int]) -> dict[int, Any]:
    """Id, name and whether there is a postal address, of the contacts of these notices."""
    rows = session.execute(
        select(ContactRow.id, ContactRow.name, has_postal_address().label("has_post"))
        .join(MessageRow, MessageRow.contact_id == ContactRow.id)
        .where(among(MessageRow.notice_id, ids), MessageRow.purpose == MessagePurpose.NOTICE.value)
        .distinct()
    )
    return {row.id: row for row in rows}


def _list_letters(
    session: Session, ids: Collection[int]
) -> dict[tuple[int | None, int | None, str], int]:
    """The last letter of these notices by notice, contact and channel."""
    rows = session.execute(
        select(
            MessageRow.notice_id, MessageRow.contact_id, MessageRow.channel, LetterRow.message_id
        )
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(among(MessageRow.notice_id, ids), *_of_serving())
        .order_by(LetterRow.message_id)
    )
    return {(row.notice_id, row.contact_id, row.channel): row.message_id for row in rows}
