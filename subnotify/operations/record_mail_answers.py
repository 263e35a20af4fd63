"""The responses that a mail of the client turns into, once a person has said what it is."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.delivery.arrivals import LONGEST_WAY
from subnotify.evidence.digest import plain_digest
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.record_letter import new_reference
from subnotify.operations.record_proof import record_receipt_proof
from subnotify.rules.case_facts import CaseFacts, ResponseFact
from subnotify.rules.errors import N_, MoveNotAllowed
from subnotify.rules.objections import timeliness_of
from subnotify.rules.responses import LONGEST_NAME, LONGEST_TEXT, Receipt, receipt_content
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import (
    ProofKind,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    TagStanding,
    Timeliness,
)
from subnotify.storage.cases import load_case_facts
from subnotify.storage.incoming import NoticeOfCase, find_left_at, find_notice_message
from subnotify.storage.tables import (
    CaseRow,
    IncomingMailRow,
    MailResponseRow,
    MessageRow,
    NoticeRow,
    ResponseRow,
)


def record_mail_answers(
    session: Session,
    mail: IncomingMailRow,
    kind: ResponseKind,
    of_cases: Mapping[int, NoticeOfCase],
    *,
    by: str,
    actor: str,
    at: datetime,
) -> tuple[int, ...]:
    """One response for each of these cases, or one to the mail's notice; their ids.

    Within the transaction of the caller, which holds the notices, the cases and the mail (tied to
    a notice). Whoever answers has received the notice: each contact that can be told from the mail
    proves it, from the instant of its receipt. Raises MoveNotAllowed for an acknowledgement that
    came before the notice left.
    """
    notices = {x.notice_id for x in of_cases.values()} or {mail.notice_id or 0}
    messages = {x: _message_of(session, mail, x) for x in sorted(notices)}
    for message_id in messages.values():
        if message_id is not None and _came_after(session, mail, message_id):
            _prove_receipt(session, message_id, mail.received_at, actor, at)
        elif message_id is not None and kind is ResponseKind.ACKNOWLEDGEMENT:
            raise MoveNotAllowed(
                reason=N_("This mail came before the notice was sent: it cannot acknowledge it.")
            )
    # The proof may just have opened the window that an objection is judged by.
    facts = _load_facts(session, notices, at)
    targets: list[tuple[int, NoticeOfCase | None]] = [
        (x.notice_id, x) for x in of_cases.values()
    ] or [(mail.notice_id or 0, None)]
    recorded = []
    for notice_id, case in targets:
        row = _append(session, mail, kind, notice_id, case, messages[notice_id], facts, by)
        session.add(MailResponseRow(response_id=row.id, incoming_mail_id=mail.id))
        _append_evidence(session, mail, row, actor, at)
        recorded.append(row.id)
    session.flush()
    return tuple(recorded)


def _prove_receipt(
    session: Session, message_id: int, received_at: datetime, actor: str, at: datetime
) -> None:
    kind = ProofKind.ACKNOWLEDGEMENT
    record_receipt_proof(session, message_id, kind, actor=actor, at=at, received_at=received_at)


def _came_after(session: Session, mail: IncomingMailRow, message_id: int) -> bool:
    """Can this mail show that its sender has the notice? Its signed mark came with the notice; of
    any other mail a person says whose it is, and one from before the notice left knows nothing
    of it."""
    if mail.tag == TagStanding.VALID and mail.message_id == message_id:
        return True
    left_at = find_left_at(session, message_id)
    return left_at is not None and mail.received_at >= left_at


def _message_of(session: Session, mail: IncomingMailRow, notice_id: int) -> int | None:
    """The mail of ours that this one answers, as far as its tag or its sender tells."""
    if notice_id == mail.notice_id and mail.message_id is not None:
        return mail.message_id
    return find_notice_message(session, notice_id, mail.from_address)


def _load_facts(
    session: Session, notice_ids: set[int], at: datetime
) -> dict[int, dict[int, CaseFacts]]:
    """By notice, the facts of all its cases."""
    rows = session.execute(
        select(CaseRow.id, CaseRow.notice_id).where(CaseRow.notice_id.in_(notice_ids))
    ).all()
    facts = load_case_facts(session, [row.id for row in rows], at=at)
    return {x: {row.id: facts[row.id] for row in rows if row.notice_id == x} for x in notice_ids}


def _append(
    session: Session,
    mail: IncomingMailRow,
    kind: ResponseKind,
    notice_id: int,
    case: NoticeOfCase | None,
    message_id: int | None,
    facts: Mapping[int, Mapping[int, CaseFacts]],
    by: str,
) -> ResponseRow:
    terms = next((x.terms for x in facts[notice_id].values()), None)
    dispatched_on = _dispatched_on(mail, zone_of(terms.counting.time_zone if terms else "UTC"))
    receipt = _receipt(session, mail, kind, notice_id, case)
    timeliness = None
    if kind is ResponseKind.OBJECTION and case is not None:
        said = ResponseFact(0, kind, mail.received_at, ResponseChannel.REPLY, dispatched_on)
        timeliness = timeliness_of(facts[notice_id][case.case_id], said)
    row = ResponseRow(
        reference=receipt.reference,
        notice_id=notice_id,
        case_id=case.case_id if case else None,
        kind=kind.value,
        channel=ResponseChannel.REPLY.value,
        state=ResponseState.EFFECTIVE.value,
        received_at=mail.received_at,
        dispatched_on=dispatched_on,
        timeliness=timeliness.value if isinstance(timeliness, Timeliness) else None,
        contact_id=_contact_of(session, message_id),
        by_name=receipt.by_name,
        by_role="",
        text=receipt.text,
        services=[],
        letter_reference="",
        recorded_by=by,
        form_token=plain_digest(["mail", mail.id, kind.value, case.case_id if case else None]),
        digest=plain_digest(receipt_content(receipt)),
    )
    session.add(row)
    session.flush()
    return row


def _dispatched_on(mail: IncomingMailRow, zone: ZoneInfo) -> date | None:
    """The day on which it says it was sent; it cannot have come before that.

    None where it does not say, or says what cannot be: then a person decides where dispatch would
    have been in time.
    """
    if mail.sent_at is None or mail.sent_at < mail.received_at - LONGEST_WAY:
        return None
    return min(mail.sent_at, mail.received_at).astimezone(zone).date()


def _receipt(
    session: Session,
    mail: IncomingMailRow,
    kind: ResponseKind,
    notice_id: int,
    case: NoticeOfCase | None,
) -> Receipt:
    reference = select(NoticeRow.reference).where(NoticeRow.id == notice_id)
    return Receipt(
        reference=new_reference(session, notice_id),
        notice_reference=session.scalars(reference).one(),
        change_position=case.position if case else None,
        kind=kind,
        channel=ResponseChannel.REPLY,
        received_at=mail.received_at,
        by_name=(mail.from_name.strip() or mail.from_address)[:LONGEST_NAME],
        by_role="",
        text=(mail.text.strip() or mail.subject.strip())[:LONGEST_TEXT],
        services=(),
    )


def _contact_of(session: Session, message_id: int | None) -> int | None:
    if message_id is None:
        return None
    return session.scalar(select(MessageRow.contact_id).where(MessageRow.id == message_id))


def _append_evidence(
    session: Session, mail: IncomingMailRow, row: ResponseRow, actor: str, at: datetime
) -> None:
    append_evidence(
        session,
        "response_recorded",
        actor=actor,
        object_type="response",
        object_id=row.id,
        content={
            "reference": row.reference,
            "kind": row.kind,
            "channel": row.channel,
            "received_at": row.received_at,
            "dispatched_on": row.dispatched_on,
            "timeliness": row.timeliness,
            "name": row.by_name,
            "text": row.text,
            "digest": row.digest,
            "mail_sha256": mail.digest,
            "recorded_by": row.recorded_by,
        },
        at=at,
    )
