"""What became of notices: deliveries and proofs, read and written set-based."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from subnotify.rules.serving import Delivery, Proof
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import (
    Channel,
    ContactKind,
    HoldReason,
    MessagePurpose,
    MessageState,
    ProofKind,
)
from subnotify.storage.id_lists import among
from subnotify.storage.letter_servings import load_letter_facts, on_paper
from subnotify.storage.plain_rows import plain_rows
from subnotify.storage.stored_terms import terms_text
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
    ReleaseRow,
    TermsReassessmentRow,
    TermsVersionRow,
)

_REFUSED = frozenset({MessageState.REJECTED, MessageState.PARKED, MessageState.CANCELLED})


def lock_notices(session: Session, notice_ids: Sequence[int]) -> list[Any]:
    """State, window, terms (as text), day and instant of the release of these notices, locked by
    id; also why no deadline can be computed from the terms (None: it can), and whether the
    program has ever judged that otherwise."""
    return plain_rows(
        session.execute(
            select(
                NoticeRow.id,
                NoticeRow.state,
                NoticeRow.window,
                NoticeRow.serving_number,
                NoticeRow.failure_reason,
                NoticeRow.dispatched_at,
                NoticeRow.served_at,
                terms_text(),
                TermsVersionRow.digest,
                TermsVersionRow.not_computable,
                exists()
                .where(TermsReassessmentRow.terms_id == TermsVersionRow.id)
                .label("was_reassessed"),
                ReleaseRow.released_at,
                ReleaseRow.commencement_on,
                ReleaseRow.emergency_reason,
            )
            .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
            .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
            .where(among(NoticeRow.id, notice_ids))
            .order_by(NoticeRow.id)
            .with_for_update(key_share=True, of=NoticeRow)
        )
    )


def lock_notice_ids(session: Session, notice_ids: Sequence[int]) -> None:
    """Lock these notices by id, without reading them."""
    session.execute(
        select(NoticeRow.id)
        .where(among(NoticeRow.id, notice_ids))
        .order_by(NoticeRow.id)
        .with_for_update(key_share=True)
    )


def load_deliveries(session: Session, notice_ids: Sequence[int]) -> Mapping[int, list[Delivery]]:
    """Per notice, what became of its present serving for each designated notice contact."""
    rows = plain_rows(
        session.execute(
            select(
                MessageRow.id,
                MessageRow.notice_id,
                MessageRow.state,
                MessageRow.handed_over_at,
                MessageRow.last_reply,
                MessageRow.bounced_at,
                MessageRow.bounce_note,
                MessageRow.contact_id,
                MessageRow.channel,
            )
            .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
            .where(
                among(MessageRow.notice_id, notice_ids),
                MessageRow.purpose == MessagePurpose.NOTICE,
                MessageRow.contact_kind == ContactKind.NOTICE,
                MessageRow.serving_number == NoticeRow.serving_number,
            )
            .order_by(MessageRow.id)
        )
    )
    proofs: dict[int, list[Proof]] = defaultdict(list)
    found = session.execute(
        select(ReceiptProofRow.message_id, ReceiptProofRow.kind, ReceiptProofRow.at).where(
            among(ReceiptProofRow.notice_id, notice_ids)
        )
    )
    for message_id, kind, at in found:
        proofs[message_id].append(Proof(ProofKind(kind), at))
    letters = load_letter_facts(session, [x.id for x in rows if x.channel != Channel.EMAIL])
    deliveries: dict[int, list[Delivery]] = defaultdict(list)
    for row in rows:
        found_of = _delivery(row, tuple(proofs[row.id]))
        if row.channel != Channel.EMAIL:
            found_of = on_paper(found_of, Channel(row.channel), letters.get(row.id))
        deliveries[row.notice_id].append(found_of)
    return deliveries


def _delivery(row: Any, proofs: tuple[Proof, ...]) -> Delivery:
    of = row.contact_id
    if row.bounced_at is not None:
        return Delivery(row.handed_over_at, HoldReason.BOUNCED, row.bounce_note or "", proofs, of)
    if row.state in _REFUSED:
        return Delivery(None, HoldReason.NOT_SERVED, row.last_reply or "", proofs, of)
    return Delivery(row.handed_over_at, proofs=proofs, contact_id=of)


def list_cases_of(session: Session, notice_ids: Sequence[int]) -> list[Any]:
    """id, notice_id, change_id, window, closes_at, silence_after_at of these notices' cases, with
    the kind and the day of commencement of the change."""
    return plain_rows(
        session.execute(
            select(
                CaseRow.id,
                CaseRow.notice_id,
                CaseRow.change_id,
                CaseRow.window,
                CaseRow.closes_at,
                CaseRow.silence_after_at,
                ChangeRow.kind,
                ChangeRow.commencement_on,
            )
            .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
            .where(among(CaseRow.notice_id, notice_ids))
            .order_by(CaseRow.id)
        )
    )


def load_announced(session: Session, change_ids: Collection[int]) -> dict[int, SubprocessorFacts]:
    """What these changes announce: terms may hold for some of them only."""
    found = session.execute(
        select(ChangeRow.id, ChangeRow.facts).where(ChangeRow.id.in_(change_ids))
    )
    return {change_id: facts_from_mapping(facts or {}) for change_id, facts in found}
