"""The mail to an address on file of what changed there, from what is on record of the change."""

from zoneinfo import ZoneInfo

from subnotify.operations.mail_views import MailViews
from subnotify.operations.tell_old_address import Moved, what_moved
from subnotify.storage.outbox import OutgoingMessage
from subnotify.wording.language import wording_for
from subnotify.wording.mail_address_changed import address_changed_mail, copy_contact_mail
from subnotify.wording.mails import MailText


def told_address_mail(message: OutgoingMessage, views: MailViews) -> MailText:
    """The day told is the vendor's, on which it was recorded. Raises KeyError for a message to no
    contact of the batch."""
    zone, what = views.vendor_time_zone, what_moved(message.logical_key)
    client = views.clients[message.contact_id or 0]
    day = message.queued_at.astimezone(ZoneInfo(zone)).date()
    w = wording_for(message.language, zone)
    if what is Moved.COPY:
        return copy_contact_mail(client, views.vendor, day, w)
    return address_changed_mail(client, views.vendor, day, w, is_postal=what is Moved.POST)
