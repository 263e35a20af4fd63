"""Record what a client answers through its personal link.

An objection, a question, a request for more time and an acknowledgement count from here on. A
"no objection", a waiver and a withdrawal wait for the code that `confirm_code` takes. Whoever
answers has received the notice, so every answer proves receipt; but for the word of somebody who
says that they are not the one to ask: that changes nothing about the notice.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.answers_alike import append_alike
from subnotify.operations.append_answers import append_answer
from subnotify.operations.issue_code import IssuedCode, issue_code
from subnotify.operations.queue_alarms import queue_objection_alarm
from subnotify.operations.queue_messages import queue_receipts
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.rules.errors import NotFound
from subnotify.rules.responses import Answer, needs_code
from subnotify.rules.words import ResponseKind
from subnotify.storage import responses
from subnotify.storage.notice_briefs import NoticeBrief, get_notice_brief
from subnotify.storage.notice_links import (
    NoticeLink,
    find_link,
    list_links_alike,
    lock_notice,
)


@dataclass(frozen=True)
class Recorded:
    """What came of a form. reference: of the first response, which opens the receipt of all.

    is_new: False where the same form, or an identical objection, had been recorded before.
    code: to be mailed to the contact now; None where no code is needed or one was sent before.
    left_out: agreements to be answered alike whose notice took no more answers today.
    """

    reference: str
    response_ids: tuple[int, ...]
    is_new: bool
    awaits_code: bool
    code: IssuedCode | None = None
    left_out: tuple[str, ...] = ()


def record_response(
    session: Session,
    link_digest: str,
    answer: Answer,
    *,
    elsewhere: Collection[int] = (),
    form_key: str,
    code_key: bytes,
    legal_email: str,
    at: datetime,
) -> Recorded:
    """Record an answer of the link's contact, once for each change it speaks of.

    elsewhere: notices of the same release under other agreements of the client that are answered
    alike; each gets a response of its own, judged by its own terms.

    form_key: random, one for each form shown: the same form sent twice is one response. code_key:
    keys the digest of a code. Raises NotFound (link, or a change of another notice),
    ProblemsFound (each problem at its field), MoveNotAllowed, TooManyResponses.
    """
    return taking_turns(
        lambda: _record_once(
            session, link_digest, answer, elsewhere, form_key, code_key, legal_email, at
        )
    )


def _record_once(
    session: Session,
    link_digest: str,
    answer: Answer,
    elsewhere: Collection[int],
    form_key: str,
    code_key: bytes,
    legal_email: str,
    at: datetime,
) -> Recorded:
    with transaction(session):
        link = find_link(session, link_digest, at=at)
        if link is None:
            raise NotFound
        # Two copies of one form wait for each other here, and the second finds the first.
        for notice_id in sorted({link.notice_id, *_own(session, link, elsewhere)}):
            lock_notice(session, notice_id)
        brief = get_notice_brief(session, link.notice_id)
        if not set(answer.case_ids) <= set(brief.case_ids):
            raise NotFound
        return _record(session, link, brief, answer, elsewhere, form_key, code_key, legal_email, at)


def _own(session: Session, link: NoticeLink, elsewhere: Collection[int]) -> set[int]:
    """Those that this contact may answer at all: nothing else is even locked."""
    if not elsewhere:
        return set()
    own = {other.notice_id for other in list_links_alike(session, link)}
    if not set(elsewhere) <= own:
        raise NotFound
    return set(elsewhere)


def _record(
    session: Session,
    link: NoticeLink,
    brief: NoticeBrief,
    answer: Answer,
    elsewhere: Collection[int],
    form_key: str,
    code_key: bytes,
    legal_email: str,
    at: datetime,
) -> Recorded:
    appended = append_answer(session, link, brief, answer, form_key=form_key, at=at)
    own = appended.new or appended.before
    alike = append_alike(
        session, link, brief, answer, elsewhere, leading_id=min(own), form_key=form_key, at=at
    )
    new = [*appended.new, *alike.new]
    recorded = _recorded(session, brief, own, is_new=bool(new))
    recorded = replace(recorded, left_out=alike.left_out)
    if not new:
        return recorded
    if needs_code(answer.kind):
        # One code for all: it is kept with the first of them, which leads the others.
        code = issue_code(session, [*own, *new], link.contact_email, code_key=code_key, at=at)
        return replace(recorded, awaits_code=True, code=code)
    for response_id in new:
        queue_receipts(session, response_id, at=at)
        if answer.kind is ResponseKind.OBJECTION:
            queue_objection_alarm(session, response_id, legal_email, at=at)
    return recorded


def _recorded(
    session: Session, brief: NoticeBrief, ids: Collection[int], *, is_new: bool
) -> Recorded:
    """The answers of a form; the first that still awaits its code comes first."""
    given = [x for x in responses.list_responses(session, brief.notice_id) if x.id in set(ids)]
    given.sort(key=lambda x: (x.is_effective, x.id))
    return Recorded(
        reference=given[0].reference,
        response_ids=tuple(x.id for x in given),
        is_new=is_new,
        awaits_code=not given[0].is_effective,
    )
