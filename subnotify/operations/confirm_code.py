"""Take the code that makes a "no objection" or a withdrawal count, or send another one."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.issue_code import IssuedCode, code_digest, issue_code
from subnotify.operations.queue_messages import queue_receipts
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.rules.errors import MoveNotAllowed, NotFound, RuleError
from subnotify.rules.responses import (
    CODE_TRIES,
    CODES_PER_DAY,
    CodeExpired,
    CodeWrong,
    TooManyCodes,
    possible_answers,
)
from subnotify.storage import responses
from subnotify.storage.cases import load_case_facts
from subnotify.storage.notice_links import NoticeLink, find_link, lock_notice
from subnotify.storage.responses import StoredResponse


def confirm_code(
    session: Session, link_digest: str, reference: str, code: str, *, code_key: bytes, at: datetime
) -> None:
    """Make the answers of one form count from `at`. Confirmed twice changes nothing more.

    Raises NotFound, CodeWrong (the try is counted), CodeExpired (after 60 minutes or five tries),
    MoveNotAllowed where the case no longer takes the answer.
    """
    refused = taking_turns(lambda: _confirm(session, link_digest, reference, code, code_key, at))
    # Raised after the commit: a wrong try must stay counted.
    if refused is not None:
        raise refused


def _confirm(
    session: Session, link_digest: str, reference: str, code: str, code_key: bytes, at: datetime
) -> RuleError | None:
    with transaction(session):
        link, waiting = _load(session, link_digest, reference)
        refused = _check(session, link, waiting, code, code_key, at) if waiting else None
        if waiting and refused is None:
            _make_effective(session, link, waiting, at)
        return refused


def send_code_again(
    session: Session, link_digest: str, reference: str, *, code_key: bytes, at: datetime
) -> IssuedCode | None:
    """A new code in place of the last one; None where the answer counts already.

    Raises NotFound, TooManyCodes after six codes for one answer within a day.
    """
    with transaction(session):
        link, waiting = _load(session, link_digest, reference)
        if not waiting:
            return None
        ids = [response.id for response in waiting]
        if responses.count_codes_since(session, ids, at - timedelta(days=1)) >= CODES_PER_DAY:
            raise TooManyCodes()
        return issue_code(session, ids, link.contact_email, code_key=code_key, at=at)


def _load(
    session: Session, link_digest: str, reference: str
) -> tuple[NoticeLink, list[StoredResponse]]:
    """The link and what of the form still waits. A code goes to one contact: another contact's
    answer is not found."""
    link = find_link(session, link_digest)
    if link is None:
        raise NotFound
    lock_notice(session, link.notice_id)
    response = responses.get_response(session, link.notice_id, reference)
    if response.contact_id != link.contact_id:
        raise NotFound
    given = responses.list_submission(session, response)
    return link, [one for one in given if not one.is_effective]


def _check(
    session: Session,
    link: NoticeLink,
    waiting: Sequence[StoredResponse],
    code: str,
    code_key: bytes,
    at: datetime,
) -> RuleError | None:
    sent = responses.find_latest_code(session, [response.id for response in waiting])
    if sent is None or at >= sent.expires_at or sent.tries >= CODE_TRIES:
        return CodeExpired()
    given = code_digest(code, sent.response_id, code_key)
    if not hmac.compare_digest(given, sent.code_digest):
        responses.count_try(session, sent.id)
        left = CODE_TRIES - sent.tries - 1
        return CodeWrong(left=left) if left else CodeExpired()
    facts = load_case_facts(session, [x.case_id for x in waiting if x.case_id], at=at)
    for response in waiting:
        if response.case_id and response.kind not in possible_answers(
            facts[response.case_id], link.contact_kind
        ):
            return MoveNotAllowed(
                reason="Meanwhile the change was closed, or another answer to it was recorded."
            )
    responses.use_code(session, sent.id, at=at)
    return None


def _make_effective(
    session: Session, link: NoticeLink, waiting: Sequence[StoredResponse], at: datetime
) -> None:
    actor = f"client:notice:{link.notice_id}"
    responses.make_effective(session, [response.id for response in waiting], at=at)
    append_evidence_many(
        session,
        [
            NewEvidence("response_confirmed", "response", x.id, {"digest": x.digest})
            for x in waiting
        ],
        actor=actor,
        at=at,
    )
    apply_standings(session, [x.case_id for x in waiting if x.case_id], actor=actor, at=at)
    for response in waiting:
        queue_receipts(session, response.id, at=at)
