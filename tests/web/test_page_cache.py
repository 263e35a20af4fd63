"""Finished pages are kept by validator and in limited size."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask, template_rendered
from jinja2 import Template

from subnotify.rules.words import Role
from subnotify.web.page_cache import EXTENSION, FinishedPage, PageCache
from tests.support.statement import publish_statement
from tests.support.web_client import SettableClock, WebClient


def page(size: int) -> FinishedPage:
    return FinishedPage(b"x" * size, "text/html")


def test_a_page_is_found_again_until_others_need_its_room():
    cache = PageCache(largest_bytes=100)
    for name in ("a", "b"):
        cache.keep(name, page(40))
    assert cache.find("a") == page(40)
    cache.keep("c", page(40))
    # "b" was the longest unused.
    assert (cache.find("a"), cache.find("b"), cache.find("c")) == (page(40), None, page(40))


def test_what_is_larger_than_the_room_is_not_kept_and_keeping_twice_counts_once():
    cache = PageCache(largest_bytes=100)
    cache.keep("a", page(101))
    assert cache.find("a") is None
    for _ in range(5):
        cache.keep("b", page(60))
    cache.keep("c", page(40))
    assert cache.find("b") is not None
    assert cache.find("c") is not None


@pytest.fixture
def rendered(app: Flask) -> Iterator[list[str]]:
    """Fills with the name of each template that is rendered for the list."""
    made: list[str] = []

    def note(_app: Flask, template: Template, **_context: Any) -> None:
        if template.name == "public/list.html":
            made.append(template.name)

    with template_rendered.connected_to(note, app):
        yield made


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_a_page_is_rendered_once_for_each_language_map_and_day(
    client: WebClient, sqlite_url: str, at: datetime, clock: SettableClock, rendered: list[str]
):
    publish_statement(sqlite_url, at)
    first = client.get("/?lang=en")
    again = client.get("/?lang=en")
    assert len(rendered) == 1
    assert again.data == first.data
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert client.get("/?lang=fr").data != first.data
    assert len(rendered) == 2
    swiss = client.get("/?lang=en&law=CH_FADP")
    assert len(rendered) == 3
    assert swiss.headers["ETag"] != first.headers["ETag"]
    clock.at = at.replace(day=at.day + 1)
    client.get("/?lang=en")
    assert len(rendered) == 4


def test_the_page_of_an_operator_is_not_kept(
    client: WebClient, sqlite_url: str, at: datetime, signed_in: Any, rendered: list[str]
):
    publish_statement(sqlite_url, at)
    browser = signed_in(Role.LEGAL)
    assert "Sign out" in browser.get("/?lang=en").text
    assert "Sign out" not in client.get("/?lang=en").text
    assert len(rendered) == 2


def test_the_cache_belongs_to_its_app(client: WebClient):
    assert isinstance(client.app.extensions[EXTENSION], PageCache)
