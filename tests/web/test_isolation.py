"""Made from the map of routes: who is refused where, and that reading changes no row.

Every route is tried as nobody, as somebody who gave the password alone, as each role, and as the
holder of another client's link, with ids of objects that exist and that are not theirs.
"""

import hashlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from werkzeug.routing import Rule

from subnotify.rules.words import Role
from subnotify.storage.database import create_engine_for
from subnotify.web.access import READING_METHODS, Access, Key, find_access
from tests.support.attack_ground import TOKEN, Ground, make_ground
from tests.support.databases import KINDS, Databases
from tests.support.row_sums import changed, row_sums
from tests.support.web_client import PASSWORD, WebClient, make_operator

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
HALF = "Half Way"


class World:
    """The ground, and a browser for everybody who is not allowed everything."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.app: Flask = ground.app
        self.nobody = WebClient(ground.app)
        self.half = WebClient(ground.app)
        self.roles = {role: WebClient(ground.app) for role in Role}
        for role, browser in self.roles.items():
            make_operator(ground.url, f"Only {role.value}", [role], at=AT)
            browser.sign_in(f"Only {role.value}")
        make_operator(ground.url, HALF, list(Role), at=AT)
        self.half.post("/sign-in", name=HALF, password=PASSWORD)
        everybody = (self.nobody, self.half, ground.operator, *self.roles.values())
        self.tokens = {browser: browser.token("/reset") for browser in everybody}
        self._engine = create_engine_for(ground.url)

    def rules(self) -> Iterator[tuple[Rule, Access]]:
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule):
            access = find_access(self.app.view_functions[rule.endpoint])
            assert access is not None, rule.rule
            if rule.endpoint != "static":
                yield rule, access

    def path(self, rule: Rule) -> str:
        return self.ground.path(rule.rule)

    def ask(self, browser: WebClient, method: str, path: str) -> tuple[int, str]:
        """Status and location of the answer."""
        if method == "GET":
            answer = browser.get(path)
        else:
            # A form with a right token: the refusal is the role's alone.
            answer = browser.post_once(path, {"csrf_token": self.tokens[browser], "note": "x"})
        return answer.status_code, answer.location or ""

    def sums(self) -> dict[str, str]:
        """A checksum of all rows of each table."""
        return row_sums(self._engine)

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture(scope="module", params=KINDS)
def world(request, databases: Databases, tmp_path_factory) -> Iterator[World]:
    logging.disable(logging.CRITICAL)
    mailbox = tmp_path_factory.mktemp("mailbox") / "mails"
    url = databases.migrated(request.param)
    made = World(make_ground(url, AT, smtp_port=1, mailbox=mailbox))
    yield made
    made.close()
    logging.disable(logging.NOTSET)


def test_reading_changes_no_row(world: World) -> None:
    """GET and HEAD of every route, by somebody with every role and by nobody; the refusals of the
    others are tried below."""
    before = world.sums()
    for rule, _access in world.rules():
        for method in READING_METHODS & (rule.methods or set()):
            for browser in (world.nobody, world.ground.operator):
                path = world.path(rule)
                answer = browser.client.open(path, method=method, base_url=browser.base_url)
                answer.close()
                assert answer.status_code < 500, (method, path)
    assert changed(before, world.sums()) == []


def test_whoever_may_not_is_refused_and_changes_nothing(world: World) -> None:
    before = world.sums()
    for rule, access in world.rules():
        for method in ("GET", "POST"):
            if method not in (rule.methods or ()):
                continue
            for browser, expected in refused(world, access):
                status, location = world.ask(browser, method, world.path(rule))
                assert (status, location[: len(expected[1])]) == expected, (method, rule.rule)
    assert changed(before, world.sums()) == []


def refused(world: World, access: Access) -> Iterator[tuple[WebClient, tuple[int, str]]]:
    """Who must not open such a route, and what each gets instead."""
    if access.key is Key.ROLE:
        yield world.nobody, (303, "/sign-in")
        yield world.half, (303, "/sign-in/code")
        for role in set(Role) - access.roles:
            yield world.roles[role], (403, "")
    elif access.key is Key.PASSWORD:
        yield world.nobody, (303, "/sign-in")
    elif access.key is Key.PORTAL:
        # An operator is nobody in the clients' portal, whatever the roles.
        for browser in (world.nobody, world.half, world.ground.operator):
            yield browser, (303, "/portal/sign-in")
    elif access.key is Key.TOKEN:
        for browser in (world.nobody, world.half, world.ground.operator):
            yield browser, (401, "")


def test_a_forged_or_foreign_link_opens_nothing(world: World) -> None:
    """One letter off, the link of another notice, or its digest: no page, and no row changes."""
    before = world.sums()
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    for rule, access in world.rules():
        if access.key is not Key.NOTICE_LINK:
            continue
        for wrong in (TOKEN[:-1] + "e", TOKEN.upper(), digest, "x" * 43):
            path = world.path(rule).replace(TOKEN, wrong)
            for method in ("GET", "POST"):
                if method in (rule.methods or ()):
                    status, _location = world.ask(world.nobody, method, path)
                    assert status in (400, 404, 410), (method, path)
    assert changed(before, world.sums()) == []
