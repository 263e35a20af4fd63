"""Refuses early what no page of ours sends and no database of ours can keep."""

from collections.abc import Iterator
from typing import Any

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter

# PostgreSQL's integer, which is what the numbers of rows are.
LARGEST_ID = 2**31 - 1


class RowNumber(IntegerConverter):
    """`<int:...>` in an address: the number of a row. A larger one names nothing: not found."""

    regex = "[0-9]{1,10}"

    def __init__(self, *given: Any, **named: Any) -> None:
        named.setdefault("max", LARGEST_ID)
        super().__init__(*given, **named)


def init_addresses(app: Flask) -> None:
    """Give the routes registered from here on our kind of number."""
    app.url_map.converters["int"] = RowNumber


def init_odd_input(app: Flask) -> None:
    """Refuse a NUL character wherever a request can hold one (400).

    PostgreSQL cannot store it, and fails even where it is only looked for. Must come after the
    check of form tokens (web/csrf.py): that one reads the form first.
    """

    @app.before_request
    def refuse_nul() -> None:
        if request.endpoint != "static" and any("\0" in text for text in _texts()):
            abort(400)


def _texts() -> Iterator[str]:
    yield request.path
    for given in (request.args, request.form):
        for name, values in given.lists():
            yield name
            yield from values
