"""Which places of an entry stop being lawful soon, or have: what legal gets a task about."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from subnotify.rules.facts_assessment import assess_facts, assess_location
from subnotify.rules.locations import LawAssessment, Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_reference import Safeguard, TransferReference
from subnotify.rules.transfer_safeguards import fitting_safeguards
from subnotify.rules.transfer_turning_points import turning_points
from subnotify.rules.transfer_verdicts import Assessment, Instrument, unlawful
from subnotify.rules.transfer_words import ExportLaw, Lawful, Reason, Rule

_DAY = timedelta(days=1)
# Days ahead at which legal is told (V8), and again on the first day without.
STAGES = (180, 90, 30, 0)
FARTHEST_DAYS = max(STAGES)


@dataclass(frozen=True)
class Lapse:
    """A location that is not lawful under a law from a day on.

    lapses_on: the first day without; None: as far as what is recorded and the reference go, it
    never was lawful (a law that was added to the vendor's, an entry on a list gone inactive).
    rested_on: by what it was lawful on the last day. then: the assessment of the first day
    without that is not past: of today where it has lapsed already.
    """

    location: Location
    law: ExportLaw
    lapses_on: date | None
    rested_on: Instrument | None
    then: Assessment

    @property
    def instrument(self) -> str:
        """The code of what it rested on; "": of no instrument."""
        return self.rested_on.code if self.rested_on else ""


def stage_on(lapses_on: date, on: date) -> int | None:
    """The nearest of 180, 90, 30 and 0 days ahead that is reached; None while it is far off."""
    days_left = (lapses_on - on).days
    return min((stage for stage in STAGES if days_left <= stage), default=None)


def list_lapses(
    reference: TransferReference,
    facts: SubprocessorFacts,
    laws: Iterable[ExportLaw],
    *,
    on: date,
    used_from: date | None = None,
) -> tuple[Lapse, ...]:
    """Every location of the entry that is not lawful today or on a day of the next 180.

    used_from: the commencement of what is only announced; the days before it do not count.
    """
    concerned = tuple(laws)
    found = (
        find_lapse(reference, facts, location, law, on=on, used_from=used_from)
        for location in facts.locations
        for law in concerned
    )
    return tuple(lapse for lapse in found if lapse is not None)


def find_lapse(
    reference: TransferReference,
    facts: SubprocessorFacts,
    location: Location,
    law: ExportLaw,
    *,
    on: date,
    used_from: date | None = None,
) -> Lapse | None:
    """One location under one law; None where it stays lawful for the next 180 days.

    The last day that counts is the 180th from `on`. A basis that ends while another goes on ends
    nothing; what was not lawful before `used_from` and is by then, neither.
    """

    def assessed(day: date) -> Assessment:
        return assess_location(reference, facts, location, law, on=day)

    begin = max(on, used_from or on)
    horizon = on + timedelta(days=FARTHEST_DAYS)
    recorded = tuple(basis for basis in location.bases if basis.law is law)
    days = turning_points(reference, location.place, law, recorded)
    ahead = (begin, *(day for day in days if begin < day <= horizon))
    without = next((day for day in ahead if assessed(day).lawful is not Lawful.YES), None)
    if without is None:
        return None
    then = assessed(without)
    first = without if without > begin else _first_day_of_gap(days, begin, assessed)
    if first is None:
        # Of what is announced the day is known on which it would matter.
        announced_for = begin if begin > on else None
        is_far_off = announced_for is not None and announced_for > horizon
        return None if is_far_off else Lapse(location, law, announced_for, None, then)
    if first > horizon:
        return None
    return Lapse(location, law, first, assessed(first - _DAY).instrument, then)


def _first_day_of_gap(
    days: Sequence[date], within: date, assessed: Callable[[date], Assessment]
) -> date | None:
    """The first of the days without, one after the other, that lead to the day `within`; None
    where no day before it was lawful."""
    before = reversed([day for day in days if day <= within])
    return next((day for day in before if assessed(day - _DAY).lawful is Lawful.YES), None)


def replacements_on(
    reference: TransferReference, facts: SubprocessorFacts, law: ExportLaw, *, on: date
) -> tuple[Safeguard, ...]:
    """What could be signed with this recipient on a day to replace a basis that is lost."""
    return fitting_safeguards(
        reference, law=law, role=facts.role, on=on, is_own_group=facts.affiliate
    )


def safeguards_to_come(
    reference: TransferReference, facts: SubprocessorFacts, law: ExportLaw, *, on: date
) -> tuple[Safeguard, ...]:
    """Of the right form for these roles, but to be had from a later day only."""
    return tuple(
        safeguard
        for safeguard in reference.safeguards
        if safeguard.law is law
        and safeguard.fits(facts.role)
        and not safeguard.own_group_only
        and safeguard.interval.is_before(on)
    )


def assess_listed(
    reference: TransferReference,
    facts: SubprocessorFacts,
    laws: Iterable[ExportLaw],
    *,
    on: date,
) -> SubprocessorFacts:
    """`assess_facts` of an entry in force: what it rested on and lost is said before what else is
    recorded only in part. Readers of the list are told that it lapsed, and when."""
    assessed = assess_facts(reference, facts, laws, on=on)
    return replace(
        assessed,
        locations=tuple(
            replace(
                location,
                assessed=tuple(
                    _listed(reference, facts, location, x, on) for x in location.assessed
                ),
            )
            for location in assessed.locations
        ),
    )


def _listed(
    reference: TransferReference,
    facts: SubprocessorFacts,
    location: Location,
    judged: LawAssessment,
    on: date,
) -> LawAssessment:
    if judged.assessment.lawful is not Lawful.IF_RECORDED:
        return judged
    lapse = find_lapse(reference, facts, location, judged.law, on=on)
    if lapse is None or lapse.lapses_on is None or lapse.rested_on is None:
        return judged
    ended = unlawful(
        *(Reason.ENDED, Rule.ENDS, lapse.rested_on, lapse.lapses_on),
        last=lapse.lapses_on - _DAY,
        by="",
    )
    known = judged.assessment
    lapsed = replace(ended, is_eea_not_eu=known.is_eea_not_eu, trap=known.trap)
    return replace(judged, assessment=lapsed)
