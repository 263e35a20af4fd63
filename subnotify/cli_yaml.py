"""What the commands that only read a YAML or JSON file share: the file, and its problems in words.

They need no settings and no database. Answers go to standard output as JSON, one object a line;
problems go to standard error, one a line, and end the command with exit code 2.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO, NoReturn

import click

from subnotify.holiday_calendars import UnknownCalendar, get_calendar
from subnotify.operations.registry_yaml import PlainFile
from subnotify.operations.source_files import read_plain_file
from subnotify.rules.errors import Problem, ProblemsFound

READING_FAILED = 2


def read_yaml_file(file: BinaryIO) -> PlainFile:
    """The content of a YAML file, or of JSON by its ending. Ends the command where it cannot be
    read."""
    try:
        return read_plain_file(_name_of(file), file.read())
    except ProblemsFound as error:
        end_with(file, error.problems)
    except OSError as error:
        raise click.ClickException(f"{_name_of(file)}: {error.strerror}") from error


def end_with(
    file: BinaryIO, problems: Sequence[Problem], content: PlainFile | None = None
) -> NoReturn:
    """Says every problem with its place, and how to mend it; ends the command."""
    for problem in problems:
        line = line_of(problem.where, content) if content else None
        place = f"line {line}, " if line else ""
        click.echo(f"{_name_of(file)}: {place}{problem}", err=True)
    raise SystemExit(READING_FAILED)


def _name_of(file: BinaryIO) -> str:
    name = str(getattr(file, "name", "<stdin>"))
    return "standard input" if name == "<stdin>" else name


def line_of(path: str, content: PlainFile) -> int | None:
    """The line on which the part that a path names, or the nearest part around it, stands.

    A path may name an entry beside its number: `cases[3] (A04).unit`.
    """
    path = re.sub(r"^(\w+\[\d+\]) \(.*\)", r"\1", path)
    if isinstance(content.data, list):
        path = re.sub(r"^\w+(?=\[)", "", path)
    while path and path not in content.lines:
        cut = max(path.rfind("."), path.rfind("["))
        path = path[:cut] if cut > 0 else ""
    return content.lines.get(path)


def is_calendar(name: str) -> bool:
    """Whether there is a holiday calendar of that name."""
    try:
        get_calendar(name)
    except UnknownCalendar:
        return False
    return True


def print_json(entry: Mapping[str, Any]) -> None:
    """One JSON object on one line; letters as they are, not escaped."""
    click.echo(json.dumps(entry, ensure_ascii=False))


def in_utc(instant: datetime) -> str:
    """ISO 8601 in UTC: 2026-03-02T23:00:00Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
