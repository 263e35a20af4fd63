"""Periods in words: "15 days", "1 month and 15 days"."""

from subnotify.rules.periods import parts_of
from subnotify.rules.terms import Period
from subnotify.rules.terms_words import Unit
from subnotify.wording.language import Wording


def period_words(period: Period, w: Wording) -> str:
    """The parts in the order in which they are added."""
    return w.listed([_part_words(part, w) for part in parts_of(period)])


def period_of_code(code: str) -> Period | None:
    """What a step keeps of a period ("1 months 15 days"), read back; None for anything else.

    Windows kept by the first version have a bare number there.
    """
    words = code.split()
    if not words or len(words) % 2:
        return None
    period: Period | None = None
    try:
        for number, unit in reversed(list(zip(words[::2], words[1::2], strict=True))):
            period = Period(int(number), Unit(unit), period)
    except ValueError:
        return None
    return period


def _part_words(part: Period, w: Wording) -> str:
    n = part.number
    match part.unit:
        case Unit.HOURS:
            return w.ngettext("%(n)s hour", "%(n)s hours", n)
        case Unit.DAYS:
            return w.ngettext("%(n)s day", "%(n)s days", n)
        case Unit.BUSINESS_DAYS:
            return w.ngettext("%(n)s business day", "%(n)s business days", n)
        case Unit.JOURS_OUVRABLES:
            return w.ngettext(
                "%(n)s working day (Monday to Saturday)",
                "%(n)s working days (Monday to Saturday)",
                n,
            )
        case Unit.WEEKS:
            return w.ngettext("%(n)s week", "%(n)s weeks", n)
        case Unit.MONTHS:
            return w.ngettext("%(n)s month", "%(n)s months", n)
        case Unit.YEARS:
            return w.ngettext("%(n)s year", "%(n)s years", n)
