"""Why a case is not closed: each hold with its facts, since when, and where it ends."""

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from re import sub

import pytest
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.record_bounce import record_bounce
from subnotify.operations.transaction import transaction
from subnotify.rules.words import HoldReason, OutageCause, Role
from subnotify.storage.tables import (
    CaseRow,
    ClockFreezeRow,
    MailboxReadingRow,
    OutageRow,
    ServiceWatchRow,
)
from tests.operations.desk import LEGAL, add_response, case_of, standing_of
from tests.support.incoming_rows import add_incoming
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario
from tests.support.web_client import SettableClock, WebClient, session_on

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


@pytest.fixture
def legal(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.LEGAL)


def words(page: str) -> str:
    return " ".join(unescape(sub(r"<[^>]+>", " ", page)).split())


def reading(session: Session, until: datetime | None, **columns: object) -> None:
    with transaction(session):
        session.add(
            MailboxReadingRow(
                place="imap:mail.vendor.example:privacy:INBOX", read_until_at=until, **columns
            )
        )


def close(session: Session, announced: Announced) -> datetime:
    """Let the window and its grace pass, and decide; the instant."""
    at = case_of(session, announced.case_ids[0]).silence_after_at + HOUR
    close_windows(session, at=at)
    return at


def open_case(
    clock: SettableClock, browser: WebClient, announced: Announced, at: datetime, name: str
) -> str:
    clock.at = at
    browser.sign_in(name)
    return browser.get(f"/desk/cases/{announced.case_ids[0]}").text


def test_a_waiting_mail_is_named_and_linked(legal, signed_in, scenario, session, at):
    announced = scenario.announce()
    mail_id = add_incoming(session, announced, received_at=at + HOUR, subject="Re: the notice")
    page = legal.get(f"/desk/cases/{announced.case_ids[0]}").text
    assert f'href="/desk/mail/{mail_id}"' in page
    said = words(page)
    assert (
        "A mail or letter from the client lies unread since 2 Mar 2026 at 10:00 (Europe/Paris)"
        in said
    )
    assert "“Re: the notice” from Camille Perrin, received on 2 March 2026 at 10:00" in said
    assert "Read and file “Re: the notice”" in said
    publisher = signed_in(Role.PUBLISHER)
    assert "Read “Re: the notice”" in words(
        publisher.get(f"/desk/cases/{announced.case_ids[0]}").text
    )


def test_unread_replies_without_a_mailbox(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=FIFTEEN)
    closed_at = close(session, announced)
    page = open_case(clock, legal, announced, closed_at, "Ana legal")
    said = words(page)
    assert "up to the deadline, Tuesday 17 March 2026, 24:00 (Europe/Paris)." in said
    assert "No mailbox is read by the machine" in said
    assert 'href="/desk/confirmations"' in page
    assert "since 19 Mar 2026" in said


def test_unread_replies_tell_how_far_the_machine_read_and_what_stops_it(
    legal, scenario, session, at, clock
):
    announced = scenario.announce(preset=FIFTEEN)
    reading(session, at + 30 * DAY)
    add_incoming(session, None, received_at=at + 3 * DAY)
    closed_at = close(session, announced)
    said = words(open_case(clock, legal, announced, closed_at, "Ana legal"))
    assert "The machine has read all mail up to 5 March 2026" in said
    assert "It cannot count further: a mail of an unknown client, received on 5 March" in said
    assert "Mail of unknown clients that waits" in said


def test_a_mail_of_nobody_known_after_the_deadline_stops_nothing(
    legal, scenario, session, at, clock
):
    announced = scenario.announce(preset=FIFTEEN)
    reading(session, at + DAY)
    closes_at = case_of(session, announced.case_ids[0]).closes_at
    add_incoming(session, None, received_at=closes_at + HOUR)
    said = words(open_case(clock, legal, announced, close(session, announced), "Ana legal"))
    assert "It ends by itself once the machine has read the mailbox up to there." in said
    assert "unknown client" not in said


def test_unread_replies_tell_that_reading_fails(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=FIFTEEN)
    reading(session, at + DAY, failing_since_at=at + 2 * DAY, failure="535 5.7.8 <b>denied</b>")
    closed_at = close(session, announced)
    page = open_case(clock, legal, announced, closed_at, "Ana legal")
    said = words(page)
    assert "Reading the folder INBOX at mail.vendor.example has failed since 4 March" in said
    assert "&lt;b&gt;denied" in page
    confirmations = words(legal.get("/desk/confirmations").text)
    assert "has failed since 4 March 2026" in confirmations
    assert "The machine has read all mail up to 3 March 2026" in confirmations


def test_an_outage_is_shown_with_what_counts(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=FIFTEEN)
    closes_at = case_of(session, announced.case_ids[0]).closes_at
    reading(session, closes_at + DAY)
    with transaction(session):
        session.add(
            ServiceWatchRow(
                id=1,
                first_probe_at=at,
                last_probe_at=closes_at + 2 * DAY,
                longest_pause_seconds=600,
                tolerated_seconds=3600,
            )
        )
        for begin, cause, said in (
            (closes_at - 90 * HOUR, OutageCause.NO_PROBE, "too early"),
            (closes_at - 5 * HOUR, OutageCause.UNREACHABLE, "connection refused"),
        ):
            session.add(
                OutageRow(
                    cause=cause.value,
                    began_at=begin,
                    ended_at=begin + timedelta(hours=3, minutes=20),
                    words=said,
                )
            )
    closed_at = close(session, announced)
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.SERVICE_DOWN]
    page = open_case(clock, legal, announced, closed_at, "Ana legal")
    said = words(page)
    assert "did not answer. connection refused" in said
    assert "too early" not in said
    assert "Together 3 hours 20 minutes before the deadline; up to 1 hour holds nothing." in said
    case_id = announced.case_ids[0]
    assert f'href="/desk/cases/{case_id}/extend"' in page
    assert f'href="/desk/cases/{case_id}/clear/service_down"' in page


def test_a_bounce_shows_the_servers_words_and_every_attempt(
    legal, signed_in, scenario, session, at
):
    announced = scenario.announce()
    record_bounce(
        session, announced.message_ids[0], note="550 5.1.1 <user> unknown", at=at + HOUR, **LEGAL
    )
    path = f"/desk/cases/{announced.case_ids[0]}"
    page = legal.get(path).text
    assert "dpo0@client1.example: 550 5.1.1 &lt;user&gt; unknown" in page
    assert f'href="/desk/notices/{announced.notice_id}"' in page
    assert f'href="{path}/serve-anew"' in page
    assert "since 2 Mar 2026 at 10:00" in words(page)
    assert f'/contacts/{announced.contact_ids[0]}/edit"' in page
    other = signed_in(Role.PUBLISHER).get(path).text
    assert f'href="{path}/serve-anew"' not in other and "/contacts/" not in other


def test_a_question_leads_to_its_response(legal, scenario, session, at):
    announced = scenario.announce(preset=REGISTERED)
    case_id = announced.case_ids[0]
    with transaction(session):
        response_id = add_response(session, announced.notice_id, case_id, "question", at)
        apply_standings(session, [case_id], actor="client:notice:1", at=at)
    page = legal.get(f"/desk/cases/{case_id}").text
    assert f'href="#response-{response_id}"' in page


def test_a_disputed_objection_leads_to_its_decision(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=FIFTEEN)
    case_id = announced.case_ids[0]
    late = case_of(session, case_id).closes_at + HOUR
    with transaction(session):
        response_id = add_response(
            session, announced.notice_id, case_id, "objection", late, channel="post"
        )
        apply_standings(session, [case_id], actor="client:notice:1", at=late)
    page = open_case(clock, legal, announced, late, "Ana legal")
    assert f'href="/desk/cases/{case_id}/responses/{response_id}/timeliness"' in page


def test_a_clock_in_doubt_is_told(legal, scenario, session, at):
    announced = scenario.announce()
    with transaction(session):
        session.add(ClockFreezeRow(noticed_at=at, runner="worker 1", words="90 s", lift_note=""))
    said = words(legal.get(f"/desk/cases/{announced.case_ids[0]}").text)
    assert "Nothing closes at all: our clock is in doubt since 2 March 2026 at 09:00" in said


@pytest.mark.parametrize("reason", list(HoldReason))
def test_every_hold_has_its_words_and_a_way_out_in_both_languages(
    legal, scenario, session, at, reason
):
    announced = scenario.announce()
    case_id = announced.case_ids[0]
    with transaction(session):
        row = session.get_one(CaseRow, case_id)
        row.state, row.holds = "hold", [reason.value]
    for language in ("en", "fr"):
        page = legal.get(f"/desk/cases/{case_id}?lang={language}")
        assert page.status_code == 200
        assert '<ul class="plain holds">' in page.text
