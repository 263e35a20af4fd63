"""What legal writes to a client unasked, or once more after an answer."""

from datetime import datetime

from subnotify.rules.vendor import VendorProfile
from subnotify.wording.deadlines import deadline_sentence
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailText, render_mail


def message_mail(
    text: str,
    party: Party,
    vendor: VendorProfile,
    link: str,
    w: Wording,
    *,
    closes_at: datetime | None,
) -> MailText:
    """The message to one contact. closes_at: the deadline, None where none is to come."""
    return render_mail(
        "message",
        w,
        **party.values,
        vendor=vendor,
        title=w.gettext("A message about this notice"),
        message=text,
        deadline=deadline_sentence(closes_at, w.zone.key, w) if closes_at else "",
        link=link,
    )
