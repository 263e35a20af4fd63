"""The calendar that goes with a mail to a contact, where the mail tells a deadline or ends one."""

from urllib.parse import urlsplit

from subnotify.delivery.calendars import calendar_bytes
from subnotify.operations.deadline_calendars import DeadlineOfCase, deadline_entry
from subnotify.operations.mail_views import MailViews
from subnotify.rules.words import MessagePurpose, Outcome
from subnotify.storage.mail_facts import CaseOfMail, NoticeOfMail
from subnotify.storage.outbox import OutgoingMessage
from subnotify.wording.calendars import calendar_name
from subnotify.wording.change_facts import change_title
from subnotify.wording.language import Wording

# An answer to a question repeats what an earlier mail brought.
_TELL_A_DEADLINE = frozenset(
    {
        MessagePurpose.NOTICE,
        MessagePurpose.RECEIPT,
        MessagePurpose.REMINDER,
        MessagePurpose.WINDOW_LONGER,
        MessagePurpose.POSTPONED,
    }
)
_END_A_DEADLINE = frozenset({MessagePurpose.CLOSING, MessagePurpose.WITHDRAWN})


def calendar_of_mail(message: OutgoingMessage, views: MailViews, public_url: str) -> bytes | None:
    """The deadlines that the mail tells and that are still to come; in a mail about the end of a
    case the end of the one that no longer applies. None where there is none, and in mails to
    legal."""
    notice = views.facts.notices.get(message.notice_id or 0)
    if notice is None or message.contact_id is None:
        return None
    is_closing = message.purpose in _END_A_DEADLINE
    if not is_closing and message.purpose not in _TELL_A_DEADLINE:
        return None
    w = views.wording(notice, message.language)
    told = [
        deadline
        for case in views.cases(notice, message.case_id)
        if (deadline := deadline_of_case(notice, case, views, w)) is not None
        and (deadline.is_called_off if is_closing else _is_to_come(deadline, views))
    ]
    if not told:
        return None
    host = urlsplit(public_url).hostname or "localhost"
    entries = [deadline_entry(one, views.vendor.name, host, w, at=views.at) for one in told]
    return calendar_bytes(calendar_name(views.vendor.name, w), entries)


def _is_to_come(deadline: DeadlineOfCase, views: MailViews) -> bool:
    return not deadline.is_called_off and views.at < deadline.closes_at


def deadline_of_case(
    notice: NoticeOfMail, case: CaseOfMail, views: MailViews, w: Wording
) -> DeadlineOfCase | None:
    """The deadline of this case as a calendar tells it; None where none was ever set."""
    # Where the terms give no right to object, no deadline was ever told.
    if case.closes_at is None or case.outcome is Outcome.INFORMED:
        return None
    (told,) = views.told(notice, [case])
    return DeadlineOfCase(
        party=views.party(notice),
        position=views.facts.changes[case.change_id].position,
        title=change_title(told, w),
        closes_at=case.closes_at,
        runs=views.runs(notice),
        serving_moves=notice.serving_moves,
        closed_at=case.outcome_at if case.outcome else None,
        outcomes=case.outcomes,
        terms=views.terms(notice),
    )
