"""Transfer bases as a validated form: what must be recorded for a location to be lawful.

Whether a basis holds on a date and under which export law is assessed elsewhere; here a basis
is refused that could never be one: a third country called EEA, an adequacy decision without its
number, contractual clauses without their module, a safeguard without a reference (GDPR art. 44
to 46).
"""

import re
from dataclasses import dataclass

from subnotify.rules.errors import Problem
from subnotify.rules.words import BasisKind

# The 27 member states with Iceland, Liechtenstein and Norway (EEA Agreement; Joint Committee
# Decision 154/2018). ISO 3166-1: Greenland, the Faroes, Gibraltar and Switzerland are outside.
EU_MEMBERS = frozenset(
    {
        *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
        *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
    }
)
EEA_COUNTRIES = EU_MEMBERS | {"IS", "LI", "NO"}
# Territories that are EU territory under their own ISO code: Åland and the French outermost
# regions (art. 355 TFEU).
EU_TERRITORIES = frozenset({"AX", "GP", "MQ", "GF", "RE", "YT", "MF"})

_DECISION = re.compile(r"(\(EU\) )?\d{4}/\d{1,4}(/(EC|EU|CE|UE))?")
SCC_MODULES = ("1", "2", "3", "4")


@dataclass(frozen=True)
class TransferBasis:
    """What makes the transfer to one location lawful.

    reference: the adequacy decision's number, or what identifies another safeguard.
    module: of the standard contractual clauses, "1" to "4".
    """

    kind: BasisKind
    reference: str = ""
    module: str = ""


def is_eea(country: str) -> bool:
    return country in EEA_COUNTRIES or country in EU_TERRITORIES


def basis_problems(basis: TransferBasis | None, country: str, where: str) -> tuple[Problem, ...]:
    """Why `basis` cannot stand for a location in `country`; empty when its form is valid."""
    here = (("country", country),)
    if basis is None:
        return (
            Problem(
                where,
                "No transfer basis is recorded for this location (%(country)s).",
                "Record an adequacy decision, standard contractual clauses or another Art. 46"
                " safeguard; inside the EEA choose “EEA country”.",
                here,
            ),
        )
    if basis.kind is BasisKind.EEA and not is_eea(country):
        return (
            Problem(
                where,
                "%(country)s is not a country of the EEA.",
                "Record the adequacy decision or the safeguard that applies there.",
                here,
            ),
        )
    if basis.kind is BasisKind.ADEQUACY and not _DECISION.fullmatch(basis.reference):
        return (
            Problem(
                where,
                "The adequacy decision has no valid number.",
                "Write it as year/number, for example 2021/1772 or 2000/518/EC.",
            ),
        )
    if basis.kind is BasisKind.SCC and basis.module not in SCC_MODULES:
        return (
            Problem(
                where,
                "The module of the standard contractual clauses is missing.",
                "Write the module that was signed: 1, 2, 3 or 4.",
            ),
        )
    if basis.kind is BasisKind.OTHER_SAFEGUARD and not basis.reference:
        return (
            Problem(
                where,
                "The safeguard has no reference.",
                "Name the document: binding corporate rules, code of conduct, certification.",
            ),
        )
    return ()
