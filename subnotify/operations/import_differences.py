"""What an import changes, entry by entry and field by field, as it happens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from subnotify.evidence.digest import plain_digest


class Effect(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class FieldChange:
    """name: as the import format has it ("terms.objection_period.number"). "" is empty."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class EntryChange:
    """An entry that is new or changed. key: as the file names it; a contact's is "client/key"."""

    section: str
    key: str
    effect: Effect
    fields: tuple[FieldChange, ...]


def value_text(value: object) -> str:
    """A stored or read value as the import format writes it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ", ".join(value_text(one) for one in value)
    return str(value)


def flattened(value: object, path: str = "") -> dict[str, str]:
    """Plain data as texts by path; lists of plain values are one text."""
    if isinstance(value, Mapping):
        parts = {f"{path}.{k}" if path else str(k): v for k, v in value.items()}
    elif isinstance(value, list | tuple) and any(isinstance(x, Mapping) for x in value):
        parts = {f"{path}[{number}]": one for number, one in enumerate(value)}
    else:
        return {path: value_text(value)}
    texts: dict[str, str] = {}
    for name, part in parts.items():
        texts |= flattened(part, name)
    return texts


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """The fields in which two mappings of plain data differ, in the order of `after`."""
    old, new = flattened(before), flattened(after)
    names = [*new, *(name for name in old if name not in new)]
    return [
        FieldChange(name, old.get(name, ""), new.get(name, ""))
        for name in names
        if old.get(name, "") != new.get(name, "")
    ]


def entries_to_plain(entries: Iterable[EntryChange]) -> list[dict[str, Any]]:
    """The changes as JSON has them."""
    return [
        {
            "section": entry.section,
            "key": entry.key,
            "effect": entry.effect.value,
            "fields": [[x.name, x.before, x.after] for x in entry.fields],
        }
        for entry in entries
    ]


def entries_from_plain(data: Iterable[Mapping[str, Any]]) -> tuple[EntryChange, ...]:
    return tuple(
        EntryChange(
            one["section"],
            one["key"],
            Effect(one["effect"]),
            tuple(FieldChange(*field) for field in one["fields"]),
        )
        for one in data
    )


def entries_digest(entries: Iterable[EntryChange]) -> str:
    """SHA-256 of the changes: equal where what was shown is what would happen."""
    return plain_digest(entries_to_plain(entries))
