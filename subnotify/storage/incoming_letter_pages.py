"""Letters from clients as the desk shows them: lists page by page, and one letter whole."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from subnotify.rules.errors import NotFound
from subnotify.rules.words import IncomingLetterKind, ResponseChannel
from subnotify.storage.documents import KeptDocument, find_document
from subnotify.storage.incoming_file import (
    MailCase,
    MailResponse,
    list_cases,
    list_held,
    list_responses,
)
from subnotify.storage.incoming_pages import NextDeadline, next_deadlines
from subnotify.storage.mail_readings import letter_waits
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ClientRow,
    DocumentRow,
    IncomingLetterRow,
    LetterResponseRow,
    NoticeRow,
)

PAGE_SIZE = 50


class LetterList(StrEnum):
    """Which letters a list shows."""

    WAITING = "waiting"
    FILED = "filed"
    ALL = "all"


@dataclass(frozen=True)
class ListedLetter:
    """One line. client None: nobody knows whose it is. document_id: of its scan.

    recorded_at: when legal wrote it down; received_on: the day it reached the vendor.
    """

    id: int
    kind: IncomingLetterKind
    channel: ResponseChannel
    received_on: date
    dispatched_on: date | None
    letter_reference: str
    from_name: str
    is_filed: bool
    client_id: int | None
    client: str | None
    notice_reference: str | None
    document_id: int | None
    file_name: str | None
    recorded_at: datetime
    deadline: NextDeadline | None = None


@dataclass(frozen=True)
class LetterPage:
    """letters: one page. total: of all pages. waiting: whatever list is shown."""

    letters: Sequence[ListedLetter]
    total: int
    waiting: int


@dataclass(frozen=True)
class LetterAgreement:
    id: int
    reference: str


@dataclass(frozen=True)
class LetterFile:
    """A letter with all that belongs to it. agreements: of its client. cases: of its notice.

    held: cases of the client whose silence waits for it. responses: recorded from it.
    """

    row: IncomingLetterRow
    client: str | None
    notice_reference: str | None
    agreements: Sequence[LetterAgreement]
    cases: Sequence[MailCase]
    held: Sequence[MailCase]
    responses: Sequence[MailResponse]
    document: KeptDocument | None


def count_waiting_letters(session: Session) -> int:
    """How many letters wait for a person."""
    return session.scalar(select(func.count()).where(letter_waits())) or 0


def load_letter_page(session: Session, shown: LetterList, *, page: int) -> LetterPage:
    """One page of a list: what waits the oldest first, everything else the newest first.

    page counts from 1. Four queries, however many letters there are.
    """
    waiting = count_waiting_letters(session)
    total = waiting
    if shown is not LetterList.WAITING:
        total = session.scalar(select(func.count(IncomingLetterRow.id)).where(_of(shown))) or 0
    order = (
        (IncomingLetterRow.received_on, IncomingLetterRow.id)
        if shown is LetterList.WAITING
        else (IncomingLetterRow.received_on.desc(), IncomingLetterRow.id.desc())
    )
    query = _lines().where(_of(shown)).order_by(*order)
    rows = session.execute(query.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    clients = {row.client_id for row in rows if row.client_id and not row.is_filed}
    deadlines = next_deadlines(session, clients)
    return LetterPage([_listed(row, deadlines.get(row.client_id)) for row in rows], total, waiting)


def list_waiting_letters_of_client(session: Session, client_id: int) -> list[ListedLetter]:
    """What of a client waits for a person, the oldest first: this holds silence."""
    return _list(session, letter_waits(), IncomingLetterRow.client_id == client_id)


def list_untied_letters(session: Session, *, limit: int) -> list[ListedLetter]:
    """Letters of unknown clients that wait, the oldest first: they stop what can be confirmed."""
    return _list(session, letter_waits(), IncomingLetterRow.client_id.is_(None), limit=limit)


def list_letters_of_notice(session: Session, notice_id: int) -> list[ListedLetter]:
    """What came by letter about a notice, in the order of receipt."""
    return _list(session, IncomingLetterRow.notice_id == notice_id, limit=None)


def list_letters_of_responses(
    session: Session, response_ids: Collection[int]
) -> dict[int, ListedLetter]:
    """The letter that said it, by response; those that came by another way are left out."""
    rows = session.execute(
        _lines()
        .add_columns(LetterResponseRow.response_id)
        .join(LetterResponseRow, LetterResponseRow.incoming_letter_id == IncomingLetterRow.id)
        .where(LetterResponseRow.response_id.in_(response_ids))
    )
    return {row.response_id: _listed(row) for row in rows}


def load_letter_file(session: Session, letter_id: int) -> LetterFile:
    """Raises NotFound."""
    found = session.execute(
        select(IncomingLetterRow, ClientRow.name, NoticeRow.reference)
        .outerjoin(ClientRow, ClientRow.id == IncomingLetterRow.client_id)
        .outerjoin(NoticeRow, NoticeRow.id == IncomingLetterRow.notice_id)
        .where(IncomingLetterRow.id == letter_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    row, client, reference = found
    return LetterFile(
        row=row,
        client=client,
        notice_reference=reference,
        agreements=_agreements(session, row),
        cases=list_cases(session, CaseRow.notice_id == row.notice_id) if row.notice_id else (),
        held=list_held(session, row),
        responses=list_responses(
            session,
            select(LetterResponseRow.response_id).where(
                LetterResponseRow.incoming_letter_id == letter_id
            ),
        ),
        document=find_document(session, row.document_id),
    )


def _agreements(session: Session, row: IncomingLetterRow) -> Sequence[LetterAgreement]:
    """Those of the client; the one that the letter's notice is about comes first."""
    if row.client_id is None:
        return ()
    of_notice = select(NoticeRow.agreement_id).where(NoticeRow.id == row.notice_id)
    found = session.execute(
        select(AgreementRow.id, AgreementRow.reference)
        .where(AgreementRow.client_id == row.client_id)
        .order_by(AgreementRow.id.not_in(of_notice), AgreementRow.reference)
        .limit(PAGE_SIZE)
    )
    return [LetterAgreement(x.id, x.reference) for x in found]


def _of(shown: LetterList) -> ColumnElement[bool]:
    if shown is LetterList.ALL:
        return true()
    return letter_waits() if shown is LetterList.WAITING else ~letter_waits()


def _list(
    session: Session, *conditions: ColumnElement[bool], limit: int | None = PAGE_SIZE
) -> list[ListedLetter]:
    query = _lines().where(*conditions)
    query = query.order_by(IncomingLetterRow.received_on, IncomingLetterRow.id).limit(limit)
    return [_listed(row) for row in session.execute(query)]


def _lines() -> Select[*tuple[Any, ...]]:
    """Without the words, which a list does not show."""
    return (
        select(
            IncomingLetterRow.id,
            IncomingLetterRow.kind,
            IncomingLetterRow.channel,
            IncomingLetterRow.received_on,
            IncomingLetterRow.dispatched_on,
            IncomingLetterRow.letter_reference,
            IncomingLetterRow.from_name,
            IncomingLetterRow.filed_at.is_not(None).label("is_filed"),
            IncomingLetterRow.client_id,
            ClientRow.name.label("client"),
            NoticeRow.reference.label("notice_reference"),
            IncomingLetterRow.document_id,
            DocumentRow.file_name,
            IncomingLetterRow.recorded_at,
        )
        .outerjoin(ClientRow, ClientRow.id == IncomingLetterRow.client_id)
        .outerjoin(NoticeRow, NoticeRow.id == IncomingLetterRow.notice_id)
        .outerjoin(DocumentRow, DocumentRow.id == IncomingLetterRow.document_id)
    )


def _listed(row: Any, deadline: NextDeadline | None = None) -> ListedLetter:
    return ListedLetter(
        id=row.id,
        kind=IncomingLetterKind(row.kind),
        channel=ResponseChannel(row.channel),
        received_on=row.received_on,
        dispatched_on=row.dispatched_on,
        letter_reference=row.letter_reference,
        from_name=row.from_name,
        is_filed=bool(row.is_filed),
        client_id=row.client_id,
        client=row.client,
        notice_reference=row.notice_reference,
        document_id=row.document_id,
        file_name=row.file_name,
        recorded_at=row.recorded_at,
        deadline=deadline,
    )
