"""Files as they are given to an import: their names, what they hold, and which go together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from subnotify.operations.registry_json import read_json
from subnotify.operations.registry_yaml import PlainFile, read_yaml
from subnotify.rules.csv_layouts import ALL_COLUMNS, ImportKind, recognise
from subnotify.rules.csv_tables import Table, read_table
from subnotify.rules.errors import Problem, ProblemsFound

LONGEST_NAME = 200
MOST_FILES = 8
TABLE_ENDINGS = (".csv", ".txt")
_JSON = ".json"
_REGISTRY = (".yaml", ".yml", _JSON)


@dataclass(frozen=True)
class SourceFile:
    """name: without folders, as problems name it."""

    name: str
    kind: ImportKind
    content: bytes


def recognise_file(path: str, content: bytes) -> SourceFile:
    """What a file holds: YAML or JSON by its ending, a table by its columns. Raises
    ProblemsFound."""
    name = PurePosixPath(path.replace("\\", "/")).name.replace("\0", "")[-LONGEST_NAME:]
    ending = PurePosixPath(name).suffix.lower()
    if ending in _REGISTRY:
        return SourceFile(name, ImportKind.REGISTRY, content)
    if ending not in TABLE_ENDINGS:
        problem = Problem(
            name,
            "It cannot be told what this file holds.",
            "Give it a name that ends in .csv (a table), .yaml or .json (the registry's file).",
        )
        raise ProblemsFound((problem,))
    return SourceFile(name, recognise(read_table(name, content, ALL_COLUMNS)).kind, content)


def read_plain_file(name: str, content: bytes) -> PlainFile:
    """The data of a YAML file, or of a JSON file by its ending, with their lines. Raises
    ProblemsFound."""
    is_json = PurePosixPath(name).suffix.lower() == _JSON
    return read_json(content) if is_json else read_yaml(content)


def read_source_table(file: SourceFile) -> Table:
    """The rows of a table; its columns are those of its kind. Raises ProblemsFound."""
    table = read_table(file.name, file.content, ALL_COLUMNS)
    recognise(table)
    return table


def refuse_mixture(files: Sequence[SourceFile]) -> None:
    """Raises ProblemsFound unless the files can be imported together: one file of the registry,
    one table of windows, or any of the registry's tables."""
    alone = [x for x in files if x.kind in (ImportKind.REGISTRY, ImportKind.WINDOWS)]
    if alone and len(files) > 1:
        raise ProblemsFound(
            (
                Problem(
                    alone[0].name,
                    "This file is imported by itself.",
                    "Import it first, then the others.",
                ),
            )
        )
