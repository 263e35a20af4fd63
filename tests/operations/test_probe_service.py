"""What the probes leave on record: since when clients cannot reach us, and when nobody asked."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from subnotify.delivery.public_probe import ProbeAnswer
from subnotify.operations.probe_service import probe_service
from subnotify.rules.outages import was_down
from subnotify.rules.troubles import Trouble, TroubleCode
from subnotify.storage.database import session_factory
from subnotify.storage.service_watch import find_service_record
from subnotify.storage.tables import EvidenceRow, OutageRow, ServiceWatchRow

UP = ProbeAnswer(True)
DOWN = ProbeAnswer(
    False, Trouble(TroubleCode.ANSWERED_STATUS, {"status": 503}, "Service Unavailable")
)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def probe(session: Session, answer: ProbeAnswer, at: datetime, **limits: timedelta) -> str:
    given = {"longest_pause": 10 * MINUTE, "tolerated": HOUR} | limits
    return probe_service(session, ask=lambda: answer, clock=lambda: at, **given)


def outages(session: Session) -> list[tuple[str, datetime, datetime | None]]:
    rows = session.scalars(select(OutageRow).order_by(OutageRow.id)).all()
    session.rollback()
    return [(row.cause, row.began_at, row.ended_at) for row in rows]


def evidence(session: Session) -> list[tuple[str, int]]:
    rows = session.execute(
        select(EvidenceRow.type, EvidenceRow.object_id).order_by(EvidenceRow.id)
    ).all()
    session.rollback()
    return [(row.type, row.object_id) for row in rows]


def test_while_all_is_well_there_is_one_row(session: Session, at: datetime) -> None:
    for minute in range(5):
        assert probe(session, UP, at + minute * MINUTE) == "up"
    (watch,) = session.scalars(select(ServiceWatchRow))
    session.rollback()
    assert (watch.first_probe_at, watch.last_probe_at) == (at, at + 4 * MINUTE)
    assert watch.last_up_at == at + 4 * MINUTE
    assert (outages(session), evidence(session)) == ([], [])


def test_an_outage_lasts_from_the_last_good_probe_to_the_next(
    session: Session, at: datetime
) -> None:
    probe(session, UP, at)
    said = probe(session, DOWN, at + MINUTE)
    assert said == (
        "down since 2026-03-02 08:00:00Z: answered with status 503: “Service Unavailable”"
    )
    assert outages(session) == [("unreachable", at, None)]
    assert probe(session, DOWN, at + 2 * MINUTE) == said
    assert probe(session, UP, at + 3 * MINUTE) == "up again, down since 2026-03-02 08:00:00Z"
    assert outages(session) == [("unreachable", at, at + 3 * MINUTE)]
    assert evidence(session) == [("outage_began", 1), ("outage_ended", 1)]
    probe(session, DOWN, at + 4 * MINUTE)
    assert outages(session)[1] == ("unreachable", at + 3 * MINUTE, None)


def test_of_the_time_before_the_first_probe_nothing_is_known(
    session: Session, at: datetime
) -> None:
    probe(session, DOWN, at)
    probe(session, UP, at + 3 * HOUR, longest_pause=4 * HOUR)
    assert outages(session) == [("unreachable", at, at + 3 * HOUR)]
    record = find_service_record(session, since=at - 48 * HOUR)
    session.rollback()
    assert not was_down(record, opens_at=at - 90 * HOUR, closes_at=at, at=at + 4 * HOUR)


def test_a_pause_counts_as_down_though_it_is_up_now(session: Session, at: datetime) -> None:
    probe(session, UP, at)
    assert probe(session, UP, at + 10 * MINUTE) == "up"
    later = at + 10 * MINUTE + 6 * HOUR
    assert probe(session, UP, later) == "up; nobody had asked since 2026-03-02 08:10:00Z"
    assert outages(session) == [("no_probe", at + 10 * MINUTE, later)]
    assert evidence(session) == [("probes_missed", 1)]


def test_a_pause_and_a_failure_may_overlap(session: Session, at: datetime) -> None:
    probe(session, UP, at)
    probe(session, DOWN, at + 3 * HOUR)
    assert outages(session) == [
        ("no_probe", at, at + 3 * HOUR),
        ("unreachable", at, None),
    ]
    record = find_service_record(session, since=at)
    session.rollback()
    end = at + 4 * HOUR
    assert was_down(record, opens_at=at, closes_at=end, at=end)


def test_the_limits_are_those_of_the_last_probe(session: Session, at: datetime) -> None:
    probe(session, UP, at)
    probe(session, UP, at + MINUTE, tolerated=2 * HOUR, longest_pause=5 * MINUTE)
    record = find_service_record(session, since=at)
    session.rollback()
    assert record is not None
    assert (record.tolerated, record.longest_pause) == (2 * HOUR, 5 * MINUTE)


def test_an_older_answer_ends_nothing(session: Session, at: datetime) -> None:
    """A slow worker's probe is recorded after a later one of another worker."""
    probe(session, UP, at)
    probe(session, DOWN, at + 2 * MINUTE)
    probe(session, UP, at + MINUTE)
    assert outages(session) == [("unreachable", at, None)]
    record = find_service_record(session, since=at)
    session.rollback()
    assert record is not None
    assert record.last_probe_at == at + 2 * MINUTE


@pytest.mark.parametrize("first", [True, False])
def test_two_workers_at_once_record_one_outage(
    engine: Engine, session: Session, at: datetime, first: bool
) -> None:
    """At their very first probes too."""
    if not first:
        probe(session, UP, at - MINUTE)
    both = threading.Barrier(4)

    def one(_number: int) -> None:
        with session_factory(engine)() as own:

            def ask() -> ProbeAnswer:
                both.wait()
                return DOWN

            probe_service(own, ask=ask, longest_pause=10 * MINUTE, tolerated=HOUR, clock=lambda: at)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    began_at = at if first else at - MINUTE
    assert outages(session) == [("unreachable", began_at, None)]
    assert evidence(session) == [("outage_began", 1)]


def test_no_transaction_is_open_while_it_waits(session: Session, at: datetime) -> None:
    def ask() -> ProbeAnswer:
        assert not session.in_transaction()
        return UP

    probe_service(session, ask=ask, longest_pause=HOUR, tolerated=HOUR, clock=lambda: at)
