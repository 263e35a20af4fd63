"""A person deals with what a client said: read it, or answer it by mail."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.queue_messages import queue_answer
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import RuleError
from subnotify.storage.case_locks import get_response, lock_cases_of_response
from subnotify.storage.tables import ResponseRow


class AnswerMissing(RuleError):
    message = "Write the answer: it is mailed to the client."


class AlreadyAnswered(RuleError):
    message = "This response was answered already. The answer is on the case's page."


def mark_response_read(
    session: Session, response_id: int, *, note: str = "", by: str, actor: str, at: datetime
) -> None:
    """A person has read a response and dealt with it: it holds silence no longer.

    It still counts as a response: where any response breaks silence, silence stays broken.
    Marking twice changes nothing. Raises NotFound.
    """
    with transaction(session):
        cases = lock_cases_of_response(session, response_id)
        response = get_response(session, response_id)
        if response.read_at is not None:
            return
        response.read_at, response.read_by = at, by
        _append_read(session, response, {"note": note.strip(), "by": by}, actor, at)
        apply_standings(session, [case.id for case in cases], actor=actor, at=at)


def answer_response(
    session: Session, response_id: int, answer: str, *, by: str, actor: str, at: datetime
) -> None:
    """Answer a response: the text is kept, mailed to the client, and the response counts as read.

    The same answer sent twice is one. Raises AnswerMissing, AlreadyAnswered (by another text),
    ReasonTooLong, NotFound.
    """
    if not answer.strip():
        raise AnswerMissing
    text = written_reason(answer)
    with transaction(session):
        cases = lock_cases_of_response(session, response_id)
        response = get_response(session, response_id)
        if response.answer == text:
            return
        if response.answer is not None:
            raise AlreadyAnswered
        response.answer = text
        if response.read_at is None:
            response.read_at, response.read_by = at, by
        _append_read(session, response, {"answer": text, "by": by}, actor, at)
        queue_answer(session, response_id, at=at)
        apply_standings(session, [case.id for case in cases], actor=actor, at=at)


def _append_read(
    session: Session, response: ResponseRow, said: dict[str, str], actor: str, at: datetime
) -> None:
    append_evidence(
        session,
        "response_answered" if "answer" in said else "response_read",
        actor=actor,
        object_type="response",
        object_id=response.id,
        content={"reference": response.reference, **said},
        at=at,
    )
