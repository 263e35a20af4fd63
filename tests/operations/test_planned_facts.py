"""A release on a look at a list, or an assessment, that is only planned is refused."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from subnotify.rules.errors import ProblemsFound
from subnotify.rules.publication_gaps import TransferProblem
from subnotify.rules.transfer_records import ImpactAssessment
from subnotify.rules.transfer_words import Fact
from tests.support.lapse_world import in_us
from tests.support.release_world import ReleaseWorld
from tests.support.transfers import clauses, framework

DAY = timedelta(days=1)


@pytest.mark.parametrize("fact", [Fact.IMPACT_ASSESSMENT, Fact.LIST_CHECKED_ON])
def test_it_can_be_approved_and_released_once_it_was_made(
    session: Session, at: datetime, fact: Fact
):
    planned_on = (at + 30 * DAY).date()  # the change commences 60 days from now
    basis = (
        replace(clauses(), impact_assessment=ImpactAssessment("TIA-9", planned_on))
        if fact is Fact.IMPACT_ASSESSMENT
        else framework("Mirador Logs Inc.", checked_on=planned_on)
    )
    world = ReleaseWorld(session, at=at)
    world.add_agreement()
    change = world.add_change("mirador", facts=in_us(basis))
    release = world.draft([change])
    with pytest.raises(ProblemsFound) as refusal:
        world.approve(release)
    session.rollback()
    (gap,) = refusal.value.problems
    assert isinstance(gap, TransferProblem) and gap.missing is not None
    assert (gap.where, gap.missing.fact) == ("changes.mirador.locations[0]", fact)
    world.at = at + 30 * DAY
    world.approve(release)
    assert world.release(release).notices == 1
