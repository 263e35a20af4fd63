"""The client's answer to a proposal of legal's.

To accept gives up protection: through the link it counts once a code mailed to that contact is
entered. Then the objection is settled as accommodated. To refuse costs nothing and needs no code.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.issue_code import IssuedCode, code_digest
from subnotify.operations.queue_alarms import queue_step_alarm
from subnotify.operations.queue_messages import queue_step
from subnotify.operations.settle_objection import Settlement, settle_within
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.operations.written_reasons import LONGEST_REASON, written_reason
from subnotify.rules.errors import MoveNotAllowed, NotFound, RuleError
from subnotify.rules.objection_steps import ObjectionStep, ProposalOver, open_proposal
from subnotify.rules.responses import (
    CODE_ALPHABET,
    CODE_LASTS,
    CODE_LENGTH,
    CODE_TRIES,
    CODES_PER_DAY,
    CodeExpired,
    CodeWrong,
    TooManyCodes,
)
from subnotify.rules.settlements import as_the_client_sees
from subnotify.rules.words import ContactKind, ResponseChannel, SettlementKind, StepKind
from subnotify.storage.case_locks import lock_case
from subnotify.storage.cases import load_case_facts
from subnotify.storage.notice_links import NoticeLink, find_link
from subnotify.storage.objection_steps import (
    count_step_codes,
    find_step_code,
    list_steps,
)
from subnotify.storage.tables import CaseRow, ObjectionStepRow, StepCodeRow


@dataclass(frozen=True)
class ProposalAnswer:
    """What the client answers. by_name: who; note: a remark, or how a letter said so."""

    kind: StepKind
    by_name: str
    note: str = ""


@dataclass(frozen=True)
class AnswerTaken:
    """issued: the code to be mailed, of an acceptance through the link."""

    step_id: int
    issued: IssuedCode | None = None


def answer_by_link(
    session: Session,
    link_digest: str,
    case_id: int,
    proposal_id: int,
    answer: ProposalAnswer,
    *,
    legal_email: str,
    code_key: bytes,
    at: datetime,
) -> AnswerTaken:
    """Take an answer through a notice's link. Accepted again, another code is sent.

    Raises NotFound, ProposalOver, MoveNotAllowed (of a copy contact), TooManyCodes.
    """

    def take() -> AnswerTaken:
        with transaction(session):
            link = _link(session, link_digest, case_id, at)
            _require_designated(link)
            proposal = _open(session, case_id, proposal_id, at)
            actor = f"client:notice:{link.notice_id}"
            if answer.kind is StepKind.ACCEPTED:
                step_id = _awaiting(session, link, proposal, answer, actor, at)
                return AnswerTaken(
                    step_id, _issue(session, step_id, link.contact_email, code_key, at)
                )
            row = _append(session, proposal, answer, link=link, actor=actor, at=at)
            row.counts_at = at
            _tell(session, case_id, row.id, legal_email, at)
            return AnswerTaken(row.id)

    return taking_turns(take)


def confirm_acceptance(
    session: Session,
    link_digest: str,
    case_id: int,
    step_id: int,
    code: str,
    *,
    legal_email: str,
    code_key: bytes,
    at: datetime,
) -> None:
    """Make an acceptance count, which settles the objection. Confirmed twice changes nothing more.

    Raises NotFound, CodeWrong (the try is counted), CodeExpired, ProposalOver, MoveNotAllowed (the
    contact is not designated any more).
    """

    def take() -> RuleError | None:
        with transaction(session):
            link = _link(session, link_digest, case_id, at)
            lock_case(session, case_id)
            row = session.get(ObjectionStepRow, step_id, populate_existing=True)
            if row is None or (row.case_id, row.contact_id) != (case_id, link.contact_id):
                raise NotFound
            if row.counts_at is not None:
                return None
            _require_designated(link)
            proposal = _open(session, case_id, row.about_id or 0, at)
            refused = _check(session, step_id, code, code_key, at)
            if refused is None:
                actor = f"client:notice:{link.notice_id}"
                row.counts_at = at
                content = {"step": step_id, "proposal": proposal.id}
                _evidence(session, "proposal_answer_confirmed", case_id, content, actor, at)
                _tell(session, case_id, step_id, legal_email, at)
                _settle(session, proposal, at_once=True, by=row.taken_by, actor=actor, at=at)
            return refused

    refused = taking_turns(take)
    # Raised after the commit: a wrong try must stay counted.
    if refused is not None:
        raise refused


def record_proposal_answer(
    session: Session,
    case_id: int,
    proposal_id: int,
    answer: ProposalAnswer,
    channel: ResponseChannel,
    *,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    """Legal records what the client answered by mail or letter; the step's id.

    answer.note: where it is on file. Raises ProposalOver, ReasonMissing, NotFound.
    """
    note = written_reason(answer.note)
    with transaction(session):
        proposal = _open(session, case_id, proposal_id, at)
        said = ProposalAnswer(answer.kind, by, note)
        row = _append(session, proposal, said, channel=channel, actor=actor, at=at)
        row.counts_at = at
        session.flush()
        if answer.kind is StepKind.ACCEPTED:
            _settle(session, proposal, by=by, actor=actor, at=at)
        return row.id


def _tell(session: Session, case_id: int, step_id: int, legal_email: str, at: datetime) -> None:
    """Legal, and all contacts of the client: whoever did not mean this learns of it."""
    queue_step_alarm(session, step_id, legal_email, at=at)
    queue_step(session, case_id, step_id, not_before=at, at=at)


def _link(session: Session, link_digest: str, case_id: int, at: datetime) -> NoticeLink:
    link = find_link(session, link_digest, at=at)
    case = session.get(CaseRow, case_id)
    if link is None or case is None or case.notice_id != link.notice_id:
        raise NotFound
    return link


def _require_designated(link: NoticeLink) -> None:
    """A refusal too ends the proposal for whoever could accept it."""
    if link.contact_kind is not ContactKind.NOTICE:
        raise MoveNotAllowed(
            reason="Only a contact whom the agreement names for notices can answer a proposal."
        )


def _open(session: Session, case_id: int, proposal_id: int, at: datetime) -> ObjectionStep:
    """The proposal, while it can be answered; the case is locked from here on."""
    lock_case(session, case_id)
    # What legal has settled and can undo is nothing that the client could know of.
    facts = as_the_client_sees(load_case_facts(session, [case_id], at=at)[case_id], at=at)
    proposal = open_proposal(facts, list_steps(session, [case_id])[case_id], at=at)
    if proposal is None or proposal.id != proposal_id:
        raise ProposalOver
    return proposal


def _awaiting(
    session: Session,
    link: NoticeLink,
    proposal: ObjectionStep,
    answer: ProposalAnswer,
    actor: str,
    at: datetime,
) -> int:
    """The acceptance of this contact that awaits its code: a new one only where there is none."""
    for step in list_steps(session, [proposal.case_id])[proposal.case_id]:
        mine = (step.about_id, step.contact_id) == (proposal.id, link.contact_id)
        if mine and step.kind is StepKind.ACCEPTED and step.counts_at is None:
            return step.id
    return _append(session, proposal, answer, link=link, actor=actor, at=at).id


def _append(
    session: Session,
    proposal: ObjectionStep,
    answer: ProposalAnswer,
    *,
    link: NoticeLink | None = None,
    channel: ResponseChannel = ResponseChannel.LINK,
    actor: str,
    at: datetime,
) -> ObjectionStepRow:
    row = ObjectionStepRow(
        case_id=proposal.case_id,
        kind=answer.kind.value,
        text=answer.note.strip()[:LONGEST_REASON],
        about_id=proposal.id,
        channel=channel.value,
        contact_id=link.contact_id if link else None,
        taken_at=at,
        taken_by=answer.by_name.strip()[:200],
    )
    session.add(row)
    session.flush()
    content = {
        "step": row.id,
        "proposal": proposal.id,
        "kind": row.kind,
        "channel": row.channel,
        "text": row.text,
        "by": row.taken_by,
    }
    _evidence(session, "proposal_answered", proposal.case_id, content, actor, at)
    return row


def _evidence(
    session: Session, type: str, case_id: int, content: Mapping[str, Any], actor: str, at: datetime
) -> None:
    append_evidence(
        session, type, actor=actor, object_type="case", object_id=case_id, content=content, at=at
    )


def _issue(
    session: Session, step_id: int, to_address: str, code_key: bytes, at: datetime
) -> IssuedCode:
    if count_step_codes(session, step_id, at - timedelta(days=1)) >= CODES_PER_DAY:
        raise TooManyCodes
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    session.add(
        StepCodeRow(
            step_id=step_id,
            code_digest=code_digest(code, step_id, code_key),
            created_at=at,
            expires_at=at + CODE_LASTS,
        )
    )
    return IssuedCode(code, to_address, at + CODE_LASTS)


def _check(
    session: Session, step_id: int, code: str, code_key: bytes, at: datetime
) -> RuleError | None:
    sent = find_step_code(session, step_id)
    if sent is None or at >= sent.expires_at or sent.tries >= CODE_TRIES:
        return CodeExpired()
    if not hmac.compare_digest(code_digest(code, step_id, code_key), sent.code_digest):
        sent.tries += 1
        left = CODE_TRIES - sent.tries
        return CodeWrong(left=left) if left else CodeExpired()
    sent.used_at = at
    return None


def _settle(
    session: Session,
    proposal: ObjectionStep,
    *,
    at_once: bool = False,
    by: str,
    actor: str,
    at: datetime,
) -> None:
    """Both sides agree: the objection is met as proposed."""
    decision = Settlement(SettlementKind.ACCOMMODATED, proposal.text)
    settle_within(
        session,
        proposal.case_id,
        decision,
        agreed=True,
        at_once=at_once,
        by=by,
        actor=actor,
        at=at,
    )
