"""Public pages that say the same to everybody: rendered once, kept for a while, 304 where known.

The database stays the truth: a validator is computed for each request, and a finished page counts
for exactly the validator under which it was made. Each process keeps its own.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import cast

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from subnotify.web.headers import let_be_cached

EXTENSION = "subnotify_page_cache"
# What a process keeps at most: both languages of the page, and its data, many times over.
LARGEST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class FinishedPage:
    body: bytes
    mimetype: str


class PageCache:
    """Finished pages by validator, of limited size together; the longest unused go first."""

    def __init__(self, largest_bytes: int = LARGEST_BYTES) -> None:
        self._largest_bytes = largest_bytes
        self._pages: OrderedDict[str, FinishedPage] = OrderedDict()
        self._held_bytes = 0
        self._lock = Lock()

    def find(self, validator: str) -> FinishedPage | None:
        with self._lock:
            page = self._pages.get(validator)
            if page is not None:
                self._pages.move_to_end(validator)
            return page

    def keep(self, validator: str, page: FinishedPage) -> None:
        with self._lock:
            if validator in self._pages:
                return
            self._pages[validator] = page
            self._held_bytes += len(page.body)
            while self._held_bytes > self._largest_bytes:
                _, oldest = self._pages.popitem(last=False)
                self._held_bytes -= len(oldest.body)


def init_page_cache(app: Flask) -> None:
    app.extensions[EXTENSION] = PageCache()


def answer_for_everybody(
    validator: str, render: Callable[[], Response], *, fresh_for: timedelta
) -> Response:
    """304 for who has this version; else the page, rendered unless it was.

    validator: differs wherever anything that `render` shows differs.
    """
    if request.if_none_match.contains_weak(validator):
        response = Response(status=304)
    else:
        response = _finished(validator, render)
    response.set_etag(validator, weak=True)
    return let_be_cached(response, fresh_for)


def _finished(validator: str, render: Callable[[], Response]) -> Response:
    cache = cast(PageCache, current_app.extensions[EXTENSION])
    page = cache.find(validator)
    if page is None:
        rendered = render()
        page = FinishedPage(rendered.get_data(), rendered.mimetype or "")
        cache.keep(validator, page)
    return current_app.response_class(page.body, mimetype=page.mimetype)
