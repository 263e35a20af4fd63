"""A browser without a screen: the test client, with form tokens, signing in and its own clock."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from html import unescape
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from subnotify.app import create_app
from subnotify.config import settings_from
from subnotify.operations.add_operator import add_operator
from subnotify.operations.watch_clock import Clocks
from subnotify.rules.words import Role
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.operators import Operator
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
        """Submit exactly this."""
        response = self.client.post(path, data=data, base_url=self.base_url, **given)
        response.close()  # what the app does after its answer has been done
        return response

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        response = self.post("/sign-in", name=name, password=password)
        assert response.status_code == 303, response.text
        return response


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
    with session_on(url) as session:
        return add_operator(
            session,
            name=name,
            email=f"{name.lower().replace(' ', '.')}@vendor.example",
            roles=roles,
            password=PASSWORD,
            actor="command",
            at=at,
        )
