"""A database for each test: a copy of one that was migrated once for the whole run."""

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url

from subnotify.storage import migrate
from tests.support.postgres import Cluster, named_server

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
KINDS = (SQLITE, POSTGRESQL)


# Shared memory, where a new PostgreSQL database takes 12 ms and not 180, and no commit waits for a
# disk. What the run leaves there is removed at its end.
SHARED_MEMORY = Path("/dev/shm")
LEAST_SHARED_MEMORY = 2 * 1024**3


def make_run_folder() -> Path:
    """A new folder for one run of pytest: in memory if there is room, else in the temp folder."""
    in_memory = (
        os.access(SHARED_MEMORY, os.W_OK)
        and shutil.disk_usage(SHARED_MEMORY).free >= LEAST_SHARED_MEMORY
    )
    folder = Path(
        tempfile.mkdtemp(prefix="subnotify-tests-", dir=SHARED_MEMORY if in_memory else None)
    )
    # Another user must reach PostgreSQL's folder in it; nobody may list it.
    folder.chmod(0o711)
    return folder


class Databases:
    """Gives out databases. `run_folder` is shared by the workers of one run of pytest."""

    def __init__(self, run_folder: Path) -> None:
        self._folder = run_folder
        self._on_the_server: list[str] = []

    def migrated(self, kind: str) -> str:
        """The URL of a new database with the newest schema and no rows."""
        if kind == SQLITE:
            path = self._folder / f"{_new_name()}.sqlite"
            shutil.copyfile(self._sqlite_template(), path)
            return f"sqlite:///{path}"
        template = self._postgresql_template()
        return self._create_on_server(f'TEMPLATE "{template}" STRATEGY FILE_COPY')

    def copied(self, url: str) -> str:
        """The URL of a new database with all that is in this one, to which nobody is connected."""
        given = make_url(url)
        if not url.startswith("sqlite:"):
            return self._create_on_server(f'TEMPLATE "{given.database}" STRATEGY FILE_COPY')
        source, path = Path(str(given.database)), self._folder / f"{_new_name()}.sqlite"
        # What the last connection left in the log was moved into the file when it closed.
        assert not source.with_name(f"{source.name}-wal").exists(), "somebody is connected"
        shutil.copyfile(source, path)
        return f"sqlite:///{path}"

    def empty(self, kind: str) -> str:
        """The URL of a new database without any table."""
        if kind == SQLITE:
            return f"sqlite:///{self._folder / _new_name()}.sqlite"
        return self._create_on_server("TEMPLATE template0")

    def drop(self, url: str) -> None:
        """Drop a database that `migrated` or `empty` gave."""
        if url in self._on_the_server:
            self._on_the_server.remove(url)
            name = make_url(url).database
            self._on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        elif url.startswith("sqlite:"):
            Path(str(make_url(url).database)).unlink(missing_ok=True)

    def drop_all(self) -> None:
        """Drop whatever this process was given and has not dropped yet."""
        for url in list(self._on_the_server):
            self.drop(url)

    def _sqlite_template(self) -> Path:
        path = self._folder / "template.sqlite"
        with _once(path) as first:
            if first:
                making = path.with_suffix(".making")
                migrate.upgrade(f"sqlite:///{making}")
                making.rename(path)
        return path

    def _postgresql_template(self) -> str:
        # Its name carries the run, so that two runs may share a named server.
        name = f"subnotify_template_{self._folder.name.lower()}"
        with _once(self._folder / "template.postgresql") as first:
            if first:
                self._on_server(f'CREATE DATABASE "{name}" TEMPLATE template0')
                migrate.upgrade(self._server.set(database=name))
                (self._folder / "template.postgresql").touch()
        return name

    def drop_template(self) -> None:
        """Drop the template from a named server, at the end of the run."""
        if named_server() is not None and (self._folder / "template.postgresql").exists():
            self._on_server(f'DROP DATABASE IF EXISTS "{self._postgresql_template()}"')

    def stop_cluster(self) -> None:
        """Stop the run's own cluster, if one was started."""
        Cluster(self._folder / "pg").stop()

    @property
    def _server(self) -> URL:
        named = named_server()
        if named is not None:
            return named
        cluster = Cluster(self._folder / "pg")
        with _once(self._folder / "pg.started") as first:
            if first:
                cluster.start()
                (self._folder / "pg.started").touch()
        return cluster.url

    def _create_on_server(self, how: str) -> str:
        url = self._server.set(database=_new_name())
        self._on_server(f'CREATE DATABASE "{url.database}" {how}')
        given = url.render_as_string(hide_password=False)
        self._on_the_server.append(given)
        return given

    def _on_server(self, statement: str) -> None:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(statement)
        finally:
            engine.dispose()


def _new_name() -> str:
    return f"subnotify_test_{uuid.uuid4().hex}"


@contextmanager
def _once(mark: Path) -> Iterator[bool]:
    """True for the first process of the run that comes here; the others wait for it."""
    with mark.with_name(mark.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not mark.exists()
