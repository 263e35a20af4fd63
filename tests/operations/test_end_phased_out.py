"""A phased-out entry stays while a running agreement keeps it, and leaves the list after that."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from subnotify.operations.commence_changes import commence_change
from subnotify.operations.end_phased_out import end_phased_out
from subnotify.operations.gate_out_client import gate_out_client
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.words import CaseState, LocationKind, Outcome
from subnotify.storage.registry import get_vendor, list_draft_changes, list_entries_in_force
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    EvidenceRow,
    ListEntryRow,
)
from tests.operations.desk import LEGAL
from tests.support.release_world import PARIS, ReleaseWorld
from tests.support.scenario_facts import ORAGE

FACTS = replace(ORAGE, services=("mail",))
DAY = timedelta(days=1)


@pytest.fixture
def kept(session, at):
    """An amended entry that one client, gated out, keeps; the instant of commencement."""
    world = ReleaseWorld(session, at=at)
    orage = world.add_listed("orage")
    session.scalars(select(ListEntryRow)).one().facts = facts_to_mapping(FACTS)
    session.commit()
    world.add_agreement()
    wider = (*FACTS.locations, Location("IE", LocationKind.SUPPORT))
    save_draft_facts(session, orage, replace(FACTS, locations=wider), by="ines", at=at)
    [draft] = list_draft_changes(session)
    session.rollback()
    release = world.draft([draft.id], commences_by_itself=True)
    world.approve(release)
    world.release(release)
    day = at + 61 * DAY
    case_id = session.scalars(select(CaseRow.id)).one()
    session.rollback()
    gate_out_client(session, case_id, note="France only", at=day, **LEGAL)
    commence_change(session, draft.id, zone=PARIS, at=day, **LEGAL)
    return day


def entries(session, at):
    found = list_entries_in_force(session, at.astimezone(PARIS).date())
    session.rollback()
    return len(found)


def test_it_stays_while_it_is_kept(session, kept):
    assert end_phased_out(session, zone=PARIS, at=kept + 30 * DAY) == 0
    assert entries(session, kept + 30 * DAY) == 2


@pytest.mark.parametrize("how", ["agreement", "service", "accepted"])
def test_it_ends_once_nobody_keeps_it(session, kept, how):
    later = kept + 10 * DAY
    day = later.astimezone(PARIS).date()
    match how:
        case "agreement":
            session.execute(update(AgreementRow).values(ended_on=day - DAY))
        case "service":
            session.execute(update(AgreementServiceRow).values(until_on=day))
        case "accepted":
            session.execute(
                update(CaseRow).values(
                    state=CaseState.CLOSED.value,
                    outcome=Outcome.ACCEPTED.value,
                    outcome_at=later,
                    lead_ends_at=None,
                )
            )
    session.commit()
    version = get_vendor(session).list_version
    session.rollback()
    assert end_phased_out(session, zone=PARIS, at=later) == 1
    assert entries(session, later) == 1 and entries(session, later - DAY) == 2
    assert get_vendor(session).list_version == version + 1
    session.rollback()
    assert end_phased_out(session, zone=PARIS, at=later + DAY) == 0
    told = session.scalars(select(EvidenceRow.type).where(EvidenceRow.type == "phased_out_ended"))
    assert len(told.all()) == 1


def test_not_on_the_day_itself(session, kept):
    session.execute(update(AgreementRow).values(ended_on=kept.date() - DAY))
    session.commit()
    assert end_phased_out(session, zone=PARIS, at=kept) == 0
