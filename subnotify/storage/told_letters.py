"""Letters about what happened to a change after its notice, for contacts whom no mail reaches."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, literal, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from subnotify.rules.words import Channel, ContactKind, LetterReason, MessagePurpose, MessageState
from subnotify.storage.insert_once import insert_or_nothing
from subnotify.storage.letter_rows import insert_paper_sides
from subnotify.storage.notice_ways import asks_for_post, has_email, has_postal_address
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    TermsVersionRow,
    UtcDateTime,
)

_COLUMNS = (
    *("logical_key", "purpose", "channel", "notice_id", "case_id", "contact_id", "contact_kind"),
    *("serving_number", "language", "state", "queued_at", "attempt_count"),
)


def insert_told_letters(
    session: Session,
    purpose: MessagePurpose,
    told: Select[*tuple[Any, ...]],
    *,
    first: str,
    at: datetime,
) -> None:
    """Queue a plain letter to each notice contact without an email address, where the terms of the
    notice ask for post. Queued twice is queued once.

    told: notice_id, case_id (NULL where it is about the notice), about and last. The key is that
    of a mail: the first word, what it is about, the contact, what is last.
    """
    session.flush()
    rows = told.subquery()
    written = (
        select(
            _key(first, rows.c.about, ContactRow.id, rows.c.last),
            literal(purpose.value),
            literal(Channel.POST.value),
            NoticeRow.id,
            rows.c.case_id,
            ContactRow.id,
            literal(ContactKind.NOTICE.value),
            NoticeRow.serving_number,
            NoticeRow.language,
            literal(MessageState.QUEUED.value),
            literal(at, UtcDateTime()),
            literal(0),
        )
        .select_from(rows)
        .join(NoticeRow, NoticeRow.id == rows.c.notice_id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .join(AgreementContactRow, AgreementContactRow.agreement_id == NoticeRow.agreement_id)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(
            asks_for_post(),
            ~has_email(),
            has_postal_address(),
            AgreementContactRow.kind == ContactKind.NOTICE.value,
            AgreementContactRow.ended_on.is_(None),
        )
        .order_by(NoticeRow.id, ContactRow.id)
    )
    session.execute(insert_or_nothing(session, MessageRow).from_select(list(_COLUMNS), written))
    notices = NoticeRow.id.in_(select(rows.c.notice_id))
    insert_paper_sides(session, notices, LetterReason.TERMS, at=at)


def _key(first: str, *parts: Any) -> ColumnElement[str]:
    key: ColumnElement[str] = literal(first)
    for part in parts:
        key = key.concat(":").concat(sql_cast(part, String()))
    return key
