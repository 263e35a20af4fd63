"""The forms by which a client answers a notice."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from subnotify.operations.record_response import Recorded, record_response
from subnotify.rules.errors import MoveNotAllowed, ProblemsFound
from subnotify.rules.objection_clocks import objection_clocks
from subnotify.rules.responses import TooManyResponses, asks_for_services, objection_terminates
from subnotify.rules.words import ResponseKind
from subnotify.storage.database import db
from subnotify.web.access import notice_link_route, request_at, token_digest
from subnotify.web.case_clocks import calendar_of
from subnotify.web.csrf import csrf_in_form
from subnotify.web.frame import find_vendor_profile
from subnotify.web.language import page_wording
from subnotify.web.notice.codes import mail_code
from subnotify.web.notice.forms import AnswerForm, text_label
from subnotify.web.notice.opening import (
    OpenedNotice,
    Page,
    code_key,
    notice_pages,
    open_page,
    settings,
)
from subnotify.web.notice.page import notice_page
from subnotify.web.notice.sayings import mask_address
from subnotify.wording.language import Wording
from subnotify.wording.objection_timeline import client_clock_sentences
from subnotify.wording.objections import effect_sentences, form_sentences, needs_registered_post

_TEMPLATES = {
    ResponseKind.OBJECTION: "notice/object.html",
    ResponseKind.NO_OBJECTION: "notice/no_objection.html",
    ResponseKind.WAIVER: "notice/waive.html",
    ResponseKind.WITHDRAWAL: "notice/withdraw.html",
    ResponseKind.QUESTION: "notice/ask.html",
    ResponseKind.ACKNOWLEDGEMENT: "notice/acknowledge.html",
    ResponseKind.WRONG_PERSON: "notice/wrong_person.html",
}


@notice_pages.route("/object", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def object_page(token: str) -> Page:
    return _answer_page(token, ResponseKind.OBJECTION)


@notice_pages.route("/no-objection", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def no_objection_page(token: str) -> Page:
    return _answer_page(token, ResponseKind.NO_OBJECTION)


@notice_pages.route("/waive", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def waive_page(token: str) -> Page:
    return _answer_page(token, ResponseKind.WAIVER)


@notice_pages.route("/withdraw", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def withdraw_page(token: str) -> Page:
    return _answer_page(token, ResponseKind.WITHDRAWAL)


@notice_pages.route("/ask", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def ask_page(token: str) -> Page:
    return _answer_page(token, ResponseKind.QUESTION)


@notice_pages.route("/acknowledge", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def acknowledge_page(token: str) -> Page:
    return _answer_page(token, ResponseKind.ACKNOWLEDGEMENT)


@notice_pages.route("/wrong-person", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def wrong_person_page(token: str) -> Page:
    return _answer_page(token, ResponseKind.WRONG_PERSON)


def _answer_page(token: str, kind: ResponseKind) -> Page:
    """Shows the form, or records what it holds and leads to the receipt."""
    opened = open_page(token)
    form = AnswerForm()
    form.offer(opened, kind)
    if request.method == "GET":
        if not form.offered_cases:
            return redirect(url_for(".show_notice", token=token), code=303)
        form.begin(request.args.get("change"))
    elif not form.validate():
        form.explain_stale()
    else:
        recorded = _record(opened, form, _asked(form, kind))
        if recorded is not None:
            return _lead_on(token, recorded)
    return _show(opened, form, kind)


def _asked(form: AnswerForm, kind: ResponseKind) -> ResponseKind:
    """One page asks both for an answer and for more time."""
    if kind is ResponseKind.QUESTION and form.ask_for.data == ResponseKind.MORE_TIME:
        return ResponseKind.MORE_TIME
    return kind


def _record(opened: OpenedNotice, form: AnswerForm, kind: ResponseKind) -> Recorded | None:
    """None where something is missing or not possible; the form then says what."""
    if not form.form_key.data:
        # No page of ours sends a form without its key.
        form.renew()
    try:
        recorded = record_response(
            db.session(),
            token_digest(opened.token),
            form.answer(opened, kind),
            elsewhere=tuple(form.elsewhere.data or ()),
            form_key=form.form_key.data or "",
            code_key=code_key(),
            legal_email=settings().legal_email,
            at=request_at(),
        )
    except ProblemsFound as error:
        form.refuse_at_fields(error)
        return None
    except (MoveNotAllowed, TooManyResponses) as error:
        form.refuse(error)
        return None
    if recorded.code is not None:
        mail_code(opened, recorded.code, kind, recorded.response_ids)
    for agreement in recorded.left_out:
        flash(_left_out(agreement), "warning")
    return recorded


def _left_out(agreement: str) -> str:
    said: str = gettext(
        "Nothing was recorded under your agreement %(agreement)s: its notice got too many answers"
        " within a day. Answer there tomorrow, or write to the contact named below.",
        agreement=agreement,
    )
    return said


def _lead_on(token: str, recorded: Recorded) -> Page:
    endpoint = ".code_page" if recorded.awaits_code else ".receipt_page"
    return redirect(url_for(endpoint, token=token, reference=recorded.reference), code=303)


def _show(opened: OpenedNotice, form: AnswerForm, kind: ResponseKind) -> str:
    w = page_wording()
    vendor = find_vendor_profile()
    postal = f"{vendor.name}\n{vendor.address}" if vendor and vendor.address else ""
    services = [name for _, name in form.offered_services]
    return render_template(
        _TEMPLATES[kind],
        opened=opened,
        form=form,
        page=notice_page(opened, w),
        text_field=text_label(kind, opened),
        asks_for_services=asks_for_services(opened.terms) and form.asks_which_services,
        terminates=objection_terminates(opened.terms),
        needs_letter=needs_registered_post(opened.terms),
        address=mask_address(opened.link.contact_email),
        services=services,
        effects=(*effect_sentences(opened.terms, services, w), *_dated_effects(opened, w)),
        form_sentences=form_sentences(opened.terms, w, address=postal),
        titles=[title for _, title in form.offered_cases],
    )


def _dated_effects(opened: OpenedNotice, w: Wording) -> tuple[str, ...]:
    """What an objection sent today starts, with its days; nothing where nothing is counted."""
    terms = opened.terms
    if terms is None or objection_terminates(terms):
        return ()
    clocks = objection_clocks(terms, opened.at, calendar_of(terms))
    told = client_clock_sentences(clocks, terms, w.in_zone(terms.counting.time_zone))
    if clocks.accommodation is None and clocks.deemed_accepted is None:
        return ()
    return (w.named(gettext("If you object today"), " ".join(told)),)
