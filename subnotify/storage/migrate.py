"""Migrations from Python: no ini file, no working directory, alike from a checkout and a wheel."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, Connection, Engine

from subnotify.resources import migrations_folder
from subnotify.storage.database import create_engine_for


def upgrade(target: str | URL | Engine, revision: str = "head") -> None:
    """Bring the database up to `revision`: all of it, or (on an error) nothing."""
    _run(target, lambda config: command.upgrade(config, revision))


def downgrade(target: str | URL | Engine, revision: str) -> None:
    """Take the database down to `revision` ("base" for nothing at all)."""
    _run(target, lambda config: command.downgrade(config, revision))


def current(target: str | URL | Engine) -> str | None:
    """The revision the database is at; None for one that was never migrated."""
    engine = create_engine_for(_url(target))
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings for a run over `connection`; migrations/env.py reads it."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _run(target: str | URL | Engine, step: Callable[[Config], None]) -> None:
    # A connection of its own: in batch mode SQLite drops tables that others refer to, which it
    # only does with foreign keys off, and that cannot be switched within a transaction.
    engine = create_engine_for(_url(target), foreign_keys=False)
    try:
        with engine.connect() as connection:
            step(alembic_config(connection))
    finally:
        engine.dispose()


def _url(target: str | URL | Engine) -> str | URL:
    return target.url if isinstance(target, Engine) else target
