"""What each counting rule rests on: the law and its articles, or the agreement itself."""

from dataclasses import dataclass

from subnotify.rules.errors import N_
from subnotify.rules.terms_words import CountingRule
from subnotify.wording.language import Wording

_EU = N_("Regulation No 1182/71")
_CH = N_("Swiss Code of Obligations")
_BASEL = N_("Basel Convention of 1972")
_UK = N_("English common law")
_CLEAR_DAYS = N_("English rule of clear days")
# These keep their own language everywhere.
_FR = "code de procédure civile"
_FR_POST = "code des postes et des communications électroniques"
_DE = "BGB"
_BE = "Code judiciaire belge"
_DODDS = "Dodds v Walker [1981] 1 WLR 1027"
_TRANSLATED = frozenset({_EU, _CH, _BASEL, _UK, _CLEAR_DAYS})


@dataclass(frozen=True)
class _Source:
    """Articles of one law: that the day of the event does not count, how months end, and when a
    last day is moved."""

    law: str
    count: str = ""
    months: str = ""
    roll: str = ""


_SOURCES = {
    CountingRule.EU_1182_71: _Source(_EU, "art. 3(1)", "art. 3(2)(c)", "art. 3(4)"),
    CountingRule.EU_1182_71_HOURS: _Source(_EU, "art. 3(1)", "art. 3(2)(a)", "art. 3(4)"),
    CountingRule.RETRO_1182_71: _Source(_EU, "art. 3(1)", "art. 3(2)(c)", "art. 3(4)"),
    CountingRule.FR_CPC_640_642: _Source(_FR, "art. 641", "art. 641", "art. 642"),
    CountingRule.FR_R53_3_WINDOW: _Source(_FR_POST, "art. R. 53-3", "art. R. 53-3", "art. R. 53-3"),
    CountingRule.DE_BGB_187_193: _Source(_DE, "§ 187(1)", "§ 188", "§ 193"),
    CountingRule.CH_OR_77_78: _Source(_CH, "art. 77", "art. 77", "art. 78"),
    CountingRule.BASEL_1972: _Source(_BASEL, "art. 3", "art. 4", "art. 5"),
    CountingRule.BE_CJ_52_54: _Source(_BE, "art. 52", "art. 54", "art. 53"),
    CountingRule.UK_COMMON_LAW: _Source(_UK, months=_DODDS),
    CountingRule.UK_CLEAR_DAYS: _Source(_CLEAR_DAYS, months=_DODDS),
}


def count_source(rule: str, w: Wording) -> str:
    """Why the day of the event is not counted; "" where the agreement alone says it."""
    source = _source(rule)
    return _cited(source, source.count, w) if source else ""


def month_source(rule: str, w: Wording) -> str:
    """Why a month ends on the day of the same number, or on its last; "" as above."""
    source = _source(rule)
    return _cited(source, source.months, w) if source else ""


def roll_source(rule: str, w: Wording) -> str:
    """Why a last day is moved, or is not; "" where the agreement alone says it.

    A rule that this version does not know (kept by another one) is named by its id.
    """
    source = _source(rule)
    if source is not None:
        return _cited(source, source.roll, w)
    return "" if rule in set(CountingRule) else rule


def two_days_source(w: Wording) -> str:
    """Why a period of two days or more has two working days."""
    return f"{w.gettext(_EU)}, art. 3(5)"


def _source(rule: str) -> _Source | None:
    return _SOURCES.get(CountingRule(rule)) if rule in set(CountingRule) else None


def _cited(source: _Source, article: str, w: Wording) -> str:
    law = w.gettext(source.law) if source.law in _TRANSLATED else source.law
    if not article:
        return law
    return f"{law} {article}" if article.startswith("§") else f"{law}, {article}"
