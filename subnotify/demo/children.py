"""The child processes of the demonstration: web and worker, as production runs them."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from subnotify.demo.failures import DemoFailed

_ENDS_WITHIN_SECONDS = 10.0
_TAIL_LINES = 15
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Child:
    """name: what it is called where it fails. log: what it says."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def require_running(self) -> None:
        """Raises DemoFailed with the end of its log where it has ended."""
        code = self.process.poll()
        if code is None:
            return
        tail = self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        said = "\n".join(f"  {line}" for line in tail)
        raise DemoFailed(f"the {self.name} ended ({code}); {self.log} says:\n{said}")


def start_child(
    name: str, command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Child:
    """Start `subnotify COMMAND` with these settings and no others."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("SUBNOTIFY_")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "subnotify.demo.child", str(os.getpid()), *command],
            env={**inherited, **environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches this process alone, which then ends its children in order.
            process_group=0,
        )
    return Child(name, process, log)


def stop_children(children: Sequence[Child]) -> None:
    """End them: asked first, after ten seconds made to."""
    for child in children:
        if child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _ENDS_WITHIN_SECONDS
    for child in children:
        try:
            child.process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            # Its own children too: a web server has workers.
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()


def wait_until_it_answers(address: str, children: Sequence[Child], *, seconds: float) -> None:
    """Return once a GET of `address` succeeds. Raises DemoFailed when a child ends before, or
    the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for child in children:
            child.require_running()
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(_PAUSE_SECONDS)
    logs = ", ".join(str(child.log) for child in children)
    raise DemoFailed(f"{address} did not answer within {seconds:.0f} seconds; see {logs}")


def watch(children: Sequence[Child]) -> None:
    """Stay until one of them ends, then raise DemoFailed."""
    while True:
        for child in children:
            child.require_running()
        time.sleep(_PAUSE_SECONDS * 5)
