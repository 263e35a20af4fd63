"""Headers and cookies of every answer; hosts, proxies and sizes."""

from datetime import timedelta

import pytest
from flask import Flask, request

from subnotify.rules.words import Role
from subnotify.storage.database import db
from subnotify.storage.tables import VendorRow
from subnotify.web.access import open_route
from subnotify.web.headers import let_be_cached
from tests.support.web_client import PASSWORD, SettableClock, WebClient, make_app, make_operator


@pytest.mark.parametrize("path", ["/sign-in", "/desk", "/nothing-here", "/static/subnotify.css"])
def test_every_answer_carries_the_headers(client: WebClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers, "the test's public address is http"


@pytest.mark.parametrize("path", ["/sign-in", "/desk", "/nothing-here"])
def test_pages_are_not_stored(client: WebClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_the_stylesheet_is_kept_and_its_address_changes_with_it(client: WebClient) -> None:
    assert "/static/subnotify.css?v=" in client.get("/sign-in").text
    response = client.get("/static/subnotify.css")
    assert response.mimetype == "text/css"
    assert "max-age=2592000" in response.headers["Cache-Control"]
    assert "Set-Cookie" not in response.headers


def test_no_page_brings_inline_style_or_script(client: WebClient) -> None:
    for path in ("/sign-in", "/reset", "/reset/asked", "/nothing-here"):
        text = client.get(path).text
        assert "<script" not in text and "<style" not in text and " style=" not in text


def test_over_https(database_url: str, clock: SettableClock) -> None:
    app = make_app(database_url, clock, PUBLIC_URL="https://list.vendor.example")
    make_operator(database_url, "Ana", [Role.LEGAL], at=clock.at)
    browser = WebClient(app)
    response = browser.post("/sign-in", name="Ana", password=PASSWORD)
    assert response.status_code == 303, "no Referer is needed: our pages send none"
    cookies = response.headers.getlist("Set-Cookie")
    assert {line.split("=")[0] for line in cookies} == {
        "__Host-subnotify_operator",
        "__Host-subnotify_form",
    }
    for line in cookies:
        assert "Secure" in line and "HttpOnly" in line and "Path=/" in line
        assert "Domain" not in line
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_another_host_gets_nothing(app: Flask) -> None:
    response = app.test_client().get("/sign-in", base_url="http://evil.example")
    assert response.status_code == 400
    assert "evil.example" not in response.text and "<a" not in response.text


def test_proxies_are_believed_only_as_configured(database_url: str, clock: SettableClock) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.7, 198.51.100.9", "X-Forwarded-Proto": "https"}
    seen = {}
    for count in (0, 1):
        app = make_app(database_url, clock, TRUSTED_PROXIES=str(count))

        @app.route("/seen")
        @open_route
        def who() -> str:
            return f"{request.remote_addr} {request.scheme}"

        seen[count] = WebClient(app).get("/seen", headers=forwarded).text
    assert seen == {0: "127.0.0.1 http", 1: "198.51.100.9 https"}


def test_a_body_that_is_too_large_is_refused(client: WebClient) -> None:
    token = client.token("/reset")
    response = client.post_bare("/reset", {"csrf_token": token, "email": "x" * 3_000_000})
    assert response.status_code == 413
    assert "Too much was sent" in response.text


def test_a_get_cannot_write(app: Flask, client: WebClient) -> None:
    @app.route("/write", methods=["GET", "POST"])
    @open_route
    def write() -> str:
        db.session.add(VendorRow(id=1, profile={"name": "Nordhafen"}, list_version=0))
        db.session.commit()
        return "written"

    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert client.get("/write").status_code == 500
    assert client.client.head("/write", base_url=client.base_url).status_code == 500
    token = client.token("/reset")
    assert client.post_bare("/write", {"csrf_token": token}).text == "written"


def test_a_public_page_may_be_kept_by_language(app: Flask, client: WebClient) -> None:
    @app.route("/public")
    @open_route
    def public() -> object:
        return let_be_cached(app.make_response("list"), timedelta(minutes=5))

    headers = client.get("/public").headers
    assert headers["Cache-Control"] == "public, max-age=300"
    assert "Accept-Language" in headers["Vary"] and "Cookie" in headers["Vary"]
