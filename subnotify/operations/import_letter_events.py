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
    match_letter_events,
)
from subnotify.operations.record_letter_events import (
    EventReport,
    load_record,
    record_letter_events,
    report_of,
)
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import Problem, RuleError
from subnotify.rules.letter_manifests import (
    EventTable,
    TableEvent,
    read_events,
    write_events,
)
from subnotify.rules.words import LetterEventKind, LetterEventSource
from subnotify.storage.letter_batches import list_cancelled
from subnotify.storage.letter_pages import find_letters
from subnotify.storage.letters import lock_letters


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
class ContestedLine:
    """A line that contradicts what is on record, or another line, and why."""

    event: TableEvent
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class EventChanges:
    """new: what is recorded, or would be, a missing number included. contested: what is kept beside
    the record, or would be. unnumbered: of the new ones, postings of registered letters that no
    number proves. unchanged: lines that are on record. silent: lines that say nothing yet. digest:
    of what is told, for who confirms it."""

    new: tuple[TableEvent, ...] = ()
    unchanged: int = 0
    silent: int = 0
    refused: tuple[RefusedLine, ...] = ()
    contested: tuple[ContestedLine, ...] = ()
    unnumbered: tuple[TableEvent, ...] = ()

    @property
    def told(self) -> tuple[TableEvent, ...]:
        return (*self.new, *(line.event for line in self.contested))

    @property
    def digest(self) -> str:
        contested = write_events(line.event for line in self.contested)
        return hashlib.sha256(write_events(self.new) + b"\0" + contested).hexdigest()


@dataclass(frozen=True)
class _Lines:
    """The lines that name a letter, each with its event; what else the file holds."""

    told: tuple[tuple[TableEvent, GivenEvent], ...]
    refused: tuple[RefusedLine, ...]


def preview_letter_events(
    session: Session,
    events: Sequence[TableEvent],
    *,
    source: LetterEventSource,
    vendor_time_zone: str,
    at: datetime,
) -> EventChanges:
    """What recording these events now would change. Nothing changes."""
    with transaction(session):
        lines = _find(session, events)
        of_letters: dict[int, list[GivenEvent]] = defaultdict(list)
        for _, given in lines.told:
            of_letters[given.message_id].append(given)
        letters = lock_letters(session, of_letters)
        found = match_letter_events(
            of_letters,
            letters,
            load_record(session, of_letters, source),
            vendor_time_zone=vendor_time_zone,
            at=at,
        )
    unnumbered = {
        id(given)
        for given in found.new
        if given.kind is LetterEventKind.POSTED
        and letters[given.message_id].is_registered
        and not (found.numbers.get(given.message_id) or letters[given.message_id].proof_number)
    }
    return replace(
        _changes(lines, report_of(found)),
        unnumbered=tuple(event for event, given in lines.told if id(given) in unnumbered),
    )


def preview_event_file(
    session: Session, name: str, content: bytes, *, vendor_time_zone: str, at: datetime
) -> EventChanges:
    """The same of a file: `EVENT_COLUMNS`, or a manifest that was filled in.

    name: of the file, for the problems. Raises ProblemsFound where it is no such table.
    """
    table = read_events(name, content)
    found = preview_letter_events(
        session,
        table.events,
        source=LetterEventSource.FILE,
        vendor_time_zone=vendor_time_zone,
        at=at,
    )
    return _with_table(found, table)


def apply_letter_events(
    session: Session,
    events: Sequence[TableEvent],
    *,
    source: LetterEventSource,
    by: str,
    actor: str,
    legal_email: str,
    vendor_time_zone: str,
    at: datetime,
    shown: str | None = None,
) -> EventChanges:
    """Record these events; each counts once, in whatever order they come, and however often.

    What cannot be true is refused with its line, what contradicts the record is kept beside it, the
    rest is recorded. The batches of the letters count as handed over. shown: the digest of what was
    agreed to; where other events would be told now, EventsChanged is raised and nothing is
    recorded. (What others record in the same instant may still turn one of them into a
    contradiction, which holds.)
    """
    if shown is not None:
        found = preview_letter_events(
            session, events, source=source, vendor_time_zone=vendor_time_zone, at=at
        )
        # Sent a second time all of it is on record, and that is well.
        if found.refused or (found.told and found.digest != shown):
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
        vendor_time_zone=vendor_time_zone,
        at=at,
    )
    if report.new:
        note_handed_over(session, by=by, actor=actor, at=at)
    return _changes(lines, report)


def import_letter_events(
    session: Session,
    name: str,
    content: bytes,
    *,
    by: str,
    actor: str,
    legal_email: str,
    vendor_time_zone: str,
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
        vendor_time_zone=vendor_time_zone,
        at=at,
    )
    return _with_table(found, table)


def _find(session: Session, events: Sequence[TableEvent]) -> _Lines:
    known = find_letters(session, {event.letter for event in events})
    cancelled = list_cancelled(session, {event.batch for event in events})
    told, refused = [], []
    for event in events:
        if event.batch in cancelled:
            problem = _of_cancelled(event.batch)
            refused.append(RefusedLine(event.where, event.letter, (problem,)))
            continue
        message_id = known.get(event.letter)
        if message_id is None:
            refused.append(RefusedLine(event.where, event.letter, (_unknown(event.letter),)))
            continue
        given = GivenEvent(message_id, event.kind, event.on, event.proof_number, event.note)
        told.append((event, given))
    return _Lines(tuple(told), tuple(refused))


def _of_cancelled(batch: str) -> Problem:
    return Problem(
        "batch",
        "The batch %(batch)s was cancelled: what was printed of it is not to be sent.",
        "Have it destroyed. The letter is written anew: use the manifest of its new batch.",
        (("batch", batch),),
    )


def _unknown(letter: str) -> Problem:
    return Problem(
        "letter",
        "No letter has the key “%(letter)s”.",
        "Copy it from the manifest of its batch.",
        (("letter", letter),),
    )


def _changes(lines: _Lines, report: EventReport) -> EventChanges:
    """What came of the lines, in the order of the file."""
    are_new = {id(given) for given in (*report.new, *report.numbered)}
    problems = {id(one.given): one.problems for one in report.refused}
    contested = {id(one.given): one.problems for one in report.contested}
    return EventChanges(
        new=tuple(event for event, given in lines.told if id(given) in are_new),
        unchanged=report.unchanged,
        refused=(
            *lines.refused,
            *(
                RefusedLine(event.where, event.letter, problems[id(given)])
                for event, given in lines.told
                if id(given) in problems
            ),
        ),
        contested=tuple(
            ContestedLine(event, contested[id(given)])
            for event, given in lines.told
            if id(given) in contested
        ),
    )


def _with_table(found: EventChanges, table: EventTable) -> EventChanges:
    """With the lines that could not be read, and those that say nothing."""
    unread = tuple(RefusedLine(problem.where, "", (problem,)) for problem in table.problems)
    return replace(found, silent=table.silent, refused=(*unread, *found.refused))
