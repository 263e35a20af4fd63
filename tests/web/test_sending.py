"""The page of a release's sending: how far, until when, and by whom it may be stopped."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.pause_sending import pause_release_sending
from subnotify.rules.words import HoldReason, MessageState, NoticeState, Role
from subnotify.storage.tables import ChangeRow, MessageRow, NoticeRow
from tests.support.release_world import LEGAL, PUBLISHER, Person, ReleaseWorld
from tests.support.web_client import SettableClock, WebClient, make_app, session_on
from tests.web.sending_pages import QUEUE, evidence, put, sending, states

SignIn = Callable[..., WebClient]
DAY = timedelta(days=1)


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


def test_the_bar_says_the_same_in_words_and_figures(
    session: Session, released: int, signed_in: SignIn, at: datetime
):
    put(session, MessageState.HANDED_OVER, 3, handed_over_at=at, next_attempt_at=None)
    put(session, MessageState.DEFERRED, 1, next_attempt_at=at + timedelta(minutes=7))
    put(session, MessageState.REJECTED, 1, next_attempt_at=None)
    answer = signed_in(Role.PUBLISHER).get(sending(released))
    page = answer.text
    assert page.count("3 of 8 notice mails have been handed over.") == 2
    widths = re.findall(r'<rect class="part (\w+)" x="[\d.]+" y="0" width="([\d.]+)"', page)
    assert widths == [("ok", "375.0"), ("plain", "375.0"), ("warn", "125.0"), ("stop", "125.0")]
    assert "Put off, to be retried <strong>1</strong>" in page
    assert "when mails that were put off are tried again" in page
    assert "style=" not in page
    assert "<script" not in page


def test_the_page_renews_itself_only_while_something_is_on_its_way(
    session: Session, released: int, signed_in: SignIn, at: datetime
):
    browser = signed_in(Role.LEGAL)
    assert browser.get(sending(released)).headers["Refresh"] == "10"
    stopped = browser.get(sending(released) + "?renew=no")
    assert "Refresh" not in stopped.headers
    assert "Renew this page by itself again" in stopped.text
    # Where somebody may be typing nothing renews itself.
    for page in (f"/desk/releases/{released}", sending(released, "/pause"), QUEUE):
        assert "Refresh" not in browser.get(page).headers
    pause_release_sending(session, released, reason="Wait", by=LEGAL, at=at)
    assert "Refresh" not in browser.get(sending(released)).headers
    session.execute(update(MessageRow).values(state=MessageState.HANDED_OVER, handed_over_at=at))
    session.commit()
    ended = browser.get(sending(released))
    assert "Refresh" not in ended.headers
    assert "8 of 8 notice mails have been handed over." in ended.text


def test_a_withdrawn_release_says_what_was_not_sent(
    session: Session, released: int, signed_in: SignIn, at: datetime
):
    put(session, MessageState.HANDED_OVER, 3, handed_over_at=at, next_attempt_at=None)
    change_id = session.scalars(select(ChangeRow.id)).one()
    session.rollback()
    browser = signed_in(Role.LEGAL)
    page = f"/desk/releases/{released}/changes/{change_id}/withdraw"
    assert "Notices that have not left and announce nothing else are not sent any more" in (
        browser.get(page).text
    )
    browser.post(page, reason="Not needed after all")
    session.expire_all()
    assert states(session) == {"handed_over": 3, "cancelled": 5, "queued": 3}
    text = browser.get(sending(released)).text
    assert "3 of 8 notice mails have been handed over. 5 are not sent any more:" in text
    widths = re.findall(r'<rect class="part (\w+)" x="[\d.]+" y="0" width="([\d.]+)"', text)
    assert widths == [("ok", "375.0"), ("off", "625.0")]
    assert "Not sent any more <strong>5</strong>" in text
    # Nobody has to do anything about them.
    assert "Notices that are not served" not in text
    assert "Pause sending" not in text
    summary = browser.get(f"/desk/releases/{released}").text
    assert "5 are not sent any more:" in summary


def test_notices_that_need_a_person_are_named(
    session: Session, released: int, signed_in: SignIn, at: datetime
):
    browser = signed_in(Role.PUBLISHER)
    assert "Notices that are not served" not in browser.get(sending(released)).text
    first, second = session.scalars(select(NoticeRow).order_by(NoticeRow.id).limit(2))
    first.state = second.state = NoticeState.NOT_SERVED.value
    first.failure_reason = HoldReason.NOT_SERVED.value
    second.failure_reason = HoldReason.NO_NOTICE_CONTACT.value
    paths = [f"/desk/notices/{one.id}" for one in (first, second)]
    session.commit()
    page = browser.get(sending(released)).text
    assert "Notices that are not served" in page
    assert all(f'href="{path}"' in page for path in paths)
    assert "the agreement names no notice contact" in page
    assert "The message was refused" in browser.get(paths[0]).text


def test_pause_and_resume_with_a_reason(
    session: Session, released: int, signed_in: SignIn, at: datetime
):
    put(session, MessageState.HANDED_OVER, 3, handed_over_at=at, next_attempt_at=None)
    browser = signed_in(Role.PUBLISHER)
    pause = sending(released, "/pause")
    assert "5 notice mails have not left and are held back." in browser.get(pause).text
    empty = browser.post(pause, reason=" ")
    assert "Write the reason" in empty.text
    assert states(session) == {"handed_over": 3, "queued": 5}
    token = browser.token(pause)
    for _ in range(2):
        done = browser.post_bare(pause, {"csrf_token": token, "reason": "A word is wrong"})
        assert (done.status_code, done.location) == (303, sending(released))
    assert states(session) == {"handed_over": 3, "paused": 5}
    assert evidence(session, "release_sending_paused") == 1
    page = browser.get(sending(released)).text
    assert "Sending is paused: 5 mails are held back." in page
    assert "Sending is paused already." in page
    assert "Ana publisher paused the sending of this release on " in page
    assert "A word is wrong" in page
    assert "Once sending goes on" in page
    assert browser.get(pause).location == sending(released)
    resume = sending(released, "/resume")
    assert "A word is wrong" in browser.get(resume).text
    token = browser.token(resume)
    for _ in range(2):
        done = browser.post_bare(resume, {"csrf_token": token, "reason": "It is right"})
        assert done.status_code == 303
    assert states(session) == {"handed_over": 3, "queued": 5}
    assert evidence(session, "release_sending_resumed") == 1


def test_who_may_pause_a_release(session: Session, released: int, signed_in: SignIn):
    admin = signed_in(Role.ADMIN)
    assert "Pause sending" not in admin.get(sending(released)).text
    assert "Pause sending" in signed_in(Role.LEGAL).get(sending(released)).text
    token = admin.token(f"/desk/releases/{released}")
    for step in ("/pause", "/resume"):
        assert admin.get(sending(released, step)).status_code == 403
        answer = admin.post_bare(sending(released, step), {"csrf_token": token, "reason": "x"})
        assert answer.status_code == 403
    without = signed_in(Role.PUBLISHER).post_bare(sending(released, "/pause"), {"reason": "x"})
    assert without.status_code == 400
    assert states(session) == {"queued": 8}


def test_a_draft_and_a_foreign_id_have_no_sending(world: ReleaseWorld, signed_in: SignIn):
    world.add_agreement()
    draft = world.draft([world.add_change()])
    browser = signed_in(Role.PUBLISHER)
    token = browser.token(f"/desk/releases/{draft}")
    for release_id in (draft, 4711):
        for step in ("", "/pause", "/resume"):
            assert browser.get(sending(release_id, step)).status_code == 404
        answer = browser.post_bare(
            sending(release_id, "/pause"), {"csrf_token": token, "reason": "x"}
        )
        assert answer.status_code == 404


def test_the_release_page_sums_it_up(released: int, signed_in: SignIn):
    page = signed_in(Role.ADMIN).get(f"/desk/releases/{released}").text
    assert "0 of 8 notice mails have been handed over." in page
    assert f'href="{sending(released)}"' in page


def limited(database_url: str, clock: SettableClock, **limits: str) -> Flask:
    return make_app(database_url, clock, **limits)


def other_browser(app: Flask, name: str) -> WebClient:
    browser = WebClient(app)
    browser.sign_in(name)
    return browser


def test_a_quota_that_ends_too_late_names_whom(
    session: Session,
    world: ReleaseWorld,
    signed_in: SignIn,
    database_url: str,
    clock: SettableClock,
):
    for _ in range(30):
        world.add_agreement()
    world.add_agreement(people=[Person(), Person(address="two@client.example")])
    # Fifteen days from receipt and a day of grace: for 19 March the notices of today are just in
    # time.
    release_id = world.draft([world.add_change()], commencement_on=(world.at + 17 * DAY).date())
    signed_in(Role.PUBLISHER)
    slow = other_browser(limited(database_url, clock, MAIL_PER_HOUR="1"), "Ana publisher")
    fast = other_browser(limited(database_url, clock, MAIL_PER_HOUR="2000"), "Ana publisher")
    page = fast.get(f"/desk/releases/{release_id}").text
    assert "32 mails under a quota of 2,000 an hour take about 1 minute" in page
    assert "That is in time for every agreement" in page
    page = slow.get(f"/desk/releases/{release_id}").text
    assert "32 mails under a quota of 1 an hour take about 32 hours, until about" in page
    assert "Sending may end too late for 31 agreements" in page
    assert "Client 001" in page
    planned = slow.get(f"/desk/releases/{release_id}/planning.json").json["sending"]
    assert planned["mails"] == 32
    assert planned["takes_seconds"] == 32 * 3600
    assert (planned["decided_by"], planned["is_in_time"]) == ("quota", False)
    assert planned["agreements_at_risk"] == 31
    assert len(planned["at_risk"]) == 20
    world.approve(release_id)
    world.release(release_id)
    page = slow.get(sending(release_id)).text
    assert "Sending may end too late for 31 agreements" in page
    assert "and 11 more" in page
    assert "In time: of the notices" in fast.get(sending(release_id)).text
    clock.at = world.at + 2 * DAY
    fast.sign_in("Ana publisher")
    assert "Too late for 31 agreements" in fast.get(sending(release_id)).text


def test_a_pace_for_each_domain_decides(
    session: Session,
    world: ReleaseWorld,
    signed_in: SignIn,
    database_url: str,
    clock: SettableClock,
):
    for number in range(9):
        name = "one" if number < 6 else f"other{number}"
        world.add_agreement(people=[Person(address=f"dpo@{name}.example")])
    release_id = world.draft([world.add_change()])
    signed_in(Role.PUBLISHER)
    paced = limited(database_url, clock, MAIL_PER_DOMAIN_PER_MINUTE="2", MAIL_PER_HOUR="9999")
    browser = other_browser(paced, "Ana publisher")
    said = "9 mails take about 3 minutes, until about"
    page = browser.get(f"/desk/releases/{release_id}").text
    assert said in page
    assert "at most 2 a minute go to the addresses of one domain." in page


def test_the_publisher_may_pause_what_a_colleague_released(
    session: Session, released: int, at: datetime
):
    assert pause_release_sending(session, released, reason="x", by=PUBLISHER, at=at) == 8
