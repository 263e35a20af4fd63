"""Take what is told of letters in a table: first what it would change, then exactly that."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.hand_over_batch import note_handed_over
from subnotify.operations.match_letter_events import (
    GivenEvent,
    RefusedEvent,
    match_letter_events,
)
from subnotify.operations.record_letter_events import record_letter_events
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import Problem, RuleError
from subnotify.rules.letter_manifests import (
    EventTable,
    TableEvent,
    read_events,
    write_events,
)
from subnotify.rules.words import LetterEventSource
from subnotify.storage.letter_corrections import load_taken_back
from subnotify.storage.letter_pages import find_letters
from subnotify.storage.letters import load_letter_events, lock_letters


class EventsChanged(RuleError):
    """What is on record changed since the events were shown; nothing was recorded."""

    message = (
        "What is on record has changed since this page was shown. Nothing was recorded: check what"
        " it would record now."
    )


@dataclass(frozen=True)
class RefusedLine:
    """A line that is not recorded. where: its place in the file, empty for what a person typed."""

    where: str
    letter: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class EventChanges:
    """new: what is recorded, or would be. unchanged: lines that are on record. silent: lines that
    say nothing yet. digest: of what is new, for who confirms it."""

    new: tuple[TableEvent, ...] = ()
    unchanged: int = 0
    silent: int = 0
    refused: tuple[RefusedLine, ...] = ()

    @property
    def digest(self) -> str:
        return hashlib.sha256(write_events(self.new)).hexdigest()


@dataclass(frozen=True)
class _Lines:
    """The lines that name a letter, each with its event; what else the file holds."""

    told: tuple[tuple[TableEvent, GivenEvent], ...]
    refused: tuple[RefusedLine, ...]


def preview_letter_events(
    session: Session, events: Sequence[TableEvent], *, at: datetime
) -> EventChanges:
    """What recording these events now would change. Nothing changes."""
    with transaction(session):
        lines = _find(session, events)
        of_letters: dict[int, list[GivenEvent]] = defaultdict(list)
        for _, given in lines.told:
            of_letters[given.message_id].append(given)
        letters = lock_letters(session, of_letters)
        stored = load_letter_events(session, of_letters)
        taken_back = load_taken_back(session, of_letters)
        found = match_letter_events(of_letters, letters, stored, taken_back, at)
    return _changes(lines, found.new, found.unchanged, found.refused)


def preview_event_file(
    session: Session, name: str, content: bytes, *, at: datetime
) -> EventChanges:
    """The same of a file: `EVENT_COLUMNS`, or a manifest that was filled in.

    name: of the file, for the problems. Raises ProblemsFound where it is no such table.
    """
    table = read_events(name, content)
    found = preview_letter_events(session, table.events, at=at)
    return _with_table(found, table)


def apply_letter_events(
    session: Session,
    events: Sequence[TableEvent],
    *,
    source: LetterEventSource,
    by: str,
    actor: str,
    legal_email: str,
    at: datetime,
    shown: str | None = None,
) -> EventChanges:
    """Record these events; each counts once, in whatever order they come, and however often.

    What cannot be recorded is refused with its line, the rest is recorded. The batches of the
    letters count as handed over. shown: the digest of what was agreed to; where other events would
    be new now, EventsChanged is raised and nothing is recorded.
    """
    if shown is not None:
        found = preview_letter_events(session, events, at=at)
        # Sent a second time all of it is on record, and that is well.
        if found.refused or (found.new and found.digest != shown):
            raise EventsChanged
    with transaction(session):
        lines = _find(session, events)
    report = record_letter_events(
        session,
        [given for _, given in lines.told],
        source=source,
        by=by,
        actor=actor,
        legal_email=legal_email,
        at=at,
    )
    if report.new:
        note_handed_over(session, by=by, actor=actor, at=at)
    return _changes(lines, report.new, report.unchanged, report.refused)


def import_letter_events(
    session: Session,
    name: str,
    content: bytes,
    *,
    by: str,
    actor: str,
    legal_email: str,
    at: datetime,
) -> EventChanges:
    """Record what a file tells, without a page between. Raises ProblemsFound as the preview does;
    then nothing is recorded."""
    table = read_events(name, content)
    found = apply_letter_events(
        session,
        table.events,
        source=LetterEventSource.FILE,
        by=by,
        actor=actor,
        legal_email=legal_email,
        at=at,
    )
    return _with_table(found, table)


def _find(session: Session, events: Sequence[TableEvent]) -> _Lines:
    known = find_letters(session, {event.letter for event in events})
    told, refused = [], []
    for event in events:
        message_id = known.get(event.letter)
        if message_id is None:
            refused.append(RefusedLine(event.where, event.letter, (_unknown(event.letter),)))
            continue
        given = GivenEvent(message_id, event.kind, event.on, event.proof_number, event.note)
        told.append((event, given))
    return _Lines(tuple(told), tuple(refused))


def _unknown(letter: str) -> Problem:
    return Problem(
        "letter",
        "No letter has the key “%(letter)s”.",
        "Copy it from the manifest of its batch.",
        (("letter", letter),),
    )


def _changes(
    lines: _Lines,
    new: Sequence[GivenEvent],
    unchanged: int,
    refused: Sequence[RefusedEvent],
) -> EventChanges:
    """What came of the lines, in the order of the file."""
    are_new = {id(given) for given in new}
    problems = {id(one.given): one.problems for one in refused}
    return EventChanges(
        new=tuple(event for event, given in lines.told if id(given) in are_new),
        unchanged=unchanged,
        refused=(
            *lines.refused,
            *(
                RefusedLine(event.where, event.letter, problems[id(given)])
                for event, given in lines.told
                if id(given) in problems
            ),
        ),
    )


def _with_table(found: EventChanges, table: EventTable) -> EventChanges:
    """With the lines that could not be read, and those that say nothing."""
    unread = tuple(RefusedLine(problem.where, "", (problem,)) for problem in table.problems)
    return replace(found, silent=table.silent, refused=(*unread, *found.refused))
