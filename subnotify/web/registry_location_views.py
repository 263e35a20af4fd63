"""What the pages of a location say: under each law, of each basis, and of the place itself."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.rules.errors import N_
from subnotify.rules.locations import LawAssessment, Location
from subnotify.rules.publication_gaps import TransferProblem, transfer_gaps
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_findings import assess_finding
from subnotify.rules.transfer_records import NONE_REQUIRED, RecordedBasis
from subnotify.rules.transfer_reference import Safeguard, TransferReference
from subnotify.rules.transfer_safeguards import assess_safeguard
from subnotify.rules.transfer_verdicts import (
    Assessment,
    Instrument,
    finding_instrument,
    safeguard_instrument,
)
from subnotify.rules.transfer_words import CoveredData, ExportLaw, Lawful
from subnotify.rules.words import VendorRole
from subnotify.web.gap_places import law_anchor
from subnotify.web.registry_location_forms import BasesForm, LawPart, Option
from subnotify.wording.fact_fields import place_label
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import (
    instrument_words,
    law_words,
    missing_words,
    reason_sentence,
    territory_words,
)

_FITS = {
    VendorRole.PROCESSOR: N_("Fits: from a processor to its subprocessor."),
    VendorRole.CONTROLLER: N_("Fits: from a controller to its processor."),
}


@dataclass(frozen=True)
class StandingView:
    """Whether a place is lawful under a law. tone: of its tag."""

    law: str
    tag: str
    tone: str
    instrument: str
    reason: str
    until: date | None
    is_eea_not_eu: bool


@dataclass(frozen=True)
class MissingView:
    text: str
    anchor: str


@dataclass(frozen=True)
class OptionView:
    """option: its form. problem: why the one that is recorded does not count by itself."""

    option: Option
    name: str
    hint: str
    problem: str


@dataclass(frozen=True)
class PartView:
    """not_offered: instruments that do not fit, each with the reason."""

    part: LawPart
    standing: StandingView
    missing: tuple[MissingView, ...]
    options: tuple[OptionView, ...]
    not_offered: tuple[tuple[str, str], ...]

    @property
    def missing_fields(self) -> frozenset[str]:
        """The ids of the fields that still lack something."""
        return frozenset(re.sub(r"-\d+$", "", x.anchor) for x in self.missing)


@dataclass(frozen=True)
class PlaceRow:
    """A place of an entry, under each law."""

    number: int
    name: str
    standings: tuple[StandingView, ...]
    trap: str


def standing_view(judged: LawAssessment, w: Wording) -> StandingView:
    found = judged.assessment
    tag, tone = _tag(found, w)
    return StandingView(
        law=law_words(judged.law, w),
        tag=tag,
        tone=tone,
        instrument=instrument_words(found.instrument, w),
        reason=reason_sentence(found, w),
        until=found.lawful_until,
        is_eea_not_eu=found.is_eea_not_eu,
    )


def _tag(found: Assessment, w: Wording) -> tuple[str, str]:
    match found.lawful:
        case Lawful.YES:
            return w.gettext("lawful"), "ok"
        case Lawful.IF_RECORDED:
            return w.gettext("lawful once recorded"), "warn"
        case Lawful.NO if found.lapsed_on is not None:
            return w.gettext("lapsed since %(day)s", day=w.date(found.lapsed_on)), "stop"
        case Lawful.NO:
            return w.gettext("not lawful"), "stop"


def place_rows(facts: SubprocessorFacts, w: Wording) -> tuple[PlaceRow, ...]:
    """Every place of assessed facts, in the order in which they are recorded."""
    return tuple(
        PlaceRow(
            number=n + 1,
            name=location_name(facts, n, w),
            standings=tuple(standing_view(x, w) for x in place.assessed),
            trap=trap_of(place, w),
        )
        for n, place in enumerate(facts.locations)
    )


def trap_of(place: Location, w: Wording) -> str:
    """What is easily taken wrongly of the place, as a sentence; "" where nothing is."""
    said = next((territory_words(x.assessment, w) for x in place.assessed), "")
    return said if not said or said.endswith(".") else f"{said}."


def location_name(facts: SubprocessorFacts, number: int, w: Wording) -> str:
    """ "Seat, United States" """
    named = place_label(f"locations[{number}]", facts, w)
    return named[:1].upper() + named[1:]


def part_views(
    form: BasesForm,
    assessed: SubprocessorFacts,
    number: int,
    reference: TransferReference,
    w: Wording,
    *,
    on: date,
) -> tuple[PartView, ...]:
    """assessed: the facts on the day `on`, of which the form shows one location."""
    gaps = [
        x
        for x in transfer_gaps(assessed, "")
        if isinstance(x, TransferProblem) and x.where == f".locations[{number}]"
    ]
    return tuple(
        PartView(
            part,
            standing_view(LawAssessment(part.law, part.assessment), w),
            tuple(_missing(x, reference, w) for x in gaps if x.law is part.law and x.missing),
            tuple(_option_view(x, reference, assessed.role, w) for x in part.options),
            tuple(_not_offered(part, assessed, number, reference, w, on)),
        )
        for part in form.parts
    )


def _missing(gap: TransferProblem, reference: TransferReference, w: Wording) -> MissingView:
    assert gap.missing is not None
    words = missing_words(gap.missing, w)
    instrument = gap.assessment.instrument if gap.assessment else None
    anchor = law_anchor(gap.law, instrument, gap.missing, reference)
    return MissingView(words[:1].upper() + words[1:], anchor)


def _option_view(
    option: Option, reference: TransferReference, role: VendorRole, w: Wording
) -> OptionView:
    name = instrument_words(_instrument(option.code, reference), w)
    is_bad = option.alone is not None and option.alone.lawful is Lawful.NO
    return OptionView(
        option,
        name[:1].upper() + name[1:] if name else _nameless(option.code, w),
        _hint(option.code, reference, role, w),
        reason_sentence(option.alone, w) if is_bad and option.alone else "",
    )


def _instrument(code: str, reference: TransferReference) -> Instrument | None:
    finding, safeguard = reference.find_finding(code), reference.find_safeguard(code)
    if finding is not None:
        return finding_instrument(finding)
    return safeguard_instrument(safeguard) if safeguard is not None else None


def _nameless(code: str, w: Wording) -> str:
    return w.gettext("No basis is required") if code == NONE_REQUIRED else code


def _hint(code: str, reference: TransferReference, role: VendorRole, w: Wording) -> str:
    finding, safeguard = reference.find_finding(code), reference.find_safeguard(code)
    if finding is not None:
        if finding.on_list is not None:
            return w.gettext(
                "Only for a company with an active entry on the list (%(list)s): look it up on"
                " www.dataprivacyframework.gov and record what it says.",
                list=finding.on_list.value,
            )
        return w.gettext("Covers some recipients only: confirm that this is one of them.")
    if safeguard is None or not safeguard.fits(role):
        return ""
    if safeguard.own_group_only:
        return w.gettext("For companies of the vendor's own group.")
    if safeguard.interval.first is None:
        return w.gettext("Only where an authority approved it.")
    return w.gettext(_FITS[role])


def _not_offered(
    part: LawPart,
    facts: SubprocessorFacts,
    number: int,
    reference: TransferReference,
    w: Wording,
    on: date,
) -> Iterable[tuple[str, str]]:
    offered = {option.code for option in part.options}
    needs = CoveredData.HR if facts.hr_data else CoveredData.NON_HR
    for finding in reference.findings_for(facts.locations[number].place, part.law):
        basis = RecordedBasis(part.law, finding.id)
        found = assess_finding(finding, basis, on, needs)
        if finding.id not in offered and found and found.lawful is Lawful.NO:
            yield _told(finding_instrument(finding), found, w)
    for safeguard in _safeguards(reference, part.law, offered):
        basis = RecordedBasis(part.law, safeguard.code)
        found = assess_safeguard(safeguard, basis, facts.role, on, facts.affiliate)
        yield _told(safeguard_instrument(safeguard), found, w)


def _safeguards(
    reference: TransferReference, law: ExportLaw, without: Iterable[str]
) -> Sequence[Safeguard]:
    left_out = set(without)
    return [x for x in reference.safeguards if x.law is law and x.code not in left_out]


def _told(instrument: Instrument, found: Assessment, w: Wording) -> tuple[str, str]:
    name = instrument_words(instrument, w)
    # The name stands before the sentence already.
    reason = reason_sentence(found, w).replace(f": {name}.", ".")
    return name[:1].upper() + name[1:], reason
