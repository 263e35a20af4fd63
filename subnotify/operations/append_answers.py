"""Append what a contact says of one notice: one response for each change it speaks of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.record_letter import new_reference
from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.repeated_answers import form_token, identical_objections
from subnotify.rules.case_facts import CaseFacts, ResponseFact
from subnotify.rules.errors import N_, MoveNotAllowed, ProblemsFound
from subnotify.rules.objections import timeliness_of, unsettled_objections
from subnotify.rules.responses import (
    ABOUT_CASES,
    RESPONSES_PER_DAY,
    Answer,
    Receipt,
    TooManyResponses,
    answer_problems,
    needs_code,
    possible_answers,
    receipt_content,
    services_meant,
)
from subnotify.rules.settlements import as_the_client_sees
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import (
    ContactKind,
    ProofKind,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    Timeliness,
)
from subnotify.storage import responses
from subnotify.storage.cases import load_case_facts
from subnotify.storage.notice_briefs import NoticeBrief
from subnotify.storage.notice_links import NoticeLink

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Appended:
    """Response ids: those recorded now, and those that said the same before."""

    new: tuple[int, ...]
    before: tuple[int, ...]


def append_answer(
    session: Session,
    link: NoticeLink,
    brief: NoticeBrief,
    answer: Answer,
    *,
    form_key: str,
    follows: int | None = None,
    at: datetime,
) -> Appended:
    """Within the caller's transaction, which holds the notice.

    follows: the answer that this one was given alike, from the page of another notice; this
    notice's own link was not used then, so its receipt is not proven by it. Raises ProblemsFound,
    MoveNotAllowed, TooManyResponses.
    """
    targets = _targets(answer, brief)
    tokens = {case_id: form_token(form_key, answer, case_id) for case_id in targets}
    known = responses.find_by_form_tokens(session, list(tokens.values()))
    facts = _as_the_client_sees(session, brief, at)
    before = {case_id: known[token] for case_id, token in tokens.items() if token in known}
    before |= identical_objections(session, link, brief, answer, facts, set(targets) - set(before))
    new = [case_id for case_id in targets if case_id not in before]
    if not new:
        return Appended((), tuple(before.values()))
    _refuse_if_wrong(session, link, brief, answer, new, facts, at)
    if follows is None and answer.kind is not ResponseKind.WRONG_PERSON:
        record_receipt_proof(
            session, link.message_id, ProofKind.ACKNOWLEDGEMENT, actor=_actor(brief), at=at
        )
        # The proof may just have opened the window that the answer is judged by.
        facts = _as_the_client_sees(session, brief, at)
    ids = [
        _append(session, link, brief, answer, case_id, tokens[case_id], facts, follows, at)
        for case_id in new
    ]
    apply_standings(session, brief.case_ids, actor=_actor(brief), at=at)
    return Appended(tuple(ids), tuple(before.values()))


def _as_the_client_sees(
    session: Session, brief: NoticeBrief, at: datetime
) -> Mapping[int, CaseFacts]:
    facts = load_case_facts(session, brief.case_ids, at=at)
    return {case_id: as_the_client_sees(facts[case_id], at=at) for case_id in facts}


def _targets(answer: Answer, brief: NoticeBrief) -> Sequence[int | None]:
    """The cases that get a response each; None stands for the whole notice."""
    if answer.case_ids:
        return sorted(set(answer.case_ids))
    if answer.kind in ABOUT_CASES:
        # Refused below: but a form without a change must not look like one seen before.
        return [None]
    return [brief.case_ids[0]] if len(brief.case_ids) == 1 else [None]


def _refuse_if_wrong(
    session: Session,
    link: NoticeLink,
    brief: NoticeBrief,
    answer: Answer,
    new: Sequence[int | None],
    facts: Mapping[int, CaseFacts],
    at: datetime,
) -> None:
    problems = answer_problems(answer, brief.terms, services=brief.services)
    if problems:
        raise ProblemsFound(problems)
    concerned = [case_id for case_id in new if case_id is not None] or brief.case_ids
    possible = [
        answer.kind in possible_answers(facts[case_id], link.contact_kind) for case_id in concerned
    ]
    # To the whole notice an answer is possible while any of its changes is open to it.
    if not (all(possible) if answer.kind in ABOUT_CASES else any(possible)):
        raise MoveNotAllowed(reason=_why_not(answer.kind, link.contact_kind))
    if answer.kind is ResponseKind.OBJECTION and not all(
        unsettled_objections(facts[case_id]) for case_id in concerned
    ):
        # The first objection to a change counts, however much others have sent before it. There
        # are no more of them than changes.
        return
    count = responses.count_responses_since(session, brief.notice_id, at - _ONE_DAY)
    if count + len(new) > RESPONSES_PER_DAY:
        raise TooManyResponses(most=RESPONSES_PER_DAY)


def _why_not(kind: ResponseKind, contact_kind: ContactKind) -> str:
    if needs_code(kind) and contact_kind is ContactKind.COPY:
        return N_("Only a designated notice contact can give up the right to object.")
    if kind is ResponseKind.WITHDRAWAL:
        return N_("There is no objection that could be withdrawn.")
    if kind in (ResponseKind.NO_OBJECTION, ResponseKind.WAIVER):
        return N_("An objection or another answer is on record already, or the change is closed.")
    return N_("This change is closed.")


def _append(
    session: Session,
    link: NoticeLink,
    brief: NoticeBrief,
    answer: Answer,
    case_id: int | None,
    form_token: str,
    facts: Mapping[int, CaseFacts],
    follows: int | None,
    at: datetime,
) -> int:
    receipt = Receipt(
        reference=new_reference(session, brief.notice_id),
        notice_reference=brief.reference,
        change_position=brief.positions.get(case_id) if case_id is not None else None,
        kind=answer.kind,
        channel=ResponseChannel.LINK,
        received_at=at,
        by_name=answer.by_name,
        by_role=answer.by_role,
        text=answer.text,
        services=services_meant(answer, brief.services_of([case_id] if case_id else ())),
        conditions=answer.conditions,
        named_name=answer.named_name,
        named_address=answer.named_address,
    )
    content = receipt_content(receipt)
    zone = zone_of(brief.terms.counting.time_zone if brief.terms else "UTC")
    dispatched_on = at.astimezone(zone).date()
    timeliness = None
    if answer.kind is ResponseKind.OBJECTION and case_id is not None:
        fact = ResponseFact(0, answer.kind, at, ResponseChannel.LINK, dispatched_on)
        timeliness = timeliness_of(facts[case_id], fact)
    awaiting = needs_code(answer.kind)
    response_id = responses.append_response(
        session,
        receipt,
        notice_id=brief.notice_id,
        case_id=case_id,
        contact_id=link.contact_id,
        state=ResponseState.AWAITING_CODE if awaiting else ResponseState.EFFECTIVE,
        dispatched_on=dispatched_on,
        timeliness=timeliness,
        form_token=form_token,
        leading_id=follows,
        digest=plain_digest(content),
    )
    _append_evidence(session, brief, response_id, content, timeliness, awaiting, at)
    return response_id


def _append_evidence(
    session: Session,
    brief: NoticeBrief,
    response_id: int,
    content: Mapping[str, object],
    timeliness: Timeliness | None,
    awaiting: bool,
    at: datetime,
) -> None:
    append_evidence(
        session,
        "response_recorded",
        actor=_actor(brief),
        object_type="response",
        object_id=response_id,
        content={**content, "timeliness": timeliness, "awaits_code": awaiting},
        at=at,
    )


def _actor(brief: NoticeBrief) -> str:
    return f"client:notice:{brief.notice_id}"
