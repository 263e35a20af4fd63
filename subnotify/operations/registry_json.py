"""JSON of an import file as plain data, with the line on which each part stands.

The same as the YAML file in another notation: no field twice; only whole numbers of nine digits
at most, true, false and null are anything but text.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from subnotify.operations.registry_yaml import DEEPEST, LARGEST_BYTES, PlainFile
from subnotify.rules.errors import Problem, ProblemsFound

_TOKEN = re.compile(r"""[\[\]{}:,"]|[^\s\[\]{}:,"]+""")
_DECODER = json.JSONDecoder()
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,8}")
_CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def read_json(source: bytes) -> PlainFile:
    """The file's content. Raises ProblemsFound where it is not JSON, too large, or unsafe."""
    if len(source) > LARGEST_BYTES:
        _refuse(
            "file",
            "The file is larger than %(limit)s MiB.",
            "Import it in parts: what a file leaves out stays as it is.",
            limit=str(LARGEST_BYTES // 1024 // 1024),
        )
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse("file", "The file is not UTF-8 text.", "Save it as UTF-8.")
    _check_syntax(text)
    walk = _Walk(text)
    walk.run()
    if walk.problems:
        raise ProblemsFound(tuple(walk.problems))
    return PlainFile(walk.data, walk.lines)


def _check_syntax(text: str) -> None:
    """Raises ProblemsFound unless the text is JSON; numbers stay text, so none is too long."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        _refuse(
            f"line {error.lineno}",
            "This is not valid JSON: %(said)s.",
            "Check the quotes, commas and brackets on this line and the one above.",
            said=f"{error.msg}, column {error.colno}",
        )
    except RecursionError:
        _refuse_depth("file")


def _refuse_constant(name: str) -> NoReturn:
    _refuse(
        "file",
        "This is not valid JSON: %(said)s.",
        "Check the quotes, commas and brackets on this line and the one above.",
        said=name,
    )


def _refuse_depth(where: str) -> NoReturn:
    _refuse(
        where,
        "The file is nested too deeply.",
        "Write it as the export does.",
    )


@dataclass
class _Level:
    path: str
    value: dict[str, object] | list[object]
    key: str | None = None


@dataclass
class _Walk:
    """Reads text that is known to be JSON, once more, for its lines and its doubled fields."""

    text: str
    data: object = None
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    levels: list[_Level] = field(default_factory=list)
    at: int = 0
    line: int = 1

    def run(self) -> None:
        while found := _TOKEN.search(self.text, self.at):
            self.line += self.text.count("\n", self.at, found.start())
            self.at = found.end()
            self._take(found.group())

    def _take(self, token: str) -> None:
        if token in "{[":
            if len(self.levels) >= DEEPEST:
                _refuse_depth(f"line {self.line}")
            value: dict[str, object] | list[object] = {} if token == "{" else []
            self.levels.append(_Level(self._place(value), value))
        elif token in "}]":
            self.levels.pop()
        elif token == '"':
            self._take_text()
        elif token not in ":,":
            self._place(_plain(token))

    def _take_text(self) -> None:
        # A text of JSON stands on one line.
        text, self.at = _DECODER.raw_decode(self.text, self.at - 1)
        if _NO_TEXT.search(text):
            self._problem("This text holds a character that is none.", "Remove the escape.")
        level = self.levels[-1] if self.levels else None
        if level is None or not isinstance(level.value, dict) or level.key is not None:
            self._place(text)
            return
        level.key = text
        if text in level.value:
            self._problem(
                "The field “%(name)s” is there twice.", "Remove one of the two.", name=text
            )

    def _place(self, value: Any) -> str:
        if not self.levels:
            self.data = value
            return ""
        level = self.levels[-1]
        if isinstance(level.value, list):
            path = f"{level.path}[{len(level.value)}]"
            level.value.append(value)
        else:
            key = level.key or ""
            path = f"{level.path}.{key}" if level.path else key
            level.value[key] = value
            level.key = None
        self.lines[path] = self.line
        return path

    def _problem(self, message: str, remedy: str, **params: str) -> None:
        self.problems.append(Problem(f"line {self.line}", message, remedy, tuple(params.items())))


def _plain(token: str) -> object:
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    return int(token) if _NUMBER.fullmatch(token) else token


def _refuse(where: str, message: str, remedy: str, **params: str) -> NoReturn:
    raise ProblemsFound((Problem(where, message, remedy, tuple(params.items())),))
