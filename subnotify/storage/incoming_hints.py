"""To which notice a mail without a mark of ours may belong: hints for a person, no proof."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    CaseRow,
    ClientRow,
    ContactRow,
    IncomingMailRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
)

MOST_FOUND = 20
# What people write as identifiers; longer than any of ours and the rest is not looked at.
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,200}>")
MOST_IDS = 50


class Hint(StrEnum):
    """Why a notice is proposed. Whoever writes a mail can write either."""

    MESSAGE_ID = "message_id"
    ADDRESS = "address"


@dataclass(frozen=True)
class NoticeFound:
    """A notice that a mail could be tied to. hint: None where a person searched for it.

    open_cases: of the notice, without an outcome.
    """

    id: int
    reference: str
    client: str
    agreement: str
    released_at: datetime | None
    open_cases: int
    hint: Hint | None = None


def suggest_notices(session: Session, mail: IncomingMailRow) -> list[NoticeFound]:
    """Notices whose mail it says it answers, then the latest ones to whom its address belongs."""
    found: dict[int, NoticeFound] = {}
    ids = _MESSAGE_ID.findall(mail.in_reply_to)[:MOST_IDS]
    if ids:
        named = select(MessageRow.notice_id).where(MessageRow.message_id_header.in_(ids))
        for one in _list(session, Hint.MESSAGE_ID, NoticeRow.id.in_(named)):
            found[one.id] = one
    if mail.from_address:
        address = mail.from_address.lower()
        of_contact = (
            select(AgreementContactRow.agreement_id)
            .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
            .where(func.lower(ContactRow.email) == address)
        )
        for one in _list(session, Hint.ADDRESS, NoticeRow.agreement_id.in_(of_contact)):
            found.setdefault(one.id, one)
    return list(found.values())[:MOST_FOUND]


def search_notices(session: Session, asked: str) -> list[NoticeFound]:
    """By the beginning of the client's name or of the notice's reference, newest first."""
    words = asked.strip().lower()
    if not words:
        return []
    return _list(
        session,
        None,
        or_(
            func.lower(ClientRow.name).startswith(words, autoescape=True),
            func.lower(NoticeRow.reference).startswith(words, autoescape=True),
        ),
    )


def _list(session: Session, hint: Hint | None, condition: ColumnElement[bool]) -> list[NoticeFound]:
    rows = session.execute(
        _query().where(condition).order_by(NoticeRow.id.desc()).limit(MOST_FOUND)
    )
    return [
        NoticeFound(
            id=row.id,
            reference=row.reference,
            client=row.client,
            agreement=row.agreement,
            released_at=row.released_at,
            open_cases=row.open_cases,
            hint=hint,
        )
        for row in rows
    ]


def _query() -> Select[*tuple[Any, ...]]:
    open_cases = (
        select(func.count(CaseRow.id))
        .where(CaseRow.notice_id == NoticeRow.id, CaseRow.outcome.is_(None))
        .correlate(NoticeRow)
        .scalar_subquery()
    )
    return (
        select(
            NoticeRow.id,
            NoticeRow.reference,
            ClientRow.name.label("client"),
            AgreementRow.reference.label("agreement"),
            ReleaseRow.released_at,
            open_cases.label("open_cases"),
        )
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
    )
