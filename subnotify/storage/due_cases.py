"""Cases that the passing of time may move: found by index, in chunks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, exists, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    ChangeState,
    HoldReason,
    NoticeState,
    Outcome,
    SettlementKind,
)
from subnotify.storage.cases import Confirmed
from subnotify.storage.letter_contradictions import nothing_contested
from subnotify.storage.mail_readings import nothing_waits
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    NoticeRow,
    OutcomeRow,
    SettlementRow,
    TermsVersionRow,
)

# The holds of a case that waits for nothing but a person's reading, as JSON has them.
_REPLIES = f'["{HoldReason.REPLIES_NOT_READ.value}"]'
_POST = f'["{HoldReason.POST_NOT_OPENED.value}"]'
_BOTH = f'["{HoldReason.POST_NOT_OPENED.value}", "{HoldReason.REPLIES_NOT_READ.value}"]'
# No zone is further than this from UTC: an agreement that may have ended is decided singly.
_ANY_ZONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietCase:
    """A due case about which nobody said or did anything. terms_digest stands for its terms."""

    id: int
    terms_id: int
    terms_digest: str
    kind: ChangeKind
    opens_at: datetime
    closes_at: datetime
    silence_after_at: datetime


@dataclass(frozen=True, slots=True)
class DueCase:
    """A case that is decided singly, as it is stored."""

    id: int
    state: CaseState
    holds: tuple[HoldReason, ...]
    outcome: Outcome | None


def is_quiet_and_due(confirmed: Confirmed, at: datetime) -> ColumnElement[bool]:
    """Open past its grace, or held for nothing but a reading that was confirmed since.

    Every case it holds for moves: held ones are found only when a confirmation reaches them.
    """
    return and_(
        CaseRow.outcome.is_(None),
        CaseRow.is_quiet.is_(True),
        CaseRow.blocked_countries == "",
        CaseRow.silence_after_at <= at,
        or_(
            CaseRow.state == CaseState.OPEN.value,
            and_(CaseRow.state == CaseState.HOLD.value, _is_read(confirmed)),
        ),
    )


def _is_read(confirmed: Confirmed) -> ColumnElement[bool]:
    holds = cast(CaseRow.holds, String)
    reached: list[ColumnElement[bool]] = []
    if confirmed.replies_read_until is not None:
        replies_read = CaseRow.closes_at <= confirmed.replies_read_until
        reached.append(and_(holds.in_([_REPLIES, _BOTH]), replies_read))
    if confirmed.post_opened_until is not None:
        post_opened = CaseRow.silence_after_at <= confirmed.post_opened_until
        reached.append(and_(holds.in_([_POST, _BOTH]), post_opened))
    return or_(*reached) if reached else CaseRow.id.is_(None)


def claim_quiet_due(
    session: Session, confirmed: Confirmed, *, after_id: int, limit: int, at: datetime
) -> list[QuietCase]:
    """Up to `limit` quiet due cases with an id above `after_id`, locked, in the order of ids.

    Those that another transaction holds are left to it, and to the next run.
    """
    rows = session.execute(
        select(
            CaseRow.id,
            TermsVersionRow.id,
            TermsVersionRow.digest,
            ChangeRow.kind,
            CaseRow.opens_at,
            CaseRow.closes_at,
            CaseRow.silence_after_at,
        )
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .join(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .where(
            CaseRow.id > after_id,
            is_quiet_and_due(confirmed, at),
            CaseRow.closes_at.is_not(None),
            NoticeRow.state == NoticeState.SERVED.value,
            ChangeRow.state != ChangeState.WITHDRAWN.value,
            or_(AgreementRow.ended_on.is_(None), AgreementRow.ended_on > (at + _ANY_ZONE).date()),
            # Reopened once, with an unread mail or letter of its client, or with a proof that is in
            # doubt: decided singly.
            ~exists().where(OutcomeRow.case_id == CaseRow.id),
            nothing_waits(AgreementRow.client_id),
            nothing_contested(NoticeRow.id),
        )
        .order_by(CaseRow.id)
        .limit(limit)
        .with_for_update(key_share=True, of=CaseRow, skip_locked=True)
    )
    return [
        QuietCase(case_id, terms_id, digest, ChangeKind(kind), opens_at, closes_at, silent_at)
        for case_id, terms_id, digest, kind, opens_at, closes_at, silent_at in rows
        if opens_at is not None and closes_at is not None and silent_at is not None
    ]


def load_terms(session: Session, terms_ids: Iterable[int]) -> dict[str, NoticeTerms]:
    """Terms by their digest."""
    rows = session.execute(
        select(TermsVersionRow.digest, TermsVersionRow.terms).where(
            TermsVersionRow.id.in_(list(terms_ids))
        )
    )
    return {digest: terms_from_mapping(terms) for digest, terms in rows}


def _may_have_moved(at: datetime) -> ColumnElement[bool]:
    latest_day = (at + _ANY_ZONE).date()
    in_time = and_(
        CaseRow.silence_after_at <= at,
        or_(
            CaseRow.state.in_([CaseState.OPEN.value, CaseState.OBJECTED.value]),
            and_(CaseRow.state == CaseState.HOLD.value, CaseRow.is_quiet.is_(False)),
        ),
    )
    window_over = and_(CaseRow.state == CaseState.OBJECTED.value, CaseRow.closes_at <= at)
    terminated = and_(
        CaseRow.state == CaseState.OBJECTED.value,
        exists().where(
            SettlementRow.case_id == CaseRow.id,
            SettlementRow.kind == SettlementKind.TERMINATED.value,
            SettlementRow.undone_at.is_(None),
            SettlementRow.takes_effect_on <= latest_day,
        ),
    )
    # Settlements that legal can no longer undo.
    counts = and_(
        CaseRow.state == CaseState.OBJECTED.value,
        exists().where(
            SettlementRow.case_id == CaseRow.id,
            SettlementRow.undone_at.is_(None),
            SettlementRow.counts_at <= at,
        ),
    )
    # Objections that nobody settled, under a second silence rule of the terms.
    unresolved = and_(
        CaseRow.state.in_([CaseState.OBJECTED.value, CaseState.HOLD.value]),
        CaseRow.unresolved_after_at <= at,
    )
    return or_(
        in_time, window_over, terminated, counts, unresolved, AgreementRow.ended_on <= latest_day
    )


def list_singly_due(
    session: Session, *, after_id: int, limit: int, at: datetime
) -> Sequence[DueCase]:
    """Cases without an outcome that time may have moved and that are not closed in bulk.

    Spoken about and past their grace; objected and past their window; unresolved for the time that
    their terms give; terminated on a day that may have come; settled, and not to be undone any
    more; of agreements that may have ended.
    """
    rows = session.execute(
        select(CaseRow.id, CaseRow.state, CaseRow.holds, CaseRow.outcome)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .where(
            CaseRow.id > after_id,
            CaseRow.outcome.is_(None),
            _may_have_moved(at),
        )
        .order_by(CaseRow.id)
        .limit(limit)
    )
    return [
        DueCase(
            case_id,
            CaseState(state),
            tuple(HoldReason(hold) for hold in holds),
            Outcome(outcome) if outcome else None,
        )
        for case_id, state, holds, outcome in rows
    ]
