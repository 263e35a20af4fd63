"""A clock in doubt freezes what time concludes, on record, until a person lifts it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from subnotify.delivery.public_probe import ProbeAnswer
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.lift_clock_freeze import lift_clock_freeze
from subnotify.operations.probe_service import probe_service
from subnotify.operations.transaction import transaction
from subnotify.operations.watch_clock import Clocks, ClockWatch
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import MoveNotAllowed
from subnotify.rules.troubles import read_trouble
from subnotify.rules.words import CaseState, HoldReason, Outcome
from subnotify.storage.database import session_factory
from subnotify.storage.job_runs import note_start
from subnotify.storage.service_watch import list_open_freezes, read_database_clock
from subnotify.storage.tables import ClockFreezeRow, EvidenceRow, OutageRow, ServiceWatchRow
from tests.operations.desk import case_of, confirm_all, standing_of

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BY_LEGAL = {"note": "the time server is back", "by": "Leon Legal", "actor": "operator:1"}


@dataclass
class World:
    """Clocks as the test sets them: `pass_time` moves all, `jump` the wall clock alone."""

    wall_at: datetime
    monotonic: timedelta = field(default=5 * DAY)
    database_at: datetime | None = None

    def pass_time(self, span: timedelta) -> None:
        self.wall_at += span
        self.monotonic += span
        if self.database_at is not None:
            self.database_at += span

    def jump(self, span: timedelta) -> None:
        self.wall_at += span

    def watch(self, runner: str = "worker:1") -> ClockWatch:
        """As a process makes it when it starts."""
        clocks = Clocks(lambda: self.wall_at, lambda: self.monotonic, lambda _: self.database_at)
        return ClockWatch(clocks, runner=runner)


@pytest.fixture
def world(at: datetime) -> World:
    return World(at)


def evidence(session: Session) -> list[str]:
    wanted = EvidenceRow.object_type == "clock_freeze"
    found = list(session.scalars(select(EvidenceRow.type).where(wanted).order_by(EvidenceRow.id)))
    session.rollback()
    return found


def test_clocks_that_agree_freeze_nothing(session: Session, world: World) -> None:
    watch = world.watch()
    for _ in range(3):
        world.pass_time(9 * DAY)
        finding = watch.look(session)
        assert (finding.at, finding.frozen) == (world.wall_at, None)
    assert list_open_freezes(session) == []


@pytest.mark.parametrize("span", [HOUR, -HOUR, 400 * DAY])
def test_a_jump_freezes_until_a_person_lifts_it(
    session: Session, world: World, span: timedelta
) -> None:
    watch = world.watch()
    world.jump(span)
    finding = watch.look(session)
    assert finding.frozen is not None
    assert "against the monotonic clock" in finding.frozen
    [freeze] = list_open_freezes(session)
    session.rollback()
    assert (freeze.noticed_at, freeze.runner) == (world.wall_at, "worker:1")
    assert str(read_trouble(freeze.words)) == finding.frozen

    # Neither the clock's way back nor a new start of the worker lifts it.
    world.jump(-span)
    world.pass_time(HOUR)
    assert watch.look(session).frozen == finding.frozen
    assert world.watch("worker:2").look(session).frozen == finding.frozen
    assert evidence(session) == ["clock_frozen"]

    world.pass_time(MINUTE)
    assert lift_clock_freeze(session, at=world.wall_at, **BY_LEGAL) == [freeze.id]
    assert watch.look(session).frozen is None
    assert evidence(session) == ["clock_frozen", "clock_freeze_lifted"]
    row = session.get_one(ClockFreezeRow, freeze.id)
    session.rollback()
    assert (row.lifted_at, row.lifted_by) == (world.wall_at, "Leon Legal")
    assert row.lift_note == "the time server is back"


def test_what_a_person_calls_right_is_the_new_baseline(session: Session, world: World) -> None:
    watch = world.watch()
    world.jump(HOUR)
    assert watch.look(session).frozen is not None
    lift_clock_freeze(session, at=world.wall_at, **BY_LEGAL)
    assert watch.look(session).frozen is None
    world.pass_time(DAY)
    assert watch.look(session).frozen is None
    world.jump(-HOUR)
    assert watch.look(session).frozen is not None
    assert len(list_open_freezes(session)) == 1


def test_a_difference_from_the_databases_clock_freezes_as_long_as_it_lasts(
    session: Session, world: World
) -> None:
    world.database_at = world.wall_at - 2 * MINUTE
    watch = world.watch()
    words = "the clock is 0:02:00 ahead of the database's clock"
    assert watch.look(session).frozen == words
    lift_clock_freeze(session, at=world.wall_at, **BY_LEGAL)
    assert watch.look(session).frozen == words
    world.database_at = world.wall_at
    lift_clock_freeze(session, at=world.wall_at, **BY_LEGAL)
    assert watch.look(session).frozen is None


def test_a_clock_behind_the_last_run_of_a_job_freezes_at_the_start(
    session: Session, world: World
) -> None:
    with transaction(session):
        note_start(session, "close_windows", at=world.wall_at + 2 * HOUR)
    frozen = world.watch().look(session).frozen
    assert frozen == "the clock is 2:00:00 behind 2026-03-02 10:00:00Z, when a worker ran"


def test_what_a_clock_that_ran_ahead_wrote_is_taken_back(session: Session, world: World) -> None:
    """Else a year of windows would seem down, and the right clock behind the record."""

    def probe() -> None:
        probe_service(
            session,
            ask=lambda: ProbeAnswer(True),
            longest_pause=10 * MINUTE,
            tolerated=HOUR,
            clock=lambda: world.wall_at,
        )

    watch = world.watch()
    probe()
    world.pass_time(MINUTE)
    world.jump(365 * DAY)
    with transaction(session):
        note_start(session, "find_lapses", at=world.wall_at)
    probe()
    assert watch.look(session).frozen is not None
    world.jump(-365 * DAY)
    world.pass_time(4 * MINUTE)
    began_at = world.wall_at - 5 * MINUTE
    lift_clock_freeze(session, at=world.wall_at, **BY_LEGAL)
    assert watch.look(session).frozen is None
    assert world.watch().look(session).frozen is None
    [outage] = session.scalars(select(OutageRow))
    [service] = session.scalars(select(ServiceWatchRow))
    session.rollback()
    assert (outage.began_at, outage.ended_at) == (began_at, world.wall_at)
    assert service.last_probe_at == service.last_up_at == world.wall_at
    world.pass_time(MINUTE)
    probe()
    assert service.last_probe_at == world.wall_at


def test_many_notice_at_once_and_one_freeze_is_open(
    engine: Engine, session: Session, world: World
) -> None:
    watches = [world.watch(f"worker:{number}") for number in range(4)]
    world.jump(HOUR)
    together = threading.Barrier(4)

    def look(watch: ClockWatch) -> str | None:
        with session_factory(engine)() as own:
            together.wait()
            return watch.look(own).frozen

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(look, watches))
    assert len(list_open_freezes(session)) == 1
    assert evidence(session) == ["clock_frozen"]


def test_lifting_needs_a_reason_and_a_freeze(session: Session, at: datetime) -> None:
    with pytest.raises(MoveNotAllowed):
        lift_clock_freeze(session, at=at, **BY_LEGAL)
    with pytest.raises(ReasonMissing):
        lift_clock_freeze(session, at=at, **(BY_LEGAL | {"note": " "}))


def test_nothing_closes_while_it_lasts_and_all_closes_after(
    session: Session, scenario, world: World
) -> None:
    """Whoever asks for it: the job, or a person whose confirmation would have closed it."""
    case_id = scenario.announce().case_ids[0]
    silent_at = case_of(session, case_id).silence_after_at
    watch = world.watch()
    world.jump(silent_at - world.wall_at)
    confirm_all(session, world.wall_at)
    assert watch.look(session).frozen is not None
    assert close_windows(session, at=world.wall_at).closed.total() == 0
    with transaction(session):
        standing = apply_standings(session, [case_id], actor="operator:1", at=world.wall_at)
    assert standing[case_id].state is CaseState.OPEN
    assert standing_of(session, case_id) == (CaseState.OPEN, [], None)

    lift_clock_freeze(session, at=world.wall_at, **BY_LEGAL)
    assert watch.look(session).frozen is None
    closed = close_windows(session, at=world.wall_at).closed
    assert dict(closed) == {Outcome.ACCEPTED_BY_SILENCE: 1}


def test_a_new_start_after_the_clock_was_set_ahead_holds_what_it_skipped(
    session: Session, scenario, world: World
) -> None:
    """A worker that was off has no clock to compare with on SQLite, but nobody asked meanwhile."""
    case_id = scenario.announce().case_ids[0]
    silent_at = case_of(session, case_id).silence_after_at
    probe_service(
        session,
        ask=lambda: ProbeAnswer(True),
        longest_pause=10 * MINUTE,
        tolerated=HOUR,
        clock=lambda: world.wall_at,
    )
    world.jump(silent_at - world.wall_at)
    confirm_all(session, world.wall_at)
    assert world.watch().look(session).frozen is None
    close_windows(session, at=world.wall_at)
    assert standing_of(session, case_id) == (CaseState.HOLD, [HoldReason.SERVICE_DOWN], None)


def test_only_postgresql_has_a_clock_of_its_own(session: Session) -> None:
    found = read_database_clock(session)
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":
        assert found is None
    else:
        assert found is not None
        assert found.utcoffset() == timedelta(0)
        assert found > datetime(2026, 1, 1, tzinfo=UTC)
