"""Who may open which route. Every route is closed unless its view declares otherwise.

A view declares exactly one of `@open_route`, `@notice_link_route`, `@signed_route`,
`@token_route(...)`, `@portal_route`, `@needs_password`, `@needs_role(...)`, below its
`@blueprint.route`. The guard runs before each request, tells who is signed in, and refuses. A view
for roles may ask for the password again, by `@needs_password_again` (web/password_again.py).
"""

import hashlib
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden, SecurityError
from werkzeug.wrappers import Response

from subnotify.rules.second_factor import (
    BETWEEN_PASSWORD_AND_CODE,
    PASSWORD_COUNTS_FOR,
    must_have_second_factor,
)
from subnotify.rules.words import Role, TokenScope
from subnotify.storage.api_tokens import find_api_token
from subnotify.storage.database import begin_read_only, db
from subnotify.storage.operators import Operator
from subnotify.storage.portal import PortalVisit, find_portal_visit
from subnotify.storage.second_factors import SessionState, find_session_state
from subnotify.web.problem_details import problem_response
from subnotify.web.request_limits import RequestLimit

View = TypeVar("View", bound=Callable[..., Any])

_DECLARATION = "subnotify_access"
_ASKS_AGAIN = "subnotify_password_again"
# Of the API, in each process of the web server (web/request_limits.py, web/gate-json.md).
MOST_PER_TOKEN = 120
MOST_WRONG_TOKENS = 20
LIMIT_PERIOD = timedelta(minutes=1)
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Key(StrEnum):
    """What opens a route."""

    NOTHING = "nothing"
    NOTICE_LINK = "notice_link"
    SIGNATURE = "signature"
    TOKEN = "token"
    PORTAL = "portal"
    PASSWORD = "password"
    ROLE = "role"


@dataclass(frozen=True)
class Access:
    """A view's declaration. `roles`: any of them is enough; empty unless the key is a role.
    `scope`: what the token must be for."""

    key: Key
    roles: frozenset[Role] = frozenset()
    scope: TokenScope | None = None


def open_route(view: View) -> View:
    """Anybody may open this route."""
    return _declare(view, Access(Key.NOTHING))


def notice_link_route(view: View) -> View:
    """Whoever holds the link may open this route: the view looks the token of its path up."""
    return _declare(view, Access(Key.NOTICE_LINK))


def signed_route(view: View) -> View:
    """Whoever knows a secret of ours may post here: the view checks the signature of the whole
    request, which no form's token could add anything to."""
    return _declare(view, Access(Key.SIGNATURE))


def token_route(scope: TokenScope) -> Callable[[View], View]:
    """Only a machine with a valid token of this scope in `Authorization: Bearer` (RFC 6750)."""
    return lambda view: _declare(view, Access(Key.TOKEN, scope=scope))


def portal_route(view: View) -> View:
    """Only a mailbox that signed in to the client portal; what it opens is loaded through it."""
    return _declare(view, Access(Key.PORTAL))


def needs_password(view: View) -> View:
    """Whoever gave an operator's password may open this route, the second factor still to come."""
    return _declare(view, Access(Key.PASSWORD))


def needs_password_again(view: View) -> View:
    """A step of weight: beside `@needs_role`. A POST to this view goes on only where the password
    was given in this session within the last ten minutes; else a page asks for it first."""
    setattr(view, _ASKS_AGAIN, True)
    return view


def needs_password_to(field: str) -> Callable[[View], View]:
    """The same for a POST that carries this field; without it the view only shows what it would
    do, and does nothing."""

    def declare(view: View) -> View:
        setattr(view, _ASKS_AGAIN, field)
        return view

    return declare


def asks_password_again(view: Callable[..., Any], sent: Container[str] | None = None) -> bool:
    """Whether the view asks for it: ever, or (sent: names of fields) for what was sent."""
    asks = getattr(view, _ASKS_AGAIN, False)
    return bool(asks) if sent is None or asks in (True, False) else asks in sent


def needs_role(*roles: Role) -> Callable[[View], View]:
    """Only a signed-in operator with one of these roles. Admin does not imply the others."""
    if not roles:
        raise ValueError("name the roles; @needs_role(*Role) for any signed-in operator")
    return lambda view: _declare(view, Access(Key.ROLE, frozenset(roles)))


def _declare(view: View, access: Access) -> View:
    if hasattr(view, _DECLARATION):
        raise ValueError(f"{view.__name__} declares its access twice")
    setattr(view, _DECLARATION, access)
    return view


def find_access(view: Callable[..., Any]) -> Access | None:
    """What a view declares, or None."""
    return getattr(view, _DECLARATION, None)


def current_operator() -> Operator:
    """Who is signed in. On a route for roles there always is somebody; elsewhere Forbidden."""
    operator = find_current_operator()
    if operator is None:
        raise Forbidden()
    return operator


def find_current_operator() -> Operator | None:
    """Who is signed in, if anybody."""
    return cast("Operator | None", g.get("operator"))


def session_state() -> SessionState:
    """How far this browser's session has come. On a route that asks for a password there always
    is one; elsewhere Forbidden."""
    state = cast("SessionState | None", g.get("session_state"))
    if state is None:
        raise Forbidden()
    return state


def session_digest() -> str:
    """The digest of this browser's session; only with `session_state`."""
    return cast(str, g.operator_session_digest)


def is_complete(state: SessionState) -> bool:
    """Whether the session has given all that its operator must give."""
    if state.second_factor_at is not None:
        return True
    return not state.has_factor and not must_have_second_factor(state.operator.roles)


def is_password_fresh(state: SessionState) -> bool:
    """Whether the password was given so lately that nothing asks for it again."""
    given = state.password_at
    return given is not None and request_at() < given + PASSWORD_COUNTS_FOR


def request_at() -> datetime:
    """The instant of this request (aware, UTC): the `at` of every operation that it calls."""
    return cast(datetime, g.at)


def token_digest(token: str) -> str:
    """SHA-256 of a token in hexadecimal: what the database knows of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_cookie_name(app: Flask) -> str:
    """The name of the operator's cookie. `__Host-` keeps neighbouring hosts from planting one."""
    return (
        "__Host-subnotify_operator" if app.config["SESSION_COOKIE_SECURE"] else "subnotify_operator"
    )


def current_visit() -> PortalVisit:
    """Which mailbox is signed in. On a route of the portal there always is one; else Forbidden."""
    visit = cast("PortalVisit | None", g.get("portal_visit"))
    if visit is None:
        raise Forbidden()
    return visit


def portal_cookie_name(app: Flask) -> str:
    """The name of the portal's cookie."""
    return "__Host-subnotify_portal" if app.config["SESSION_COOKIE_SECURE"] else "subnotify_portal"


def init_access(app: Flask, clock: Callable[[], datetime]) -> None:
    """Attach the guard. `clock` gives the instant of each request."""
    for endpoint, view in app.view_functions.items():
        if endpoint == "static" and find_access(view) is None:
            # Flask's own view: the stylesheet, the mark.
            app.view_functions[endpoint] = open_route(lambda **given: app.send_static_file(**given))

    app.extensions["subnotify_token_limits"] = _Limits(
        RequestLimit(MOST_PER_TOKEN, LIMIT_PERIOD), RequestLimit(MOST_WRONG_TOKENS, LIMIT_PERIOD)
    )

    @app.before_request
    def guard() -> Response | None:
        g.at = clock()
        if isinstance(request.routing_exception, SecurityError):
            # Not our host: no page of ours, which would hold links to it.
            return Response("This host is not served here.\n", 400, mimetype="text/plain")
        if request.endpoint is None:
            return None  # no such route, or not by this method: the error page follows
        access = find_access(current_app.view_functions[request.endpoint])
        if access is None:
            # Written without a declaration: closed for everybody, and a test fails.
            abort(404)
        if access.key is Key.PORTAL:
            _begin_visit()
        elif request.endpoint != "static":
            _begin()
        return _refuse_if_closed(access)


def _begin() -> None:
    """Find who is signed in, and leave a transaction in which a GET cannot change anything."""
    token = request.cookies.get(session_cookie_name(current_app))
    reads_only = request.method in READING_METHODS
    if token or reads_only:
        begin_read_only(db.session())
    if token:
        digest = token_digest(token)
        state = find_session_state(db.session(), digest, at=request_at())
        if state and not is_complete(state) and _is_overdue(state):
            state = None
        g.session_state = state
        # Until all is given nobody is signed in.
        g.operator = state.operator if state and is_complete(state) else None
        g.operator_session_digest = digest if state else None
    if token and not reads_only:
        # The operation that follows begins its own transaction.
        db.session.rollback()


def _begin_visit() -> None:
    """Find which mailbox is signed in. An operator of the same browser is nobody here."""
    token = request.cookies.get(portal_cookie_name(current_app))
    begin_read_only(db.session())
    if token:
        digest = token_digest(token)
        g.portal_visit = find_portal_visit(db.session(), digest, at=request_at())
    if request.method not in READING_METHODS:
        # The operation that follows begins its own transaction.
        db.session.rollback()


def _is_overdue(state: SessionState) -> bool:
    return request_at() >= state.created_at + BETWEEN_PASSWORD_AND_CODE


def _refuse_if_closed(access: Access) -> Response | None:
    if access.key is Key.TOKEN:
        return _refuse_token(access.scope)
    if access.key is Key.PORTAL:
        signed_in = g.get("portal_visit") is not None
        return None if signed_in else redirect(url_for("portal.ask_page"), code=303)
    if access.key not in (Key.ROLE, Key.PASSWORD):
        return None
    state: SessionState | None = g.get("session_state")
    if state is not None and access.key is Key.PASSWORD:
        return None
    operator = find_current_operator()
    if operator is None:
        # After signing in a GET goes on where it was; a POST cannot be repeated blindly.
        where = request.full_path.rstrip("?") if request.method == "GET" else None
        page = "account.sign_in_page" if state is None else "second_factor.code_page"
        return redirect(url_for(page, next=where), code=303)
    if not operator.roles & access.roles:
        abort(403)
    return None


def _refuse_token(scope: TokenScope | None) -> Response | None:
    """RFC 6750, section 3.1: which of the three refusals a machine gets, and how it mends it."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return _refused_token(401, "", "Send the token as `Authorization: Bearer TOKEN`.")
    found = find_api_token(db.session(), token_digest(token.strip()))
    if found is None or not found.is_valid(request_at()):
        return _refuse_wrong_token()
    if found.scope is not scope:
        return _refused_token(403, "insufficient_scope", "The token is for something else.")
    limit = _limits().of_token
    wait = limit.count(str(found.id), at=request_at())
    if wait is not None:
        return _too_often(wait, f"This token asks more than {limit.most} times a minute.")
    return None


def _refuse_wrong_token() -> Response:
    limit = _limits().of_wrong_tokens
    wait = limit.count(request.remote_addr or "", at=request_at())
    if wait is not None:
        said = f"More than {limit.most} wrong tokens came from this address within a minute."
        return _too_often(wait, said)
    said = "The token is unknown, has ended or was revoked: have a new one made."
    return _refused_token(401, "invalid_token", said)


def _too_often(wait: int, why: str) -> Response:
    detail = f"{why} Ask again in {wait} s."
    return problem_response(429, detail, {"Retry-After": str(wait)})


@dataclass(frozen=True)
class _Limits:
    """By token, and by address for tokens that open nothing. A valid token is never refused for
    what others of its address send."""

    of_token: RequestLimit
    of_wrong_tokens: RequestLimit


def _limits() -> _Limits:
    limits: _Limits = current_app.extensions["subnotify_token_limits"]
    return limits


def _refused_token(status: int, error: str, said: str) -> Response:
    challenge = 'Bearer realm="subnotify"' + (f', error="{error}"' if error else "")
    return problem_response(status, said, {"WWW-Authenticate": challenge})
