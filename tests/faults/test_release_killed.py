"""kill -9 in the middle of a release: nothing of it is there, and it can be released again."""

import signal
import subprocess
import sys
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import ReleaseState
from subnotify.storage.releases import get_release
from subnotify.storage.tables import CaseRow, EvidenceRow, MessageRow, NoticeRow
from tests.support.release_world import ReleaseWorld

# The last step before the commit kills its own process.
KILLED = """
import os, signal, sys
from datetime import datetime
from subnotify.operations import release_changes
from subnotify.storage.database import create_engine_for, session_factory
from tests.support.release_world import ReleaseWorld

release_changes.append_evidence = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
world = ReleaseWorld.__new__(ReleaseWorld)
world.at = datetime.fromisoformat(sys.argv[3])
with session_factory(create_engine_for(sys.argv[1]))() as world.session:
    world.release(int(sys.argv[2]))
"""


def test_nothing_is_left_and_the_next_try_releases(
    session: Session, database_url: str, at: datetime
):
    world = ReleaseWorld(session, at=at)
    world.add_agreement()
    release = world.draft([world.add_change()])
    world.approve(release)
    session.rollback()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, database_url, str(release), at.isoformat()], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    tables = (NoticeRow, CaseRow, MessageRow)
    assert [session.scalar(select(func.count()).select_from(x)) for x in tables] == [0, 0, 0]
    assert get_release(session, release).state is ReleaseState.APPROVED
    made = world.release(release)
    assert (made.number, made.notices) == ("2026-001", 1)
    released = select(func.count()).where(EvidenceRow.type == "release_released")
    assert session.scalar(released) == 1
