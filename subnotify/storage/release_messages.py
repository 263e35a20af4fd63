"""Mails and letters of a release, written set-based: no row passes through Python.

All of it happens in the releasing operation's transaction (DESIGN section 12, bulk).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    String,
    Subquery,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from subnotify.rules.words import (
    Channel,
    ContactKind,
    LetterReason,
    MessagePurpose,
    MessageState,
)
from subnotify.storage.concerned import contact_is_designated
from subnotify.storage.letter_rows import insert_paper_sides
from subnotify.storage.notice_ways import (
    asks_for_every,
    asks_for_mail,
    asks_for_post,
    copy_channel,
    has_email,
    has_postal_address,
    is_letter_needed,
    postal_channel,
)
from subnotify.storage.release_rows import made_at
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    TermsVersionRow,
    UtcDateTime,
)

_MESSAGES = cast(Table, MessageRow.__table__)
_COLUMNS = (
    *("logical_key", "purpose", "channel", "notice_id", "contact_id", "contact_kind"),
    *("serving_number", "to_address", "language", "state", "queued_at", "next_attempt_at"),
    *("attempt_count", "last_reply"),
)


@dataclass(frozen=True)
class WithoutAddress:
    """What a message says that is set aside, because its contact cannot be reached so."""

    by_mail: str
    by_post: str


def insert_messages(
    session: Session,
    release_id: int,
    said: WithoutAddress,
    *,
    on: date,
    at: datetime,
    notices_made_at: datetime | None = None,
) -> int:
    """One email per notice and contact; how many.

    A designated contact without an address gets one too where it must go by mail, set aside with
    the reason: so nothing can take the notice for served on every contact. One whom a letter
    serves as well, and a copy contact without an address, get none.
    """
    reachable = has_email()
    is_needed = and_(
        asks_for_mail(), or_(~asks_for_post(), asks_for_every(), ~has_postal_address())
    )
    found = _Found(release_id, on, notices_made_at)
    rows = found.rows(
        literal("notice"),
        literal(Channel.EMAIL.value),
        found.kind,
        func.nullif(ContactRow.email, ""),
        reachable,
        said.by_mail,
        at,
        sent_at=at,
    ).where(or_(reachable, and_(found.kind == ContactKind.NOTICE.value, is_needed)))
    return _run(session, rows)


def insert_release_letters(
    session: Session,
    release_id: int,
    said: WithoutAddress,
    *,
    on: date,
    at: datetime,
    notices_made_at: datetime | None = None,
) -> int:
    """The letters of the notices whose terms ask for post, and their copies on paper; how many.

    A letter goes where the terms need it: beside a mail that is enough there is none. A designated
    contact without a postal address has one set aside, as with mails. Copies on paper go to whom
    the notice goes; nothing is served by them, so no copy is set aside.
    """
    found = _Found(release_id, on, notices_made_at)
    reachable = has_postal_address()
    # Where either would do, and there is neither, the mail is what is set aside.
    is_of_use = or_(reachable, ~asks_for_mail(), asks_for_every())
    serving = found.rows(
        literal("notice"),
        postal_channel(),
        found.kind,
        null(),
        reachable,
        said.by_post,
        at,
    ).where(found.kind == ContactKind.NOTICE.value, is_letter_needed(), is_of_use)
    copies = found.rows(
        literal("notice_copy"),
        copy_channel(),
        literal(ContactKind.COPY.value),
        null(),
        reachable,
        said.by_post,
        at,
    ).where(copy_channel().is_not(None), reachable)
    notices = and_(NoticeRow.release_id == release_id, made_at(notices_made_at))
    queued = 0
    for rows, reason in ((serving, LetterReason.TERMS), (copies, LetterReason.COPY)):
        if _run(session, rows):
            queued += insert_paper_sides(session, notices, reason, at=at)
    return queued


class _Found:
    """The contacts of the notices of a release, each once."""

    def __init__(self, release_id: int, on: date, notices_made_at: datetime | None) -> None:
        self._contacts = contacts_now(on)
        self._notices = and_(NoticeRow.release_id == release_id, made_at(notices_made_at))
        self.kind: ColumnElement[str] = self._contacts.c.kind

    def rows(
        self,
        key: ColumnElement[str],
        channel: ColumnElement[Any],
        kind: ColumnElement[str],
        address: ColumnElement[Any],
        is_reachable: ColumnElement[bool],
        no_address: str,
        at: datetime,
        *,
        sent_at: datetime | None = None,
    ) -> Select[Any]:
        """A message for each: set aside where its contact cannot be reached. sent_at: when it may
        be tried; None: somebody prints it."""
        instant = literal(at, UtcDateTime())
        due = case((is_reachable, literal(sent_at, UtcDateTime())), else_=null())
        return (
            select(
                _joined(key, NoticeRow.id, ContactRow.id, channel, literal("1")),
                literal(MessagePurpose.NOTICE.value),
                channel,
                NoticeRow.id,
                ContactRow.id,
                kind,
                literal(1),
                address,
                NoticeRow.language,
                case((is_reachable, MessageState.QUEUED.value), else_=MessageState.PARKED.value),
                instant,
                null() if sent_at is None else due,
                literal(0),
                case((is_reachable, null()), else_=no_address),
            )
            .select_from(NoticeRow)
            .join(self._contacts, self._contacts.c.agreement_id == NoticeRow.agreement_id)
            .join(ContactRow, ContactRow.id == self._contacts.c.contact_id)
            .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
            .where(self._notices)
            .order_by(NoticeRow.id, ContactRow.id)
        )


def contacts_now(on: date) -> Subquery:
    """Each contact of each agreement once: who is designated and copied is designated."""
    return (
        select(
            AgreementContactRow.agreement_id,
            AgreementContactRow.contact_id,
            func.max(AgreementContactRow.kind).label("kind"),
        )
        .where(contact_is_designated(on))
        .group_by(AgreementContactRow.agreement_id, AgreementContactRow.contact_id)
        .subquery("contacts_now")
    )


def _joined(*parts: Any) -> ColumnElement[str]:
    """A logical key: "notice:17:42:email:1"."""
    text: ColumnElement[str] = sql_cast(parts[0], String())
    for part in parts[1:]:
        text = text.concat(":").concat(sql_cast(part, String()))
    return text


def _run(session: Session, rows: Select[Any]) -> int:
    # An INSERT keeps its count only when asked to (on PostgreSQL).
    options = {"preserve_rowcount": True}
    statement = insert(_MESSAGES).from_select(_COLUMNS, rows)
    return cast("CursorResult[Any]", session.execute(statement, execution_options=options)).rowcount
