"""Fixtures for everybody: databases (each test on SQLite and on PostgreSQL), and an instant."""

import gc
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from subnotify.storage.database import create_engine_for, session_factory
from tests.support.databases import KINDS, POSTGRESQL, SQLITE, Databases, make_run_folder
from tests.support.dns_server import dns_server  # noqa: F401  (a fixture)
from tests.support.scenario import Scenario
from tests.support.smtp_server import smtp_server, tls_pair  # noqa: F401  (fixtures)
from tests.support.spared_work import product_hashing, work_spared

# A database on a busy machine has no use for a limit per example.
hypothesis.settings.register_profile("subnotify", deadline=None, print_blob=True)
hypothesis.settings.load_profile("subnotify")

RUN_FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """One folder per run: the first process makes it, the workers of pytest-xdist are told it."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[RUN_FOLDER] = Path(worker["run_folder"])
        return
    config.stash[RUN_FOLDER] = make_run_folder()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["run_folder"] = str(node.config.stash[RUN_FOLDER])


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: the collector need not look at it again
    and again, and may come by more seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The first process clears up, when all workers are gone."""
    folder = config.stash.get(RUN_FOLDER, None)
    if folder is None or hasattr(config, "workerinput"):
        return
    databases = Databases(folder)
    databases.drop_template()
    databases.stop_cluster()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def work_is_spared() -> Iterator[None]:
    """What each test would compile or hash anew is done once, or cheaply."""
    with work_spared():
        yield


@pytest.fixture
def hashing_as_the_product() -> Iterator[None]:
    """Passwords are hashed with the product's parameters."""
    with product_hashing():
        yield


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Gives out new databases: `databases.migrated("sqlite")`, `databases.empty("postgresql")`."""
    given = Databases(request.config.stash[RUN_FOLDER])
    yield given
    given.drop_all()


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgresql`: whoever depends on it runs on both."""
    return str(request.param)


@pytest.fixture
def database_url(databases: Databases, database_kind: str) -> Iterator[str]:
    """A migrated database of the test's own, on each kind."""
    yield from _given(databases, database_kind)


@pytest.fixture
def sqlite_url(databases: Databases) -> Iterator[str]:
    """A migrated database, on SQLite only: for what does not touch the database's ways."""
    yield from _given(databases, SQLITE)


@pytest.fixture
def postgresql_url(databases: Databases) -> Iterator[str]:
    """A migrated database, on PostgreSQL only."""
    yield from _given(databases, POSTGRESQL)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on `database_url`, configured as the product configures it."""
    made = create_engine_for(database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on `engine`; what it leaves uncommitted is rolled back."""
    with session_factory(engine)() as made:
        yield made


@pytest.fixture
def at() -> datetime:
    """Monday 2 March 2026, 9:00 in Paris, in UTC. Later instants: `at + timedelta(...)`."""
    paris_in_winter = timezone(timedelta(hours=1))
    return datetime(2026, 3, 2, 9, 0, tzinfo=paris_in_winter).astimezone(UTC)


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    """Announces releases to new clients in the test's database: `scenario.announce()`."""
    return Scenario(session, at=at)


def _given(databases: Databases, kind: str) -> Iterator[str]:
    url = databases.migrated(kind)
    yield url
    databases.drop(url)
