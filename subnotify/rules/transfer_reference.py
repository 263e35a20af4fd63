"""The reference data of transfer bases: who is in the EEA, what was found adequate, what fits.

Intervals are closed: a finding in force until a day counts on that day. None is an open end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from subnotify.rules.transfer_records import Place
from subnotify.rules.transfer_words import ConditionKind, ExportLaw, FrameworkList
from subnotify.rules.words import VendorRole

# Historic facts, which no newer reference changes: the United Kingdom was treated as a member state
# to the end of the transition (Withdrawal Agreement, art. 127), and transfers to it were none to
# a third country in the six months after (Trade and Cooperation Agreement, art. FINPROV.10A).
UK = "GB"
UK_AS_MEMBER_UNTIL = date(2020, 12, 31)
UK_BRIDGE_UNTIL = date(2021, 6, 30)

# Where the data's own law applies: no transfer abroad.
HOME = {ExportLaw.CH_FADP: "CH", ExportLaw.UK_GDPR: UK}

# EU territory under an ISO code of its own: Åland and the French outermost regions (art. 355 TFEU).
EU_TERRITORIES = frozenset({"AX", "GP", "MQ", "GF", "RE", "YT", "MF"})

US = "US"
# Their organisations may be on the US list like those of a state; the code decides nothing.
US_TERRITORIES = frozenset({"PR", "GU", "VI"})


@dataclass(frozen=True)
class Interval:
    """From `first` to `last`, both included; None: open."""

    first: date | None = None
    last: date | None = None

    def holds_on(self, day: date) -> bool:
        return not self.is_before(day) and not self.is_over(day)

    def is_before(self, day: date) -> bool:
        """Whether it has not begun on that day."""
        return self.first is not None and day < self.first

    def is_over(self, day: date) -> bool:
        return self.last is not None and day > self.last


@dataclass(frozen=True)
class AdequacyFinding:
    """A decision, or an entry of a list, that a country or an organisation protects enough.

    countries: ISO codes; empty for an organisation. number: of the decision or instrument.
    checks: what must be confirmed of the recipient before the finding covers it.
    on_list: the kind of list entry that the recipient itself needs; the country alone is nothing.
    ended_by: what ended it (a judgment). must_be_claimed: it covers a kind of organisation that
    only a person can tell, so never without being recorded. efta_note: that the states of the EEA
    outside the EU may not apply an EU decision yet, in the reference's words. replaced: what
    counted before its first day and is not in the reference, in its words.
    """

    id: str
    law: ExportLaw
    interval: Interval
    number: str
    name: str = ""
    countries: frozenset[str] = frozenset()
    organisation: str = ""
    scope_limit: str = ""
    checks: tuple[str, ...] = ()
    on_list: FrameworkList | None = None
    ended_by: str = ""
    must_be_claimed: bool = False
    efta_note: str = ""
    replaced: str = ""
    confidence: str = ""
    source: str = ""

    def covers(self, place: Place) -> bool:
        if place.organisation:
            return self.must_be_claimed or self._is_organisation(place.organisation)
        if place.country in US_TERRITORIES and self.on_list is not None:
            return US in self.countries
        return place.country in self.countries

    def _is_organisation(self, name: str) -> bool:
        """By its name, or by the short one that the finding's id ends with (EU-EPO)."""
        if not self.organisation:
            return False
        known = {self.organisation.casefold(), self.id.partition("-")[2].casefold()}
        return " ".join(name.split()).casefold() in known


@dataclass(frozen=True)
class Condition:
    """A condition in the reference's words, and the kind of fact that meets it."""

    text: str
    kind: ConditionKind


@dataclass(frozen=True)
class Safeguard:
    """An instrument that can stand for an adequacy finding (GDPR art. 46, FADP art. 16(2)).

    exporter, importer: the roles it is made for; None: any. subprocessing: whether it fits a
    processor's transfer to its own processor. signable_from: what was signed before that day is
    something else. no_new_contract_from: contracts signed from that day on are void as a basis.
    why_not: why it does not fit subprocessing.
    never: no standing basis of a transfer in any role.
    """

    code: str
    name: str
    law: ExportLaw
    interval: Interval
    subprocessing: bool
    legal_basis: str = ""
    exporter: VendorRole | None = None
    importer: VendorRole | None = None
    signable_from: date | None = None
    no_new_contract_from: date | None = None
    conditions: tuple[Condition, ...] = ()
    evidence: tuple[str, ...] = ()
    own_group_only: bool = False
    for_controllers: bool = False
    never: bool = False
    asks_module: bool = False
    asks_assessment: bool = False
    why_not: str = ""
    note: str = ""
    confidence: str = ""
    source: str = ""

    def fits(self, role: VendorRole) -> bool:
        """Whether its form fits a vendor in that role towards a recipient that processes for it."""
        if self.never:
            return False
        if role is VendorRole.PROCESSOR:
            return self.subprocessing
        if self.exporter is not None:
            return (self.exporter, self.importer) == (VendorRole.CONTROLLER, VendorRole.PROCESSOR)
        return self.for_controllers


@dataclass(frozen=True)
class Territory:
    """What is easily taken wrongly of a place, in the reference's words."""

    trap: str
    confidence: str = ""


@dataclass(frozen=True)
class TransferReference:
    """All of it. as_of: the day its facts were gathered; digest: sha256 of its file, or ""."""

    as_of: date
    eu_members: frozenset[str]
    eea_efta: frozenset[str]
    territories: Mapping[str, Territory]
    findings: tuple[AdequacyFinding, ...]
    safeguards: tuple[Safeguard, ...]
    digest: str = ""

    @property
    def version(self) -> str:
        """`2026-11-21 sha256:...`: what an assessment rests on."""
        return f"{self.as_of.isoformat()} sha256:{self.digest}"

    def is_eea(self, country: str, on: date) -> bool:
        """Whether it is EEA territory on that day.

        A member with an adequacy decision that has ended joined on the day after (Hungary);
        the other accessions lie before anything that is assessed, and are not in the reference.
        """
        if country in EU_TERRITORIES:
            return True
        if country not in self.eu_members | self.eea_efta:
            return False
        before = [f.interval.last for f in self._of_member(country) if f.interval.last is not None]
        return all(on > last for last in before)

    def is_eea_not_eu(self, country: str) -> bool:
        """Iceland, Liechtenstein, Norway: a contract may say "EU" and mean only the members."""
        return country in self.eea_efta

    def _of_member(self, country: str) -> Iterable[AdequacyFinding]:
        return (
            finding
            for finding in self.findings
            if finding.law is ExportLaw.EU_GDPR and country in finding.countries
        )

    def findings_for(self, place: Place, law: ExportLaw) -> tuple[AdequacyFinding, ...]:
        """Every finding under that law that ever covered the place, in the reference's order."""
        return tuple(f for f in self.findings if f.law is law and f.covers(place))

    def find_finding(self, finding_id: str) -> AdequacyFinding | None:
        return next((f for f in self.findings if f.id == finding_id), None)

    def find_safeguard(self, code: str) -> Safeguard | None:
        return next((s for s in self.safeguards if s.code == code), None)


def end_basis(reference: TransferReference, code: str, on: date) -> TransferReference:
    """The reference as if a finding or safeguard were struck down on a day: its first without.

    Raises KeyError where nothing has that id or code. What ends earlier anyway stays so.
    """
    if reference.find_finding(code) is None and reference.find_safeguard(code) is None:
        raise KeyError(code)
    last = on - timedelta(days=1)
    return replace(
        reference,
        findings=tuple(
            replace(f, interval=_cut(f.interval, last)) if f.id == code else f
            for f in reference.findings
        ),
        safeguards=tuple(
            replace(s, interval=_cut(s.interval, last)) if s.code == code else s
            for s in reference.safeguards
        ),
    )


def _cut(interval: Interval, last: date) -> Interval:
    return replace(interval, last=last if interval.last is None else min(last, interval.last))
