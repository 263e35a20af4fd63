"""Close what time closes: silence where the rules let it count, terminations, ended agreements.

Quiet cases (nobody said or did anything) go in bulk: the rules decide once for all cases with
the same terms and kind of change. Every other case is decided singly. Both ways end in the same
function of the rules, and a test holds that they agree.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.queue_messages import queue_closing
from subnotify.operations.record_consequences import record_consequences
from subnotify.operations.transaction import transaction
from subnotify.operations.watch_clock import is_frozen
from subnotify.rules.case_facts import CaseFacts, Standing
from subnotify.rules.cases import decide
from subnotify.rules.outages import LAST_HOURS, ServiceRecord, was_down
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.windows import Window
from subnotify.rules.words import CaseState, ChangeKind, HoldReason, Outcome
from subnotify.storage.cases import Confirmed, get_confirmed, load_case_facts
from subnotify.storage.database import begin_read_only
from subnotify.storage.due_cases import (
    QuietCase,
    claim_quiet_due,
    is_quiet_and_due,
    list_singly_due,
    load_terms,
)
from subnotify.storage.service_watch import find_service_record
from subnotify.storage.tables import CaseRow, OutcomeRow

ACTOR = "job:close_windows"
BULK_CHUNK = 5_000
SINGLE_CHUNK = 500
_PLAIN_HOLDS = frozenset(
    {HoldReason.REPLIES_NOT_READ, HoldReason.POST_NOT_OPENED, HoldReason.SERVICE_DOWN}
)


@dataclass
class ClosingReport:
    """What a run did: cases closed by outcome, put on hold, and moved otherwise."""

    closed: Counter[Outcome] = field(default_factory=Counter)
    held: int = 0
    moved: int = 0

    def count(self, standing: Standing, number: int = 1) -> None:
        if standing.outcome is not None:
            self.closed[standing.outcome] += number
        elif standing.state is CaseState.HOLD:
            self.held += number
        else:
            self.moved += number


def close_windows(
    session: Session, *, at: datetime, stop: Callable[[], bool] = lambda: False
) -> ClosingReport:
    """Decide every case that the passing of time moves; what was done.

    Each chunk is a transaction of its own, so that readers never wait long and a stopped run
    loses nothing. Idempotent; two runners at once share the chunks. A person's confirmation that
    is missing puts the cases on hold with that reason. `stop` is asked between chunks. While the
    clock is in doubt (operations/watch_clock.py) nothing is done.
    """
    report = ClosingReport()
    if is_frozen(session):
        return report
    _close_quiet(session, report, at, stop)
    _decide_singly(session, report, at, stop)
    return report


def _close_quiet(
    session: Session, report: ClosingReport, at: datetime, stop: Callable[[], bool]
) -> None:
    rulings = _Rulings()
    after_id: int | None = 0
    while after_id is not None and not stop():
        with transaction(session):
            after_id = _close_chunk(session, rulings, report, after_id, at)


class _Rulings:
    """What the rules say of a quiet due case, by its terms, kind of change, readings and whether
    its client could reach us."""

    def __init__(self) -> None:
        self._terms: dict[str, NoticeTerms] = {}
        self._standings: dict[tuple[str, ChangeKind, bool, bool, bool], Standing] = {}
        self._service: ServiceRecord | None = None

    def learn(self, session: Session, cases: Sequence[QuietCase]) -> None:
        since = min(case.closes_at for case in cases) - LAST_HOURS
        self._service = find_service_record(session, since=since)
        unknown = {x.terms_digest: x.terms_id for x in cases if x.terms_digest not in self._terms}
        if unknown:
            self._terms |= load_terms(session, unknown.values())

    def standing(self, case: QuietCase, confirmed: Confirmed, at: datetime) -> Standing:
        replies, post = confirmed.replies_read_until, confirmed.post_opened_until
        replies_read = replies is not None and replies >= case.closes_at
        post_opened = post is not None and post >= case.silence_after_at
        down = was_down(self._service, opens_at=case.opens_at, closes_at=case.closes_at, at=at)
        key = (case.terms_digest, case.kind, replies_read, post_opened, down)
        if key not in self._standings:
            terms = self._terms[case.terms_digest]
            self._standings[key] = rule_on_silence(
                terms,
                case.kind,
                replies_read=replies_read,
                post_opened=post_opened,
                service_was_down=down,
            )
        return self._standings[key]


# Only the order of the instants counts, so one window stands for every window that is over.
_CLOSED_AT = datetime(2000, 1, 2, tzinfo=UTC)
_SILENT_AT = _CLOSED_AT + timedelta(days=1)


def rule_on_silence(
    terms: NoticeTerms,
    kind: ChangeKind,
    *,
    replies_read: bool,
    post_opened: bool,
    service_was_down: bool = False,
) -> Standing:
    """Where a served case stands after window and grace about which nobody said anything."""
    over = Window(
        opens_at=_CLOSED_AT - timedelta(days=1),
        closes_at=_CLOSED_AT,
        nominal_last_day=date(2000, 1, 1),
        last_day=date(2000, 1, 1),
        silence_after_at=_SILENT_AT,
        time_zone="UTC",
        rule=terms.counting.rule.value,
        steps=(),
        versions="",
    )
    facts = CaseFacts(
        kind=kind,
        terms=terms,
        window=over,
        is_dispatched=True,
        replies_read_until=_CLOSED_AT if replies_read else None,
        post_opened_until=_SILENT_AT if post_opened else None,
        was_down=service_was_down,
    )
    return decide(facts, at=_SILENT_AT)


def _close_chunk(
    session: Session, rulings: _Rulings, report: ClosingReport, after_id: int, at: datetime
) -> int | None:
    """Close or hold one chunk; the last id of it, None when there was nothing (left)."""
    confirmed = get_confirmed(session, at=at)
    cases = claim_quiet_due(session, confirmed, after_id=after_id, limit=BULK_CHUNK, at=at)
    if not cases:
        return None
    rulings.learn(session, cases)
    groups: dict[Standing, list[int]] = defaultdict(list)
    odd = []
    for case in cases:
        standing = rulings.standing(case, confirmed, at)
        is_plain = standing.outcome is not None or set(standing.holds) <= _PLAIN_HOLDS
        if is_plain and standing.state in (CaseState.CLOSED, CaseState.HOLD):
            groups[standing].append(case.id)
        else:
            odd.append(case.id)
    for standing, ids in groups.items():
        moved = _write(session, standing, ids, confirmed, at)
        report.count(standing, len(moved))
    for standing in apply_standings(session, odd, actor=ACTOR, at=at).values():
        report.count(standing)
    return cases[-1].id


def _write(
    session: Session, standing: Standing, ids: Sequence[int], confirmed: Confirmed, at: datetime
) -> Sequence[int]:
    """Write one standing to many cases; the ids of those that were still due for it."""
    outcome = standing.outcome.value if standing.outcome else None
    holds = [hold.value for hold in standing.holds]
    moved = session.scalars(
        update(CaseRow)
        .where(CaseRow.id.in_(ids), is_quiet_and_due(confirmed, at))
        .values(
            state=standing.state.value,
            holds=holds,
            # A person must look into it: from now on it is decided by itself.
            is_quiet=HoldReason.SERVICE_DOWN not in standing.holds,
            outcome=outcome,
            outcome_at=at if outcome else None,
        )
        .returning(CaseRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    _append_moved(session, standing, moved, at)
    if outcome is not None and moved:
        session.execute(
            insert(OutcomeRow),
            [
                {"case_id": x, "number": 1, "outcome": outcome, "at": at, "by": ACTOR, "note": ""}
                for x in moved
            ],
        )
        record_consequences(session, dict.fromkeys(moved, standing), at=at)
        queue_closing(session, moved, at=at)
    return moved


def _append_moved(
    session: Session, standing: Standing, case_ids: Sequence[int], at: datetime
) -> None:
    said = {
        "state": standing.state.value,
        "holds": [hold.value for hold in standing.holds],
        "outcome": standing.outcome.value if standing.outcome else None,
    }
    facts = [NewEvidence("case_moved", "case", case_id, said) for case_id in case_ids]
    append_evidence_many(session, facts, actor=ACTOR, at=at)


def _decide_singly(
    session: Session, report: ClosingReport, at: datetime, stop: Callable[[], bool]
) -> None:
    after_id = 0
    while not stop():
        last_id, moving = _find_moving(session, after_id, at)
        if last_id is None:
            return
        after_id = last_id
        if not moving:
            continue
        with transaction(session):
            before = _claim_standings(session, moving)
            for case_id, standing in apply_standings(session, before, actor=ACTOR, at=at).items():
                if standing != before[case_id]:
                    report.count(standing)


def _find_moving(session: Session, after_id: int, at: datetime) -> tuple[int | None, list[int]]:
    """The next cases that the rules would move, found without writing anything.

    A case on hold for a person is looked at in every run, and costs no lock while it stays.
    """
    begin_read_only(session)
    try:
        due = list_singly_due(session, after_id=after_id, limit=SINGLE_CHUNK, at=at)
        if not due:
            return None, []
        facts = load_case_facts(session, [case.id for case in due], at=at)
        return due[-1].id, [
            case.id
            for case in due
            if decide(facts[case.id], at=at) != Standing(case.state, case.holds, case.outcome)
        ]
    finally:
        session.rollback()


def _claim_standings(session: Session, ids: Sequence[int]) -> Mapping[int, Standing]:
    """Those of the cases that nobody else is deciding about now, locked, as they are stored.

    The others are left to whoever holds them, and to the next run: a job waits for nobody.
    """
    rows = session.execute(
        select(CaseRow.id, CaseRow.state, CaseRow.holds, CaseRow.outcome)
        .where(CaseRow.id.in_(ids))
        .order_by(CaseRow.id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return {
        row.id: Standing(
            CaseState(row.state),
            tuple(HoldReason(hold) for hold in row.holds),
            Outcome(row.outcome) if row.outcome else None,
        )
        for row in rows
    }
