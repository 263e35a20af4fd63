"""Everything on record about one case, as legal reads it: a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.case_facts import ResponseFact
from subnotify.storage.case_head import CaseHead, load_case_head
from subnotify.storage.incoming_letter_pages import ListedLetter, list_letters_of_responses
from subnotify.storage.paper_sides import PaperSide, list_paper
from subnotify.storage.responses import StoredResponse, list_responses
from subnotify.storage.tables import (
    AttemptRow,
    BroughtInNoticeRow,
    ContactRow,
    EvidenceContentRow,
    EvidenceRow,
    HoldClearanceRow,
    MessageRow,
    OutcomeRow,
    ReceiptProofRow,
    SettlementRow,
    TwoPersonDecisionRow,
)

MOST_EVIDENCE = 500


@dataclass(frozen=True)
class CaseMessage:
    """A message about the notice or the case, with its attempts and proofs."""

    row: MessageRow
    contact: str
    attempts: Sequence[AttemptRow]
    proofs: Sequence[ReceiptProofRow]
    # How it had been given, where it was not sent from here.
    brought_in: BroughtInNoticeRow | None = None
    # Of a letter.
    paper: PaperSide | None = None


@dataclass(frozen=True)
class CaseEvidence:
    """A fact on record. content is None once it was erased."""

    row: EvidenceRow
    content: Mapping[str, Any] | None


@dataclass(frozen=True)
class CaseFile:
    """The head, and what happened, each list in the order of recording.

    facts: of each response by its id, as the rules read it. letters: those that said a response,
    by its id.
    """

    head: CaseHead
    responses: Sequence[StoredResponse]
    facts: Mapping[int, ResponseFact]
    settlements: Sequence[SettlementRow]
    outcomes: Sequence[OutcomeRow]
    clearances: Sequence[HoldClearanceRow]
    decisions: Sequence[TwoPersonDecisionRow]
    messages: Sequence[CaseMessage]
    evidence: Sequence[CaseEvidence]
    letters: Mapping[int, ListedLetter]


def load_case_file(session: Session, case_id: int, *, at: datetime) -> CaseFile:
    """The whole file of a case. Raises NotFound."""
    head = load_case_head(session, case_id, at=at)
    responses = [
        response
        for response in list_responses(session, head.notice.id)
        if response.case_id in (None, case_id)
    ]
    messages = _messages(session, head.notice.id, case_id)
    return CaseFile(
        head=head,
        responses=responses,
        facts={fact.number: fact for fact in head.facts.responses},
        settlements=_of_case(session, SettlementRow, case_id),
        outcomes=_of_case(session, OutcomeRow, case_id),
        clearances=_of_case(session, HoldClearanceRow, case_id),
        decisions=_of_case(session, TwoPersonDecisionRow, case_id),
        messages=messages,
        evidence=_evidence(
            session, case_id, head.notice.id, [response.id for response in responses]
        ),
        letters=list_letters_of_responses(session, [response.id for response in responses]),
    )


def _of_case(session: Session, table: Any, case_id: int) -> Sequence[Any]:
    return session.scalars(select(table).where(table.case_id == case_id).order_by(table.id)).all()


def _messages(session: Session, notice_id: int, case_id: int) -> Sequence[CaseMessage]:
    """Of the whole notice or of this case; not those about another case of the notice."""
    rows = session.execute(
        select(MessageRow, ContactRow.name)
        .outerjoin(ContactRow, ContactRow.id == MessageRow.contact_id)
        .where(
            MessageRow.notice_id == notice_id,
            or_(MessageRow.case_id.is_(None), MessageRow.case_id == case_id),
        )
        .order_by(MessageRow.id)
        .execution_options(populate_existing=True)
    ).all()
    ids = [message.id for message, _ in rows]
    attempts: dict[int, list[AttemptRow]] = {message_id: [] for message_id in ids}
    for attempt in session.scalars(
        select(AttemptRow).where(AttemptRow.message_id.in_(ids)).order_by(AttemptRow.id)
    ):
        attempts[attempt.message_id].append(attempt)
    proofs: dict[int, list[ReceiptProofRow]] = {message_id: [] for message_id in ids}
    for proof in session.scalars(
        select(ReceiptProofRow)
        .where(ReceiptProofRow.message_id.in_(ids))
        .order_by(ReceiptProofRow.at, ReceiptProofRow.id)
    ):
        proofs[proof.message_id].append(proof)
    brought_in = {
        row.message_id: row
        for row in session.scalars(
            select(BroughtInNoticeRow).where(BroughtInNoticeRow.message_id.in_(ids))
        )
    }
    paper = list_paper(session, ids)
    return [
        CaseMessage(
            message,
            name or message.to_address or "",
            attempts[message.id],
            proofs[message.id],
            brought_in.get(message.id),
            paper.get(message.id),
        )
        for message, name in rows
    ]


def _evidence(
    session: Session, case_id: int, notice_id: int, response_ids: Sequence[int]
) -> Sequence[CaseEvidence]:
    rows = session.execute(
        select(EvidenceRow, EvidenceContentRow.content)
        .outerjoin(EvidenceContentRow, EvidenceContentRow.evidence_id == EvidenceRow.id)
        .where(
            or_(
                and_(EvidenceRow.object_type == "case", EvidenceRow.object_id == case_id),
                and_(EvidenceRow.object_type == "notice", EvidenceRow.object_id == notice_id),
                and_(
                    EvidenceRow.object_type == "response",
                    EvidenceRow.object_id.in_(response_ids),
                ),
            )
        )
        .order_by(EvidenceRow.id)
        .limit(MOST_EVIDENCE)
    )
    return [CaseEvidence(row, content) for row, content in rows]


def list_change_facts(session: Session, change_id: int) -> Sequence[CaseEvidence]:
    """What happened to the change for everybody: its commencement, postponed or withdrawn."""
    rows = session.execute(
        select(EvidenceRow, EvidenceContentRow.content)
        .outerjoin(EvidenceContentRow, EvidenceContentRow.evidence_id == EvidenceRow.id)
        .where(EvidenceRow.object_type == "change", EvidenceRow.object_id == change_id)
        .order_by(EvidenceRow.id)
        .limit(MOST_EVIDENCE)
    )
    return [CaseEvidence(row, content) for row, content in rows]
