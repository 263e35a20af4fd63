"""Legal writes to a client about its notice, unasked or once more after an answer.

The text is kept and mailed to every contact of the agreement; both sides read it in the thread.
It moves no case and no date: what the client said still waits for its own answer.
"""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.evidence.digest import canonical_json, plain_digest
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.queue_messages import queue_legal_message
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.operations.written_reasons import ReasonTooLong, written_reason
from subnotify.rules.errors import RuleError
from subnotify.storage.case_locks import get_notice, lock_case
from subnotify.storage.legal_messages import append_legal_message, find_by_form

__all__ = ["MessageMissing", "ReasonTooLong", "write_to_client"]


class MessageMissing(RuleError):
    message = "Write the message: it is mailed to the client."


def write_to_client(
    session: Session,
    case_id: int,
    text: str,
    *,
    form_key: str,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    """Keep and mail a message about the notice of this case; its id.

    form_key: random, one for each form shown: the same form sent twice is one message. Raises
    MessageMissing, ReasonTooLong, NotFound.
    """
    if not text.strip():
        raise MessageMissing
    written = written_reason(text)
    token = hashlib.sha256(canonical_json([form_key, case_id, written])).hexdigest()
    return taking_turns(lambda: _write_once(session, case_id, written, token, by, actor, at))


def _write_once(
    session: Session, case_id: int, text: str, token: str, by: str, actor: str, at: datetime
) -> int:
    with transaction(session):
        case = lock_case(session, case_id)
        known = find_by_form(session, token)
        if known is not None:
            return known
        notice = get_notice(session, case.notice_id)
        content = {"notice": notice.reference, "text": text, "written_at": at, "by": by}
        number = append_legal_message(
            session,
            notice_id=notice.id,
            case_id=case_id,
            text=text,
            by=by,
            form_token=token,
            digest=plain_digest(content),
            at=at,
        )
        append_evidence(
            session,
            "client_written_to",
            actor=actor,
            object_type="case",
            object_id=case_id,
            content=content,
            at=at,
        )
        queue_legal_message(session, number, at=at)
        return number
