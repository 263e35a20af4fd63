"""The clocks of an objection on the desk and on the client's pages; requests; data at the end."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO

import pytest
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.rules.objection_steps import UNDO_LASTS
from subnotify.rules.terms import NoticeTerms, Period, Termination
from subnotify.rules.terms_words import (
    Authorisation,
    Closes,
    DataAtEnd,
    FinancialEffect,
    SilenceEffect,
    TakesEffect,
    TerminationScope,
)
from subnotify.rules.words import CaseState, MessagePurpose, Outcome, Role, SettlementKind
from subnotify.storage.tables import SettlementRow
from tests.operations.desk import LEGAL, case_of, standing_of
from tests.operations.rendering import one_text
from tests.operations.test_close_windows import confirm_all
from tests.operations.test_unresolved_objections import UNRESOLVED, say
from tests.support.scenario import FIFTEEN, Announced, Scenario, terms_of
from tests.support.web_client import WebClient, session_on
from tests.web.test_notice_answers import NAMED, send

DAY = timedelta(days=1)
LEAVING = replace(
    UNRESOLVED,
    termination=Termination(
        scope=TerminationScope.SERVICE,
        takes_effect=TakesEffect.CLIENTS_DATE,
        financial_effect=FinancialEffect.PRO_RATA_REFUND,
        data=DataAtEnd.CLIENT_CHOOSES,
        data_days=30,
        exercise_within=Period(14),
        effect_period=Period(90),
    ),
)
REQUEST = replace(
    terms_of(FIFTEEN),
    preset="",
    authorisation=Authorisation.SPECIFIC,
    effect_of_silence=SilenceEffect.DEEMED_REFUSED,
    objection_period=None,
    closes=Closes.COMMENCEMENT,
)


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


@pytest.fixture
def objected(session: Session, at: datetime, clock) -> Announced:
    """Served on Monday 2 March 2026, objected to on Tuesday; it is Wednesday."""
    announced = Scenario(session, at=at).announce(terms=LEAVING)
    say(session, announced, "objection", at + DAY, by_name="Claire")
    clock.at = at + 2 * DAY
    return announced


@pytest.fixture
def legal(signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.LEGAL)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_case_shows_each_clock_and_how_it_was_counted(objected, legal):
    page = text_of(legal.get(f"/desk/cases/{objected.case_ids[0]}").text)
    section = page[page.index("What runs from the objection") : page.index("What the client said")]
    assert "Time to find a way Thursday 2 April 2026" in section
    assert "Notice of termination Thursday 16 April 2026" in section
    # 60 days end on Saturday 2 May, moved to Monday by the agreement's rule.
    assert "Objection counts as unresolved Monday 4 May 2026" in section
    assert "The objection reached us on" in section
    assert "The time to find a way ends on Thursday 2 April 2026" in section
    assert "The window ends" not in section
    board = text_of(legal.get("/desk/board").text)
    assert "time to find a way: 29 days left" in board


def test_the_settlement_explains_the_day_and_refuses_one_outside_the_terms(
    objected, legal, session, at
):
    case_id = objected.case_ids[0]
    path = f"/desk/cases/{case_id}/settle"
    page = text_of(legal.get(path).text)
    assert "Under the terms the client sets the day of the termination." in page
    assert "from 4 March 2026 to 2 June 2026" in page
    assert "What was paid for the time after it is refunded." in page
    assert "Who terminates?" not in page, "the terms give the vendor no right"
    fields = {"kind": "terminated", "services": "monitoring", "note": "Letter of 4 March."}
    refused = legal.post(path, takes_effect_on="2026-07-01", **fields)
    assert refused.status_code == 200 and "2026-06-02 at the latest" in refused.text
    assert "Letter of 4 March." in refused.text and 'href="#takes_effect_on"' in refused.text
    fields["takes_effect_on"] = "2026-04-30"
    assert "Last day of Monitoring" in legal.post(path, **fields).text
    assert legal.post(path, **fields, seen="1").status_code == 303
    row = session.query(SettlementRow).one()
    assert (row.terminated_by, row.declared_on) == ("client", (at + 2 * DAY).date())
    session.rollback()
    page = text_of(legal.get(f"/desk/cases/{case_id}").text)
    assert "The client terminates; its notice came on Wednesday 4 March 2026." in page
    assert "It was exercised in time; that was possible until" in page
    assert "The termination takes effect on Thursday 30 April 2026." in page
    assert "What was paid for the time after it is refunded." in page


def test_the_client_reads_what_follows_its_objection(objected, client):
    page = text_of(client.get(f"/n/{objected.token}").text)
    assert "We look for a way to serve you without this change until Thursday 2 April 2026" in page
    assert "If none is found, you may terminate until Thursday 16 April 2026" in page
    assert "you have not terminated by Monday 4 May 2026" in page


def test_the_client_reads_how_an_unresolved_objection_ended(objected, client, session, clock):
    due_at = case_of(session, objected.case_ids[0]).unresolved_after_at
    confirm_all(session, due_at)
    close_windows(session, at=due_at)
    clock.at = due_at
    page = text_of(client.get(f"/n/{objected.token}").text)
    assert "neither resolved nor followed by a termination until Monday 4 May 2026" in page
    session.rollback()
    mail = one_text(session, due_at, MessagePurpose.CLOSING)
    told = " ".join(mail.text.split())
    assert "neither resolved nor followed by a termination until Monday 4 May 2026" in told


def test_the_form_says_what_an_objection_of_today_starts(client, session, at, clock):
    announced = Scenario(session, at=at).announce(terms=LEAVING)
    clock.at = at + 2 * DAY
    page = text_of(client.get(f"/n/{announced.token}/object").text)
    today = page[page.index("If you object today:") :]
    assert "until Friday 3 April 2026" in today


def test_the_receipt_tells_the_days_too(client, session, at):
    announced = Scenario(session, at=at).announce(terms=LEAVING)
    sent = send(client, f"/n/{announced.token}/object", **NAMED)
    assert "until Wednesday 1 April 2026" in text_of(client.get(sent.location).text)
    mail = " ".join(one_text(session, at, MessagePurpose.RECEIPT).text.split())
    assert "until Wednesday 1 April 2026" in mail
    assert "you may terminate until Wednesday 15 April 2026" in mail


def test_no_dates_where_the_terms_count_none(client, session, at):
    announced = Scenario(session, at=at).announce(preset=FIFTEEN)
    assert "If you object today" not in client.get(f"/n/{announced.token}/object").text


def test_a_specific_authorisation_is_a_request(client, legal, session, at):
    announced = Scenario(session, at=at).announce(terms=REQUEST)
    page = text_of(client.get(f"/n/{announced.token}").text)
    assert "Request for your authorisation" in page
    assert "You can answer until Thursday 30 April 2026" in page
    assert "No answer means no: the change is not used for you." in page
    assert "If you refuse, the change is not made for you." in page
    assert "Authorise" in page and "Refuse" in page and "Object " not in page
    page = text_of(client.get(f"/n/{announced.token}/object").text)
    assert "Refuse authorisation" in page and "Send the refusal" in page
    page = text_of(client.get(f"/n/{announced.token}/no-objection").text)
    assert "Authorise the change" in page


@pytest.fixture
def ended(objected: Announced, session: Session, at: datetime, clock) -> Announced:
    """The services ended on 4 March; the client's data is due by 3 April."""
    decision = Settlement(
        SettlementKind.TERMINATED,
        "by letter",
        ("monitoring",),
        takes_effect_on=(at + 2 * DAY).date(),
    )
    settle_objection(session, objected.case_ids[0], decision, at=at + 2 * DAY, **LEGAL)
    clock.at = at + 2 * DAY + UNDO_LASTS
    close_windows(session, at=clock.at)
    return objected


def test_data_is_dealt_with_on_record(ended, legal, session):
    case_id = ended.case_ids[0]
    assert standing_of(session, case_id) == (CaseState.CLOSED, [], Outcome.TERMINATED)
    board = text_of(legal.get("/desk/board").text)
    assert "The data of 1 client is to be returned or destroyed" in board
    assert "the first by 3 April 2026" in board
    assert "to be asked" in legal.get("/desk/data").text
    page = text_of(legal.get(f"/desk/cases/{case_id}").text)
    assert "The client's data is to be returned or destroyed, as it chooses." in page
    assert "It is due by Friday 3 April 2026, counted from 4 March 2026" in page
    assert "What runs from the objection" not in page
    refused = legal.post(
        f"/desk/cases/{case_id}/data-done", done_on="2026-03-04", note="Disk wiped."
    )
    assert refused.status_code == 200 and "Record its choice first" in refused.text
    path = f"/desk/cases/{case_id}/data-choice"
    assert "Choose what the client wants" in legal.post(path, note="mail").text
    assert legal.post(path, choice="return", note="Mail of 4 March.").status_code == 303
    path, typed = f"/desk/cases/{case_id}/data-done", {"done_on": "2026-03-04", "note": "Sent."}
    refused = legal.post(path, **typed)
    assert "or write why there is none" in refused.text and 'href="#scan"' in refused.text
    refused = legal.post(path, **typed, scan=(BytesIO(b"<html>"), "certificate.pdf"))
    assert "This is no PDF" in refused.text
    done = legal.post(path, **typed, scan=(BytesIO(b"%PDF-1.7\nx"), "certificate.pdf"))
    assert done.status_code == 303
    page = text_of(legal.get(f"/desk/cases/{case_id}").text)
    assert (
        "certificate.pdf" in page
        and "Return of the data" in page
        and "Done on Wednesday 4 March 2026" in page
    )
    assert "Nothing is owed." in legal.get("/desk/data").text
    assert "is to be returned or destroyed" not in legal.get("/desk/board").text


def test_others_see_data_but_record_nothing(ended, signed_in):
    publisher = signed_in(Role.PUBLISHER)
    case_id = ended.case_ids[0]
    assert publisher.get("/desk/data").status_code == 200
    assert publisher.get(f"/desk/cases/{case_id}/data-done").status_code in (403, 404)
    legal = signed_in(Role.LEGAL)
    assert legal.get("/desk/cases/99/data-done").status_code == 404


def terms_with(**termination: object) -> NoticeTerms:
    return replace(UNRESOLVED, termination=Termination(**termination))


def test_a_notice_period_is_explained_with_its_count(legal, session, at, clock):
    terms = terms_with(takes_effect=TakesEffect.AFTER_NOTICE, effect_period=Period(30))
    announced = Scenario(session, at=at).announce(terms=terms)
    say(session, announced, "objection", at + DAY)
    page = text_of(legal.get(f"/desk/cases/{announced.case_ids[0]}/settle").text)
    assert "The notice of termination came on Monday 2 March 2026." in page
    assert "First day without the services: Thursday 2 April 2026." in page
    assert "First day without these services" not in page, "the terms fix it"
