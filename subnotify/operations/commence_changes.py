"""Commence changes whose day has come and whose gate is open: the list says them from then on."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.judge_countries import judge_countries_of_change
from subnotify.operations.transaction import transaction
from subnotify.operations.watch_clock import is_frozen, require_trusted_clock
from subnotify.rules.changes import same_facts
from subnotify.rules.errors import ClockInDoubt, NotFound, RuleError
from subnotify.rules.facts_assessment import is_lawful
from subnotify.rules.gates import Gate, gate_of_change
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.subprocessors_mapping import facts_from_mapping
from subnotify.rules.words import ChangeKind, ChangeState
from subnotify.storage.database import begin_read_only
from subnotify.storage.gates import is_old_kept, list_changes_due, lock_change, tally_cases
from subnotify.storage.mail_readings import find_unread
from subnotify.storage.registry_drafts import clear_draft_facts
from subnotify.storage.registry_list import append_list_entry, append_list_version, lock_vendor
from subnotify.storage.tables import ChangeRow, ListEntryRow, SubprocessorRow

ACTOR = "job:commence_changes"


class GateShut(RuleError):
    message = "The change cannot commence yet. Cases not settled: %(blocking)s."


class DayNotCome(RuleError):
    message = "The change cannot commence before its announced day."


class TransferNotLawful(RuleError):
    message = (
        "The change cannot commence: a location has no lawful transfer basis today. Release an"
        " amendment with a basis that holds, or withdraw the change."
    )


class MailUnread(RuleError):
    """Nobody looks when the job commences a change."""

    message = (
        "The change does not commence by itself: mail that may be an objection lies unread. A"
        " person reads it, or lets the change commence."
    )


class NotAnnounced(RuleError):
    message = "Only an announced change can commence; this one is not (or no longer)."


def commence_changes(session: Session, *, zone: ZoneInfo, at: datetime) -> list[int]:
    """Commence every change that may and that the vendor set to commence by itself; their ids.

    zone: the vendor's. Each change has a transaction of its own. What was missed while nothing
    ran commences now, from today: the list never says that something was in use before it was.
    Two runners at once do no harm: the second finds the change commenced. While the clock is in
    doubt nothing commences. What would be used while a window runs waits for a person where a mail
    of an unknown client lies unread, or the mailbox cannot be read: it may be an objection.
    """
    if is_frozen(session):
        return []
    begin_read_only(session)
    today = at.astimezone(zone).date()
    due = list_changes_due(session, today)
    tallies = tally_cases(session, due, on=today, at=at)
    days = _commencement_days(session, due)
    session.rollback()
    open_gates = [
        change_id
        for change_id in due
        if gate_of_change(tallies.get(change_id, ()), days[change_id], zone, at=at).is_open
    ]
    commenced = []
    for change_id in open_gates:
        try:
            commence_change(session, change_id, zone=zone, by=ACTOR, actor=ACTOR, at=at)
        except (GateShut, NotAnnounced, DayNotCome, TransferNotLawful, MailUnread, ClockInDoubt):
            # Reopened, withdrawn, postponed or commenced by another since; or a person must look.
            continue
        commenced.append(change_id)
    return commenced


def commence_change(
    session: Session, change_id: int, *, zone: ZoneInfo, by: str, actor: str, at: datetime
) -> None:
    """Commence one change, by a person or the job.

    Its entry is on the list from today (the vendor's day; never earlier than announced); what it
    replaces leaves the list, or is phased out where a client keeps it. Raises NotAnnounced,
    DayNotCome, GateShut, TransferNotLawful where a basis has ended since the release, NotFound,
    ClockInDoubt; for the job, MailUnread.
    """
    with transaction(session):
        # The change first: whoever reopens one of its cases reads the change after this.
        change = lock_change(session, change_id)
        if change is None:
            raise NotFound
        if change.state != ChangeState.RELEASED:
            raise NotAnnounced
        require_trusted_clock(session)
        today = at.astimezone(zone).date()
        judge_countries_of_change(session, change_id, today=today, actor=actor, at=at)
        gate = _gate(session, change, zone, at)
        _require_open(gate)
        unread = _unread_of(session, gate)
        if unread and actor == ACTOR:
            raise MailUnread
        facts = _lawful_facts(session, change, today)
        change.state, change.commenced_at = ChangeState.COMMENCED.value, at
        vendor = lock_vendor(session)  # as who corrects an entry does, before it is touched
        _write_list(session, change, facts, today, at)
        version = append_list_version(session, vendor, by=by, note=f"change {change.id}", at=at)
        append_evidence(
            session,
            "change_commenced",
            actor=actor,
            object_type="change",
            object_id=change.id,
            content={
                "in_force_from_on": today,
                "list_version": version,
                "cases": gate.cases,
                "gated_out": gate.gated_out,
                "by": by,
                **unread,
            },
            at=at,
        )


def _unread_of(session: Session, gate: Gate) -> dict[str, int]:
    """What may hold an objection of a client for which the change is used while its window runs:
    nothing where there is none; who commences it all the same has it on record."""
    unread = find_unread(session) if gate.early else None
    if unread is None or not unread.is_any:
        return {}
    return {"untied_mails": unread.untied, "unread_places": unread.failing_places}


def _gate(session: Session, change: ChangeRow, zone: ZoneInfo, at: datetime) -> Gate:
    today = at.astimezone(zone).date()
    tallies = tally_cases(session, [change.id], on=today, at=at).get(change.id, ())
    return gate_of_change(tallies, change.commencement_on, zone, at=at)


def _require_open(gate: Gate) -> None:
    if not gate.has_come:
        raise DayNotCome
    if not gate.is_settled:
        raise GateShut(blocking=gate.blocking)


def _lawful_facts(session: Session, change: ChangeRow, today: date) -> SubprocessorFacts:
    """What the list will say, assessed today. Raises TransferNotLawful, but for a removal."""
    assessed = EntryAssessor(session).assess(facts_from_mapping(change.facts or {}), on=today)
    if change.kind != ChangeKind.REMOVAL and not is_lawful(assessed):
        raise TransferNotLawful
    return assessed


def _write_list(
    session: Session, change: ChangeRow, facts: SubprocessorFacts, today: date, at: datetime
) -> None:
    """The entries that end or are phased out, the one that begins, and the draft it came from."""
    if change.replaced_id is not None:
        _leave_list(
            session,
            change.replaced_id,
            today,
            is_kept=is_old_kept(session, change.id, on=today, at=at),
        )
    # An amendment takes the place of what the list says of the same subprocessor.
    _leave_list(
        session,
        change.subprocessor_id,
        today,
        is_kept=is_old_kept(session, change.id, on=today, at=at),
    )
    if change.kind == ChangeKind.REMOVAL:
        return
    append_list_entry(
        session,
        change.subprocessor_id,
        facts,
        in_force_from_on=today,
        change_id=change.id,
        at=at,
    )
    subprocessor = session.get(SubprocessorRow, change.subprocessor_id, populate_existing=True)
    draft = subprocessor.draft_facts if subprocessor else None
    if draft is not None and same_facts(facts_from_mapping(draft), facts):
        # What was drafted is said by the list now.
        clear_draft_facts(session, [change.subprocessor_id])


def _leave_list(session: Session, subprocessor_id: int, today: date, *, is_kept: bool) -> None:
    """Its entry ends today, or is phased out from today on."""
    entries = update(ListEntryRow).where(
        ListEntryRow.subprocessor_id == subprocessor_id,
        ListEntryRow.in_force_until_on.is_(None),
        # What is phased out already is kept by a client of an earlier change.
        ListEntryRow.phased_out_from_on.is_(None),
    )
    if is_kept:
        session.execute(entries.values(phased_out_from_on=today))
    else:
        session.execute(entries.values(in_force_until_on=today))


def _commencement_days(session: Session, change_ids: list[int]) -> dict[int, date | None]:
    rows = session.execute(
        select(ChangeRow.id, ChangeRow.commencement_on).where(ChangeRow.id.in_(change_ids))
    )
    return {row.id: row.commencement_on for row in rows}
