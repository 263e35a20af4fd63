"""Transfer bases and locations in words, as pages, mail and letters print them."""

from collections.abc import Collection

from subnotify.rules.locations import LawAssessment, Location
from subnotify.rules.transfer_verdicts import Assessment
from subnotify.rules.transfer_words import ExportLaw, Lawful, Reason
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import instrument_words, law_words, reason_sentence


def place_name(location: Location, w: Wording) -> str:
    """The international organisation, or the country."""
    return location.organisation or w.country(location.country)


def basis_words(assessment: Assessment | None, w: Wording) -> str:
    """What makes the transfer lawful, in one phrase without a full stop."""
    if assessment is None:
        return w.gettext("no transfer basis is recorded")
    match assessment.lawful:
        case Lawful.YES:
            return _lawful_words(assessment, w)
        case Lawful.IF_RECORDED:
            it = instrument_words(assessment.instrument, w)
            return w.gettext("%(instrument)s, not recorded in full", instrument=it)
        case Lawful.NO if assessment.lapsed_on is not None:
            return w.gettext(
                "lapsed on %(day)s, being replaced: %(instrument)s",
                day=w.date(assessment.lapsed_on),
                instrument=instrument_words(assessment.instrument, w),
            )
        case Lawful.NO:
            return w.gettext("no lawful transfer basis")


def bases_words(
    location: Location, w: Wording, laws: Collection[ExportLaw] = frozenset()
) -> tuple[str, ...]:
    """One phrase for each export law, the laws named where they differ; laws: only these of the
    laws assessed (none named: all)."""
    judged = [x for x in location.assessed if not laws or x.law in laws]
    if not judged:
        return (basis_words(None, w),)
    said = [basis_words(x.assessment, w) for x in judged]
    if len(judged) == 1 or len(set(said)) == 1:
        return (said[0],)
    return tuple(_under(x, words, w) for x, words in zip(judged, said, strict=True))


def location_words(
    location: Location, w: Wording, laws: Collection[ExportLaw] = frozenset()
) -> str:
    """Kind, place and basis: "hosting: Germany (EU or EEA: no transfer ...)"."""
    return w.gettext(
        "%(kind)s: %(country)s (%(basis)s)",
        kind=label(w, location.kind),
        country=place_name(location, w),
        basis="; ".join(bases_words(location, w, laws)),
    )


def _under(judged: LawAssessment, words: str, w: Wording) -> str:
    return w.gettext("%(law)s: %(basis)s", law=law_words(judged.law, w), basis=words)


def _lawful_words(assessment: Assessment, w: Wording) -> str:
    if assessment.reason is Reason.EEA and assessment.is_eea_not_eu:
        return w.gettext("EEA, not EU: no transfer to a third country")
    if assessment.reason is Reason.EEA:
        return w.gettext("EU or EEA: no transfer to a third country")
    if assessment.reason is Reason.DOMESTIC:
        return w.gettext("no transfer abroad")
    return instrument_words(assessment.instrument, w) or reason_sentence(assessment, w).rstrip(".")
