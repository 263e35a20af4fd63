"""Engines, sessions and transactions, the same for the web, the jobs and the command line.

SQLite: every transaction begins with BEGIN IMMEDIATE, so that a transaction which reads and then
writes waits for its turn instead of failing halfway. A transaction with the execution option
`read_only` begins plainly, and the database refuses its writes; on PostgreSQL likewise.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

from subnotify.storage.tables.base import Base

# Earlier versions can corrupt a database in WAL mode with two writers.
FIRST_SQLITE_SAFE_WITH_WAL = (3, 51, 3)
LOCK_WAIT_SECONDS = 30.0
_LOOK_SECONDS = 0.002
# A PostgreSQL host that vanished without a word is noticed within a minute or so; by default a
# worker would wait for two hours. What the URL says of these goes first.
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

# Reading an attribute after a commit must not open a transaction, so nothing expires.
SESSION_OPTIONS: dict[str, Any] = {"expire_on_commit": False}

db = SQLAlchemy(model_class=Base, session_options=dict(SESSION_OPTIONS))


def normalise_url(url: str | URL) -> URL:
    """The URL with our PostgreSQL driver, or with the absolute path of the SQLite file.

    `postgres://` and `postgresql://` are both accepted. A relative SQLite path counts from the
    working directory (Flask-SQLAlchemy alone would count it from its instance folder). Raises
    ValueError for any other database, and for SQLite in memory: its connections would not see
    each other's data.
    """
    text = url.render_as_string(hide_password=False) if isinstance(url, URL) else url
    if text.startswith("postgres://"):
        text = "postgresql://" + text.removeprefix("postgres://")
    parsed = make_url(text)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        raise ValueError(f"{parsed.get_backend_name()} is not supported: use sqlite or postgresql")
    if parsed.database in (None, "", ":memory:") or str(parsed.database).startswith("file:"):
        raise ValueError("name the SQLite database's file: sqlite:////path/to/subnotify.sqlite")
    return parsed.set(database=str(Path(str(parsed.database)).absolute()))


def engine_options(url: str | URL) -> dict[str, Any]:
    """The options of `create_engine` for this database."""
    # An error in the log names the statement, never the names and digests that were its values.
    options: dict[str, Any] = {"hide_parameters": True}
    if normalise_url(url).get_backend_name() == "sqlite":
        waits = {"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False}
        return options | {"connect_args": waits}
    parsed = normalise_url(url)
    watched = {name: value for name, value in _PATIENCE.items() if name not in parsed.query}
    return options | {"pool_pre_ping": True, "connect_args": watched}


def create_engine_for(url: str | URL, *, foreign_keys: bool = True) -> Engine:
    """An engine for `url`, configured. Only migrations turn `foreign_keys` off (SQLite)."""
    engine = create_engine(normalise_url(url), **engine_options(url))
    configure_engine(engine, foreign_keys=foreign_keys)
    return engine


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Makes sessions for jobs and commands: `with session_factory(engine)() as session: ...`."""
    return sessionmaker(engine, **SESSION_OPTIONS)


def begin_read_only(session: Session) -> None:
    """Begin the session's transaction so that the database refuses every write in it.

    The next transaction of the session may write again. Raises RuntimeError if a transaction is
    already open: it is too late then.
    """
    if session.in_transaction():
        raise RuntimeError("a transaction is already open; read_only must be its first word")
    session.connection(execution_options={"read_only": True})


def init_app(app: Flask, url: str | URL) -> None:
    """Give the Flask app its `db.session`, on an engine configured as any other of ours."""
    app.config["SQLALCHEMY_DATABASE_URI"] = normalise_url(url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)


def configure_engine(engine: Engine, *, foreign_keys: bool = True) -> None:
    """Attach our listeners to this engine, and to no other."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connection_setup(foreign_keys))
        event.listen(engine, "begin", _begin_on_sqlite)
    else:
        event.listen(engine, "connect", _set_up_postgresql_connection)
        event.listen(engine, "begin", _begin_on_postgresql)


def _sqlite_connection_setup(foreign_keys: bool) -> Callable[[sqlite3.Connection, Any], None]:
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        # Python's driver would begin transactions by its own rules: we begin them ourselves.
        connection.isolation_level = None
        for pragma in _sqlite_pragmas(foreign_keys):
            connection.execute(f"PRAGMA {pragma}")

    return set_up


def _sqlite_pragmas(foreign_keys: bool) -> list[str]:
    wal = sqlite3.sqlite_version_info >= FIRST_SQLITE_SAFE_WITH_WAL
    return [
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        # Without it INSERT OR REPLACE deletes rows without asking the triggers on evidence.
        "recursive_triggers = ON",
        f"journal_mode = {'WAL' if wal else 'DELETE'}",
        # In both modes a commit survives the loss of power.
        f"synchronous = {'FULL' if wal else 'EXTRA'}",
    ]


def _begin_on_sqlite(connection: Connection) -> None:
    read_only = bool(connection.get_execution_options().get("read_only"))
    # `info` lives as long as the pooled connection: the pragma outlasts the transaction.
    if read_only != connection.info.get("query_only", False):
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
        connection.info["query_only"] = read_only
    if read_only or not _begin_in_turn(connection):
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _begin_in_turn(connection: Connection) -> bool:
    """Begin to write as soon as nobody else does; False when that took too long.

    SQLite's own wait sleeps ever longer between its looks, up to 100 ms: two workers, each of
    which writes for some milliseconds at a time, would sleep half of theirs away.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        for _ in range(int(LOCK_WAIT_SECONDS / _LOOK_SECONDS)):
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(_LOOK_SECONDS)
            else:
                return True
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(LOCK_WAIT_SECONDS * 1000)}")
    return False


def _set_up_postgresql_connection(connection: Any, _record: Any) -> None:
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def _begin_on_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("read_only"):
        # One state of everything, however many queries it takes: an export neither repeats a case
        # nor leaves one out that moves meanwhile.
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
