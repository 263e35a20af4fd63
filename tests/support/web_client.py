"""A browser without a screen: the test client, with form tokens, signing in and its own clock."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from html import unescape
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from subnotify.app import create_app
from subnotify.config import settings_from
from subnotify.operations.add_operator import add_operator
from subnotify.operations.watch_clock import Clocks
from subnotify.rules.second_factor import must_have_second_factor
from subnotify.rules.words import Role
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.operators import Operator
from tests.support import telephones
from tests.support.settings import environment_for

PASSWORD = "tortoise lamp seven"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class SettableClock:
    """What the app reads as now: set `at` to move it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class WebClient:
    """One browser with its cookies."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.password = PASSWORD
        self.base_url = app.config["PUBLIC_URL"]
        self.client = app.test_client()

    def get(self, path: str, **given: Any) -> TestResponse:
        return self.client.get(path, base_url=self.base_url, **given)

    def token(self, page: str) -> str:
        """The form token of the page's last form: the header's sign-out form stands before it."""
        found = _TOKEN.findall(self.get(page).text)
        assert found, f"no form on {page}"
        return unescape(found[-1])

    def post(self, path: str, page: str | None = None, **fields: Any) -> TestResponse:
        """Submit the form that stands on `page` (by default the page of the same address)."""
        data = {"csrf_token": self.token(page or path), **fields}
        return self.post_bare(path, data)

    def post_bare(self, path: str, data: dict[str, Any], **given: Any) -> TestResponse:
        """Submit exactly this; and the password, where a step asks for it again."""
        again = _copied(data)
        response = self.post_once(path, data, **given)
        if response.status_code == 403 and 'name="password_again"' in response.text:
            return self.post_once(path, {**again, "password_again": self.password}, **given)
        return response

    def post_once(self, path: str, data: dict[str, Any], **given: Any) -> TestResponse:
        """Submit exactly this, and nothing after it."""
        response = self.client.post(path, data=data, base_url=self.base_url, **given)
        response.close()  # what the app does after its answer has been done
        return response

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        """By the password and, where the operator has one, by the code of the telephone."""
        self.password = password
        response = self.post("/sign-in", name=name, password=password)
        assert response.status_code == 303, response.text
        if response.location.startswith("/sign-in/code"):
            # The cookie that the first answer set stays; a caller may look for it.
            cookies = response.headers.getlist("Set-Cookie")
            code = telephones.code_for(self.app, name)
            response = self.post("/sign-in/code", page=response.location, code=code)
            assert response.status_code == 303, response.text
            for cookie in cookies:
                response.headers.add("Set-Cookie", cookie)
        return response


def _copied(data: dict[str, Any]) -> dict[str, Any]:
    """The fields once more: sending a file reads it up."""
    # A MultiDict may hold a name without values, which its items() cannot tell.
    pairs = data.lists() if isinstance(data, MultiDict) else data.items()
    return {name: _copied_file(value) for name, value in pairs}


def _copied_file(value: Any) -> Any:
    if isinstance(value, list):
        return [_copied_file(one) for one in value]
    if isinstance(value, tuple) and isinstance(value[0], BytesIO):
        return (BytesIO(value[0].getvalue()), *value[1:])
    return value


@contextmanager
def session_on(url: str) -> Iterator[Session]:
    engine = create_engine_for(url)
    try:
        with session_factory(engine)() as session:
            yield session
    finally:
        engine.dispose()


def make_app(
    url: str,
    clock: SettableClock,
    *,
    smtp_port: int = 25,
    mailer: Any = None,
    clocks: Clocks | None = None,
    **changed: str,
) -> Flask:
    """The app on a migrated database. `changed`: settings by the names of their variables."""
    environment = environment_for(url, smtp_port=smtp_port)
    environment.update({f"SUBNOTIFY_{name}": value for name, value in changed.items()})
    return create_app(settings_from(environment), clock=clock, mailer=mailer, clocks=clocks)


def make_operator(url: str, name: str, roles: Iterable[Role], *, at: datetime) -> Operator:
    """An operator with PASSWORD, and with a telephone where the roles ask for a second factor."""
    with session_on(url) as session:
        operator = add_operator(
            session,
            name=name,
            email=f"{name.lower().replace(' ', '.')}@vendor.example",
            roles=roles,
            password=PASSWORD,
            actor="command",
            at=at,
        )
        if must_have_second_factor(operator.roles):
            telephones.hand_out(session, operator, at=at)
    return operator
