"""Intended differences of the list: which fields differ, and what kind of change that is."""

from dataclasses import dataclass, fields

from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import ChangeKind

# What only marks values for the pages is no statement about the subprocessor.
_MARKS = frozenset({"demonstration_values"})
COMPARED_FIELDS = tuple(
    field.name for field in fields(SubprocessorFacts) if field.name not in _MARKS
)


@dataclass(frozen=True)
class Difference:
    """One field of SubprocessorFacts, as the list has it and as the draft has it."""

    field: str
    before: object
    after: object


def differences(before: SubprocessorFacts, after: SubprocessorFacts) -> tuple[Difference, ...]:
    """The fields in which two versions of the facts differ, in the order of the facts.

    The order of services, other names and locations says nothing and is not compared.
    """
    return tuple(
        Difference(name, getattr(before, name), getattr(after, name))
        for name in COMPARED_FIELDS
        if _comparable(getattr(before, name)) != _comparable(getattr(after, name))
    )


def same_facts(one: SubprocessorFacts, other: SubprocessorFacts) -> bool:
    """Whether nothing differs that the list states; only the marks of invented values may."""
    return not differences(one, other)


def kind_of_change(*, is_listed: bool, replaces_another: bool) -> ChangeKind:
    """What a draft would announce: an entry already listed is amended, whatever it replaces."""
    if is_listed:
        return ChangeKind.AMENDMENT
    return ChangeKind.REPLACEMENT if replaces_another else ChangeKind.ADDITION


def services_concerned(*versions: SubprocessorFacts | None) -> frozenset[str]:
    """The services a change concerns: those of the new facts, of the old ones and of the entry
    replaced, because the clients of each see their data go elsewhere."""
    return frozenset(key for facts in versions if facts is not None for key in facts.services)


def _comparable(value: object) -> object:
    return frozenset(value) if isinstance(value, tuple) else value
