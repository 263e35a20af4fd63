"""The changes of notices given before, and the releases that say so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from subnotify.evidence.digest import plain_digest
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.import_run import ImportRun
from subnotify.rules.brought_in import KINDS, GivenNotice, reason_given
from subnotify.rules.reading import Reader
from subnotify.rules.releases import (
    ReleaseChange,
    ReleaseTexts,
    next_number,
    release_content,
    release_problems,
)
from subnotify.rules.texts import NO_TEXT
from subnotify.rules.words import ChangeKind, ChangeState, ReleaseState, VendorRole
from subnotify.storage.announcements import AnnouncedChange, list_announced_changes
from subnotify.storage.brought_in import PREFIX, list_brought_in_numbers
from subnotify.storage.concerned_lists import list_languages, list_wanting_dates
from subnotify.storage.gates import lock_change
from subnotify.storage.registry import DraftChange, list_draft_changes, standing_entries
from subnotify.storage.registry_drafts import clear_draft_facts
from subnotify.storage.registry_list import lock_vendor
from subnotify.storage.releases import write_texts
from subnotify.storage.search_words import keep_change_words
from subnotify.storage.tables import ChangeRow, ReleaseRow


@dataclass(frozen=True)
class GivenChange:
    """draft: of a change that is announced nowhere yet; None once a release brought it in."""

    id: int
    key: str
    kind: ChangeKind
    texts: ReleaseTexts
    draft: DraftChange | None = None


def find_given_change(
    run: ImportRun, key: str, rows: Sequence[GivenNotice], reader: Reader
) -> GivenChange | None:
    """The change that these rows speak of; None with problems noted."""
    first = rows[0]
    noted = len(reader.problems)
    draft = next((x for x in list_draft_changes(run.session) if x.key == key), None)
    announced = next((x for x in list_announced_changes(run.session) if x.key == key), None)
    if draft is not None:
        _check_draft(run, draft, rows, reader)
        change = GivenChange(draft.id, key, draft.kind, _texts(rows), draft)
    elif announced is not None:
        _check_announced(announced, first, reader)
        change = GivenChange(announced.id, key, announced.kind, _texts(rows))
    else:
        reader.problem(
            f"{first.where}.subprocessor",
            "“%(key)s” is not drafted as an addition or a replacement.",
            "Publish the list, then draft this subprocessor in the registry.",
            key=key,
        )
        return None
    _check_rows(change, rows, reader)
    if len(reader.problems) > noted:
        return None
    # Who notifies agreements late waits, and then finds what was brought in.
    lock_change(run.session, change.id)
    return change


def _check_rows(change: GivenChange, rows: Sequence[GivenNotice], reader: Reader) -> None:
    """All rows of a change say the same of it."""
    for row in rows:
        if row.commencement_on != rows[0].commencement_on:
            reader.problem(
                f"{row.where}.commencement_on",
                "The rows of “%(key)s” name different days.",
                "Give one change one day of commencement.",
                key=change.key,
            )
        if row.kind is not None and row.kind is not change.kind:
            reader.problem(
                f"{row.where}.kind",
                "The registry has this change as “%(kind)s”.",
                "Correct the row, or the draft in the registry.",
                kind=change.kind.value,
            )


def _check_draft(
    run: ImportRun, draft: DraftChange, rows: Sequence[GivenNotice], reader: Reader
) -> None:
    """It must be as complete as for a release: who is notified anew gets the whole notice."""
    row = rows[0]
    where = f"{row.where}.subprocessor"
    if draft.release_id is not None:
        reader.problem(
            where,
            "The change of “%(key)s” is in a release that is being drafted.",
            "Take it out of that release first.",
            key=draft.key,
        )
    if draft.kind not in KINDS or draft.facts.role is not VendorRole.PROCESSOR:
        reader.problem(
            where,
            "No objection window runs for the change of “%(key)s”.",
            "Remove the row.",
            key=draft.key,
        )
        return
    texts = _texts(rows)
    problems = release_problems([_release_change(run, draft, texts)], texts, on=run.today)
    if any(x.where.startswith("changes.") for x in problems):
        reader.problem(
            where,
            "The draft of “%(key)s” is not complete, so its change cannot be announced.",
            "Complete it in the registry first: its page says what is missing.",
            key=draft.key,
        )
    columns = {"commencement_on": "commencement_on", "reason.fr": "reason_fr"}
    reader.problems += [
        replace(x, where=f"{row.where}.{columns.get(x.where, 'reason_en')}")
        for x in problems
        if not x.where.startswith("changes.")
    ]


def _texts(rows: Sequence[GivenNotice]) -> ReleaseTexts:
    return ReleaseTexts(reason_given(rows), NO_TEXT, rows[0].commencement_on)


def _check_announced(announced: AnnouncedChange, row: GivenNotice, reader: Reader) -> None:
    if not announced.release_number.startswith(PREFIX):
        reader.problem(
            f"{row.where}.subprocessor",
            "“%(key)s” was announced with release %(number)s.",
            "Remove the row: agreements that lack its notice get one.",
            key=announced.key,
            number=announced.release_number,
        )
    elif announced.commencement_on != row.commencement_on:
        reader.problem(
            f"{row.where}.commencement_on",
            "This change was brought in with another day of commencement: %(day)s.",
            "Write that day.",
            day=announced.commencement_on,
        )


def announce_given(
    run: ImportRun, change: GivenChange, since: datetime, *, actor: str
) -> ReleaseRow:
    """The release that brought the change in, made now unless it is there.

    since: when the first of its notices was dispatched.
    """
    row = run.session.get_one(ChangeRow, change.id, populate_existing=True)
    if change.draft is None:
        return run.session.get_one(ReleaseRow, row.release_id)
    release = _new_release(run, change, change.draft, since)
    row.release_id, row.position = release.id, 1
    row.state = ChangeState.RELEASED.value
    row.facts = release.content["changes"][0]["facts"] if release.content else None
    row.commencement_on = release.commencement_on
    row.commences_by_itself = False
    run.session.flush()
    keep_change_words(run.session, release.id)
    clear_draft_facts(run.session, [change.draft.subprocessor_id])
    append_evidence(
        run.session,
        "release_brought_in",
        actor=actor,
        object_type="release",
        object_id=release.id,
        content={
            "by": run.by,
            "number": release.number,
            "first_dispatched_at": since,
            "commencement_on": release.commencement_on,
            "content_digest": release.content_digest,
        },
        at=run.at,
    )
    return release


def _new_release(
    run: ImportRun, change: GivenChange, draft: DraftChange, since: datetime
) -> ReleaseRow:
    vendor = lock_vendor(run.session)
    announced = _release_change(run, draft, change.texts)
    content = release_content(
        [announced],
        change.texts,
        vendor=vendor.profile,
        transfer_reference=EntryAssessor(run.session).reference.version,
    )
    numbers = list_brought_in_numbers(run.session, since.year)
    release = ReleaseRow(
        number=PREFIX + next_number(since.year, numbers),
        state=ReleaseState.RELEASED.value,
        drafted_by=run.by,
        drafted_at=run.at,
        released_by=run.by,
        released_at=since,
        content=content,
        content_digest=plain_digest(content),
    )
    write_texts(release, change.texts)
    run.session.add(release)
    run.session.flush()
    return release


def _release_change(run: ImportRun, draft: DraftChange, texts: ReleaseTexts) -> ReleaseChange:
    """The change as a release would announce it today."""
    day = texts.commencement_on or run.today
    standing = standing_entries(run.session)
    before = standing.get(draft.subprocessor_id)
    wants = () if draft.facts.has_agreement_dates else _wanting_dates(run, draft)
    return ReleaseChange(
        id=draft.id,
        kind=draft.kind,
        key=draft.key,
        facts=EntryAssessor(run.session).assess(draft.facts, on=day, known_on=run.today),
        services=tuple(sorted(draft.services)),
        replaced_key=draft.replaced_key,
        replaced_is_in_force=draft.replaced_id in standing,
        languages=list_languages(run.session, draft.id, run.today),
        wants_agreement_dates=wants,
        subprocessor_id=draft.subprocessor_id,
        before=before.facts if before else None,
    )


def _wanting_dates(run: ImportRun, draft: DraftChange) -> tuple[str, ...]:
    return list_wanting_dates(run.session, draft.id, run.today)
