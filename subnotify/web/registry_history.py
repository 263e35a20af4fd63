"""Facts on record about clients and agreements, as their pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.storage.registry_history import RecordedFact
from subnotify.wording.evidence import evidence_words
from subnotify.wording.language import Wording
from subnotify.wording.registry_history import history_lines


@dataclass(frozen=True)
class HistoryView:
    """by: the name on record, "" where it is not (any more)."""

    at: datetime
    text: str
    by: str
    lines: tuple[str, ...]


def history_views(facts: Iterable[RecordedFact], w: Wording) -> Sequence[HistoryView]:
    """In the order given."""
    return [
        HistoryView(
            at=fact.at,
            text=evidence_words(fact.type, w),
            by=str((fact.content or {}).get("by", "")),
            lines=history_lines(fact.content, w) if fact.content else (),
        )
        for fact in facts
    ]
