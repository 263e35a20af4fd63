"""Take delivery events as a relay tells them, in a posted list or in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.record_delivery_events import record_delivery_events
from subnotify.rules.csv_tables import Table, place, read_table, refuse
from subnotify.rules.delivery_event_reading import COLUMNS, event_id, read_event
from subnotify.rules.delivery_events import (
    AnsweredEvent,
    EventAnswer,
    EventRefusal,
    ReportedEvent,
)
from subnotify.rules.errors import Problem
from subnotify.rules.reading import Reader
from subnotify.rules.words import EventSource

_NEEDED = ("id", "event", "at")
_ONE_NEEDED = ("message_id", "envelope_id")


@dataclass(frozen=True, slots=True)
class TakenEvent:
    """What became of one event. where: its place in what was given. problems: what could not be
    read, exactly where the refusal is `malformed`."""

    where: str
    answered: AnsweredEvent
    problems: tuple[Problem, ...] = ()


def take_delivery_events(
    session: Session,
    values: Sequence[tuple[str, object]],
    *,
    source: EventSource,
    actor: str,
    legal_email: str,
    at: datetime,
) -> tuple[TakenEvent, ...]:
    """Record what can be read; one answer for each value, in the order given.

    values: (where it stands, the event as plain data).
    """
    events: dict[int, ReportedEvent] = {}
    malformed: dict[int, tuple[Problem, ...]] = {}
    for number, (where, value) in enumerate(values):
        reader = Reader()
        event = read_event(value, where, reader)
        if event is not None:
            events[number] = event
        else:
            malformed[number] = tuple(reader.problems)
    recorded = record_delivery_events(
        session,
        list(events.values()),
        source=source,
        actor=actor,
        legal_email=legal_email,
        at=at,
    )
    answered = dict(zip(events, recorded.answers, strict=True))
    return tuple(
        TakenEvent(
            where,
            answered.get(number) or _malformed(value),
            malformed.get(number, ()),
        )
        for number, (where, value) in enumerate(values)
    )


def _malformed(value: object) -> AnsweredEvent:
    return AnsweredEvent(event_id(value), EventAnswer.REFUSED, EventRefusal.MALFORMED)


def import_delivery_events(
    session: Session, name: str, content: bytes, *, actor: str, legal_email: str, at: datetime
) -> tuple[TakenEvent, ...]:
    """The same of a CSV file with the columns `COLUMNS`, in any order; others are passed over.

    name: of the file, for the problems. Raises ProblemsFound where it is no such table; then
    nothing is recorded.
    """
    table = read_table(name, content, COLUMNS)
    _check_columns(table)
    return take_delivery_events(
        session,
        [(place(name, row.line), dict(row.cells)) for row in table.rows],
        source=EventSource.FILE,
        actor=actor,
        legal_email=legal_email,
        at=at,
    )


def _check_columns(table: Table) -> None:
    missing = [column for column in _NEEDED if column not in table.columns]
    if not missing and not set(_ONE_NEEDED) & set(table.columns):
        missing = ["message_id"]
    if missing:
        refuse(
            table.name,
            "The columns %(missing)s are missing.",
            "Name the columns in the first line: %(known)s.",
            missing=", ".join(missing),
            known=", ".join(COLUMNS),
        )
