"""Counts that every page of the desk shows and that take long: kept for a minute by each process,
and forgotten after whatever was entered here."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, current_app, request

from subnotify.web.access import request_at

_KEPT = timedelta(minutes=1)
_PREFIX = "subnotify_count:"


def kept_count(name: str, count: Callable[[], int]) -> int:
    """The count of this name; `count` is asked where none is kept."""
    at, known = request_at(), current_app.extensions.get(_PREFIX + name)
    if known is None or not timedelta(0) <= at - known[0] < _KEPT:
        return keep_count(name, count())
    return int(known[1])


def keep_count(name: str, number: int) -> int:
    """Keep what was just counted."""
    current_app.extensions[_PREFIX + name] = (request_at(), number)
    return number


def forget_after_posts(blueprint: Blueprint, name: str) -> None:
    """Whatever is entered anywhere may change the count."""

    def forget(response: Response) -> Response:
        if request.method == "POST":
            current_app.extensions.pop(_PREFIX + name, None)
        return response

    blueprint.after_app_request(forget)
