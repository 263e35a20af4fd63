"""How an agreement counts days, in words: its rule, time zone and public holidays."""

from datetime import date

from subnotify.rules.errors import N_
from subnotify.rules.terms import Counting
from subnotify.rules.terms_words import CountingRule
from subnotify.wording.language import Wording

_NAMES = {
    CountingRule.CONTRACT_CALENDAR: N_("calendar days as the contract says, never moved"),
    CountingRule.CONTRACT_ROLL_BD: N_(
        "calendar days; a last day on a weekend or public holiday is moved to the next business day"
    ),
    CountingRule.CONTRACT_BD_COUNT: N_("business days, Monday to Friday without public holidays"),
    CountingRule.CONTRACT_JOURS_OUVRABLES: N_(
        "working days, Monday to Saturday without public holidays"
    ),
    CountingRule.CONTRACT_HOURS_ELAPSED: N_("hours, as they pass"),
    CountingRule.EU_1182_71: N_("Regulation No 1182/71, art. 3"),
    CountingRule.EU_1182_71_HOURS: N_("Regulation No 1182/71, art. 3, in hours"),
    CountingRule.CH_OR_77_78: N_("Swiss Code of Obligations, art. 77-78"),
    CountingRule.BASEL_1972: N_("Basel Convention of 1972 on time limits"),
    CountingRule.UK_COMMON_LAW: N_("English common law (Dodds v Walker [1981] 1 WLR 1027)"),
    CountingRule.UK_CLEAR_DAYS: N_("English rule of clear days"),
    CountingRule.RETRO_1182_71: N_("Regulation No 1182/71, counted back and never moved"),
}
# These keep their own language everywhere.
_NATIONAL = {
    CountingRule.FR_CPC_640_642: "code de procédure civile, art. 640-642",
    CountingRule.FR_R53_3_WINDOW: (
        "code des postes et des communications électroniques, art. R. 53-3"
    ),
    CountingRule.DE_BGB_187_193: "BGB §§ 187-193",
    CountingRule.BE_CJ_52_54: "Code judiciaire belge, art. 52-54",
}


def counting_words(counting: Counting, w: Wording) -> str:
    """The counting rule with its zone and holidays."""
    return w.series(
        (
            rule_words(counting.rule, w),
            w.gettext("time zone %(zone)s", zone=counting.time_zone),
            holiday_words(counting.holiday_calendar, w),
        )
    )


def rule_words(rule: CountingRule, w: Wording) -> str:
    """A counting rule by its name: of the law, or of what the contract says."""
    return _NATIONAL[rule] if rule in _NATIONAL else w.gettext(_NAMES[rule])


def holiday_words(calendar: str, w: Wording) -> str:
    """A holiday calendar as the terms name it ("FR-57", "AT+karfreitag", "none") in words."""
    base, *additions = calendar.split("+")
    days = w.listed([_added_day(addition, w) for addition in additions])
    if base == "none":
        if not days:
            return w.gettext("no public holidays")
        return w.gettext("holidays: only %(days)s", days=days)
    country, _, subdivision = base.partition("-")
    place = w.country(country)
    if subdivision:
        place = f"{place} ({base})"
    if not days:
        return w.gettext("public holidays: %(place)s", place=place)
    return w.gettext("public holidays: %(place)s, and also %(days)s", place=place, days=days)


def _added_day(text: str, w: Wording) -> str:
    """ "karfreitag", "01-02" (every year) or "2026-05-15" as the calendar's name has it."""
    try:
        if text.count("-") == 1:
            return w.date(date.fromisoformat(f"2024-{text}"), "yearly")
        return w.date(date.fromisoformat(text))
    except ValueError:
        return w.gettext("Good Friday") if text == "karfreitag" else text
