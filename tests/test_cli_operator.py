"""`subnotify operator add`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from subnotify.cli import main
from subnotify.rules.words import Role
from subnotify.storage.operators import list_operators
from subnotify.storage.tables import EvidenceRow, SecondFactorRow
from tests.support.settings import environment_for
from tests.support.web_client import PASSWORD, make_operator, session_on

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
WHO = ["--name", "Ana Legal", "--email", "ana@vendor.example", "--role", "legal"]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("SUBNOTIFY_DATABASE_URL", database_url)
    return CliRunner()


def test_an_operator_is_added_with_a_password_file(
    run: CliRunner, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    done = run.invoke(
        main, ["operator", "add", *WHO, "--role", "publisher", "--password-file", str(file)]
    )
    assert done.exit_code == 0, done.output
    assert "may sign in as legal, publisher" in done.output
    with session_on(database_url) as session:
        (operator,) = list_operators(session)
    assert operator.roles == {Role.LEGAL, Role.PUBLISHER}


def test_the_password_is_asked_for_twice(run: CliRunner) -> None:
    done = run.invoke(main, ["operator", "add", *WHO], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output


@pytest.mark.parametrize(
    ("arguments", "password", "says"),
    [
        (WHO, "short", "at least 12 characters"),
        ([*WHO[:2], "--email", "nobody", *WHO[4:]], PASSWORD, "not an email address: nobody"),
        ([*WHO[:4], "--role", "owner"], PASSWORD, "'owner' is not one of"),
        (["--name", "a@b", *WHO[2:]], PASSWORD, "no @"),
    ],
)
def test_what_is_wrong_is_said(
    run: CliRunner, arguments: list[str], password: str, says: str
) -> None:
    done = run.invoke(main, ["operator", "add", *arguments, "--password-file", "-"], input=password)
    assert done.exit_code != 0 and says in done.output


def test_nobody_is_added_twice(run: CliRunner) -> None:
    command = ["operator", "add", *WHO, "--password-file", "-"]
    assert run.invoke(main, command, input=PASSWORD).exit_code == 0
    again = run.invoke(main, command, input=PASSWORD)
    assert again.exit_code == 1 and "already an operator" in again.output


@pytest.fixture
def vendor(
    run: CliRunner, database_url: str, monkeypatch: pytest.MonkeyPatch, smtp_server
) -> CliRunner:
    """With a mail server, and with Ana, who has a telephone."""
    for name, value in environment_for(database_url, smtp_port=smtp_server.port).items():
        monkeypatch.setenv(name, value)
    make_operator(database_url, "Ana Legal", [Role.LEGAL], at=AT)
    return run


def test_a_lost_telephone_is_reset_and_told(
    vendor: CliRunner, database_url: str, smtp_server
) -> None:
    done = vendor.invoke(main, ["operator", "reset-second-factor", "ana legal"])
    assert done.exit_code == 0, done.output
    assert "ana.legal@vendor.example is told by mail" in done.output
    (mail,) = smtp_server.mails
    assert mail.recipient == "ana.legal@vendor.example"
    text = mail.parsed.get_body(("plain",)).get_content()
    assert "reset the second factor" in text and "http://127.0.0.1:8000/sign-in" in text
    with session_on(database_url) as session:
        assert session.scalars(select(SecondFactorRow)).first() is None
        last = session.scalars(select(EvidenceRow).order_by(EvidenceRow.id.desc())).first()
        assert last is not None and (last.type, last.actor) == ("second_factor_reset", "command")
    again = vendor.invoke(main, ["operator", "reset-second-factor", "Ana Legal"])
    assert again.exit_code == 1 and "has no second factor" in again.output
    unknown = vendor.invoke(main, ["operator", "reset-second-factor", "Nobody"])
    assert unknown.exit_code == 1 and "no operator with the name" in unknown.output


def test_a_reset_holds_although_the_mail_was_refused(
    vendor: CliRunner, database_url: str, smtp_server
) -> None:
    smtp_server.answer("rcpt", 550, "no such person")
    done = vendor.invoke(main, ["operator", "reset-second-factor", "Ana Legal"])
    assert done.exit_code == 1 and "tell Ana Legal yourself" in done.output
    with session_on(database_url) as session:
        assert session.scalars(select(SecondFactorRow)).first() is None
