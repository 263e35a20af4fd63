"""What CSV tables come to: the sections of an import file, and where each part stands."""

from dataclasses import dataclass, field
from typing import Any

from subnotify.rules.errors import Problem


@dataclass
class CsvContent:
    """data: the sections of the import format. places: path to where it stands in a file.

    problems: what the rows themselves have wrong, before their fields are read.
    """

    data: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def locate(self, problem: Problem) -> Problem:
        """The problem with file, line and column instead of its path."""
        path = problem.where
        while path and path not in self.places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        where = self.places.get(path, problem.where)
        return Problem(where, problem.message, problem.remedy, problem.params)

    def refuse(self, where: str, message: str, remedy: str, **params: str) -> None:
        self.problems.append(Problem(where, message, remedy, tuple(params.items())))
