"""Work that each test would do anew and none looks at: compiled once, hashed cheaply.

Nothing here changes what the product answers. What a template, a route or a statement compiles to
depends on its text alone (and on the kind of database); a password's hash has other parameters,
unless a test asks for `product_hashing`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from subnotify import app as product_app
from subnotify.operations import passwords

# A hash of the product takes 64 MiB and its time on purpose: twice for each operator of a test.
_CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_PRODUCT_HASHER = passwords._hasher

# Of the statements of all tests, some are made of what a test alone asks.
_STATEMENTS_KEPT = 2_000

_Builder = Callable[..., tuple[str, str]]


class CompiledTemplates(BytecodeCache):
    """The code of templates, kept by their file and the checksum of their text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


@contextmanager
def work_spared() -> Iterator[None]:
    """While this lasts, apps share what they compile, and passwords are hashed cheaply."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", _CHEAP_HASHER)
        _share_templates(patch)
        _share_routes(patch)
        _share_statements(patch)
        yield


@contextmanager
def product_hashing() -> Iterator[None]:
    """While this lasts, passwords are hashed as the product does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", _PRODUCT_HASHER)
        yield


def _share_templates(patch: pytest.MonkeyPatch) -> None:
    set_up = product_app._set_up_templates
    compiled = CompiledTemplates()

    def set_up_sharing(app: Flask) -> None:
        set_up(app)
        app.jinja_env.bytecode_cache = compiled

    patch.setattr(product_app, "_set_up_templates", set_up_sharing)


def _share_routes(patch: pytest.MonkeyPatch) -> None:
    """A route's builder of addresses depends on its text alone, where it has no defaults."""
    make: Callable[..., _Builder] | None = getattr(Rule, "_compile_builder", None)
    if make is None:
        return  # another version of Werkzeug: each app compiles its own
    kept: dict[Any, _Builder] = {}

    def find_or_make(rule: Any, append_unknown: bool = True) -> _Builder:
        if rule.defaults:
            return make(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = make(rule, append_unknown)
        return kept[key]

    patch.setattr(Rule, "_compile_builder", find_or_make)


def _share_statements(patch: pytest.MonkeyPatch) -> None:
    """One cache of compiled statements for the engines of all tests, each of its own database.

    The cache's keys name the dialect: those of one kind are alike, since all are on one server.
    """
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        patch.setattr(dialect, "__hash__", lambda self: hash(type(self)))
        patch.setattr(dialect, "__eq__", lambda self, other: type(self) is type(other))
    kept: LRUCache[Any, Any] = LRUCache(_STATEMENTS_KEPT)
    # Each engine sets its own when it is made: that is let go.
    shared = property(lambda engine: kept, lambda engine, own: None)
    patch.setattr(Engine, "_compiled_cache", shared, raising=False)
