"""The mail to the old address of a contact, from what is on record of the change."""

from zoneinfo import ZoneInfo

from subnotify.operations.mail_views import MailViews
from subnotify.operations.tell_old_address import Moved, what_moved
from subnotify.storage.outbox import OutgoingMessage
from subnotify.wording.language import wording_for
from subnotify.wording.mail_address_changed import address_changed_mail
from subnotify.wording.mails import MailText


def told_address_mail(message: OutgoingMessage, views: MailViews) -> MailText:
    """The day told is the vendor's, on which it was recorded. Raises KeyError for a message to no
    contact of the batch."""
    zone = views.vendor_time_zone
    return address_changed_mail(
        views.clients[message.contact_id or 0],
        views.vendor,
        message.queued_at.astimezone(ZoneInfo(zone)).date(),
        wording_for(message.language, zone),
        is_postal=what_moved(message.logical_key) is Moved.POST,
    )
