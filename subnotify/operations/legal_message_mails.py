"""The mail of what legal wrote to a client."""

from subnotify.operations.mail_views import MailViews
from subnotify.storage.mail_facts import NoticeOfMail
from subnotify.storage.outbox import OutgoingMessage
from subnotify.wording.mail_message import message_mail
from subnotify.wording.mails import MailText

_KEY = "legal_message"


def legal_message_of(message: OutgoingMessage) -> int | None:
    """What legal wrote that a mail brings: its key names it. None for any other mail."""
    first, _, rest = message.logical_key.partition(":")
    return int(rest.partition(":")[0]) if first == _KEY else None


def legal_message_mail(
    message: OutgoingMessage, notice: NoticeOfMail, views: MailViews, *, link: str
) -> MailText:
    """Raises KeyError if it is not loaded."""
    written = views.legal_messages[legal_message_of(message) or 0]
    cases = views.cases(notice, None) if views.runs(notice) else []
    ends = [x.closes_at for x in cases if x.outcome is None and x.closes_at is not None]
    return message_mail(
        written.text,
        views.party(notice),
        views.vendor,
        link,
        views.wording(notice, message.language),
        closes_at=min((end for end in ends if views.at < end), default=None),
    )
