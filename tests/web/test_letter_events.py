"""What became of letters, entered on the desk: checked first, then recorded."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from subnotify.rules.words import (
    LetterEventKind,
    LetterEventSource,
    NoticeState,
    Role,
)
from subnotify.storage.tables import (
    LetterEventRow,
    MessageRow,
    NoticeRow,
)
from tests.support.letter_batches import queue
from tests.support.scenario import Scenario
from tests.support.web_client import (
    SettableClock,
    WebClient,
    session_on,
)
from tests.web.letter_desk import EVENTS, FIELD, PATH, batch_states, confirm, keys, states, upload


def test_an_event_is_checked_before_it_is_recorded(
    batch: int,
    registered: list[int],
    signed_in: Callable[..., WebClient],
    database_url: str,
    clock: SettableClock,
):
    clock.at += timedelta(days=5)
    browser, path = signed_in(Role.LEGAL), f"{PATH}/{registered[0]}"
    given = {"kind": "received", "on": "2026-03-04", "proof_number": "RK 1", "note": "a\r\nb"}
    check = browser.post(f"{path}/event", **given)
    assert "It is proof of receipt" in check.text
    assert states(database_url) == ["queued"] * 2
    for _click in range(2):
        assert confirm(browser, check, f"{path}/event/record").status_code == 303
    assert states(database_url) == ["received", "queued"]
    with session_on(database_url) as session:
        (event,) = session.scalars(select(LetterEventRow))
        assert (event.kind, event.on, event.proof_number, event.note, event.source) == (
            LetterEventKind.RECEIVED,
            date(2026, 3, 4),
            "RK 1",
            "a\nb",
            LetterEventSource.DESK,
        )
        notice_id = session.get_one(MessageRow, registered[0]).notice_id
        assert session.get_one(NoticeRow, notice_id).state == NoticeState.SERVED
    assert batch_states(database_url) == ["handed_over"]
    page = browser.get(path).text
    assert "RK 1" in page and "This is on record already." in page


def test_what_is_wrong_is_said_at_its_field(
    batch: int,
    registered: list[int],
    signed_in: Callable[..., WebClient],
    database_url: str,
):
    browser, path = signed_in(Role.LEGAL), f"{PATH}/{registered[0]}/event"
    for given, sentence in (
        ({}, "Choose what happened to the letter."),
        ({"kind": "posted"}, "Give the day on the proof"),
        ({"kind": "posted", "on": "4/3/26"}, "Write the day as year-month-day"),
        ({"kind": "posted", "on": "2027-03-04"}, "This day has not come yet."),
        ({"kind": "posted", "on": "2025-03-04"}, "The letter was not written yet on this day."),
    ):
        refused = browser.post(path, note="kept", **given)
        assert refused.status_code == 422 and sentence in refused.text
        assert "There is a problem" in refused.text and "kept" in refused.text
    assert states(database_url) == ["queued"] * 2


def test_a_plain_letter_offers_no_receipt(
    database_url: str, at: datetime, signed_in: Callable[..., WebClient]
):
    with session_on(database_url) as session:
        (letter,) = queue(Scenario(session, at=at))
    browser = signed_in(Role.LEGAL)
    page = browser.get(f"{PATH}/{letter}/event").text
    assert 'value="posted"' in page and 'value="received"' not in page
    assert 'name="proof_number"' not in page
    refused = browser.post(f"{PATH}/{letter}/event", kind="received", on="2026-03-02")
    assert refused.status_code == 422
    assert states(database_url) == ["queued"]


def test_a_manifest_comes_back_filled_in(
    batch: int,
    signed_in: Callable[..., WebClient],
    database_url: str,
    clock: SettableClock,
):
    clock.at += timedelta(days=3)
    browser = signed_in(Role.LEGAL)
    manifest = browser.get(f"{PATH}/batches/1/manifest.csv").data.decode("utf-8-sig")
    lines = manifest.splitlines()
    lines[1] = re.sub(",,,,$", ",posted,2026-03-03,RK 1,", lines[1])
    filled = "\r\n".join(lines)
    check = upload(browser, filled, "L-000001.csv")
    assert check.status_code == 200 and states(database_url) == ["queued"] * 2
    assert "Without an event" in check.text
    assert confirm(browser, check).status_code == 303
    assert states(database_url) == ["posted", "queued"]
    assert "1 event is recorded." in browser.get(PATH).text
    # The same file once more.
    again = upload(browser, filled, "L-000001.csv")
    assert "Nothing new" in again.text and "Record exactly this" not in again.text
    assert confirm(browser, check).status_code == 303
    assert "This is on record already. Nothing was changed." in browser.get(PATH).text


def test_refused_lines_are_named_and_the_others_recorded(
    batch: int,
    signed_in: Callable[..., WebClient],
    database_url: str,
    clock: SettableClock,
):
    one, two = keys(database_url)
    clock.at += timedelta(days=3)
    browser = signed_in(Role.LEGAL)
    check = upload(
        browser,
        "letter;event;on\n"
        f"{one};posted;2026-03-03\n"
        f"{two};posted;2026-13-03\n"
        "notice:1:99:post:1;posted;2026-03-03\n"
        f"{two};received;2030-01-01\n",
    )
    for where in ("events.csv, line 3, column on", "events.csv, line 4", "events.csv, line 5"):
        assert where in check.text
    confirm(browser, check)
    assert states(database_url) == ["posted", "queued"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b"%PDF-1.7"])
def test_another_file_is_refused(content: bytes, signed_in: Callable[..., WebClient]):
    refused = upload(signed_in(Role.LEGAL), content)
    assert refused.status_code == 422 and "There is a problem" in refused.text


def test_no_file_was_chosen(signed_in: Callable[..., WebClient]):
    browser = signed_in(Role.LEGAL)
    refused = browser.post(EVENTS)
    assert refused.status_code == 422 and "Choose a file" in refused.text


def test_only_what_was_shown_is_recorded(
    batch: int,
    registered: list[int],
    signed_in: Callable[..., WebClient],
    database_url: str,
    clock: SettableClock,
):
    clock.at += timedelta(days=3)
    browser = signed_in(Role.LEGAL)
    check = browser.post(f"{PATH}/{registered[0]}/event", kind="posted", on="2026-03-03")
    fields = {name: unescape(value) for name, value in FIELD.findall(check.text)}
    fields["csrf_token"] = browser.token(EVENTS)
    # Another letter's event at this letter's address, another day, no table at all.
    other = {**fields, "events": fields["events"].replace(*keys(database_url))}
    record = f"{PATH}/{registered[0]}/event/record"
    assert browser.post_bare(record, other).status_code == 400
    assert browser.post_bare(record, {**fields, "events": "x"}).status_code == 400
    moved = {**fields, "events": fields["events"].replace("03-03", "03-04")}
    browser.post_bare(record, moved)
    assert "Nothing was recorded: check what it would record now." in browser.get(PATH).text
    assert states(database_url) == ["queued"] * 2
