"""Fifty objections of the last instant against the job that closes: each of them wins."""

import threading
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.record_response import record_response
from subnotify.rules.responses import Answer
from subnotify.rules.words import CaseState, HoldReason, Outcome, ResponseKind, Timeliness
from subnotify.storage.database import session_factory
from subnotify.storage.tables import CaseRow, MessageRow, OutcomeRow, ResponseRow
from tests.operations.desk import case_of, confirm_all
from tests.support.answers import KEY, LEGAL
from tests.support.scenario import Announced, Scenario, digest_of

OBJECTIONS = 50
# These say nothing: silence closes them beside the others, and only them.
SILENT = 10
CLOSERS = 3


def test_fifty_objections_at_the_last_second_win(
    session: Session, engine: Engine, at: datetime
) -> None:
    """Both are under way at one instant, each on a connection of its own: what the job closed
    before the objection was written is taken back, what came first is never closed."""
    scenario = Scenario(session, at=at)
    made = [scenario.announce() for _ in range(OBJECTIONS + SILENT)]
    first = case_of(session, made[0].case_ids[0])
    assert first.closes_at is not None and first.silence_after_at is not None
    last_instant, silent_at = first.closes_at - timedelta(microseconds=1), first.silence_after_at
    confirm_all(session, silent_at)
    start = threading.Barrier(OBJECTIONS + CLOSERS)
    failed: list[BaseException] = []

    def object_to(announced: Announced) -> None:
        answer = Answer(ResponseKind.OBJECTION, "Camille Perrin", "DPO", "No.", announced.case_ids)
        with session_factory(engine)() as own:
            record_response(
                own,
                digest_of(announced.token),
                answer,
                form_key=f"form-{announced.notice_id}",
                code_key=KEY,
                legal_email=LEGAL,
                at=last_instant,
            )

    def close() -> None:
        for _ in range(3):
            with session_factory(engine)() as own:
                close_windows(own, at=silent_at)

    def run(work, *given) -> None:
        try:
            start.wait()
            work(*given)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(object_to, x)) for x in made[:OBJECTIONS]]
    threads += [threading.Thread(target=run, args=(close,)) for _ in range(CLOSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    close_windows(session, at=silent_at)
    objected = [x.case_ids[0] for x in made[:OBJECTIONS]]
    check_objected(session, objected)
    silent = select(CaseRow.outcome).where(CaseRow.id.not_in(objected))
    assert session.scalars(silent).all() == [Outcome.ACCEPTED_BY_SILENCE] * SILENT
    # One outcome each, and a closing mail only for those.
    doubled = select(OutcomeRow.case_id).where(OutcomeRow.outcome.is_not(None))
    recorded = session.scalars(doubled).all()
    assert len(recorded) == len(set(recorded))


def check_objected(session: Session, objected: list[int]) -> None:
    """Each objection is on record once and in time; none of its cases ended by silence."""
    given = session.scalars(select(ResponseRow.timeliness)).all()
    assert given == [Timeliness.IN_TIME] * OBJECTIONS
    rows = session.scalars(select(CaseRow).where(CaseRow.id.in_(objected))).all()
    assert [row.outcome for row in rows] == [None] * OBJECTIONS
    reopened = 0
    for row in rows:
        if row.state == CaseState.HOLD:
            # The job was first: taken back, and a person looks.
            assert row.holds == [HoldReason.OBJECTION_AFTER_CLOSING]
            reopened += 1
        else:
            assert (row.state, row.holds) == (CaseState.OBJECTED, [])
    corrections = select(func.count()).where(
        OutcomeRow.case_id.in_(objected), OutcomeRow.corrects_id.is_not(None)
    )
    assert session.scalar(corrections) == reopened
    alarms = select(func.count()).where(MessageRow.purpose == "objection_alarm")
    assert session.scalar(alarms) == OBJECTIONS
