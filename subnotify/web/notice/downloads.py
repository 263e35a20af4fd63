"""What a notice's reader takes along: files to be saved, made anew for each request."""

from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from subnotify.delivery.calendars import MIME_TYPE, calendar_bytes
from subnotify.operations.deadline_calendars import FILE_NAME, DeadlineOfCase, deadline_entry
from subnotify.rules.errors import NotFound
from subnotify.rules.words import NoticeState
from subnotify.web.access import notice_link_route
from subnotify.web.documents import download
from subnotify.web.frame import find_vendor_profile
from subnotify.web.language import page_wording
from subnotify.web.notice.facts import change_facts
from subnotify.web.notice.opening import OpenedNotice, notice_pages, open_page, settings
from subnotify.wording.calendars import calendar_name
from subnotify.wording.change_facts import change_title
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party


@notice_pages.route("/deadline.ics")
@notice_link_route
def deadline_calendar(token: str) -> Response:
    """The deadlines of the notice, those called off as cancelled. 404 where none was ever set."""
    opened = open_page(token)
    w = page_wording()
    deadlines = deadlines_of(opened, w)
    if not deadlines:
        raise NotFound
    vendor = find_vendor_profile()
    name = vendor.name if vendor else ""
    host = urlsplit(settings().public_url).hostname or "localhost"
    entries = [deadline_entry(one, name, host, w, at=opened.at) for one in deadlines]
    return download(calendar_bytes(calendar_name(name, w), entries), FILE_NAME, MIME_TYPE)


def deadlines_of(opened: OpenedNotice, w: Wording) -> tuple[DeadlineOfCase, ...]:
    """One for each change whose window was opened."""
    shown = opened.shown
    party = Party(shown.client_name, shown.agreement_reference, shown.brief.reference)
    return tuple(
        DeadlineOfCase(
            party=party,
            position=change.position,
            title=change_title(change_facts(change), w),
            closes_at=window.closes_at,
            runs=shown.state is NoticeState.SERVED,
            closed_at=change.outcome_at if change.outcome is not None else None,
            outcomes=sum(1 for x in shown.outcomes if x.case_id == change.case_id),
            terms=opened.terms,
        )
        for change in opened.changes
        if (window := opened.facts[change.case_id].window) is not None
    )
