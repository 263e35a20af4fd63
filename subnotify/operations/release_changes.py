"""Release approved changes: freeze, number, and queue everything in one transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.correct_release import end_corrected
from subnotify.operations.judge_countries import block_release_cases
from subnotify.operations.plan_release import list_late_ids
from subnotify.operations.release_checks import (
    AlreadyReleased,
    ContentChanged,
    DraftedRelease,
    OnePersonAlone,
    ReleaseNotApproved,
    load_draft,
    refuse_incomplete,
    refuse_other_late,
    refuse_other_unservable,
)
from subnotify.operations.transaction import transaction
from subnotify.operations.written_reasons import written_reason
from subnotify.rules.case_facts import Standing
from subnotify.rules.errors import N_
from subnotify.rules.releases import (
    Unservable,
    next_number,
    starting_standing,
)
from subnotify.rules.subprocessors_mapping import facts_to_mapping
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import CaseState, ChangeKind, ChangeState, ReleaseState
from subnotify.storage.concerned_lists import load_terms
from subnotify.storage.corrections import lock_changes_corrected_by
from subnotify.storage.operators import Operator
from subnotify.storage.registry_drafts import clear_draft_facts
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.release_messages import (
    WithoutAddress,
    insert_messages,
    insert_release_letters,
)
from subnotify.storage.release_rows import (
    StartingGroup,
    WrittenNotice,
    insert_cases,
    insert_notices,
    list_starting_groups,
    list_written_notices,
    set_starting_standing,
)
from subnotify.storage.releases import list_numbers, lock_release
from subnotify.storage.search_words import keep_change_words
from subnotify.storage.tables import ChangeRow, ReleaseRow

WAITING = Standing(CaseState.WAITING)


NO_ADDRESS = WithoutAddress(
    by_mail=N_("A designated notice contact has no email address."),
    by_post=N_("A designated notice contact has no postal address."),
)
_NEITHER = N_("A designated notice contact has neither an email nor a postal address.")
FAILURE_TEXTS = {
    Unservable.NO_NOTICE_CONTACT: N_("The agreement names no notice contact."),
    Unservable.NO_EMAIL_ADDRESS: NO_ADDRESS.by_mail,
    Unservable.CONTACT_WITHOUT_EMAIL: NO_ADDRESS.by_mail,
    Unservable.NO_POSTAL_ADDRESS: NO_ADDRESS.by_post,
    Unservable.CONTACT_WITHOUT_POSTAL_ADDRESS: NO_ADDRESS.by_post,
    Unservable.NO_ADDRESS: _NEITHER,
    Unservable.CONTACT_WITHOUT_ADDRESS: _NEITHER,
}


@dataclass(frozen=True)
class Released:
    """What a release made: its number, and how many rows of each kind; messages: mails."""

    number: str
    notices: int
    cases: int
    messages: int
    letters: int = 0


def release_changes(
    session: Session,
    release_id: int,
    *,
    revision: int,
    by: Operator,
    zone: ZoneInfo,
    at: datetime,
    one_person_release: bool = False,
    one_person_reason: str = "",
) -> Released:
    """Announce an approved release: one notice per agreement concerned, one case per change and
    agreement, one message per contact, all in one transaction.

    revision: the one that was read. zone: the vendor's, for its day and the year of the number.
    one_person_release: the setting; then the approver may release with a reason on record.
    Raises AlreadyReleased, ReleaseNotApproved, ContentChanged, OnePersonAlone, ReasonMissing,
    ProblemsFound, UnservableChanged, LateNotConfirmed, NotFound: in each case nothing was done.
    """
    with transaction(session):
        # Before the vendor, as who commences one of them does.
        corrected = lock_changes_corrected_by(session, release_id)
        vendor = lock_vendor(session)
        row = lock_release(session, release_id)
        refuse_not_approved(row, revision)
        alone = row.approved_by == by.name
        if alone and not one_person_release:
            raise OnePersonAlone
        reason = written_reason(one_person_reason) if alone else None
        draft = load_draft(session, row, vendor, zone=zone, at=at)
        refuse_incomplete(draft)
        if draft.content_digest != row.content_digest:
            raise ContentChanged
        late = list_late_ids(session, draft, zone=zone, at=at)
        refuse_other_late(session, row.confirmed_late or (), late)
        number = next_number(draft.on.year, list_numbers(session, draft.on.year))
        row.one_person_reason = reason
        _freeze(session, row, draft, number, by, at)
        made = _write_rows(session, row, draft, number, at)
        notices = list_written_notices(session, release_id)
        refuse_other_unservable(
            session,
            row.confirmed_unservable or (),
            (notice.agreement_id for notice in notices if notice.is_hindered),
        )
        # After its own notices, which tell the clients of it.
        end_corrected(session, corrected, number, actor=f"operator:{by.id}", at=at)
        _append_evidence(session, row, by, made, notices, at)
    return made


def refuse_not_approved(row: ReleaseRow, revision: int) -> None:
    """Raises AlreadyReleased, or ReleaseNotApproved for a draft and for another revision."""
    if row.state == ReleaseState.RELEASED.value:
        raise AlreadyReleased
    if row.state != ReleaseState.APPROVED.value or row.revision != revision:
        raise ReleaseNotApproved


def _freeze(
    session: Session,
    row: ReleaseRow,
    draft: DraftedRelease,
    number: str,
    by: Operator,
    at: datetime,
) -> None:
    """What is announced stays as announced, whatever is drafted next."""
    row.number = number
    row.state = ReleaseState.RELEASED.value
    row.released_by = by.name
    row.released_at = at
    row.content = draft.content
    subprocessors = []
    for change in draft.changes:
        frozen = session.get_one(ChangeRow, change.id)
        frozen.facts = facts_to_mapping(change.facts)
        frozen.before_facts = facts_to_mapping(change.before) if change.before else None
        frozen.state = ChangeState.RELEASED.value
        frozen.commencement_on = row.commencement_on
        frozen.commences_by_itself = row.commences_by_itself
        subprocessors.append(frozen.subprocessor_id)
    session.flush()
    keep_change_words(session, row.id)
    clear_draft_facts(session, subprocessors)


def _write_rows(
    session: Session, row: ReleaseRow, draft: DraftedRelease, number: str, at: datetime
) -> Released:
    changes, on = draft.notified_ids, draft.on
    if not changes:
        return Released(number, 0, 0, 0)
    notices = insert_notices(session, row.id, number, changes, FAILURE_TEXTS, on=on, at=at)
    cases = 0
    groups = list_starting_groups(session, row.id)
    terms = load_terms(session, (x.terms_id for x in groups if x.terms_id is not None))
    for change in draft.changes:
        if not change.is_notified:
            continue
        cases += insert_cases(session, row.id, change.id, on=on)
        blocked = block_release_cases(session, row.id, change, groups, terms, today=on)
        for standing, part in _standings(change.kind, groups, terms, at).items():
            set_starting_standing(session, row.id, change.id, standing, part)
        for standing, part in _standings(change.kind, blocked, terms, at, is_blocked=True).items():
            set_starting_standing(session, row.id, change.id, standing, part, only_blocked=True)
    messages = insert_messages(session, row.id, NO_ADDRESS, on=on, at=at)
    letters = insert_release_letters(session, row.id, NO_ADDRESS, on=on, at=at)
    return Released(number, notices, cases, messages, letters)


def _standings(
    kind: ChangeKind,
    groups: Sequence[StartingGroup],
    terms: Mapping[int, NoticeTerms],
    at: datetime,
    *,
    is_blocked: bool = False,
) -> dict[Standing, list[StartingGroup]]:
    """The groups that start otherwise than waiting, by their standing."""
    found: dict[Standing, list[StartingGroup]] = defaultdict(list)
    for group in groups:
        read = terms[group.terms_id] if group.terms_id is not None else None
        standing = starting_standing(kind, read, group.failure, at=at, is_blocked=is_blocked)
        if standing != WAITING:
            found[standing].append(group)
    return found


def _append_evidence(
    session: Session,
    row: ReleaseRow,
    by: Operator,
    made: Released,
    notices: Sequence[WrittenNotice],
    at: datetime,
) -> None:
    append_evidence(
        session,
        "release_released",
        actor=f"operator:{by.id}",
        object_type="release",
        object_id=row.id,
        content={
            "number": made.number,
            "revision": row.revision,
            "content_digest": row.content_digest,
            "commencement_on": row.commencement_on,
            "confirmed_unservable": row.confirmed_unservable,
            "confirmed_late": row.confirmed_late,
            "one_person_reason": row.one_person_reason,
            "cases": made.cases,
            "messages": made.messages,
            "letters": made.letters,
            # Parallel lists: agreement, reference, version of its terms.
            "agreements": [notice.agreement_id for notice in notices],
            "references": [notice.reference for notice in notices],
            "terms_versions": [notice.terms_id for notice in notices],
        },
        at=at,
    )
