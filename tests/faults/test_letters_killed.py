"""kill -9 while letters are prepared and given: none is lost, none is in two batches, and the
printer's folder gets each batch once. And two who prepare at the same time."""

import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from subnotify.delivery.print_provider import FolderProvider
from subnotify.operations.give_batches import give_batches
from subnotify.operations.prepare_batches import prepare_batches
from subnotify.operations.press_letters import TypesetPress
from subnotify.rules.csv_tables import read_table
from subnotify.rules.letter_manifests import MANIFEST_COLUMNS
from subnotify.storage.database import session_factory
from subnotify.storage.tables import (
    EvidenceRow,
    LetterBatchRow,
    LetterRow,
    MessageRow,
    SealedMailRow,
)
from tests.support.letter_batches import KEY, prepare, queue
from tests.support.letter_press import ScriptedPress
from tests.support.scenario import Scenario
from tests.support.settings import environment_for

# Before each of these the process kills itself; `taken` and `recorded`: after the folder took the
# batch, and before that is on record.
PREPARING = (
    "lock_waiting",
    "append_sealed",
    "add_batch",
    "write_manifest",
    "fill_batch",
    "append_evidence",
    "append_evidence_many",
)
GIVING = ("open_batch", "lock_batch", "append_evidence")
KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from subnotify.config import settings_from
from subnotify.jobs.letter_printing import print_letters
from subnotify.operations import give_batches, prepare_batches
from subnotify.storage.database import create_engine_for, session_factory

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

module, part = sys.argv[2].split(".")
owner = {"prepare": prepare_batches, "give": give_batches}[module]
assert hasattr(owner, part)
setattr(owner, part, kill)
settings = settings_from(os.environ)
at = datetime.fromisoformat(sys.argv[1])
sessions = session_factory(create_engine_for(settings.database_url))
print_letters(settings, sessions, clock=lambda: at, at_once=True)
"""


def print_killed(url: str, part: str, folder: Path, at: datetime) -> None:
    environment = environment_for(url) | {
        "SUBNOTIFY_LETTERS_FOLDER": str(folder),
        "PYTHONPATH": ":".join(sys.path),
    }
    command = [sys.executable, "-c", KILLED, at.isoformat(), part]
    done = subprocess.run(command, check=False, env=environment, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "letters"
    made.mkdir()
    return made


def print_all(session: Session, folder: Path, at: datetime) -> None:
    prepare_batches(
        session,
        TypesetPress("https://list.vendor.example", "Europe/Paris", at),
        seal_key=KEY,
        by="test",
        actor="test",
        zone=ZoneInfo("Europe/Paris"),
        at=at,
    )
    give_batches(session, FolderProvider(folder), keys=(KEY,), actor="test", at=at)


def check_all_printed_once(session: Session, folder: Path, letters: list[int]) -> None:
    """Every letter is in one batch, sealed once, and in one manifest of the folder."""
    session.rollback()
    rows = session.scalars(select(LetterRow).order_by(LetterRow.message_id)).all()
    assert [row.message_id for row in rows] == letters
    assert all(row.batch_id is not None for row in rows)
    assert session.scalar(select(func.count()).select_from(SealedMailRow)) == len(letters)
    sealed = select(func.count()).where(EvidenceRow.type == "letter_sealed")
    assert session.scalar(sealed) == len(letters)
    printed = Counter(
        row.cells["letter"]
        for manifest in folder.glob("L-*/manifest.csv")
        for row in read_table("m", manifest.read_bytes(), MANIFEST_COLUMNS).rows
    )
    keys = session.scalars(select(MessageRow.logical_key).where(MessageRow.id.in_(letters)))
    assert printed == Counter(keys.all())
    for batch in session.scalars(select(LetterBatchRow)):
        assert (folder / batch.key / "manifest.csv").read_bytes().decode() == batch.manifest
        assert (folder / batch.key / "letters.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("part", PREPARING)
def test_killed_while_preparing(
    scenario: Scenario, database_url: str, folder: Path, at: datetime, part: str
):
    session = scenario.session
    letters = queue(scenario, 2)
    at += timedelta(hours=1)
    print_killed(database_url, f"prepare.{part}", folder, at)
    for table in (LetterBatchRow, SealedMailRow):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    session.rollback()
    print_all(session, folder, at)
    check_all_printed_once(session, folder, letters)


@pytest.mark.parametrize("part", GIVING)
def test_killed_while_giving(
    scenario: Scenario, database_url: str, folder: Path, at: datetime, part: str
):
    session = scenario.session
    letters = queue(scenario, 2)
    at += timedelta(hours=1)
    print_killed(database_url, f"give.{part}", folder, at)
    (batch,) = session.scalars(select(LetterBatchRow))
    digest = batch.pdf_digest
    assert batch.place is None
    session.rollback()
    print_all(session, folder, at)
    check_all_printed_once(session, folder, letters)
    batch = session.get_one(LetterBatchRow, 1, populate_existing=True)
    assert (batch.pdf_digest, batch.place) == (digest, str(folder / "L-000001"))


def test_two_who_prepare_at_the_same_time(scenario: Scenario, engine: Engine, at: datetime):
    session = scenario.session
    letters = queue(scenario, 24)

    def run(_number: int) -> list[str]:
        with session_factory(engine)() as own:
            return prepare(own, ScriptedPress(), at=at, most=4).batches

    with ThreadPoolExecutor(3) as pool:
        made = [key for keys in pool.map(run, range(3)) for key in keys]
    prepare(session, at=at, most=4)
    session.rollback()
    rows = session.scalars(select(LetterRow).order_by(LetterRow.batch_id, LetterRow.position)).all()
    assert sorted(row.message_id for row in rows) == letters
    assert all(row.batch_id is not None for row in rows)
    counted = Counter(row.batch_id for row in rows)
    batches = session.scalars(select(LetterBatchRow)).all()
    assert {batch.id: batch.letters for batch in batches} == dict(counted)
    assert set(made) <= {batch.key for batch in batches} and len(set(made)) == len(made)
    assert session.scalar(select(func.count()).select_from(SealedMailRow)) == len(letters)
