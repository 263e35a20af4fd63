"""The register of written requests for the list, and of what was given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from subnotify.rules.document_requests import NewRequest, request_reference
from subnotify.rules.errors import NotFound
from subnotify.rules.words import ResponseChannel
from subnotify.storage.tables import (
    AgreementRow,
    ClientRow,
    DocumentRequestRow,
    DocumentRow,
    IncomingLetterRow,
)

PAGE_SIZE = 50


class RequestList(StrEnum):
    """Which requests a page lists."""

    OPEN = "open"
    ANSWERED = "answered"
    ALL = "all"


@dataclass(frozen=True)
class Request:
    """A request and its answer. Days are the vendor's. document_id: the document prepared, and
    once answered_at is set the very one that was given; digest: SHA-256 of its bytes."""

    id: int
    client_id: int
    client: str
    agreement_id: int
    agreement: str
    channel: ResponseChannel
    requested_on: date
    requested_by: str
    as_of_on: date
    language: str
    note: str
    incoming_letter_id: int | None
    recorded_at: datetime
    recorded_by: str
    answered_at: datetime | None
    answered_by: str | None
    answered_on: date | None
    answered_through: ResponseChannel | None
    document_id: int | None
    list_version: str
    file_name: str
    octets: int
    digest: str
    prepared_at: datetime | None
    prepared_by: str

    @property
    def reference(self) -> str:
        return request_reference(self.id)


@dataclass(frozen=True)
class RequestPage:
    """total: of the list shown; waiting: of those without an answer."""

    requests: tuple[Request, ...]
    total: int
    waiting: int


@dataclass(frozen=True)
class LetterBehind:
    """The incoming letter that asks. client_id None: nobody has said yet whose it is. is_filed:
    it waits for nobody any more."""

    id: int
    client_id: int | None
    from_name: str
    channel: ResponseChannel
    received_on: date
    is_filed: bool


def get_request(session: Session, request_id: int) -> Request:
    """Raises NotFound."""
    row = session.execute(_requests().where(DocumentRequestRow.id == request_id)).one_or_none()
    if row is None:
        raise NotFound
    return _request(*row)


def load_request_page(session: Session, shown: RequestList, *, page: int = 1) -> RequestPage:
    """One page of a list: those that wait, the oldest first; those answered, the latest first."""
    query, count = _requests(), select(func.count(DocumentRequestRow.id))
    is_open = DocumentRequestRow.answered_at.is_(None)
    if shown is not RequestList.ALL:
        condition = is_open if shown is RequestList.OPEN else ~is_open
        query, count = query.where(condition), count.where(condition)
    # What waits comes first in every list, and there the oldest.
    query = query.order_by(
        DocumentRequestRow.answered_at.is_not(None),
        DocumentRequestRow.answered_at.desc(),
        DocumentRequestRow.requested_on,
        DocumentRequestRow.id,
    )
    rows = session.execute(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return RequestPage(
        requests=tuple(_request(*row) for row in rows),
        total=session.scalar(count) or 0,
        waiting=count_open_requests(session),
    )


def list_requests_of(
    session: Session, agreement_ids: Iterable[int], *, at_most: int | None = None
) -> tuple[Request, ...]:
    """The requests under these agreements, the latest first; at_most: None for all."""
    rows = session.execute(
        _requests()
        .where(DocumentRequestRow.agreement_id.in_(list(agreement_ids)))
        .order_by(DocumentRequestRow.requested_on.desc(), DocumentRequestRow.id.desc())
        .limit(at_most)
    )
    return tuple(_request(*row) for row in rows)


def count_open_requests(session: Session) -> int:
    """Those that wait for an answer."""
    query = select(func.count(DocumentRequestRow.id)).where(
        DocumentRequestRow.answered_at.is_(None)
    )
    return session.scalar(query) or 0


def count_waiting_of(session: Session, agreement_id: int) -> int:
    """Those of one agreement that wait for an answer."""
    query = select(func.count(DocumentRequestRow.id)).where(
        DocumentRequestRow.agreement_id == agreement_id, DocumentRequestRow.answered_at.is_(None)
    )
    return session.scalar(query) or 0


def find_letter_behind(session: Session, letter_id: int | None) -> LetterBehind | None:
    """The incoming letter of this id; None for None."""
    row = session.get(IncomingLetterRow, letter_id) if letter_id is not None else None
    if row is None:
        return None
    return LetterBehind(
        id=row.id,
        client_id=row.client_id,
        from_name=row.from_name,
        channel=ResponseChannel(row.channel),
        received_on=row.received_on,
        is_filed=row.filed_at is not None,
    )


def lock_agreement(session: Session, agreement_id: int) -> AgreementRow:
    """Kept from other writers, so that one request is recorded once. Raises NotFound."""
    row = session.scalar(
        select(AgreementRow).where(AgreementRow.id == agreement_id).with_for_update(key_share=True)
    )
    if row is None:
        raise NotFound
    return row


def lock_request(session: Session, request_id: int) -> DocumentRequestRow:
    """Raises NotFound."""
    row = session.scalar(
        select(DocumentRequestRow)
        .where(DocumentRequestRow.id == request_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def find_same_open_request(session: Session, request: NewRequest) -> int | None:
    """One that says the same and still waits: a form sent twice."""
    return session.scalar(
        select(DocumentRequestRow.id)
        .where(
            DocumentRequestRow.agreement_id == request.agreement_id,
            DocumentRequestRow.channel == request.channel.value,
            DocumentRequestRow.requested_on == request.requested_on,
            DocumentRequestRow.requested_by == request.requested_by,
            DocumentRequestRow.as_of_on == request.as_of_on,
            DocumentRequestRow.language == request.language,
            DocumentRequestRow.note == request.note,
            DocumentRequestRow.incoming_letter_id.is_not_distinct_from(request.incoming_letter_id),
            DocumentRequestRow.answered_at.is_(None),
        )
        .order_by(DocumentRequestRow.id)
        .limit(1)
    )


def append_request(session: Session, request: NewRequest, *, by: str, at: datetime) -> int:
    """Its id."""
    row = DocumentRequestRow(
        agreement_id=request.agreement_id,
        incoming_letter_id=request.incoming_letter_id,
        channel=request.channel.value,
        requested_on=request.requested_on,
        requested_by=request.requested_by,
        as_of_on=request.as_of_on,
        language=request.language,
        note=request.note,
        recorded_at=at,
        recorded_by=by,
    )
    session.add(row)
    session.flush()
    return row.id


def _requests() -> Select[DocumentRequestRow, str, int, str, str, int, str, datetime, str]:
    return (
        select(
            DocumentRequestRow,
            AgreementRow.reference,
            ClientRow.id,
            ClientRow.name,
            DocumentRow.file_name,
            DocumentRow.octets,
            DocumentRow.digest,
            DocumentRow.added_at,
            DocumentRow.added_by,
        )
        .join(AgreementRow, AgreementRow.id == DocumentRequestRow.agreement_id)
        .join(ClientRow, ClientRow.id == AgreementRow.client_id)
        .outerjoin(DocumentRow, DocumentRow.id == DocumentRequestRow.document_id)
    )


def _request(
    row: DocumentRequestRow,
    agreement: str,
    client_id: int,
    client: str,
    file_name: str | None,
    octets: int | None,
    digest: str | None,
    prepared_at: datetime | None,
    prepared_by: str | None,
) -> Request:
    through = row.answered_through
    return Request(
        id=row.id,
        client_id=client_id,
        client=client,
        agreement_id=row.agreement_id,
        agreement=agreement,
        channel=ResponseChannel(row.channel),
        requested_on=row.requested_on,
        requested_by=row.requested_by,
        as_of_on=row.as_of_on,
        language=row.language,
        note=row.note,
        incoming_letter_id=row.incoming_letter_id,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        answered_on=row.answered_on,
        answered_through=ResponseChannel(through) if through else None,
        document_id=row.document_id,
        list_version=row.list_version,
        file_name=file_name or "",
        octets=octets or 0,
        digest=digest or "",
        prepared_at=prepared_at,
        prepared_by=prepared_by or "",
    )
