"""The wheel, in an environment of its own and far from the checkout, does all that it promises."""

import os
import signal
import subprocess
import sys
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from subnotify.demo.children import wait_until_it_answers
from tests.support.settings import environment_for
from tests.support.sockets import free_port

CHECKOUT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*run, "--wheel-dir", str(folder), str(CHECKOUT)], check=True, cwd=folder)
    (built,) = folder.glob("subnotify-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `subnotify` command of an environment that holds the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    constraints = ["--constraint", str(CHECKOUT / "constraints.txt")]
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *constraints]
    subprocess.run([*install, str(wheel)], check=True, cwd=folder)
    return folder / "bin" / "subnotify"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings for a new SQLite file; nothing of the checkout or of this test's environment."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SUBNOTIFY_", "PYTHON"))}
    return kept | environment_for(f"sqlite:///{tmp_path / 'subnotify.sqlite'}")


def test_it_holds_templates_migrations_translations_and_reference_data(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "migrations"):
        sources = {
            f"subnotify/{path.relative_to(CHECKOUT).as_posix()}"
            for path in (CHECKOUT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert sources and sources <= names
    for catalogue in (CHECKOUT / "subnotify" / "translations").glob("*/LC_MESSAGES/*.po"):
        assert catalogue.relative_to(CHECKOUT).as_posix() in names
    assert "subnotify/rules/data/transfers.yaml" in names
    assert {f"subnotify/web/world/{name}" for name in ("countries.json", "NOTICE.md")} <= names
    assert not any(name.startswith(("tests/", "templates/", "migrations/")) for name in names)


def test_the_commands_work_outside_the_checkout(
    installed: Path, environment: dict[str, str], tmp_path: Path
):
    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(installed), *arguments],
            cwd=tmp_path,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    assert "db" in run("--help")
    assert "0.1.0" in run("--version")
    assert "from nothing to" in run("db", "upgrade")
    assert "up to date" in run("db", "upgrade")

    port = free_port()
    local = f"http://127.0.0.1:{port}"
    settings = environment | {"SUBNOTIFY_PUBLIC_URL": local}
    serve = [str(installed), "serve", "--port", str(port)]
    with running(serve, "Started worker", tmp_path, settings):
        # On a busy machine the worker says so a moment before it listens.
        wait_until_it_answers(f"{local}/sign-in", (), seconds=30)
        page = urllib.request.urlopen(f"{local}/sign-in", timeout=30)
        assert page.status == 200
        assert b"subnotify" in page.read().lower()

    with running([str(installed), "jobs", "run"], "the jobs run", tmp_path, environment):
        pass
    done = run("jobs", "run", "--once")
    job_names = [line.split(":")[0] for line in done.splitlines() if ": " in line]
    told = run("jobs", "status")
    assert job_names and all(name in told for name in job_names)
    assert told.endswith("outbox: empty\n")


def test_a_missing_setting_is_named_in_one_line(
    installed: Path, environment: dict[str, str], tmp_path: Path
):
    del environment["SUBNOTIFY_SECRET_KEY"]
    done = subprocess.run(
        [str(installed), "serve"], cwd=tmp_path, env=environment, text=True, capture_output=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: SUBNOTIFY_SECRET_KEY is missing")
    assert len(done.stderr.splitlines()) == 1


@contextmanager
def running(
    command: list[str], ready: str, cwd: Path, environment: dict[str, str]
) -> Iterator[None]:
    """A command that runs until Ctrl-C, from its line with `ready` on; it must end cleanly."""
    started = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment | {"PYTHONUNBUFFERED": "1"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A group of its own, so that a failed test leaves no worker process behind.
        start_new_session=True,
    )
    assert started.stdout is not None
    said = ""
    try:
        for line in started.stdout:
            said += line
            if ready in line:
                break
        else:
            pytest.fail(f"{command[1:]} ended before it was ready")
        yield
        started.send_signal(signal.SIGINT)
        said += started.communicate(timeout=30)[0]
        assert started.returncode == 0
        assert "Traceback" not in said
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)
            said += started.communicate()[0]
        # Shown where the test fails.
        print(said)
