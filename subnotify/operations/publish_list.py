"""Publish the list for the first time. From then on every difference is a change to announce."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.errors import Problem, ProblemsFound, RuleError
from subnotify.rules.publication_gaps import publication_gaps
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.storage.registry import Subprocessor, list_subprocessors
from subnotify.storage.registry_drafts import clear_draft_facts
from subnotify.storage.registry_list import append_list_entry, append_list_version, lock_vendor


class ListAlreadyPublished(RuleError):
    message = "The list is published already. Draft a change and release it."


class SoleAuthor(RuleError):
    message = (
        "You drafted all of this list: another person publishes it. Ask legal or another publisher,"
        " or change the setting that allows one person."
    )


def publish_list(
    session: Session,
    *,
    by: str,
    at: datetime,
    zone: ZoneInfo,
    actor: str = "operator",
    four_eyes: bool = False,
    one_person: bool = False,
    one_person_reason: str = "",
) -> int:
    """Put every draft on the list, or refuse with every gap of every draft; the list's version.

    zone: the vendor's; "today" is a day there. An entry is in force since the day its facts name,
    else since today. four_eyes: whoever drafted every entry is not enough; one_person: the setting
    by which it is, with a reason on record. Raises ProblemsFound (paths begin with the entry's
    key: `sentry.contact`), SoleAuthor, ReasonMissing, ListAlreadyPublished, or NotFound before
    the first import.
    """
    with transaction(session):
        vendor = lock_vendor(session)
        if vendor.first_published_at is not None:
            raise ListAlreadyPublished
        today = at.astimezone(zone).date()
        drafted = [x for x in list_subprocessors(session) if x.draft_facts is not None]
        drafts = {x.id: (x.key, x.draft_facts) for x in drafted}
        assessor = EntryAssessor(session)
        complete = {
            i: (key, assessor.assess(facts, on=today))
            for i, (key, facts) in drafts.items()
            if facts is not None
        }
        problems = first_publication_problems(dict(complete.values()), today)
        if problems:
            raise ProblemsFound(problems)
        alone = four_eyes and all(_is_by(x, by) for x in drafted)
        if alone and not one_person:
            raise SoleAuthor
        reason = written_reason(one_person_reason) if alone else ""
        for subprocessor_id, (_, facts) in complete.items():
            append_list_entry(
                session,
                subprocessor_id,
                facts,
                in_force_from_on=facts.in_use_since_on or today,
                change_id=None,
                at=at,
            )
        clear_draft_facts(session, complete)
        version = append_list_version(session, vendor, by=by, note=reason, at=at)
        content = {
            "list_version": version,
            "by": by,
            "drafted_by": sorted({x.drafted_by or "" for x in drafted}),
            "one_person_reason": reason or None,
            "transfer_reference": assessor.reference.version,
            "entries": {key: facts_to_mapping(facts) for key, facts in complete.values()},
        }
        append_evidence(
            session,
            "list_published",
            actor=actor,
            object_type="vendor",
            object_id=vendor.id,
            content=content,
            at=at,
        )
        return version


def _is_by(subprocessor: Subprocessor, name: str) -> bool:
    return (subprocessor.drafted_by or "").casefold() == name.casefold()


def first_publication_problems(
    drafts: Mapping[str, SubprocessorFacts], today: date
) -> tuple[Problem, ...]:
    """What stands in the way of publishing these drafts, by key; empty when nothing does.

    drafts: assessed on `today`.
    """
    if not drafts:
        return (
            Problem(
                "subprocessors",
                "There is nothing to publish.",
                "Import subprocessors, or add them in the registry.",
            ),
        )
    problems: list[Problem] = []
    for key, facts in sorted(drafts.items()):
        problems += publication_gaps(facts, key)
        if facts.in_use_since_on is not None and facts.in_use_since_on > today:
            problems.append(
                Problem(
                    f"{key}.in_use_since_on",
                    "The first list says what is in use, and this day has not come yet.",
                    "Correct the day; or discard the draft, and announce the entry as an addition"
                    " once the list is published.",
                )
            )
    return tuple(problems)
