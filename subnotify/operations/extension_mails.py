"""The mail about a window that legal extended. Its key says from when until when."""

from datetime import UTC, datetime

from subnotify.operations.mail_views import MailViews
from subnotify.operations.queue_messages import EXTENDED
from subnotify.storage.mail_facts import NoticeOfMail
from subnotify.wording.change_facts import change_title
from subnotify.wording.language import Wording
from subnotify.wording.mail_extended import ExtendedFacts, extended_mail
from subnotify.wording.mails import MailText


def is_about_extension(logical_key: str) -> bool:
    """Other mails about a later deadline tell of a window that was computed anew."""
    return logical_key.startswith(f"{EXTENDED}:")


def told_ends(logical_key: str) -> tuple[datetime, datetime]:
    """The end that the client was told before, and the later one."""
    before, after = logical_key.split(":")[-2:]
    return datetime.fromtimestamp(int(before), UTC), datetime.fromtimestamp(int(after), UTC)


def extension_mail(
    notice: NoticeOfMail,
    case_id: int,
    ends: tuple[datetime, datetime],
    views: MailViews,
    *,
    language: str,
    link: str,
) -> MailText:
    """The mail about this case of the notice."""
    w = views.wording(notice, language)
    facts = extended_facts(notice, case_id, ends, views, w)
    return extended_mail(facts, views.party(notice), views.vendor, link, w)


def extended_facts(
    notice: NoticeOfMail,
    case_id: int,
    ends: tuple[datetime, datetime],
    views: MailViews,
    w: Wording,
) -> ExtendedFacts:
    (change,) = views.changes(notice, case_id)
    before_at, closes_at = ends
    return ExtendedFacts(
        (change.before or change.facts).name,
        change_title(change, w),
        before_at,
        closes_at,
        views.zone(notice),
    )
