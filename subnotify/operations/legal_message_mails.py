"""The mail, or the letter, of what legal wrote to a client."""

from datetime import datetime

from subnotify.operations.mail_views import MailViews
from subnotify.operations.queue_messages import BY_LEGAL
from subnotify.storage.mail_facts import NoticeOfMail
from subnotify.storage.outbox import OutgoingMessage
from subnotify.wording.language import Wording
from subnotify.wording.letter_told import Told, message_told
from subnotify.wording.mail_message import message_mail
from subnotify.wording.mails import MailText


def legal_message_of(logical_key: str) -> int | None:
    """What legal wrote that the message with this key brings. None for any other message."""
    first, _, rest = logical_key.partition(":")
    return int(rest.partition(":")[0]) if first == BY_LEGAL else None


def legal_message_mail(
    message: OutgoingMessage, notice: NoticeOfMail, views: MailViews, *, link: str
) -> MailText:
    """Raises KeyError if it is not loaded."""
    return message_mail(
        views.legal_messages[legal_message_of(message.logical_key) or 0].text,
        views.party(notice),
        views.vendor,
        link,
        views.wording(notice, message.language),
        closes_at=_deadline(notice, views),
    )


def legal_message_told(
    logical_key: str, notice: NoticeOfMail, views: MailViews, w: Wording
) -> Told:
    """The same on paper. Raises KeyError if it is not loaded."""
    written = views.legal_messages[legal_message_of(logical_key) or 0]
    return message_told(written.text, w, closes_at=_deadline(notice, views))


def _deadline(notice: NoticeOfMail, views: MailViews) -> datetime | None:
    """The next one that is still to come."""
    cases = views.cases(notice, None) if views.runs(notice) else []
    ends = [x.closes_at for x in cases if x.outcome is None and x.closes_at is not None]
    return min((end for end in ends if views.at < end), default=None)
