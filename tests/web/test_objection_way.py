"""The way of an objection: legal's forms with the mail shown first, and the client's answer."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.objection_steps import UNDO_LASTS
from subnotify.rules.words import Role, StepKind
from subnotify.storage.tables import MessageRow, ObjectionStepRow, SettlementRow
from tests.operations.test_settle_objection import say
from tests.support.answers import give, objection
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario
from tests.support.smtp_server import ScriptedSmtpServer
from tests.support.web_client import SettableClock, WebClient, session_on
from tests.web.test_objection_clocks import text_of

WORDS = "We keep you on the host that you know."


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


@pytest.fixture
def objected(session: Session, at: datetime) -> Announced:
    announced = Scenario(session, at=at).announce()
    say(session, announced, "objection", at, by_name="Claire")
    return announced


@pytest.fixture
def legal(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.LEGAL)


def count(session: Session, row: type) -> int:
    found = len(session.scalars(select(row)).all())
    session.rollback()
    return found


def propose(legal: WebClient, base: str) -> None:
    address = f"{base}/objection/propose"
    legal.post(address, text=WORDS, measure="not_used")
    legal.post(address, text=WORDS, measure="not_used", seen="1")


def test_the_mail_is_seen_first_and_the_step_can_be_undone(
    legal: WebClient, objected: Announced, session: Session, clock: SettableClock
) -> None:
    base = f"/desk/cases/{objected.case_ids[0]}"
    page = text_of(legal.get(base).text)
    assert "The way of the objection" in page and "Admissible" in page
    address = f"{base}/objection/propose"
    assert "How would the objection be met?" in legal.get(address).text
    refused = legal.post(address, text=WORDS)
    assert "Choose how the objection would be met" in refused.text and WORDS in refused.text
    before = count(session, ObjectionStepRow)
    seen = legal.post(address, text=WORDS, measure="not_used")
    assert "This mail is sent" in seen.text and WORDS in seen.text
    assert count(session, ObjectionStepRow) == before == 0
    legal.post(address, base, text=WORDS, measure="not_used", seen="1")
    legal.post(address, base, text=WORDS, measure="not_used", seen="1")
    assert count(session, ObjectionStepRow) == 1
    page = legal.get(base).text
    assert WORDS in page and "The mail leaves at" in page
    assert WORDS not in legal.get(f"/n/{objected.token}").text
    assert legal.get(f"/n/{objected.token}/proposals/1").status_code == 404
    legal.post(f"{base}/objection/steps/1/undo")
    assert WORDS not in text_of(legal.get(base).text).partition("Evidence")[0]
    sent = select(MessageRow.state).where(MessageRow.purpose == "objection_step")
    assert set(session.scalars(sent)) == {"cancelled"}


def test_the_way_says_why_an_objection_is_admissible_late_or_disputed(
    legal: WebClient, session: Session, at: datetime
) -> None:
    """The second step of the way, with both dates, the form and the grounds."""
    scenario, day = Scenario(session, at=at), timedelta(days=1)
    expected = {
        "in time": ("Admissible", "The objection came in time.", "end of the window: Tuesday"),
        "late": ("Late", "came after the deadline", "It came in a form that the terms admit."),
        "by link": ("Not in the agreed form", "An objection is made by registered letter"),
        "posted in time": ("Disputed", "It was posted on Wednesday 4 March 2026 and came on"),
    }
    said = {
        "in time": (FIFTEEN, {"at": at + day}),
        "late": (FIFTEEN, {"at": at + 40 * day}),
        "by link": (REGISTERED, {"at": at + day}),
        "posted in time": (
            REGISTERED,
            {
                "at": at + 40 * day,
                "channel": "registered_post",
                "dispatched_on": (at + 2 * day).date(),
            },
        ),
    }
    for name, (preset, given) in said.items():
        announced = scenario.announce(preset=preset)
        say(session, announced, "objection", **given)
        page = text_of(legal.get(f"/desk/cases/{announced.case_ids[0]}").text)
        way = page.partition("The way of the objection")[2].partition("Settlement")[0]
        for words in expected[name]:
            assert words in way, (name, way)


def test_an_objection_after_a_waiver_is_told_plainly_to_legal_and_to_the_client(
    legal: WebClient, session: Session, at: datetime
) -> None:
    """Why it does not count, and what each can do where the waiver was not meant."""
    announced, hour = Scenario(session, at=at).announce(), timedelta(hours=1)
    say(session, announced, "waiver", at + hour, confirmed_at=at + hour)
    given = give(session, announced, objection(announced), at=at + 2 * hour)
    base = f"/desk/cases/{announced.case_ids[0]}"
    page = text_of(legal.get(base).text)
    way = page.partition("The way of the objection")[2].partition("What the client said")[0]
    for words in (
        "After the period was given up",
        "kept and shown, but it does not count",
        "The client gave it up on",
        "Nothing waits for you.",
        "propose to correct the outcome",
    ):
        assert words in way, way
    assert "Propose to correct the outcome" in page  # the step that is named can be taken
    assert legal.get(f"{base}/correct").status_code == 200
    receipt = text_of(legal.get(f"/n/{announced.token}/receipts/{given.reference}").text)
    for words in ("it does not count", "The change stays accepted for you.", "say so behind"):
        assert words in receipt
    notice = text_of(legal.get(f"/n/{announced.token}").text)
    assert "kept and shown, but it does not count" in notice


def test_the_client_reads_an_acknowledgement_on_its_page_once_it_left(
    legal: WebClient, objected: Announced, clock: SettableClock
) -> None:
    address = f"/desk/cases/{objected.case_ids[0]}/objection/acknowledge"
    legal.post(address, text="Lea Legal looks into it.", seen="1")
    page = f"/n/{objected.token}"
    assert "Lea Legal looks into it." not in legal.get(page).text
    clock.at += UNDO_LASTS
    told = text_of(legal.get(page).text)
    assert "We wrote to you about your objection: Lea Legal looks into it." in told


def test_who_records_an_answer_or_closes_with_another_sees_the_mail_before(
    legal: WebClient, objected: Announced, clock: SettableClock
) -> None:
    base = f"/desk/cases/{objected.case_ids[0]}"
    propose(legal, base)
    clock.at += UNDO_LASTS
    page = text_of(legal.get(f"{base}/objection/proposals/1/answer").text)
    assert "If the client accepts, this mail leaves when the case closes" in page
    assert "Your objection is met." in page and "dpo0@client1.example" in page
    page = text_of(legal.get(f"{base}/no-objection/confirm").text)
    assert "This mail leaves at once" in page
    assert "the general authorisation of your agreement applies to the change" in page


def test_the_client_accepts_by_code(
    legal: WebClient,
    client: WebClient,
    objected: Announced,
    session: Session,
    clock: SettableClock,
    smtp_server: ScriptedSmtpServer,
) -> None:
    base = f"/desk/cases/{objected.case_ids[0]}"
    propose(legal, base)
    clock.at += UNDO_LASTS
    notice = f"/n/{objected.token}"
    page = client.get(notice).text
    assert "We propose a way to meet your objection." in page
    address = f"{notice}/proposals/1"
    assert WORDS in client.get(address).text
    nothing = client.post(address)
    assert "Choose whether you accept or refuse." in nothing.text
    assert "Enter your first and last name." in nothing.text
    code_page = client.post(address, answer="accepted", by_name="Camille Perrin")
    assert code_page.status_code == 303
    assert count(session, SettlementRow) == 0
    (mail,) = smtp_server.mails_to("dpo0@client1.example")
    body = mail.parsed.get_body(("plain",))
    assert body is not None
    code = re.search(r"^\s*([A-Z0-9]{4}[- ]?[A-Z0-9]{4})\s*$", body.get_content(), re.M)
    assert code is not None, body.get_content()
    client.post(f"{address}/code", code=code.group(1))
    assert count(session, SettlementRow) == 1
    assert "You accepted this proposal" in client.get(address).text
    assert "Settled: accommodated" in text_of(legal.get(base).text)


def test_the_client_refuses_and_legal_reads_why(
    legal: WebClient, client: WebClient, objected: Announced, session: Session, clock: SettableClock
) -> None:
    base = f"/desk/cases/{objected.case_ids[0]}"
    propose(legal, base)
    clock.at += UNDO_LASTS + timedelta(hours=1)
    address = f"/n/{objected.token}/proposals/1"
    client.post(address, answer="refused", by_name="Camille Perrin", text="It is not enough.")
    assert "You refused this proposal" in client.get(address).text
    kinds = session.scalars(select(ObjectionStepRow.kind).order_by(ObjectionStepRow.id)).all()
    assert kinds == [StepKind.PROPOSED, StepKind.REFUSED]
    page = text_of(legal.get(base).text)
    assert "Proposal refused" in page and "It is not enough." in page
    assert "Propose how to meet the objection" in page


def test_a_scan_is_kept_and_given_back_as_a_download_only(
    legal: WebClient, objected: Announced
) -> None:
    base = f"/desk/cases/{objected.case_ids[0]}"
    address = f"{base}/papers/new"
    refused = legal.post(address, kind="settlement", scan=(BytesIO(b"<html>"), "a.pdf"))
    assert refused.status_code == 422 and "This is no PDF" in refused.text
    given = (BytesIO(b"%PDF-1.7\n<script>"), "x.html")
    assert legal.post(address, kind="settlement", scan=given).status_code == 303
    assert "Settlement, signed" in text_of(legal.get(base).text)
    answer = legal.get("/desk/documents/1")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data == b"%PDF-1.7\n<script>"
