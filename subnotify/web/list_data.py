"""Entries of the list as /subprocessors.json gives them; texts in every language.

subprocessors-json.md beside this file names the fields.
"""

from datetime import date
from typing import Any

from subnotify.rules.instrument_links import official_address
from subnotify.rules.locations import LawAssessment, Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import LANGUAGES, LocalText
from subnotify.storage.announcements import AnnouncedChange
from subnotify.storage.registry import ListEntry, Vendor
from subnotify.wording.bases import basis_words
from subnotify.wording.language import wording_for


def vendor_data(vendor: Vendor) -> dict[str, Any]:
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
        "laws": [law.value for law in profile.laws],
        "demonstration": profile.demonstration,
    }


def facts_data(key: str, facts: SubprocessorFacts) -> dict[str, Any]:
    return {
        "key": key,
        "name": facts.name,
        "trading_name": facts.trading_name,
        "other_names": list(facts.other_names),
        "company_number": facts.company_number,
        "parent": facts.parent,
        "address": facts.address,
        "contact": facts.contact,
        "website": facts.website,
        "list_url": facts.list_url,
        "agreement_url": facts.agreement_url,
        "vendor_role": facts.role.value,
        "affiliate": facts.affiliate,
        "engaged_by": facts.engaged_by or None,
        "activities": text_data(facts.activities),
        "services": list(facts.services),
        "data_categories": text_data(facts.data_categories),
        "data_subjects": text_data(facts.data_subjects),
        "special_categories": facts.special_categories,
        "employees_data": facts.hr_data,
        "locations": [_location_data(place) for place in facts.locations],
        "invented_for_demonstration": sorted(facts.demonstration_values),
    }


def listed_data(entry: ListEntry) -> dict[str, Any]:
    return {
        **facts_data(entry.key, entry.facts),
        "in_force_since": entry.since_on.isoformat(),
        "phased_out_from": day_data(entry.phased_out_from_on),
    }


def announced_data(change: AnnouncedChange) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "replaces": change.replaced_key,
        "release": change.release_number,
        "announced_at": change.released_at.isoformat().replace("+00:00", "Z"),
        "commences_on": day_data(change.commencement_on),
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
    """What makes the transfer lawful under one law."""
    assessment = judged.assessment
    it = assessment.instrument
    return {
        "law": judged.law.value,
        "lawful": assessment.lawful.value,
        "rule": assessment.rule.value,
        "reason": assessment.reason.value,
        "instrument": it.code if it is not None else None,
        "number": (it.number or None) if it is not None else None,
        "address": official_address(it, LANGUAGES[0]) or None,
        "eea_not_eu": assessment.is_eea_not_eu,
        "lawful_until": day_data(assessment.lawful_until),
        "lapsed_on": day_data(assessment.lapsed_on),
        "words": {x: basis_words(assessment, wording_for(x)) for x in LANGUAGES},
    }


def day_data(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def text_data(text: LocalText) -> dict[str, str]:
    return {language: text.in_language(language) for language in LANGUAGES}
