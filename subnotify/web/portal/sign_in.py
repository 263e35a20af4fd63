"""Asking for a sign-in link, and using it in the browser that asked. A GET uses nothing up."""

import logging
from collections.abc import Callable

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import EmailField

from subnotify.delivery.one_off import OneOffMailer
from subnotify.operations.sign_in import new_token
from subnotify.operations.sign_in_to_portal import (
    AskedLink,
    SignedInMailbox,
    ask_for_portal_link,
    get_portal_link,
    is_of_browser,
    sign_in_to_portal,
)
from subnotify.operations.visit_portal import sign_out_of_portal
from subnotify.rules.portal import LINK_LASTS, PortalAskingThrottled, PortalLinkInvalid
from subnotify.storage.database import db
from subnotify.web.access import open_route, portal_cookie_name, request_at, token_digest
from subnotify.web.account import MAILER
from subnotify.web.after_answer import do_after_answer
from subnotify.web.csrf import forget_browser_session
from subnotify.web.forms_base import PageForm, at_most, email_address, filled, strip
from subnotify.web.frame import find_vendor_profile
from subnotify.web.language import COOKIE as LANGUAGE_COOKIE
from subnotify.web.language import COOKIE_LASTS, current_language, page_wording
from subnotify.web.portal.blueprint import portal
from subnotify.wording.language import wording_for
from subnotify.wording.mails import render_mail

logger = logging.getLogger(__name__)
Page = Response | str | tuple[str, int]


class AskForLinkForm(PageForm):
    email = EmailField(
        _l("Email address"),
        filters=[strip],
        validators=[
            filled(_l("Enter your email address")),
            at_most(254),
            email_address(_l("Enter an email address like name@example.com")),
        ],
    )


@portal.route("/sign-in", methods=["GET", "POST"])
@open_route
def ask_page() -> Page:
    """The same answer to every address, known or not."""
    form = AskForLinkForm()
    if not form.validate_on_submit():
        return render_template("portal/ask.html", form=form)
    browser = request.cookies.get(_asking_cookie()) or new_token()[0]
    try:
        link = ask_for_portal_link(
            db.session(),
            form.email.data or "",
            browser=browser,
            address=request.remote_addr or "",
            at=request_at(),
        )
    except PortalAskingThrottled as error:
        form.refuse(error)
        return render_template("portal/ask.html", form=form), 429
    response = redirect(url_for(".asked_page"), code=303)
    # Kept for a while: somebody who asks twice may use either link.
    _set_cookie(
        response, _asking_cookie(), browser, lasts_seconds=int(6 * LINK_LASTS.total_seconds())
    )
    if link is not None:
        # After the answer has gone out: how long it takes must not tell whether there is a mail.
        do_after_answer(response, _link_mail(link))
    return response


@portal.route("/sign-in/asked")
@open_route
def asked_page() -> str:
    return render_template("portal/asked.html")


@portal.route("/sign-in/<token>", methods=["GET", "POST"])
@open_route
def link_page(token: str) -> Page:
    """A button; pressing it signs in. Mail scanners and link previews see the button alone."""
    browser = request.cookies.get(_asking_cookie())
    try:
        link = get_portal_link(db.session(), token, at=request_at())
        if not is_of_browser(link, browser):
            return render_template("portal/other_browser.html", form=AskForLinkForm()), 403
        if request.method != "POST":
            return render_template("portal/link.html", mailbox=link.mailbox)
        # The operation begins a transaction of its own.
        db.session.rollback()
        signed_in = sign_in_to_portal(
            db.session(),
            token,
            browser=browser or "",
            present=_present_token(),
            language=current_language(),
            at=request_at(),
        )
    except PortalLinkInvalid:
        return render_template("portal/invalid.html"), 410
    return _welcome(signed_in)


@portal.route("/sign-out", methods=["POST"])
@open_route
def sign_out_now() -> Response:
    """Open, so that an expired session can be left too; the form's token guards it."""
    token = _present_token()
    if token:
        db.session.rollback()
        sign_out_of_portal(db.session(), token_digest(token), at=request_at())
    response = redirect(url_for(".ask_page"), code=303)
    _drop_cookie(response, portal_cookie_name(current_app))
    return response


def _welcome(signed_in: SignedInMailbox) -> Response:
    # At sign-in nothing old may live on, form tokens included.
    forget_browser_session()
    response = redirect(url_for(".home"), code=303)
    _set_cookie(response, portal_cookie_name(current_app), signed_in.token)
    keep_language_cookie(response, signed_in.language)
    _drop_cookie(response, _asking_cookie())
    return response


def keep_language_cookie(response: Response, language: str) -> None:
    """Let the pages of this browser speak the mailbox's language."""
    _set_cookie(
        response, LANGUAGE_COOKIE, language, lasts_seconds=int(COOKIE_LASTS.total_seconds())
    )


def _present_token() -> str | None:
    """Of the session that this browser has had; it may have expired."""
    return request.cookies.get(portal_cookie_name(current_app))


def _asking_cookie() -> str:
    is_https = current_app.config["SESSION_COOKIE_SECURE"]
    return "__Host-subnotify_asking" if is_https else "subnotify_asking"


def _set_cookie(
    response: Response, name: str, value: str, *, lasts_seconds: int | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=lasts_seconds,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _drop_cookie(response: Response, name: str) -> None:
    is_https = current_app.config["SESSION_COOKIE_SECURE"]
    response.delete_cookie(name, secure=is_https, httponly=True, samesite="Lax", path="/")


def _link_mail(link: AskedLink) -> Callable[[], None]:
    """The mail, worded now in the mailbox's language or the page's, to be sent later."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    mailer: OneOffMailer = app.extensions[MAILER]
    zone, at = app.config["VENDOR_TIME_ZONE"], request_at()
    w = wording_for(link.language, zone) if link.language else page_wording()
    vendor = find_vendor_profile()
    db.session.rollback()
    mail = render_mail(
        "portal_link",
        w,
        vendor_name=vendor.name if vendor else "subnotify",
        address=app.config["PUBLIC_URL"] + url_for(".link_page", token=link.token),
        until=w.date_time(link.expires_at),
    )

    def send() -> None:
        with app.app_context():
            try:
                mailer.send(
                    link.mailbox, mail.subject, mail.text, mail.html, at=at, language=w.language
                )
            except Exception:
                # The page has been answered; whoever waits for the mail asks again.
                logger.exception("a sign-in link of the portal was not sent")

    return send
