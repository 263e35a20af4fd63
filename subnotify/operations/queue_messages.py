"""Queues mails in the outbox, within the caller's transaction. Queued twice is queued once.

A mail to contacts goes to every notice and copy contact of the agreement that has an address and
whose designation has not ended. A notice contact without one gets a letter that says the same,
where the terms ask for post (storage/told_letters.py). Nothing is written here: texts are made
when a mail is sent.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from typing import cast as taken_as

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session

from subnotify.rules.cases import OVERTAKEN
from subnotify.rules.words import Channel, MessagePurpose, MessageState, Outcome, ResponseKind
from subnotify.storage.corrections import has_notice_of_correction
from subnotify.storage.insert_once import insert_or_nothing
from subnotify.storage.overtaken_mails import may_have_heard
from subnotify.storage.tables import (
    AgreementContactRow,
    CaseRow,
    ChangeRow,
    ContactRow,
    LegalMessageRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    ResponseRow,
    UtcDateTime,
    WindowProposalRow,
)
from subnotify.storage.told_letters import (
    insert_told_letters,
    told_of_cases,
    told_of_legal_message,
    told_of_proposals,
    told_of_response,
    told_of_step,
)

_COLUMNS = (
    *("logical_key", "purpose", "channel", "notice_id", "case_id", "response_id", "contact_id"),
    *("contact_kind", "serving_number", "to_address", "language", "state"),
    *("queued_at", "next_attempt_at", "attempt_count"),
)
CHUNK = 500
# The first word of the keys of what tells of a window that legal extended.
EXTENDED = "window_extended"
# The same of what legal wrote unasked.
BY_LEGAL = "legal_message"
_MOVE_THE_CLIENT = (
    ResponseKind.OBJECTION,
    ResponseKind.WITHDRAWAL,
    ResponseKind.NO_OBJECTION,
    ResponseKind.WAIVER,
)


def queue_closing(session: Session, case_ids: Sequence[int], *, at: datetime) -> None:
    """A closing mail for each of these cases to every contact of its agreement with an address.

    One per recorded outcome: a case that was reopened and closed again gets another. A case that
    ended because its change was withdrawn gets a mail of its own kind. None where the change was
    withdrawn or the agreement ended before anybody of the client can have heard of it: a mail
    about the end of something never announced would only raise questions, and leaves nobody with a
    right or a date to know of. The desk and the evidence show the outcome. None where the notice
    of a correction tells it.
    """
    if not case_ids:
        return
    number = (
        select(func.max(OutcomeRow.number))
        .where(OutcomeRow.case_id == CaseRow.id)
        .correlate(CaseRow)
        .scalar_subquery()
    )
    purpose = case(
        (CaseRow.outcome == Outcome.CHANGE_WITHDRAWN, literal(MessagePurpose.WITHDRAWN.value)),
        else_=literal(MessagePurpose.CLOSING.value),
    )
    key = logical_key(purpose, CaseRow.id, ContactRow.id, number)
    concerned = (
        CaseRow.id.in_(case_ids),
        or_(CaseRow.outcome.is_(None), CaseRow.outcome.not_in(OVERTAKEN), may_have_heard()),
        or_(CaseRow.outcome != Outcome.CHANGE_WITHDRAWN, ~has_notice_of_correction()),
    )
    rows = (
        _to_contacts(purpose, key, CaseRow.id, null(), at)
        .select_from(CaseRow)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(*concerned)
    )
    insert_messages(session, _with_contacts(rows))
    told = told_of_cases(number).where(*concerned)
    is_withdrawn = CaseRow.outcome == Outcome.CHANGE_WITHDRAWN
    for one, which in (
        (MessagePurpose.WITHDRAWN, is_withdrawn),
        (MessagePurpose.CLOSING, CaseRow.outcome.is_distinct_from(Outcome.CHANGE_WITHDRAWN)),
    ):
        insert_told_letters(session, one, told.where(which), first=one.value, at=at)


def queue_withdrawn(session: Session, change_id: int, *, at: datetime) -> None:
    """Tell those whose cases did not end by it that the change was withdrawn: they answered, or
    terminated. Not those whose agreement ended, nor those who never heard of the change."""
    key = logical_key("withdrawn", CaseRow.id, ContactRow.id, literal("told"))
    concerned = (
        CaseRow.change_id == change_id,
        or_(CaseRow.outcome.is_(None), CaseRow.outcome.not_in(OVERTAKEN)),
        may_have_heard(),
        ~has_notice_of_correction(),
    )
    rows = (
        _to_contacts(MessagePurpose.WITHDRAWN, key, CaseRow.id, null(), at)
        .select_from(CaseRow)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(*concerned)
    )
    insert_messages(session, _with_contacts(rows))
    told = told_of_cases(literal("told")).where(*concerned)
    insert_told_letters(session, MessagePurpose.WITHDRAWN, told, first="withdrawn", at=at)


def queue_longer_deadline(session: Session, proposal_ids: Sequence[int], *, at: datetime) -> None:
    """Tell all contacts of these notices of the later deadlines that these proposals gave."""
    key = logical_key("window_longer", NoticeRow.id, ContactRow.id, WindowProposalRow.id)
    rows = (
        _to_contacts(MessagePurpose.WINDOW_LONGER, key, null(), null(), at)
        .select_from(WindowProposalRow)
        .join(NoticeRow, NoticeRow.id == WindowProposalRow.notice_id)
        .where(WindowProposalRow.id.in_(proposal_ids))
    )
    if not proposal_ids:
        return
    insert_messages(session, _with_contacts(rows))
    told = told_of_proposals(WindowProposalRow.id.in_(proposal_ids))
    purpose = MessagePurpose.WINDOW_LONGER
    insert_told_letters(session, purpose, told, first=purpose.value, at=at)


def queue_extended(
    session: Session, case_id: int, *, before_at: datetime, closes_at: datetime, at: datetime
) -> None:
    """Tell all contacts of this case's agreement that legal gave it until a later end.

    The key holds both ends, which the mail tells: a later extension changes nothing about it.
    """
    ends = literal(":".join(str(int(x.timestamp())) for x in (before_at, closes_at)))
    key = logical_key(EXTENDED, CaseRow.id, ContactRow.id, ends)
    rows = (
        _to_contacts(MessagePurpose.WINDOW_LONGER, key, CaseRow.id, null(), at)
        .select_from(CaseRow)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(CaseRow.id == case_id)
    )
    insert_messages(session, _with_contacts(rows))
    told = told_of_cases(ends).where(CaseRow.id == case_id)
    insert_told_letters(session, MessagePurpose.WINDOW_LONGER, told, first=EXTENDED, at=at)


def queue_postponed(session: Session, case_ids: Sequence[int], *, at: datetime) -> None:
    """Tell all contacts of these cases of the later commencement: once for each new day."""
    day = cast(ChangeRow.commencement_on, String)
    key = logical_key("postponed", CaseRow.id, ContactRow.id, day)
    rows = (
        _to_contacts(MessagePurpose.POSTPONED, key, CaseRow.id, null(), at)
        .select_from(CaseRow)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
    )
    for start in range(0, len(case_ids), CHUNK):
        part = case_ids[start : start + CHUNK]
        insert_messages(session, _with_contacts(rows.where(CaseRow.id.in_(part))))
        told = (
            told_of_cases(day)
            .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
            .where(CaseRow.id.in_(part))
        )
        insert_told_letters(session, MessagePurpose.POSTPONED, told, first="postponed", at=at)


def queue_step(
    session: Session, case_id: int, step_id: int, *, not_before: datetime, at: datetime
) -> None:
    """What legal writes about an objection, to all contacts of its agreement, but not yet."""
    key = logical_key("objection_step", literal(step_id), ContactRow.id)
    rows = (
        _to_contacts(MessagePurpose.OBJECTION_STEP, key, CaseRow.id, null(), at, not_before)
        .select_from(CaseRow)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(CaseRow.id == case_id)
    )
    insert_messages(session, _with_contacts(rows))
    purpose = MessagePurpose.OBJECTION_STEP
    told = told_of_step(case_id, step_id)
    insert_told_letters(session, purpose, told, first=purpose.value, not_before=not_before, at=at)


def queue_receipts(session: Session, response_id: int, *, at: datetime) -> None:
    """A receipt of a response to all contacts of its agreement, whoever gave it.

    On paper only where it says that the client's position is another now: who asks a question, or
    has opened the page, waits for no letter about that.
    """
    _queue_about_response(session, MessagePurpose.RECEIPT, response_id, at)
    moves = ResponseRow.kind.in_(_MOVE_THE_CLIENT)
    told = told_of_response(response_id).where(moves)
    insert_told_letters(session, MessagePurpose.RECEIPT, told, first="receipt", at=at)


def queue_answer(session: Session, response_id: int, *, at: datetime) -> None:
    """The answer to a question or a request, to all contacts of its agreement."""
    _queue_about_response(session, MessagePurpose.ANSWER, response_id, at)
    told = told_of_response(response_id)
    insert_told_letters(session, MessagePurpose.ANSWER, told, first="answer", at=at)


def queue_legal_message(session: Session, legal_message_id: int, *, at: datetime) -> None:
    """What legal wrote, to all contacts of the agreement."""
    key = logical_key(BY_LEGAL, LegalMessageRow.id, ContactRow.id)
    rows = (
        _to_contacts(MessagePurpose.ANSWER, key, null(), null(), at)
        .select_from(LegalMessageRow)
        .join(NoticeRow, NoticeRow.id == LegalMessageRow.notice_id)
        .where(LegalMessageRow.id == legal_message_id)
    )
    insert_messages(session, _with_contacts(rows))
    told = told_of_legal_message(legal_message_id)
    insert_told_letters(session, MessagePurpose.ANSWER, told, first=BY_LEGAL, at=at)


def _queue_about_response(
    session: Session, purpose: MessagePurpose, response_id: int, at: datetime
) -> None:
    key = logical_key(purpose.value, ResponseRow.id, ContactRow.id)
    rows = (
        _to_contacts(purpose, key, ResponseRow.case_id, ResponseRow.id, at)
        .select_from(ResponseRow)
        .join(NoticeRow, NoticeRow.id == ResponseRow.notice_id)
        .where(ResponseRow.id == response_id)
    )
    insert_messages(session, _with_contacts(rows))


def _to_contacts(
    purpose: MessagePurpose | ColumnElement[str],
    key: ColumnElement[str],
    case_id: Any,
    response_id: Any,
    at: datetime,
    not_before: datetime | None = None,
) -> Select[Any]:
    """The columns of messages about a notice, one for each contact that `_with_contacts` joins."""
    instant = literal(at, UtcDateTime())
    return select(
        key,
        literal(purpose.value) if isinstance(purpose, MessagePurpose) else purpose,
        literal(Channel.EMAIL.value),
        NoticeRow.id,
        case_id,
        response_id,
        ContactRow.id,
        AgreementContactRow.kind,
        literal(1),
        ContactRow.email,
        NoticeRow.language,
        literal(MessageState.QUEUED.value),
        instant,
        literal(not_before or at, UtcDateTime()),
        literal(0),
    )


def _with_contacts(rows: Select[Any]) -> Select[Any]:
    return (
        rows.join(AgreementContactRow, AgreementContactRow.agreement_id == NoticeRow.agreement_id)
        .join(ContactRow, ContactRow.id == AgreementContactRow.contact_id)
        .where(AgreementContactRow.ended_on.is_(None), ContactRow.email.is_not(None))
        .order_by(NoticeRow.id, ContactRow.id)
    )


def logical_key(first: str | ColumnElement[str], *parts: Any) -> ColumnElement[str]:
    """A logical key: the parts joined by colons."""
    key: ColumnElement[str] = literal(first) if isinstance(first, str) else first
    for part in parts:
        key = key + ":" + cast(part, String)
    return key


def insert_messages(session: Session, rows: Select[Any]) -> int:
    """Queue the rows of this query, in the order of the columns above; how many were new."""
    session.flush()
    statement = insert_or_nothing(session, MessageRow).from_select(list(_COLUMNS), rows)
    # An INSERT keeps its count only when asked to (on PostgreSQL).
    options = {"preserve_rowcount": True}
    result = session.execute(statement, execution_options=options)
    return taken_as("CursorResult[Any]", result).rowcount
