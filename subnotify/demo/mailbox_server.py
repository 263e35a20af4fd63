"""The demonstration's mail server: real SMTP on loopback, which keeps every mail in a folder.

It stands for the mail servers of all clients at once, so its 250 is theirs, and so is the 550 with
which it refuses the addresses that exist no longer.
"""

from collections.abc import Iterable
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from subnotify.delivery.mail_folder import MailFolder

HOST = "127.0.0.1"
GREETING = "mail.demonstration.example"
_START_WITHIN_SECONDS = 10.0


class _Handler:
    """What aiosmtpd calls at the verbs that matter here."""

    def __init__(self, folder: MailFolder, dead_addresses: Iterable[str]) -> None:
        self._folder = folder
        self._dead = frozenset(address.casefold() for address in dead_addresses)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.casefold() in self._dead:
            return f"550 5.1.1 <{address}>: no mailbox here by that name"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        raw = envelope.content or b""
        if isinstance(raw, str):
            raw = raw.encode()
        number = 0
        for recipient in envelope.rcpt_tos:
            number = self._folder.append(
                raw, envelope_from=envelope.mail_from or "", recipient=recipient
            )
        return f"250 2.0.0 accepted as {number:06d}"


class MailboxServer:
    """The server in a thread of its own, between `start` and `stop`. A context manager."""

    def __init__(self, folder: MailFolder, *, port: int, dead_addresses: Iterable[str]) -> None:
        self._controller = Controller(
            _Handler(folder, dead_addresses),
            hostname=HOST,
            port=port,
            ready_timeout=_START_WITHIN_SECONDS,
            ident=GREETING,
            enable_SMTPUTF8=True,
        )

    def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop(no_assert=True)

    def __enter__(self) -> "MailboxServer":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()
