"""The words that entries of a notice's line of time are made of."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for

from subnotify.rules.words import MessagePurpose, ResponseChannel
from subnotify.storage.notice_history import NoticeMessage
from subnotify.storage.tables import AttemptRow
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.replies import reply_words
from subnotify.wording.sending_history import step_words


@dataclass(frozen=True)
class TimelineEntry:
    """At an instant: what, about which message, what it means. words: a server's or a person's
    own, shown as they are. state or tone: of its tag, whose text is `tag`. scan_address: of a file
    to be downloaded. actor and evidence: who caused the fact on record, and its number there.
    day_on: of what a person recorded with its day alone, in the zone of the page."""

    at: datetime
    title: str
    about: str = ""
    tag: str = ""
    tone: str = ""
    said: tuple[str, ...] = ()
    words: str = ""
    source: str = ""
    address: str = ""
    scan_address: str = ""
    actor: str = ""
    evidence: int | None = None
    day_on: date | None = None


def day_alone(channel: str, received_at: datetime, w: Wording) -> date | None:
    """The day of what came on paper or was told to a person, in the zone of w: no hour of it is
    known. None for what came by the page or by mail."""
    if channel in (ResponseChannel.LINK, ResponseChannel.REPLY):
        return None
    return w.local(received_at).date()


def text_of(content: Any, key: str) -> str:
    value = content.get(key)
    return value if isinstance(value, str) else ""


def purpose_words(purpose: str, w: Wording) -> str:
    text = label(w, MessagePurpose(purpose))
    return text[:1].upper() + text[1:]


def addressee(message: NoticeMessage) -> str:
    address = message.row.to_address or ""
    if not address or address == message.contact:
        return message.contact
    return f"{message.contact} <{address}>"


def attempt_words(attempt: AttemptRow, w: Wording) -> str:
    """The code and the server's words, as it said them; ours in the reader's language."""
    reply, code = reply_words(attempt.reply or "", w), str(attempt.code or "")
    return reply if reply.startswith(code) else f"{code} {reply}"


def answered_by(attempt: AttemptRow, w: Wording) -> str:
    """ "mx.client.example · at RCPT": the server, and the step of the session that it answered."""
    return " · ".join(x for x in (attempt.host or "", step_words(attempt.verb or "", w)) if x)


def mail_address(mail_id: int | None) -> str:
    return url_for("incoming.show_mail", mail_id=mail_id) if mail_id is not None else ""
