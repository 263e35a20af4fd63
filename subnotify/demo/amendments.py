"""Amendments as a file of the demonstration writes them: what differs, and nothing else."""

from typing import Any

import yaml
from sqlalchemy.orm import Session

from subnotify.rules.locations import without_assessments
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.storage.registry import find_subprocessor, latest_entries


def amended(session: Session, content: bytes) -> bytes:
    """The file with its `amendments` as whole entries: what the list says, but for what they write.

    A file without amendments stays as it is. Raises LookupError for an entry that is not known.
    """
    data: dict[str, Any] = yaml.safe_load(content)
    written = data.pop("amendments", None)
    if written is None:
        return content
    listed = latest_entries(session)
    entries = []
    for amendment in written:
        facts = facts_to_mapping(listed[subprocessor_id(session, amendment["key"])].facts)
        facts["locations"] = [without_assessments(x) for x in facts["locations"]]
        entries.append({**facts, **amendment})
    data["subprocessors"] = [*data.get("subprocessors", ()), *entries]
    return yaml.safe_dump(data, allow_unicode=True).encode()


def subprocessor_id(session: Session, key: str) -> int:
    """Of the entry with this key. Raises LookupError."""
    found = find_subprocessor(session, key)
    if found is None:
        raise LookupError(f"no entry has the key {key}")
    return found.id
