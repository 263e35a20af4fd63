"""Reads the adequacy findings under the three laws: decisions, and the Swiss and UK lists."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from subnotify.rules.reading import Reader
from subnotify.rules.transfer_reference import EU_TERRITORIES, US, AdequacyFinding, Interval
from subnotify.rules.transfer_words import ExportLaw, FrameworkList

_DECISION_FIELDS = (
    *("id", "iso", "name", "organisation", "decision", "adopted", "in_force_from"),
    *("in_force_until", "ended", "sunset", "sunset_history", "oj", "doc", "amended_by"),
    *("scope_limit", "scope_check", "reviews", "risk", "risk_events", "litigation", "note"),
    *("confidence", "from_memory", "source"),
)
_LISTED_FIELDS = (
    *("iso", "scope", "from", "until", "instrument", "scope_limit", "scope_check"),
    *("note", "confidence", "source"),
)

_LISTS = {
    ExportLaw.EU_GDPR: FrameworkList.EU_US,
    ExportLaw.CH_FADP: FrameworkList.SWISS_US,
    ExportLaw.UK_GDPR: FrameworkList.UK_EXTENSION,
}
# A scope that the place itself answers. The code GB holds neither Gibraltar nor the Crown
# dependencies, and what the decision left out until 2025-12-19 (immigration control) is no
# purpose of a subprocessor; the European Patent Organisation is one by its name.
_SCOPE_BY_PLACE = ("EU-GB", "EU-EPO")

_SWISS_LIST = "SR 235.11, Annex 1"
EU_BODIES = "EU and EEA institutions and bodies"


def read_findings(
    content: Mapping[str, Any], eea: frozenset[str], reader: Reader
) -> list[AdequacyFinding]:
    """All findings of the file. eea: the states to which "all EEA States" refers."""
    eu = reader.mapping(content.get("eu_adequacy"), "eu_adequacy") or {}
    swiss = reader.mapping(content.get("ch_adequacy"), "ch_adequacy") or {}
    uk = reader.mapping(content.get("uk_adequacy"), "uk_adequacy") or {}
    found = [
        *_read_decisions(eu, "in_force", "eu_adequacy", ExportLaw.EU_GDPR, reader),
        *_read_decisions(eu, "ended", "eu_adequacy", ExportLaw.EU_GDPR, reader),
        *_read_swiss_list(swiss, eea, reader),
        *_read_decisions(swiss, "ended", "ch_adequacy", ExportLaw.CH_FADP, reader),
    ]
    for number, item in enumerate(reader.sequence(uk.get("entries"), "uk_adequacy.entries")):
        where = f"uk_adequacy.entries[{number}]"
        found.append(_read_listed(item, where, ExportLaw.UK_GDPR, "", eea, reader))
    return [finding for finding in found if finding is not None]


def _read_swiss_list(
    swiss: Mapping[str, Any], eea: frozenset[str], reader: Reader
) -> list[AdequacyFinding | None]:
    first = _read_first(swiss.get("in_force_from"), "ch_adequacy.in_force_from", reader)
    replaced = reader.text(swiss.get("replaced"), "ch_adequacy.replaced")
    members = AdequacyFinding(
        id="CH-EEA",
        law=ExportLaw.CH_FADP,
        interval=Interval(first),
        number=_SWISS_LIST,
        countries=eea | EU_TERRITORIES,
        replaced=replaced,
        confidence=reader.text(swiss.get("confidence"), "ch_adequacy.confidence"),
        source=reader.text(swiss.get("source"), "ch_adequacy.source"),
    )
    others = [
        _read_listed(item, f"ch_adequacy.others[{n}]", ExportLaw.CH_FADP, _SWISS_LIST, eea, reader)
        for n, item in enumerate(reader.sequence(swiss.get("others"), "ch_adequacy.others"))
    ]
    # Who joined later was on no list before.
    return [
        members,
        *(
            replace(x, replaced=replaced) if x is not None and x.interval.first == first else x
            for x in others
        ),
    ]


def _read_decisions(
    section: Mapping[str, Any], name: str, place: str, law: ExportLaw, reader: Reader
) -> list[AdequacyFinding | None]:
    path = f"{place}.{name}"
    return [
        _read_decision(item, f"{path}[{number}]", law, name == "ended", reader)
        for number, item in enumerate(reader.sequence(section.get(name), path))
    ]


def _read_decision(
    item: object, where: str, law: ExportLaw, is_ended: bool, reader: Reader
) -> AdequacyFinding | None:
    data = reader.mapping(item, where)
    if data is None:
        return None
    reader.known_fields(data, where, _DECISION_FIELDS)
    finding_id = reader.text(data.get("id"), f"{where}.id", required=True, longest=60)
    country = reader.country(data.get("iso"), f"{where}.iso", required=False)
    organisation = reader.text(data.get("organisation"), f"{where}.organisation")
    if data.get("iso") is None and not organisation:
        reader.problem(f"{where}.iso", "This is missing.", "Write a country or an organisation.")
    # A decision under the old directive binds from its adoption where nothing else is said.
    begins = data.get("in_force_from") or data.get("adopted")
    last = reader.day(data.get("in_force_until"), f"{where}.in_force_until")
    if is_ended and last is None:
        reader.problem(
            f"{where}.in_force_until", "This is missing.", "Write the last day on which it held."
        )
    limit, checks = _read_scope(data, where, finding_id, reader)
    return AdequacyFinding(
        id=finding_id,
        law=law,
        interval=interval_between(
            _read_first(begins, f"{where}.in_force_from", reader), last, where, reader
        ),
        number=reader.text(
            data.get("decision"), f"{where}.decision", required=law is ExportLaw.EU_GDPR
        ),
        name=reader.text(data.get("name"), f"{where}.name"),
        countries=frozenset({country} - {""}),
        organisation=organisation,
        scope_limit=limit,
        checks=() if country == US else checks,
        on_list=_LISTS[law] if country == US else None,
        ended_by=_read_ended_by(data.get("ended"), f"{where}.ended", reader),
        efta_note=_efta_note(reader.text(data.get("note"), f"{where}.note")),
        confidence=reader.text(data.get("confidence"), f"{where}.confidence"),
        source=reader.text(data.get("source"), f"{where}.source"),
    )


def _efta_note(note: str) -> str:
    """The sentence of a note that speaks of Iceland, Liechtenstein and Norway; "" where none does.

    The Joint Committee takes a decision over later than the Union (EEA Agreement, art. 102).
    """
    found = re.search(r"EEA/EFTA: [^.]+\.", note)
    return found.group() if found else ""


def _read_ended_by(value: object, where: str, reader: Reader) -> str:
    data = (reader.mapping(value, where) or {}) if value is not None else {}
    return reader.text(data.get("by") or data.get("how"), f"{where}.by")


def _read_listed(
    item: object,
    where: str,
    law: ExportLaw,
    instrument: str,
    eea: frozenset[str],
    reader: Reader,
) -> AdequacyFinding | None:
    """An entry of the Swiss or the UK list: a country, or a group of states or bodies."""
    data = reader.mapping(item, where)
    if data is None:
        return None
    reader.known_fields(data, where, _LISTED_FIELDS)
    scope = reader.text(data.get("scope"), f"{where}.scope")
    country = reader.country(data.get("iso"), f"{where}.iso", required=not scope)
    prefix = law.value.partition("_")[0]
    is_bodies = scope == EU_BODIES
    finding_id = f"{prefix}-{'EU-BODIES' if is_bodies else 'EEA' if scope else country}"
    if country == US:
        finding_id += "-DPF"
    limit, checks = _read_scope(data, where, finding_id, reader)
    last = reader.day(data.get("until"), f"{where}.until")
    first = _read_first(data.get("from"), f"{where}.from", reader)
    return AdequacyFinding(
        id=finding_id,
        law=law,
        interval=interval_between(first, last, where, reader),
        number=_in_full(reader.text(data.get("instrument"), f"{where}.instrument")) or instrument,
        name=scope,
        countries=_listed_countries(scope, country, eea, where, reader),
        scope_limit=scope if is_bodies else limit,
        checks=(scope,) if is_bodies else () if country == US else checks,
        on_list=_LISTS[law] if country == US else None,
        must_be_claimed=is_bodies,
        confidence=reader.text(data.get("confidence"), f"{where}.confidence"),
        source=reader.text(data.get("source"), f"{where}.source"),
    )


def _in_full(instrument: str) -> str:
    """The file names the Act once, and its schedule alone after that."""
    return f"DPA 2018 {instrument}" if instrument.startswith("Sch. ") else instrument


def _listed_countries(
    scope: str, country: str, eea: frozenset[str], where: str, reader: Reader
) -> frozenset[str]:
    if not scope:
        return frozenset({country} - {""})
    if scope == EU_BODIES:
        return frozenset()
    if scope != "all EEA States":
        reader.problem(
            f"{where}.scope",
            "“%(value)s” is not a known value.",
            "Use one of: %(known)s.",
            value=scope,
            known=f"all EEA States, {EU_BODIES}",
        )
    return eea | EU_TERRITORIES


def _read_scope(
    data: Mapping[str, Any], where: str, finding_id: str, reader: Reader
) -> tuple[str, tuple[str, ...]]:
    """The limit in the reference's words, and what must be confirmed: the checks, or the limit."""
    limit = reader.text(data.get("scope_limit"), f"{where}.scope_limit")
    given = data.get("scope_check")
    listed = given if isinstance(given, list) else [given] if given is not None else []
    checks = tuple(
        reader.text(x, f"{where}.scope_check[{n}]", required=True) for n, x in enumerate(listed)
    )
    if limit == "none":
        limit = ""
    if finding_id in _SCOPE_BY_PLACE:
        return limit, ()
    return limit, checks or ((limit,) if limit else ())


def _read_first(value: object, where: str, reader: Reader) -> date | None:
    day = reader.day(value, where)
    if day is None and value in (None, ""):
        reader.problem(where, "This is missing.", "Write the first day on which it holds.")
    return day


def interval_between(first: date | None, last: date | None, where: str, reader: Reader) -> Interval:
    """The closed interval; an end before its beginning is a problem."""
    if first is not None and last is not None and last < first:
        reader.problem(
            where,
            "It ends on %(last)s, before it begins on %(first)s.",
            "Correct one of the two days.",
            first=first,
            last=last,
        )
    return Interval(first, last)
