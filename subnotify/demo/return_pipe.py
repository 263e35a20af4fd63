"""What comes to the vendor's return address, handed over as a mail server's pipe does it."""

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from sqlalchemy.orm import Session

from subnotify.config import Settings
from subnotify.delivery.mail_folder import as_delivered
from subnotify.jobs.mail_reading import store_piped

HOST = "127.0.0.1"
GREETING = "mail.demonstration.example"


class ReturnPipe:
    """The line in the mail server that names `subnotify mail receive`, for tagged forms too."""

    def __init__(self, settings: Settings, session_factory: Callable[[], Session]) -> None:
        self._settings, self._session_factory = settings, session_factory
        self._address = (settings.return_address or "").casefold()

    def takes(self, address: str) -> bool:
        """Whether it is the return address, with a tag or without."""
        local, _, domain = address.casefold().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" == self._address

    def take(self, raw: bytes, *, envelope_from: str, recipient: str, at: datetime) -> int:
        """Store one mail; its id. Raises what the database raises: then nothing is stored."""
        piped = as_delivered(raw, envelope_from=envelope_from, recipient=recipient)
        with self._session_factory() as session:
            return store_piped(session, self._settings, piped, recipient=recipient, at=at)


def with_trace(raw: bytes, *, at: datetime) -> bytes:
    """The mail below the line with which the server says when it took it."""
    trace = f"Received: from [{HOST}] by {GREETING} with ESMTP;\r\n {format_datetime(at)}\r\n"
    return trace.encode() + raw
