"""YAML of an import file as plain data, with the line on which each part stands.

A small, safe part of YAML: no tags, no key twice. An alias (*x) stands for a value written out
elsewhere, never for one that holds aliases itself: so a small file stays small when read. Only
whole numbers without a leading zero, true, false and null are anything but text, so that a
telephone number, a day or the country code NO stays what was written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from subnotify.rules.errors import Problem, ProblemsFound

LARGEST_BYTES = 20 * 1024 * 1024
MOST_ALIASED = 200_000
DEEPEST = 20

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,8}")
_CONSTANTS: Mapping[str, object] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class PlainFile:
    """data: mappings, lists, texts, whole numbers, true/false/None.

    lines: path ("clients[2].contacts[0].email") to line, counted from 1.
    """

    data: object
    lines: Mapping[str, int]


@dataclass
class _Level:
    """A mapping or list being filled. began: how many values were read before it."""

    path: str
    value: dict[str, object] | list[object]
    anchor: str | None
    began: int
    key: str | None = None


@dataclass
class _Builder:
    data: object = None
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    levels: list[_Level] = field(default_factory=list)
    documents: int = 0
    # What anchors stand for, with the number of values in it.
    anchored: dict[str, tuple[object, int]] = field(default_factory=dict)
    values: int = 0
    aliased: int = 0

    def refuse(self, event: Any, message: str, remedy: str, **params: str) -> None:
        where = f"line {event.start_mark.line + 1}"
        self.problems.append(Problem(where, message, remedy, tuple(params.items())))

    def take(self, event: Any) -> None:
        """One event of the parser; nothing recurses, so depth cannot exhaust the stack."""
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.refuse(event, "The file holds more than one document.", "Remove the `---`.")
        elif isinstance(event, yaml.AliasEvent):
            self._take_alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            level = self.levels.pop()
            if level.anchor is not None:
                self.anchored[level.anchor] = (level.value, self.values - level.began)

    def _take_alias(self, event: Any) -> None:
        name = str(event.anchor)
        level = self.levels[-1] if self.levels else None
        is_key = level is not None and isinstance(level.value, dict) and level.key is None
        value, count = self.anchored.get(name, (None, 0))
        self.aliased += count
        nested = any(level.anchor is not None for level in self.levels)
        if is_key or nested or name not in self.anchored or self.aliased > MOST_ALIASED:
            self.refuse(
                event,
                "“*%(name)s” refers to another place of the file.",
                "Write the value out.",
                name=name,
            )
            value = None
        if level is not None and is_key:
            level.key = f"*{name}"
        else:
            self._place(value, event)

    def _take_scalar(self, event: Any) -> None:
        if "\0" in event.value:
            # Written as an escape; PostgreSQL cannot keep it.
            self.refuse(event, "This text holds a character that is none.", "Remove the “\\0”.")
        level = self.levels[-1] if self.levels else None
        if level is not None and isinstance(level.value, dict) and level.key is None:
            self._take_key(level, event)
            return
        self._refuse_tag(event)
        plain = event.style in (None, "") and event.implicit[0]
        value = _resolve(event.value) if plain else event.value
        if event.anchor is not None:
            self.anchored[event.anchor] = (value, 1)
        self._place(value, event)

    def _take_key(self, level: _Level, event: Any) -> None:
        assert isinstance(level.value, dict)
        level.key = event.value
        if event.value in level.value:
            self.refuse(
                event,
                "The field “%(name)s” is there twice.",
                "Remove one of the two.",
                name=event.value,
            )

    def _open(self, event: Any) -> None:
        level = self.levels[-1] if self.levels else None
        if level is not None and isinstance(level.value, dict) and level.key is None:
            raise yaml.MarkedYAMLError(
                problem="a key must be a text", problem_mark=event.start_mark
            )
        if len(self.levels) >= DEEPEST:
            raise yaml.MarkedYAMLError(
                problem="it is nested too deeply", problem_mark=event.start_mark
            )
        self._refuse_tag(event)
        value: dict[str, object] | list[object] = (
            {} if isinstance(event, yaml.MappingStartEvent) else []
        )
        path = self._place(value, event)
        self.levels.append(_Level(path, value, event.anchor, self.values))

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            self.refuse(event, "“%(tag)s” is a tag.", "Write the value without it.", tag=event.tag)

    def _place(self, value: object, event: Any) -> str:
        self.values += 1
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
        self.lines[path] = event.start_mark.line + 1
        return path


def read_yaml(source: bytes) -> PlainFile:
    """The file's content. Raises ProblemsFound where it is not YAML, too large, or unsafe."""
    if len(source) > LARGEST_BYTES:
        raise ProblemsFound(
            (
                Problem(
                    "file",
                    "The file is larger than %(limit)s MiB.",
                    "Import it in parts: what a file leaves out stays as it is.",
                    (("limit", str(LARGEST_BYTES // 1024 // 1024)),),
                ),
            )
        )
    builder = _Builder()
    try:
        for event in yaml.parse(source.decode("utf-8-sig"), Loader=_LOADER):
            builder.take(event)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        builder.problems.append(_syntax_problem(error))
    if builder.problems:
        raise ProblemsFound(tuple(builder.problems))
    return PlainFile(builder.data, builder.lines)


def _resolve(text: str) -> object:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _NUMBER.fullmatch(text) else text


def _syntax_problem(error: Exception) -> Problem:
    if isinstance(error, UnicodeDecodeError):
        return Problem("file", "The file is not UTF-8 text.", "Save it as UTF-8.")
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}" if mark else "file"
    said = getattr(error, "problem", None) or str(error).split("\n")[0]
    return Problem(
        where,
        "This is not valid YAML: %(said)s.",
        "Check the indentation, the colons and the quotes on this line and the one above.",
        (("said", str(said)),),
    )


def locate(problem: Problem, file: PlainFile) -> Problem:
    """The problem with its line and the entry's key: `line 41, subprocessors[2] “sentry”, name`."""
    path = problem.where
    match = re.match(r"(\w+)\[(\d+)\](?:\.(.*))?$", path)
    place = path
    if match and isinstance(file.data, dict):
        section, number, rest = match.groups()
        entry = file.data[section][int(number)]
        name = (entry.get("key") or entry.get("name")) if isinstance(entry, dict) else None
        label = f"{section}[{number}] “{name}”" if name else f"{section}[{number}]"
        place = f"{label}, {rest}" if rest else label
    while path and path not in file.lines:
        path = path[: max(path.rfind("."), path.rfind("["))] if re.search(r"[.\[]", path) else ""
    where = f"line {file.lines[path]}, {place}" if path else place
    return Problem(where, problem.message, problem.remedy, problem.params)
