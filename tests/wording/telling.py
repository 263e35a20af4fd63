"""Terms and checks that the tests of sentences share."""

from dataclasses import replace
from datetime import UTC, date, datetime

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import Counting, NoticeTerms
from subnotify.rules.terms_words import CountingRule
from subnotify.rules.windows import Window, compute_window
from subnotify.rules.words import (
    ProofKind,
)
from subnotify.wording.language import Wording, wording_for

FIFTEEN = replace(
    PRESETS["fr-15-days"],
    proof_of_receipt=frozenset({ProofKind.RECIPIENT_SERVER}),
)
THIRTY = replace(
    PRESETS["fr-30-days-registered"], proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT})
)
CALENDAR = Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris")
BARE = NoticeTerms(counting=CALENDAR)
LANGUAGES = ("en", "fr")


def w(language: str = "en") -> Wording:
    return wording_for(language, "Europe/Paris")


def window(terms: NoticeTerms, day: date) -> Window:
    at = datetime(day.year, day.month, day.day, 8, 14, tzinfo=UTC)
    return compute_window(terms, at, get_calendar(terms.counting.holiday_calendar))


def in_every_language(said: object) -> None:
    """Told without holes: placeholders filled, nothing empty, no stored value."""
    sentences = said if isinstance(said, tuple) else (said,)
    assert sentences
    for sentence in sentences:
        assert isinstance(sentence, str)
        assert sentence.strip()
        assert "%(" not in sentence
        assert "_" not in sentence.replace("art_", "")
