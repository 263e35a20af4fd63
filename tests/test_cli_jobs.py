"""`subnotify jobs status`, `pause`, `resume`: the state of sending in a terminal."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify import clock
from subnotify.cli import main
from subnotify.operations.pause_sending import pause_release_sending
from subnotify.rules.troubles import (
    SEAL_DOES_NOT_OPEN,
    Trouble,
    TroubleCode,
    stored_text,
)
from subnotify.rules.words import MessageState, PauseCause
from subnotify.storage import mail_queue
from subnotify.storage.job_runs import note_failure, note_finish, note_start
from subnotify.storage.service_watch import append_freeze
from subnotify.storage.tables import (
    AttemptRow,
    EvidenceRow,
    MailboxReadingRow,
    MessageRow,
)
from tests.support.outbox import message_values
from tests.support.release_world import LEGAL, ReleaseWorld
from tests.support.sender_refusals import refuse_sender
from tests.support.settings import environment_for
from tests.support.web_client import session_on

# The command reads the clock: the world begins shortly before.
NOW = clock.now()
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _present() -> None:
    """A long run of all tests would make what this module calls the present an hour old."""
    globals()["NOW"] = clock.now()


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as made:
        yield made


@pytest.fixture
def released(session: Session) -> int:
    """Released five minutes ago to ten agreements, with one mail each."""
    world = ReleaseWorld(session, at=NOW - 5 * MINUTE)
    for _ in range(10):
        world.add_agreement()
    release_id = world.draft([world.add_change()])
    world.approve(release_id)
    world.release(release_id)
    session.rollback()
    return release_id


def run(url: str, *arguments: str, **limits: str) -> Result:
    environment = environment_for(url) | {f"SUBNOTIFY_{x}": y for x, y in limits.items()}
    return CliRunner().invoke(main, ["jobs", *arguments], env=environment)


def put(session: Session, number: int, **values: object) -> None:
    ids = session.scalars(
        select(MessageRow.id)
        .where(MessageRow.state == MessageState.QUEUED)
        .order_by(MessageRow.id)
        .limit(number)
    ).all()
    session.execute(update(MessageRow).where(MessageRow.id.in_(ids)).values(**values))
    session.commit()


def test_before_anything_ran(database_url: str):
    told = run(database_url, "status")
    assert told.exit_code == 0, told.output
    assert told.output.endswith("outbox: empty\n")
    assert "public address: not asked yet" in told.output


def test_a_release_on_its_way_with_bar_rate_and_end(
    session: Session, released: int, database_url: str
):
    put(session, 4, state="handed_over", handed_over_at=NOW, next_attempt_at=None)
    put(session, 2, state="deferred", next_attempt_at=NOW + 45 * MINUTE)
    put(session, 1, state="rejected", next_attempt_at=None)
    session.add_all(
        AttemptRow(
            message_id=1,
            number=number,
            started_at=NOW - MINUTE,
            finished_at=NOW - MINUTE + timedelta(seconds=number),
        )
        for number in range(1, 13)
    )
    session.commit()
    told = run(database_url, "status", MAIL_PER_HOUR="2000")
    assert told.exit_code == 0, told.output
    assert "release 2026-001: [################~~~~~~~~xxxx............] 4/10" in told.output
    assert "put off 2, refused 1, 60 a minute" in told.output
    assert "Expected end: not before" in told.output
    assert "In time: of the notices that have not left" in told.output
    assert "quota: 12 of 2000 an hour used" in told.output
    data = json.loads(run(database_url, "status", "--json", MAIL_PER_HOUR="2000").output)
    (release,) = data["releases"]
    assert release["mails"] == {"handed_over": 4, "queued": 3, "deferred": 2, "rejected": 1}
    assert release["rate_per_minute"] == 60.0
    assert release["agreements_at_risk"] == 0
    due = (NOW + 45 * MINUTE).isoformat().replace("+00:00", "Z")
    assert release["expected_end_at"] == due
    assert data["quota"] == {"per_hour": 2000, "used": 12}
    assert data["needs_person"] == []


def test_a_paused_release_is_told_and_needs_nobody(
    session: Session, released: int, database_url: str
):
    pause_release_sending(session, released, reason="Wait", by=LEGAL, at=NOW)
    told = run(database_url, "status")
    assert told.exit_code == 0, told.output
    assert "[" + "=" * 40 + "] 0/10" in told.output
    assert "PAUSED by marc at" in told.output
    assert "Once sending goes on it takes about 1 minute more." in told.output
    data = json.loads(run(database_url, "status", "--json").output)
    assert data["releases"][0]["paused_by"] == "marc"
    assert data["releases"][0]["expected_end_at"] is None


def test_what_is_late_stuck_and_set_aside(session: Session, released: int, database_url: str):
    long_ago = NOW - 60 * MINUTE
    put(session, 1, state="sending", claimed_by="gone", claimed_until_at=long_ago)
    put(session, 2, state="parked", next_attempt_at=None)
    put(session, 1, state="deferred", next_attempt_at=long_ago)
    told = run(database_url, "status").output
    oldest = long_ago.strftime("%Y-%m-%d %H:%M:%SZ")
    assert f"late: 1 should have been tried, the oldest at {oldest}" in told
    assert "stuck: 1 begun by a worker that did not come back" in told
    assert "set aside for a person: 2" in told


def test_pause_and_resume_leave_evidence(session: Session, released: int, database_url: str):
    assert run(database_url, "pause").exit_code == 2
    empty = run(database_url, "pause", "--reason", " ")
    assert empty.exit_code == 1
    assert "Write the reason" in empty.output
    assert run(database_url, "pause", "--reason", "Mail host moves").output == (
        "all mail is paused\n"
    )
    again = run(database_url, "pause", "--reason", "Mail host moves")
    assert again.output == "all mail was paused already\n"
    told = run(database_url, "status")
    # A person stopped it knowingly.
    assert told.exit_code == 0
    assert "by the command line: Mail host moves" in told.output
    assert run(database_url, "resume", "--reason", "Done").output == "mail is sent again\n"
    assert run(database_url, "resume", "--reason", "Done").output == "mail was not paused\n"
    told = run(database_url, "status")
    assert told.exit_code == 0
    assert "PAUSED" not in told.output
    # Last: on SQLite this session holds the database until it ends.
    for type_ in ("mail_queue_paused", "mail_queue_resumed"):
        assert session.scalar(select(func.count()).where(EvidenceRow.type == type_)) == 1


def refuse_credentials(session: Session) -> None:
    mail_queue.pause_queue(
        session,
        by="",
        cause=PauseCause.CREDENTIALS,
        note="535 5.7.8 no",
        next_sign_in_at=datetime(2026, 3, 2, 8, 5, tzinfo=UTC),
        at=NOW,
    )


def refuse_us(session: Session) -> None:
    message = MessageRow(**message_values("notice:1:1:email:1", queued_at=NOW))
    session.add(message)
    session.flush()
    refuse_sender(session, message.id, at=NOW)


def freeze(session: Session) -> None:
    append_freeze(session, words="wall clock +3600 s", runner="a:1", at=NOW)


def fail_reading(session: Session) -> None:
    session.add(
        MailboxReadingRow(place="pipe", last_uid=0, failing_since_at=NOW, failure="no space")
    )


def lose_key(session: Session) -> None:
    session.add(
        MessageRow(
            **message_values("notice:1:1:email:1", state="deferred", queued_at=NOW),
            last_reply=SEAL_DOES_NOT_OPEN,
        )
    )


def fail_job(session: Session) -> None:
    note_start(session, "close_windows", at=NOW - 2 * MINUTE)
    note_finish(session, "close_windows", "closed 0", at=NOW - MINUTE)
    note_failure(session, "close_windows", "RuntimeError: no", at=NOW)


@pytest.mark.parametrize(
    ("happen", "told", "need"),
    [
        (refuse_credentials, "tried next at 2026-03-02 08:05:00Z", "refuses our sign-in"),
        (refuse_us, "MAILS WAIT since", "refuses us as the sender"),
        (freeze, "CLOCK IN DOUBT since", "the clock is in doubt"),
        (fail_reading, "mailbox pipe: FAILS since", "the mailbox cannot be read"),
        (lose_key, "CANNOT BE OPENED: 1, the oldest queued at", "our seal keys"),
        (fail_job, "close_windows failed last at", "close_windows fails"),
    ],
)
def test_what_needs_a_person_is_told_by_the_exit_code(
    session: Session, database_url: str, happen, told: str, need: str
):
    happen(session)
    session.commit()
    plain = run(database_url, "status")
    assert plain.exit_code == 1
    assert told in plain.output
    assert need in plain.output
    as_json = run(database_url, "status", "--json")
    assert as_json.exit_code == 1
    assert any(need in one for one in json.loads(as_json.output)["needs_person"])


def test_facts_are_told_in_english(session: Session, database_url: str):
    jump = Trouble(TroubleCode.CLOCK_JUMPED_BACK, {"length": 90})
    append_freeze(session, words=stored_text(jump), runner="a:1", at=NOW)
    refused = stored_text(Trouble(TroubleCode.MAILBOX_SIGN_IN, words="NO wrong"))
    session.add(MailboxReadingRow(place="pipe", last_uid=0, failing_since_at=NOW, failure=refused))
    session.commit()
    plain = run(database_url, "status").output
    assert "the clock jumped back by 0:01:30 against the monotonic clock" in plain
    assert "the sign-in failed: “NO wrong”" in plain
    said = json.loads(run(database_url, "status", "--json").output)
    assert said["clock_freezes"][0]["words"].startswith("the clock jumped back")
    assert said["mailbox"][0]["failure"] == "the sign-in failed: “NO wrong”"


def test_a_job_that_ran_since_needs_nobody(session: Session, database_url: str):
    fail_job(session)
    note_finish(session, "close_windows", "closed 0", at=NOW + MINUTE)
    session.commit()
    told = run(database_url, "status")
    assert told.exit_code == 0
    assert "(and ran since): RuntimeError: no" in told.output
