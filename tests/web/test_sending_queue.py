"""The page of the whole queue: who stops it, what stopped it, what is set aside, the clock."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.pause_sending import pause_queue
from subnotify.rules.words import MessageState, NoticeState, PauseCause, Role
from subnotify.storage import mail_queue
from subnotify.storage.service_watch import append_freeze
from subnotify.storage.tables import MailboxReadingRow, MailQueueRow, MessageRow, NoticeRow
from tests.support.release_world import Person, ReleaseWorld
from tests.support.sender_refusals import refuse_sender
from tests.support.web_client import SettableClock, WebClient, session_on
from tests.web.sending_pages import QUEUE, evidence, put, sending, states

SignIn = Callable[..., WebClient]


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as made:
        yield made


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


@pytest.fixture
def released(world: ReleaseWorld) -> int:
    """A release to eight agreements, with one mail each."""
    for _ in range(8):
        world.add_agreement()
    release_id = world.draft([world.add_change()])
    world.approve(release_id)
    world.release(release_id)
    return release_id


def test_the_queue_is_stopped_and_started_by_admin_and_legal(
    session: Session, released: int, signed_in: SignIn
):
    publisher, admin = signed_in(Role.PUBLISHER), signed_in(Role.ADMIN)
    assert "Pause all mail" not in publisher.get(QUEUE).text
    assert publisher.get(f"{QUEUE}/pause").status_code == 403
    assert admin.get(f"{QUEUE}/resume").location == QUEUE
    assert "Write the reason" in admin.post(f"{QUEUE}/pause", reason="").text
    token = admin.token(f"{QUEUE}/pause")
    for _ in range(2):
        form = {"csrf_token": token, "reason": "The mail host moves"}
        assert admin.post_bare(f"{QUEUE}/pause", form).location == QUEUE
    assert evidence(session, "mail_queue_paused") == 1
    page = admin.get(QUEUE).text
    assert "Ana admin stopped all mail on " in page
    assert "The mail host moves" in page
    # Every page says so, and the release does not pretend to move.
    assert "No mail is sent: all mail is paused." in publisher.get("/desk/clients").text
    assert "No mail is sent" not in page
    assert "Refresh" not in publisher.get(sending(released)).headers
    legal = signed_in(Role.LEGAL)
    assert legal.post(f"{QUEUE}/resume", reason="It has moved").location == QUEUE
    assert "Mail is sent again." in legal.get(QUEUE).text
    assert "No mail is sent" not in publisher.get("/desk/clients").text
    assert evidence(session, "mail_queue_resumed") == 1


def test_refused_credentials_are_told_with_the_remedy(
    session: Session, signed_in: SignIn, at: datetime
):
    mail_queue.pause_queue(
        session,
        by="",
        cause=PauseCause.CREDENTIALS,
        note="535 5.7.8 <b>no</b>",
        next_sign_in_at=at + timedelta(minutes=5),
        at=at,
    )
    session.commit()
    legal = signed_in(Role.LEGAL)
    assert "the mail host refuses our sign-in" in legal.get("/desk/clients").text
    page = legal.get(QUEUE).text
    assert "535 5.7.8 &lt;b&gt;no&lt;/b&gt;" in page
    assert "SUBNOTIFY_SMTP_PASSWORD" in page
    assert "Tried next:" in page
    assert "10:05" not in page
    assert "9:05" in page
    assert "The sign-in itself worked before" not in page
    session.execute(update(MailQueueRow).values(lifted=3))
    session.commit()
    assert "The sign-in itself worked before" in legal.get(QUEUE).text
    # A person may stop it for good instead.
    assert legal.post(f"{QUEUE}/pause", reason="We look into it").location == QUEUE
    pause = mail_queue.find_pause(session)
    assert pause is not None
    assert pause.cause is PauseCause.OPERATOR


def test_a_refusal_of_us_as_the_sender_is_told_on_every_page_while_a_mail_waits(
    session: Session, released: int, signed_in: SignIn, at: datetime
):
    browser = signed_in(Role.PUBLISHER)
    assert "refuses us" not in browser.get("/desk/clients").text
    (message_id, *_) = session.scalars(select(MessageRow.id).order_by(MessageRow.id))
    refuse_sender(session, message_id, at=at)
    session.commit()
    told = "Mails wait: the mail host refuses us as their sender."
    assert told in browser.get("/desk/clients").text
    assert told in browser.get(sending(released)).text
    page = browser.get(QUEUE).text
    assert told not in page
    assert "The mail host refuses us as the sender" in page
    assert "not owned by user &lt;vendor&gt;" in page
    assert "All mail is paused" not in page
    cancelled = {"state": MessageState.CANCELLED}
    session.execute(update(MessageRow).where(MessageRow.id == message_id).values(cancelled))
    session.commit()
    assert "refuses us" not in browser.get("/desk/clients").text
    assert "refuses us" not in browser.get(QUEUE).text


def test_a_frozen_clock_is_told_on_every_page(session: Session, signed_in: SignIn, at: datetime):
    browser = signed_in(Role.PUBLISHER)
    assert "clock is in doubt" not in browser.get("/desk/clients").text
    append_freeze(session, words="wall clock +3600 s against monotonic", runner="a:1", at=at)
    session.commit()
    page = browser.get("/desk/clients").text
    assert "The clock is in doubt: nothing closes until a person has looked." in page
    assert "No mail is sent" not in page
    assert "wall clock +3600 s" in browser.get(QUEUE).text


def test_nobody_signed_in_sees_nothing_of_it(client: WebClient, session: Session, at: datetime):
    pause_queue(session, reason="Wait", by="zoe", actor="operator:3", at=at)
    assert "No mail is sent" not in client.get("/sign-in").text
    assert client.get(QUEUE).status_code == 303


def test_what_is_set_aside_is_tried_again(
    session: Session, released: int, signed_in: SignIn, at: datetime
):
    (parked,) = put(session, MessageState.PARKED, 1, last_reply="TypeError: x")
    notice_id = session.get_one(MessageRow, parked).notice_id
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == notice_id)
        .values(state=NoticeState.NOT_SERVED, failure_reason="not_served", failure="TypeError: x")
    )
    session.commit()
    publisher, legal = signed_in(Role.PUBLISHER), signed_in(Role.LEGAL)
    assert "TypeError: x" in publisher.get(QUEUE).text
    assert "Try again" not in publisher.get(QUEUE).text
    retry = f"{QUEUE}/parked/{parked}/retry"
    token = publisher.token(QUEUE)
    assert publisher.post_bare(retry, {"csrf_token": token}).status_code == 403
    assert legal.get(retry).status_code == 405
    assert legal.post_bare(retry, {}).status_code == 400
    token = legal.token(QUEUE)
    for _ in range(2):
        assert legal.post_bare(retry, {"csrf_token": token}).status_code == 303
    assert "The mail is queued again." in legal.get(QUEUE).text
    assert legal.post_bare(f"{QUEUE}/parked/4711/retry", {"csrf_token": token}).status_code == 404
    assert states(session) == {"queued": 8}
    assert evidence(session, "parked_mail_queued") == 1
    assert session.get_one(MessageRow, parked).next_attempt_at == at
    assert session.get_one(NoticeRow, notice_id).state == NoticeState.QUEUED


def test_without_an_address_there_is_nothing_to_try(
    session: Session, world: ReleaseWorld, signed_in: SignIn
):
    hindered = world.add_agreement(people=[Person(address=None)])
    release_id = world.draft([world.add_change()])
    world.approve(release_id, confirmed=[hindered])
    world.release(release_id)
    (parked,) = session.scalars(select(MessageRow.id))
    session.rollback()
    legal = signed_in(Role.LEGAL)
    page = legal.get(QUEUE).text
    assert "Try again" not in page
    assert "serve the notice anew" in page
    retry = f"{QUEUE}/parked/{parked}/retry"
    assert legal.post_bare(retry, {"csrf_token": legal.token(QUEUE)}).status_code == 303
    assert "This mail has no address." in legal.get(QUEUE).text
    assert states(session) == {"parked": 1}


def test_what_is_late_and_what_fails_is_said(
    session: Session, released: int, signed_in: SignIn, clock: SettableClock
):
    put(session, MessageState.SENDING, 1, claimed_by="gone", claimed_until_at=clock.at)
    session.add(
        MailboxReadingRow(
            place="imap:mail.example:replies:INBOX",
            last_uid=0,
            failing_since_at=clock.at,
            failure="no route to host",
        )
    )
    session.commit()
    browser = signed_in(Role.ADMIN)
    clock.at += timedelta(hours=1)
    page = browser.get(QUEUE).text
    assert "7 mails should have been tried more than a quarter of an hour ago." in page
    assert "1 mail was begun by a worker that did not come back" in page
    assert "no route to host" in page
    assert "The public address was not asked yet" in page


def test_admin_and_legal_say_that_the_clock_is_right(
    session: Session, signed_in: SignIn, at: datetime
):
    append_freeze(session, words="wall clock +3600 s", runner="a:1", at=at)
    session.commit()
    page = f"{QUEUE}/clock"
    publisher, admin = signed_in(Role.PUBLISHER), signed_in(Role.ADMIN)
    assert "The clock is right again" not in publisher.get(QUEUE).text
    assert publisher.get(page).status_code == 403
    assert "The clock is right again" in admin.get(QUEUE).text
    assert "Write the reason" in admin.post(page, reason="").text
    token = admin.token(page)
    form = {"csrf_token": token, "reason": "The time server was wrong"}
    assert admin.post_bare(page, form).location == QUEUE
    assert "not in doubt (any more)" in admin.post_bare(page, form).text
    assert evidence(session, "clock_freeze_lifted") == 1
    assert "clock is in doubt" not in publisher.get("/desk/clients").text
    assert admin.get(page).location == QUEUE
