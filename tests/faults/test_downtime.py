"""Downtime over a deadline: it delays or holds, and never turns into acceptance.

Worker and web server are processes, killed with SIGKILL and started again; days pass by the clock
that the test gives them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.clear_hold import clear_hold
from subnotify.operations.extend_window import extend_case_window
from subnotify.rules.words import CaseState, HoldReason, Outcome
from subnotify.storage.tables import EvidenceRow, MessageRow, OutageRow
from tests.operations.desk import LEGAL, PARIS, case_of, confirm_all, standing_of
from tests.support.fault_checks import check_fault
from tests.support.live_server import live_vendor
from tests.support.processes import Installation, installation
from tests.support.scenario import Scenario
from tests.support.settings import environment_for
from tests.support.smtp_server import ScriptedSmtpServer
from tests.support.sockets import free_port
from tests.support.watch import probes_went_on

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ON_HOLD = (CaseState.HOLD, [HoldReason.SERVICE_DOWN], None)
OPEN = (CaseState.OPEN, [], None)
CONTACTS = ("dpo0@client1.example", "dpo1@client1.example")


class Story:
    """A notice to one client whose mail the worker sends, and a mail that comes due three hours
    before its deadline; nobody answers."""

    def __init__(
        self, session: Session, running: Installation, smtp: ScriptedSmtpServer, at: datetime
    ) -> None:
        self.session, self.running, self.smtp, self.at = session, running, smtp, at
        announced = Scenario(session, at=at).announce(served=False, copies=1)
        self.case_id = announced.case_ids[0]
        running.start(at)
        self._put_off(announced.message_ids[1], at + 400 * DAY)
        running.run_jobs(at)
        case = case_of(session, self.case_id)
        assert case.closes_at is not None
        assert case.silence_after_at is not None
        self.closes_at, self.silent_at = case.closes_at, case.silence_after_at
        self._put_off(announced.message_ids[1], self.closes_at - 3 * HOUR)
        assert (self.standing, len(smtp.mails)) == (OPEN, 1)

    def _put_off(self, message_id: int, until: datetime) -> None:
        self.session.execute(
            update(MessageRow).where(MessageRow.id == message_id).values(next_attempt_at=until)
        )
        self.session.commit()

    def go_on_to(self, at: datetime) -> None:
        """Up all the while."""
        probes_went_on(self.session, at=at)
        self.running.run_jobs(at)

    def be_down(self, since: datetime, until: datetime) -> None:
        """Both processes are killed at one instant, and started again at the other."""
        self.go_on_to(since)
        self.running.kill()
        self.running.start(until)
        self.running.run_jobs(until)

    def wait_for_silence(self) -> None:
        """Past window and grace, with everything read."""
        self.go_on_to(max(self.silent_at, self.outages()[-1][2] or self.silent_at) + HOUR)
        confirm_all(self.session, self.silent_at)
        self.go_on_to(max(self.silent_at, self.outages()[-1][2] or self.silent_at) + 2 * HOUR)

    @property
    def standing(self) -> tuple[CaseState, list[HoldReason], Outcome | None]:
        return standing_of(self.session, self.case_id)

    def outages(self) -> list[tuple[str, datetime, datetime | None]]:
        rows = self.session.scalars(select(OutageRow).order_by(OutageRow.id)).all()
        self.session.rollback()
        return [(row.cause, row.began_at, row.ended_at) for row in rows]

    def evidence(self, object_type: str) -> list[str]:
        query = select(EvidenceRow.type).where(EvidenceRow.object_type == object_type)
        found = list(self.session.scalars(query.order_by(EvidenceRow.id)))
        self.session.rollback()
        return found

    def check_closed(self) -> None:
        """Accepted by silence, once, and told to both contacts; no mail was lost or doubled."""
        assert self.standing == (CaseState.CLOSED, [], Outcome.ACCEPTED_BY_SILENCE)
        found = check_fault(self.session, self.smtp.mails, closed_by_silence=1)
        assert found.copies == {}
        for address in CONTACTS:
            subjects = [str(x.parsed["Subject"]) for x in self.smtp.mails_to(address)]
            assert len([x for x in subjects if "accepted by silence" in x]) == 1, subjects


@pytest.fixture
def story(
    session: Session, database_url: str, smtp_server: ScriptedSmtpServer, at: datetime
) -> Iterator[Story]:
    address = f"http://127.0.0.1:{free_port()}"
    environment = environment_for(database_url, public_url=address, smtp_port=smtp_server.port)
    environment["SUBNOTIFY_MAIL_HOST_IS"] = "recipient_server"
    # Where a test lets the worker live through days, probes five hours apart are enough.
    environment["SUBNOTIFY_PROBE_PAUSE_MINUTES"] = "300"
    with installation(environment) as running:
        yield Story(session, running, smtp_server, at)


def down_over_the_deadline(story: Story, length: timedelta) -> tuple[datetime, datetime]:
    """Everything is down for so long, the deadline in the middle, and then up again."""
    since, until = story.closes_at - length / 2, story.closes_at + length / 2
    story.be_down(since, until)
    assert story.outages() == [("no_probe", since, until)]
    assert story.evidence("outage") == ["probes_missed"]
    # What came due meanwhile has left, once.
    assert len(story.smtp.mails_to(CONTACTS[1])) == 1
    return since, until


LENGTHS = [pytest.param(6 * HOUR, id="hours"), pytest.param(3 * DAY, id="days")]


@pytest.mark.parametrize("length", LENGTHS)
def test_down_over_the_deadline_holds_until_legal_clears_it(story: Story, length: timedelta):
    down_over_the_deadline(story, length)
    story.wait_for_silence()
    assert story.standing == ON_HOLD
    at = story.silent_at + 9 * DAY
    story.go_on_to(at)
    assert story.standing == ON_HOLD
    clear_hold(
        story.session,
        story.case_id,
        HoldReason.SERVICE_DOWN,
        note="the client wrote that it has no objection",
        at=at,
        **LEGAL,
    )
    story.go_on_to(at + HOUR)
    story.check_closed()
    assert "hold_cleared" in story.evidence("case")


@pytest.mark.parametrize("length", LENGTHS)
def test_down_over_the_deadline_and_the_window_is_extended(story: Story, length: timedelta):
    """The new last days must be up, like any."""
    down_over_the_deadline(story, length)
    story.wait_for_silence()
    assert story.standing == ON_HOLD
    at = story.silent_at + 4 * DAY
    story.go_on_to(at)
    extend_case_window(
        story.session,
        story.case_id,
        (at + 9 * DAY).astimezone(PARIS).date(),
        note="we were down over the deadline",
        at=at,
        **LEGAL,
    )
    assert story.standing == OPEN
    longer = case_of(story.session, story.case_id).silence_after_at
    assert longer is not None
    confirm_all(story.session, at)
    story.go_on_to(longer - HOUR)
    assert story.standing == OPEN
    confirm_all(story.session, longer + HOUR)
    story.go_on_to(longer + HOUR)
    story.go_on_to(longer + 2 * HOUR)
    story.check_closed()


@pytest.mark.parametrize("length", LENGTHS)
def test_down_in_the_middle_of_a_window_holds_nothing(story: Story, length: timedelta):
    middle = story.at + 6 * DAY
    story.be_down(middle, middle + length)
    assert story.outages() == [("no_probe", middle, middle + length)]
    assert story.standing == OPEN
    story.wait_for_silence()
    story.check_closed()


def test_an_hour_in_the_last_two_days_is_tolerated(story: Story):
    """The settings say so; a pause of an hour counts as down where probes are due more often."""
    story.running.kill()
    story.running.environment = dict(story.running.environment, SUBNOTIFY_PROBE_PAUSE_MINUTES="10")
    story.running.start(story.at)
    story.be_down(story.closes_at - 5 * HOUR, story.closes_at - 4 * HOUR)
    assert [x[0] for x in story.outages()] == ["no_probe"]
    story.wait_for_silence()
    story.check_closed()


def test_three_days_of_the_web_server_alone(story: Story):
    """The worker goes on, and asks in vain."""
    since = story.closes_at - 2 * DAY
    story.go_on_to(since)
    story.running.kill_web()
    for hours in range(5, 71, 5):
        story.running.run_jobs(since + hours * HOUR)
    assert story.outages() == [("unreachable", since, None)]
    assert story.standing[0] is CaseState.OPEN
    until = since + 72 * HOUR
    story.running.start_web(until)
    story.running.run_jobs(until)
    assert story.outages() == [("unreachable", since, until)]
    assert story.evidence("outage") == ["outage_began", "outage_ended"]
    story.wait_for_silence()
    assert story.standing == ON_HOLD
    found = check_fault(story.session, story.smtp.mails)
    assert found.copies == {}


def test_eight_hours_of_the_worker_alone(story: Story):
    """Clients may have reached us all the while, but nobody can say so: it counts as down."""
    since = story.closes_at - 7 * HOUR
    story.go_on_to(since)
    story.running.kill_worker()
    story.running.start_worker(since + 8 * HOUR)
    story.running.run_jobs(since + 8 * HOUR)
    assert story.outages() == [("no_probe", since, since + 8 * HOUR)]
    story.wait_for_silence()
    assert story.standing == ON_HOLD
    found = check_fault(story.session, story.smtp.mails)
    assert found.copies == {}


def test_time_in_which_nobody_asked_holds_in_the_tests_too(
    database_url: str, smtp_server: ScriptedSmtpServer, at: datetime
) -> None:
    """`go_on_to` of a live vendor says that the probes went on; a jump of the clock does not."""
    with live_vendor(database_url, at=at, smtp=smtp_server) as vendor, vendor.session() as session:
        case_id = Scenario(session, at=at).announce().case_ids[0]
        silent_at = case_of(session, case_id).silence_after_at
        assert silent_at is not None
        vendor.run_jobs()
        confirm_all(session, silent_at)
        vendor.stand_still_until(silent_at)
        assert standing_of(session, case_id) == ON_HOLD
