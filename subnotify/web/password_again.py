"""The password once more before a step of weight; what was typed goes on with it.

A POST to a view that declares `@needs_password_again` (or `@needs_password_to`) is held where the
password was given more than ten minutes ago. The page that asks carries every field that was sent;
files, which no page can carry, are asked for again in the same form.
"""

from flask import Flask, current_app, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import PasswordField

from subnotify.operations.confirm_password import confirm_password
from subnotify.operations.sign_in import SignInThrottled
from subnotify.rules.second_factor import PasswordWrong
from subnotify.storage.database import db
from subnotify.web.access import (
    READING_METHODS,
    asks_password_again,
    is_password_fresh,
    request_at,
    session_digest,
    session_state,
)
from subnotify.web.forms_base import PageForm, filled

FIELD = "password_again"


class PasswordAgainForm(PageForm):
    password_again = PasswordField(
        _l("Your password"), validators=[filled(_l("Enter your password"))]
    )


def init_password_again(app: Flask) -> None:
    """Hold such requests. Must come after the checks of access and of form tokens."""

    @app.before_request
    def hold() -> Response | None:
        view = app.view_functions.get(request.endpoint or "")
        if view is None or request.method in READING_METHODS:
            return None
        if not asks_password_again(view, request.form):
            return None
        # Some views check the token in their own form: whoever asks for a password comes first.
        app.extensions["csrf"].protect()
        if is_password_fresh(session_state()):
            return None
        # The token that was sent has been checked, and is sent on as it came.
        form = PasswordAgainForm(meta={"csrf": False})
        if FIELD not in request.form:
            return _ask(form, 403)
        if form.validate():
            try:
                confirm_password(
                    db.session(),
                    session_state().operator,
                    form.password_again.data or "",
                    token_digest=session_digest(),
                    address=request.remote_addr or "",
                    at=request_at(),
                )
            except SignInThrottled as error:
                form.refuse(error)
                return _ask(form, 429)
            except PasswordWrong as error:
                form.refuse(error, form.password_again)
            else:
                return None
        return _ask(form, 403)


def _ask(form: PasswordAgainForm, status: int) -> Response:
    typed = [
        (name, value) for name, values in request.form.lists() for value in values if name != FIELD
    ]
    files = [
        (name, given.filename) for name, given in request.files.items(multi=True) if given.filename
    ]
    page = render_template(
        "account/password_again.html",
        form=form,
        typed=typed,
        files=files,
        is_multipart=request.mimetype == "multipart/form-data",
        leave_address=_page_of_form(),
    )
    return current_app.make_response((page, status))


def _page_of_form() -> str:
    """Where somebody goes who gives the step up."""
    rule = request.url_rule
    has_page = rule is not None and "GET" in (rule.methods or ())
    return request.path if has_page else url_for("account.start")
