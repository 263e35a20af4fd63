"""Entries of the list as pages and data show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from subnotify.rules.locations import LawAssessment, Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import LANGUAGES, LocalText
from subnotify.rules.words import VendorRole
from subnotify.storage.announcements import AnnouncedChange
from subnotify.storage.registry import ListEntry, Vendor
from subnotify.web.place_views import PlaceView, place_views
from subnotify.wording.bases import basis_words
from subnotify.wording.changes import change_sentence
from subnotify.wording.language import Wording, wording_for


@dataclass(frozen=True)
class EntryView:
    """An entry in the page's language. invented: fields whose values are made up for the demo."""

    key: str
    name: str
    other_names: tuple[str, ...]
    address: str
    contact: str
    website: str
    activities: str
    services: tuple[str, ...]
    data_categories: str
    is_recipient: bool
    affiliate: bool
    places: tuple[PlaceView, ...]
    since_on: date | None
    phased_out_from_on: date | None
    invented: frozenset[str]


@dataclass(frozen=True)
class AnnouncementView:
    """A change announced and not yet in force."""

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
) -> EntryView:
    """on: today, where the facts were assessed on another day."""
    return EntryView(
        key=key,
        name=facts.name,
        other_names=facts.other_names,
        address=facts.address,
        contact=facts.contact,
        website=facts.website,
        activities=facts.activities.in_language(w.language),
        services=name_services(facts.services, service_names),
        data_categories=facts.data_categories.in_language(w.language),
        is_recipient=facts.role is VendorRole.CONTROLLER,
        affiliate=facts.affiliate,
        places=place_views(facts.locations, w, on=on),
        since_on=since_on,
        phased_out_from_on=phased_out_from_on,
        invented=frozenset(facts.demonstration_values),
    )


def listed_view(entry: ListEntry, service_names: Mapping[str, str], w: Wording) -> EntryView:
    return entry_view(
        entry.key,
        entry.facts,
        service_names,
        w,
        since_on=entry.in_force_from_on,
        phased_out_from_on=entry.phased_out_from_on,
    )


def announcement_view(
    change: AnnouncedChange,
    service_names: Mapping[str, str],
    names: Mapping[str, str],
    w: Wording,
    *,
    on: date,
) -> AnnouncementView:
    """names: of the entries on the list, by key, for the entry that is replaced. on: today."""
    return AnnouncementView(
        sentence=change_sentence(
            change.kind,
            change.facts.name,
            names.get(change.replaced_key or "", change.replaced_key or ""),
            name_services(change.facts.services, service_names),
            w,
        ),
        commencement_on=change.commencement_on,
        release_number=change.release_number,
        announced_on=w.local(change.released_at).date(),
        entry=entry_view(change.key, change.facts, service_names, w, on=on),
    )


def name_services(keys: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names.get(key, key) for key in keys)


def vendor_data(vendor: Vendor) -> dict[str, Any]:
    """The vendor as /subprocessors.json gives it."""
    profile = vendor.profile
    return {
        "name": profile.name,
        "address": profile.address,
        "country": profile.country,
        "data_protection_contact": {
            "name": profile.contact_name,
            "email": profile.contact_email,
            "address": profile.contact_address,
        },
        "supervisory_authority": {
            "name": profile.authority_name,
            "address": profile.authority_address,
            "website": profile.authority_website,
        },
        "demonstration": profile.demonstration,
    }


def facts_data(key: str, facts: SubprocessorFacts) -> dict[str, Any]:
    """An entry as /subprocessors.json gives it; texts in both languages."""
    return {
        "key": key,
        "name": facts.name,
        "other_names": list(facts.other_names),
        "address": facts.address,
        "contact": facts.contact,
        "website": facts.website,
        "vendor_role": facts.role.value,
        "affiliate": facts.affiliate,
        "activities": _both(facts.activities),
        "services": list(facts.services),
        "data_categories": _both(facts.data_categories),
        "locations": [_location_data(place) for place in facts.locations],
        "invented_for_demonstration": sorted(facts.demonstration_values),
    }


def listed_data(entry: ListEntry) -> dict[str, Any]:
    until = entry.phased_out_from_on
    return {
        **facts_data(entry.key, entry.facts),
        "in_force_since": entry.in_force_from_on.isoformat(),
        "phased_out_from": until.isoformat() if until else None,
    }


def announced_data(change: AnnouncedChange) -> dict[str, Any]:
    day = change.commencement_on
    return {
        "kind": change.kind.value,
        "replaces": change.replaced_key,
        "release": change.release_number,
        "announced_at": change.released_at.isoformat().replace("+00:00", "Z"),
        "commences_on": day.isoformat() if day else None,
        "entry": facts_data(change.key, change.facts),
    }


def _location_data(place: Location) -> dict[str, Any]:
    return {
        "country": place.country or None,
        "organisation": place.organisation or None,
        "kind": place.kind.value,
        "transfers": [_transfer_data(judged) for judged in place.assessed],
    }


def _transfer_data(judged: LawAssessment) -> dict[str, Any]:
    """What makes the transfer lawful under one law today."""
    assessment = judged.assessment
    it = assessment.instrument
    return {
        "law": judged.law.value,
        "lawful": assessment.lawful.value,
        "rule": assessment.rule.value,
        "reason": assessment.reason.value,
        "instrument": it.code if it is not None else None,
        "number": (it.number or None) if it is not None else None,
        "lawful_until": _day(assessment.lawful_until),
        "lapsed_on": _day(assessment.lapsed_on),
        "words": {x: basis_words(assessment, wording_for(x)) for x in LANGUAGES},
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _both(text: LocalText) -> dict[str, str]:
    return {language: text.in_language(language) for language in LANGUAGES}
