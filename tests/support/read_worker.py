"""A worker process that reads the mailbox and is killed at a step: URL, IMAP port, instant, step.

step: "store", before the first mail is stored; "mark", after it was stored and before the mark of
its folder moves. It kills itself, as hard as `kill -9`.
"""

import os
import signal
import sys
from datetime import datetime

from subnotify.delivery.imap_mailbox import ImapMailbox
from subnotify.delivery.mail_settings import ImapSettings
from subnotify.delivery.smtp_settings import Security
from subnotify.operations import read_mailbox as module
from subnotify.storage.database import create_engine_for, session_factory
from tests.support.returned import RETURN

STEPS = {"store": "receive_mails", "mark": "note_read_up_to"}


def settings_for(port: int) -> ImapSettings:
    return ImapSettings("127.0.0.1", port, "notices", Security.NONE, password="secret")


def main(url: str, port: str, at: str, step: str) -> None:
    setattr(module, STEPS[step], lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    imap, factory = settings_for(int(port)), session_factory(create_engine_for(url))
    with factory() as session:
        module.take_up_places(session, list(module.places_of(imap)))
    module.read_mailbox(
        factory,
        imap=imap,
        open_mailbox=lambda: ImapMailbox(imap),
        settings=RETURN,
        clock=lambda: datetime.fromisoformat(at),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
