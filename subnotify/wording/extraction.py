"""Extraction of message ids from Python for `pybabel extract` (see translations/babel.cfg).

Beside the usual calls (`gettext("...")`, `N_("...")`) it finds what the rules refuse: the class
attribute `message` of an error, the sentences of a `Problem`, and the reason of a
`MoveNotAllowed`. So the rules stay plain Python, and no sentence of theirs is forgotten. Labels of
forms, marked `_l("...")`, are found as well.
"""

import ast
from collections.abc import Collection, Generator, Iterator, Mapping
from typing import Any, BinaryIO

from babel.messages.extract import extract_python

# line number, name of the function, message (or several), comments
Extracted = tuple[int, str | None, Any, list[str]]

# Not among Babel's own keywords: flask_babel.lazy_gettext, by both names that pages use.
LAZY = ("_l", "lazy_gettext")

# Called with (where, message, remedy).
PROBLEM_CALLS = ("Problem", "problem", "refuse")


def extract_messages(
    fileobj: BinaryIO,
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: dict[str, Any],
) -> Generator[Extracted, None, None]:
    """Babel's extraction method for our Python files: its own finds, then the refusals."""
    source = fileobj.read()
    fileobj.seek(0)
    names = (*keywords, *LAZY)
    usual: Iterator[Extracted] = extract_python(fileobj, names, comment_tags, options)  # type: ignore[arg-type, assignment]
    for line, name, found, comments in usual:
        yield line, "gettext" if name in LAZY else name, found, comments
    for node in ast.walk(ast.parse(source)):
        for line, text in refusals(node):
            # The name must be one of the keywords: `gettext` is among Babel's defaults.
            yield line, "gettext", text, []


def refusals(node: ast.AST) -> list[tuple[int, str]]:
    """Line and message id of each sentence that this node says to whoever is refused."""
    if isinstance(node, ast.ClassDef):
        found = [_attribute(statement, "message") for statement in node.body]
    elif isinstance(node, ast.Call):
        found = _arguments(node)
    else:
        found = []
    return [text for text in found if text is not None]


def _attribute(statement: ast.stmt, name: str) -> tuple[int, str] | None:
    """The text of `name = "..."` in the body of a class."""
    if not isinstance(statement, ast.Assign):
        return None
    named = any(isinstance(x, ast.Name) and x.id == name for x in statement.targets)
    return _text(statement.value) if named else None


def _arguments(call: ast.Call) -> list[tuple[int, str] | None]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name in PROBLEM_CALLS:
        named = [x.value for x in call.keywords if x.arg in ("message", "remedy")]
        return [_text(value) for value in [*call.args[1:3], *named]]
    if name == "MoveNotAllowed":
        return [_text(x.value) for x in call.keywords if x.arg == "reason"]
    return []


def _text(value: ast.expr) -> tuple[int, str] | None:
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
        return value.lineno, value.value
    return None
