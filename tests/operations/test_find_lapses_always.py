"""Whatever bases are recorded, and whenever the job runs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from subnotify.rules.facts_assessment import assess_location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_words import Lawful
from subnotify.rules.words import LapseState
from subnotify.storage.tables import ListEntryRow, TransferAlarmRow, TransferLapseRow
from tests.rules.transfer_samples import EU, REFERENCE
from tests.rules.transfer_strategies import bases
from tests.support.databases import Databases
from tests.support.lapse_world import LapseWorld, in_us
from tests.support.web_client import session_on

DAY = timedelta(days=1)
FIRST = date(2019, 6, 1)
Task = tuple[str, date | None]

run_days = st.lists(st.integers(0, 2500), min_size=1, max_size=6, unique=True).map(sorted)


@pytest.fixture(scope="module")
def worlds(databases: Databases) -> Iterator[tuple[LapseWorld, LapseWorld]]:
    """Two vendors with the same list: one's job runs often, the other's was down."""
    at = datetime(2019, 6, 1, 8, tzinfo=UTC)
    with (
        session_on(databases.migrated("sqlite")) as often,
        session_on(databases.migrated("sqlite")) as seldom,
    ):
        yield LapseWorld(often, at=at), LapseWorld(seldom, at=at)


def list_only(world: LapseWorld, facts: SubprocessorFacts, number: int) -> int:
    """From now on this entry is all that the list has ever said."""
    world.session.execute(
        update(ListEntryRow).values(in_force_until_on=ListEntryRow.in_force_from_on)
    )
    return world.add_entry(f"entry-{number}", facts)


def open_tasks(world: LapseWorld, entry: int) -> set[Task]:
    """Instrument and first day without; the day is None where it is that of a run."""
    rows = world.session.scalars(
        select(TransferLapseRow).where(
            TransferLapseRow.subprocessor_id == entry,
            TransferLapseRow.state == LapseState.OPEN.value,
        )
    ).all()
    world.session.rollback()
    return {(x.instrument, x.lapses_on if x.instrument else None) for x in rows}


def told_of(world: LapseWorld, entry: int) -> list[list[int]]:
    """The stages of each task, in the order in which legal was told."""
    rows = world.session.execute(
        select(TransferLapseRow.id, TransferAlarmRow.days_ahead)
        .join(TransferAlarmRow, TransferAlarmRow.lapse_id == TransferLapseRow.id)
        .where(TransferLapseRow.subprocessor_id == entry)
        .order_by(TransferAlarmRow.id)
    ).all()
    world.session.rollback()
    told: dict[int, list[int]] = {}
    for lapse_id, days_ahead in rows:
        told.setdefault(lapse_id, []).append(days_ahead)
    return list(told.values())


numbers = iter(range(1, 1_000_000))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bases, max_size=3), run_days, st.integers(0, 2600))
def test_a_task_is_open_exactly_where_a_place_is_or_will_be_unlawful(
    worlds: tuple[LapseWorld, LapseWorld],
    recorded: list[RecordedBasis],
    runs: list[int],
    last: int,
) -> None:
    """However often the job ran before, and whatever it missed: on the last day both vendors have
    the same tasks, and no stage was told twice."""
    facts = in_us(*recorded)
    on = FIRST + last * DAY
    often = worlds[0]
    number = next(numbers)
    entries = [list_only(world, facts, number) for world in worlds]
    for days in runs:
        if days < last:
            often.find(FIRST + days * DAY)
    for world in worlds:
        world.find(on)
        world.find(on, hour=20)

    tasks = [open_tasks(world, entry) for world, entry in zip(worlds, entries, strict=True)]
    assert tasks[0] == tasks[1]
    is_unlawful = any(
        assess_location(REFERENCE, facts, facts.locations[0], EU, on=on + ahead * DAY).lawful
        is not Lawful.YES
        for ahead in range(181)
    )
    assert bool(tasks[0]) == is_unlawful
    for world, entry in zip(worlds, entries, strict=True):
        for stages in told_of(world, entry):
            assert stages == sorted(set(stages), reverse=True)
