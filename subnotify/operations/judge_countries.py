"""Keeps on record which cases are blocked because an agreement does not allow a country.

`cases.blocked_countries` is a copy of what the rules say of terms, facts and exceptions, so that
the gate and ten thousand cases are judged by a column.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.run_windows_anew import run_windows_anew
from subnotify.operations.transaction import transaction
from subnotify.rules.allowed_countries import (
    CountryException,
    blocked_countries,
    can_be_blocked,
    forbidden_countries,
    read_countries,
    write_countries,
)
from subnotify.rules.releases import ReleaseChange
from subnotify.rules.terms import NoticeTerms
from subnotify.storage.blocked_cases import (
    JudgedCase,
    block_cases,
    list_cases_to_judge,
    load_judged_cases,
    write_blocked,
)
from subnotify.storage.country_exceptions import exceptions_by_agreement
from subnotify.storage.database import begin_read_only
from subnotify.storage.release_rows import StartingGroup

ACTOR = "job:judge_countries"
CHUNK = 500


def block_release_cases(
    session: Session,
    release_id: int,
    change: ReleaseChange,
    groups: Sequence[StartingGroup],
    terms: Mapping[int, NoticeTerms],
    *,
    today: date,
) -> list[StartingGroup]:
    """Mark the cases of a change being released whose terms forbid a country of it; the groups in
    which there are such cases.

    One statement for each set of forbidden countries; none where no terms restrict anything. The
    few agreements with an exception are judged one by one. today: the vendor's day.
    """
    if not can_be_blocked(change.kind):
        return []
    found: dict[str, list[StartingGroup]] = defaultdict(list)
    for group in groups:
        allowed = terms[group.terms_id].allowed_countries if group.terms_id else frozenset()
        countries = write_countries(forbidden_countries(allowed, change.facts))
        if countries:
            found[countries].append(group)
    for countries, part in found.items():
        block_cases(session, release_id, change.id, countries, part)
    if found:
        excepted = list_cases_to_judge(session, change_id=change.id)
        write_blocked(session, _differing(session, excepted, today))
    return [group for part in found.values() for group in part]


def judge_countries(
    session: Session, case_ids: Iterable[int], *, today: date, actor: str, at: datetime
) -> list[int]:
    """Judge these cases anew, inside the caller's transaction; the ids of those that changed.

    An exception counts if it holds on the day of commencement, or today once that has come. The
    caller decides the standings of the cases after it.
    """
    session.flush()
    changed = _differing(session, case_ids, today)
    write_blocked(session, changed)
    append_evidence_many(
        session,
        [
            NewEvidence("countries_judged", "case", x, {"blocked": list(read_countries(found))})
            for x, found in changed.items()
        ],
        actor=actor,
        at=at,
    )
    return list(changed)


def rejudge_countries(
    session: Session, case_ids: Iterable[int], *, today: date, actor: str, at: datetime
) -> list[int]:
    """Judge cases anew and decide what changed, inside the caller's transaction; the ids of those.

    Until it was unblocked, its client was told that the change is not used for it, and had no
    reason to object: the window of such a case runs in full from now.
    """
    changed = judge_countries(session, case_ids, today=today, actor=actor, at=at)
    unblocked = [x.id for x in load_judged_cases(session, changed) if not x.blocked]
    run_windows_anew(session, unblocked, actor=actor, at=at)
    apply_standings(session, changed, actor=actor, at=at)
    return changed


def judge_countries_of_change(
    session: Session, change_id: int, *, today: date, actor: str, at: datetime
) -> None:
    """Before a change commences, in its transaction: an exception may have ended, or begun, since
    its case was judged."""
    excepted = list_cases_to_judge(session, change_id=change_id)
    rejudge_countries(session, excepted, today=today, actor=actor, at=at)


def judge_countries_of_all(session: Session, *, zone: ZoneInfo, at: datetime) -> int:
    """Judge all cases of agreements with exceptions: days have passed on which one begins or ends,
    or a change was postponed; how many changed. zone: the vendor's."""
    today = at.astimezone(zone).date()
    begin_read_only(session)
    stale = sorted(_differing(session, list_cases_to_judge(session), today))
    session.rollback()
    judged = 0
    for start in range(0, len(stale), CHUNK):
        with transaction(session):
            part = stale[start : start + CHUNK]
            judged += len(rejudge_countries(session, part, today=today, actor=ACTOR, at=at))
    return judged


def _differing(session: Session, case_ids: Iterable[int], today: date) -> dict[int, str]:
    """What should be on record of these cases, where something else is."""
    cases = load_judged_cases(session, case_ids)
    exceptions = exceptions_by_agreement(session, {x.agreement_id for x in cases})
    found = {x.id: _blocked(x, exceptions.get(x.agreement_id, ()), today) for x in cases}
    return {x.id: found[x.id] for x in cases if found[x.id] != x.blocked}


def _blocked(case: JudgedCase, exceptions: Iterable[CountryException], today: date) -> str:
    if not can_be_blocked(case.kind):
        return ""
    return write_countries(
        blocked_countries(
            case.allowed,
            case.facts,
            exceptions,
            subprocessor_id=case.subprocessor_id,
            on=max(case.commencement_on or today, today),
        )
    )
