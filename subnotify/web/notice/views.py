"""The page of a notice, and "this was not me". Opening any page of a link changes nothing."""

from flask import redirect, render_template, request, url_for

from subnotify.operations.disown_response import disown_response
from subnotify.rules.errors import NotFound
from subnotify.rules.words import MessagePurpose, ResponseKind
from subnotify.storage.database import db
from subnotify.storage.responses import StoredResponse
from subnotify.web.access import notice_link_route, request_at, token_digest
from subnotify.web.csrf import csrf_in_form
from subnotify.web.frame import find_vendor_profile
from subnotify.web.language import page_wording
from subnotify.web.notice.forms import DisownForm
from subnotify.web.notice.opening import OpenedNotice, Page, notice_pages, open_page, settings
from subnotify.web.notice.page import notice_page
from subnotify.web.notice.receipt_parts import receipt_part
from subnotify.web.notice.sayings import list_events, mask_address
from subnotify.web.notice.sheets import offers_summary
from subnotify.web.notice.thread import thread_of
from subnotify.wording.emergencies import emergency_sentences


@notice_pages.route("")
@notice_link_route
def show_notice(token: str) -> str:
    opened = open_page(token)
    w = page_wording()
    return render_template(
        "notice/notice.html",
        opened=opened,
        shown=opened.shown,
        page=notice_page(opened, w),
        events=list_events(opened, w),
        reason=opened.shown.reason.in_language(w.language),
        paragraph=opened.shown.paragraph.in_language(w.language),
        emergency=emergency_sentences(opened.shown.emergency, opened.shown.brief.terms, w),
        masked=[(x.name, mask_address(x.email), x.kind) for x in opened.shown.contacts],
        vendor=find_vendor_profile(),
        messages=thread_of(opened, w),
        offers_summary=offers_summary(opened),
        ask_address=url_for(".ask_page", token=token)
        if opened.can_take(ResponseKind.QUESTION)
        else "",
    )


@notice_pages.route("/disown", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def disown_page(token: str) -> Page:
    """Reached from a receipt mail. It asks for a name: a scanner that presses buttons has none."""
    opened = open_page(token)
    response = _receipted(opened)
    form = DisownForm()
    if request.method == "POST":
        if form.validate():
            disown_response(
                db.session(),
                token_digest(token),
                by_name=form.by_name.data or "",
                legal_email=settings().legal_email,
                at=request_at(),
            )
            return redirect(url_for(".disown_page", token=token), code=303)
        form.explain_stale()
    return render_template(
        "notice/disown.html",
        opened=opened,
        form=form,
        response=response,
        part=receipt_part(opened, response, page_wording()),
    )


def _receipted(opened: OpenedNotice) -> StoredResponse:
    """The response whose receipt carried this link. Raises NotFound for any other link."""
    link = opened.link
    if link.purpose is not MessagePurpose.RECEIPT:
        raise NotFound
    found = [x for x in opened.responses if x.id == link.response_id]
    if not found:
        raise NotFound
    return found[0]
