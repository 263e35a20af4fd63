"""Every form carries a token bound to its reader's cookie; a page left open too long is no loss.

The check itself is Flask-WTF's. What is ours: the token is bound to the operator's session, and
when it does not match, the page shows what was typed and offers to send it again.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask, g, render_template, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect

from subnotify.web.access import Key, find_access

TOKEN_LASTS = timedelta(hours=12)
_BOUND_TO = "for"
_CHECKED_IN_FORM = "subnotify_csrf_in_form"
View = TypeVar("View", bound=Callable[..., Any])
# Never shown again, and of no use on a second try.
_SECRET_FIELDS = ("password", "token", "code")


def init_csrf(app: Flask) -> None:
    """Check every POST. Must come after the access guard, which tells who is signed in."""
    app.config.update(
        WTF_CSRF_TIME_LIMIT=int(TOKEN_LASTS.total_seconds()),
        # It would ask for a Referer, and our pages send none (they may hold a notice link).
        WTF_CSRF_SSL_STRICT=False,
        # The page below asks for the token itself, after binding it.
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    csrf = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        if request.endpoint == "static":
            return
        _bind_to_operator_session()
        view = app.view_functions.get(request.endpoint or "")
        access = find_access(view) if view else None
        if access is not None and access.key is Key.SIGNATURE:
            return
        if app.config["WTF_CSRF_ENABLED"] and not getattr(view, _CHECKED_IN_FORM, False):
            csrf.protect(apply_exemptions=True)

    app.register_error_handler(CSRFError, _show_expired)


def csrf_in_form(view: View) -> View:
    """The view's own form (a PageForm) checks the token, and shows itself again with what was
    typed where the token is stale. Every POST of such a view must go through its form."""
    setattr(view, _CHECKED_IN_FORM, True)
    return view


def forget_browser_session() -> None:
    """Drop what the signed cookie holds: at sign-in and sign-out nothing old may live on."""
    session.clear()
    g.pop("csrf_token", None)


def bind_to(session_digest: str) -> None:
    """Bind the tokens of the pages that follow to this operator session."""
    session[_BOUND_TO] = session_digest[:16]


def _bind_to_operator_session() -> None:
    """A cookie from before this sign-in, or planted by somebody else, is emptied."""
    digest = g.get("operator_session_digest")
    if digest and session.get(_BOUND_TO) != digest[:16]:
        forget_browser_session()
        bind_to(digest)


def is_from_elsewhere() -> bool:
    """Whether a page of another site sent this request."""
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def _show_expired(_error: CSRFError) -> tuple[str, int]:
    typed = [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if not name.endswith("csrf_token")
    ]
    holds_secret = any(secret in name for name, _ in typed for secret in _SECRET_FIELDS)
    # A form that another site sent here is not offered again: its reader never wrote it.
    can_send_again = not (holds_secret or is_from_elsewhere() or request.files)
    return (
        render_template(
            "errors/expired.html", typed=typed if can_send_again else [], again=can_send_again
        ),
        400,
    )
