"""An installation in processes of its own, which tests kill: the worker and the web server.

Their clock is the test's: the worker runs each job once whenever it is told an instant, so that
days pass without waiting. Both are forked from a process that has imported everything already.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection, wait

from tests.support import process_parts
from tests.support.process_parts import READY

ANSWERS_WITHIN_SECONDS = 120.0

_FORKS = multiprocessing.get_context("forkserver")
# All that the processes import, and pytest, which each would import as its main module otherwise.
_FORKS.set_forkserver_preload(
    ["tests.support.process_parts", "tests.support.send_worker", "pytest"]
)


class Killable:
    """A process of its own that runs this function with these words, until it is killed.

    Forked from one that has imported everything and opened nothing.
    """

    def __init__(self, part: Callable[..., None], *words: str) -> None:
        self._child = _FORKS.Process(target=part, args=words)
        self._started = threading.Event()

    def start(self) -> None:
        self._child.start()
        self._started.set()

    def kill_now(self) -> None:
        """SIGKILL, from any thread, and it is gone when this returns; nothing if it was before."""
        assert self._started.wait(ANSWERS_WITHIN_SECONDS)
        if not wait([self._child.sentinel], 0):
            assert self._child.pid is not None
            os.kill(self._child.pid, signal.SIGKILL)
            assert wait([self._child.sentinel], ANSWERS_WITHIN_SECONDS), "it lives on"

    def wait(self) -> int | None:
        """Its exit code, minus the signal if it was killed; None if it does not end."""
        self._child.join(ANSWERS_WITHIN_SECONDS)
        return self._child.exitcode


class Process:
    """A child that says when it is ready."""

    def __init__(
        self,
        part: Callable[[Connection, Mapping[str, str], datetime], None],
        environment: Mapping[str, str],
        *,
        at: datetime,
    ) -> None:
        self._ours, theirs = _FORKS.Pipe()
        self._child = _FORKS.Process(target=part, args=(theirs, dict(environment), at))
        self._child.start()
        theirs.close()
        assert self._read() == READY

    def _read(self) -> object:
        assert self._ours.poll(ANSWERS_WITHIN_SECONDS), "the process does not answer"
        return self._ours.recv()

    def say(self, what: object) -> object:
        """Its answer."""
        self._ours.send(what)
        return self._read()

    def kill_now(self) -> None:
        """SIGKILL, from any thread; `kill` clears up."""
        assert self._child.pid is not None
        os.kill(self._child.pid, signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL: it learns nothing of its end."""
        if self._child.is_alive():
            self.kill_now()
        self._child.join()
        assert self._child.exitcode == -signal.SIGKILL
        self._ours.close()


class Installation:
    """Web server and worker, each there or killed."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.web: Process | None = None
        self.worker: Process | None = None

    def start_web(self, at: datetime) -> None:

        self.web = Process(process_parts.serve, self.environment, at=at)

    def start_worker(self, at: datetime) -> None:

        self.worker = Process(process_parts.work, self.environment, at=at)

    def start(self, at: datetime) -> None:
        self.start_web(at)
        self.start_worker(at)

    def run_jobs(self, at: datetime) -> None:
        """Each job once at this instant; all must go well."""
        assert self.worker is not None, "the worker is down"
        assert self.worker.say(at) == []

    def kill_web(self) -> None:
        if self.web is not None:
            self.web.kill()
        self.web = None

    def kill_worker_now(self) -> None:
        """While it runs the jobs, from the thread of a server that it talks to."""
        assert self.worker is not None
        self.worker.kill_now()

    def kill_worker(self) -> None:
        if self.worker is not None:
            self.worker.kill()
        self.worker = None

    def kill(self) -> None:
        self.kill_web()
        self.kill_worker()


@contextmanager
def installation(environment: Mapping[str, str]) -> Iterator[Installation]:
    """Nothing runs at first; whatever runs at the end is killed."""
    made = Installation(environment)
    try:
        yield made
    finally:
        made.kill()
