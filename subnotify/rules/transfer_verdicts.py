"""The result of assessing a transfer, and which of several results counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.rules.transfer_reference import AdequacyFinding, Safeguard
from subnotify.rules.transfer_words import Fact, Lawful, Reason, Rule


@dataclass(frozen=True)
class Instrument:
    """What the transfer rests on, or would. code: a finding's id or a safeguard's code.

    name and number as the reference has them; countries: of a finding.
    """

    code: str
    name: str = ""
    number: str = ""
    countries: tuple[str, ...] = ()
    is_finding: bool = False


@dataclass(frozen=True)
class MissingFact:
    """A fact to be recorded. detail: the condition in the reference's words, the evidence's name,
    the list, or the module that fits."""

    fact: Fact
    detail: str = ""


@dataclass(frozen=True)
class Assessment:
    """Whether a transfer is lawful on a day, by what, and why.

    params: fill the words of the reason. missing: what to record where lawful is if_recorded.
    lawful_until: the last day, where a lawful basis ends on a known one. lapsed_on: the first day
    without, where a basis that is recorded has ended. trap: what is easily mistaken of the place.
    """

    lawful: Lawful
    reason: Reason
    rule: Rule
    instrument: Instrument | None = None
    params: tuple[tuple[str, str], ...] = ()
    missing: tuple[MissingFact, ...] = ()
    lawful_until: date | None = None
    lapsed_on: date | None = None
    is_eea_not_eu: bool = False
    trap: str = ""


def lawful(
    reason: Reason,
    rule: Rule,
    instrument: Instrument | None = None,
    until: date | None = None,
    **params: object,
) -> Assessment:
    return Assessment(Lawful.YES, reason, rule, instrument, _filled(params), lawful_until=until)


def unlawful(
    reason: Reason,
    rule: Rule,
    instrument: Instrument | None = None,
    lapsed_on: date | None = None,
    **params: object,
) -> Assessment:
    return Assessment(Lawful.NO, reason, rule, instrument, _filled(params), lapsed_on=lapsed_on)


def lawful_if(
    reason: Reason,
    rule: Rule,
    instrument: Instrument,
    missing: Sequence[MissingFact],
    **params: object,
) -> Assessment:
    return Assessment(
        Lawful.IF_RECORDED, reason, rule, instrument, _filled(params), missing=tuple(missing)
    )


def finding_instrument(finding: AdequacyFinding) -> Instrument:
    return Instrument(
        finding.id,
        finding.organisation or finding.name,
        finding.number,
        tuple(sorted(finding.countries)) if len(finding.countries) == 1 else (),
        is_finding=True,
    )


def safeguard_instrument(safeguard: Safeguard) -> Instrument:
    return Instrument(safeguard.code, safeguard.name, safeguard.legal_basis)


# Of several refusals the one that says most of what was recorded: the basis that lapsed latest
# first, and these last.
_LEAST_TELLING = (Reason.NOT_YET, Reason.OTHER_LAW, Reason.NO_BASIS)


def best(results: Sequence[Assessment]) -> Assessment:
    """The most favourable result: lawful the longest, else what lacks least, else what says most.

    `results` is not empty; of equals the first counts.
    """
    return min(results, key=_order)


def _order(result: Assessment) -> tuple[int, int, int]:
    match result.lawful:
        case Lawful.YES:
            return (0, -(result.lawful_until or date.max).toordinal(), 0)
        case Lawful.IF_RECORDED:
            return (1, len(result.missing), 0)
        case Lawful.NO if result.lapsed_on is not None:
            return (2, -1, -result.lapsed_on.toordinal())
        case Lawful.NO if result.reason in _LEAST_TELLING:
            return (2, 1 + _LEAST_TELLING.index(result.reason), 0)
        case Lawful.NO:
            return (2, 0, 0)


def _filled(params: dict[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in params.items())


def is_worse(one: Assessment, other: Assessment) -> bool:
    """Whether it is lawful in a lesser degree; how long does not count."""
    return _order(one)[0] > _order(other)[0]
