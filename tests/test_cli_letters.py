"""`subnotify letters prepare`, `events`, `hand-over` and `status`; and the job of the first."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from subnotify import clock
from subnotify.cli import main
from subnotify.config import settings_from
from subnotify.jobs.catalogue import JOBS, JobContext
from subnotify.jobs.letter_printing import BatchesNotTaken
from subnotify.rules.words import MessageState
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import LetterBatchRow, LetterEventRow, LetterRow, MessageRow
from tests.support.letter_batches import queue
from tests.support.scenario import Scenario
from tests.support.settings import environment_for
from tests.support.web_client import session_on


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "letters"
    made.mkdir()
    return made


@pytest.fixture
def environment(database_url: str, folder: Path) -> dict[str, str]:
    return environment_for(database_url) | {"SUBNOTIFY_LETTERS_FOLDER": str(folder)}


@pytest.fixture
def letters(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, at: datetime
) -> Callable[..., Result]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=3))
    return lambda *arguments, **given: CliRunner().invoke(main, ["letters", *arguments], **given)


def queue_two(url: str, at: datetime) -> list[str]:
    with session_on(url) as session:
        ids = queue(Scenario(session, at=at), 2)
        return [session.get_one(MessageRow, x).logical_key for x in ids]


def test_letters_are_prepared_and_told_of(
    letters: Callable[..., Result], database_url: str, folder: Path, at: datetime
):
    assert letters("status").output == "no letter waits, and no batch was prepared\n"
    one, two = queue_two(database_url, at)
    said = letters("status").output
    assert said == (
        "waiting       2  plain letter, the terms name post,"
        " the oldest since 2026-03-02 08:00 UTC\n"
    )
    done = letters("prepare")
    assert (done.exit_code, done.output) == (
        0,
        "batches 1, letters in them 2, put into the folder 1\n",
    )
    assert (folder / "L-000001" / "letters.pdf").read_bytes().startswith(b"%PDF-")
    assert letters("prepare").output == "nothing to prepare\n"
    assert letters("status").output == "batches       1  prepared\n"
    table = f"letter,event,on\n{one},posted,2026-03-03\n{two},posted,2026-03-33\n"
    told = letters("events", "-", input=table)
    assert told.exit_code == 1
    assert "recorded 1, unchanged 0, without an event 0, refused 1" in told.output
    assert "line 3, column on: “2026-03-33” is not a day." in told.output
    again = letters("events", "-", input=f"letter,event,on\n{one},posted,2026-03-03\n")
    assert again.exit_code == 0 and "recorded 0, unchanged 1" in again.output
    assert letters("status").output.splitlines()[-1].endswith("with the printer")


def test_a_batch_is_handed_over_on_its_day(
    letters: Callable[..., Result], database_url: str, at: datetime
):
    queue_two(database_url, at)
    assert letters("hand-over", "L-000001").exit_code == 1
    letters("prepare")
    refused = letters("hand-over", "L-000001", "--on", "2026-03-06")
    assert refused.exit_code == 1 and "This day has not come yet." in refused.output
    # Prepared on the day on which the clock stands.
    done = letters("hand-over", "L-000001", "--on", "2026-03-05")
    assert (done.exit_code, done.output) == (0, "handed over\n")
    assert letters("hand-over", "L-000001").output == "it was handed over before\n"
    with session_on(database_url) as session:
        assert set(session.scalars(select(LetterEventRow.on))) == {date(2026, 3, 5)}


def test_a_batch_with_stopped_letters_is_handed_over_only_when_it_is_beyond_reach(
    letters: Callable[..., Result], database_url: str, at: datetime
):
    queue_two(database_url, at)
    letters("prepare")
    with session_on(database_url) as session:
        session.execute(update(MessageRow).values(state=MessageState.CANCELLED))
        session.commit()
    refused = letters("hand-over", "L-000001")
    assert refused.exit_code == 1 and "not to be sent any more" in refused.output
    assert letters("hand-over", "L-000001", "--beyond-reach").exit_code == 0


def test_a_file_that_is_no_table(letters: Callable[..., Result]):
    done = letters("events", "-", input="a,b\n1,2\n")
    assert done.exit_code == 2 and "The columns letter, event, on are missing." in done.output


def test_a_folder_that_is_gone_is_said(
    environment: dict[str, str], database_url: str, folder: Path, at: datetime
):
    """The batch is prepared, and the next run of the job brings it."""
    queue_two(database_url, at)
    context = context_for(environment, at + timedelta(hours=1))
    folder.rmdir()
    with pytest.raises(BatchesNotTaken, match="Make or mount it"):
        job().work(context)
    folder.mkdir()
    assert job().work(context) == "nothing to prepare, put into the folder 1"


def test_the_job_waits_until_the_oldest_has_waited_for_an_hour(
    environment: dict[str, str], database_url: str, at: datetime
):
    queue_two(database_url, at)
    soon = context_for(environment, at + timedelta(minutes=59))
    assert job().work(soon) == "nothing to prepare"
    queue_two_more = at + timedelta(minutes=30)
    with session_on(database_url) as session:
        session.execute(
            update(MessageRow).where(MessageRow.id == 2).values(queued_at=queue_two_more)
        )
        session.commit()
    later = context_for(environment, at + timedelta(minutes=60))
    assert job().work(later) == "batches 1, letters in them 2, put into the folder 1"


def test_a_batch_with_a_withdrawn_letter_is_called_back(
    environment: dict[str, str], database_url: str, folder: Path, at: datetime
):
    queue_two(database_url, at)
    context = context_for(environment, at + timedelta(hours=1))
    job().work(context)
    with session_on(database_url) as session:
        first = session.scalars(select(LetterRow.message_id).order_by(LetterRow.message_id)).first()
        session.execute(
            update(MessageRow).where(MessageRow.id == first).values(state=MessageState.CANCELLED)
        )
        session.commit()
    said = job().work(context)
    assert said == "batches 1, letters in them 1, batches called back 1, put into the folder 1"
    assert sorted(x.name for x in folder.glob("L-*")) == ["L-000002"]
    with session_on(database_url) as session:
        states = session.scalars(select(LetterBatchRow.state).order_by(LetterBatchRow.id)).all()
    assert states == ["cancelled", "prepared"]


def job():
    return next(one for one in JOBS if one.name == "prepare_letters")


def context_for(environment: dict[str, str], at: datetime) -> JobContext:
    settings = settings_from(environment)
    engine = create_engine_for(settings.database_url)
    return JobContext(settings, session_factory(engine), clock=lambda: at)
