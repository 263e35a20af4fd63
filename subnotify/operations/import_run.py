"""What the parts of one import share: who and when, the counts, the problems, the evidence."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence
from subnotify.operations.import_differences import (
    Effect,
    EntryChange,
    FieldChange,
    differing,
    value_text,
)
from subnotify.operations.strike_out_letters import StruckOut
from subnotify.rules.errors import Problem, ProblemsFound

__all__ = ["Effect", "ImportReport", "ImportRun", "ReportLine", "assign"]


@dataclass(frozen=True)
class ReportLine:
    section: str
    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class ImportReport:
    """One line for each section that the file has, in the order of the format.

    entries: what is new or changed, field by field.
    """

    lines: tuple[ReportLine, ...]
    entries: tuple[EntryChange, ...] = ()

    @property
    def changes(self) -> int:
        """How many entries are new or changed."""
        return sum(line.new + line.changed for line in self.lines)

    def without(self, section: str) -> "ImportReport":
        """The same without the line of a section in which nothing is new or changed."""
        lines = tuple(x for x in self.lines if x.section != section or x.new or x.changed)
        return ImportReport(lines, self.entries)


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
    # Notice contacts that end, or get another name or address.
    struck_out: list[StruckOut] = field(default_factory=list, init=False)
    # Ids of clients with another name (or country) than before.
    changed_clients: set[int] = field(default_factory=set, init=False)
    entries: list[EntryChange] = field(default_factory=list, init=False)
    # Fields noted of an entry that is not counted yet, by section and key.
    noted: dict[tuple[str, str], list[FieldChange]] = field(default_factory=dict, init=False)

    def count(self, section: str, effect: Effect, key: str) -> None:
        """An entry is done: what became of it, with the fields noted since."""
        self.counts.setdefault(section, Counter())[effect] += 1
        fields = tuple(self.noted.pop((section, key), ()))
        if effect is not Effect.UNCHANGED:
            self.entries.append(EntryChange(section, key, effect, fields))

    def note(self, section: str, key: str, name: str, before: object, after: object) -> None:
        """A field of an entry has another value."""
        change = FieldChange(name, value_text(before), value_text(after))
        if change.before != change.after:
            self.noted.setdefault((section, key), []).append(change)

    def note_all(
        self,
        section: str,
        key: str,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        prefix: str = "",
    ) -> None:
        """Every field in which the two differ."""
        for change in differing(before, after):
            self.note(section, key, prefix + change.name, change.before, change.after)

    def assign(self, section: str, key: str, row: object, **values: object) -> bool:
        """Set the attributes of a stored row that differ, and note them; whether any did."""
        for name, value in values.items():
            self.note(section, key, name, getattr(row, name), value)
        return assign(row, **values)

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
            ),
            tuple(self.entries),
        )


def assign(row: object, **values: object) -> bool:
    """Set the attributes of a stored row that differ; whether any did."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
