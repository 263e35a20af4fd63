"""A whole installation for journeys: the web server, the mail server and the jobs, on one clock.

    with live_vendor(database_url) as vendor:
        vendor.import_registry(YAML)
        vendor.clock.at = ...
        vendor.run_jobs()
        vendor.smtp.mails_to("dpo@client.example")

Time moves when the test moves it: no part reads a clock of its own.
"""

import re
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from flask import Flask, got_request_exception, request
from sqlalchemy import MetaData, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from subnotify.app import create_app
from subnotify.config import Settings, settings_from
from subnotify.jobs.catalogue import JobContext
from subnotify.jobs.embedded_runner import run_once
from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from subnotify.rules.words import Role
from subnotify.storage.database import create_engine_for, session_factory
from tests.support.settings import environment_for
from tests.support.smtp_server import ScriptedSmtpServer
from tests.support.watch import probes_went_on
from tests.support.web_client import SettableClock, make_operator

Rows = dict[str, list[tuple[Any, ...]]]
LEGAL_EMAIL = "legal@vendor.example"


@dataclass
class LiveVendor:
    """One installation on loopback. failures: what broke while a request was answered."""

    address: str
    database_url: str
    settings: Settings
    clock: SettableClock
    smtp: ScriptedSmtpServer
    app: Flask
    jobs: JobContext
    failures: list[str] = field(default_factory=list)

    def session(self) -> Session:
        """A session of its own; close it."""
        return self.jobs.session_factory()

    def import_registry(self, source: str) -> None:
        with self.session() as session:
            import_registry(
                session,
                source.encode(),
                by="the test",
                at=self.clock.at,
                zone=self.settings.zone,
                actor="command",
            )

    def publish(self) -> None:
        with self.session() as session:
            publish_list(session, by="the test", at=self.clock.at, zone=self.settings.zone)

    def employ(self, name: str, *roles: Role) -> None:
        """An operator with the password of all test operators."""
        make_operator(self.database_url, name, roles, at=self.clock.at)

    def run_jobs(self) -> None:
        """Each job once, in the catalogue's order: what the others queue is sent."""
        failed = run_once(self.jobs)
        assert not failed, f"these jobs failed: {failed}"

    def go_on_to(self, at: datetime) -> None:
        """Time passes until `at`, with a probe each minute, and the jobs run then."""
        assert at >= self.clock.at, "time does not go back"
        self.clock.at = at
        with self.session() as session:
            probes_went_on(session, at=at)
        self.run_jobs()

    def stand_still_until(self, at: datetime) -> None:
        """Nothing of us runs until `at`; then the jobs do."""
        assert at >= self.clock.at, "time does not go back"
        self.clock.at = at
        self.run_jobs()

    def mails_to(self, recipient: str, saying: str = "") -> list[EmailMessage]:
        """The mails that arrived there, the oldest first, whose subject or text says this."""
        mails = [received.parsed for received in self.smtp.mails_to(recipient)]
        return [mail for mail in mails if saying in f"{mail['Subject']} {one_line(mail)}"]

    def links_in(self, mail: EmailMessage) -> list[str]:
        """The addresses of this installation in the plain text, as its reader would find them."""
        return re.findall(re.escape(self.address) + r"/\S+", text_of(mail))

    def rows(self) -> Rows:
        """Everything that is stored, table by table."""
        engine = create_engine_for(self.database_url)
        found: Rows = {}
        try:
            with engine.connect() as connection:
                tables = MetaData()
                tables.reflect(connection)
                for table in tables.sorted_tables:
                    rows = connection.execute(select(table).order_by(*table.columns.values()[:1]))
                    found[table.name] = sorted((tuple(row) for row in rows), key=repr)
        finally:
            engine.dispose()
        return found


def text_of(mail: EmailMessage) -> str:
    """The plain part of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None, "a mail without plain text"
    return str(body.get_content())


def one_line(mail: EmailMessage) -> str:
    """The plain part of a mail as people read it: where its lines break is no matter."""
    return " ".join(text_of(mail).split())


@contextmanager
def live_vendor(
    database_url: str, *, at: datetime, smtp: ScriptedSmtpServer, **changed: str
) -> Iterator[LiveVendor]:
    """Start an installation on a migrated database. `changed`: settings by their variables' names.

    The mail server counts as the recipients' own: what it accepts has been received.
    """
    clock = SettableClock(at)
    # The port is known only once the server listens, and the app must know its own address.
    server = make_server("127.0.0.1", 0, _nothing_yet, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    environment = environment_for(database_url, public_url=address, smtp_port=smtp.port)
    environment["SUBNOTIFY_MAIL_HOST_IS"] = "recipient_server"
    environment.update({f"SUBNOTIFY_{name}": value for name, value in changed.items()})
    settings = settings_from(environment)
    app = create_app(settings, clock=clock)
    server.app = app
    engine = create_engine_for(database_url)
    jobs = JobContext(settings, session_factory(engine), clock=clock)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    vendor = LiveVendor(address, database_url, settings, clock, smtp, app, jobs)

    def note_failure(_app: Flask, exception: BaseException, **_given: object) -> None:
        shown = "".join(traceback.format_exception(exception)[-4:])
        vendor.failures.append(f"{request.method} {request.path}: {shown}")

    try:
        with got_request_exception.connected_to(note_failure, app):
            yield vendor
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        engine.dispose()


def _nothing_yet(_environ: object, _start_response: object) -> list[bytes]:
    raise AssertionError("asked before the app was there")
