"""What persons decided about a case and how it ended, as one line of time; its messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.operations.two_person_decisions import CLOSE_NO_OBJECTION
from subnotify.rules.words import (
    AttemptResult,
    ContactKind,
    HoldReason,
    MessagePurpose,
    MessageState,
    Outcome,
    ProofKind,
    SettlementKind,
)
from subnotify.storage.case_file import CaseFile, CaseMessage
from subnotify.storage.tables import (
    BroughtInNoticeRow,
    MessageRow,
    OutcomeRow,
    SettlementRow,
    TwoPersonDecisionRow,
)
from subnotify.web.case_views import actor_words
from subnotify.web.paper_timeline import PaperView, paper_view
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.proofs import proof_sentence
from subnotify.wording.replies import reply_words


@dataclass(frozen=True)
class HistoryEntry:
    at: datetime
    text: str
    by: str
    note: str = ""


def history(file: CaseFile, names: Mapping[int, str], w: Wording) -> list[HistoryEntry]:
    """Settlements, clearances, decisions of two and outcomes, oldest first."""
    entries: list[HistoryEntry] = []
    for settlement in file.settlements:
        entries += _settlement(settlement, w)
    for clearance in file.clearances:
        said = w.gettext("Hold cleared: %(name)s", name=label(w, HoldReason(clearance.reason)))
        entries.append(
            HistoryEntry(clearance.cleared_at, said, clearance.cleared_by, clearance.note)
        )
    for decision in file.decisions:
        entries += _decision(decision, w)
    for outcome in file.outcomes:
        entries.append(_outcome(outcome, names, w))
    return sorted(entries, key=lambda entry: entry.at)


def _settlement(row: SettlementRow, w: Wording) -> list[HistoryEntry]:
    said = w.gettext("Settled: %(kind)s", kind=label(w, SettlementKind(row.kind)))
    entries = [HistoryEntry(row.decided_at, said, row.decided_by, row.note)]
    if row.undone_at is not None:
        undone = w.gettext("Settlement undone: %(kind)s", kind=label(w, SettlementKind(row.kind)))
        entries.append(HistoryEntry(row.undone_at, undone, ""))
    return entries


def _decision(row: TwoPersonDecisionRow, w: Wording) -> list[HistoryEntry]:
    closes = row.kind == CLOSE_NO_OBJECTION
    proposed = (
        w.gettext("Closing without objection was proposed")
        if closes
        else w.gettext("A correction of the outcome was proposed")
    )
    entries = [HistoryEntry(row.proposed_at, proposed, row.proposed_by, row.note)]
    if row.confirmed_at is not None:
        confirmed = (
            w.gettext("Closing without objection was confirmed")
            if closes
            else w.gettext("The correction of the outcome was confirmed")
        )
        entries.append(HistoryEntry(row.confirmed_at, confirmed, row.confirmed_by or ""))
    return entries


def _outcome(row: OutcomeRow, names: Mapping[int, str], w: Wording) -> HistoryEntry:
    by = actor_words(row.by, names, w)
    if row.outcome is not None:
        said = w.gettext("Outcome: %(outcome)s", outcome=label(w, Outcome(row.outcome)))
    else:
        because = HoldReason(row.reopened_because) if row.reopened_because else None
        said = w.gettext(
            "Outcome taken back: %(reason)s", reason=label(w, because) if because else ""
        )
    return HistoryEntry(row.at, said, by, row.note)


@dataclass(frozen=True)
class ProofView:
    text: str
    at: datetime


@dataclass(frozen=True)
class AttemptView:
    started_at: datetime
    result: AttemptResult | None
    reply: str
    host: str


@dataclass(frozen=True)
class MessageView:
    """A message as the page shows it. may_bounce: legal can record that it came back.

    brought_in: how it had been given, where it was not sent from here.
    """

    row: MessageRow
    contact: str
    purpose: MessagePurpose
    state: MessageState
    contact_kind: ContactKind | None
    attempts: Sequence[AttemptView]
    proofs: Sequence[ProofView]
    may_bounce: bool
    brought_in: BroughtInNoticeRow | None = None
    not_sent_because: str = ""
    paper: PaperView | None = None


def message_views(messages: Sequence[CaseMessage], w: Wording) -> list[MessageView]:
    return [_message(message, w) for message in messages]


def _message(message: CaseMessage, w: Wording) -> MessageView:
    row = message.row
    state = MessageState(row.state)
    return MessageView(
        row=row,
        contact=message.contact,
        purpose=MessagePurpose(row.purpose),
        state=state,
        contact_kind=ContactKind(row.contact_kind) if row.contact_kind else None,
        attempts=[
            AttemptView(
                attempt.started_at,
                AttemptResult(attempt.result) if attempt.result else None,
                attempt.reply or "",
                attempt.host or "",
            )
            for attempt in message.attempts
        ],
        proofs=[
            ProofView(proof_sentence(ProofKind(proof.kind), w), proof.at)
            for proof in message.proofs
        ],
        may_bounce=state is MessageState.HANDED_OVER
        and row.bounced_at is None
        and row.contact_id is not None
        and message.paper is None,
        brought_in=message.brought_in,
        not_sent_because=reply_words(row.last_reply or "", w)
        if state is MessageState.CANCELLED
        else "",
        paper=paper_view(message.paper, w),
    )
