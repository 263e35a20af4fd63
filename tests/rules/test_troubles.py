"""Facts of what goes wrong: stored, read again, and told in English."""

from datetime import UTC, datetime, timedelta

import pytest

from subnotify.rules.troubles import (
    CLAUSES,
    Trouble,
    TroubleCode,
    english_words,
    read_trouble,
    stored_text,
)

FIGURES: dict[str, int | str] = {
    "length": 3_661,
    "instant": "2026-03-02T09:01:01+00:00",
    "status": 503,
    "location": "https://elsewhere.example/100%25",
    "host": "imap.example:993",
    "folder": "Boîte 100 %",
    "uid": 7,
    "seconds": 30,
}


def needed(code: TroubleCode) -> dict[str, int | str]:
    return {name: value for name, value in FIGURES.items() if f"%({name})s" in CLAUSES[code]}


@pytest.mark.parametrize("code", TroubleCode)
def test_each_is_told_and_survives_being_stored(code: TroubleCode) -> None:
    trouble = Trouble(code, needed(code), "100 % “non”\0\n\ud800")
    text = stored_text(trouble)
    assert text.isascii() and "\0" not in text
    assert read_trouble(text) == trouble
    assert "%(" not in str(trouble)
    assert english_words(text) == str(trouble)


def test_the_figures_as_what_they_are() -> None:
    trouble = Trouble(TroubleCode.CLOCK_BEHIND_RECORD, needed(TroubleCode.CLOCK_BEHIND_RECORD))
    assert trouble.length == timedelta(hours=1, minutes=1, seconds=1)
    assert trouble.instant == datetime(2026, 3, 2, 9, 1, 1, tzinfo=UTC)
    assert str(trouble) == "the clock is 1:01:01 behind 2026-03-02 09:01:01Z, when a worker ran"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "the clock jumped forward by 0:01:01 against the monotonic clock",
        "{",
        "{}",
        "[1]",
        '{"code": "of a newer program", "figures": {}, "words": ""}',
        '{"code": "answered_status", "figures": {}, "words": "the status is missing"}',
        '{"code": "clock_jumped_back", "figures": {"length": "long"}, "words": ""}',
        '{"code": "clock_jumped_back", "figures": null, "words": ""}',
    ],
)
def test_other_words_stay_as_they_are(words: str) -> None:
    assert read_trouble(words) is None
    assert english_words(words) == words
