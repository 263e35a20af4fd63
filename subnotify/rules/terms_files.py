"""Agreements' notice terms from an import file, or from a file that holds nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from subnotify.rules.errors import Problem
from subnotify.rules.reading import Reader
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import read_terms


@dataclass(frozen=True)
class AgreementTerms:
    """One agreement of the file. where: its path. terms None with problems: they are not valid;
    without: there are none."""

    key: str
    where: str
    terms: NoticeTerms | None
    problems: tuple[Problem, ...] = ()


def read_agreements_terms(
    data: object, reader: Reader, is_holiday_calendar: Callable[[str], bool]
) -> list[AgreementTerms]:
    """The terms of every agreement: of `agreements`, or of a bare list of them.

    Other sections and other fields of an agreement are left to the import. Problems of the file
    itself are noted in `reader`, those of an agreement with it.
    """
    entries = data.get("agreements") if isinstance(data, Mapping) else data
    if entries is None:
        reader.problem(
            "agreements",
            "The file has no agreements.",
            "Write them under `agreements:`, each with its key and its terms.",
        )
        return []
    listed = reader.sequence(entries, "agreements")
    keys: set[str] = set()
    return [
        _read_agreement(entry, f"agreements[{number}]", keys, is_holiday_calendar)
        for number, entry in enumerate(listed)
    ]


def _read_agreement(
    value: object, where: str, keys: set[str], is_holiday_calendar: Callable[[str], bool]
) -> AgreementTerms:
    reader = Reader()
    entry = reader.mapping(value, where)
    if entry is None:
        return AgreementTerms("", where, None, tuple(reader.problems))
    key = reader.text(entry.get("key"), f"{where}.key", required=True, longest=80)
    if key and key in keys:
        reader.problem(
            f"{where}.key",
            "“%(key)s” is there twice.",
            "Give each entry a key of its own, or remove one of them.",
            key=key,
        )
    keys.add(key)
    terms = None
    if entry.get("terms") is not None:
        terms = read_terms(entry["terms"], f"{where}.terms", reader)
    if terms is not None and not is_holiday_calendar(terms.counting.holiday_calendar):
        reader.problem(
            f"{where}.terms.counting.holiday_calendar",
            "There is no holiday calendar “%(value)s”.",
            "Write none, a country (FR) or a country and its part (FR-57).",
            value=terms.counting.holiday_calendar,
        )
    return AgreementTerms(key, where, terms, tuple(reader.problems))
