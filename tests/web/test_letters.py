"""Letters on the desk: preparing, handing over, cancelling, and who may."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update

from subnotify.rules.csv_tables import read_table
from subnotify.rules.letter_manifests import MANIFEST_COLUMNS
from subnotify.rules.words import (
    LetterState,
    MessageState,
    Role,
)
from subnotify.storage.tables import (
    LetterEventRow,
    LetterRow,
    MessageRow,
    SealedMailRow,
)
from tests.support.letter_batches import prepare
from tests.support.letter_press import ScriptedPress
from tests.support.scenario import Scenario
from tests.support.web_client import (
    SettableClock,
    WebClient,
    make_app,
    make_operator,
    session_on,
)
from tests.web.letter_desk import EVENTS, PATH, batch_states, confirm, keys, states, upload


def test_the_page_says_what_waits(
    registered: list[int], signed_in: Callable[..., WebClient], database_url: str, at: datetime
):
    with session_on(database_url) as session:
        session.get_one(LetterRow, registered[0]).reason = "dead_address"
        session.commit()
    for role in (Role.LEGAL, Role.PUBLISHER):
        page = signed_in(role).get(PATH).text
        assert "the mail reached nobody" in page and "the terms name post" in page
        assert ("Prepare batches now" in page) is (role is Role.LEGAL)


def test_preparing_makes_batches_with_real_letters(
    registered: list[int], signed_in: Callable[..., WebClient], database_url: str
):
    browser = signed_in(Role.LEGAL)
    response = browser.post(f"{PATH}/prepare", PATH)
    assert response.status_code == 303
    page = browser.get(PATH).text
    assert "1 batch is prepared." in page and "No letter waits." in page
    pdf = browser.get(f"{PATH}/batches/1/letters.pdf")
    assert pdf.data.startswith(b"%PDF-") and pdf.mimetype == "application/pdf"
    assert "attachment; filename=L-000001.pdf" in pdf.headers["Content-Disposition"]
    assert "sandbox" in pdf.headers["Content-Security-Policy"]
    manifest = browser.get(f"{PATH}/batches/1/manifest.csv")
    table = read_table("m", manifest.data, MANIFEST_COLUMNS)
    assert [row.cells["letter"] for row in table.rows] == keys(database_url)
    letter = browser.get(f"{PATH}/{registered[0]}/letter.pdf")
    assert letter.data.startswith(b"%PDF-") and letter.data != pdf.data
    # Pressed a second time: nothing waits.
    browser.post(f"{PATH}/prepare", EVENTS)
    assert "No letter waits to be prepared." in browser.get(PATH).text
    assert batch_states(database_url) == ["prepared"]


def test_the_batch_goes_into_the_folder(
    registered: list[int], database_url: str, clock: SettableClock, tmp_path: Path
):
    folder = tmp_path / "letters"
    folder.mkdir()
    app = make_app(database_url, clock, LETTERS_FOLDER=str(folder))
    browser = sign_in(app, database_url, clock)
    folder.rename(tmp_path / "unmounted")
    browser.post(f"{PATH}/prepare", PATH)
    page = browser.get(PATH).text
    assert "Make or mount it; the batches wait meanwhile." in page
    assert "not in the folder yet" in page
    (tmp_path / "unmounted").rename(folder)
    browser.post(f"{PATH}/batches/1/give", f"{PATH}/batches/1")
    assert str(folder / "L-000001") in browser.get(f"{PATH}/batches/1").text
    assert (folder / "L-000001" / "letters.pdf").read_bytes().startswith(b"%PDF-")
    browser.post(f"{PATH}/batches/1/cancel")
    assert batch_states(database_url) == ["cancelled"]
    assert not (folder / "L-000001").exists()
    # The next one is taken away before anybody changes their mind.
    browser.post(f"{PATH}/prepare", PATH)
    (folder / "L-000002").rename(tmp_path / "printing")
    refused = browser.post(f"{PATH}/batches/2/cancel")
    assert "it is too late to cancel it" in refused.text
    assert batch_states(database_url) == ["cancelled", "prepared"]


def sign_in(app: Flask, url: str, clock: SettableClock) -> WebClient:
    make_operator(url, "Lea Legal", [Role.LEGAL], at=clock.at)
    browser = WebClient(app)
    browser.sign_in("Lea Legal")
    return browser


def test_handing_over_once(batch: int, signed_in: Callable[..., WebClient], database_url: str):
    browser, path = signed_in(Role.LEGAL), f"{PATH}/batches/{batch}"
    assert "Hand over" in browser.get(path).text
    token = browser.token(f"{path}/hand-over")
    for _click in range(2):
        sent = {"csrf_token": token, "on": "2026-03-02"}
        assert browser.post_bare(f"{path}/hand-over", sent).status_code == 303
    assert batch_states(database_url) == ["handed_over"]
    assert states(database_url) == ["handed_over"] * 2
    page = browser.get(path).text
    assert "The batch was handed over before." in page and "Cancel this batch" not in page
    # Its page for the step leads back; who kept it open is told.
    assert browser.get(f"{path}/cancel").status_code == 303
    refused = browser.post_bare(f"{path}/cancel", {"csrf_token": token})
    assert "its letters cannot be called back" in refused.text
    assert states(database_url) == ["handed_over"] * 2


def test_a_batch_with_stopped_letters_says_so(
    batch: int, registered: list[int], signed_in: Callable[..., WebClient], database_url: str
):
    with session_on(database_url) as session:
        session.execute(
            update(MessageRow)
            .where(MessageRow.id == registered[0])
            .values(state=MessageState.CANCELLED)
        )
        session.commit()
    browser, path = signed_in(Role.LEGAL), f"{PATH}/batches/{batch}"
    assert "Not all of these letters are to be sent any more" in browser.get(path).text
    refused = browser.post(f"{path}/hand-over", on="2026-03-02")
    assert "Some letters of this batch are not to be sent" in refused.text
    assert batch_states(database_url) == ["prepared"]
    # The printer cannot be stopped any more: no page sends them in a circle.
    browser.post(f"{path}/hand-over", on="2026-03-02", is_beyond_reach="y")
    assert batch_states(database_url) == ["handed_over"]


def test_a_batch_is_handed_over_on_the_day_that_is_told(
    batch: int,
    signed_in: Callable[..., WebClient],
    database_url: str,
    clock: SettableClock,
):
    clock.at += timedelta(days=3)
    browser, path = signed_in(Role.LEGAL), f"{PATH}/batches/{batch}"
    page = browser.get(f"{path}/hand-over").text
    assert 'value="2026-03-05"' in page and "nobody can stop them" not in page
    for day, said in (
        ("", "Give the day on which it was handed over"),
        ("2026-03-06", "This day has not come yet."),
        ("2026-03-01", "The batch was not prepared yet on this day."),
    ):
        refused = browser.post(f"{path}/hand-over", on=day)
        assert said in refused.text and 'href="#on"' in refused.text
        assert f'value="{day}"' in refused.text
    assert batch_states(database_url) == ["prepared"]
    browser.post(f"{path}/hand-over", on="2026-03-03")
    page = browser.get(path).text
    assert 'datetime="2026-03-03"' in page and "Recorded by" in page
    with session_on(database_url) as session:
        assert set(session.scalars(select(LetterEventRow.on))) == {date(2026, 3, 3)}


def test_a_cancelled_batch_shows_what_it_held(
    batch: int, registered: list[int], signed_in: Callable[..., WebClient], database_url: str
):
    with session_on(database_url) as session:
        digests = list(session.scalars(select(SealedMailRow.digest)))
    browser, path = signed_in(Role.LEGAL), f"{PATH}/batches/{batch}"
    browser.post(f"{path}/cancel")
    page = browser.get(path).text
    assert "What they were in this batch is kept." in page
    assert all(digest in page for digest in digests)
    assert all(f"{PATH}/{letter}" in page for letter in registered)


def test_who_may_not(
    batch: int, registered: list[int], signed_in: Callable[..., WebClient], database_url: str
):
    """The publisher looks; nobody but legal acts, or has the links in the letters."""
    publisher, admin = signed_in(Role.PUBLISHER), signed_in(Role.ADMIN)
    looks = [PATH, f"{PATH}/batches", f"{PATH}/batches/1", f"{PATH}/{registered[0]}"]
    for path in looks:
        assert publisher.get(path).status_code == 200
        assert admin.get(path).status_code == 403
    token = publisher.token("/desk/imports")
    for path in (
        f"{PATH}/prepare",
        f"{PATH}/batches/1/give",
        f"{PATH}/batches/1/hand-over",
        f"{PATH}/batches/1/cancel",
        EVENTS,
        f"{EVENTS}/record",
        f"{PATH}/{registered[0]}/event",
        f"{PATH}/{registered[0]}/event/record",
    ):
        assert publisher.post_bare(path, {"csrf_token": token}).status_code == 403, path
    for path in ("batches/1/letters.pdf", "batches/1/manifest.csv", f"{registered[0]}/letter.pdf"):
        assert publisher.get(f"{PATH}/{path}").status_code == 403
    assert batch_states(database_url) == ["prepared"] and states(database_url) == ["queued"] * 2


def test_what_is_not_there(signed_in: Callable[..., WebClient], database_url: str, at: datetime):
    """Also a mail, which is no letter."""
    browser = signed_in(Role.LEGAL)
    with session_on(database_url) as session:
        announced = Scenario(session, at=at).announce()
        no_letter = announced.message_ids[0]
    for path in (
        "batches/9",
        "batches/9/letters.pdf",
        "batches/9/hand-over",
        "batches/9/cancel",
        f"{no_letter}",
        f"{no_letter}/letter.pdf",
        f"{no_letter}/event",
    ):
        assert browser.get(f"{PATH}/{path}").status_code == 404, path


def test_a_letter_that_was_set_aside_is_listed(
    registered: list[int], signed_in: Callable[..., WebClient], database_url: str, at: datetime
):
    with session_on(database_url) as session:
        prepare(session, ScriptedPress(refuses={registered[0]}), at=at)
    browser = signed_in(Role.LEGAL)
    assert "Set aside for a person" in browser.get(PATH).text
    page = browser.get(f"{PATH}/{registered[0]}").text
    assert "no such glyph" in page and "Enter what happened" not in page


def test_the_notice_and_the_case_show_the_letter(
    batch: int,
    registered: list[int],
    signed_in: Callable[..., WebClient],
    database_url: str,
    clock: SettableClock,
):
    clock.at += timedelta(days=6)
    (one, _two) = keys(database_url)
    browser = signed_in(Role.LEGAL)
    table = (
        f"letter,event,on,proof_number\n{one},posted,2026-03-03,RK 1\n{one},received,2026-03-05,\n"
    )
    confirm(browser, upload(browser, table))
    assert states(database_url)[0] == LetterState.RECEIVED
    with session_on(database_url) as session:
        notice_id = session.get_one(MessageRow, registered[0]).notice_id
    notice = browser.get(f"/desk/notices/{notice_id}").text
    for words in (
        "registered letter",
        "Number of the registered letter: RK 1.",
        "On Thursday 5 March 2026.",
        f'href="{PATH}/{registered[0]}"',
        "L-000001",
    ):
        assert words in notice, words
    case = re.search(r'href="(/desk/cases/\d+)"', notice)
    assert case is not None
    page = browser.get(case[1]).text
    assert "RK 1" in page and f'href="{PATH}/{registered[0]}"' in page
