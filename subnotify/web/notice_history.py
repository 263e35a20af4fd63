"""The page of a notice: every attempt, report, proof and reply in one line of time."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from subnotify.rules.words import (
    CaseState,
    ContactKind,
    HoldReason,
    LetterProduct,
    LetterState,
    MessagePurpose,
    MessageState,
    NoticeState,
    ProofKind,
    Role,
)
from subnotify.storage.database import db
from subnotify.storage.notice_history import (
    NoticeHistory,
    NoticeMessage,
    load_notice_history,
)
from subnotify.storage.paper_sides import PaperSide
from subnotify.storage.terms_versions import find_terms
from subnotify.web.access import current_operator, needs_role
from subnotify.web.incoming_views import as_plain, case_words
from subnotify.web.language import page_wording
from subnotify.web.letter_views import standing
from subnotify.web.notice_timeline import timeline
from subnotify.wording.proofs import proof_sentence
from subnotify.wording.unserved import unserved_sentences

notice_history = Blueprint("notice_history", __name__, url_prefix="/desk/notices")


@dataclass(frozen=True)
class MessageLine:
    """A message in the table above the line of time. product: of one that is a letter, whose state
    is what became of it; it was not tried as a mail is."""

    purpose: MessagePurpose
    contact: str
    to_address: str
    contact_kind: ContactKind | None
    serving_number: int
    product: LetterProduct | None
    state: MessageState | LetterState
    attempts: int
    next_attempt_at: datetime | None
    bounced_at: datetime | None


_WAITS = frozenset({MessageState.QUEUED, MessageState.DEFERRED, MessageState.UNKNOWN})


@notice_history.route("/<int:notice_id>")
@needs_role(*Role)
def show_notice(notice_id: int) -> str:
    found = load_notice_history(db.session(), notice_id)
    w = page_wording()
    proof = found.notice.served_proof
    state, failure = NoticeState(found.notice.state), found.notice.failure_reason
    terms = find_terms(db.session(), found.notice.terms_id)
    unserved = unserved_sentences(
        state,
        HoldReason(failure) if failure else None,
        terms,
        w,
        is_overtaken=found.is_overtaken,
    )
    return render_template(
        "desk/notices/notice.html",
        found=found,
        notice=found.notice,
        state=state,
        unserved=unserved,
        proof=proof_sentence(ProofKind(proof), w) if proof else "",
        cases=[(case, case_words(case, w), CaseState(case.state)) for case in found.cases],
        messages=_message_lines(found),
        entries=timeline(found, w, is_legal=Role.LEGAL in current_operator().roles),
        plain=as_plain,
    )


def _message_lines(found: NoticeHistory) -> list[MessageLine]:
    return [_message_line(one, found.paper.get(one.row.id)) for one in found.messages]


def _message_line(one: NoticeMessage, paper: PaperSide | None) -> MessageLine:
    state = MessageState(one.row.state)
    return MessageLine(
        purpose=MessagePurpose(one.row.purpose),
        contact=one.contact,
        to_address=one.row.to_address or "",
        contact_kind=ContactKind(one.row.contact_kind) if one.row.contact_kind else None,
        serving_number=one.row.serving_number,
        product=paper.product if paper else None,
        state=standing(paper.state, state) if paper else state,
        attempts=one.row.attempt_count,
        next_attempt_at=one.row.next_attempt_at if state in _WAITS else None,
        bounced_at=one.row.bounced_at,
    )
