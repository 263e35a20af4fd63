"""Finds places of the list that stop being lawful, opens tasks for legal, and tells it of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.queue_alarms import queue_transfer_alarm
from subnotify.operations.transaction import transaction
from subnotify.operations.used_entries import list_used
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_lapses import list_lapses, stage_on
from subnotify.storage.registry import find_vendor
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.transfer_clients import concern_of, count_concerned
from subnotify.storage.transfer_lapses import (
    LapseKey,
    StoredLapse,
    Telling,
    append_tellings,
    close_lapses,
    list_open_lapses,
    open_lapses,
    place_of,
    set_told,
)

ACTOR = "job:find_lapses"


@dataclass(frozen=True)
class LapsesFound:
    """What one run did. told: tasks that the mail to legal names, the new ones included."""

    opened: int = 0
    told: int = 0
    closed: int = 0


def find_lapses(session: Session, *, zone: ZoneInfo, legal_email: str, at: datetime) -> LapsesFound:
    """Open a task for every place that is not lawful today or on one of the next 180 days.

    Entries in force count from today, announced changes from their commencement; each place under
    each of the vendor's laws. zone: the vendor's, in which it is a day. legal_email gets one mail
    about every task that is new or has come nearer (180, 90, 30 days ahead, on the day); after
    downtime one, of the nearest stage. A task is closed once the place is lawful for the next 180
    days, ends on another day, or the entry has left the list. Run again, it finds nothing to do.
    """
    if find_vendor(session) is None:
        session.rollback()
        return LapsesFound()
    with transaction(session):
        # Another runner waits here, and then finds nothing left to do.
        lock_vendor(session)
        today = at.astimezone(zone).date()
        assessor = EntryAssessor(session)
        present = {stored.key: stored for stored in list_open_lapses(session)}
        found = _find(session, assessor, list(present), today)
        stages = {key: _stage(key, today) for key in found}
        gone = {key: stored.id for key, stored in present.items() if key not in found}
        close_lapses(session, list(gone.values()), at=at)
        opened = open_lapses(session, [x for x in found if x not in present], stages, at=at)
        told = {**opened, **_come_nearer(session, present, stages)}
        _tell(session, told, stages, legal_email, at)
        clients = _count_clients(session, {key: found[key] for key in told}, today)
        facts = [
            *(_fact("closed", x, gone[x], why=_why_gone(x, found)) for x in gone),
            *(_fact("opened", x, opened[x], reference=assessor.reference.version) for x in opened),
            *(_fact("told", x, told[x], days_ahead=stages[x], clients=clients[x]) for x in told),
        ]
        append_evidence_many(session, facts, actor=ACTOR, at=at)
    return LapsesFound(len(opened), len(told), len(gone))


def _find(
    session: Session, assessor: EntryAssessor, present: list[LapseKey], today: date
) -> dict[LapseKey, SubprocessorFacts]:
    """Every task there should be, the first day without first, with the facts of the entry."""
    # Where it is not known since when, the day it was found stands for it.
    found_on = {
        (x.subprocessor_id, x.place, x.law): x.lapses_on
        for x in present
        if not x.instrument and x.lapses_on <= today
    }
    found: dict[LapseKey, SubprocessorFacts] = {}
    for entry in list_used(session, today):
        for lapse in list_lapses(
            assessor.reference, entry.facts, assessor.laws, on=today, used_from=entry.used_from
        ):
            place = (entry.subprocessor_id, place_of(lapse.location), lapse.law)
            day = lapse.lapses_on or found_on.get(place, today)
            found.setdefault(LapseKey(*place, lapse.instrument, day), entry.facts)
    order = sorted(found, key=lambda x: (x.lapses_on, x.subprocessor_id, x.place, x.law))
    return {key: found[key] for key in order}


def _stage(key: LapseKey, today: date) -> int:
    stage = stage_on(key.lapses_on, today)
    assert stage is not None, "what is farther off than 180 days is not looked for"
    return stage


def _come_nearer(
    session: Session, present: Mapping[LapseKey, StoredLapse], stages: Mapping[LapseKey, int]
) -> dict[LapseKey, int]:
    """Open tasks of which legal was told at a farther stage only."""
    nearer = {
        key: stored.id
        for key, stored in present.items()
        if key in stages and stages[key] < stored.told_days_ahead
    }
    for key, lapse_id in nearer.items():
        set_told(session, lapse_id, stages[key])
    return nearer


def _tell(
    session: Session,
    told: Mapping[LapseKey, int],
    stages: Mapping[LapseKey, int],
    legal_email: str,
    at: datetime,
) -> None:
    """One mail about all of them."""
    if told:
        tellings = [Telling(lapse_id, stages[key], at) for key, lapse_id in told.items()]
        queue_transfer_alarm(session, append_tellings(session, tellings), legal_email, at=at)


def _count_clients(
    session: Session, facts: Mapping[LapseKey, SubprocessorFacts], today: date
) -> dict[LapseKey, int]:
    concerns = {key: concern_of(said, (key.law,)) for key, said in facts.items()}
    counted = count_concerned(session, concerns.values(), today)
    return {key: counted[concern].clients for key, concern in concerns.items()}


def _why_gone(key: LapseKey, found: Mapping[LapseKey, SubprocessorFacts]) -> str:
    """`other_day`: the place lapses all the same, by something else or on another day."""
    place = (key.subprocessor_id, key.place, key.law)
    is_other = any(place == (x.subprocessor_id, x.place, x.law) for x in found)
    return "other_day" if is_other else "lawful_or_left"


def _fact(type: str, key: LapseKey, lapse_id: int, **further: object) -> NewEvidence:
    said = {
        "subprocessor": key.subprocessor_id,
        "place": key.place,
        "law": key.law,
        "instrument": key.instrument,
        "lapses_on": key.lapses_on,
    }
    return NewEvidence(f"transfer_lapse_{type}", "transfer_lapse", lapse_id, {**said, **further})
