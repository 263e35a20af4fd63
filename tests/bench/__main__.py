"""`python -m tests.bench`: every measure on every database, one JSON object a line.

Each runs in a process of its own, so that its memory is its own:
`python -m tests.bench release sqlite` runs one.
"""

import importlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.databases import KINDS, Databases

# Each module has `measure(database_kind, url) -> Measure`.
MEASURES = {
    "release": "tests.bench.release",
    "drain": "tests.bench.drain",
    "drain_alone": "tests.bench.drain_alone",
    "drain_far": "tests.bench.drain_far",
    "list": "tests.bench.public_list",
    "letters": "tests.bench.letters",
    "board": "tests.bench.board",
}
# These need no database: `measure_all() -> list[Measure]`.
PURE = {"deadlines": "tests.bench.deadlines"}


def run_pure(name: str) -> None:
    for measure in importlib.import_module(PURE[name]).measure_all():
        measure.print()


def run_one(name: str, kind: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="subnotify-bench-"))
    # Another user must reach PostgreSQL's folder in it; nobody may list it.
    folder.chmod(0o711)
    databases = Databases(folder)
    try:
        url = databases.migrated(kind)
        importlib.import_module(MEASURES[name]).measure(kind, url).print()
        databases.drop_all()
    finally:
        databases.drop_template()
        databases.stop_cluster()
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    if len(arguments) == 2:
        name, kind = arguments
        run_pure(name) if kind == "none" else run_one(name, kind)
        return 0
    failed = 0
    for name in arguments or [*MEASURES, *PURE]:
        for kind in ("none",) if name in PURE else KINDS:
            done = subprocess.run([sys.executable, "-m", "tests.bench", name, kind], check=False)
            failed = failed or done.returncode
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
