"""Changes commence when their day has come and nobody stands in the way."""

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.commence_changes import (
    DayNotCome,
    GateShut,
    NotAnnounced,
    commence_change,
    commence_changes,
)
from subnotify.operations.gate_out_client import gate_out_client
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping, facts_to_mapping
from subnotify.rules.words import ChangeState, VendorRole
from subnotify.storage.database import session_factory
from subnotify.storage.registry import get_vendor
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    ListEntryRow,
    ListPublicationRow,
    SubprocessorRow,
)
from tests.operations.desk import LEGAL, case_of, evidence_types
from tests.operations.test_close_windows import confirm_all
from tests.support.entries import find_entry_in_force
from tests.support.scenario import Announced, Scenario
from tests.support.transfers import clauses

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
ON = date(2026, 5, 1)
# Midnight in Paris of the commencement day.
STARTS = datetime.fromisoformat("2026-04-30T22:00:00Z")


@pytest.fixture
def announced(session: Session, at: datetime) -> Announced:
    announced = Scenario(session, at=at).announce(changes=2, commencement_on=ON)
    session.execute(update(ChangeRow).values(commences_by_itself=True))
    session.commit()
    return announced


def settle_by_silence(session: Session, announced: Announced) -> None:
    silent_at = case_of(session, announced.case_ids[0]).silence_after_at
    confirm_all(session, silent_at)
    close_windows(session, at=silent_at)


def changes_of(session: Session) -> list[ChangeRow]:
    rows = session.scalars(
        select(ChangeRow).order_by(ChangeRow.id).execution_options(populate_existing=True)
    ).all()
    session.rollback()
    return list(rows)


def test_the_list_is_locked_before_an_entry_is_touched(session, announced, at):
    """Else a correction of an entry that is being replaced brings it back, or both wait forever."""
    settle_by_silence(session, announced)
    change = changes_of(session)[0].id
    said: list[str] = []
    engine = session.get_bind()

    def note(_conn, _cursor, statement, *_rest) -> None:
        said.append(statement.replace('"', ""))

    event.listen(engine, "before_cursor_execute", note)
    try:
        commence_change(session, change, zone=PARIS, at=STARTS, **LEGAL)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    touched = next(n for n, x in enumerate(said) if x.startswith("UPDATE list_entries"))
    # The assessor reads the vendor before; that lock is the last of them.
    locked = [n for n, x in enumerate(said) if x.startswith("SELECT") and "FROM vendor" in x]
    assert locked[-1] < touched
    if session.get_bind().dialect.name == "postgresql":
        assert "FOR NO KEY UPDATE" in said[locked[-1]]


def test_a_settled_change_commences_on_its_day_and_the_list_says_so(session, announced, at):
    settle_by_silence(session, announced)
    addition, replacement = changes_of(session)
    assert commence_changes(session, zone=PARIS, at=STARTS - timedelta(seconds=1)) == []

    assert commence_changes(session, zone=PARIS, at=STARTS) == [addition.id, replacement.id]
    entry = find_entry_in_force(session, addition.subprocessor_id, ON)
    assert entry is not None
    assert (entry.facts.name, entry.in_force_from_on) == ("Mirador Logs Inc.", ON)
    old = session.scalars(
        select(ListEntryRow).where(ListEntryRow.subprocessor_id == replacement.replaced_id)
    ).one()
    assert (old.in_force_until_on, old.phased_out_from_on) == (ON, None)
    vendor = get_vendor(session)
    assert (vendor.list_version, vendor.list_changed_at) == (3, STARTS)
    assert session.scalars(select(ListPublicationRow.list_version)).all() == [2, 3]
    session.rollback()
    assert {c.state for c in changes_of(session)} == {ChangeState.COMMENCED}
    assert evidence_types(session).count("change_commenced") == 2
    assert commence_changes(session, zone=PARIS, at=STARTS + DAY) == []


def test_after_downtime_the_list_says_the_day_on_which_it_commenced(session, announced, at):
    settle_by_silence(session, announced)
    change = changes_of(session)[0]
    commence_changes(session, zone=PARIS, at=STARTS + 3 * DAY)
    entry = find_entry_in_force(session, change.subprocessor_id, ON + 3 * DAY)
    assert entry is not None
    assert entry.in_force_from_on == ON + 3 * DAY
    assert find_entry_in_force(session, change.subprocessor_id, ON + 2 * DAY) is None


def test_an_unsettled_case_keeps_the_gate_shut_until_the_client_is_gated_out(
    session, announced, at
):
    _, replacement = changes_of(session)
    assert commence_changes(session, zone=PARIS, at=STARTS) == []
    with pytest.raises(GateShut):
        commence_change(session, replacement.id, zone=PARIS, at=STARTS, **LEGAL)
    case_id = announced.case_ids[1]
    gate_out_client(session, case_id, note="kept on the old host", at=STARTS, **LEGAL)
    assert commence_changes(session, zone=PARIS, at=STARTS) == [replacement.id]
    old = session.scalars(
        select(ListEntryRow).where(ListEntryRow.subprocessor_id == replacement.replaced_id)
    ).one()
    # The client keeps the old one: it stays on the list, phased out for the others.
    assert (old.in_force_until_on, old.phased_out_from_on) == (None, ON)
    assert changes_of(session)[0].state == ChangeState.RELEASED


def test_by_hand_where_it_does_not_commence_by_itself(session, announced, at):
    session.execute(update(ChangeRow).values(commences_by_itself=False))
    session.commit()
    settle_by_silence(session, announced)
    change = changes_of(session)[0]
    assert commence_changes(session, zone=PARIS, at=STARTS) == []
    with pytest.raises(DayNotCome):
        commence_change(session, change.id, zone=PARIS, at=STARTS - DAY, **LEGAL)
    commence_change(session, change.id, zone=PARIS, at=STARTS, **LEGAL)
    with pytest.raises(NotAnnounced):
        commence_change(session, change.id, zone=PARIS, at=STARTS, **LEGAL)
    with pytest.raises(NotFound):
        commence_change(session, 999, zone=PARIS, at=STARTS, **LEGAL)


def _as_recipient(facts: SubprocessorFacts) -> SubprocessorFacts:
    """The vendor as its controller: in a third country, clauses from a controller then."""
    places = tuple(
        replace(x, bases=(clauses("scc_eu_2021_m2"),)) if x.bases else x for x in facts.locations
    )
    return replace(facts, role=VendorRole.CONTROLLER, locations=places)


def test_a_change_without_cases_waits_for_its_day_only(session, announced, at):
    """As an entry for which the vendor is the controller: nobody is notified of it."""
    with transaction(session):
        session.execute(delete(CaseRow))
        for change in session.scalars(select(ChangeRow)):
            change.facts = facts_to_mapping(_as_recipient(facts_from_mapping(change.facts or {})))
    assert commence_changes(session, zone=PARIS, at=STARTS - DAY) == []
    assert len(commence_changes(session, zone=PARIS, at=STARTS)) == 2


def test_the_draft_that_the_list_now_says_is_none_any_more(session, announced, at):
    settle_by_silence(session, announced)
    addition, replacement = changes_of(session)
    other = {**replacement.facts, "name": "Orage SAS"}
    for change, facts in ((addition, addition.facts), (replacement, other)):
        session.execute(
            update(SubprocessorRow)
            .where(SubprocessorRow.id == change.subprocessor_id)
            .values(draft_facts=facts)
        )
    session.commit()
    commence_changes(session, zone=PARIS, at=STARTS)
    drafts = {row.id: row.draft_facts for row in session.scalars(select(SubprocessorRow))}
    assert drafts[addition.subprocessor_id] is None
    assert drafts[replacement.subprocessor_id] == other


def test_two_runners_commence_a_change_once(session, engine, announced, at):
    settle_by_silence(session, announced)
    commenced: list[int] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with session_factory(engine)() as own:
                commenced.extend(commence_changes(own, zone=PARIS, at=STARTS))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(commenced) == [change.id for change in changes_of(session)]
    assert get_vendor(session).list_version == 3
