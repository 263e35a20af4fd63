"""What the registry pages show: each entry with its state, its gaps and what is drafted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy.orm import Session

from subnotify.operations.assess_entries import EntryAssessor
from subnotify.rules.changes import Difference, differences, is_record_only
from subnotify.rules.errors import Problem
from subnotify.rules.locations import Location
from subnotify.rules.publication_gaps import (
    TransferProblem,
    publication_gaps,
    transfer_gaps,
)
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import LocalText
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.words import VendorRole
from subnotify.storage.announcements import (
    AnnouncedChange,
    last_announced_facts,
    list_announced_changes,
)
from subnotify.storage.registry import (
    DraftChange,
    ListEntry,
    Subprocessor,
    latest_entries,
    list_draft_changes,
    list_subprocessors,
)
from subnotify.web.gap_places import GapPlace, gap_place
from subnotify.wording.bases import location_words
from subnotify.wording.basis_records import record_differences
from subnotify.wording.fact_fields import field_label, place_label
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.problems import problem_text
from subnotify.wording.transfer_reasons import missing_words


@dataclass(frozen=True)
class GapView:
    """Something missing, in words, and where it is filled in.

    reason, fact: the text in two parts, where it is one fact of several that a transfer basis
    lacks: why it does not hold yet, and the fact; else "".
    """

    field: str
    text: str
    place: GapPlace
    reason: str = ""
    fact: str = ""


@dataclass(frozen=True)
class EntryRow:
    """A subprocessor in the registry: on the list, announced, drafted, or several of these.

    facts: what the list says or announces, assessed today or on the day of commencement; else the
    draft. unlawful: what its places lack now, of an entry that is on the list or announced.
    """

    id: int
    key: str
    facts: SubprocessorFacts
    draft: SubprocessorFacts | None
    entry: ListEntry | None
    announced: AnnouncedChange | None
    change: DraftChange | None
    gaps: tuple[GapView, ...]
    unlawful: tuple[GapView, ...]

    @property
    def is_withdrawn(self) -> bool:
        """It was announced once, and is neither on the list nor on its way there."""
        return not (self.entry or self.announced or self.draft)

    @property
    def in_force_since(self) -> date | None:
        stands = self.entry is not None and self.entry.in_force_until_on is None
        return self.entry.since_on if stands and self.entry else None

    @property
    def is_former(self) -> bool:
        return self.entry is not None and self.entry.in_force_until_on is not None


@dataclass(frozen=True)
class EntryGaps:
    """The gaps of one entry in a refused publication."""

    id: int
    name: str
    gaps: tuple[GapView, ...]


@dataclass(frozen=True)
class DifferenceView:
    field: str
    before: str
    after: str


def list_rows(session: Session, w: Wording, *, on: date) -> list[EntryRow]:
    """Every subprocessor by name; on: the vendor's day, on which transfers are assessed."""
    assessor = EntryAssessor(session)
    entries = latest_entries(session)
    announced = {x.subprocessor_id: x for x in list_announced_changes(session)}
    drafted = {x.subprocessor_id: x for x in list_draft_changes(session)}
    once = last_announced_facts(session)
    rows = [
        _row(
            x,
            once.get(x.id),
            entries.get(x.id),
            announced.get(x.id),
            drafted.get(x.id),
            assessor,
            w,
            on=on,
        )
        for x in list_subprocessors(session)
    ]
    return sorted(rows, key=lambda row: (row.facts.name.casefold(), row.key))


def find_row(session: Session, subprocessor_id: int, w: Wording, *, on: date) -> EntryRow | None:
    return next((row for row in list_rows(session, w, on=on) if row.id == subprocessor_id), None)


def _row(
    subprocessor: Subprocessor,
    once: SubprocessorFacts | None,
    entry: ListEntry | None,
    announced: AnnouncedChange | None,
    change: DraftChange | None,
    assessor: EntryAssessor,
    w: Wording,
    *,
    on: date,
) -> EntryRow:
    written = subprocessor.draft_facts
    draft = assessor.assess(written, on=on) if written else None
    listed = announced.facts if announced else entry.facts if entry else None
    # What was announced begins to hold on a later day; what is lawful only then is lawful.
    day = max(on, announced.commencement_on or on) if announced else on
    said = assessor.assess(listed, on=day) if listed else None
    facts = said or draft or once or SubprocessorFacts(name=subprocessor.key)
    stands = announced is not None or (entry is not None and entry.in_force_until_on is None)
    return EntryRow(
        id=subprocessor.id,
        key=subprocessor.key,
        facts=facts,
        draft=draft,
        entry=entry,
        announced=announced,
        change=change,
        gaps=_gaps(draft, assessor.reference, w) if draft else (),
        unlawful=_unlawful(said, assessor.reference, w) if said and stands else (),
    )


def gaps_of(
    session: Session, facts: SubprocessorFacts, on: date, w: Wording
) -> tuple[GapView, ...]:
    """What the facts lack before they may be published on the vendor's day `on`."""
    assessor = EntryAssessor(session)
    return _gaps(assessor.assess(facts, on=on), assessor.reference, w)


def _gaps(
    facts: SubprocessorFacts, reference: TransferReference, w: Wording
) -> tuple[GapView, ...]:
    return tuple(_gap(x, facts, reference, w) for x in publication_gaps(facts, "facts"))


def _unlawful(
    facts: SubprocessorFacts, reference: TransferReference, w: Wording
) -> tuple[GapView, ...]:
    return tuple(_gap(x, facts, reference, w) for x in transfer_gaps(facts, "facts"))


def refused_entries(
    problems: Iterable[Problem],
    rows: Iterable[EntryRow],
    reference: TransferReference,
    w: Wording,
) -> tuple[list[EntryGaps], list[str]]:
    """The problems of a publication by entry, and those that belong to none, in words."""
    by_key = {row.key: row for row in rows}
    found: list[EntryGaps] = []
    general: list[str] = []
    # A key may hold dots; the rest of a path begins after the whole key.
    named = [(_key_of(x.where, by_key), x) for x in problems]
    for key, group in groupby(named, key=lambda pair: pair[0]):
        row = by_key.get(key)
        if row is None or row.draft is None:
            general += [_sentence(x, w) for _, x in group]
            continue
        draft = row.draft
        gaps = tuple(_gap(x, draft, reference, w) for _, x in group)
        found.append(EntryGaps(row.id, draft.name, gaps))
    return found, general


def difference_views(
    before: SubprocessorFacts, after: SubprocessorFacts, services: Mapping[str, str], w: Wording
) -> list[DifferenceView]:
    return [view for x in differences(before, after) for view in _views(x, services, w)]


def _views(x: Difference, services: Mapping[str, str], w: Wording) -> Iterable[DifferenceView]:
    """One row; of places that rest on the same bases one for each fact recorded otherwise."""
    if x.field == "locations" and is_record_only(x):
        old, new = x.before, x.after
        if isinstance(old, tuple) and isinstance(new, tuple):
            for record in record_differences(old, new, w):
                yield DifferenceView(record.name, record.before, record.after)
            return
    yield DifferenceView(
        field_label(x.field, w), _shown(x, x.before, services, w), _shown(x, x.after, services, w)
    )


def _key_of(where: str, keys: Mapping[str, object]) -> str:
    fitting = [key for key in keys if where.startswith((f"{key}.", f"{key}["))]
    return max(fitting, key=len, default="")


def _gap(
    problem: Problem, facts: SubprocessorFacts, reference: TransferReference, w: Wording
) -> GapView:
    path = _path_in_entry(problem.where)
    named = place_label(path, facts, w)
    place = gap_place(problem, path, reference)
    reason, fact = "", ""
    if isinstance(problem, TransferProblem) and problem.missing is not None:
        reason, fact = problem_text(problem, w).message, missing_words(problem.missing, w)
    field = named[:1].upper() + named[1:]
    return GapView(field, _sentence(problem, w), place, reason, fact[:1].upper() + fact[1:])


def _path_in_entry(where: str) -> str:
    """Without the entry: its fields have no dots in their names, its key may have some."""
    parts = where.rsplit(".", 1)
    return parts[-1]


def _sentence(problem: Problem, w: Wording) -> str:
    said = problem_text(problem, w)
    return f"{said.message} {said.remedy}"


def _shown(difference: Difference, value: object, services: Mapping[str, str], w: Wording) -> str:
    if isinstance(value, bool):
        return w.gettext("yes") if value else w.gettext("no")
    if isinstance(value, date):
        return w.date(value)
    if isinstance(value, LocalText):
        return value.in_language(w.language)
    if isinstance(value, VendorRole):
        return label(w, value)
    if isinstance(value, tuple):
        items = [
            location_words(x, w) if isinstance(x, Location) else services.get(str(x), str(x))
            for x in value
        ]
        return w.series(items)
    return str(value or "")
