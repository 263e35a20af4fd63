"""Receipts of answers, the codes they wait for, and the letter ready to print."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from subnotify.operations.confirm_code import confirm_code, send_code_again
from subnotify.rules.errors import MoveNotAllowed, NotFound
from subnotify.rules.responses import CodeExpired, CodeWrong, TooManyCodes
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import ResponseKind
from subnotify.storage.database import db
from subnotify.storage.responses import StoredResponse, get_response, list_submission
from subnotify.web.access import notice_link_route, request_at, token_digest
from subnotify.web.csrf import csrf_in_form
from subnotify.web.errors import rule_sentences
from subnotify.web.frame import find_vendor_profile
from subnotify.web.language import page_wording
from subnotify.web.notice.codes import mail_code
from subnotify.web.notice.forms import AgainForm, CodeForm
from subnotify.web.notice.opening import (
    OpenedNotice,
    Page,
    code_key,
    given_alike,
    notice_pages,
    open_page,
)
from subnotify.web.notice.receipt_parts import letter_of, needs_letter, receipt_part
from subnotify.web.notice.sayings import mask_address


@notice_pages.route("/receipts/<reference>")
@notice_link_route
def receipt_page(token: str, reference: str) -> Page:
    opened = open_page(token)
    given = given_with(opened, reference)
    w = page_wording()
    return render_template(
        "notice/receipt.html",
        opened=opened,
        kind=given[0].kind,
        is_effective=all(x.is_effective for x in given),
        parts=[receipt_part(opened, x, w) for x in given],
        needs_letter=any(needs_letter(opened, x, w) for x in given),
        alike=given_alike(opened, [x.id for x in given]),
        reference=reference,
        masked=[mask_address(x.email) for x in opened.shown.contacts],
    )


@notice_pages.route("/receipts/<reference>/code", methods=["GET", "POST"])
@notice_link_route
@csrf_in_form
def code_page(token: str, reference: str) -> Page:
    opened = open_page(token)
    given = given_with(opened, reference)
    receipt = redirect(url_for(".receipt_page", token=token, reference=reference), code=303)
    alike = [x.response for x in given_alike(opened, [x.id for x in given])]
    if all(x.is_effective for x in (*given, *alike)):
        return receipt
    if given[0].contact_id != opened.link.contact_id:
        raise NotFound
    form = CodeForm()
    if request.method == "POST" and not form.validate():
        form.explain_stale()
    elif request.method == "POST" and not form.code.data:
        form.refuse_with(gettext("Enter the code from the mail."), form.code)
    elif request.method == "POST" and _confirm(opened, form, reference):
        return receipt
    return _show_code_page(opened, given, reference, form, AgainForm())


def _show_code_page(
    opened: OpenedNotice,
    given: Sequence[StoredResponse],
    reference: str,
    form: CodeForm,
    again: AgainForm,
) -> str:
    return render_template(
        "notice/code.html",
        opened=opened,
        form=form,
        again=again,
        kind=given[0].kind,
        reference=reference,
        address=mask_address(opened.link.contact_email),
        parts=[receipt_part(opened, x, page_wording()) for x in given],
    )


@notice_pages.route("/receipts/<reference>/code/again", methods=["POST"])
@notice_link_route
@csrf_in_form
def send_again(token: str, reference: str) -> Page:
    opened = open_page(token)
    given = given_with(opened, reference)
    form = AgainForm()
    if not form.validate():
        form.explain_stale()
        return _show_code_page(opened, given, reference, CodeForm(formdata=None), form)
    try:
        issued = send_code_again(
            db.session(), token_digest(token), reference, code_key=code_key(), at=request_at()
        )
    except TooManyCodes as error:
        flash(rule_sentences(error)[0], "warning")
    else:
        if issued is not None:
            flash(gettext("A new code is on its way. Earlier codes no longer work."))
            mail_code(opened, issued, given[0].kind, [x.id for x in given])
    return redirect(url_for(".code_page", token=token, reference=reference), code=303)


@notice_pages.route("/receipts/<reference>/letter")
@notice_link_route
def letter_page(token: str, reference: str) -> Page:
    opened = open_page(token)
    w = page_wording()
    given = [x for x in given_with(opened, reference) if needs_letter(opened, x, w)]
    if not given:
        raise NotFound
    vendor = find_vendor_profile() or VendorProfile(name="")
    return render_template(
        "notice/letter.html",
        opened=opened,
        reference=reference,
        letter=letter_of(opened, given, vendor, w),
    )


def given_with(opened: OpenedNotice, reference: str) -> tuple[StoredResponse, ...]:
    """The answers of the form whose receipt this is. Raises NotFound for another notice's."""
    response = get_response(db.session(), opened.link.notice_id, reference)
    if response.kind is ResponseKind.OBJECTION or response.case_id is not None:
        return list_submission(db.session(), response)
    return (response,)


def _confirm(opened: OpenedNotice, form: CodeForm, reference: str) -> bool:
    try:
        confirm_code(
            db.session(),
            token_digest(opened.token),
            reference,
            form.code.data or "",
            code_key=code_key(),
            at=request_at(),
        )
    except (CodeWrong, CodeExpired) as error:
        form.refuse(error, form.code)
        return False
    except MoveNotAllowed as error:
        form.refuse(error)
        return False
    return True
