"""What a notice's reader takes along: files to be saved, made anew for each request."""

from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from subnotify.delivery.calendars import MIME_TYPE, calendar_bytes
from subnotify.delivery.sheets import sheet_pdf
from subnotify.operations.deadline_calendars import FILE_NAME, DeadlineOfCase, deadline_entry
from subnotify.rules.errors import NotFound
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import NoticeState
from subnotify.web.access import notice_link_route
from subnotify.web.documents import download
from subnotify.web.frame import find_vendor_profile
from subnotify.web.language import page_wording
from subnotify.web.notice.facts import change_facts
from subnotify.web.notice.opening import OpenedNotice, notice_pages, open_page, settings
from subnotify.web.notice.receipt_parts import receipt_part
from subnotify.web.notice.receipts import given_with
from subnotify.web.notice.sheets import copy_sheet, notice_sheet, receipt_sheet, summary_sheet
from subnotify.web.notice.thread import thread_of
from subnotify.wording.calendars import calendar_name
from subnotify.wording.change_facts import change_title
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.sheets import Sheet, sheet_content

# The names of files are ASCII in every language.
_FRENCH_NAMES = {"notice": "notification", "copy": "copie", "summary": "synthese"}


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


@notice_pages.route("/notice.pdf")
@notice_link_route
def notice_file(token: str) -> Response:
    """The notice with what happened since, for one's own files."""
    opened = open_page(token)
    w = page_wording()
    sheet = notice_sheet(opened, _vendor(), thread_of(opened, w), w)
    return _file(opened, sheet, "", w)


@notice_pages.route("/copy.pdf")
@notice_link_route
def copy_file(token: str) -> Response:
    """What the notice says, for passing on: no link, and no notice to whoever else reads it."""
    opened = open_page(token)
    w = page_wording()
    return _file(opened, copy_sheet(opened, _vendor(), w), "copy", w)


@notice_pages.route("/summary.pdf")
@notice_link_route
def summary_file(token: str) -> Response:
    """One page for whoever may sign. 404 where objecting does not mean terminating."""
    opened = open_page(token)
    w = page_wording()
    sheet = summary_sheet(opened, _vendor(), w)
    if sheet is None:
        raise NotFound
    return _file(opened, sheet, "summary", w, fits_one_page=True)


@notice_pages.route("/receipts/<reference>/receipt.pdf")
@notice_link_route
def receipt_file(token: str, reference: str) -> Response:
    """A receipt. 404 for one of another notice, and while the answer waits for its code."""
    opened = open_page(token)
    w = page_wording()
    given = given_with(opened, reference)
    if not all(x.is_effective for x in given):
        raise NotFound
    sheet = receipt_sheet(opened, [receipt_part(opened, x, w) for x in given], _vendor(), w)
    return _file(opened, sheet, reference, w)


def _vendor() -> VendorProfile:
    return find_vendor_profile() or VendorProfile(name="")


def _file(
    opened: OpenedNotice, sheet: Sheet, what: str, w: Wording, *, fits_one_page: bool = False
) -> Response:
    pdf = sheet_pdf(
        sheet_content(sheet, w), language=w.language, at=opened.at, fits_one_page=fits_one_page
    )
    words = _FRENCH_NAMES if w.language == "fr" else {}
    parts = (words.get("notice", "notice"), opened.shown.brief.reference, words.get(what, what))
    return download(pdf, "-".join(map(_plain, filter(None, parts))) + ".pdf", "application/pdf")


def _plain(part: str) -> str:
    """For the name of a file: ASCII, without anything that a file system minds."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in part)


def deadlines_of(opened: OpenedNotice, w: Wording) -> tuple[DeadlineOfCase, ...]:
    """One for each change whose window was opened."""
    shown = opened.shown
    party = Party(shown.client_name, shown.agreement_reference, shown.brief.reference)
    return tuple(
        DeadlineOfCase(
            party=party,
            position=change.position,
            title=change_title(change_facts(change), w),
            closes_at=change.closes_at,
            runs=shown.state is NoticeState.SERVED,
            serving_moves=shown.serving_moves,
            closed_at=change.outcome_at if change.outcome is not None else None,
            outcomes=sum(1 for x in shown.outcomes if x.case_id == change.case_id),
            terms=opened.terms,
        )
        for change in opened.changes
        if change.closes_at is not None
    )
