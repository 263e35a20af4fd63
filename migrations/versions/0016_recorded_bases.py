"""A location's one basis (kind, number, module) becomes bases recorded for each export law.

What was frozen keeps what it said then as its assessment; a draft is assessed anew.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Table, column of facts, whether they are frozen.
FACTS = (
    ("subprocessors", "draft_facts", False),
    ("list_entries", "facts", True),
    ("changes", "facts", True),
)
# EU adequacy decisions by number, as of 2026-11-21.
FINDINGS = {
    "2000/518": "EU-CH",
    "2002/2": "EU-CA",
    "2003/490": "EU-AR",
    "2003/821": "EU-GG",
    "2004/411": "EU-IM",
    "2008/393": "EU-JE",
    "2010/146": "EU-FO",
    "2010/625": "EU-AD",
    "2011/61": "EU-IL",
    "2012/484": "EU-UY",
    "2013/65": "EU-NZ",
    "2019/419": "EU-JP",
    "2021/1772": "EU-GB",
    "2022/254": "EU-KR",
    "2023/1795": "EU-US-DPF",
    "2016/1250": "EU-US-PRIVACY-SHIELD",
    "2000/520": "EU-US-SAFE-HARBOR",
}
NEW_FACTS = (
    *("trading_name", "company_number", "parent", "list_url", "agreement_url", "data_subjects"),
    *("special_categories", "hr_data", "engaged_by", "obligations_flowed_down_on"),
    "guarantees_reviewed_on",
)


def upgrade() -> None:
    rewrite(to_recorded)


def downgrade() -> None:
    rewrite(to_short)


def rewrite(convert: Callable[[dict[str, Any], bool], dict[str, Any]]) -> None:
    connection = op.get_bind()
    for name, column, is_frozen in FACTS:
        table = sa.table(name, sa.column("id", sa.Integer), sa.column(column, sa.JSON))
        facts = table.c[column]
        rows = connection.execute(sa.select(table.c.id, facts).where(facts.is_not(None))).all()
        for row_id, stored in rows:
            if stored:
                connection.execute(
                    table.update()
                    .where(table.c.id == row_id)
                    .values({column: convert(stored, is_frozen)})
                )


def to_recorded(facts: dict[str, Any], is_frozen: bool) -> dict[str, Any]:
    if "locations" not in facts:
        return facts
    return {**facts, "locations": [_recorded(place, is_frozen) for place in facts["locations"]]}


def _recorded(place: dict[str, Any], is_frozen: bool) -> dict[str, Any]:
    basis = place.get("basis")
    new = {name: value for name, value in place.items() if name != "basis"}
    if basis is None:
        return new
    code = _code(basis)
    recorded = {"law": "EU_GDPR", "code": code}
    for name in ("reference", "module"):
        if basis.get(name):
            recorded[name] = basis[name]
    new["bases"] = [recorded]
    if is_frozen:
        new["assessed"] = [_assessed(basis, code, place["country"])]
    return new


def _code(basis: dict[str, Any]) -> str:
    reference = basis.get("reference") or ""
    if basis["kind"] == "eea":
        return "none_required"
    if basis["kind"] == "scc":
        return f"scc_eu_2021_m{basis.get('module')}"
    if basis["kind"] == "adequacy":
        found = (code for number, code in FINDINGS.items() if _has_number(reference, number))
        return next(found, reference)
    return reference or "other_safeguard"


def _has_number(reference: str, number: str) -> bool:
    plain = reference.removeprefix("(EU) ")
    return plain == number or plain.startswith(f"{number}/")


def _assessed(basis: dict[str, Any], code: str, country: str) -> dict[str, Any]:
    reason = {"eea": "eea", "adequacy": "adequate"}.get(basis["kind"], "safeguard")
    assessed: dict[str, Any] = {
        "law": "EU_GDPR",
        "lawful": "yes",
        "reason": reason,
        "rule": "V1",
    }
    if reason != "eea":
        is_finding = reason == "adequate"
        assessed["instrument"] = {
            "code": code,
            "name": code,
            "number": basis.get("reference") or "",
            "countries": [country] if is_finding else [],
            "is_finding": is_finding,
        }
    return assessed


def to_short(facts: dict[str, Any], is_frozen: bool) -> dict[str, Any]:
    old = {name: value for name, value in facts.items() if name not in NEW_FACTS}
    if "locations" in facts:
        # The old form has no place for an international organisation without a country.
        old["locations"] = [_short(place) for place in facts["locations"] if place["country"]]
    return old


def _short(place: dict[str, Any]) -> dict[str, Any]:
    old = {
        name: value
        for name, value in place.items()
        if name not in ("bases", "assessed", "organisation")
    }
    recorded = next((x for x in place.get("bases") or () if x["law"] == "EU_GDPR"), None)
    if recorded is None:
        if any(x["reason"] == "eea" for x in place.get("assessed") or ()):
            old["basis"] = {"kind": "eea", "reference": "", "module": ""}
        return old
    numbers = {code: number for number, code in FINDINGS.items()}
    code, reference = recorded["code"], recorded.get("reference", "")
    if code == "none_required":
        basis = {"kind": "eea", "reference": "", "module": ""}
    elif code in numbers:
        basis = {"kind": "adequacy", "reference": reference or numbers[code], "module": ""}
    elif code.startswith("scc_eu_2021_m"):
        basis = {"kind": "scc", "reference": reference, "module": code[-1]}
    else:
        basis = {"kind": "other_safeguard", "reference": reference or code, "module": ""}
    old["basis"] = basis
    return old
