"""A release with a wrong place in it: corrected by a new one, and withdrawn for everybody."""

from dataclasses import replace
from datetime import datetime

from subnotify.demo.amendments import subprocessor_id
from subnotify.demo.desk import LEGAL, PUBLISHER, Desk
from subnotify.demo.plan import Plan
from subnotify.demo.stage import Stage
from subnotify.operations.correct_release import draft_correction
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.locations import Location
from subnotify.rules.words import LocationKind
from subnotify.storage.registry import get_subprocessor
from subnotify.storage.releases import list_released_changes

NAME, KEY = "text-messages", "estafette-sms"
REASON = (
    "Estafette SMS gives up its service before it began. Alerts stay with the telephone network of"
    " the clients."
)


def plan_withdrawn(plan: Plan) -> None:
    """After the release of the sample file: its correction three days later, its end in time."""
    corrections: list[int] = []
    desk = plan.desk

    def correct(release_id: int, at: datetime) -> None:
        corrections.append(_correct(plan.stage, release_id, at))

    plan.about(NAME, 32, 10, 5, correct)
    plan.ago(31, 16, 10, lambda at: desk.approve(corrections[0], at=at))
    # Over long holidays both may fall on one day: the later step has the later hour.
    plan.ago(30, 17, 20, lambda at: desk.release(corrections[0], at=at))
    plan.ago(19, 11, 30, lambda at: _withdraw(plan.stage, desk, corrections[0], at))


def _correct(stage: Stage, release_id: int, at: datetime) -> int:
    """The publisher drafts the correction: the servers stand in Germany; its id."""
    by = stage.operator(PUBLISHER)
    with stage.session() as session:
        draft = draft_correction(session, release_id, by=by, at=at)
        number = subprocessor_id(session, KEY)
        facts = get_subprocessor(session, number).draft_facts
        session.rollback()
        if facts is None:
            raise LookupError(f"{KEY} is not drafted")
        places = tuple(_in_germany(x) for x in facts.locations)
        said = replace(facts, locations=places)
        save_draft_facts(session, number, said, by=by.name, at=at)
    return draft


def _in_germany(place: Location) -> Location:
    return replace(place, country="DE") if place.kind is LocationKind.HOSTING else place


def _withdraw(stage: Stage, desk: Desk, release_id: int, at: datetime) -> None:
    with stage.session() as session:
        (change,) = list_released_changes(session, release_id)
        session.rollback()
        by = stage.operator(LEGAL)
        withdraw_change(session, release_id, change.id, reason=REASON, by=by, at=at)
    stage.send()
