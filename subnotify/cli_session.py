"""What every subcommand begins with: the settings, and a session on the configured database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from subnotify.config import Settings, database_url_from, settings_from
from subnotify.storage.database import create_engine_for, session_factory


def read_settings() -> Settings:
    """The settings of the environment, for the commands that need more than the database."""
    return settings_from(os.environ)


@contextmanager
def open_session() -> Iterator[Session]:
    """A session on the configured database, closed (and its engine disposed of) at the end."""
    engine = create_engine_for(database_url_from(os.environ))
    try:
        with session_factory(engine)() as session:
            yield session
    finally:
        engine.dispose()
