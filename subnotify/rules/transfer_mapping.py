"""A basis named in short in an import file (`basis: {kind: scc, module: "3"}`), as a recorded one.

Kind, number and module name the instrument; that it was signed, assessed or checked they do not
say, so that the assessment tells what is still to be recorded.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from subnotify.rules.reading import Reader
from subnotify.rules.transfer_records import NONE_REQUIRED, RecordedBasis
from subnotify.rules.transfer_reference import TransferReference
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import VendorRole

_OLD_CLAUSES = (
    ("2010/87", "scc_eu_2010_c2p"),
    ("2001/497", "scc_eu_2001_2004_c2c"),
    ("2004/915", "scc_eu_2001_2004_c2c"),
    ("2021/915", "scc_art28_2021_915"),
)
# What people write for another safeguard; the first that is found decides. Certificates of
# security are looked for before certifications: they are none under Art. 46.
_NAMED = (
    (r"\biso\b|\bsoc\b|secnumcloud|27001|27701", "security_certificate"),
    (r"\bart(icle|\.)? ?49\b|derogation|consent", "art49"),
    (r"binding corporate rules|\bbcr\b|\bbcr-[pc]\b", "bcr"),
    (r"code of conduct", "code_of_conduct"),
    (r"ad[ -]hoc", "adhoc_clauses"),
    (r"certif", "certification"),
    (r"privacy shield", "EU-US-PRIVACY-SHIELD"),
    (r"safe harbou?r", "EU-US-SAFE-HARBOR"),
)


class BasisKind(StrEnum):
    EEA = "eea"
    ADEQUACY = "adequacy"
    SCC = "scc"
    OTHER_SAFEGUARD = "other_safeguard"


@dataclass(frozen=True)
class ShortBasis:
    """reference: the adequacy decision's number, or what identifies another safeguard.
    module: of the standard contractual clauses, "1" to "4"."""

    kind: BasisKind
    reference: str = ""
    module: str = ""


def read_short_basis(
    value: object,
    where: str,
    reader: Reader,
    reference: TransferReference,
    role: VendorRole,
    country: str,
) -> tuple[RecordedBasis, ...]:
    """The basis of a mapping, or none; what is wrong is noted in `reader`."""
    if value is None:
        return ()
    data = reader.mapping(value, where)
    if data is None:
        return ()
    reader.known_fields(data, where, ("kind", "reference", "module"))
    kind = reader.choice(data.get("kind"), f"{where}.kind", BasisKind)
    if kind is None:
        return ()
    short = ShortBasis(
        kind,
        reader.text(data.get("reference"), f"{where}.reference", longest=200),
        reader.text(data.get("module"), f"{where}.module", longest=10),
    )
    return (recorded_from_short(short, reference, role, country),)


def recorded_from_short(
    basis: ShortBasis, reference: TransferReference, role: VendorRole, country: str
) -> RecordedBasis:
    """The basis under EU law, whose instruments alone the short form knows.

    An instrument that the reference does not know keeps its own words as its code.
    """
    code = _code_of(basis, reference, role, country)
    return RecordedBasis(ExportLaw.EU_GDPR, code, basis.reference, basis.module)


def _code_of(
    basis: ShortBasis, reference: TransferReference, role: VendorRole, country: str
) -> str:
    match basis.kind:
        case BasisKind.EEA:
            return NONE_REQUIRED
        case BasisKind.ADEQUACY:
            return _finding_id(basis.reference, reference, country)
        case BasisKind.SCC:
            old = (code for number, code in _OLD_CLAUSES if number in basis.reference)
            return next(old, f"scc_eu_2021_m{basis.module}")
        case BasisKind.OTHER_SAFEGUARD:
            return _safeguard_code(basis.reference, role)


def _finding_id(number: str, reference: TransferReference, country: str) -> str:
    """The finding whose decision has that number; one for this country first."""
    wanted = _plain_number(number)
    found = [
        finding
        for finding in reference.findings
        if finding.law is ExportLaw.EU_GDPR and _plain_number(finding.number) == wanted
    ]
    found.sort(key=lambda finding: country not in finding.countries)
    return found[0].id if found else number


def _plain_number(number: str) -> str:
    """ "(EU) 2021/1772" and "2000/518/EC" as year and number only."""
    match = re.search(r"\d{4}/\d{1,4}", number)
    return match.group() if match else number


def _safeguard_code(words: str, role: VendorRole) -> str:
    lowered = words.casefold()
    named = (code for pattern, code in _NAMED if re.search(pattern, lowered))
    code = next(named, words)
    if code == "bcr":
        return "bcr_p" if role is VendorRole.PROCESSOR else "bcr_c"
    return code
