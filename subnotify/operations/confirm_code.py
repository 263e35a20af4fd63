"""Take the code that makes a "no objection" or a withdrawal count, or send another one."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.issue_code import IssuedCode, code_digest, issue_code
from subnotify.operations.queue_messages import queue_receipts
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.errors import MoveNotAllowed, NotFound, RuleError
from subnotify.rules.responses import (
    CODE_TRIES,
    CODES_PER_DAY,
    CodeExpired,
    CodeWrong,
    TooManyCodes,
    possible_answers,
)
from subnotify.rules.settlements import as_the_client_sees
from subnotify.rules.words import ResponseKind
from subnotify.storage import responses
from subnotify.storage.cases import load_case_facts
from subnotify.storage.notice_links import NoticeLink, find_link, list_links_alike, lock_notice
from subnotify.storage.responses import StoredCode, StoredResponse


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
        link, own, alike = _load(session, link_digest, reference, at)
        if all(one.is_effective for one in (*own, *alike)):
            return None
        sent = responses.find_latest_code(session, [response.id for response in own])
        refused = _check_code(session, sent, code, code_key, at)
        if sent is None or refused is not None:
            return refused
        waiting = [one for one in own if not one.is_effective]
        possible = _possible(session, waiting, {link.notice_id: link}, at)
        if len(possible) < len(waiting):
            return MoveNotAllowed(
                reason="Meanwhile the change was closed, or another answer to it was recorded."
            )
        # Under another agreement the answer may be too late by now: that one goes on waiting.
        links = {other.notice_id: other for other in list_links_alike(session, link)}
        others = [one for one in alike if not one.is_effective]
        responses.use_code(session, sent.id, at=at)
        _make_effective(session, [*waiting, *_possible(session, others, links, at)], at)
        return None


def send_code_again(
    session: Session, link_digest: str, reference: str, *, code_key: bytes, at: datetime
) -> IssuedCode | None:
    """A new code in place of the last one; None where the answer counts already.

    Raises NotFound, TooManyCodes after six codes for one answer within a day.
    """
    with transaction(session):
        link, own, alike = _load(session, link_digest, reference, at)
        if all(one.is_effective for one in (*own, *alike)):
            return None
        ids = [response.id for response in own]
        if responses.count_codes_since(session, ids, at - timedelta(days=1)) >= CODES_PER_DAY:
            raise TooManyCodes()
        return issue_code(session, ids, link.contact_email, code_key=code_key, at=at)


def _load(
    session: Session, link_digest: str, reference: str, at: datetime
) -> tuple[NoticeLink, tuple[StoredResponse, ...], tuple[StoredResponse, ...]]:
    """The link, the answers of the form to its notice, and those given alike under other
    agreements. A code goes to one contact: another contact's answer is not found."""
    link = find_link(session, link_digest, at=at)
    if link is None:
        raise NotFound
    given = _submission(session, link, reference)
    alike = responses.list_followers(session, [one.id for one in given])
    for notice_id in sorted({link.notice_id, *(one.notice_id for one in alike)}):
        lock_notice(session, notice_id)
    given = _submission(session, link, reference)
    return link, given, responses.list_followers(session, [one.id for one in given])


def _submission(session: Session, link: NoticeLink, reference: str) -> tuple[StoredResponse, ...]:
    response = responses.get_response(session, link.notice_id, reference)
    if response.contact_id != link.contact_id:
        raise NotFound
    return responses.list_submission(session, response)


def _check_code(
    session: Session, sent: StoredCode | None, code: str, code_key: bytes, at: datetime
) -> RuleError | None:
    if sent is None or at >= sent.expires_at or sent.tries >= CODE_TRIES:
        return CodeExpired()
    given = code_digest(code, sent.response_id, code_key)
    if hmac.compare_digest(given, sent.code_digest):
        return None
    responses.count_try(session, sent.id)
    left = CODE_TRIES - sent.tries - 1
    return CodeWrong(left=left) if left else CodeExpired()


def _possible(
    session: Session,
    waiting: Sequence[StoredResponse],
    links: Mapping[int, NoticeLink],
    at: datetime,
) -> list[StoredResponse]:
    """Those that their cases still take from this contact."""
    facts = load_case_facts(session, [x.case_id for x in waiting if x.case_id], at=at)
    return [
        one
        for one in waiting
        if one.notice_id in links
        and (
            one.case_id is None
            or (
                not _objected_since(facts[one.case_id], one.id)
                and one.kind
                in possible_answers(
                    as_the_client_sees(facts[one.case_id], at=at), links[one.notice_id].contact_kind
                )
            )
        )
    ]


def _objected_since(facts: CaseFacts, number: int) -> bool:
    """What was entered before an objection says nothing of it: the client answers anew."""
    return any(
        x.kind is ResponseKind.OBJECTION and x.is_effective and x.number > number
        for x in facts.responses
    )


def _make_effective(session: Session, counting: Sequence[StoredResponse], at: datetime) -> None:
    responses.make_effective(session, [response.id for response in counting], at=at)
    for notice_id in sorted({one.notice_id for one in counting}):
        actor = f"client:notice:{notice_id}"
        given = [one for one in counting if one.notice_id == notice_id]
        append_evidence_many(
            session,
            [
                NewEvidence("response_confirmed", "response", x.id, {"digest": x.digest})
                for x in given
            ],
            actor=actor,
            at=at,
        )
        apply_standings(session, [x.case_id for x in given if x.case_id], actor=actor, at=at)
    for response in counting:
        queue_receipts(session, response.id, at=at)
