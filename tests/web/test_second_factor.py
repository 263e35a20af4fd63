"""The second factor of operators: who needs it, what passes, what counts once, what is locked."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from subnotify.operations.reset_second_factor import reset_second_factor
from subnotify.rules.second_factor import LOCKED_FOR, WRONG_TRIES
from subnotify.rules.words import Role
from subnotify.storage.tables import EvidenceRow, RecoveryCodeRow, SecondFactorRow
from tests.support import telephones
from tests.support.web_client import PASSWORD, SettableClock, WebClient, make_operator, session_on

STEP = timedelta(seconds=30)


@pytest.fixture
def ana(database_url: str, clock: SettableClock) -> str:
    """Legal, with a telephone."""
    return make_operator(database_url, "Ana Legal", [Role.LEGAL], at=clock.at).name


@pytest.fixture
def newcomer(database_url: str, clock: SettableClock) -> str:
    """Legal, who has set nothing up."""
    operator = make_operator(database_url, "Nora Legal", [Role.LEGAL], at=clock.at)
    with session_on(database_url) as session:
        session.delete(session.get_one(SecondFactorRow, operator.id))
        session.commit()
    return operator.name


def give_password(client: WebClient, name: str, **fields: str) -> str:
    response = client.post("/sign-in", name=name, password=PASSWORD, **fields)
    assert response.status_code == 303
    return str(response.location)


def set_up(client: WebClient, clock: SettableClock) -> tuple[str, list[str]]:
    """Scan, type the code; the secret and the recovery codes."""
    page = client.get("/sign-in/set-up").text
    found = re.search(r"secret=([A-Z2-7]+)", page)
    assert found
    key = re.search(r'name="key"[^>]*value="([^"]+)"', page)
    assert key
    code = pyotp.TOTP(found[1]).at(clock.at)
    shown = client.post("/sign-in/set-up", key=key[1], code=code, next="")
    assert shown.status_code == 200
    return found[1], re.findall(r"<li><code>([A-Z2-7-]+)</code>", shown.text)


@pytest.mark.parametrize("role", [Role.LEGAL, Role.ADMIN])
def test_legal_and_admin_reach_nothing_before_it_is_set_up(
    client: WebClient, database_url: str, clock: SettableClock, role: Role
) -> None:
    operator = make_operator(database_url, "Nora", [role], at=clock.at)
    with session_on(database_url) as session:
        session.delete(session.get_one(SecondFactorRow, operator.id))
        session.commit()
    assert give_password(client, "Nora").startswith("/sign-in/code")
    assert client.get("/sign-in/code").location == "/sign-in/set-up"
    for path in ("/desk", "/desk/registry", "/desk/second-factor"):
        assert client.get(path).location.startswith("/sign-in/code"), path
    assert "Sign out" in client.get("/sign-in/set-up").text
    assert "/desk/registry" not in client.get("/").text
    _secret, codes = set_up(client, clock)
    assert len(set(codes)) == 10 and all(len(code) == 19 for code in codes)
    assert client.get("/desk/second-factor").status_code == 200


def test_a_publisher_may_go_without_and_set_one_up(
    signed_in: Callable[..., WebClient], clock: SettableClock, app: Flask
) -> None:
    browser = signed_in(Role.PUBLISHER)
    assert "with your password alone" in browser.get("/desk/second-factor").text
    set_up(browser, clock)
    again = WebClient(app)
    assert give_password(again, "Ana publisher").startswith("/sign-in/code")
    assert again.get("/desk").location.startswith("/sign-in/code")
    again.post("/sign-in/code", code=telephones.code_for(app, "Ana publisher"))
    assert again.get("/desk/registry").status_code == 200


def test_a_code_counts_once_and_one_step_around(
    client: WebClient, app: Flask, ana: str, clock: SettableClock, database_url: str
) -> None:
    first = telephones.code_for(app, ana)  # of the step before
    give_password(client, ana)
    assert client.post("/sign-in/code", code=f" {first[:3]} {first[3:]}").status_code == 303
    again = WebClient(app)
    give_password(again, ana)
    assert "does not fit" in again.post("/sign-in/code", code=first).text
    late = telephones.code_for(app, ana)
    clock.at += 2 * STEP
    assert "does not fit" in again.post("/sign-in/code", code=late).text
    assert again.get("/desk").location.startswith("/sign-in/code")
    with session_on(database_url) as session:
        assert session.scalars(select(SecondFactorRow.wrong_tries)).one() == 2


def test_guessing_locks_for_a_while_whatever_comes(
    client: WebClient, app: Flask, ana: str, clock: SettableClock
) -> None:
    give_password(client, ana)
    for _ in range(WRONG_TRIES):
        assert client.post("/sign-in/code", code="AAAA-AAAA-AAAA-AAAA").status_code == 200
    right = telephones.code_for(app, ana)
    refused = client.post("/sign-in/code", code=right)
    assert refused.status_code == 429 and "Wait 15 min" in refused.text
    clock.at += LOCKED_FOR
    assert client.post("/sign-in/code", code=telephones.code_for(app, ana)).status_code == 303


def test_the_password_alone_cannot_replace_the_telephone(
    client: WebClient, ana: str, clock: SettableClock, database_url: str
) -> None:
    give_password(client, ana)
    assert client.get("/sign-in/set-up").location == "/sign-in/code"
    answer = client.post("/sign-in/set-up", page="/sign-in/code", key="x", code="000000")
    assert answer.location == "/sign-in/code"
    clock.at += timedelta(minutes=30)
    assert client.get("/sign-in/code").location.startswith("/sign-in?"), "the half way is short"


def test_a_set_up_needs_the_right_code_and_our_own_key(
    client: WebClient, newcomer: str, database_url: str
) -> None:
    give_password(client, newcomer)
    page = client.get("/sign-in/set-up").text
    key = re.search(r'name="key"[^>]*value="([^"]+)"', page)
    secret = re.search(r"secret=([A-Z2-7]+)", page)
    assert key and secret and secret[1] not in key[1]
    wrong = client.post("/sign-in/set-up", key=key[1], code="12345")
    assert "not the code for this key" in wrong.text and secret[1] in wrong.text
    damaged = client.post("/sign-in/set-up", key=key[1][:-8] + "AAAAAAA=", code="123456")
    assert "start over" in damaged.text
    with session_on(database_url) as session:
        assert session.scalars(select(SecondFactorRow)).first() is None


def test_the_page_of_set_up_keeps_our_policy(client: WebClient, newcomer: str) -> None:
    give_password(client, newcomer)
    page = client.get("/sign-in/set-up")
    assert "<svg" in page.text and "style=" not in page.text and "<script" not in page.text
    assert "Cache-Control" in page.headers and page.headers["Cache-Control"] == "no-store"


def test_recovery_codes_open_once_each(
    client: WebClient, app: Flask, newcomer: str, clock: SettableClock, database_url: str
) -> None:
    give_password(client, newcomer)
    secret, codes = set_up(client, clock)
    for number, typed in enumerate((codes[0].lower(), codes[1].replace("-", " "))):
        lost = WebClient(app)
        give_password(lost, newcomer)
        assert lost.post("/sign-in/code", code=typed).status_code == 303
        again = WebClient(app)
        give_password(again, newcomer)
        assert "does not fit" in again.post("/sign-in/code", code=typed).text, number
    page = lost.get("/desk/second-factor").text
    assert "<dd>8</dd>" in page
    renewed = lost.post("/desk/second-factor/recovery-codes", page="/desk/second-factor")
    assert len(re.findall(r"<li><code>", renewed.text)) == 10
    old = WebClient(app)
    give_password(old, newcomer)
    assert "does not fit" in old.post("/sign-in/code", code=codes[2]).text
    with session_on(database_url) as session:
        kept = str(list(session.scalars(select(RecoveryCodeRow.code_digest))))
        factor = session.scalars(select(SecondFactorRow)).one()
        types = list(session.scalars(select(EvidenceRow.type).order_by(EvidenceRow.id)))
    assert codes[0].replace("-", "") not in kept
    assert secret.encode() not in factor.secret_ciphertext
    assert types == [
        "operator_added",
        "second_factor_set_up",
        "recovery_code_used",
        "recovery_code_used",
        "recovery_codes_renewed",
    ]


def test_another_telephone_ends_the_other_sessions(
    client: WebClient, app: Flask, newcomer: str, clock: SettableClock
) -> None:
    give_password(client, newcomer)
    old, _codes = set_up(client, clock)
    elsewhere = WebClient(app)
    elsewhere.sign_in(newcomer)
    clock.at += timedelta(minutes=11)
    new, _codes = set_up(client, clock)  # the helper gives the password that is asked for
    assert new != old
    assert elsewhere.get("/desk").location.startswith("/sign-in?")
    late = WebClient(app)
    give_password(late, newcomer)
    clock.at += STEP
    assert "does not fit" in late.post("/sign-in/code", code=pyotp.TOTP(old).at(clock.at)).text
    assert late.post("/sign-in/code", code=pyotp.TOTP(new).at(clock.at)).status_code == 303


def test_a_reset_ends_sessions_and_leads_to_a_new_set_up(
    client: WebClient, ana: str, clock: SettableClock, database_url: str
) -> None:
    client.sign_in(ana)
    with session_on(database_url) as session:
        reset_second_factor(session, "ana legal", actor="command", at=clock.at)
    assert client.get("/desk").location.startswith("/sign-in?")
    give_password(client, ana)
    assert client.get("/sign-in/code").location == "/sign-in/set-up"
    with session_on(database_url) as session:
        types = list(session.scalars(select(EvidenceRow.type).order_by(EvidenceRow.id)))
    assert types == ["operator_added", "second_factor_reset"]
