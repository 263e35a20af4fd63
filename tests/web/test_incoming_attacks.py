"""What a mail may hold against its readers: markup, turned signs, file names, ids of others."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.transaction import transaction
from subnotify.rules.words import FiledAs, Role
from subnotify.storage.tables import IncomingMailRow, ResponseRow
from tests.operations.desk import standing_of
from tests.support.incoming_rows import add_incoming
from tests.support.scenario import Scenario
from tests.support.web_client import WebClient, session_on

HOUR = timedelta(hours=1)
PATH = "/desk/mail"
SCRIPT = "<script>alert(1)</script>"


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


def mail_with_file(name: str, octets: bytes, content_type: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = "dpo@client1.example"
    mail.set_content("See the file.")
    mail.add_alternative(f"<p onclick='alert(2)'>{SCRIPT}</p>", subtype="html")
    maintype, _, subtype = content_type.partition("/")
    mail.add_attachment(octets, maintype=maintype, subtype=subtype, filename=name)
    return mail.as_bytes()


def test_markup_is_shown_as_the_signs_it_is_made_of(legal, scenario, session, at):
    announced = scenario.announce()
    mail_id = add_incoming(
        session,
        announced,
        received_at=at,
        subject=SCRIPT,
        from_name='"><img src=x onerror=alert(1)>',
        from_address="<b>@client1.example",
        text=f"{SCRIPT}\n<a href='https://evil.example'>here</a> https://evil.example/x",
        reason=f"header X: {SCRIPT}",
    )
    pages = [
        PATH,
        f"{PATH}/{mail_id}",
        f"{PATH}/{mail_id}/file/objection",
        f"/desk/cases/{announced.case_ids[0]}",
        f"/desk/notices/{announced.notice_id}",
        "/desk/confirmations",
    ]
    for address in pages:
        page = legal.get(address).text
        assert "<script" not in page, address
        assert "<img" not in page, address
        assert 'href="https://evil' not in page and "href='https://evil" not in page, address
    shown = legal.get(f"{PATH}/{mail_id}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "https://evil.example/x" in shown  # as words, no link


def test_signs_that_turn_text_round_or_hide_it_are_left_out(legal, scenario, session, at):
    announced = scenario.announce()
    mail_id = add_incoming(
        session,
        announced,
        received_at=at,
        subject="Re: \u202etcejbo eW",
        from_name="DPO\u2066\u200f",
        text="We do \u202enot\u202c object\x07",
    )
    for address in (PATH, f"{PATH}/{mail_id}", f"/desk/notices/{announced.notice_id}"):
        page = legal.get(address).text
        assert not any(sign in page for sign in "\u202e\u202c\u2066\u200f\x07"), address
    assert "We do not object\ufffd" in legal.get(f"{PATH}/{mail_id}").text


def test_a_file_is_only_ever_saved(legal, scenario, session, at):
    raw = mail_with_file("../../report\u202efdp.html", SCRIPT.encode(), "text/html")
    mail_id = add_incoming(session, scenario.announce(), received_at=at, raw=raw)
    page = legal.get(f"{PATH}/{mail_id}").text
    assert f'href="{PATH}/{mail_id}/files/1" download' in page
    assert "reportfdp.html" in page
    answer = legal.get(f"{PATH}/{mail_id}/files/1")
    assert answer.data == SCRIPT.encode()
    assert answer.content_type == "application/octet-stream"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;") and "reportfdp.html" in disposition
    assert ".." not in disposition and "\u202e" not in disposition
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert legal.get(f"{PATH}/{mail_id}/files/2").status_code == 404
    assert legal.get(f"{PATH}/{mail_id}/files/0").status_code == 404


@pytest.mark.parametrize(
    "name", ['a"; filename="b.exe', "a\tb.pdf", "é" * 300 + ".pdf", "%0d%0aX: 1"]
)
def test_a_files_name_adds_no_header(legal, scenario, session, at, name):
    raw = mail_with_file("plain.bin", b"x", "application/x-odd")
    raw = raw.replace(b"plain.bin", name.encode())
    mail_id = add_incoming(session, None, received_at=at, raw=raw)
    answer = legal.get(f"{PATH}/{mail_id}/files/1")
    assert answer.status_code == 200
    assert "X" not in answer.headers
    assert len(answer.headers.getlist("Content-Disposition")) == 1
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_the_original_is_saved_as_it_came(legal, scenario, session, at):
    raw = mail_with_file("a.html", SCRIPT.encode(), "text/html")
    mail_id = add_incoming(session, None, received_at=at, raw=raw)
    answer = legal.get(f"{PATH}/{mail_id}/original")
    assert answer.data == raw
    assert message_from_bytes(answer.data)["From"] == "dpo@client1.example"
    assert answer.content_type == "message/rfc822"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=mail-{mail_id}.eml"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")


def test_bytes_sealed_with_another_key_leave_the_page_readable(legal, scenario, session, at):
    mail_id = add_incoming(session, None, received_at=at)
    with transaction(session):
        session.get_one(IncomingMailRow, mail_id).ciphertext = b"\x01" + b"x" * 100
    page = legal.get(f"{PATH}/{mail_id}")
    assert page.status_code == 200
    assert "The original cannot be opened" in page.text
    assert legal.get(f"{PATH}/{mail_id}/original").status_code == 409


def test_who_is_not_legal_reads_the_mail_of_a_client_and_files_nothing(
    signed_in, scenario, session, at
):
    announced = scenario.announce()
    raw = mail_with_file("a.pdf", b"%PDF", "application/pdf")
    mail_id = add_incoming(session, announced, received_at=at, raw=raw)
    unknown = add_incoming(session, None, received_at=at)
    for role in (Role.PUBLISHER, Role.ADMIN):
        browser = signed_in(role)
        page = browser.get(f"{PATH}/{mail_id}")
        assert page.status_code == 200
        assert "We object to this." in page.text  # as the responses of a case are read
        for hidden in ("/file/", "/files/", "/original", "/tie"):
            assert f"{PATH}/{mail_id}{hidden}" not in page.text
        assert browser.get(f"{PATH}/{unknown}").status_code == 403
        for closed in (
            PATH,
            f"{PATH}/{mail_id}/original",
            f"{PATH}/{mail_id}/files/1",
            f"{PATH}/{mail_id}/file/objection",
            f"{PATH}/{mail_id}/tie",
        ):
            assert browser.get(closed).status_code == 403, closed
        token = browser.token("/desk/board")
        for step in ("file/no_answer", "file/objection", "tie"):
            sent = {"csrf_token": token, "case_ids": "1", "notice_id": "1", "note": ""}
            assert browser.post_bare(f"{PATH}/{mail_id}/{step}", sent).status_code == 403
    assert session.scalars(select(ResponseRow)).all() == []


def test_a_stranger_is_sent_to_the_sign_in(client, scenario, session, at):
    mail_id = add_incoming(session, None, received_at=at)
    for address in ("", f"/{mail_id}", f"/{mail_id}/original", f"/{mail_id}/files/1"):
        assert client.get(PATH + address).location.startswith("/sign-in")


def test_without_the_forms_token_nothing_is_filed(legal, scenario, session, at):
    announced = scenario.announce()
    mail_id = add_incoming(session, announced, received_at=at)
    for step in ("file/no_answer", "tie"):
        sent = {"note": "", "notice_id": str(announced.notice_id)}
        assert legal.post_bare(f"{PATH}/{mail_id}/{step}", sent).status_code == 400
    row = session.get_one(IncomingMailRow, mail_id, populate_existing=True)
    assert row.filed_at is None


def test_a_get_files_nothing(legal, scenario, session, at):
    announced = scenario.announce()
    mail_id = add_incoming(session, announced, received_at=at)
    for one in FiledAs:
        legal.get(f"{PATH}/{mail_id}/file/{one}?case_ids={announced.case_ids[0]}&note=x")
    legal.get(f"{PATH}/{mail_id}/tie?notice_id={announced.notice_id}")
    row = session.get_one(IncomingMailRow, mail_id, populate_existing=True)
    assert row.filed_at is None


def test_ids_of_others_are_not_found(legal, scenario, session, at):
    announced, other = scenario.announce(), scenario.announce()
    mail_id = add_incoming(session, announced, received_at=at)
    for address in ("/999", "/999/original", "/999/files/1", "/999/file/objection", "/999/tie"):
        assert legal.get(PATH + address).status_code == 404, address
    path = f"{PATH}/{mail_id}/file/objection"
    # Another client's case is no choice, and no way round the form helps.
    refused = legal.post(path, case_ids=str(other.case_ids[0]), note="")
    assert refused.status_code == 422
    for value in ("999", "x", "-1", "1e9", "9" * 30):
        assert legal.post(path, case_ids=value, note="").status_code == 422, value
    assert standing_of(session, other.case_ids[0])[1] == []
    assert session.scalars(select(ResponseRow)).all() == []
    assert legal.get(f"{PATH}/{mail_id}/file/report").status_code == 404
    assert legal.get(f"{PATH}/{mail_id}/file/auto_reply").status_code == 404


@pytest.mark.parametrize("value", ["9" * 30, "-1", "0", "1; DROP TABLE", "%00", ""])
def test_odd_notice_ids_are_refused(legal, scenario, session, at, value):
    scenario.announce()
    mail_id = add_incoming(session, None, received_at=at)
    assert legal.post(f"{PATH}/{mail_id}/tie", notice_id=value).status_code in (400, 422)
    assert legal.get(f"{PATH}/{mail_id}").status_code == 200


@pytest.mark.parametrize("search", ["%", "_", "\\", "'", "x" * 5000, "\x00", "é%' OR 1=1 --"])
def test_odd_searches_find_nothing_and_break_nothing(legal, scenario, session, at, search):
    scenario.announce()
    mail_id = add_incoming(session, None, received_at=at, from_address="", in_reply_to="")
    page = legal.get(f"{PATH}/{mail_id}/tie", query_string={"search": search})
    assert page.status_code in (200, 400)
    assert "Northwind Mills" not in page.text
