"""The demonstration's mail server: real SMTP on loopback, which keeps every mail in a folder.

It stands for the mail servers of all clients at once, so its 250 is theirs, and so is the 550 with
which it refuses the addresses that exist no longer. It is the vendor's own too: what comes to the
return address goes through its pipe, and is put off where that fails.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from subnotify import clock
from subnotify.delivery.mail_folder import MailFolder
from subnotify.demo.return_pipe import GREETING, HOST, ReturnPipe, with_trace

log = logging.getLogger(__name__)

_START_WITHIN_SECONDS = 10.0


class _Handler:
    """What aiosmtpd calls at the verbs that matter here."""

    def __init__(
        self, folder: MailFolder, dead_addresses: Iterable[str], pipe: ReturnPipe | None
    ) -> None:
        self._folder, self._pipe = folder, pipe
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
        try:
            raw = await self._pipe_what_comes_back(raw, envelope)
        except Exception:
            log.exception("a mail is put off")
            return "451 4.3.0 nothing was kept, try again later"
        number = 0
        for recipient in envelope.rcpt_tos:
            number = self._folder.append(
                raw, envelope_from=envelope.mail_from or "", recipient=recipient
            )
        return f"250 2.0.0 accepted as {number:06d}"

    async def _pipe_what_comes_back(self, raw: bytes, envelope: Envelope) -> bytes:
        """The mail to keep, with a trace where it went through the pipe."""
        pipe = self._pipe
        piped = [x for x in envelope.rcpt_tos if pipe and pipe.takes(x)]
        if not pipe or not piped:
            return raw
        at, envelope_from = clock.now(), envelope.mail_from or ""
        traced = with_trace(raw, at=at)
        for recipient in piped:
            # The database may be busy; other mails go on meanwhile.
            await asyncio.to_thread(
                pipe.take, traced, envelope_from=envelope_from, recipient=recipient, at=at
            )
        return traced


class MailboxServer:
    """The server in a thread of its own, between `start` and `stop`. A context manager."""

    def __init__(
        self,
        folder: MailFolder,
        *,
        port: int,
        dead_addresses: Iterable[str],
        pipe: ReturnPipe | None = None,
    ) -> None:
        self._controller = Controller(
            _Handler(folder, dead_addresses, pipe),
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
