"""Record that a client asked in writing for the list."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.rules.document_requests import (
    CHANNELS,
    PORTAL_CHANNEL,
    WAITING_AT_MOST,
    EnoughRequestsWait,
    NewRequest,
    request_problems,
    request_reference,
)
from subnotify.rules.errors import NotFound, Problem, ProblemsFound
from subnotify.rules.words import ResponseChannel
from subnotify.storage.document_requests import (
    append_request,
    count_waiting_of,
    find_letter_behind,
    find_same_open_request,
    lock_agreement,
)
from subnotify.storage.portal import PortalVisit
from subnotify.storage.portal_notices import get_portal_agreement


def record_request(
    session: Session, request: NewRequest, *, zone: ZoneInfo, by: str, actor: str, at: datetime
) -> int:
    """The id of the request. One that says the same and still waits is the same request: a form
    sent twice records it once. zone: the vendor's.

    Raises ProblemsFound, NotFound.
    """
    with transaction(session):
        return _record(session, request, CHANNELS, zone, by, actor, at)


def ask_for_list(
    session: Session, visit: PortalVisit, request: NewRequest, *, zone: ZoneInfo, at: datetime
) -> int:
    """The same by a mailbox in the portal, for an agreement that names it.

    Raises ProblemsFound, EnoughRequestsWait, and NotFound for any other agreement.
    """
    with transaction(session):
        get_portal_agreement(session, visit, request.agreement_id)
        actor = f"client:agreement:{request.agreement_id}"
        before = count_waiting_of(session, request.agreement_id)
        recorded = _record(session, request, (PORTAL_CHANNEL,), zone, visit.mailbox, actor, at)
        is_new = count_waiting_of(session, request.agreement_id) > before
        if is_new and before >= WAITING_AT_MOST:
            raise EnoughRequestsWait
        return recorded


def _record(
    session: Session,
    request: NewRequest,
    channels: Collection[ResponseChannel],
    zone: ZoneInfo,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    request = replace(request, requested_by=request.requested_by.strip(), note=request.note.strip())
    agreement = lock_agreement(session, request.agreement_id)
    today = at.astimezone(zone).date()
    problems = request_problems(request, today=today, channels=channels)
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
