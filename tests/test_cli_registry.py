"""`subnotify import FILE`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from subnotify.cli import main
from subnotify.storage.registry import list_subprocessors
from tests.support.imports import everything
from tests.support.samples import EXAMPLE, sample
from tests.support.settings import environment_for
from tests.support.web_client import session_on


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name, value in environment_for(database_url).items():
        monkeypatch.setenv(name, value)
    return CliRunner()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_bytes(sample(EXAMPLE))
    return path


def test_what_is_new_and_what_is_unchanged_is_said(run: CliRunner, database_url: str, file: Path):
    done = run.invoke(main, ["import", str(file)])
    assert done.exit_code == 0, done.output
    assert "services       2 new, 0 changed, 0 unchanged" in done.output
    again = run.invoke(main, ["import", str(file)])
    assert again.exit_code == 0
    assert "agreements     0 new, 0 changed, 1 unchanged" in again.output
    assert "nothing changed" in again.output
    with session_on(database_url) as session:
        (subprocessor,) = list_subprocessors(session)
    assert subprocessor.drafted_by == "command line"


def test_every_problem_is_listed_and_nothing_is_imported(
    run: CliRunner, database_url: str, file: Path
):
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("country: GB", "country: UK Kingdom").replace("language: fr", "language: it"),
        encoding="utf-8",
    )
    done = run.invoke(main, ["import", str(file), "--by", "Ana"])
    assert done.exit_code == 1
    assert "2 problems found; nothing was imported." in done.output
    assert f"{file}: line " in done.output
    assert "subprocessors[0] “northwind-mail”, locations[0].country: “UK Kingdom”" in done.output
    assert "agreements[0] “mairie-vouziers-2024”, language: “it”" in done.output
    with session_on(database_url) as session:
        assert list_subprocessors(session) == ()


def test_standard_input_is_read(run: CliRunner):
    done = run.invoke(main, ["import", "-"], input=sample(EXAMPLE))
    assert done.exit_code == 0, done.output


def test_a_file_that_is_missing_is_said(run: CliRunner, tmp_path: Path):
    done = run.invoke(main, ["import", str(tmp_path / "none.yaml")])
    assert done.exit_code == 2
    assert "No such file" in done.output


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    run: CliRunner, database_url: str, file: Path
):
    assert run.invoke(main, ["import", str(file)]).exit_code == 0
    with session_on(database_url) as session:
        before = everything(session)
    text = file.read_text(encoding="utf-8").replace("AIG-2024-017", "AIG-2026-001")
    file.write_text(text, encoding="utf-8")
    done = run.invoke(main, ["import", "--dry-run", str(file)])
    assert done.exit_code == 0, done.output
    assert "~ agreements mairie-vouziers-2024\n" in done.output
    assert "    reference: AIG-2024-017 -> AIG-2026-001\n" in done.output
    assert "agreements     0 new, 1 changed, 0 unchanged" in done.output
    with session_on(database_url) as session:
        assert everything(session) == before
    run.invoke(main, ["import", str(file)])
    assert "nothing changed" in run.invoke(main, ["import", "--dry-run", str(file)]).output


def test_tables_are_imported_together(run: CliRunner, file: Path, tmp_path: Path):
    run.invoke(main, ["import", str(file)])
    clients, contacts = tmp_path / "new clients.csv", tmp_path / "contacts.csv"
    clients.write_text("key,name,country\nnew,New & Co,FR\n", encoding="utf-8")
    contacts.write_text("client,key,name\nnew,dpo,Anne\x1b[2J Roux\n", encoding="utf-8")
    both = [str(clients), str(contacts)]
    dry = run.invoke(main, ["import", "--dry-run", *both])
    assert "+ contacts new/dpo\n    name: Anne\\x1b[2J Roux\n" in dry.output
    contacts.write_text("client,key,name,email\nnew,dpo,Anne Roux,none\n", encoding="utf-8")
    refused = run.invoke(main, ["import", *both])
    assert refused.exit_code == 1
    assert "  contacts.csv, line 2, column email: “none” is not an email" in refused.output
    contacts.write_text("client,key,name\nnew,dpo,Anne Roux\n", encoding="utf-8")
    done = run.invoke(main, ["import", *both])
    assert done.exit_code == 0 and "contacts  1 new, 0 changed, 0 unchanged" in done.output


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_is_exported_changes_nothing_when_imported(
    run: CliRunner, file: Path, tmp_path: Path, form: str
):
    run.invoke(main, ["import", str(file)])
    out = run.invoke(main, ["export", "--format", form])
    assert out.exit_code == 0, out.output
    again = tmp_path / f"again.{form}"
    again.write_bytes(out.stdout_bytes)
    done = run.invoke(main, ["import", str(again)])
    assert done.exit_code == 0, done.output
    assert "nothing changed" in done.output and "0 new, 0 changed" in done.output


def test_tables_of_the_list_are_exported_and_imported_together(
    run: CliRunner, file: Path, tmp_path: Path
):
    run.invoke(main, ["import", str(file)])
    paths = []
    # Whatever their order.
    for table in ("bases", "locations", "subprocessors"):
        out = run.invoke(main, ["export", "--table", table])
        assert out.exit_code == 0, out.output
        paths.append(tmp_path / f"{table}.csv")
        paths[-1].write_bytes(out.stdout_bytes)
    done = run.invoke(main, ["import", *map(str, paths)])
    assert done.exit_code == 0, done.output
    assert "nothing changed" in done.output


def test_a_json_file_is_refused_with_its_line(run: CliRunner, tmp_path: Path):
    path = tmp_path / "registry.json"
    path.write_text('{"vendor": {"name": "A",\n "name": "B", "contact_email": "a@b.example"}}')
    done = run.invoke(main, ["import", str(path)])
    assert done.exit_code == 1
    assert f"{path}: line 2: The field “name” is there twice." in done.output
