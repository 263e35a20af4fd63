"""Transfers that end, in words: for the desk and the mail to legal."""

from collections.abc import Sequence
from datetime import date

from subnotify.rules.locations import Location
from subnotify.rules.transfer_verdicts import Assessment, Instrument
from subnotify.wording.bases import place_name
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.transfer_reasons import instrument_words, missing_words, reason_sentence


def lapse_words(lapses_on: date, on: date, w: Wording) -> str:
    """ "since 16 July 2020", "from 14 October 2020, in 90 days"."""
    days = (lapses_on - on).days
    day = w.date(lapses_on)
    if days <= 0:
        return w.gettext("since %(day)s", day=day)
    return w.ngettext(
        "from %(day)s, in %(num)s day", "from %(day)s, in %(num)s days", days, day=day, num=days
    )


def left_words(lapses_on: date, on: date, w: Wording) -> str:
    """A tag: "lapsed", "30 days left"."""
    days = (lapses_on - on).days
    if days <= 0:
        return w.gettext("lapsed")
    return w.ngettext("%(num)s day left", "%(num)s days left", days, num=days)


def stage_words(days_ahead: int, w: Wording) -> str:
    """When legal was told: "90 days ahead or less", "when it had lapsed"."""
    if not days_ahead:
        return w.gettext("on the day or after")
    return w.ngettext(
        "%(num)s day ahead or less", "%(num)s days ahead or less", days_ahead, num=days_ahead
    )


def place_words(location: Location, w: Wording) -> str:
    """ "United States, hosting"."""
    return f"{place_name(location, w)}, {label(w, location.kind)}"


def basis_of_lapse(rested_on: Instrument | None, w: Wording) -> str:
    return instrument_words(rested_on, w) or w.gettext("no transfer basis on record")


def why_sentences(then: Assessment, w: Wording, *, from_on: date | None = None) -> tuple[str, ...]:
    """Why the place is not lawful, and what would have to be recorded where that is all.

    from_on: the day from which that is said, where it lies ahead.
    """
    missing = [missing_words(one, w) for one in then.missing]
    said = reason_sentence(then, w)
    if from_on is not None:
        said = w.gettext("From %(day)s: %(reason)s", day=w.date(from_on), reason=said)
    if not missing:
        return (said,)
    return said, w.gettext("To be recorded: %(facts)s.", facts=w.series(missing))


def fitting_words(
    replacements: Sequence[Instrument], to_come: Sequence[tuple[Instrument, date]], w: Wording
) -> tuple[str, ...]:
    """One line for each safeguard that would fit; or that there is none, and what comes later."""
    if replacements:
        return tuple(instrument_words(one, w) for one in replacements)
    none = w.gettext("Nothing: no instrument for these roles can be signed on that day.")
    later = (
        w.gettext(
            "%(instrument)s can be signed from %(day)s.",
            instrument=_sentence_start(instrument_words(one, w)),
            day=w.date(first),
        )
        for one, first in to_come
    )
    return none, *later


def _sentence_start(text: str) -> str:
    return text[:1].upper() + text[1:]
