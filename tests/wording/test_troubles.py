"""Troubles of the clock, the public address and the mailbox in the reader's language."""

from datetime import timedelta

import pytest

from subnotify.rules.troubles import Trouble, TroubleCode, stored_text
from subnotify.wording.language import wording_for
from subnotify.wording.troubles import exact_length, trouble_sentence, trouble_words

EN = wording_for("en", "Europe/Paris")
FR = wording_for("fr", "Europe/Paris")
JUMP = stored_text(Trouble(TroubleCode.CLOCK_JUMPED_FORWARD, {"length": 5_430}))
KNOWN: dict[str, int | str] = {"length": 61, "instant": "2026-03-02T09:01:01+00:00"}


def test_the_clock_in_both_languages() -> None:
    assert trouble_sentence(JUMP, EN) == (
        "The clock jumped forward by 1 hour 30 minutes 30 seconds against the monotonic clock."
    )
    assert trouble_sentence(JUMP, FR) == (
        "L’horloge a avancé d’un coup de 1 heure 30 minutes 30 secondes par rapport à l’horloge"
        " monotone."
    )


def test_an_instant_is_told_in_the_readers_zone() -> None:
    stored = stored_text(Trouble(TroubleCode.CLOCK_BEHIND_RECORD, KNOWN))
    assert trouble_words(stored, EN) == (
        "the clock is 1 minute 1 second behind 2 March 2026 at 10:01 (Europe/Paris), when a worker"
        " ran"
    )
    assert "2 mars 2026 à 10 h 01 (Europe/Paris)" in trouble_words(stored, FR).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_a_servers_own_words_are_quoted_as_they_came() -> None:
    stored = stored_text(
        Trouble(TroubleCode.MAILBOX_SIGN_IN, words="NO [AUTHENTICATIONFAILED] 100 % wrong")
    )
    assert "“NO [AUTHENTICATIONFAILED] 100 % wrong”" in trouble_words(stored, EN)
    french = trouble_words(stored, FR)
    assert "NO [AUTHENTICATIONFAILED] 100 % wrong" in french
    assert "sign-in" not in french


@pytest.mark.parametrize("words", ["", "LOGIN failed", "the clock jumped forward by 0:01:01"])
def test_words_of_before_are_shown_as_they_are(words: str) -> None:
    assert trouble_words(words, FR) == trouble_sentence(words, FR) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(seconds=61), "1 minute 1 second"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(days=399, hours=23, seconds=5), "399 days 23 hours"),
    ],
)
def test_lengths_of_time(length: timedelta, words: str) -> None:
    assert exact_length(length, EN) == words
