"""Every route is closed unless it says otherwise: all of them are listed and tried."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from werkzeug.routing import Rule

from subnotify.rules.words import Role
from subnotify.web.access import Key, find_access
from tests.support.databases import Databases
from tests.support.web_client import SettableClock, WebClient, make_app, make_operator

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)

# Open to everybody, on purpose. A new line here is a decision.
OPEN_PATHS = {
    "/static/<path:filename>",
    "/",
    "/history",
    "/subprocessors.json",
    "/up",
    "/calendars/<token>.ics",
    "/sign-in",
    "/sign-out",
    "/reset",
    "/reset/asked",
    "/reset/<token>",
    "/portal/sign-in",
    "/portal/sign-in/asked",
    "/portal/sign-in/<token>",
    "/portal/sign-out",
    "/portal/calendars/<token>.ics",
    "/mailbox",
    "/mailbox/codes",
    "/mailbox/<int:number>",
    "/mailbox/<int:number>/html",
    "/mailbox/<int:number>/answer",
    "/mailbox/<int:number>/files/<int:file_number>",
}


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    yield from (databases.migrated("sqlite"),)


@pytest.fixture(scope="module")
def app(url: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    mailbox = tmp_path_factory.mktemp("mailbox") / "mails"
    return make_app(
        url, SettableClock(AT), DEMO_MAILBOX=str(mailbox), WEBHOOK_SECRET="only-for-tests-" * 3
    )


@pytest.fixture(scope="module")
def browsers(app: Flask, url: str) -> dict[Role, WebClient]:
    made = {}
    for role in Role:
        make_operator(url, f"Only {role.value}", [role], at=AT)
        made[role] = WebClient(app)
        made[role].sign_in(f"Only {role.value}")
    return made


def rules_of(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, str(rule.methods)))


def example_of(rule: Rule) -> str:
    """An address of the rule: 1 for numbers, a day for dates, a word for the rest."""
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", lambda m: _value(m[1], m[2]), rule.rule)


def _value(converter: str | None, name: str) -> str:
    if converter in ("int", "float"):
        return "1"
    return "2026-03-02" if name.endswith("_on") else "x" * 43


def test_every_route_declares_who_may_open_it(app: Flask) -> None:
    undeclared = [
        rule.rule
        for rule in rules_of(app)
        if find_access(app.view_functions[rule.endpoint]) is None
    ]
    assert undeclared == []


def test_only_the_listed_paths_are_open(app: Flask) -> None:
    found = {rule.rule for rule in rules_of(app) if _key(app, rule) is Key.NOTHING}
    assert found <= OPEN_PATHS


def test_only_the_listed_paths_take_a_signature(app: Flask) -> None:
    found = {rule.rule for rule in rules_of(app) if _key(app, rule) is Key.SIGNATURE}
    assert found == {"/hooks/delivery-events"}


def test_only_the_listed_paths_take_a_token(app: Flask) -> None:
    found = {rule.rule for rule in rules_of(app) if _key(app, rule) is Key.TOKEN}
    assert found == {"/api/v1/changes/<int:change_id>/gate"}
    stranger = WebClient(app)
    for path in found:
        assert stranger.get(path.replace("<int:change_id>", "1")).status_code == 401


def test_what_a_notice_link_opens_holds_its_token(app: Flask) -> None:
    for rule in rules_of(app):
        if _key(app, rule) is Key.NOTICE_LINK:
            assert "<token>" in rule.rule, rule.rule


def test_closed_routes_send_strangers_to_the_sign_in(app: Flask) -> None:
    stranger = WebClient(app)
    for rule in rules_of(app):
        if _key(app, rule) not in (Key.ROLE, Key.PASSWORD):
            continue
        if "GET" in (rule.methods or ()):
            response = stranger.get(example_of(rule))
        else:
            token = stranger.token("/sign-in")
            response = stranger.post_bare(example_of(rule), {"csrf_token": token})
        assert response.status_code == 303, rule.rule
        assert response.location.startswith("/sign-in"), rule.rule


def test_the_portal_sends_strangers_and_operators_to_its_sign_in(
    app: Flask, browsers: dict[Role, WebClient]
) -> None:
    for rule in rules_of(app):
        if _key(app, rule) is not Key.PORTAL:
            continue
        for browser in (WebClient(app), browsers[Role.ADMIN]):
            if "GET" in (rule.methods or ()):
                response = browser.get(example_of(rule))
            else:
                token = browser.token("/portal/sign-in")
                response = browser.post_bare(example_of(rule), {"csrf_token": token})
            assert (response.status_code, response.location) == (303, "/portal/sign-in"), rule.rule


def test_closed_routes_refuse_other_roles(app: Flask, browsers: dict[Role, WebClient]) -> None:
    for rule in rules_of(app):
        access = find_access(app.view_functions[rule.endpoint])
        assert access is not None
        for role in sorted(set(Role) - access.roles if access.roles else ()):
            browser = browsers[role]
            if "GET" in (rule.methods or ()):
                response = browser.get(example_of(rule))
            else:
                token = browser.token("/reset")
                response = browser.post_bare(example_of(rule), {"csrf_token": token})
            assert response.status_code == 403, (rule.rule, role)


def test_a_get_of_any_route_does_not_fail(app: Flask, browsers: dict[Role, WebClient]) -> None:
    """With example addresses most objects do not exist; none may answer with an error of ours."""
    for rule in rules_of(app):
        access = find_access(app.view_functions[rule.endpoint])
        assert access is not None
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            role = next(iter(access.roles), Role.LEGAL)
            assert browsers[role].get(example_of(rule)).status_code < 500, rule.rule


def test_every_post_asks_for_the_form_token(app: Flask, browsers: dict[Role, WebClient]) -> None:
    for rule in rules_of(app):
        access = find_access(app.view_functions[rule.endpoint])
        assert access is not None
        if "POST" in (rule.methods or ()):
            role = next(iter(access.roles), Role.LEGAL)
            response = browsers[role].post_bare(example_of(rule), {})
            # Behind a notice link the form itself may check the token, once the link is known.
            # A signed request is no form.
            # In the portal nobody is signed in here; tests/web/test_portal.py asks there.
            others = {
                Key.NOTICE_LINK: {400, 404},
                Key.SIGNATURE: {401, 415},
                Key.PORTAL: {303},
            }
            refused = others.get(access.key, {400})
            assert response.status_code in refused, rule.rule


def test_an_undeclared_route_is_closed(url: str) -> None:
    app = make_app(url, SettableClock(AT))
    app.add_url_rule("/forgotten", view_func=lambda: "secret")
    assert WebClient(app).get("/forgotten").status_code == 404


def _key(app: Flask, rule: Rule) -> Key | None:
    access = find_access(app.view_functions[rule.endpoint])
    return access.key if access else None
