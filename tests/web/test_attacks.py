"""What an attacker tries on the pages: odd input, foreign numbers, forged requests, leaks."""

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from subnotify.config import SettingsError, settings_from
from subnotify.delivery.headers import guard_subject
from subnotify.operations.sign_in import SignedIn
from subnotify.rules.words import Role
from subnotify.storage.database import create_engine_for
from subnotify.storage.operators import Operator
from subnotify.wording.mails import subject_line
from tests.support import telephones
from tests.support.attack_ground import TOKEN, Ground, make_ground
from tests.support.databases import KINDS, Databases
from tests.support.settings import environment_for
from tests.support.web_client import PASSWORD, WebClient

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
ODD_WORDS = ("-1", "1" + "0" * 20, "%00", "%FF%ED%A0%80", "'\"><script>")
ODD_NUMBERS = ("2147483648", "9" * 4400, "%00")
QUERY = (
    "page",
    "state",
    "client",
    "change",
    "lang",
    "next",
    "show",
    "to",
    "release",
    "days",
    "search",
)
_HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|form_key)"[^>]*value="([^"]*)"')


@pytest.fixture(scope="module", params=KINDS)
def ground(request, databases: Databases, tmp_path_factory) -> Iterator[Ground]:
    logging.disable(logging.CRITICAL)
    mailbox = tmp_path_factory.mktemp("mailbox") / "mails"
    yield make_ground(databases.migrated(request.param), AT, smtp_port=1, mailbox=mailbox)
    logging.disable(logging.NOTSET)


def hidden(client: WebClient, path: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _HIDDEN.findall(client.get(path).text)}


def test_no_query_breaks_a_page(ground: Ground):
    for rule in ground.rules("GET"):
        for odd in ODD_WORDS:
            query = "&".join(f"{name}={odd}" for name in QUERY)
            response = ground.operator.get(f"{ground.path(rule)}?{query}")
            assert response.status_code < 500, (rule, odd[:20])
            # A file that is given out may be no text.
            assert b"<script" not in response.data, rule


def test_no_number_in_an_address_breaks_a_page(ground: Ground):
    for rule in ground.rules("GET"):
        for odd in ODD_NUMBERS if "<" in rule else ():
            path = re.sub(r"<[^>]+>", odd, rule)
            assert ground.operator.get(path).status_code in (303, 400, 404, 410), (rule, odd[:20])


@pytest.mark.parametrize(
    "typed",
    ["a\0b", "x" * 201, "é" * 6000, "\u202e\u2028\x07", "<script>alert(1)</script>\r\nBcc: a@b"],
)
@pytest.mark.parametrize("field", ["by_name", "by_role", "text", "form_key", "cases", "services"])
def test_no_text_breaks_an_answer(ground: Ground, field: str, typed: str):
    for page in ("object", "no-objection", "ask", "acknowledge", "withdraw"):
        path = f"/n/{TOKEN}/{page}"
        given = {"by_name": "C. Perrin", "by_role": "DPO", "text": "No.", field: typed}
        response = ground.operator.post_bare(path, {**hidden(ground.operator, path), **given})
        # What is no change of this notice is not found, as with another notice's number.
        not_found = {404} if field == "cases" else set()
        assert response.status_code in {200, 303, 400} | not_found, page
        assert "<script" not in response.text, page
        if page in ("acknowledge", "withdraw"):  # all that was answered stands there together
            for shown in (f"/n/{TOKEN}", "/desk/cases/1"):
                assert "<script" not in ground.operator.get(shown).text


def test_a_nul_is_refused_where_nobody_is_signed_in(ground: Ground):
    stranger = WebClient(ground.app)
    token = stranger.token("/sign-in")
    form = {"csrf_token": token, "name": "a\0b", "password": "x", "email": "a\0@b.example"}
    assert stranger.post_bare("/sign-in", form).status_code == 400
    assert stranger.post_bare("/reset", form).status_code == 400


@pytest.mark.parametrize(
    "next_address",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "javascript:x",
    ],
)
def test_signing_in_leads_to_no_other_site(ground: Ground, next_address: str):
    browser = WebClient(ground.app)
    fields = {"name": "Ana Everything", "password": PASSWORD, "next": next_address}
    assert browser.post("/sign-in", **fields).location == "/sign-in/code"
    code = telephones.code_for(ground.app, "Ana Everything")
    given = {"code": code, "next": next_address}
    assert browser.post("/sign-in/code", **given).location == "/desk"


def test_another_host_gets_no_page(ground: Ground):
    for headers in ({"Host": "evil.example"}, {"Host": "127.0.0.1:8000@evil.example"}):
        response = ground.app.test_client().get("/reset", headers=headers)
        assert (response.status_code, "evil" in response.text) == (400, False)


def test_a_forwarded_host_is_not_believed(ground: Ground):
    response = ground.operator.get("/reset", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil" not in response.text


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "HEAD"])
def test_other_methods_show_a_stranger_nothing(ground: Ground, method: str):
    stranger = ground.app.test_client()
    for rule in ground.rules("GET"):
        response = stranger.open(
            ground.path(rule), method=method, base_url=ground.operator.base_url
        )
        assert response.status_code < 500, rule
        if rule.startswith("/desk"):
            assert response.status_code in (303, 405), rule
            assert "Client 001" not in response.text


@pytest.mark.parametrize(
    "kind",
    ["application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary="],
)
def test_a_body_of_another_kind_is_no_form(ground: Ground, kind: str):
    for path in ("/sign-in", f"/n/{TOKEN}/object", "/desk/cases/1/settle"):
        response = ground.operator.client.post(
            path, data=b"\xff\0{", content_type=kind, base_url=ground.operator.base_url
        )
        assert response.status_code in (200, 400), path


def test_every_response_has_the_strict_policy(ground: Ground):
    stranger = WebClient(ground.app)
    too_much = stranger.post_bare("/sign-in", {"name": "x" * 3_000_000})
    assert too_much.status_code == 413
    found = [too_much, stranger.get("/nowhere"), stranger.get("/static/none.css")]
    found += [ground.operator.get(ground.path(rule)) for rule in ground.rules("GET")]
    for response in found:
        policy = response.headers["Content-Security-Policy"]
        # What somebody else wrote is in a sandbox besides.
        assert policy.removeprefix("sandbox; ").startswith("default-src 'none'"), (
            response.request.path
        )
        assert "unsafe-inline" not in policy and "frame-ancestors" in policy
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_what_a_link_opens_is_kept_in_no_cache(ground: Ground):
    for page in ("", "/object", "/acknowledge", "/receipts/R-000001-ABCD"):
        response = WebClient(ground.app).get(f"/n/{TOKEN}{page}")
        assert response.headers["Cache-Control"] == "no-store"


def test_the_form_token_of_one_browser_is_worth_nothing_in_another(ground: Ground):
    attacker = WebClient(ground.app)
    stolen = hidden(attacker, f"/n/{TOKEN}/object") | {"by_name": "C. Perrin", "by_role": "DPO"}
    victim = WebClient(ground.app)
    victim.get(f"/n/{TOKEN}")
    assert victim.post_bare(f"/n/{TOKEN}/object", stolen).status_code == 200
    assert victim.post_bare("/sign-in", {**stolen, "name": "A", "password": "x"}).status_code == 400


def test_no_address_gets_past_the_throttle_by_a_forged_header(ground: Ground):
    browser = WebClient(ground.app)
    statuses = []
    for n in range(6):
        form = {"csrf_token": browser.token("/sign-in"), "name": "nobody", "password": "x"}
        forged = {"X-Forwarded-For": f"10.0.0.{n}", "X-Real-Ip": f"10.0.0.{n}"}
        statuses.append(browser.post_bare("/sign-in", form, headers=forged).status_code)
    assert statuses == [200] * 5 + [429]
    ground.clock.at += timedelta(hours=1)


def test_no_column_holds_a_link_or_a_session_in_clear(ground: Ground):
    cookies = [ground.operator.client.get_cookie("subnotify_operator", "127.0.0.1")]
    secrets = [TOKEN, *(cookie.value for cookie in cookies if cookie)]
    assert len(secrets) == 2
    engine = create_engine_for(ground.url)
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                assert not any(secret in repr(row) for secret in secrets), table
    engine.dispose()


def test_no_secret_is_printed():
    environment = environment_for("postgresql://u:hunter2-of-the-database@db.example/x")
    settings = settings_from(environment)
    said = repr(settings)
    assert "hunter2" not in said and environment["SUBNOTIFY_SECRET_KEY"] not in said
    assert environment["SUBNOTIFY_SEAL_KEY"] not in said
    assert make_url(settings.database_url).password == "hunter2-of-the-database"
    operator = Operator(1, "Ana", "ana@vendor.example", frozenset({Role.LEGAL}), True)
    assert "the-token" not in repr(SignedIn(operator, "the-token", AT))


def test_the_page_of_all_mails_stays_on_this_machine():
    environment = environment_for("sqlite:////tmp/x.sqlite", public_url="https://list.example")
    with pytest.raises(SettingsError, match="DEMO_MAILBOX"):
        settings_from({**environment, "SUBNOTIFY_DEMO_MAILBOX": "/tmp/mails"})


@pytest.mark.parametrize(
    "name",
    ["N" * 400, "Acme\u2028Bcc: a@b.example", "A =?utf-8?q?a=0D=0ABcc:x?= B", "A\u202eB\x07"],
)
def test_no_name_keeps_a_mail_back_or_adds_a_header(name: str):
    assert guard_subject(subject_line(f"[2026-001] {name}: change of subprocessor"))
