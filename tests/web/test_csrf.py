"""Forms carry a token; a page that was open for too long loses nothing."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from subnotify.rules.words import Role
from tests.support.web_client import PASSWORD, WebClient

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def test_a_form_without_a_token_keeps_what_was_typed(client: WebClient) -> None:
    page = client.post_bare("/reset", {"email": 'ana"<b>@vendor.example'})
    assert page.status_code == 400
    assert "Nothing has been sent yet" in page.text
    assert "ana&#34;&lt;b&gt;@vendor.example" in page.text
    # The page's last form is the one to send again, with a fresh token.
    fields = {name: unescape(value) for name, value in HIDDEN.findall(page.text)}
    assert fields["email"] == 'ana"<b>@vendor.example'
    again = client.post_bare("/reset", {**fields, "email": "ana@vendor.example"})
    assert (again.status_code, again.location) == (303, "/reset/asked")


def test_every_value_of_a_field_is_kept(client: WebClient) -> None:
    page = client.post_bare("/reset", {"service": ["a", "b"], "email": "x@vendor.example"})
    kept = HIDDEN.findall(page.text)
    assert ("service", "a") in kept and ("service", "b") in kept


def test_passwords_are_never_shown_again(client: WebClient) -> None:
    page = client.post_bare("/sign-in", {"name": "Ana", "password": PASSWORD})
    assert page.status_code == 400
    assert PASSWORD not in page.text and "Open the page again" in page.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_not_offered_again(client: WebClient, site: str) -> None:
    page = client.post_bare(
        "/reset", {"email": "ana@vendor.example"}, headers={"Sec-Fetch-Site": site}
    )
    assert page.status_code == 400 and "ana@vendor.example" not in page.text


def test_a_token_of_another_browser_is_worth_nothing(client: WebClient) -> None:
    token = WebClient(client.app).token("/reset")
    client.token("/reset")
    page = client.post_bare("/reset", {"csrf_token": token, "email": "ana@vendor.example"})
    assert page.status_code == 400


def test_a_token_from_before_signing_in_is_worth_nothing(
    client: WebClient, signed_in: Callable[..., WebClient]
) -> None:
    browser = signed_in(Role.LEGAL)
    form_cookie = browser.client.get_cookie("subnotify_form", "127.0.0.1")
    browser.token("/reset")
    # Somebody plants a cookie whose token he knows beside the operator's own session.
    planted = client.token("/reset")
    cookie = client.client.get_cookie("subnotify_form", "127.0.0.1")
    assert cookie is not None and form_cookie is not None
    browser.client.set_cookie("subnotify_form", cookie.value, domain="127.0.0.1")
    page = browser.post_bare("/reset", {"csrf_token": planted, "email": "ana@vendor.example"})
    assert page.status_code == 400


def test_a_get_never_needs_a_token(client: WebClient) -> None:
    assert client.get("/reset").status_code == 200
