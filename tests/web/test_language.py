"""Which language a page is in, and how it keeps the reader's choice."""

import re
from datetime import UTC, datetime

from flask import Flask, render_template_string

from subnotify.web.access import notice_link_route
from subnotify.web.language import set_page_language, set_page_zone
from tests.support.web_client import WebClient

FRENCH = {"Accept-Language": "fr-CH, fr;q=0.9, en;q=0.8"}


def language_of(text: str) -> str:
    found = re.search(r'<html lang="(\w+)">', text)
    assert found
    return found[1]


def test_the_browsers_language_is_the_first_guess(client: WebClient) -> None:
    assert language_of(client.get("/sign-in").text) == "en"
    assert language_of(client.get("/sign-in", headers=FRENCH).text) == "fr"
    response = client.get("/sign-in", headers={"Accept-Language": "de, pl;q=0.5"})
    assert language_of(response.text) == "en"
    assert response.headers["Content-Language"] == "en"


def test_a_choice_is_kept_in_a_cookie(client: WebClient) -> None:
    chosen = client.get("/sign-in?lang=fr")
    assert language_of(chosen.text) == "fr"
    assert "subnotify_language=fr" in chosen.headers["Set-Cookie"]
    again = client.get("/sign-in")
    assert language_of(again.text) == "fr"
    assert "subnotify_language" not in again.headers.get("Set-Cookie", "")
    assert language_of(client.get("/sign-in?lang=en").text) == "en"


def test_an_unknown_language_changes_nothing(client: WebClient) -> None:
    response = client.get("/sign-in?lang=xx")
    assert language_of(response.text) == "en"
    assert "subnotify_language" not in response.headers.get("Set-Cookie", "")


def test_the_switch_stays_on_the_page(client: WebClient) -> None:
    text = client.get("/sign-in?next=/desk%3Fa%3D1&lang=en").text
    assert 'href="/sign-in?next=%2Fdesk%3Fa%3D1&amp;lang=fr"' in text
    assert '<span lang="en" aria-current="true">English</span>' in text
    # On an address that does not exist it leads home.
    assert 'href="/?lang=fr"' in client.get("/nothing-here").text


def test_a_notice_speaks_the_agreements_language_unless_its_reader_chose(
    app: Flask, client: WebClient
) -> None:
    @app.route("/n/<token>/page")
    @notice_link_route
    def notice(token: str) -> str:
        set_page_language("fr")
        set_page_zone("America/Montreal")
        return render_template_string(
            "{% extends 'base.html' %}{% block title %}x{% endblock %}"
            "{% block content %}{{ instant|date_time_words }}|{{ 'DE'|country }}{% endblock %}",
            instant=datetime(2026, 3, 1, 15, tzinfo=UTC),
        )

    text = client.get("/n/x/page").text
    assert language_of(text) == "fr"
    # A French hour, with spaces that do not break.
    assert re.search(r"1er mars 2026.*\b10\sh\s00\b", text) and "Allemagne" in text
    assert language_of(client.get("/n/x/page?lang=en").text) == "en"
    assert language_of(client.get("/n/x/page").text) == "en"
