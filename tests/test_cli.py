"""The command's own part: the database, and errors in words."""

import pytest
from click.testing import CliRunner

from subnotify.cli import main
from subnotify.storage import migrate
from tests.support.databases import Databases
from tests.support.settings import environment_for


@pytest.fixture
def empty_url(databases: Databases, database_kind: str):
    url = databases.empty(database_kind)
    yield url
    databases.drop(url)


def test_db_upgrade_needs_the_database_only(empty_url: str):
    only = {"SUBNOTIFY_DATABASE_URL": empty_url}
    first = CliRunner().invoke(main, ["db", "upgrade"], env=only, catch_exceptions=False)
    newest = migrate.current(empty_url)
    assert first.output == f"the database went from nothing to {newest}\n"
    again = CliRunner().invoke(main, ["db", "upgrade"], env=only, catch_exceptions=False)
    assert again.output == f"the database is up to date ({newest})\n"


def test_a_database_that_was_never_migrated_says_what_to_run(empty_url: str):
    done = CliRunner().invoke(main, ["jobs", "status"], env=environment_for(empty_url))
    assert done.exit_code == 1
    said = "Error: the database is not up to date, run `subnotify db upgrade`: "
    assert done.output.startswith(said), done.output


def test_a_missing_setting_is_named():
    environment = environment_for("sqlite:////tmp/never-opened.sqlite")
    environment["SUBNOTIFY_SEAL_KEY"] = ""
    done = CliRunner().invoke(main, ["serve"], env=environment)
    assert done.exit_code == 1
    assert done.output.startswith("Error: SUBNOTIFY_SEAL_KEY is missing: make one with")


@pytest.mark.parametrize(
    "url", ["sqlite:////no/such/folder/s.sqlite", "postgresql://127.0.0.1:1/subnotify"]
)
def test_a_database_that_does_not_answer_is_said_in_words(url: str):
    done = CliRunner().invoke(main, ["db", "upgrade"], env={"SUBNOTIFY_DATABASE_URL": url})
    assert done.exit_code == 1
    assert done.output.startswith("Error: the database does not answer: ")
