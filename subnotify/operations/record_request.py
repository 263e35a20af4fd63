"""Record that a client asked in writing for the list."""

from dataclasses import asdict, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.document_requests import NewRequest, request_problems, request_reference
from subnotify.rules.errors import NotFound, Problem, ProblemsFound
from subnotify.storage.document_requests import (
    append_request,
    find_letter_behind,
    find_same_open_request,
    lock_agreement,
)


def record_request(
    session: Session, request: NewRequest, *, zone: ZoneInfo, by: str, actor: str, at: datetime
) -> int:
    """The id of the request. One that says the same and still waits is the same request: a form
    sent twice records it once. zone: the vendor's.

    Raises ProblemsFound, NotFound.
    """
    request = replace(request, requested_by=request.requested_by.strip(), note=request.note.strip())
    with transaction(session):
        agreement = lock_agreement(session, request.agreement_id)
        problems = request_problems(request, today=at.astimezone(zone).date())
        if problems:
            raise ProblemsFound(problems)
        _require_own_letter(session, request, agreement.client_id)
        already = find_same_open_request(session, request)
        if already is not None:
            return already
        request_id = append_request(session, request, by=by, at=at)
        _append_recorded(session, request_id, request, agreement.reference, by, actor, at)
        return request_id


def _require_own_letter(session: Session, request: NewRequest, client_id: int) -> None:
    """The letter is this client's, or nobody has said yet whose it is."""
    if request.incoming_letter_id is None:
        return
    letter = find_letter_behind(session, request.incoming_letter_id)
    if letter is None:
        raise NotFound
    if letter.client_id not in (None, client_id):
        raise ProblemsFound(
            (
                Problem(
                    "incoming_letter_id",
                    "This letter is another client's.",
                    "Choose an agreement of the client whose letter it is.",
                ),
            )
        )


def _append_recorded(
    session: Session,
    request_id: int,
    request: NewRequest,
    agreement: str,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    said = asdict(request)
    append_evidence(
        session,
        "document_requested",
        actor=actor,
        object_type="document_request",
        object_id=request_id,
        content={
            "reference": request_reference(request_id),
            "agreement": agreement,
            # "language" is the name of another fact: in which language notices are.
            "document_language": said.pop("language"),
            **said,
            "by": by,
        },
        at=at,
    )
