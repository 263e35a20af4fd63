"""A worker of `drain`, as a process of its own.

`python -m tests.bench.drain_worker URL PORT CONNECTIONS` says "ready", then drains the outbox once
for each line that it reads, and says how much memory it has held.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from subnotify.delivery.headers import Mailbox
from subnotify.delivery.mail_settings import MailFlow
from subnotify.delivery.smtp import SmtpConnection
from subnotify.delivery.smtp_settings import Security, SmtpSettings
from subnotify.jobs.worker_memory import collect_garbage_rarely
from subnotify.operations.build_mails import OutboxSettings
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.operations.send_messages import send_messages
from subnotify.rules.words import MailHost
from subnotify.storage.database import create_engine_for, session_factory
from tests.bench.measures import peak_rss_mib
from tests.support.outbox import SETTINGS

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass
class DrainWorker:
    """The process, seen from the one that measures."""

    child: subprocess.Popen[str]
    said: str = "0"

    def begin(self) -> None:
        assert self.child.stdin is not None
        self.child.stdin.write("\n")
        self.child.stdin.flush()

    def wait(self) -> None:
        assert self.child.stdout is not None
        self.said = self.child.stdout.readline()
        assert self.said, "the worker ended"

    def peak_rss_mib(self) -> float:
        return float(self.said)


@contextmanager
def running_drain_worker(url: str, port: int, connections: int) -> Iterator[DrainWorker]:
    """A worker that is ready, until the block ends."""
    command = [sys.executable, "-m", "tests.bench.drain_worker", url, str(port), str(connections)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        worker = DrainWorker(child)
        try:
            worker.wait()
            yield worker
        finally:
            child.terminate()


def main(url: str, port: int, connections: int) -> None:
    make = session_factory(create_engine_for(url))
    smtp = SmtpSettings("127.0.0.1", port, Security.NONE)
    settings = OutboxSettings(
        sender=Mailbox("privacy@vendor.example"),
        seal_key=SETTINGS.seal_key,
        legal_email="legal@vendor.example",
        mail_host=MailHost.RECIPIENT_SERVER,
        return_address="notices@vendor.example",
        flow=MailFlow(connections=connections),
    )
    texts = mail_texts(MailContext("http://localhost:8000", "Europe/Paris"), lambda: AT)
    collect_garbage_rarely()
    print("ready", flush=True)
    for _ in sys.stdin:
        send_messages(
            make,
            open_courier=lambda: SmtpConnection(smtp),
            load_texts=texts,
            settings=settings,
            runner="bench",
            clock=lambda: AT,
        )
        print(peak_rss_mib(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
