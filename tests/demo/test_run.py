"""`subnotify demo` as a newcomer runs it: a real process with its mail server, pages and worker."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select

from subnotify.delivery.mail_folder import MailFolder
from subnotify.jobs.catalogue import JOBS
from subnotify.storage.job_runs import list_job_runs
from subnotify.storage.tables import MessageRow, ReleaseRow
from tests.support.sockets import free_port
from tests.support.web_client import session_on

pytestmark = pytest.mark.serial

WITHIN_SECONDS = 120


@dataclass
class RunningDemo:
    """A started demonstration; lines: what it said up to `ready`."""

    process: subprocess.Popen[str]
    port: int
    lines: list[str] = field(default_factory=list)

    @property
    def smtp_port(self) -> int:
        return self.port + 1

    def wait_until_ready(self) -> "RunningDemo":
        alarm = threading.Timer(WITHIN_SECONDS, self.process.kill)
        alarm.start()
        try:
            for line in self.process.stdout or ():
                self.lines.append(line.rstrip("\n"))
                if line.startswith("ready"):
                    return self
        finally:
            alarm.cancel()
        raise AssertionError(f"it ended before it was ready: {self.lines}")

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def children(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(pid) for pid in listed.stdout.split()]

    def end(self, with_signal: signal.Signals) -> str:
        self.process.send_signal(with_signal)
        said, _ = self.process.communicate(timeout=30)
        return said


def start(folder: Path, port: int) -> RunningDemo:
    process = subprocess.Popen(
        [sys.executable, "-m", "subnotify", "demo", "--folder", str(folder)],
        env={**os.environ, "PORT": str(port)},
        cwd=folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return RunningDemo(process, port)


def two_free_ports() -> int:
    """A port whose next one is free too: the mail server takes it."""
    while True:
        port = free_port()
        if port < 65_000 and not is_open(port + 1):
            return port


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def comes_true(condition: Callable[[], object]) -> bool:
    """Whether it does within thirty seconds: what another process does cannot be awaited."""
    never = threading.Event()
    return any(condition() or never.wait(0.1) for _ in range(300))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="module")
def first_start(folder: Path) -> Iterator[RunningDemo]:
    running = start(folder, two_free_ports())
    try:
        yield running.wait_until_ready()
    finally:
        running.process.kill()
        running.process.communicate()


def counts(folder: Path) -> tuple[int | None, int | None, int]:
    with session_on(f"sqlite:///{folder / 'subnotify.sqlite'}") as session:
        releases = session.scalar(select(func.count()).select_from(ReleaseRow))
        messages = session.scalar(select(func.count()).select_from(MessageRow))
    return releases, messages, len(MailFolder(folder / "mails").list_mails())


def test_it_says_where_everything_is_and_serves_it(first_start: RunningDemo, folder: Path) -> None:
    said = "\n".join(first_start.lines)
    assert "Lucie Garnier" in said and "canal brique lune" in said
    assert "PIPEDRIVE" in first_start.get("/")
    assert "preavis@argonne-infogerance.example" in first_start.get("/mailbox/1")
    links = re.findall(rf"http://127\.0\.0\.1:{first_start.port}(/n/\S+)", said)
    assert len(links) == 3
    assert "Shannon Lines" in first_start.get(links[1])
    assert oct((folder / "secrets.json").stat().st_mode & 0o777) == "0o600"


def test_a_reset_asked_for_on_the_page_arrives_in_the_mailbox(
    first_start: RunningDemo, folder: Path
) -> None:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = f"http://127.0.0.1:{first_start.port}/reset"
    form = opener.open(page, timeout=30).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token is not None
    address = "amir.benali@argonne-infogerance.example"
    opener.open(page, f"csrf_token={token[1]}&email={address}".encode(), timeout=30)
    mails = MailFolder(folder / "mails")
    assert comes_true(lambda: address in {mail.recipient for mail in mails.list_mails()})


def test_the_worker_runs_every_job(first_start: RunningDemo, folder: Path) -> None:
    def has_run() -> bool:
        with session_on(f"sqlite:///{folder / 'subnotify.sqlite'}") as session:
            runs = list_job_runs(session)
        return all(job.name in runs and runs[job.name].finished_at for job in JOBS)

    assert comes_true(has_run)


def test_a_taken_port_is_said(first_start: RunningDemo, tmp_path: Path) -> None:
    other = start(tmp_path / "other", first_start.port)
    said, _ = other.process.communicate(timeout=60)
    assert other.process.returncode == 1
    assert f"port {first_start.port} is taken" in said and "PORT=" in said


def test_the_same_folder_is_refused_to_a_second_one(first_start: RunningDemo, folder: Path) -> None:
    other = start(folder, two_free_ports())
    said, _ = other.process.communicate(timeout=60)
    assert other.process.returncode == 1 and "already runs" in said


def test_ctrl_c_ends_everything_and_the_next_start_finds_the_data(
    first_start: RunningDemo, folder: Path
) -> None:
    children = first_start.children()
    assert len(children) == 2
    before = counts(folder)
    assert "has ended" in first_start.end(signal.SIGINT)
    assert first_start.process.returncode == 0
    assert not any(is_running(child) for child in children)
    assert not is_open(first_start.port) and not is_open(first_start.smtp_port)

    again = start(folder, two_free_ports()).wait_until_ready()
    try:
        assert not any(line.startswith("first start") for line in again.lines)
        assert counts(folder)[0] == before[0] == 10
        assert "PIPEDRIVE" in again.get("/")
    finally:
        again.end(signal.SIGTERM)
    assert again.process.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_do_not_outlive_a_killed_parent(first_start: RunningDemo, folder: Path) -> None:
    running = start(folder, two_free_ports()).wait_until_ready()
    children = running.children()
    running.end(signal.SIGKILL)
    assert comes_true(lambda: not any(is_running(child) for child in children))


def test_a_child_that_ends_ends_all_of_it(first_start: RunningDemo, folder: Path) -> None:
    running = start(folder, two_free_ports()).wait_until_ready()
    children = running.children()
    os.kill(children[-1], signal.SIGKILL)
    said, _ = running.process.communicate(timeout=30)
    assert running.process.returncode == 1
    assert "ended (-9)" in said
    assert not any(is_running(child) for child in children)
