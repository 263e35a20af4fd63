"""The history of the public list, the latest first."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from subnotify.rules.changes import amendment_of
from subnotify.storage.published_history import (
    PublishedChange,
    count_first_published,
    list_published_changes,
    list_published_corrections,
)
from subnotify.wording.language import Wording
from subnotify.wording.published_history import (
    correction_sentence,
    first_publication_sentence,
    past_change_sentence,
)


@dataclass(frozen=True)
class HistoryLine:
    """on: the vendor's day. release_number: "" where no release announced it."""

    on: date
    sentence: str
    release_number: str = ""


def history_lines(
    session: Session, first_published_at: datetime, w: Wording
) -> tuple[HistoryLine, ...]:
    """Everything that the list ever came to say, down to its first publication."""
    told = [
        *((x.at, _sentence(x, w), x.release_number) for x in list_published_changes(session)),
        *((x.at, correction_sentence(x.name, w), "") for x in list_published_corrections(session)),
    ]
    told.sort(key=lambda line: line[0], reverse=True)
    first = first_publication_sentence(count_first_published(session, first_published_at), w)
    told.append((first_published_at, first, ""))
    return tuple(HistoryLine(w.local(at).date(), text, number) for at, text, number in told)


def _sentence(change: PublishedChange, w: Wording) -> str:
    before = change.before
    amendment = amendment_of(before, change.facts) if before is not None else None
    return past_change_sentence(change.kind, change.facts.name, change.replaced, amendment, w)
