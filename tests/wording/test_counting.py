"""How an agreement counts days, in words."""

import pytest

from subnotify.rules.terms import Counting
from subnotify.rules.terms_words import CountingRule
from subnotify.wording.counting import counting_words, holiday_words, rule_words
from tests.wording.telling import LANGUAGES, in_every_language, w


@pytest.mark.parametrize("rule", CountingRule)
def test_every_counting_rule_has_its_name(rule: CountingRule) -> None:
    for language in LANGUAGES:
        counting = Counting(rule, "Europe/Zurich", "CH-ZH+01-02")
        in_every_language(counting_words(counting, w(language)))
    names = {rule_words(one, w()) for one in CountingRule}
    assert len(names) == len(CountingRule)


def test_holiday_calendars_in_words() -> None:
    assert holiday_words("none", w()) == "no public holidays"
    assert holiday_words("FR-57", w()) == "public holidays: France (FR-57)"
    assert holiday_words("AT+karfreitag", w()) == "public holidays: Austria, and also Good Friday"
    several = holiday_words("CH-ZH+01-02+2026-05-15", w())
    assert several == "public holidays: Switzerland (CH-ZH), and also 2 January and 15 May 2026"
    assert holiday_words("none+12-24", w()) == "holidays: only 24 December"
