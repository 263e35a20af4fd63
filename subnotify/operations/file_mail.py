"""A person says whose mail it is, and what it is: an answer of the client, or none.

What is recorded from a mail is dated by its receipt at our server, not by its filing: an objection
that lay unread past the deadline was in time, and its client's cases were on hold meanwhile.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.queue_alarms import queue_objection_alarm
from subnotify.operations.queue_messages import queue_receipts
from subnotify.operations.record_mail_answers import record_mail_answers
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.operations.written_reasons import LONGEST_REASON, ReasonTooLong
from subnotify.rules.errors import N_, MoveNotAllowed, NotFound, Problem, ProblemsFound, RuleError
from subnotify.rules.words import FiledAs, ResponseKind, TagStanding
from subnotify.storage.incoming import (
    NoticeOfCase,
    find_notice_message,
    get_tie,
    list_answered_cases,
    list_recorded,
    list_running_cases,
    load_notices_of_cases,
    lock_mail,
    running_cases_of,
)
from subnotify.storage.message_reports import lock_cases
from subnotify.storage.servings import lock_notices
from subnotify.storage.tables import AgreementRow, CaseRow, IncomingMailRow, NoticeRow

# What a person may make of a mail, and the response that is then recorded.
ANSWERS = {
    FiledAs.OBJECTION: ResponseKind.OBJECTION,
    FiledAs.QUESTION: ResponseKind.QUESTION,
    FiledAs.MORE_TIME: ResponseKind.MORE_TIME,
    FiledAs.ACKNOWLEDGEMENT: ResponseKind.ACKNOWLEDGEMENT,
}
# No answer was recorded from these: a mail filed so may still turn out to be one.
MAY_BE_FILED_ANEW = frozenset({FiledAs.NO_ANSWER, FiledAs.AUTO_REPLY, FiledAs.REPORT})


class FiledBefore(RuleError):
    """Somebody was faster, or filed it otherwise: what was recorded stands."""

    message = "This mail was filed already. Load the page again: it says as what, and by whom."


class TiedMeanwhile(RuleError):
    message = "Somebody has just said to which notice this mail belongs. Load the page again."


class NotTied(RuleError):
    message = "Nobody has said yet to which notice this mail belongs. Choose the notice first."


def file_mail(
    session: Session,
    mail_id: int,
    filed_as: FiledAs,
    case_ids: Sequence[int] = (),
    note: str = "",
    *,
    by: str,
    actor: str,
    legal_email: str,
    at: datetime,
) -> tuple[int, ...]:
    """Say what a mail is; the ids of the responses recorded from it.

    case_ids: the changes that it speaks of, one response for each; an objection needs at least
    one, the other answers speak of the whole notice without any. They may belong to any notice of
    the client. The answers are received when our server took the mail, prove receipt of the
    notice, and get their receipts; legal is told of an objection. no_answer only ends the hold.

    The same filing twice is one. A mail that was filed as no answer, or as an automatic reply, may
    be filed as an answer later. Raises FiledBefore, NotTied, ProblemsFound, ReasonTooLong,
    NotFound.
    """
    if filed_as is not FiledAs.NO_ANSWER and filed_as not in ANSWERS:
        raise MoveNotAllowed(reason=N_("Only the machine files reports and automatic replies."))
    words = note.strip()
    if len(words) > LONGEST_REASON:
        raise ReasonTooLong(longest=LONGEST_REASON)
    chosen = tuple(sorted(set(case_ids)))
    return taking_turns(
        lambda: _file(session, mail_id, filed_as, chosen, words, by, actor, legal_email, at)
    )


def tie_mail(
    session: Session, mail_id: int, notice_id: int, *, by: str, actor: str, at: datetime
) -> None:
    """Say to which notice a mail without a valid tag belongs; its client's cases then wait for it.

    Where the sender's address is that of a contact of the notice, the mail counts as answering
    the message to that contact. Tied wrongly, it may be tied anew until it is filed. Raises
    FiledBefore, MoveNotAllowed for a mail whose tag names its client, NotFound.
    """
    taking_turns(lambda: _tie(session, mail_id, notice_id, by, actor, at))


def _tie(session: Session, mail_id: int, notice_id: int, by: str, actor: str, at: datetime) -> None:
    with transaction(session):
        client_id = session.scalar(
            select(AgreementRow.client_id)
            .join(NoticeRow, NoticeRow.agreement_id == AgreementRow.id)
            .where(NoticeRow.id == notice_id)
        )
        if client_id is None:
            raise NotFound
        before = get_tie(session, mail_id)
        clients = {x for x in (client_id, before[1]) if x is not None}
        lock_notices(session, [notice_id])
        lock_cases(session, running_cases_of(clients))
        mail = _lock_mail(session, mail_id, before)
        if mail.filed_at is not None and mail.filed_as not in MAY_BE_FILED_ANEW:
            raise FiledBefore
        if mail.tag == TagStanding.VALID and mail.client_id is not None:
            raise MoveNotAllowed(reason=N_("The signed mark of this mail names its client."))
        if mail.notice_id == notice_id:
            return
        mail.notice_id, mail.client_id = notice_id, client_id
        mail.message_id = find_notice_message(session, notice_id, mail.from_address)
        append_evidence(
            session,
            "mail_tied",
            actor=actor,
            object_type="incoming_mail",
            object_id=mail.id,
            content={"mail_sha256": mail.digest, "notice": notice_id, "by": by},
            at=at,
        )
        apply_standings(session, list_running_cases(session, clients), actor=actor, at=at)


def _file(
    session: Session,
    mail_id: int,
    filed_as: FiledAs,
    chosen: tuple[int, ...],
    note: str,
    by: str,
    actor: str,
    legal_email: str,
    at: datetime,
) -> tuple[int, ...]:
    with transaction(session):
        tied_id, client_id = get_tie(session, mail_id)
        of_cases = load_notices_of_cases(session, chosen)
        concerned = {x.notice_id for x in of_cases.values()}
        concerned |= {tied_id} if tied_id is not None else set()
        clients = {client_id} if client_id is not None else set[int]()
        lock_notices(session, sorted(concerned))
        lock_cases(session, CaseRow.notice_id.in_(concerned), running_cases_of(clients))
        mail = _lock_mail(session, mail_id, (tied_id, client_id))
        if _is_repeated(session, mail, filed_as, chosen, by):
            return list_recorded(session, mail_id)
        before, recorded = mail.filed_as, tuple[int, ...]()
        mail.filed_at, mail.filed_as, mail.filed_by, mail.filed_note = at, filed_as.value, by, note
        if filed_as is not FiledAs.NO_ANSWER:
            _require_sound(mail, filed_as, chosen, of_cases)
            recorded = record_mail_answers(
                session, mail, ANSWERS[filed_as], of_cases, by=by, actor=actor, at=at
            )
        _append_filed(session, mail, before, recorded, actor, at)
        if filed_as is not FiledAs.ACKNOWLEDGEMENT:
            _tell(session, recorded, filed_as, legal_email, at)
        cases = {*list_running_cases(session, clients), *of_cases}
        apply_standings(session, cases, actor=actor, at=at)
        return recorded


def _lock_mail(
    session: Session, mail_id: int, tie: tuple[int | None, int | None]
) -> IncomingMailRow:
    """The mail, if it is still tied as when its cases were locked."""
    mail = lock_mail(session, mail_id)
    if (mail.notice_id, mail.client_id) != tie:
        raise TiedMeanwhile
    return mail


def _is_repeated(
    session: Session, mail: IncomingMailRow, filed_as: FiledAs, chosen: Sequence[int], by: str
) -> bool:
    """The same person said the same before. Raises FiledBefore where something else stands."""
    if mail.filed_at is None or mail.filed_as is None:
        return False
    if filed_as in ANSWERS and mail.filed_as in MAY_BE_FILED_ANEW:
        return False
    answered = list_answered_cases(session, mail.id)
    if (mail.filed_as, mail.filed_by, answered) != (filed_as, by, set(chosen)):
        raise FiledBefore
    return True


def _require_sound(
    mail: IncomingMailRow,
    filed_as: FiledAs,
    chosen: Sequence[int],
    of_cases: Mapping[int, NoticeOfCase],
) -> None:
    if mail.notice_id is None or mail.client_id is None:
        raise NotTied
    if filed_as is FiledAs.OBJECTION and not chosen:
        raise ProblemsFound((Problem("case_ids", "No change is chosen.", "Choose at least one."),))
    if set(chosen) != set(of_cases):
        raise NotFound
    if any(x.client_id != mail.client_id for x in of_cases.values()):
        raise NotFound


def _append_filed(
    session: Session,
    mail: IncomingMailRow,
    before: str | None,
    recorded: Sequence[int],
    actor: str,
    at: datetime,
) -> None:
    append_evidence(
        session,
        "mail_filed",
        actor=actor,
        object_type="incoming_mail",
        object_id=mail.id,
        content={
            "mail_sha256": mail.digest,
            "received_at": mail.received_at,
            "filed_as": mail.filed_as,
            "filed_before_as": before,
            "responses": list(recorded),
            "note": mail.filed_note,
            "by": mail.filed_by,
        },
        at=at,
    )


def _tell(
    session: Session,
    response_ids: Sequence[int],
    filed_as: FiledAs,
    legal_email: str,
    at: datetime,
) -> None:
    for response_id in response_ids:
        queue_receipts(session, response_id, at=at)
        if filed_as is FiledAs.OBJECTION:
            queue_objection_alarm(session, response_id, legal_email, at=at)
