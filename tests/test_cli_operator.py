"""`subnotify operator add`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from subnotify.cli import main
from subnotify.rules.words import Role
from subnotify.storage.operators import list_operators
from tests.support.web_client import PASSWORD, session_on

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
