"""Letters about a notice after it was given, for contacts whom no mail reaches: what happened to
a change, and what we say about what the client said."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Integer,
    ScalarSelect,
    Select,
    String,
    and_,
    literal,
    null,
    select,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from subnotify.rules.words import Channel, ContactKind, LetterReason, MessagePurpose, MessageState
from subnotify.storage.former_letters import is_other_address
from subnotify.storage.id_lists import among
from subnotify.storage.insert_once import insert_or_nothing
from subnotify.storage.letter_rows import insert_paper_sides
from subnotify.storage.notice_ways import asks_for_post, has_email, has_postal_address
from subnotify.storage.tables import (
    AgreementContactRow,
    CaseRow,
    ContactRow,
    LegalMessageRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    ResponseRow,
    TermsVersionRow,
    UtcDateTime,
    WindowProposalRow,
)

_NOTHING = sql_cast(null(), Integer)
_COLUMNS = (
    *("logical_key", "purpose", "channel", "notice_id", "case_id", "response_id", "contact_id"),
    *("contact_kind", "serving_number", "language", "state", "queued_at", "next_attempt_at"),
    "attempt_count",
)


def told_of_cases(last: ColumnElement[Any] | ScalarSelect[Any]) -> Select[Any]:
    """What letters about cases are queued from. last: the end of their keys."""
    about_case = CaseRow.id.label("case_id")
    return (
        _told(about_case, about=CaseRow.id, last=last)
        .select_from(CaseRow)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
    )


def told_of_step(case_id: int, step_id: int) -> Select[Any]:
    """The same of a step about the objection of a case."""
    about_case = CaseRow.id.label("case_id")
    return (
        _told(about_case, about=literal(step_id))
        .select_from(CaseRow)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(CaseRow.id == case_id)
    )


def told_of_response(response_id: int) -> Select[Any]:
    """The same of a response."""
    about_case = ResponseRow.case_id.label("case_id")
    return (
        _told(about_case, about=ResponseRow.id, response_id=ResponseRow.id)
        .select_from(ResponseRow)
        .join(NoticeRow, NoticeRow.id == ResponseRow.notice_id)
        .where(ResponseRow.id == response_id)
    )


def told_of_legal_message(legal_message_id: int) -> Select[Any]:
    """The same of what legal wrote."""
    return (
        _told(_NOTHING.label("case_id"), about=LegalMessageRow.id)
        .select_from(LegalMessageRow)
        .join(NoticeRow, NoticeRow.id == LegalMessageRow.notice_id)
        .where(LegalMessageRow.id == legal_message_id)
    )


def told_of_proposals(proposals: ColumnElement[bool]) -> Select[Any]:
    """The same of windows counted anew. proposals: which WindowProposalRow."""
    return (
        _told(_NOTHING.label("case_id"), about=NoticeRow.id, last=WindowProposalRow.id)
        .select_from(WindowProposalRow)
        .join(NoticeRow, NoticeRow.id == WindowProposalRow.notice_id)
        .where(proposals)
    )


def insert_told_letters(
    session: Session,
    purpose: MessagePurpose,
    told: Select[*tuple[Any, ...]],
    *,
    first: str,
    not_before: datetime | None = None,
    at: datetime,
) -> None:
    """Queue a plain letter to each notice contact without an email address, where the terms of the
    notice ask for post. Queued twice is queued once.

    told: of the functions above. The key is that of a mail: the first word, what it is about, the
    contact, and what is last, if anything. not_before: when it may be written, None for at once.
    """
    session.flush()
    rows = told.subquery()
    last = (rows.c.last,) if "last" in rows.c else ()
    written = (
        select(
            _key(first, rows.c.about, ContactRow.id, *last),
            literal(purpose.value),
            literal(Channel.POST.value),
            NoticeRow.id,
            rows.c.case_id,
            rows.c.response_id,
            ContactRow.id,
            literal(ContactKind.NOTICE.value),
            NoticeRow.serving_number,
            NoticeRow.language,
            literal(MessageState.QUEUED.value),
            literal(at, UtcDateTime()),
            literal(not_before, UtcDateTime()),
            literal(0),
        )
        .select_from(rows)
        .join(NoticeRow, NoticeRow.id == rows.c.notice_id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .join(AgreementContactRow, AgreementContactRow.agreement_id == NoticeRow.agreement_id)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(_gets_letters())
        .order_by(NoticeRow.id, ContactRow.id)
    )
    statement = insert_or_nothing(session, MessageRow).from_select(list(_COLUMNS), written)
    # An INSERT keeps its count only when asked to (on PostgreSQL).
    options = {"preserve_rowcount": True}
    new = cast("CursorResult[Any]", session.execute(statement, execution_options=options)).rowcount
    if new:
        notices = NoticeRow.id.in_(select(rows.c.notice_id))
        insert_paper_sides(session, notices, LetterReason.TERMS, at=at)


def list_told_by_letter(session: Session, notice_id: int) -> tuple[str, ...]:
    """Names of the contacts of this notice who are told by letter, since no mail reaches them."""
    names = session.scalars(
        select(ContactRow.name)
        .select_from(NoticeRow)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .join(AgreementContactRow, AgreementContactRow.agreement_id == NoticeRow.agreement_id)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(NoticeRow.id == notice_id, _gets_letters())
        .order_by(ContactRow.id)
    )
    return tuple(names)


def readdress(session: Session, message_ids: Collection[int]) -> int:
    """Give those of these letters that follow a notice the name and address that their contact has
    by now; how many. The caller knows that none of them is printed.

    They serve nothing, so nothing has to be served anew: unlike the letter with the notice they
    simply go where the contact is.
    """
    rows = session.execute(
        select(LetterRow, ContactRow.name, ContactRow.postal_address)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .join(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(
            among(LetterRow.message_id, message_ids),
            MessageRow.purpose != MessagePurpose.NOTICE,
            has_postal_address(),
        )
        .order_by(LetterRow.message_id)
        .with_for_update(key_share=True, of=LetterRow)
    ).all()
    moved = [x for x in rows if is_other_address(x[0].address_lines, x.name, x.postal_address)]
    for letter, name, postal_address in moved:
        whole = f"{' '.join(name.splitlines())}\n{postal_address}"
        letter.address_lines = [line for line in whole.splitlines() if line.strip()]
    session.flush()
    return len(moved)


def _gets_letters() -> ColumnElement[bool]:
    """Of the joined terms and contact."""
    return and_(
        asks_for_post(),
        ~has_email(),
        has_postal_address(),
        AgreementContactRow.kind == ContactKind.NOTICE.value,
        AgreementContactRow.ended_on.is_(None),
    )


def _told(
    case_id: ColumnElement[Any],
    *,
    about: Any,
    last: Any = None,
    response_id: Any = _NOTHING,
) -> Select[Any]:
    columns = [
        NoticeRow.id.label("notice_id"),
        case_id,
        response_id.label("response_id"),
        about.label("about"),
    ]
    return select(*columns) if last is None else select(*columns, last.label("last"))


def _key(first: str, *parts: Any) -> ColumnElement[str]:
    key: ColumnElement[str] = literal(first)
    for part in parts:
        key = key.concat(":").concat(sql_cast(part, String()))
    return key
