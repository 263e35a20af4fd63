"""Reads the reference data of transfer bases from a plain mapping, naming every problem.

A field that is not known is refused: a misspelt `in_force_until` would keep a dead decision alive.
"""

from collections.abc import Mapping
from typing import Any

from subnotify.rules.reading import Reader
from subnotify.rules.transfer_findings_reading import read_findings
from subnotify.rules.transfer_reference import Territory, TransferReference
from subnotify.rules.transfer_safeguards_reading import read_safeguard, with_first_signatures

SECTIONS = (
    *("meta", "eea", "eu_adequacy", "ch_adequacy", "uk_adequacy", "safeguards"),
    "validation_rules",
)
_EEA_FIELDS = (
    *("eu_members", "eea_efta", "not_eea", "gdpr_in_eea_since", "basis_code", "confidence"),
    *("source", "efta_states_and_adequacy", "territory_traps"),
)


def read_reference(data: object, reader: Reader, digest: str = "") -> TransferReference | None:
    """The reference from plain data; None where it has problems, which are noted in `reader`.

    digest: the sha256 of the file, kept as part of the version.
    """
    noted = len(reader.problems)
    content = reader.mapping(data, "file")
    if content is None:
        return None
    reader.known_fields(content, "file", SECTIONS)
    meta = reader.mapping(content.get("meta"), "meta") or {}
    as_of = reader.day(meta.get("as_of"), "meta.as_of")
    if as_of is None and len(reader.problems) == noted:
        reader.problem("meta.as_of", "This is missing.", "Write the day of the data.")
    eea = reader.mapping(content.get("eea"), "eea") or {}
    reader.known_fields(eea, "eea", _EEA_FIELDS)
    members = _read_countries(eea, "eu_members", reader)
    efta = _read_countries(eea, "eea_efta", reader)
    findings = read_findings(content, members | efta, reader)
    safeguards = [
        safeguard
        for number, item in enumerate(reader.sequence(content.get("safeguards"), "safeguards"))
        if (safeguard := read_safeguard(item, f"safeguards[{number}]", reader)) is not None
    ]
    _check_codes([f.id for f in findings] + [s.code for s in safeguards], reader)
    if as_of is None or len(reader.problems) > noted:
        return None
    return TransferReference(
        as_of=as_of,
        eu_members=members,
        eea_efta=efta,
        territories=_read_territories(eea.get("territory_traps"), reader),
        findings=tuple(findings),
        safeguards=tuple(with_first_signatures(safeguards)),
        digest=digest,
    )


def _read_countries(data: Mapping[str, Any], name: str, reader: Reader) -> frozenset[str]:
    where = f"eea.{name}"
    listed = reader.sequence(data.get(name), where)
    if not listed:
        reader.problem(where, "This is missing.", "List the countries by their ISO codes.")
    return frozenset(reader.country(x, f"{where}[{n}]") for n, x in enumerate(listed)) - {""}


def _read_territories(value: object, reader: Reader) -> dict[str, Territory]:
    where = "eea.territory_traps"
    found: dict[str, Territory] = {}
    for number, item in enumerate(reader.sequence(value, where)):
        here = f"{where}[{number}]"
        trap = reader.mapping(item, here) or {}
        reader.known_fields(trap, here, ("iso", "rule", "confidence"))
        codes = trap.get("iso")
        for code in codes if isinstance(codes, list) else [codes]:
            country = reader.country(code, f"{here}.iso")
            found[country] = Territory(
                reader.text(trap.get("rule"), f"{here}.rule", required=True),
                reader.text(trap.get("confidence"), f"{here}.confidence"),
            )
    return found


def _check_codes(codes: list[str], reader: Reader) -> None:
    """A basis is recorded by its code alone: two of one name could not be told apart."""
    for code in sorted({code for code in codes if code and codes.count(code) > 1}):
        reader.problem(
            "file",
            "“%(key)s” is there twice.",
            "Give each entry a key of its own, or remove one of them.",
            key=code,
        )
