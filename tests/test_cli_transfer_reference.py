"""`subnotify transfers load|lapses`: newer reference data take the place of the package's."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.cli import main
from subnotify.operations.load_transfer_reference import load_transfer_reference, reference_in_use
from subnotify.resources import transfer_reference_file
from subnotify.storage.tables import EvidenceRow, TransferReferenceRow
from tests.rules.transfer_samples import in_full
from tests.support.imports import PARIS
from tests.support.lapse_world import LapseWorld, in_us
from tests.support.settings import environment_for
from tests.support.web_client import SettableClock, WebClient, make_app, session_on

TODAY = datetime.now(PARIS).date()
PACKAGED = load_transfer_reference()


@pytest.fixture
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_for(database_url).items():
        monkeypatch.setenv(name, value)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["transfers", *arguments])


def newer(
    folder: Path, *, as_of: date = TODAY, falls_on: date | None = None, name: str = "newer.yaml"
) -> str:
    """The package's data of another day, with the Data Privacy Framework struck down if asked."""
    data: dict[str, Any] = yaml.safe_load(transfer_reference_file().read_bytes())
    data["meta"]["as_of"] = as_of.isoformat()
    if falls_on is not None:
        (framework,) = (x for x in _findings(data) if x.get("id") == "EU-US-DPF")
        framework["in_force_until"] = (falls_on - timedelta(days=1)).isoformat()
        framework["ended"] = {"by": "a judgment"}
    path = folder / name
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return str(path)


def _findings(data: Any) -> list[dict[str, Any]]:
    """Every mapping of the file with an id, wherever it stands."""
    if isinstance(data, dict):
        own = [data] if "id" in data else []
        return own + [x for value in data.values() for x in _findings(value)]
    return [x for value in data for x in _findings(value)] if isinstance(data, list) else []


@pytest.fixture
def world(session: Session, settings: None) -> LapseWorld:
    world = LapseWorld(session, at=datetime.now(UTC) - timedelta(days=30))
    world.add_agreement(services=("monitoring",))
    world.add_entry("mirador", in_us(in_full("EU-US-DPF")))
    return world


def test_a_framework_that_fell_makes_tasks_the_same_day(
    world: LapseWorld, tmp_path: Path, database_url: str
):
    done = run("load", newer(tmp_path, falls_on=TODAY), "--by", "Lea Legal")
    assert done.exit_code == 0, done.output
    assert f"in use: {TODAY} sha256:" in done.output
    assert f"before: {PACKAGED.version}" in done.output
    assert "lose their basis: 1 new, 0 closed; legal is told of 1" in done.output
    place = "US establishment"
    assert world.tasks() == [(place, "EU_GDPR", "EU-US-DPF", TODAY, "open")]
    (told,) = map(json.loads, run("lapses").output.splitlines())
    assert told == {
        "entry": "mirador",
        "name": "Mirador Logs Inc.",
        "place": place,
        "law": "EU_GDPR",
        "instrument": "EU-US-DPF",
        "lapses_on": TODAY.isoformat(),
        "days_left": 0,
        "clients": 1,
        "agreements": 1,
        "replacements": ["scc_eu_2021_m3", "certification"],
    }
    # The web sees it in the very next request, and so does a job in a process of its own.
    page = WebClient(make_app(database_url, SettableClock(datetime.now(UTC)))).get("/?lang=en")
    assert "being replaced" in page.text
    with session_on(database_url) as another:
        assert reference_in_use(another).as_of == TODAY


def test_the_app_that_runs_already_takes_it_up(
    world: LapseWorld, tmp_path: Path, database_url: str
):
    client = WebClient(make_app(database_url, SettableClock(datetime.now(UTC))))
    before = client.get("/?lang=en")
    assert "being replaced" not in before.text
    run("load", newer(tmp_path, falls_on=TODAY - timedelta(days=3)))
    after = client.get("/?lang=en", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "being replaced" in after.text


def test_the_same_twice_changes_nothing(world: LapseWorld, tmp_path: Path, session: Session):
    file = newer(tmp_path)
    first = run("load", file)
    assert "no place of the list is concerned" in first.output
    again = run("load", file)
    assert again.exit_code == 0
    assert "in use already" in again.output and "nothing changed" in again.output
    assert session.scalar(select(func.count()).select_from(TransferReferenceRow)) == 1
    loaded = select(func.count()).where(EvidenceRow.type == "transfer_reference_loaded")
    assert session.scalar(loaded) == 1
    session.rollback()


def test_one_goes_back_to_data_of_the_same_day(world: LapseWorld, tmp_path: Path):
    """A slip in a file is taken back on the day of the slip."""
    right = newer(tmp_path)
    assert run("load", right).exit_code == 0
    assert run("load", newer(tmp_path, falls_on=TODAY, name="slip.yaml")).exit_code == 0
    back = run("load", right)
    assert back.exit_code == 0, back.output
    assert "0 new, 1 closed" in back.output
    assert "in use already" in run("load", right).output


def test_a_decision_restored_closes_the_tasks(world: LapseWorld, tmp_path: Path):
    run("load", newer(tmp_path, falls_on=TODAY))
    later = newer(tmp_path, as_of=TODAY + timedelta(days=1), name="later.yaml")
    assert "0 new, 1 closed; legal is told of 0" in run("load", later).output


def test_older_data_are_refused(world: LapseWorld, tmp_path: Path):
    old = newer(tmp_path, as_of=PACKAGED.as_of - timedelta(days=1))
    done = run("load", old)
    assert done.exit_code == 2
    assert f"older than those in use ({PACKAGED.as_of})" in done.stderr
    assert "Load newer data." in done.stderr
    assert done.stdout == ""


def test_a_bad_file_is_refused_with_its_lines(world: LapseWorld, tmp_path: Path):
    path = tmp_path / "bad.yaml"
    path.write_text("meta:\n  as_of: never\neea: {}\n", encoding="utf-8")
    done = run("load", str(path))
    assert done.exit_code == 2
    assert f"{path}: line 2, meta.as_of: “never” is not a day." in done.stderr
    path.write_text("meta: [\n", encoding="utf-8")
    assert run("load", str(path)).exit_code == 2


def test_before_the_first_import(settings: None, tmp_path: Path):
    done = run("load", newer(tmp_path))
    assert done.exit_code == 1
    assert "import the vendor first" in done.output
    assert run("lapses").output == ""
