"""Decides whether notices are served, and opens the windows of their cases."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.apply_standings import ServedCase, apply_standings
from subnotify.operations.case_clocks import Instants
from subnotify.operations.case_windows import CaseWindows
from subnotify.operations.explain_window import explain_window
from subnotify.rules.cases import grown_window
from subnotify.rules.errors import NoticeTooLate
from subnotify.rules.serving import (
    Delivery,
    Serving,
    judge_corrected_notice,
    judge_served_notice,
    judge_serving,
    judge_without_told_deadline,
)
from subnotify.rules.windows import (
    Window,
    window_from_mapping,
    window_to_mapping,
)
from subnotify.rules.words import HoldReason, NoticeState
from subnotify.storage.bulk_updates import update_by_id
from subnotify.storage.cases import case_window
from subnotify.storage.servings import (
    list_cases_of,
    load_deliveries,
    lock_notices,
)
from subnotify.storage.tables import NoticeRow
from subnotify.storage.tables.base import Json
from subnotify.storage.terms_reassessments import list_told_no_deadline

CHUNK = 500


def serve_notices(
    session: Session,
    notice_ids: Iterable[int],
    *,
    corrected: bool = False,
    actor: str = "job:serve_notices",
    at: datetime,
) -> list[int]:
    """Judge these notices anew from what became of their messages; the ids that newly failed.

    A step of the operation that recorded a hand-over, a refusal, a proof or a bounce, inside its
    transaction. A served notice stays served, whatever further proof comes: its window never
    moves to an earlier day. Only a bounce withdraws it; served anew, its window only grows.
    corrected: two persons corrected what is on record of them. Then a served notice also stops
    being served where its proof is gone, and its window grows where the proof is of a later day.
    """
    ids = sorted(set(notice_ids))
    failed: list[int] = []
    terms = CaseWindows()
    for start in range(0, len(ids), CHUNK):
        failed += _serve(session, ids[start : start + CHUNK], terms, corrected, actor, at)
    return failed


def _serve(
    session: Session,
    ids: Sequence[int],
    cache: CaseWindows,
    corrected: bool,
    actor: str,
    at: datetime,
) -> list[int]:
    session.flush()
    rows = lock_notices(session, ids)
    deliveries = load_deliveries(session, ids)
    # Of most terms a deadline could always be computed: then no client was told otherwise.
    doubtful = [row.id for row in rows if row.not_computable or row.was_reassessed]
    told = list_told_no_deadline(session, doubtful) if doubtful else frozenset()
    judged = _judge(rows, deliveries, cache, told, corrected)
    if not judged:
        return []
    cases: dict[int, list[Any]] = defaultdict(list)
    for case in list_cases_of(session, [row.id for row, _ in judged]):
        cases[case.notice_id].append(case)
    cache.learn_changes(
        session, {case.change_id for of_notice in cases.values() for case in of_notice}
    )
    changed: dict[int, Serving] = {}
    windows: dict[int, Window] = {}
    instants: dict[int, Instants] = {}
    for row, serving in judged:
        opened, verdict = _open_windows(cache, row, serving, cases[row.id])
        if not _is_news(row, verdict, corrected):
            continue
        changed[row.id] = verdict
        windows |= opened
        if verdict.trigger_at is not None:
            instants |= cache.case_instants(row, verdict.trigger_at, cases[row.id])
    return _write(session, changed, windows, instants, cases, actor, at)


def _judge(
    rows: Sequence[Any],
    deliveries: Mapping[int, list[Delivery]],
    cache: CaseWindows,
    told: Collection[int],
    corrected: bool,
) -> list[tuple[Any, Serving]]:
    """The notices about which there is news, as far as deliveries and proofs say.

    told: those that told the client that no deadline can be computed.
    """
    judged = []
    of_served = judge_corrected_notice if corrected else judge_served_notice
    for row in rows:
        judge = of_served if row.state == NoticeState.SERVED else judge_serving
        # Served anew, the notice is what is sent now, not what the list said long before.
        published_at = row.released_at if row.serving_number == 1 else None
        serving = judge(cache.terms(row), deliveries.get(row.id, []), published_at=published_at)
        if row.id in told:
            serving = judge_without_told_deadline(cache.terms(row), serving)
        if _is_news(row, serving, corrected):
            judged.append((row, serving))
    return judged


def _open_windows(
    cache: CaseWindows, row: Any, serving: Serving, cases: Sequence[Any]
) -> tuple[dict[int, Window], Serving]:
    """The windows by case that a served notice opens, and the verdict on the notice.

    A notice given when its window would be over already is not served: nothing could be
    objected to any more, and silence would mean nothing.
    """
    if serving.trigger_at is None:
        return {}, serving
    try:
        found = cache.case_windows(
            row, serving.trigger_at, cases, from_receipt=serving.is_by_receipt
        )
    except NoticeTooLate:
        late = Serving(
            NoticeState.NOT_SERVED,
            dispatched_at=serving.dispatched_at,
            failure=HoldReason.NOTICE_TOO_LATE,
        )
        return {}, late
    windows = {}
    for case in cases:
        if case.id in found:
            stored = case.window or row.window
            old = window_from_mapping(stored) if stored else None
            windows[case.id] = grown_window(old, found[case.id])
    return windows, serving


def _is_news(row: Any, serving: Serving, corrected: bool) -> bool:
    if row.state == NoticeState.SERVED and serving.state is not NoticeState.NOT_SERVED:
        if not corrected or serving.trigger_at is None or row.served_at is None:
            return False
        return bool(serving.trigger_at > row.served_at)
    on_its_way = serving.state in (NoticeState.QUEUED, NoticeState.SERVING)
    if row.failure_reason == HoldReason.RECORD_CORRECTED and on_its_way:
        # A person says what follows, unless a proof comes after all.
        return False
    return (row.state, row.failure_reason, row.dispatched_at) != (
        serving.state,
        serving.failure,
        serving.dispatched_at,
    )


def _write(
    session: Session,
    changed: dict[int, Serving],
    windows: dict[int, Window],
    instants: Mapping[int, Instants],
    cases: Mapping[int, Sequence[Any]],
    actor: str,
    at: datetime,
) -> list[int]:
    """Notices, windows, evidence, standings; the ids of the notices that newly failed."""
    if not changed:
        return []
    of_notices = _windows_of_notices(changed, windows, cases)
    as_stored = {x: window_to_mapping(window) for x, window in of_notices.items()}
    _write_notices(session, changed, as_stored)
    _append_evidence(session, changed, of_notices, as_stored, actor, at)
    concerned = [case for notice_id in changed for case in cases[notice_id]]
    served = _served_cases(concerned, windows, instants, of_notices)
    apply_standings(session, served, served=served, actor=actor, at=at)
    return [x for x, serving in changed.items() if serving.state is NoticeState.NOT_SERVED]


def _windows_of_notices(
    changed: Mapping[int, Serving],
    windows: Mapping[int, Window],
    cases: Mapping[int, Sequence[Any]],
) -> dict[int, Window]:
    """What a notice shows as its window: that of its cases, the first to end where they differ."""
    found = {}
    for notice_id in changed:
        own = [windows[case.id] for case in cases[notice_id] if case.id in windows]
        if own:
            found[notice_id] = min(own, key=lambda window: window.closes_at)
    return found


def _write_notices(
    session: Session, changed: dict[int, Serving], windows: Mapping[int, Json]
) -> None:
    update_by_id(
        session,
        NoticeRow,
        [
            {
                "id": notice_id,
                "state": serving.state.value,
                "served_at": serving.trigger_at,
                "served_proof": serving.proof.value if serving.proof else None,
                "dispatched_at": serving.dispatched_at,
                "failure_reason": serving.failure.value if serving.failure else None,
                "failure": serving.failure_text or None,
            }
            | ({"window": windows[notice_id]} if notice_id in windows else {})
            for notice_id, serving in changed.items()
        ],
    )


def _served_cases(
    cases: Sequence[Any],
    windows: Mapping[int, Window],
    instants: Mapping[int, Instants],
    of_notices: Mapping[int, Window],
) -> dict[int, ServedCase]:
    """What is new of each case: its window, kept as its own where it is not that of its notice,
    and what the gate compares."""
    served = {}
    for case in cases:
        columns: dict[str, Any] = {**instants.get(case.id, {})}
        window = windows.get(case.id)
        if window is not None:
            if case.window is not None or window != of_notices[case.notice_id]:
                columns["window"] = window_to_mapping(window)
            ends = _ends(case, window)
            columns |= {"opens_at": window.opens_at, **ends}
            window = case_window(window, **ends)
        served[case.id] = ServedCase(window, columns)
    return served


def _ends(case: Any, window: Window) -> dict[str, datetime]:
    """An end that a person granted later, or that ran before, stays."""
    return {
        "closes_at": max(window.closes_at, case.closes_at or window.closes_at),
        "silence_after_at": max(
            window.silence_after_at, case.silence_after_at or window.silence_after_at
        ),
    }


def _window_told(window: Window | None, as_stored: Json | None) -> dict[str, Any]:
    if window is None:
        return {"window": None}
    return {"window": as_stored, "explanation": explain_window(window)}


def _append_evidence(
    session: Session,
    changed: dict[int, Serving],
    windows: Mapping[int, Window],
    as_stored: Mapping[int, Json],
    actor: str,
    at: datetime,
) -> None:
    append_evidence_many(
        session,
        [
            NewEvidence(
                f"notice_{serving.state.value}",
                "notice",
                notice_id,
                {
                    "trigger_at": serving.trigger_at,
                    "proof": serving.proof,
                    "failure": serving.failure,
                    "failure_text": serving.failure_text,
                    **_window_told(windows.get(notice_id), as_stored.get(notice_id)),
                },
            )
            for notice_id, serving in changed.items()
        ],
        actor=actor,
        at=at,
    )
