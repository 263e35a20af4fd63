"""An entry's facts from plain data, and back: import files, forms, storage."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from subnotify.rules.locations import Location, location_to_mapping, read_location
from subnotify.rules.reading import Reader
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import local_text_to_plain, read_local_text
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.words import VendorRole

_TEXTS = {
    "trading_name": 200,
    "company_number": 100,
    "parent": 200,
    "address": 2000,
    "contact": 2000,
    "engaged_by": 80,
}
_URLS = ("website", "list_url", "agreement_url")
_LOCAL_TEXTS = ("activities", "data_categories", "data_subjects")
_FLAGS = ("special_categories", "hr_data", "affiliate")
_LISTS = ("other_names", "services", "demonstration_values")
_DAYS = ("obligations_flowed_down_on", "guarantees_reviewed_on", "in_use_since_on")
_AGREEMENT_DAYS = ("signed_on", "planned_on", "from_on", "until_on")
_FIELDS = (
    *("key", "name", *_TEXTS, *_URLS, *_LOCAL_TEXTS, *_FLAGS, *_LISTS, *_DAYS),
    *("role", "locations", "agreement"),
)


def read_facts(
    value: object,
    where: str,
    reader: Reader,
    reference: TransferReference | None,
    on_record: Collection[str] = (),
) -> SubprocessorFacts | None:
    """Facts from a mapping. Gaps are fine (a draft); what is there must be valid.

    reference: what bases there are; None: from our own storage, with what was assessed then.
    on_record: codes of bases that the registry has already, known to the reference or not.
    """
    data = reader.mapping(value, where)
    if data is None:
        return None
    noted = len(reader.problems)
    reader.known_fields(data, where, _FIELDS)
    role = reader.choice(data.get("role", "processor"), f"{where}.role", VendorRole)
    read: dict[str, Any] = {
        **{x: reader.text(data.get(x), f"{where}.{x}", longest=n) for x, n in _TEXTS.items()},
        **{x: reader.url(data.get(x), f"{where}.{x}") for x in _URLS},
        **{x: read_local_text(data.get(x), f"{where}.{x}", reader) for x in _LOCAL_TEXTS},
        **{x: reader.flag(data.get(x), f"{where}.{x}") for x in _FLAGS},
        **{x: _read_texts(data.get(x), f"{where}.{x}", reader) for x in _LISTS},
        **{x: reader.day(data.get(x), f"{where}.{x}") for x in _DAYS},
        **_read_agreement_dates(data.get("agreement") or {}, f"{where}.agreement", reader),
    }
    facts = SubprocessorFacts(
        name=reader.text(data.get("name"), f"{where}.name", required=True, longest=200),
        role=role or VendorRole.PROCESSOR,
        locations=_read_locations(data, where, reader, role, reference, on_record),
        **read,
    )
    return facts if len(reader.problems) == noted else None


def _read_locations(
    data: Mapping[str, Any],
    where: str,
    reader: Reader,
    role: VendorRole | None,
    reference: TransferReference | None,
    on_record: Collection[str],
) -> tuple[Location, ...]:
    found = [
        read_location(
            item,
            f"{where}.locations[{number}]",
            reader,
            role=role or VendorRole.PROCESSOR,
            reference=reference,
            on_record=on_record,
        )
        for number, item in enumerate(reader.sequence(data.get("locations"), f"{where}.locations"))
    ]
    if reference is not None:
        _refuse_doubles(found, f"{where}.locations", reader)
    return tuple(location for location in found if location is not None)


def _refuse_doubles(found: Sequence[Location | None], where: str, reader: Reader) -> None:
    """A place of one kind stands once, with all its bases: tables name it by these."""
    seen = set()
    for number, location in enumerate(found):
        if location is None:
            continue
        if (location.place, location.kind) in seen:
            reader.problem(
                f"{where}[{number}]",
                "This location is there twice.",
                "Keep one of the two, with all its transfer bases.",
            )
        seen.add((location.place, location.kind))


def _read_texts(value: object, where: str, reader: Reader) -> tuple[str, ...]:
    items = reader.sequence(value, where)
    texts = (reader.text(x, f"{where}[{i}]", longest=200) for i, x in enumerate(items))
    return tuple(text for text in texts if text)


def _read_agreement_dates(value: object, where: str, reader: Reader) -> dict[str, Any]:
    data = reader.mapping(value, where) or {}
    reader.known_fields(data, where, _AGREEMENT_DAYS)
    days = {
        f"agreement_{name}": reader.day(data.get(name), f"{where}.{name}")
        for name in _AGREEMENT_DAYS
    }
    first, last = days["agreement_from_on"], days["agreement_until_on"]
    if first and last and last < first:
        reader.problem(
            f"{where}.until_on",
            "The agreement ends before it begins.",
            "Correct one of the two days.",
        )
    return days


def facts_to_mapping(facts: SubprocessorFacts) -> dict[str, Any]:
    """The facts as plain data, in the shape that `read_facts` reads."""
    days = {name: getattr(facts, f"agreement_{name}") for name in _AGREEMENT_DAYS}
    return {
        "name": facts.name,
        **{name: getattr(facts, name) for name in (*_TEXTS, *_URLS, *_FLAGS)},
        **{name: local_text_to_plain(getattr(facts, name)) for name in _LOCAL_TEXTS},
        **{name: list(getattr(facts, name)) for name in _LISTS},
        **{name: day.isoformat() for name in _DAYS if (day := getattr(facts, name)) is not None},
        "role": facts.role.value,
        "locations": [location_to_mapping(location) for location in facts.locations],
        "agreement": {name: day.isoformat() for name, day in days.items() if day},
    }


def facts_from_mapping(data: Mapping[str, Any]) -> SubprocessorFacts:
    """Facts from our own storage; raises ValueError if they are not valid."""
    reader = Reader()
    facts = read_facts(data, "facts", reader, None)
    if facts is None:
        raise ValueError("; ".join(str(problem) for problem in reader.problems))
    return facts
