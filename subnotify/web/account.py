"""Sign-in, sign-out, password reset, and where operators begin."""

import logging
from collections.abc import Callable

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import EmailField, HiddenField, PasswordField, StringField

from subnotify.delivery.one_off import OneOffMailer
from subnotify.operations.reset_password import (
    ResetLink,
    ResetLinkInvalid,
    ask_for_reset,
    get_reset_operator,
    reset_password,
)
from subnotify.operations.sign_in import SignedIn, SignInRefused, SignInThrottled, sign_in
from subnotify.operations.sign_out import sign_out
from subnotify.rules.errors import RuleError
from subnotify.rules.passwords import SHORTEST
from subnotify.rules.second_factor import must_have_second_factor
from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.operators import Operator
from subnotify.storage.second_factors import find_second_factor
from subnotify.web.access import (
    current_operator,
    needs_role,
    open_route,
    request_at,
    session_cookie_name,
    token_digest,
)
from subnotify.web.addresses import local_address
from subnotify.web.after_answer import do_after_answer
from subnotify.web.csrf import bind_to, forget_browser_session
from subnotify.web.forms_base import PageForm, at_most, email_address, filled, strip
from subnotify.web.language import page_wording
from subnotify.web.navigation import list_navigation
from subnotify.wording.mails import render_mail

logger = logging.getLogger(__name__)
account = Blueprint("account", __name__)

MAILER = "subnotify_one_off_mailer"
"""Key in `app.extensions` of the OneOffMailer."""


class SignInForm(PageForm):
    name = StringField(
        lazy_gettext("Name"), filters=[strip], validators=[filled(lazy_gettext("Enter your name"))]
    )
    password = PasswordField(
        lazy_gettext("Password"), validators=[filled(lazy_gettext("Enter your password"))]
    )
    next = HiddenField()


class AskForResetForm(PageForm):
    email = EmailField(
        lazy_gettext("Email address"),
        filters=[strip],
        validators=[
            filled(lazy_gettext("Enter your email address")),
            at_most(254),
            email_address(lazy_gettext("Enter an email address like name@example.com")),
        ],
    )


class NewPasswordForm(PageForm):
    password = PasswordField(
        lazy_gettext("New password"), validators=[filled(lazy_gettext("Enter a new password"))]
    )


@account.route("/sign-in", methods=["GET", "POST"])
@open_route
def sign_in_page() -> Response | str | tuple[str, int]:
    form = SignInForm()
    if form.validate_on_submit():
        try:
            signed_in = sign_in(
                db.session(),
                name=form.name.data or "",
                password=form.password.data or "",
                address=request.remote_addr or "",
                at=request_at(),
            )
        except SignInThrottled as error:
            form.refuse(error)
            return render_template("account/sign_in.html", form=form), 429
        except SignInRefused as error:
            form.refuse(error, form.password)
        else:
            return _welcome(signed_in, form.next.data)
    elif request.method == "GET":
        form.next.data = request.args.get("next", "")
    return render_template("account/sign_in.html", form=form)


def _welcome(signed_in: SignedIn, next_address: str | None) -> Response:
    _end_present_session()
    forget_browser_session()
    bind_to(token_digest(signed_in.token))
    response = redirect(_after_password(signed_in.operator, next_address), code=303)
    response.set_cookie(
        session_cookie_name(current_app),
        signed_in.token,
        # The browser forgets it when it closes; the server in any case at expires_at.
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def _after_password(operator: Operator, next_address: str | None) -> str:
    """Where to go on: to the second factor, where there is one or must be one."""
    address = local_address(next_address)
    has_factor = find_second_factor(db.session(), operator.id) is not None
    db.session.rollback()
    if has_factor or must_have_second_factor(operator.roles):
        return url_for("second_factor.code_page", next=address)
    return address or url_for("account.start")


def _end_present_session() -> None:
    token = request.cookies.get(session_cookie_name(current_app))
    if token:
        sign_out(db.session(), token_digest(token), at=request_at())


@account.route("/sign-out", methods=["POST"])
@open_route
def sign_out_now() -> Response:
    """Open, so that an expired session can be left too; the form's token guards it."""
    _end_present_session()
    forget_browser_session()
    flash(gettext("You are signed out."))
    response = redirect(url_for("account.sign_in_page"), code=303)
    response.delete_cookie(
        session_cookie_name(current_app),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


@account.route("/reset", methods=["GET", "POST"])
@open_route
def ask_for_reset_page() -> Response | str:
    form = AskForResetForm()
    if not form.validate_on_submit():
        return render_template("account/ask_for_reset.html", form=form)
    link = ask_for_reset(db.session(), form.email.data or "", at=request_at())
    response = redirect(url_for("account.reset_asked"), code=303)
    if link is not None:
        # After the answer has gone out: how long it takes must not tell whether there is a mail.
        do_after_answer(response, _reset_mail(link))
    return response


@account.route("/reset/asked")
@open_route
def reset_asked() -> str:
    return render_template("account/reset_asked.html")


@account.route("/reset/<token>", methods=["GET", "POST"])
@open_route
def reset_page(token: str) -> Response | str | tuple[str, int]:
    form = NewPasswordForm()
    try:
        if form.validate_on_submit():
            reset_password(db.session(), token, form.password.data or "", at=request_at())
            flash(gettext("Your password is changed. Sign in with it."))
            return redirect(url_for("account.sign_in_page"), code=303)
        operator = get_reset_operator(db.session(), token, at=request_at())
    except ResetLinkInvalid:
        return render_template("account/reset_invalid.html"), 410
    except RuleError as error:
        form.refuse(error, form.password)
        operator = get_reset_operator(db.session(), token, at=request_at())
    return render_template(
        "account/reset.html", form=form, account_name=operator.name, shortest=SHORTEST
    )


def _reset_mail(link: ResetLink) -> Callable[[], None]:
    """The mail, worded now in the page's language, to be sent later."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    mailer: OneOffMailer = app.extensions[MAILER]
    w, at = page_wording(), request_at()
    mail = render_mail(
        "password_reset",
        w,
        operator_name=link.operator.name,
        address=app.config["PUBLIC_URL"] + url_for("account.reset_page", token=link.token),
        until=w.date_time(link.expires_at),
    )

    def send() -> None:
        with app.app_context():
            try:
                mailer.send(
                    link.operator.email,
                    mail.subject,
                    mail.text,
                    mail.html,
                    at=at,
                    language=w.language,
                )
            except Exception:
                # The page has been answered; whoever waits for the mail asks again.
                logger.exception("the reset mail of operator %s was not sent", link.operator.id)

    return send


@account.route("/desk")
@needs_role(*Role)
def start() -> Response | str:
    """The first page that the operator's roles open."""
    entries = list_navigation(current_operator())
    if entries:
        return redirect(entries[0].address, code=303)
    return render_template("account/start.html")


def init_account(app: Flask, mailer: OneOffMailer) -> None:
    """Register the pages. `mailer` sends the reset links."""
    app.extensions[MAILER] = mailer
    app.register_blueprint(account)
