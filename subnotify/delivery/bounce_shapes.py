"""Bounces in no standard form, known by their shape."""

import re
from dataclasses import dataclass

from subnotify.delivery.incoming_addresses import read_sender
from subnotify.delivery.incoming_mail import Report
from subnotify.delivery.mime_headers import Headers
from subnotify.delivery.mime_parts import Part

_DAEMON = re.compile(
    r"^(?:mailer-?daemon|mail-?daemon|postmaster|mail-?delivery|mdaemon|bounces?)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a bounce reports, and by what it was known."""

    reports: tuple[Report, ...]
    reason: str


def is_from_machine(headers: Headers) -> bool:
    """Does a mail come from a mail server, by its envelope sender or the name of its sender?"""
    if headers.has("x-failed-recipients") or headers.first("return-path").strip() == "<>":
        return True
    return _DAEMON.match(read_sender(headers)[1]) is not None


def find_bounce(mail: Part, text: str) -> Bounce | None:
    """The bounce that a mail is, or None."""
    return None
