"""The list that applies to one client, from what is stored."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.commence_changes import commence_changes
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.show_client_list import DayAhead, ShownClientList, show_client_list
from subnotify.rules.client_list_facts import WhyNot
from subnotify.rules.errors import NotFound
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import SettlementKind
from subnotify.storage.tables import AgreementRow, ListEntryRow
from tests.operations.blocked_world import (
    DAY,
    SWISS,
    case_under,
    close_all,
    except_from,
    serve_all,
)
from tests.operations.desk import LEGAL
from tests.support.release_world import PARIS, ReleaseWorld


@pytest.fixture
def world(session, at) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def announce(world: ReleaseWorld) -> int:
    """Orage replaces Vieux Port; its change commences by itself sixty days on."""
    change = world.add_change("orage", services=("mail",), replaces="vieux-port")
    # What it replaces helps with the same service.
    for row in world.session.scalars(select(ListEntryRow)):
        row.facts = {**row.facts, "services": ["mail"]}
    world.session.commit()
    release = world.draft([change], commences_by_itself=True)
    world.approve(release)
    world.release(release)
    return change


def shown(session: Session, agreement: int, at, on: date | None = None) -> ShownClientList:
    day = on or at.astimezone(PARIS).date()
    found = show_client_list(session, agreement, on=day, zone=PARIS, at=at)
    session.rollback()
    return found


def told(found: ShownClientList) -> tuple[list[tuple[str, bool]], list[tuple[str, WhyNot | None]]]:
    applies = found.applies
    return (
        [(x.entry.key, x.is_kept) for x in applies.used],
        [(x.entry.key, x.why_not) for x in applies.not_used],
    )


def test_each_client_has_its_own_list(session, world, at):
    free, swiss = world.add_agreement(), world.add_agreement(terms=SWISS)
    refusing, other = world.add_agreement(), world.add_agreement(services=("helpdesk",))
    announce(world)
    serve_all(session, at)
    decision = Settlement(SettlementKind.ACCOMMODATED, "kept on the old host")
    settle_objection(session, case_under(session, refusing), decision, **LEGAL, at=at)
    close_all(session, case_under(session, free))
    then = at + 61 * DAY
    before = told(shown(session, free, then - DAY))
    assert before == ([("vieux-port", False)], [])
    assert len(commence_changes(session, zone=PARIS, at=then)) == 1
    assert told(shown(session, free, then)) == ([("orage", False)], [])
    assert told(shown(session, refusing, then)) == (
        [("vieux-port", True)],
        [("orage", WhyNot.ACCOMMODATED)],
    )
    # It allows Switzerland only: both sit in France.
    assert told(shown(session, swiss, then)) == (
        [],
        [("orage", WhyNot.COUNTRY), ("vieux-port", WhyNot.COUNTRY)],
    )
    assert told(shown(session, other, then)) == ([], [])
    # The day before it commenced, seen from today.
    past = shown(session, free, then, on=(then - DAY).date())
    assert told(past) == before
    with pytest.raises(DayAhead):
        shown(session, free, then, on=(then + DAY).date())
    with pytest.raises(NotFound):
        shown(session, 9_999, then)


def test_after_the_exception_and_its_window_the_new_one_is_used(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    announce(world)
    serve_all(session, at)
    then = at + 61 * DAY
    commence_changes(session, zone=PARIS, at=then)
    except_from(session, swiss, then, from_on=date(2026, 3, 1))
    # Not settled yet: it keeps what it had, which sits in France too.
    assert told(shown(session, swiss, then)) == (
        [("vieux-port", True)],
        [("orage", WhyNot.NOT_SETTLED)],
    )
    settled_at = close_all(session, case_under(session, swiss))
    found = shown(session, swiss, settled_at + timedelta(minutes=1))
    assert told(found) == ([("orage", False)], [])
    assert [x.country for x in found.applies.used[0].rests_on] == ["FR"]
    assert found.applies.used[0].since_on == settled_at.astimezone(PARIS).date()


def test_a_correction_of_the_list_changes_nothing_about_who_refused(session, world, at):
    refusing = world.add_agreement()
    announce(world)
    serve_all(session, at)
    decision = Settlement(SettlementKind.ACCOMMODATED, "kept on the old host")
    settle_objection(session, case_under(session, refusing), decision, **LEGAL, at=at)
    close_all(session, case_under(session, refusing))
    then = at + 61 * DAY
    commence_changes(session, zone=PARIS, at=then)
    corrected_on = (then + 5 * DAY).astimezone(PARIS).date()
    new = session.scalars(select(ListEntryRow).order_by(ListEntryRow.id.desc())).first()
    assert new is not None
    new.in_force_until_on = corrected_on
    session.add(
        ListEntryRow(
            subprocessor_id=new.subprocessor_id,
            facts=new.facts,
            in_force_from_on=corrected_on,
            published_at=then + 5 * DAY,
        )
    )
    session.commit()
    found = shown(session, refusing, then + 6 * DAY)
    assert told(found) == ([("vieux-port", True)], [("orage", WhyNot.ACCOMMODATED)])
    assert [x.entry.from_on for x in found.applies.not_used] == [then.astimezone(PARIS).date()]


def test_only_the_laws_of_the_agreement_are_assessed(session, world, at):
    agreement = world.add_agreement()
    announce(world)
    vendor = shown(session, agreement, at)
    assert vendor.laws == (ExportLaw.EU_GDPR,)
    session.execute(update(AgreementRow).values(export_laws=frozenset({ExportLaw.EU_GDPR})))
    session.commit()
    laws = {
        judged.law
        for found in shown(session, agreement, at).applies.used
        for place in found.entry.facts.locations
        for judged in place.assessed
    }
    assert laws == {ExportLaw.EU_GDPR}


def test_services_count_by_their_days(session, world, at):
    agreement = world.add_agreement(until_on=(at + 3 * DAY).date())
    announce(world)
    assert told(shown(session, agreement, at)) == ([("vieux-port", False)], [])
    assert told(shown(session, agreement, at + 3 * DAY)) == ([], [])
    unknown = replace(SWISS, allowed_countries=frozenset())
    assert told(shown(session, world.add_agreement(terms=unknown), at))[1] == []
