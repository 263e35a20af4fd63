"""Tables of what became of letters: late, out of order, again and again."""

import random
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.operations.import_letter_events import (
    EventChanges,
    EventsChanged,
    apply_letter_events,
    import_letter_events,
    preview_event_file,
)
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.letter_manifests import TableEvent, write_events
from subnotify.rules.words import (
    Channel,
    LetterEventKind,
    LetterEventSource,
    LetterState,
)
from subnotify.storage.tables import (
    CaseRow,
    EvidenceRow,
    LetterBatchRow,
    LetterContradictionRow,
    LetterEventRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
)
from tests.support.letter_batches import LEGAL_EMAIL, letters, prepare, queue
from tests.support.scenario import Scenario

TABLES = (
    *(CaseRow, LetterBatchRow, LetterContradictionRow, LetterEventRow, LetterRow, NoticeRow),
    ReceiptProofRow,
)
BY = {"by": "marc", "actor": "operator:2"}
LEGAL = {"legal_email": LEGAL_EMAIL, "vendor_time_zone": "Europe/Paris"}


def import_table(session: Session, content: bytes | str, *, at: datetime) -> EventChanges:
    octets = content if isinstance(content, bytes) else content.encode()
    return import_letter_events(session, "events.csv", octets, at=at, **LEGAL, **BY)


def everything(session: Session) -> list[object]:
    """All that an import may change, and how much evidence there is."""
    session.rollback()
    found: list[object] = [
        [tuple(row) for row in session.execute(select(table.__table__)).all()] for table in TABLES
    ]
    found.append(
        session.execute(select(MessageRow.id, MessageRow.state, MessageRow.handed_over_at)).all()
    )
    found.append(session.scalar(select(func.count()).select_from(EvidenceRow)))
    session.rollback()
    return found


def keys_of(session: Session, ids: list[int]) -> list[str]:
    found = [session.get_one(MessageRow, x).logical_key for x in ids]
    session.rollback()
    return found


EVENTS = st.tuples(
    st.integers(0, 2),
    st.sampled_from(LetterEventKind),
    st.integers(0, 9).map(lambda days: date(2026, 3, 2) + timedelta(days=days)),
    st.sampled_from(["", "RK 1", "RK 2"]),
)


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(told=st.lists(EVENTS, max_size=12), seed=st.integers(0, 2**16))
def test_a_second_import_changes_nothing(
    scenario: Scenario,
    at: datetime,
    told: list[tuple[int, LetterEventKind, date, str]],
    seed: int,
):
    """The same file once more, its lines in another order: no row, no proof, no evidence."""
    session = scenario.session
    ids = queue(scenario, 3, Channel.REGISTERED_POST)
    prepare(session, at=at)
    keys = keys_of(session, ids)
    lines = [TableEvent("", keys[n], kind, on, number) for n, kind, on, number in told]
    at += timedelta(days=20)
    first = import_table(session, write_events(lines), at=at)
    assert len(first.told) + first.unchanged + len(first.refused) == len(lines)
    before = everything(session)
    random.Random(seed).shuffle(lines)
    again = import_table(session, write_events(lines), at=at + timedelta(hours=1))
    assert (again.told, len(again.refused)) == ((), len(first.refused))
    assert everything(session) == before


def test_each_line_is_new_unchanged_silent_or_refused(scenario: Scenario, at: datetime):
    session = scenario.session
    ids = queue(scenario, 2, Channel.REGISTERED_POST)
    prepare(session, at=at)
    one, two = keys_of(session, ids)
    at += timedelta(days=10)
    table = (
        "letter,event,on,proof_number,note\n"
        f"{one},received,2026-03-06,,signed by the desk\n"
        f"{one},posted,2026-03-03,RK 1,\n"
        f"{two},,,,\n"
        "notice:9:9:post:1,posted,2026-03-03,,\n"
        f"{two},lost,2026-03-03,,\n"
        f"{two},posted,2027-03-03,,\n"
        f"{one},posted,2026-03-03,RK 1,\n"
    )
    preview = preview_event_file(
        session, "events.csv", table.encode(), vendor_time_zone="Europe/Paris", at=at
    )
    assert session.scalar(select(func.count()).select_from(LetterEventRow)) == 0
    session.rollback()
    found = import_table(session, table, at=at)
    assert preview == found
    assert [event.where for event in found.new] == ["events.csv, line 2", "events.csv, line 3"]
    assert (found.unchanged, found.silent) == (1, 1)
    assert sorted(line.where for line in found.refused) == [
        "events.csv, line 5",
        "events.csv, line 6, column event",
        "events.csv, line 7",
    ]
    assert [row.state for row in letters(session)] == [LetterState.RECEIVED, LetterState.QUEUED]
    assert {row.source for row in session.scalars(select(LetterEventRow))} == {"file"}


def test_what_is_no_table_records_nothing(scenario: Scenario, at: datetime):
    for content in (b"", b"\xff", b"a,b\n1,2\n"):
        with pytest.raises(ProblemsFound):
            import_table(scenario.session, content, at=at)


def test_only_what_was_shown_is_recorded(scenario: Scenario, at: datetime):
    session = scenario.session
    ids = queue(scenario)
    prepare(session, at=at)
    (key,) = keys_of(session, ids)
    at += timedelta(days=10)
    event = TableEvent("", key, LetterEventKind.POSTED, date(2026, 3, 3))
    other = TableEvent("", key, LetterEventKind.POSTED, date(2026, 3, 4))

    def confirm(events: list[TableEvent], shown: list[TableEvent]) -> EventChanges:
        return apply_letter_events(
            session,
            events,
            source=LetterEventSource.DESK,
            **LEGAL,
            at=at,
            shown=EventChanges(new=tuple(shown)).digest,
            **BY,
        )

    with pytest.raises(EventsChanged):
        confirm([other], [event])
    assert len(confirm([event], [event]).new) == 1
    # Pressed a second time.
    assert confirm([event], [event]).unchanged == 1
    # Somebody else recorded another day meanwhile.
    with pytest.raises(EventsChanged):
        confirm([other], [other])
