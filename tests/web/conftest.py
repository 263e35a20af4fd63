"""The app on a database of the test's own, a browser, and operators."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser

from subnotify.rules.words import Channel, Role
from tests.support.browser import chromium
from tests.support.letter_batches import prepare, queue
from tests.support.scenario import Scenario
from tests.support.smtp_server import ScriptedSmtpServer
from tests.support.web_client import SettableClock, WebClient, make_app, make_operator, session_on


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests that look at pages."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def clock(at: datetime) -> SettableClock:
    return SettableClock(at)


@pytest.fixture
def app(database_url: str, clock: SettableClock, smtp_server: ScriptedSmtpServer) -> Flask:
    """The app as it runs, sending to a real mail server on this machine."""
    return make_app(database_url, clock, smtp_port=smtp_server.port)


@pytest.fixture
def client(app: Flask) -> WebClient:
    """Nobody is signed in."""
    return WebClient(app)


@pytest.fixture
def signed_in(app: Flask, database_url: str, clock: SettableClock) -> Callable[..., WebClient]:
    """`signed_in(Role.LEGAL)`: a browser in which an operator with these roles is signed in."""

    def sign_in(*roles: Role) -> WebClient:
        name = "Ana " + " ".join(role.value for role in roles)
        make_operator(database_url, name, roles, at=clock.at)
        browser = WebClient(app)
        browser.sign_in(name)
        return browser

    return sign_in


@pytest.fixture
def registered(database_url: str, at: datetime) -> list[int]:
    """Two registered letters that wait."""
    with session_on(database_url) as session:
        return queue(Scenario(session, at=at), 2, Channel.REGISTERED_POST)


@pytest.fixture
def batch(registered: list[int], database_url: str, at: datetime) -> int:
    """The two in a batch that is to be handed over; its number."""
    with session_on(database_url) as session:
        prepare(session, at=at)
    return 1
