"""Batches of which something goes wrong: told of while cancelled, stopped too late, dated late."""

from datetime import date, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine, update

from subnotify.operations.cancel_batch import BatchBeingPrinted, cancel_batch
from subnotify.operations.hand_over_batch import (
    LettersStopped,
    NotHandedOverYet,
    NotPreparedYet,
)
from subnotify.operations.import_letter_events import EventChanges, import_letter_events
from subnotify.operations.record_letter_events import EventReport, GivenEvent
from subnotify.rules.words import (
    BatchState,
    Channel,
    LetterEventKind,
    LetterState,
    MessageState,
)
from subnotify.storage.database import session_factory
from subnotify.storage.tables import (
    FormerSealRow,
    LetterBatchRow,
    LetterEventRow,
    LetterRow,
    MessageRow,
    SealedMailRow,
)
from tests.support.letter_batches import LEGAL_EMAIL, facts, hand_over, letters, prepare, queue
from tests.support.letters import tell, tell_all
from tests.support.scenario import Scenario

BY = {"by": "marc", "actor": "operator:2"}
DAY = date(2026, 3, 2)


class Away:
    """A provider that has taken the batch away: it is too late."""

    def take(self, batch_key: str, pdf: bytes, manifest: bytes) -> str:
        return batch_key

    def cancel(self, batch_key: str) -> bool:
        return False


def later(at: datetime, days: int) -> datetime:
    return at + timedelta(days=days)


def test_what_is_told_while_a_batch_is_called_back_waits_and_loses_no_bytes(
    scenario: Scenario, engine: Engine, at: datetime
) -> None:
    session = scenario.session
    (letter,) = queue(scenario)
    prepare(session, at=at)
    reports: list[EventReport] = []

    def tell_meanwhile() -> None:
        with session_factory(engine)() as other:
            reports.append(tell(other, letter, LetterEventKind.POSTED, DAY, at=later(at, 1)))

    teller = Thread(target=tell_meanwhile)

    class Slow(Away):
        def cancel(self, batch_key: str) -> bool:
            teller.start()
            teller.join(0.5)
            assert teller.is_alive()
            return True

    assert cancel_batch(session, 1, provider=Slow(), at=later(at, 1), **BY)
    teller.join(60)
    ((refused,),) = [report.refused for report in reports]
    assert refused.given.message_id == letter
    (row,) = letters(session)
    assert (row.state, row.batch_id) == (LetterState.QUEUED, None)
    assert session.query(FormerSealRow).count() == 1 and session.query(SealedMailRow).count() == 0


def test_what_was_told_before_a_batch_is_called_back_stops_that(
    scenario: Scenario, at: datetime
) -> None:
    session = scenario.session
    (letter,) = queue(scenario)
    prepare(session, at=at)
    tell(session, letter, LetterEventKind.POSTED, DAY, at=later(at, 1))
    session.rollback()
    with pytest.raises(BatchBeingPrinted):
        cancel_batch(session, 1, provider=None, at=later(at, 1), **BY)
    assert session.query(SealedMailRow).count() == 1


def test_a_batch_is_handed_over_on_the_day_on_which_it_was(
    scenario: Scenario, at: datetime
) -> None:
    """The click comes three days late; the proofs of the post are of the days between."""
    session = scenario.session
    (letter,) = queue(scenario, 1, Channel.REGISTERED_POST)
    prepare(session, at=at)
    with pytest.raises(NotPreparedYet):
        hand_over(session, 1, on=date(2026, 3, 1), at=later(at, 3))
    with pytest.raises(NotHandedOverYet):
        hand_over(session, 1, on=date(2026, 3, 6), at=later(at, 3))
    assert hand_over(session, 1, on=DAY, at=later(at, 3))
    row = session.get_one(LetterBatchRow, 1)
    assert (row.handed_over_on, row.handed_over_at) == (DAY, later(at, 3))
    assert facts(session, "letter_batch_handed_over")[0]["on"] == "2026-03-02"
    session.rollback()
    told = [
        GivenEvent(letter, LetterEventKind.POSTED, date(2026, 3, 3), "RK1"),
        GivenEvent(letter, LetterEventKind.RECEIVED, date(2026, 3, 4)),
    ]
    assert tell_all(session, told, at=later(at, 4)).refused == ()
    first = session.query(LetterEventRow).order_by(LetterEventRow.id).first()
    assert first is not None and (first.kind, first.on) == ("handed_over", DAY)


def test_a_batch_told_of_in_its_manifest_has_the_day_told_there(
    scenario: Scenario, at: datetime
) -> None:
    session = scenario.session
    queue(scenario, 2)
    prepare(session, at=at)
    manifest = session.get_one(LetterBatchRow, 1).manifest
    session.rollback()
    head, *lines = manifest.splitlines()
    days = ("2026-03-04", "2026-03-03")
    assert all(line.endswith(",,,") for line in lines)
    lines = [f"{x[:-3]}handed_over,{day},," for x, day in zip(lines, days, strict=True)]
    found = import_letter_events(
        session,
        "L-000001.csv",
        "\r\n".join([head, *lines]).encode(),
        legal_email=LEGAL_EMAIL,
        vendor_time_zone="Europe/Paris",
        at=later(at, 3),
        **BY,
    )
    assert (len(found.new), found.refused) == (2, ())
    row = session.get_one(LetterBatchRow, 1, populate_existing=True)
    assert (row.state, row.handed_over_on) == (BatchState.HANDED_OVER, date(2026, 3, 3))


def test_the_manifest_of_a_cancelled_batch_tells_nothing(scenario: Scenario, at: datetime) -> None:
    """Its papers are not those that are sent: not while its letters wait, nor in a new batch."""
    session = scenario.session
    letter_id, _ = queue(scenario, 2)
    prepare(session, at=at)
    key = session.get_one(MessageRow, letter_id).logical_key
    table = f"batch,letter,event,on\nL-000001,{key},posted,2026-03-03\n"
    session.rollback()
    cancel_batch(session, 1, provider=None, at=at, **BY)

    def read(text: str) -> EventChanges:
        return import_letter_events(
            session,
            "L-000001.csv",
            text.encode(),
            legal_email=LEGAL_EMAIL,
            vendor_time_zone="Europe/Paris",
            at=later(at, 3),
            **BY,
        )

    for _ in range(2):
        found = read(table)
        assert found.new == () and "was cancelled" in found.refused[0].problems[0].message
        prepare(session, at=at)
    assert {x.state for x in letters(session)} == {LetterState.QUEUED}
    session.rollback()
    assert len(read(table.replace("L-000001", "L-000002")).new) == 1


@pytest.mark.parametrize("state", [MessageState.CANCELLED, MessageState.PAUSED])
def test_what_the_printer_has_is_handed_over_whoever_would_stop_it(
    scenario: Scenario, at: datetime, state: MessageState
) -> None:
    session = scenario.session
    first, _ = queue(scenario, 2)
    prepare(session, at=at)
    session.execute(update(MessageRow).where(MessageRow.id == first).values(state=state))
    if state is MessageState.CANCELLED:
        row = session.get_one(LetterRow, first)
        row.state = LetterState.CANCELLED
    session.commit()
    with pytest.raises(LettersStopped):
        hand_over(session, 1, at=at)
    with pytest.raises(BatchBeingPrinted):
        cancel_batch(session, 1, provider=Away(), at=at, **BY)
    assert hand_over(session, 1, is_beyond_reach=True, at=at)
    assert session.query(LetterEventRow).count() == 2
    is_cancelled = state is MessageState.CANCELLED
    expected = LetterState.CANCELLED if is_cancelled else LetterState.HANDED_OVER
    assert [x.state for x in letters(session)] == [expected, LetterState.HANDED_OVER]
    assert session.get_one(LetterBatchRow, 1).state == BatchState.HANDED_OVER
