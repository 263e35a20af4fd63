"""What a client is told when a change commences later than announced."""

from subnotify.operations.mail_views import MailViews
from subnotify.storage.mail_facts import CaseOfMail, NoticeOfMail
from subnotify.wording.change_facts import change_title
from subnotify.wording.language import Wording
from subnotify.wording.mail_postponed import PostponedFacts


def postponed_facts(
    notice: NoticeOfMail, case: CaseOfMail, views: MailViews, w: Wording
) -> PostponedFacts | None:
    """None where the change has no day any more."""
    change = views.facts.changes[case.change_id]
    if change.commencement_on is None:
        return None
    (told,) = views.changes(notice, case.id)
    runs = (
        views.runs(notice)
        and case.outcome is None
        and case.closes_at is not None
        and case.closes_at > views.at
    )
    return PostponedFacts(
        name=change.facts.name,
        change_title=change_title(told, w),
        commencement_on=change.commencement_on,
        closes_at=case.closes_at if runs else None,
        zone=views.zone(notice),
    )
