"""Letters from clients as a browser gets them: found by reference, recorded once, filed, served."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.rules.document_files import LARGEST_OCTETS
from subnotify.rules.words import CaseState, HoldReason, IncomingLetterKind, Role
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    DocumentRow,
    IncomingLetterRow,
    NoticeRow,
    ResponseRow,
)
from tests.operations.desk import standing_of
from tests.operations.test_close_windows import confirm_all
from tests.support.incoming_letters import HTML, PDF, PNG, POLYGLOT, add_letter
from tests.support.scenario import FIFTEEN, REGISTERED, Announced, Scenario
from tests.support.web_client import SettableClock, WebClient, session_on

DAY = timedelta(days=1)
PATH = "/desk/incoming-letters"


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


@pytest.fixture
def legal(signed_in: Callable[..., WebClient], clock: SettableClock, at: datetime) -> WebClient:
    clock.at = at + 10 * DAY
    return signed_in(Role.LEGAL)


def said(page: str) -> str:
    """The words of a page, without markup."""
    body = re.search(r"<main.*</main>", page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body[0] if body else page)).split())


def reference_of(session: Session, notice_id: int) -> str:
    found = session.scalars(select(NoticeRow.reference).where(NoticeRow.id == notice_id)).one()
    session.rollback()
    return found


def client_of(session: Session, announced: Announced) -> int:
    found = session.get_one(AgreementRow, announced.agreement_id).client_id
    session.rollback()
    return found


def counted(session: Session, table: Any) -> int:
    found = session.scalar(select(func.count()).select_from(table)) or 0
    session.rollback()
    return found


def entered(announced: Announced, **fields: Any) -> dict[str, Any]:
    """A registered objection of 10 March, posted on the 7th, with its scan."""
    values = {
        "kind": "objection",
        "channel": "registered_post",
        "case_ids": str(announced.case_ids[0]),
        "contact_id": "0",
        "received_on": "2026-03-10",
        "dispatched_on": "2026-03-07",
        "letter_reference": "RK 123 456 789 FR",
        "by_name": "Claire Martin",
        "form_token": "0123456789abcdef",
        "scan": (BytesIO(PDF), "Lettre du 10 mars.pdf"),
    } | fields
    return {name: value for name, value in values.items() if value is not None}


def about(announced: Announced) -> str:
    return f"{PATH}/new/notice/{announced.notice_id}"


def test_the_slip_leads_to_the_notice_with_nothing_else_typed(legal, scenario, session):
    announced = scenario.announce(preset=REGISTERED)
    slip = f" s-{reference_of(session, announced.notice_id)} "
    found = legal.get(f"{PATH}/new", query_string={"search": slip})
    assert found.status_code == 303
    assert found.location.startswith(about(announced))
    page = legal.get(found.location).text
    assert "Northwind Mills 1 Ltd" in page
    [case_id] = announced.case_ids
    assert re.search(rf'name="case_ids"[^>]*value="{case_id}" checked', page)
    assert f'value="{reference_of(session, announced.notice_id)}"' in page
    answer = legal.post(found.location, **entered(announced))
    assert answer.status_code == 303 and answer.location == f"/desk/cases/{case_id}"
    [row] = session.scalars(select(IncomingLetterRow)).all()
    session.rollback()
    assert row.quoted_reference == reference_of(session, announced.notice_id)


def test_what_is_not_found_may_be_recorded_without_a_case(legal, scenario, session):
    announced = scenario.announce(preset=FIFTEEN)
    words = said(legal.get(f"{PATH}/new?search=2099-001-00001").text)
    assert "Nothing was found for “2099-001-00001”" in words
    by_name = legal.get(f"{PATH}/new?search=northwind").text
    assert f'href="{PATH}/new/client/{client_of(session, announced)}"' in by_name
    assert f'href="{about(announced)}"' in by_name
    recorded = legal.post(f"{PATH}/new/unknown", **_untied(entered(announced)))
    assert recorded.status_code == 303
    page = legal.get(recorded.location).text
    assert "Nobody knows yet whose it is." in said(page)
    confirmed = legal.post(
        "/desk/confirmations/registered_post_opened",
        "/desk/confirmations",
        **{"registered_post_opened-up_to_on": "2026-03-10"},
    )
    assert confirmed.status_code == 422
    assert "nobody has said whose they are: 1" in said(confirmed.text)
    day_before = legal.post(
        "/desk/confirmations/registered_post_opened",
        "/desk/confirmations",
        **{"registered_post_opened-up_to_on": "2026-03-09"},
    )
    assert day_before.status_code == 303


def _untied(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in fields if name not in ("case_ids", "contact_id")}


def test_recorded_twice_it_is_one_letter_with_one_scan(legal, scenario, session):
    announced = scenario.announce(preset=REGISTERED)
    for _ in range(2):
        fields = entered(announced, kind="termination", services="monitoring")
        assert legal.post(about(announced), **fields).status_code == 303
    assert counted(session, IncomingLetterRow) == 1
    assert counted(session, ResponseRow) == 1
    assert counted(session, DocumentRow) == 1
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OBJECTED
    case = legal.get(f"/desk/cases/{announced.case_ids[0]}")
    words = said(case.text)
    for part in ("Tuesday 10 March 2026", "Saturday 7 March 2026", "RK 123 456 789 FR"):
        assert part in words
    assert "Termination" in words and "Services Monitoring" in words
    assert 'href="/desk/documents/1" download' in case.text
    notice = legal.get(f"/desk/notices/{announced.notice_id}")
    words = said(notice.text)
    for part in ("Letter came in: termination", "Received on Tuesday 10 March 2026.", "RK 123"):
        assert part in words
    assert "Sent on Saturday 7 March 2026." in words
    assert 'href="/desk/documents/1" download' in notice.text


def test_a_scan_is_saved_and_never_a_page(legal, scenario):
    announced = scenario.announce(preset=FIFTEEN)
    fields = entered(announced, scan=(BytesIO(POLYGLOT), '..\\..\\x"><svg onload=a>.html'))
    assert legal.post(about(announced), **fields).status_code == 303
    found = legal.get("/desk/documents/1")
    assert found.data == POLYGLOT
    assert found.headers["Content-Type"] == "application/pdf"
    disposition = found.headers["Content-Disposition"]
    assert disposition.startswith("attachment;") and ".pdf" in disposition
    assert not {"..", "\\", "<", "html"} & set(re.findall(r"\.\.|\\|<|html", disposition))
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert found.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("octets", "name", "words"),
    [
        (HTML, "letter.pdf", "This is no PDF, JPEG, PNG or TIFF file"),
        (b"", "letter.pdf", "This file is empty."),
        (PDF + bytes(LARGEST_OCTETS + 1 - len(PDF)), "letter.pdf", "larger than 10 MB"),
    ],
)
def test_what_is_no_scan_is_refused_and_the_rest_is_kept(
    legal, scenario, session, octets, name, words
):
    announced = scenario.announce(preset=FIFTEEN)
    refused = legal.post(about(announced), **entered(announced, scan=(BytesIO(octets), name)))
    assert refused.status_code == 422
    assert words in said(refused.text) and 'href="#scan"' in refused.text
    assert 'value="RK 123 456 789 FR"' in refused.text
    for table in (IncomingLetterRow, DocumentRow, ResponseRow):
        assert counted(session, table) == 0


def test_a_body_beyond_all_measure_is_not_read(legal, scenario):
    announced = scenario.announce(preset=FIFTEEN)
    huge = BytesIO(PDF + bytes(2 * LARGEST_OCTETS))
    assert legal.post(about(announced), **entered(announced, scan=(huge, "x.pdf"))).status_code in (
        400,
        413,
    )


def test_a_browser_keeps_no_file_and_is_told_so(legal, scenario):
    announced = scenario.announce(preset=FIFTEEN)
    fields = entered(announced, dispatched_on="2026-03-12", scan=(BytesIO(PNG), "x.png"))
    refused = legal.post(about(announced), **fields)
    assert refused.status_code == 422
    assert "received before it was sent" in said(refused.text)
    assert "Choose the scan again" in said(refused.text)


def test_only_legal_records_reads_and_downloads(signed_in, legal, scenario, session):
    announced = scenario.announce(preset=FIFTEEN)
    legal.post(about(announced), **entered(announced))
    publisher = signed_in(Role.PUBLISHER)
    for path in (
        PATH,
        f"{PATH}/new",
        about(announced),
        f"{PATH}/1",
        f"{PATH}/1/file",
        f"{PATH}/1/tie",
        f"{PATH}/1/scan",
        "/desk/documents/1",
        "/desk/morning",
    ):
        assert publisher.get(path).status_code == 403, path
    case = publisher.get(f"/desk/cases/{announced.case_ids[0]}").text
    assert "RK 123 456 789 FR" in case
    assert "/desk/documents/" not in case and f"{PATH}/1" not in case
    notice = publisher.get(f"/desk/notices/{announced.notice_id}").text
    assert "Letter came in" in notice
    assert "/desk/documents/" not in notice


def test_ids_of_others_and_of_nobody(legal, scenario, session):
    announced, other = scenario.announce(preset=FIFTEEN), scenario.announce(preset=FIFTEEN)
    refused = legal.post(about(announced), **entered(announced, case_ids=str(other.case_ids[0])))
    assert refused.status_code == 422
    assert counted(session, IncomingLetterRow) == 0
    for path in (
        f"{PATH}/new/notice/999",
        f"{PATH}/new/client/999",
        f"{PATH}/999",
        f"{PATH}/999/file",
        f"{PATH}/999/tie",
        f"{PATH}/999/done",
        f"{PATH}/999/scan",
        "/desk/documents/999",
        f"/desk/agreements/{announced.agreement_id}/contacts/new?letter=999",
    ):
        assert legal.get(path).status_code == 404, path
    letter = add_letter(session, at=scenario.at, client_id=client_of(session, other))
    elsewhere = f"/desk/agreements/{announced.agreement_id}/contacts/new?letter={letter.id}"
    assert legal.get(elsewhere).status_code == 404
    assert legal.post(f"{PATH}/{letter.id}/tie", notice_id="999").status_code == 422


def test_a_letter_that_waits_is_tied_and_filed(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=FIFTEEN)
    [case_id] = announced.case_ids
    recorded = add_letter(session, at=at + 10 * DAY, text="Nous refusons.")
    assert "1" in said(legal.get(PATH).text)
    tie = f"{PATH}/{recorded.id}/tie"
    reference = reference_of(session, announced.notice_id)
    found = legal.get(tie, query_string={"search": f"S-{reference}"}).text
    assert f'name="notice_id" value="{announced.notice_id}"' in found
    assert legal.post(tie, notice_id=announced.notice_id).status_code == 303
    page = legal.get(f"{PATH}/{recorded.id}").text
    assert "Silence does not close these cases until it is filed." in said(page)
    case = said(legal.get(f"/desk/cases/{case_id}").text)
    assert "Letter (objection) from Northwind Mills 1 Ltd, received on" in case

    form = legal.get(f"{PATH}/{recorded.id}/file").text
    assert "Nous refusons." in form and 'value="2026-03-12"' in form
    fields = entered(announced, received_on="2026-03-12", dispatched_on="2026-03-09")
    filed = legal.post(f"{PATH}/{recorded.id}/file", **fields)
    assert filed.location == f"/desk/cases/{case_id}"
    assert standing_of(session, case_id)[0] is CaseState.OBJECTED
    again = legal.get(f"{PATH}/{recorded.id}/file")
    assert again.status_code == 303
    assert "filed before" in said(legal.get(again.location).text)
    assert legal.get(f"{PATH}?show=filed").text.count(f'href="{PATH}/{recorded.id}"') == 1


def test_dispatched_on_the_last_day_and_received_after_it(legal, scenario, session, at, clock):
    announced = scenario.announce(preset=REGISTERED)
    [case_id] = announced.case_ids
    clock.at = at + 40 * DAY
    legal.sign_in("Ana legal")
    fields = entered(
        announced, kind="termination", dispatched_on="2026-04-01", received_on="2026-04-04"
    )
    assert legal.post(about(announced), **fields).status_code == 303
    assert standing_of(session, case_id)[1] == [HoldReason.OBJECTION_DISPUTED]
    confirm_all(session, clock.at)
    close_windows(session, at=clock.at)
    assert standing_of(session, case_id)[2] is None
    words = said(legal.get(f"/desk/cases/{case_id}").text)
    assert "Wednesday 1 April 2026" in words and "Saturday 4 April 2026" in words


def test_a_new_contact_by_letter_is_named_and_the_letter_filed(legal, scenario, session, at):
    announced = scenario.announce(preset=FIFTEEN, contacts=2)
    session.execute(
        AgreementContactRow.__table__.delete().where(
            AgreementContactRow.contact_id == announced.contact_ids[1]
        )
    )
    session.commit()
    fields = entered(announced, kind="contact_change", case_ids=None)
    recorded = legal.post(about(announced), **fields)
    assert recorded.location == f"{PATH}/1"
    page = legal.get(recorded.location).text
    step = f"/desk/agreements/{announced.agreement_id}/contacts/new?letter=1"
    assert f'href="{step}"' in page
    form = legal.get(step).text
    assert 'value="RK 123 456 789 FR"' in form and 'value="2026-03-10"' in form
    named = legal.post(
        step,
        contact_id=str(announced.contact_ids[1]),
        kind="notice",
        clause="annex 2",
        on="2026-03-10",
        letter_reference="RK 123 456 789 FR",
    )
    assert named.status_code == 303, said(named.text)
    [row] = session.scalars(select(IncomingLetterRow)).all()
    session.rollback()
    assert row.filed_at is not None and row.filed_note.startswith("Named in agreement")


def test_a_request_for_the_list_leads_to_its_register(legal, scenario, session):
    announced = scenario.announce(preset=FIFTEEN)
    fields = entered(announced, kind="document_request", case_ids=None)
    recorded = legal.post(about(announced), **fields)
    page = legal.get(recorded.location).text
    step = re.search(r'href="(/desk/requests/new[^"]+)"', page)
    assert step is not None
    assert legal.get(unescape(step[1])).status_code == 200
    assert legal.post(f"{PATH}/1/done", note="sent by mail").status_code == 303
    assert "sent by mail" in said(legal.get(f"{PATH}/1").text)


def test_something_else_is_filed_with_a_note_and_may_be_filed_anew(legal, scenario, session, at):
    announced = scenario.announce(preset=FIFTEEN)
    fields = entered(announced, kind="other", case_ids=None)
    refused = legal.post(about(announced), **fields)
    assert refused.status_code == 422 and "Nothing says what this letter is." in refused.text
    fields = entered(announced, kind="other", case_ids=None, note="An invitation")
    recorded = legal.post(about(announced), **fields)
    page = legal.get(recorded.location).text
    assert "Filed wrongly? File it anew" in page and "An invitation" in page
    filed = legal.post(f"{PATH}/1/file", **entered(announced, form_token="other"))
    assert filed.location == f"/desk/cases/{announced.case_ids[0]}"
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OBJECTED


def test_a_scan_is_added_later(legal, scenario, session, at):
    recorded = add_letter(session, at=at + DAY, kind=IncomingLetterKind.QUESTION)
    path = f"{PATH}/{recorded.id}/scan"
    refused = legal.post(path)
    assert refused.status_code == 422 and "Choose the file" in refused.text
    assert legal.post(path, scan=(BytesIO(PNG), "scan.png")).status_code == 303
    assert legal.get("/desk/documents/1").headers["Content-Type"] == "image/png"
    assert legal.post(path, scan=(BytesIO(PNG), "scan.png")).status_code == 422


def test_what_others_wrote_is_no_markup(legal, scenario, session, at):
    announced = scenario.announce(preset=FIFTEEN)
    add_letter(
        session,
        at=at + 10 * DAY,
        client_id=client_of(session, announced),
        text="<script>alert(1)</script>\u202eevil",
        from_name="<b>Eve</b>",
        letter_reference="<i>1</i>",
    )
    for path in (PATH, f"{PATH}/1", f"{PATH}/1/tie", f"/desk/cases/{announced.case_ids[0]}"):
        page = legal.get(path).text
        assert "<script>" not in page and "<b>Eve" not in page and "<i>1" not in page
        assert "\u202e" not in page
