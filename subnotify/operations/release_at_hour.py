"""Release an approved release at a planned hour: plan it, call it off, and do it when it comes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.plan_release import list_late_ids
from subnotify.operations.release_alarms import queue_release_alarm
from subnotify.operations.release_changes import refuse_not_approved, release_changes
from subnotify.operations.release_checks import (
    AlreadyReleased,
    ContentChanged,
    OnePersonAlone,
    load_draft,
    refuse_incomplete,
    refuse_other_late,
    refuse_other_unservable,
)
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import RuleError
from subnotify.rules.release_hours import PlannerGone, refuse_stale_hour
from subnotify.rules.words import ReleaseState, Role
from subnotify.storage.concerned_lists import list_unservable
from subnotify.storage.database import begin_read_only
from subnotify.storage.operators import Operator, list_operators
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.release_hours import clear_hour, list_due_releases
from subnotify.storage.releases import get_release, lock_release

ACTOR = "job:release_at_hour"


@dataclass(frozen=True)
class HoursKept:
    """What one run did: how many releases went out, and how many were refused."""

    released: int
    refused: int


def set_release_hour(
    session: Session,
    release_id: int,
    *,
    revision: int,
    hour: datetime,
    by: Operator,
    zone: ZoneInfo,
    at: datetime,
    one_person_release: bool = False,
    one_person_reason: str = "",
) -> None:
    """Record that this approved revision is released at `hour` (`rules.release_hours`).

    Everything is checked as it would stand then: the dates, who is told late, who cannot be
    served. Raises what `release_changes` raises; nothing was recorded then.
    """
    with transaction(session):
        vendor = lock_vendor(session)
        row = lock_release(session, release_id)
        refuse_not_approved(row, revision)
        alone = row.approved_by == by.name
        if alone and not one_person_release:
            raise OnePersonAlone
        reason = written_reason(one_person_reason) if alone else None
        draft = load_draft(session, row, vendor, zone=zone, at=hour)
        refuse_incomplete(draft)
        if draft.content_digest != row.content_digest:
            raise ContentChanged
        late = list_late_ids(session, draft, zone=zone, at=hour)
        refuse_other_late(session, row.confirmed_late or (), late)
        hindered = list_unservable(session, draft.notified_ids, draft.on)
        refuse_other_unservable(session, row.confirmed_unservable or (), (x.id for x in hindered))
        clear_hour(row)
        row.planned_for_at, row.planned_by, row.planned_at = hour, by.name, at
        row.planned_reason = reason
        _note(session, "release_hour_set", release_id, f"operator:{by.id}", at, hour=hour)


def call_off_release_hour(
    session: Session, release_id: int, *, revision: int, by: Operator, at: datetime
) -> bool:
    """The release waits for a person again; whether an hour was planned.

    Raises AlreadyReleased, ReleaseNotApproved, NotFound.
    """
    with transaction(session):
        row = lock_release(session, release_id)
        refuse_not_approved(row, revision)
        hour = row.planned_for_at
        if hour is None:
            return False
        clear_hour(row)
        _note(session, "release_hour_called_off", release_id, f"operator:{by.id}", at, hour=hour)
    return True


def release_at_hour(
    session: Session,
    *,
    zone: ZoneInfo,
    legal_email: str,
    one_person_release: bool,
    at: datetime,
    stop: Callable[[], bool] = lambda: False,
) -> HoursKept:
    """Release what is due at `at`, each in a transaction of its own, with every check anew.

    What is refused stays approved, with the reason on its page; publisher and legal get a mail.
    Two runners at once release once.
    """
    begin_read_only(session)
    due = list_due_releases(session, at)
    session.rollback()
    released = refused = 0
    for release_id in due:
        if stop():
            break
        try:
            _release(session, release_id, zone, one_person_release, at)
        except AlreadyReleased:
            continue
        except RuleError as error:
            refused += _refuse(session, release_id, error, legal_email, at)
        else:
            released += 1
    return HoursKept(released, refused)


def _release(
    session: Session, release_id: int, zone: ZoneInfo, one_person_release: bool, at: datetime
) -> None:
    begin_read_only(session)
    release = get_release(session, release_id)
    planners = {one.name: one for one in list_operators(session) if one.active}
    session.rollback()
    hour = release.hour
    if hour is None or not hour.is_waiting or release.state is not ReleaseState.APPROVED:
        raise AlreadyReleased
    refuse_stale_hour(hour.at, at=at)
    planner = planners.get(hour.by)
    if planner is None or Role.PUBLISHER not in planner.roles:
        raise PlannerGone(name=hour.by)
    release_changes(
        session,
        release_id,
        revision=release.revision,
        by=planner,
        zone=zone,
        at=at,
        one_person_release=one_person_release,
        one_person_reason=hour.reason,
    )


def _refuse(
    session: Session, release_id: int, error: RuleError, legal_email: str, at: datetime
) -> bool:
    """Whether it was refused now: somebody may have dealt with it meanwhile."""
    with transaction(session):
        row = lock_release(session, release_id)
        due = row.planned_for_at is not None and row.planned_for_at <= at
        is_waiting = row.state == ReleaseState.APPROVED.value and row.hour_refused_at is None
        if not due or not is_waiting:
            return False
        row.hour_refused_at = at
        values = {name: str(value) for name, value in error.params.items()}
        row.hour_refusal = {"message": error.message, "values": values}
        addresses = [one.email for one in list_operators(session) if one.name == row.planned_by]
        queue_release_alarm(session, release_id, [*addresses, legal_email], at=at)
        why = type(error).__name__
        _note(session, "release_hour_refused", release_id, ACTOR, at, why=why)
    return True


def _note(
    session: Session, name: str, release_id: int, actor: str, at: datetime, **said: object
) -> None:
    append_evidence(
        session,
        name,
        actor=actor,
        object_type="release",
        object_id=release_id,
        content=said,
        at=at,
    )
