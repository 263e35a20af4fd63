"""Signing in and out, throttling, sessions, and the reset by mail."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from subnotify.operations import passwords
from subnotify.operations.sign_in import FAILURES_COUNT_FOR, FAILURES_PER_NAME, SESSION_LASTS
from subnotify.rules.words import Role
from subnotify.storage.operators import list_operators
from subnotify.storage.tables import EvidenceRow, OperatorRow, OperatorSessionRow, PasswordResetRow
from tests.support import telephones
from tests.support.smtp_server import ScriptedSmtpServer
from tests.support.web_client import PASSWORD, SettableClock, WebClient, make_operator, session_on

OPERATOR_COOKIE = "subnotify_operator"


@pytest.fixture
def ana(database_url: str, clock: SettableClock) -> str:
    return make_operator(database_url, "Ana Legal", [Role.LEGAL], at=clock.at).name


def test_an_operator_signs_in_and_goes_on_where_she_was(client: WebClient, ana: str) -> None:
    refused = client.get("/desk?x=1")
    assert refused.status_code == 303
    assert refused.location == "/sign-in?next=/desk?x%3D1"
    page = client.get(refused.location)
    assert 'name="next"' in page.text and "/desk?x=1" in page.text
    response = client.post("/sign-in", name=ana, password=PASSWORD, next="/desk?x=1")
    assert (response.status_code, response.location) == (303, "/sign-in/code?next=/desk?x%3D1")
    code = telephones.code_for(client.app, ana)
    response = client.post("/sign-in/code", page=response.location, code=code, next="/desk?x=1")
    assert (response.status_code, response.location) == (303, "/desk?x=1")
    assert client.get("/desk").status_code in (200, 303)


def test_case_and_spaces_around_a_name_do_not_count(client: WebClient, ana: str) -> None:
    assert client.post("/sign-in", name="  ana LEGAL ", password=PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\nx", "x"]
)
def test_nobody_is_sent_elsewhere(client: WebClient, ana: str, elsewhere: str) -> None:
    response = client.post("/sign-in", name=ana, password=PASSWORD, next=elsewhere)
    assert response.location == "/sign-in/code"
    code = telephones.code_for(client.app, ana)
    response = client.post("/sign-in/code", code=code, next=elsewhere)
    assert response.location == "/desk"


def test_a_wrong_password_and_an_unknown_name_read_the_same(client: WebClient, ana: str) -> None:
    wrong = client.post("/sign-in", name=ana, password="wrong password")
    unknown = client.post("/sign-in", name="Nobody", password="wrong password")
    assert wrong.status_code == unknown.status_code == 200
    assert "do not match" in wrong.text and "do not match" in unknown.text
    assert 'value="Ana Legal"' in wrong.text
    assert "wrong password" not in wrong.text
    assert OPERATOR_COOKIE not in wrong.headers.get("Set-Cookie", "")


def test_an_unknown_name_costs_a_check_too(
    client: WebClient, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            checked.append(str(password))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    client.post("/sign-in", name="Nobody", password="first")
    client.post("/sign-in", name=ana, password="second")
    assert checked == ["first", "second"]


def test_empty_fields_are_named(client: WebClient) -> None:
    page = client.post("/sign-in", name=" ", password="").text
    assert '<a href="#name">Enter your name</a>' in page
    assert '<a href="#password">Enter your password</a>' in page
    assert 'aria-describedby="name-error"' in page


def test_too_many_failures_have_to_wait(client: WebClient, clock: SettableClock, ana: str) -> None:
    for _ in range(FAILURES_PER_NAME):
        assert client.post("/sign-in", name=ana, password="wrong").status_code == 200
        clock.at += timedelta(minutes=1)
    refused = client.post("/sign-in", name="ANA legal", password=PASSWORD)
    assert refused.status_code == 429
    assert "Wait 10 min" in refused.text
    # Refused tries are not counted: the wait does not grow.
    clock.at += FAILURES_COUNT_FOR - timedelta(minutes=FAILURES_PER_NAME) + timedelta(seconds=1)
    assert client.post("/sign-in", name=ana, password=PASSWORD).status_code == 303


def test_one_address_cannot_try_many_names(client: WebClient, ana: str) -> None:
    for number in range(20):
        assert client.post("/sign-in", name=f"n{number}", password="x").status_code == 200
    assert client.post("/sign-in", name=ana, password=PASSWORD).status_code == 429


def test_success_forgets_the_failures(client: WebClient, ana: str) -> None:
    for _ in range(3):
        for _ in range(FAILURES_PER_NAME - 1):
            client.post("/sign-in", name=ana, password="wrong")
        assert client.post("/sign-in", name=ana, password=PASSWORD).status_code == 303


def test_the_cookie_holds_the_only_copy_of_the_token(
    client: WebClient, database_url: str, ana: str
) -> None:
    cookies = client.sign_in(ana).headers.getlist("Set-Cookie")
    cookie = next(line for line in cookies if line.startswith(OPERATOR_COOKIE))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    token = cookie.split("=", 1)[1].split(";")[0]
    assert len(token) == 43
    with session_on(database_url) as session:
        row = session.scalars(select(OperatorSessionRow)).one()
    assert token not in (row.token_digest,)
    assert re.fullmatch("[0-9a-f]{64}", row.token_digest)


def test_a_session_expires(signed_in: Callable[..., WebClient], clock: SettableClock) -> None:
    browser = signed_in(Role.LEGAL)
    clock.at += SESSION_LASTS - timedelta(seconds=1)
    assert browser.get("/desk").location != "/sign-in?next=/desk"
    clock.at += timedelta(seconds=1)
    assert browser.get("/desk").location == "/sign-in?next=/desk"


def test_signing_out_ends_the_session_on_the_server(
    signed_in: Callable[..., WebClient], app: object
) -> None:
    browser = signed_in(Role.LEGAL)
    cookie = browser.client.get_cookie(OPERATOR_COOKIE, "127.0.0.1")
    assert cookie is not None
    assert browser.get("/sign-out").status_code == 405
    response = browser.post("/sign-out", page="/reset")
    assert (response.status_code, response.location) == (303, "/sign-in")
    assert "You are signed out" in browser.get("/sign-in").text
    assert browser.client.get_cookie(OPERATOR_COOKIE, "127.0.0.1") is None
    browser.client.set_cookie(OPERATOR_COOKIE, cookie.value, domain="127.0.0.1")
    assert browser.get("/desk").location == "/sign-in?next=/desk"


def test_an_inactive_operator_is_out_at_once(
    signed_in: Callable[..., WebClient], database_url: str
) -> None:
    browser = signed_in(Role.LEGAL)
    with session_on(database_url) as session:
        session.scalars(select(OperatorRow)).one().active = False
        session.commit()
    assert browser.get("/desk").location == "/sign-in?next=/desk"
    response = browser.post("/sign-in", name="Ana legal", password=PASSWORD)
    assert "do not match" in response.text


@pytest.mark.usefixtures("hashing_as_the_product")
def test_old_hashes_are_renewed(client: WebClient, database_url: str, ana: str) -> None:
    with session_on(database_url) as session:
        row = session.scalars(select(OperatorRow)).one()
        row.password_hash = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
        session.commit()
    client.sign_in(ana)
    with session_on(database_url) as session:
        assert "m=65536" in session.scalars(select(OperatorRow)).one().password_hash


# Reset


def asked_link(client: WebClient, smtp_server: ScriptedSmtpServer) -> str:
    response = client.post("/reset", email="ANA.legal@vendor.example")
    assert (response.status_code, response.location) == (303, "/reset/asked")
    mail = smtp_server.mails[-1]
    assert mail.recipient == "ana.legal@vendor.example"
    text = mail.parsed.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = re.search(r"http://127\.0\.0\.1:8000(/reset/\S+)", text)
    assert found
    return found[1]


def test_a_password_is_reset_by_mail(
    client: WebClient,
    signed_in: Callable[..., WebClient],
    smtp_server: ScriptedSmtpServer,
    database_url: str,
) -> None:
    elsewhere = signed_in(Role.LEGAL)
    link = asked_link(client, smtp_server)
    for _ in range(2):  # mail scanners open links
        assert "Ana legal" in client.get(link).text
    refused = client.post(link, password="too short")
    assert (
        "at least 12 characters" in refused.text
        and "too short" not in refused.text.split("error-summary")[0]
    )
    new = "an umbrella for seven geese"
    assert client.post(link, password=new).location == "/sign-in"
    assert "Your password is changed" in client.get("/sign-in").text
    assert elsewhere.get("/desk").location == "/sign-in?next=/desk", "all sessions end"
    client.sign_in("Ana legal", new)
    used = client.get(link)
    assert used.status_code == 410 and "no longer valid" in used.text
    with session_on(database_url) as session:
        types = list(session.scalars(select(EvidenceRow.type).order_by(EvidenceRow.id)))
    assert types == ["operator_added", "operator_password_reset"]


def test_an_unknown_address_gets_the_same_answer(
    client: WebClient, smtp_server: ScriptedSmtpServer
) -> None:
    response = client.post("/reset", email="nobody@vendor.example")
    assert (response.status_code, response.location) == (303, "/reset/asked")
    assert smtp_server.mails == []
    assert "If the address belongs to an operator" in client.get("/reset/asked").text


def test_a_link_expires_and_the_newest_use_ends_all(
    client: WebClient,
    ana: str,
    smtp_server: ScriptedSmtpServer,
    clock: SettableClock,
    database_url: str,
) -> None:
    first = asked_link(client, smtp_server)
    second = asked_link(client, smtp_server)
    clock.at += timedelta(minutes=29)
    assert client.post(second, password="an umbrella for seven geese").status_code == 303
    assert client.get(first).status_code == 410
    third = asked_link(client, smtp_server)
    clock.at += timedelta(minutes=30)
    assert client.get(third).status_code == 410
    with session_on(database_url) as session:
        digests = list(session.scalars(select(PasswordResetRow.token_digest)))
    assert all(link.split("/")[-1] not in digests for link in (first, second, third))


def test_links_are_not_mailed_without_end(
    client: WebClient, ana: str, smtp_server: ScriptedSmtpServer
) -> None:
    for _ in range(5):
        client.post("/reset", email="ana.legal@vendor.example")
    assert len(smtp_server.mails) == 3


def test_a_silent_mail_server_is_no_error_for_the_page(
    client: WebClient, ana: str, smtp_server: ScriptedSmtpServer
) -> None:
    smtp_server.answer("rcpt", 550, "no such person")
    response = client.post("/reset", email="ana.legal@vendor.example")
    assert response.status_code == 303


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "a" * 30,
        "Ana Legal Ana Legal",
        "ana.legal@vendor.example",
        "motdepasse123",
        "x" * 1025,
    ],
)
def test_weak_passwords_are_refused(
    client: WebClient, ana: str, smtp_server: ScriptedSmtpServer, password: str
) -> None:
    link = asked_link(client, smtp_server)
    page = client.post(link, password=password)
    assert page.status_code == 200 and "error-summary" in page.text
    assert client.get(link).status_code == 200, "the link still works"


def test_roles_and_names_of_operators(database_url: str, ana: str) -> None:
    with session_on(database_url) as session:
        (operator,) = list_operators(session)
    assert (operator.name, operator.roles) == (ana, {Role.LEGAL})
