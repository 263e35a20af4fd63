"""What the parts of one import share: who and when, the counts, the problems, the evidence."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence
from subnotify.rules.errors import Problem, ProblemsFound


class Effect(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class ReportLine:
    section: str
    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class ImportReport:
    """One line for each section that the file has, in the order of the format."""

    lines: tuple[ReportLine, ...]

    @property
    def changes(self) -> int:
        """How many entries are new or changed."""
        return sum(line.new + line.changed for line in self.lines)


@dataclass
class ImportRun:
    session: Session
    by: str
    at: datetime
    # In the vendor's zone.
    today: date
    is_published: bool = False
    counts: dict[str, Counter[Effect]] = field(default_factory=dict, init=False)
    problems: list[Problem] = field(default_factory=list, init=False)
    evidence: list[NewEvidence] = field(default_factory=list, init=False)

    def count(self, section: str, effect: Effect) -> None:
        self.counts.setdefault(section, Counter())[effect] += 1

    def problem(self, where: str, message: str, remedy: str, **params: str) -> None:
        self.problems.append(Problem(where, message, remedy, tuple(params.items())))

    def raise_problems(self) -> None:
        if self.problems:
            raise ProblemsFound(tuple(self.problems))

    def report(self) -> ImportReport:
        return ImportReport(
            tuple(
                ReportLine(
                    section,
                    counts[Effect.NEW],
                    counts[Effect.CHANGED],
                    counts[Effect.UNCHANGED],
                )
                for section, counts in self.counts.items()
            )
        )


def assign(row: object, **values: object) -> bool:
    """Set the attributes of a stored row that differ; whether any did."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
