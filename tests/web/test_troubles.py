"""Troubles of clock, address, mailbox and seals on the pages: in the reader's language, and what
they stop."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import unescape
from re import sub

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.operations.transaction import transaction
from subnotify.rules.troubles import SEAL_DOES_NOT_OPEN, Trouble, TroubleCode, stored_text
from subnotify.rules.words import ChangeState, Role
from subnotify.storage.service_watch import append_freeze
from subnotify.storage.tables import (
    ChangeRow,
    ConfirmationRow,
    MailboxReadingRow,
    MessageRow,
    OutageRow,
    ServiceWatchRow,
)
from tests.operations.desk import case_of, standing_of
from tests.operations.test_lead_times import STARTS, announced, change_id_of, early_terms
from tests.operations.test_legal_steps import ask, close_by_silence
from tests.support.returned import receive, reply_to
from tests.support.scenario import FIFTEEN, Scenario
from tests.support.web_client import SettableClock, WebClient, session_on
from tests.web.sending_pages import QUEUE

DAY = timedelta(days=1)
SignIn = Callable[..., WebClient]
JUMP = Trouble(TroubleCode.CLOCK_JUMPED_FORWARD, {"length": 3_600})
DOUBT = "Our clock is in doubt, and this rests on the time that has passed."


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as made:
        yield made


def said(page: str) -> str:
    return " ".join(unescape(sub(r"<[^>]+>", " ", page)).split())


def freeze(session: Session, at: datetime, words: str = "") -> None:
    with transaction(session):
        append_freeze(session, words=words or stored_text(JUMP), runner="worker:1", at=at)


def everything_fails(session: Session, at: datetime) -> None:
    refused = Trouble(TroubleCode.MAILBOX_SIGN_IN, words="NO [AUTHENTICATIONFAILED] <b>no</b>")
    down = Trouble(TroubleCode.ANSWERED_STATUS, {"status": 503}, "Service Unavailable")
    freeze(session, at)
    with transaction(session):
        session.add(
            ServiceWatchRow(
                id=1,
                first_probe_at=at,
                last_probe_at=at,
                longest_pause_seconds=600,
                tolerated_seconds=3600,
            )
        )
        session.add(OutageRow(cause="unreachable", began_at=at, words=stored_text(down)))
        session.add(
            MailboxReadingRow(place="pipe", failing_since_at=at, failure=stored_text(refused))
        )


def test_each_reader_reads_their_own_language(
    session: Session, signed_in: SignIn, at: datetime
) -> None:
    everything_fails(session, at)
    browser = signed_in(Role.LEGAL)
    english = browser.get(f"{QUEUE}?lang=en").text
    assert "The clock jumped forward by 1 hour against the monotonic clock." in said(english)
    assert "answered with status 503: “Service Unavailable”" in said(english)
    assert "the sign-in failed: “NO [AUTHENTICATIONFAILED] <b>no</b>”" in said(
        unescape(english)
    ) or ("&lt;b&gt;no&lt;/b&gt;" in english)
    french = browser.get(f"{QUEUE}?lang=fr").text
    for words in ("jumped", "answered", "sign-in", "clock"):
        assert words not in said(french), words
    # The servers' own words stay what they are, and are no part of the page.
    assert "Service Unavailable" in french
    assert "&lt;b&gt;no&lt;/b&gt;" in french
    assert "L’horloge a avancé d’un coup de 1 heure" in said(french)
    assert "L’horloge a avancé d’un coup de 1 heure" in said(browser.get(f"{QUEUE}/clock").text)


def test_words_of_before_are_shown_as_they_are(
    session: Session, signed_in: SignIn, at: datetime
) -> None:
    freeze(session, at, "the clock jumped forward by 1:00:00 against the monotonic clock")
    page = signed_in(Role.LEGAL).get(f"{QUEUE}?lang=fr").text
    assert "the clock jumped forward by 1:00:00 against the monotonic clock" in page


def test_mails_that_no_key_opens_are_told(
    session: Session, signed_in: SignIn, at: datetime
) -> None:
    made = Scenario(session, at=at).announce(served=False)
    browser = signed_in(Role.ADMIN)
    assert "no seal key of ours" not in browser.get(QUEUE).text
    session.execute(update(MessageRow).values(state="deferred", last_reply=SEAL_DOES_NOT_OPEN))
    session.commit()
    page = said(browser.get(QUEUE).text)
    assert "1 mail waits and is not sent: no seal key of ours opens its stored bytes." in page
    assert "SUBNOTIFY_SEAL_KEY" in page
    # Nor is the notice's own page English for a French reader.
    notice = browser.get(f"/desk/notices/{made.notice_id}?lang=fr").text
    assert "Aucune de nos clés de scellement" in notice


def test_a_change_is_not_commenced_by_a_click_while_the_clock_is_in_doubt(
    session: Session, signed_in: SignIn, clock: SettableClock, at: datetime
) -> None:
    made = announced(session, at, early_terms())
    change_id = change_id_of(session, made)
    clock.at = STARTS
    browser = signed_in(Role.LEGAL)
    gate = f"/desk/changes/{change_id}/gate"
    form = {"csrf_token": browser.token(gate)}
    freeze(session, STARTS)
    page = browser.get(gate).text
    assert "Let it commence now" not in page
    assert "nothing commences until a person has said that it is right" in page
    # The page may have been open since before.
    answer = browser.post_bare(f"/desk/changes/{change_id}/commence", form)
    assert answer.status_code == 409
    assert DOUBT in answer.text
    assert session.get_one(ChangeRow, change_id).state == ChangeState.RELEASED


def test_a_case_is_not_closed_by_a_click_while_the_clock_is_in_doubt(
    session: Session, signed_in: SignIn, clock: SettableClock, at: datetime
) -> None:
    made = Scenario(session, at=at).announce(preset=FIFTEEN)
    ask(session, made, at + DAY)
    clock.at = close_by_silence(session, made)
    before = standing_of(session, made.case_ids[0])
    legal = signed_in(Role.LEGAL)
    freeze(session, clock.at)
    page = legal.post(f"/desk/cases/{made.case_ids[0]}/no-objection", note="nothing came")
    assert DOUBT in page.text
    assert "nothing came" in page.text
    assert standing_of(session, made.case_ids[0]) == before


def test_nothing_is_confirmed_up_to_a_day_of_a_clock_in_doubt(
    session: Session, signed_in: SignIn, at: datetime
) -> None:
    legal = signed_in(Role.LEGAL)
    freeze(session, at)
    fields = {"replies_read-up_to_on": "2026-03-01"}
    page = legal.post("/desk/confirmations/replies_read", page="/desk/confirmations", **fields)
    assert DOUBT in page.text
    assert session.scalar(select(func.count()).select_from(ConfirmationRow)) == 0


def test_unread_mail_of_nobody_known_is_shown_before_a_change_is_used_early(
    session: Session, signed_in: SignIn, clock: SettableClock, at: datetime
) -> None:
    made = announced(session, at, early_terms())
    gate = f"/desk/changes/{change_id_of(session, made)}/gate"
    clock.at = STARTS
    browser = signed_in(Role.LEGAL)
    assert "mail that may be an objection" not in browser.get(gate).text
    receive(session, reply_to(made, "We object.", tag=None), at + DAY)
    session.add(MailboxReadingRow(place="imap:x", failing_since_at=at, failure="no route"))
    session.commit()
    page = browser.get(gate)
    assert "1 mail of an unknown client waits for a person" in page.text
    assert 'href="/desk/mail"' in page.text
    assert "the mailbox cannot be read at present" in page.text
    assert "Meanwhile it does not commence by itself" in page.text
    assert "Let it commence now" in page.text
    assert case_of(session, made.case_ids[0]).state == "open"
