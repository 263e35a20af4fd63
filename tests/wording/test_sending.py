"""How long sending takes, in words."""

from datetime import UTC, datetime, timedelta

import pytest

from subnotify.rules.sending_estimates import (
    LatestSending,
    SendingLimits,
    Waiting,
    estimate_sending,
    judge_end,
)
from subnotify.wording.language import wording_for
from subnotify.wording.sending import (
    draft_sentences,
    duration_words,
    end_sentence,
    rate_words,
    verdict_sentences,
)

AT = datetime(2026, 3, 2, 9, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
EN = wording_for("en", "Europe/Paris")
MIDNIGHT = LatestSending(datetime(2026, 3, 2, 23, tzinfo=UTC), 3, "a")


@pytest.mark.parametrize(
    ("takes", "said"),
    [
        (timedelta(0), "1 minute"),
        (timedelta(seconds=61), "2 minutes"),
        (HOUR, "1 hour"),
        (timedelta(hours=6, minutes=12), "6 hours 12 minutes"),
        (timedelta(hours=47, minutes=59), "47 hours 59 minutes"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=3, hours=4, minutes=1), "3 days 5 hours"),
    ],
)
def test_lengths_of_time(takes: timedelta, said: str):
    assert duration_words(takes, EN) == said


def test_before_release_under_a_quota():
    limits = SendingLimits(per_hour=2_000)
    estimate = estimate_sending(Waiting(12_400), limits, at=AT)
    verdict = judge_end([MIDNIGHT], estimate.ends_at, at=AT)
    assert draft_sentences(12_400, estimate, verdict, limits, EN, at=AT) == (
        "12,400 mails under a quota of 2,000 an hour take about 6 hours 12 minutes, until about"
        " 16:20.",
        "That is in time for every agreement: the first of them needs its notice by Monday 2 March"
        " 2026, 24:00 (Europe/Paris).",
    )


def test_before_release_too_late():
    limits = SendingLimits(per_hour=500)
    estimate = estimate_sending(Waiting(12_400), limits, at=AT)
    verdict = judge_end([MIDNIGHT], estimate.ends_at, at=AT)
    said = draft_sentences(12_400, estimate, verdict, limits, EN, at=AT)
    assert said[0].endswith("take about 24 hours 48 minutes, until about Tuesday 3 March 2026 at"
                            " 10:56.")  # fmt: skip
    assert said[1] == (
        "Sending may end too late for 3 agreements: the first of their notices must leave by"
        " Monday 2 March 2026, 24:00 (Europe/Paris)."
    )


def test_what_waits_already_is_counted_in():
    limits = SendingLimits(per_hour=500)
    estimate = estimate_sending(Waiting(400, others=100), limits, at=AT)
    verdict = judge_end([], estimate.ends_at, at=AT)
    assert draft_sentences(400, estimate, verdict, limits, EN, others=100, at=AT) == (
        "400 mails under a quota of 500 an hour take about 1 hour, until about 11:08.",
        "100 mails that wait already are counted in: they may go first.",
    )


def test_nothing_to_send_says_nothing():
    limits = SendingLimits()
    estimate = estimate_sending(Waiting(0), limits, at=AT)
    verdict = judge_end([], estimate.ends_at, at=AT)
    assert draft_sentences(0, estimate, verdict, limits, EN, at=AT) == ()
    assert verdict_sentences(verdict, EN) == ()


def test_while_on_its_way():
    estimate = estimate_sending(Waiting(600), SendingLimits(per_hour=600), at=AT)
    said = end_sentence(estimate, EN, is_held_back=False, at=AT)
    assert said == "Expected end: about 11:08 (in 1 hour)."
    held = end_sentence(estimate, EN, is_held_back=True, at=AT)
    assert held == "Once sending goes on it takes about 1 hour more."


def test_too_late_and_late_together():
    over = LatestSending(AT - HOUR, 1, "b")
    verdict = judge_end([over, MIDNIGHT], AT + 20 * HOUR, at=AT)
    missed, at_risk = verdict_sentences(verdict, EN)
    assert missed.startswith("Too late for 1 agreement: its notice had to leave by Monday 2 March")
    assert at_risk.startswith("Sending may end too late for 3 agreements")


@pytest.mark.parametrize(
    ("rate", "said"),
    [(None, ""), (1.0, "60 a minute"), (0.05, "3 a minute"), (40, "2,400 a minute")],
)
def test_rates(rate: float | None, said: str):
    assert rate_words(rate, EN) == said
