"""A worker process that sends what is due, for tests that kill it: URL, SMTP port, instant,
and over how many connections."""

import sys
from dataclasses import replace
from datetime import datetime

from subnotify.delivery.mail_settings import MailFlow
from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings
from subnotify.operations.send_messages import send_messages
from subnotify.storage.database import create_engine_for, session_factory
from tests.support.outbox import SETTINGS, load_texts


def main(url: str, port: str, at: str, connections: str = "1") -> None:
    engine = create_engine_for(url)
    smtp = SmtpSettings("127.0.0.1", int(port), Security.NONE, timeout_seconds=30)
    send_messages(
        session_factory(engine),
        open_courier=lambda: SmtpConnection(smtp),
        load_texts=load_texts,
        settings=replace(SETTINGS, flow=MailFlow(connections=int(connections))),
        runner="killed",
        clock=lambda: datetime.fromisoformat(at),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
