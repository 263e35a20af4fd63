"""The administrator's page of operators: added, demoted, deactivated, a telephone reset."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.second_factor import PASSWORD_COUNTS_FOR
from subnotify.rules.words import Role
from subnotify.storage.tables import EvidenceRow, OperatorRow, SecondFactorRow
from tests.support.web_client import SettableClock, WebClient, make_operator, session_on

SignIn = Callable[..., WebClient]
PAGE = "/desk/operators"


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as made:
        yield made


@pytest.fixture
def admin(signed_in: SignIn) -> WebClient:
    return signed_in(Role.ADMIN)


def id_of(session: Session, name: str) -> int:
    found = session.scalars(select(OperatorRow.id).where(OperatorRow.name == name)).one()
    session.rollback()
    return found


def test_somebody_is_added_and_chooses_a_password_by_mail(
    admin: WebClient, session: Session, smtp_server
):
    wrong = admin.post(PAGE, name="Bo @", email="nowhere")
    assert wrong.status_code == 422
    for words in ("Write an email address", 'value="Bo @"'):
        assert words in wrong.text
    none = admin.post(PAGE, name="Bo Neu", email="bo@vendor.example")
    assert none.status_code == 422 and "at least one role" in none.text
    added = admin.post(PAGE, name="Bo Neu", email="bo@vendor.example", roles=["publisher"])
    assert added.status_code == 303
    page = admin.get(added.location).text
    assert "Bo Neu is added, and told by mail" in page
    (mail,) = smtp_server.mails
    text = mail.parsed.get_body(("plain",)).get_content()
    assert mail.recipient == "bo@vendor.example"
    assert "/reset" in text and "publisher" in text and "Ana admin" in text
    twice = admin.post(PAGE, name="bo neu", email="other@vendor.example", roles=["legal"])
    assert twice.status_code == 422 and "already an operator" in twice.text
    assert "Bo Neu" in admin.get(PAGE).text
    last = session.scalars(select(EvidenceRow).order_by(EvidenceRow.id.desc())).first()
    assert last is not None and (last.type, last.actor) == ("operator_added", "operator:1")


def test_a_demoted_or_deactivated_operator_is_out_with_the_next_click(
    admin: WebClient, signed_in: SignIn, session: Session
):
    legal = signed_in(Role.LEGAL, Role.PUBLISHER)
    page = f"{PAGE}/{id_of(session, 'Ana legal publisher')}"
    assert legal.get("/desk/board").status_code == 200
    assert admin.post(page, roles=["publisher"]).status_code == 303
    assert legal.get("/desk/board").location.startswith("/sign-in")
    publisher = signed_in(Role.PUBLISHER)
    page = f"{PAGE}/{id_of(session, 'Ana publisher')}"
    assert admin.post(f"{page}/deactivate", page=page).location == page
    assert publisher.get("/desk/releases").location.startswith("/sign-in")
    assert "Let Ana publisher sign in again" in admin.get(page).text
    refused = publisher.post("/sign-in", name="Ana publisher", password=publisher.password)
    assert refused.status_code != 303
    assert admin.post(f"{page}/activate", page=page).location == page
    publisher.sign_in("Ana publisher")
    assert publisher.get("/desk/releases").status_code == 200


def test_the_last_administrator_stays(admin: WebClient, session: Session, database_url, at):
    page = f"{PAGE}/{id_of(session, 'Ana admin')}"
    kept = admin.post(page, roles=["legal"])
    assert kept.status_code == 422 and "is the last active administrator" in kept.text
    admin.post(f"{page}/deactivate", page=page)
    assert "is the last active administrator" in admin.get(page).text
    make_operator(database_url, "Zoe", [Role.ADMIN], at=at)
    assert admin.post(page, roles=["legal"]).status_code == 303
    assert admin.get(PAGE).location.startswith("/sign-in")


def test_a_lost_telephone_is_reset_and_told(
    admin: WebClient, signed_in: SignIn, session: Session, smtp_server
):
    legal = signed_in(Role.LEGAL)
    number = id_of(session, "Ana legal")
    page = f"{PAGE}/{number}"
    assert "since" in admin.get(page).text
    assert admin.post(f"{page}/reset-second-factor", page=page).status_code == 303
    assert legal.get("/desk/board").location.startswith("/sign-in")
    (mail,) = smtp_server.mails
    assert mail.recipient == "ana.legal@vendor.example"
    assert session.get(SecondFactorRow, number) is None
    session.rollback()
    assert "none: it is set up at the next sign-in" in admin.get(page).text


def test_the_mail_that_was_refused_is_said(
    admin: WebClient, signed_in: SignIn, session: Session, smtp_server
):
    signed_in(Role.LEGAL)
    smtp_server.answer("rcpt", 550, "no such person")
    page = f"{PAGE}/{id_of(session, 'Ana legal')}"
    admin.post(f"{page}/reset-second-factor", page=page)
    assert "was not sent: tell Ana legal yourself" in admin.get(page).text


def test_only_administrators_and_only_with_the_password(
    app: Flask, admin: WebClient, signed_in: SignIn, clock: SettableClock, session: Session
):
    page = f"{PAGE}/{id_of(session, 'Ana admin')}"
    for role in (Role.LEGAL, Role.PUBLISHER):
        browser = signed_in(role)
        assert browser.get(PAGE).status_code == browser.get(page).status_code == 403
    token = admin.token(page)
    clock.at += PASSWORD_COUNTS_FOR + timedelta(seconds=1)
    asked = admin.post_once(page, {"csrf_token": token, "roles": ["admin", "legal"]})
    assert asked.status_code == 403 and "password_again" in asked.text
    assert admin.get(f"{PAGE}/999").status_code == 404
