"""Answer a written request for the list: prepare the document, and record how it was given.

The document is sealed before anybody gets it: what the register names is what was given, byte for
byte. What was given stays; to answer again is a request of its own.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.keep_document import GivenFile, keep_document
from subnotify.operations.show_list_document import render_client_list
from subnotify.operations.transaction import transaction
from subnotify.rules.document_requests import (
    ListVersion,
    NothingPrepared,
    RequestAnswered,
    answer_problems,
    request_reference,
    ways_to_give,
)
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.words import ResponseChannel
from subnotify.storage.document_requests import lock_request
from subnotify.storage.documents import KeptDocument, find_document
from subnotify.storage.tables import DocumentRequestRow
from subnotify.wording.list_document_facts import AskedFor


def prepare_document(
    session: Session,
    request_id: int,
    *,
    in_place_of: int | None,
    zone: ZoneInfo,
    seal_key: SealKey,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    """Draw up the list that was asked for, and seal it; the id of the document.

    in_place_of: the one prepared before that the operator saw, None for none. It stays sealed, and
    its evidence names it. Where another one took its place meanwhile, that one is the answer.
    Raises NotFound, RequestAnswered, ListNotPublished.
    """
    now: dict[str, Any] = {"zone": zone, "at": at}
    with transaction(session):
        row = lock_request(session, request_id)
        if row.answered_at is not None:
            raise RequestAnswered
        if row.document_id is not None and row.document_id != in_place_of:
            return row.document_id
        asked = AskedFor(request_reference(request_id), row.requested_by, row.requested_on)
        rendered = render_client_list(
            session, row.agreement_id, on=row.as_of_on, language=row.language, asked=asked, **now
        )
        given = GivenFile(rendered.file_name, rendered.raw)
        kept = keep_document(
            session, given, fallback_name=asked.reference, seal_key=seal_key, by=by, at=at
        )
        before, row.document_id = row.document_id, kept.id
        row.list_version = rendered.version.key
        session.flush()
        said = {**_said_of(row, kept), "in_place_of": before, **_said_of_list(rendered.version)}
        _append(session, "document_prepared", row, {**said, "by": by}, actor, at)
        return kept.id


def record_answer(
    session: Session,
    request_id: int,
    *,
    document_id: int,
    through: ResponseChannel,
    given_on: date,
    zone: ZoneInfo,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    """The document prepared was given to the client on the vendor's day `given_on`.

    document_id: the one that the operator saw; NothingPrepared where another one took its place.
    The same answer again changes nothing. Raises NotFound, ProblemsFound, RequestAnswered.
    """
    with transaction(session):
        row = lock_request(session, request_id)
        if row.answered_at is not None:
            on_record = (row.document_id, row.answered_through, row.answered_on)
            if on_record == (document_id, through.value, given_on):
                return
            raise RequestAnswered
        given = find_document(session, row.document_id)
        if given is None or given.id != document_id:
            raise NothingPrepared
        today = at.astimezone(zone).date()
        prepared_on = given.added_at.astimezone(zone).date()
        ways = ways_to_give(ResponseChannel(row.channel))
        problems = answer_problems(
            through, given_on, prepared_on=prepared_on, today=today, channels=ways
        )
        if problems:
            raise ProblemsFound(problems)
        row.answered_at, row.answered_by = at, by
        row.answered_through, row.answered_on = through.value, given_on
        said = {**_said_of(row, given), "through": through, "given_on": given_on}
        _append(session, "document_given", row, {**said, "by": by}, actor, at)


def _said_of(row: DocumentRequestRow, document: KeptDocument) -> dict[str, Any]:
    return {
        "reference": request_reference(row.id),
        "document_id": document.id,
        "digest": document.digest,
        "file_name": document.file_name,
        "list": row.list_version,
        "as_of_on": row.as_of_on,
        "document_language": row.language,
    }


def _said_of_list(version: ListVersion) -> dict[str, Any]:
    return {
        "list_version": version.number,
        "list_published_at": version.published_at,
        "release": version.release_number,
    }


def _append(
    session: Session,
    type: str,
    row: DocumentRequestRow,
    content: Mapping[str, Any],
    actor: str,
    at: datetime,
) -> None:
    append_evidence(
        session,
        type,
        actor=actor,
        object_type="document_request",
        object_id=row.id,
        content=content,
        at=at,
    )
