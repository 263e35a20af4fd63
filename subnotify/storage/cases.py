"""Loads the facts of cases for the rules, a fixed number of queries for any number of cases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from subnotify.rules.case_facts import (
    CaseFacts,
    RecordedOutcome,
    UnresolvedClock,
)
from subnotify.rules.clock_jumps import TOLERATED
from subnotify.rules.notice_rules import terms_for_change
from subnotify.rules.outages import LAST_HOURS, ServiceRecord, was_down
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.time_limits import zone_of
from subnotify.rules.windows import Window, window_from_mapping
from subnotify.rules.words import (
    ChangeKind,
    ChangeState,
    ConfirmationKind,
    HoldReason,
    NoticeState,
    Outcome,
)
from subnotify.storage.case_decisions import (
    clearances,
    covered_responses,
    decided_since,
    last_refusals,
    last_reopenings,
    last_undone,
    settlement_fact,
    settlements_by_case,
    two_person_decisions,
)
from subnotify.storage.id_lists import among
from subnotify.storage.letter_contradictions import list_contested
from subnotify.storage.mail_readings import (
    find_oldest_untied,
    find_oldest_untied_letter,
    find_read_until,
    list_waiting_agreements,
)
from subnotify.storage.plain_rows import plain_rows
from subnotify.storage.response_facts import responses_by_case
from subnotify.storage.service_watch import find_service_record
from subnotify.storage.servings import load_announced
from subnotify.storage.stored_terms import read_terms, terms_text
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ConfirmationRow,
    NoticeRow,
    TermsVersionRow,
)

# The outcome that ends objections without a settlement; any other covers none of them.
_COVERS = frozenset({Outcome.ACCEPTED_UNRESOLVED.value})
NOTHING_COVERED = -1

# By case id.
Windows = Mapping[int, Window]


@dataclass(frozen=True)
class Confirmed:
    """Up to when (exclusive) replies and registered post were read: as persons confirmed, and
    replies also as far as the machine has read the mailbox.

    A mail or letter of an unknown client that waits for a person stops both: it may be an
    objection of anybody, and may have come to light after somebody confirmed.
    """

    replies_read_until: datetime | None
    post_opened_until: datetime | None


def get_confirmed(session: Session, *, at: datetime) -> Confirmed:
    """What is confirmed at `at`. An instant beyond it was written under a clock that ran ahead
    and says nothing: nobody has read what is still to come."""
    latest_at = at + TOLERATED
    latest = (
        select(ConfirmationRow.kind, func.max(ConfirmationRow.up_to_at))
        .where(ConfirmationRow.up_to_at <= latest_at)
        .group_by(ConfirmationRow.kind)
    )
    letter_on = find_oldest_untied_letter(session)
    if letter_on is not None:
        # Whoever confirmed its day had not opened all that came by then.
        latest = latest.where(
            or_(
                ConfirmationRow.kind != ConfirmationKind.REGISTERED_POST_OPENED.value,
                ConfirmationRow.up_to_on < letter_on,
            )
        )
    until = dict(session.execute(latest).all())
    by_machine = find_read_until(session)
    if by_machine is not None and by_machine > latest_at:
        by_machine = None
    replies = [until.get(ConfirmationKind.REPLIES_READ), by_machine]
    read_until = max((x for x in replies if x is not None), default=None)
    untied_at = find_oldest_untied(session) if read_until is not None else None
    return Confirmed(
        min(read_until, untied_at) if read_until and untied_at else read_until,
        until.get(ConfirmationKind.REGISTERED_POST_OPENED),
    )


def load_case_facts(
    session: Session, case_ids: Iterable[int], *, opened: Windows | None = None, at: datetime
) -> dict[int, CaseFacts]:
    """The facts of these cases as they are known at `at`.

    opened: the windows of those whose window has just begun and is not written yet.
    """
    ids = list(case_ids)
    opened = opened or {}
    if not ids:
        return {}
    found = session.execute(
        select(
            CaseRow.id,
            CaseRow.notice_id,
            CaseRow.closes_at,
            CaseRow.silence_after_at,
            CaseRow.unresolved_ends_at,
            CaseRow.unresolved_after_at,
            CaseRow.outcome,
            CaseRow.outcome_at,
            CaseRow.agreement_id,
            CaseRow.change_id,
            CaseRow.blocked_countries,
            ChangeRow.kind,
            ChangeRow.state.label("change_state"),
            ChangeRow.commencement_on,
            AgreementRow.ended_on,
            NoticeRow.state.label("notice_state"),
            func.coalesce(CaseRow.window, NoticeRow.window).label("window"),
            NoticeRow.failure_reason,
            NoticeRow.dispatched_at,
            terms_text(),
        )
        .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
        .join(AgreementRow, AgreementRow.id == CaseRow.agreement_id)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .outerjoin(TermsVersionRow, TermsVersionRow.id == NoticeRow.terms_id)
        .where(among(CaseRow.id, ids))
    )
    rows = plain_rows(found)
    confirmed = get_confirmed(session, at=at)
    said = responses_by_case(session, rows)
    settled = settlements_by_case(session, ids)
    undone = last_undone(session, ids)
    covered = covered_responses(session, [row.id for row in rows if row.outcome in _COVERS])
    decisions = two_person_decisions(session, ids)
    cleared = clearances(session, ids)
    refused = last_refusals(session, ids)
    reopened = last_reopenings(session, ids)
    waiting = list_waiting_agreements(session, {row.agreement_id for row in rows})
    contested = list_contested(session, {row.notice_id for row in rows})
    down = _downtimes(session, rows, opened)
    by_change = {x.change_id for x in rows if x.terms and read_terms(x.terms).notice_rules}
    announced = load_announced(session, by_change) if by_change else {}
    facts = {}
    for row in rows:
        terms = read_terms(row.terms) if row.terms else None
        if terms is not None and terms.notice_rules:
            terms = terms_for_change(terms, announced[row.change_id])
        last_reopening = reopened.get(row.id)
        window, unresolved = opened.get(row.id) or window_of_case(row), _unresolved(row)
        facts[row.id] = CaseFacts(
            kind=ChangeKind(row.kind),
            terms=terms,
            window=window,
            failure=HoldReason(row.failure_reason) if row.failure_reason else None,
            is_dispatched=row.dispatched_at is not None,
            responses=tuple(said.get(row.id, ())),
            settlement=settlement_fact(settled.get(row.id), terms, row.commencement_on),
            unresolved=unresolved,
            unsettled_at=undone.get(row.id),
            replies_read_until=confirmed.replies_read_until,
            post_opened_until=confirmed.post_opened_until,
            no_objection_by_two=decided_since(
                decisions, row.id, "close_no_objection", last_reopening
            ),
            corrected_by_two=row.outcome is not None
            and decided_since(decisions, row.id, "correct_record", last_reopening),
            change_withdrawn=row.change_state == ChangeState.WITHDRAWN,
            agreement_ended=_has_ended(row.ended_on, terms, at),
            outcome=RecordedOutcome(
                Outcome(row.outcome), row.outcome_at, covered.get(row.id, NOTHING_COVERED)
            )
            if row.outcome
            else None,
            reopened=last_reopening.reason if last_reopening else None,
            cleared=frozenset(
                reason
                for reason, cleared_at in cleared.get(row.id, ())
                if last_reopening is None or cleared_at >= last_reopening.at
            ),
            is_blocked=row.blocked_countries != "",
            reply_waits=row.agreement_id in waiting,
            was_down=_was_down(down, window, unresolved, at),
            is_contested=row.notice_id in contested,
            refused_at=refused.get(row.id),
        )
    return facts


def _downtimes(session: Session, rows: Sequence[Any], opened: Windows) -> ServiceRecord | None:
    """What is known of the last hours of these cases' windows and clocks."""
    known = [end for row in rows for end in (row.closes_at, row.unresolved_ends_at)]
    ends = [x for x in known if x is not None] + [x.closes_at for x in opened.values()]
    return find_service_record(session, since=min(ends) - LAST_HOURS) if ends else None


def _was_down(
    record: ServiceRecord | None,
    window: Window | None,
    unresolved: UnresolvedClock | None,
    at: datetime,
) -> bool:
    """Before the window's end, or before that of the second silence rule's clock."""
    if window is None:
        return False
    ends = {window.closes_at} | ({unresolved.ends_at} if unresolved else set())
    return any(was_down(record, opens_at=window.opens_at, closes_at=x, at=at) for x in ends)


def window_of_case(row: Any) -> Window | None:
    """The notice's window while it is served, with the case's own later end if one was granted.

    row: closes_at and silence_after_at of the case, notice_state and window of its notice.
    """
    if row.window is None or row.notice_state != NoticeState.SERVED:
        return None
    return case_window(window_from_mapping(row.window), row.closes_at, row.silence_after_at)


def case_window(
    window: Window, closes_at: datetime | None, silence_after_at: datetime | None
) -> Window:
    """`window` with the end of one case, where that is later (extended, or grown)."""
    if closes_at is None or silence_after_at is None or closes_at <= window.closes_at:
        return window
    zone = zone_of(window.time_zone)
    last_moment = closes_at.astimezone(zone)
    last_day = date.fromordinal(last_moment.date().toordinal() - 1)
    return replace(
        window,
        closes_at=closes_at,
        last_day=last_day,
        silence_after_at=max(silence_after_at, window.silence_after_at),
    )


def _unresolved(row: Any) -> UnresolvedClock | None:
    if row.unresolved_ends_at is None or row.unresolved_after_at is None:
        return None
    return UnresolvedClock(row.unresolved_ends_at, row.unresolved_after_at)


def _has_ended(ended_on: date | None, terms: NoticeTerms | None, at: datetime) -> bool:
    """The agreement's last day has passed in its own zone."""
    if ended_on is None:
        return False
    zone = zone_of(terms.counting.time_zone) if terms else UTC
    return at.astimezone(zone).date() > ended_on
