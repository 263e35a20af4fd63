"""Transactions as both databases keep them."""

import threading

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from subnotify.storage import database
from subnotify.storage.database import begin_read_only, create_engine_for, session_factory
from tests.support.databases import Databases


@pytest.fixture
def counted(databases: Databases, database_kind: str):
    """An engine on a database with one small table, `counters`, that holds one row: a, 0."""
    url = databases.empty(database_kind)
    engine = create_engine_for(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER)"))
        connection.execute(text("INSERT INTO counters VALUES ('a', 0)"))
    yield engine
    engine.dispose()
    databases.drop(url)


ADD_ONE = text("UPDATE counters SET value = value + 1")
READ = text("SELECT value FROM counters")


def test_a_read_only_transaction_refuses_a_write(counted: Engine):
    with session_factory(counted)() as session:
        begin_read_only(session)
        assert session.scalar(READ) == 0
        with pytest.raises(DBAPIError, match=r"read-?only"):
            session.execute(ADD_ONE)


def test_the_next_transaction_on_the_same_connection_may_write(counted: Engine):
    with session_factory(counted)() as session:
        begin_read_only(session)
        first = session.connection().connection.driver_connection
        session.rollback()
        session.execute(ADD_ONE)
        assert session.connection().connection.driver_connection is first
        session.commit()
        begin_read_only(session)
        assert session.scalar(READ) == 1
        with pytest.raises(DBAPIError):
            session.execute(ADD_ONE)


def test_read_only_comes_too_late_in_an_open_transaction(counted: Engine):
    with session_factory(counted)() as session:
        session.execute(READ)
        with pytest.raises(RuntimeError, match="already open"):
            begin_read_only(session)


def test_sqlite_writers_that_read_first_wait_for_each_other(databases: Databases):
    engine = create_engine_for(databases.empty("sqlite"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counters (value INTEGER)"))
        connection.execute(text("INSERT INTO counters VALUES (0)"))
    together = threading.Barrier(4)
    failures: list[Exception] = []

    def read_then_write() -> None:
        together.wait()
        try:
            for _ in range(5):
                with engine.begin() as connection:
                    seen = connection.scalar(READ)
                    connection.execute(text("UPDATE counters SET value = :v"), {"v": seen + 1})
        except Exception as error:
            failures.append(error)

    writers = [threading.Thread(target=read_then_write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    with engine.connect() as connection:
        assert connection.scalar(READ) == 20


def test_an_error_undoes_the_tables_made_in_its_transaction(counted: Engine):
    with pytest.raises(DBAPIError), counted.begin() as connection:
        connection.execute(text("CREATE TABLE others (id INTEGER)"))
        connection.execute(text("SELECT no_such_column FROM counters"))
    assert not inspect(counted).has_table("others")


def test_foreign_keys_hold(databases: Databases, database_kind: str):
    url = databases.empty(database_kind)
    engine = create_engine_for(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE parents (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE children (parent INTEGER REFERENCES parents)"))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO children VALUES (7)"))
    engine.dispose()
    databases.drop(url)


def test_sqlite_commits_survive_the_loss_of_power(databases: Databases):
    engine = create_engine_for(databases.empty("sqlite"))
    with engine.connect() as connection:
        mode = connection.scalar(text("PRAGMA journal_mode"))
        synchronous = connection.scalar(text("PRAGMA synchronous"))
    full, extra = 2, 3
    assert (mode, synchronous) in {("delete", extra), ("wal", full)}


def test_postgresql_speaks_utc(databases: Databases):
    url = databases.empty("postgresql")
    engine = create_engine_for(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW TIME ZONE")) == "UTC"
    engine.dispose()
    databases.drop(url)


def test_other_engines_stay_as_they_are(databases: Databases):
    create_engine_for(databases.empty("sqlite")).dispose()
    other = create_engine("sqlite://")
    with other.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 0


def test_flask_gets_the_same_engine_and_session(counted: Engine):
    app = Flask(__name__)
    database.init_app(app, counted.url)
    with app.app_context():
        session = database.db.session()
        begin_read_only(session)
        with pytest.raises(DBAPIError, match=r"read-?only"):
            session.execute(ADD_ONE)
        session.rollback()
        session.execute(ADD_ONE)
        session.commit()
        assert session.expire_on_commit is False
        assert database.db.engine.url == counted.url
        session.close()
        database.db.engine.dispose()


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://u:p%40ss@db/subnotify", "postgresql+psycopg://u:p%40ss@db/subnotify"),
        ("postgresql://db/subnotify", "postgresql+psycopg://db/subnotify"),
        ("sqlite:////var/lib/s.sqlite", "sqlite:////var/lib/s.sqlite"),
    ],
)
def test_urls(given: str, driver: str):
    assert database.normalise_url(given).render_as_string(hide_password=False) == driver


def test_a_relative_sqlite_path_counts_from_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = database.normalise_url("sqlite:///here.sqlite")
    assert url.database == str(tmp_path / "here.sqlite")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://db/subnotify"])
def test_other_databases_are_refused(url: str):
    with pytest.raises(ValueError, match="sqlite"):
        database.normalise_url(url)


def test_a_lost_postgresql_host_is_noticed_unless_the_url_says_otherwise():
    waits = database.engine_options("postgresql://u:p@h/d?keepalives_idle=7")["connect_args"]
    assert "keepalives_idle" not in waits
    assert (waits["connect_timeout"], waits["tcp_user_timeout"]) == (10, 60_000)
