"""Work that each test would do anew and none looks at: compiled once, hashed cheaply.

Nothing here changes what the product answers. What a template or a route compiles to depends on
its text alone; a password's hash has other parameters, unless a test asks for `product_hashing`.
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
from werkzeug.routing import Rule

from subnotify import app as product_app
from subnotify.operations import passwords

# A hash of the product takes 64 MiB and its time on purpose: twice for each operator of a test.
_CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_PRODUCT_HASHER = passwords._hasher

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
