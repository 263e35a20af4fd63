"""What the pages of sending show: the bar, its words, and the limits of the settings."""

from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _
from flask_babel import pgettext

from subnotify.config import Settings
from subnotify.rules.sending_estimates import SendingLimits
from subnotify.rules.words import MessageState
from subnotify.storage.sending_progress import MailCounts

WIDTH = 1_000
_RARE = ("plum", "off")


@dataclass(frozen=True)
class Part:
    """One part of the bar. tone: a class of the stylesheet. start, width: of WIDTH in all.

    is_rare: not worth a line where it holds nothing.
    """

    name: str
    count: int
    tone: str
    start: float
    width: float
    is_rare: bool = False


def settings() -> Settings:
    found: Settings = current_app.config["SUBNOTIFY_SETTINGS"]
    return found


def sending_limits() -> SendingLimits:
    """The limits of the settings, as the estimate takes them."""
    flow = settings().flow
    return SendingLimits(flow.per_hour, flow.per_domain_per_minute, flow.connections)


def bar_parts(counts: MailCounts) -> list[Part]:
    """The parts of the bar from left to right; those that hold nothing have no width."""
    shown = (
        (_("Handed over"), counts.handed_over, "ok"),
        (
            pgettext("mails", "Queued"),
            counts.count(MessageState.QUEUED, MessageState.SENDING),
            "plain",
        ),
        (_("Put off, to be retried"), counts.deferred, "warn"),
        (_("Paused"), counts.count(MessageState.PAUSED), "plum"),
        (_("Refused or set aside"), counts.failed, "stop"),
        (pgettext("mails", "Not sent any more"), counts.cancelled, "off"),
    )
    parts, start = [], 0.0
    for name, count, tone in shown:
        width = count * WIDTH / counts.total if counts.total else 0.0
        parts.append(Part(name, count, tone, round(start, 2), round(width, 2), tone in _RARE))
        start += width
    return parts
