"""What is recorded of a transfer basis, and the place to which the data go."""

from dataclasses import dataclass
from datetime import date

from subnotify.rules.transfer_words import (
    CoveredData,
    ExportLaw,
    FrameworkList,
    ListStatus,
    TransferRisk,
)

NONE_REQUIRED = "none_required"


@dataclass(frozen=True)
class Place:
    """Where data go: a country (ISO 3166-1), or an organisation that belongs to none.

    An international organisation is no part of the country it sits in: where both are given, the
    organisation decides.
    """

    country: str = ""
    organisation: str = ""


@dataclass(frozen=True)
class ListEntry:
    """An organisation's entry on the list of a US framework, as somebody saw it on `checked_on`.

    next_certification_on: the last day the entry is good for without another look.
    """

    entity: str = ""
    lists: frozenset[FrameworkList] = frozenset()
    status: ListStatus = ListStatus.ACTIVE
    covered_data: frozenset[CoveredData] = frozenset()
    checked_on: date | None = None
    next_certification_on: date | None = None


@dataclass(frozen=True)
class ImpactAssessment:
    """The assessment of the third country's law that contractual safeguards need."""

    reference: str
    done_on: date
    result: TransferRisk = TransferRisk.SUFFICIENT


@dataclass(frozen=True)
class RecordedBasis:
    """What the registry says of one basis under one export law.

    code: "none_required", an adequacy finding's id, or a safeguard's code.
    module: of the clauses that a Swiss or UK instrument stands on; the EU codes name their own.
    conditions: the safeguard's conditions and the finding's checks that were confirmed, in the
    words of the reference: a newer wording is to be confirmed anew.
    evidence: further facts by the reference's names (annex_version, lead_authority ...).
    expires_on: the last day, where the document itself ends.
    """

    law: ExportLaw
    code: str
    reference: str = ""
    module: str = ""
    signed_on: date | None = None
    list_entry: ListEntry | None = None
    impact_assessment: ImpactAssessment | None = None
    conditions: frozenset[str] = frozenset()
    evidence: tuple[tuple[str, str], ...] = ()
    expires_on: date | None = None
