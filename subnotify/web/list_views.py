"""Entries of the list, and what is announced, as pages show them in one language."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.rules.changes import amendment_of
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import VendorRole
from subnotify.storage.announcements import AnnouncedChange
from subnotify.storage.registry import ListEntry
from subnotify.web.place_views import PlacesView, places_view
from subnotify.wording.changes import change_sentence
from subnotify.wording.language import Wording


@dataclass(frozen=True)
class RowName:
    """How an entry of the list is named and where on the page it stands."""

    name: str
    row_id: str


@dataclass(frozen=True)
class EntryView:
    """An entry in the page's language. row_id: its own on the page, also where the list has two
    entries of one subprocessor. invented: fields whose values are made up for the demo.
    engaged_by: the subprocessor that engages it, None where the vendor itself does."""

    key: str
    row_id: str
    name: str
    trading_name: str
    other_names: tuple[str, ...]
    company_number: str
    parent: str
    address: str
    contact: str
    website: str
    list_url: str
    agreement_url: str
    activities: str
    services: tuple[str, ...]
    data_categories: str
    data_subjects: str
    special_categories: bool
    hr_data: bool
    is_recipient: bool
    affiliate: bool
    engaged_by: RowName | None
    places: PlacesView
    since_on: date | None
    phased_out_from_on: date | None
    invented: frozenset[str]

    @property
    def has_more(self) -> bool:
        """Whether there is anything beyond the facts that are always in sight."""
        return any((self.company_number, self.parent, self.list_url, self.agreement_url))


@dataclass(frozen=True)
class AnnouncementView:
    """A change announced and not yet in force. entry: as it will be."""

    row_id: str
    sentence: str
    commencement_on: date | None
    release_number: str
    announced_on: date
    entry: EntryView


def entry_view(
    key: str,
    facts: SubprocessorFacts,
    service_names: Mapping[str, str],
    w: Wording,
    *,
    on: date | None = None,
    since_on: date | None = None,
    phased_out_from_on: date | None = None,
    row_id: str = "",
    others: Mapping[str, RowName] | None = None,
) -> EntryView:
    """on: today, where the facts were assessed on another day. others: entries by key."""
    return EntryView(
        key=key,
        row_id=row_id or f"entry-{key}",
        name=facts.name,
        trading_name=facts.trading_name,
        other_names=facts.other_names,
        company_number=facts.company_number,
        parent=facts.parent,
        address=facts.address,
        contact=facts.contact,
        website=facts.website,
        list_url=facts.list_url,
        agreement_url=facts.agreement_url,
        activities=facts.activities.in_language(w.language),
        services=name_services(facts.services, service_names),
        data_categories=facts.data_categories.in_language(w.language),
        data_subjects=facts.data_subjects.in_language(w.language),
        special_categories=facts.special_categories,
        hr_data=facts.hr_data,
        is_recipient=facts.role is VendorRole.CONTROLLER,
        affiliate=facts.affiliate,
        engaged_by=_engager(facts.engaged_by, others or {}),
        places=places_view(facts.locations, w, on=on),
        since_on=since_on,
        phased_out_from_on=phased_out_from_on,
        invented=frozenset(facts.demonstration_values),
    )


def _engager(key: str, others: Mapping[str, RowName]) -> RowName | None:
    return others.get(key, RowName(key, "")) if key else None


def row_ids(entries: Iterable[ListEntry]) -> dict[int, str]:
    """The id of each entry's row on the page, by the entry's id. Those that are phased out have
    ids of their own, because what took their place may have the same key."""
    seen: Counter[str] = Counter()
    ids = {}
    for entry in entries:
        name = f"{'phased-out' if entry.phased_out_from_on else 'entry'}-{entry.key}"
        seen[name] += 1
        # No key holds a colon.
        ids[entry.id] = name if seen[name] == 1 else f"{name}:{seen[name]}"
    return ids


def row_names(entries: Sequence[ListEntry], ids: Mapping[int, str]) -> dict[str, RowName]:
    """Each subprocessor on the list by key; where it has two rows, the one that stays."""
    ordered = sorted(entries, key=lambda x: x.phased_out_from_on is None)
    return {x.key: RowName(x.facts.name, ids[x.id]) for x in ordered}


def listed_view(
    entry: ListEntry,
    service_names: Mapping[str, str],
    w: Wording,
    *,
    row_id: str,
    others: Mapping[str, RowName],
) -> EntryView:
    return entry_view(
        entry.key,
        entry.facts,
        service_names,
        w,
        since_on=entry.since_on,
        phased_out_from_on=entry.phased_out_from_on,
        row_id=row_id,
        others=others,
    )


def announcement_view(
    change: AnnouncedChange,
    service_names: Mapping[str, str],
    others: Mapping[str, RowName],
    w: Wording,
    *,
    on: date,
) -> AnnouncementView:
    """others: the entries on the list by key. on: today."""
    row_id = f"announced-{change.release_number}-{change.key}"
    return AnnouncementView(
        row_id=row_id,
        sentence=change_sentence(
            change.kind,
            change.facts.name,
            _replaced_name(change.replaced_key, others),
            name_services(change.facts.services, service_names),
            w,
            amendment_of(change.before, change.facts) if change.before is not None else None,
        ),
        commencement_on=change.commencement_on,
        release_number=change.release_number,
        announced_on=w.local(change.released_at).date(),
        entry=entry_view(
            change.key, change.facts, service_names, w, on=on, row_id=row_id, others=others
        ),
    )


def _replaced_name(key: str | None, others: Mapping[str, RowName]) -> str:
    """ "" where nothing is replaced."""
    return others.get(key, RowName(key, "")).name if key else ""


def name_services(keys: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names.get(key, key) for key in keys)
