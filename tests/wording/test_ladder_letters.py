"""What a registered letter that takes the place of a mail says of its period, word for word."""

from dataclasses import replace
from typing import Any

import pytest

from subnotify.rules.letter_counts import LetterWay
from subnotify.rules.terms import DeemedReceipt, NoticeRule, NoticeTerms, Period
from subnotify.rules.terms_words import (
    ChannelChoice,
    Closes,
    DeemedKind,
    RuleScope,
    RunsFrom,
    ServedWhen,
)
from subnotify.rules.words import Channel, ContactKind, ProofKind
from subnotify.wording.deadlines import expected_deadline_sentences
from subnotify.wording.mail_notice import deadline_sentences
from tests.support.letter_words import notice
from tests.wording.telling import FIFTEEN, w

LADDER = LetterWay(Channel.REGISTERED_POST, is_fallback=True)
TERMS = replace(FIFTEEN, receipt_fallback_days=10, served_when=ServedWhen.ANY)
DEEMED = DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=2)
WITHIN = {
    "en": "You can object within 15 days from receipt of this notice.",
    "fr": "Vous pouvez vous opposer dans un délai de 15 jours à compter de la réception de la"
    " présente notification.",
}
BY_HAND = {
    "en": "The period runs from the day on which this registered letter is handed to you, or from"
    " the day on which you acknowledge receipt through your personal link, if that is earlier.",
    "fr": "Le délai court à compter du jour où la présente lettre recommandée vous est remise, ou"
    " du jour où vous en accusez réception par votre lien personnel s’il est antérieur.",
}


def told(terms: NoticeTerms, language: str = "en", **changed: Any) -> list[str]:
    return [*expected_deadline_sentences(terms, None, w(language), letter=LADDER, **changed)]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "chosen",
    [
        {"runs_from": RunsFrom.RECEIPT},
        {"runs_from": RunsFrom.DISPATCH},
        {"runs_from": RunsFrom.RECEIPT, "deemed_receipt": DEEMED},
    ],
    ids=["receipt", "dispatch", "deemed"],
)
def test_it_counts_from_its_receipt_whatever_the_terms_run_from(
    chosen: dict[str, Any], language: str
) -> None:
    assert told(replace(TERMS, **chosen), language) == [WITHIN[language], BY_HAND[language]]


def test_a_silent_clause_is_still_said_to_be_silent() -> None:
    silent = replace(TERMS, runs_from=RunsFrom.UNSPECIFIED)
    assert told(silent)[1].startswith("Your agreement does not say from when the period runs")
    assert told(silent)[2] == BY_HAND["en"]


def test_what_is_counted_back_from_the_change_is_not_told_to_run_from_receipt() -> None:
    backward = replace(TERMS, runs_from=RunsFrom.COMMENCEMENT_BACKWARD)
    assert told(backward) == ["You can object until 15 days before the change takes effect."]
    to_the_end = replace(TERMS, closes=Closes.COMMENCEMENT)
    assert told(to_the_end) == ["You can object until the change takes effect."]


def test_where_the_clause_names_post_it_is_that_post() -> None:
    either = replace(
        TERMS,
        channels=(Channel.EMAIL, Channel.POST),
        channel_choice=ChannelChoice.ANY,
        runs_from=RunsFrom.DISPATCH,
    )
    assert told(either) == ["You can object within 15 days from the sending of this notice."]
    deemed = replace(either, runs_from=RunsFrom.RECEIPT, deemed_receipt=DEEMED)
    assert told(deemed)[1].startswith("A notice counts as received 2 days after dispatch")
    unproved = replace(
        either,
        runs_from=RunsFrom.RECEIPT,
        receipt_fallback_days=None,
        proof_of_receipt=frozenset({ProofKind.RECIPIENT_SERVER}),
    )
    assert told(unproved)[1] == (
        "It counts as received when you acknowledge receipt through your personal link."
    )


def test_rules_for_some_changes_are_told_as_they_count() -> None:
    rule = NoticeRule(RuleScope.THIRD_COUNTRY, objection_period=Period(30))
    ruled = replace(TERMS, runs_from=RunsFrom.DISPATCH, notice_rules=(rule,))
    first, second = told(ruled)
    assert "within 30 days from receipt" in first
    assert "within 15 days from receipt" in first
    assert second == BY_HAND["en"]


def test_a_copy_says_what_the_terms_say_of_the_notice() -> None:
    copy = notice(TERMS, letter=LetterWay(Channel.POST), contact_kind=ContactKind.COPY)
    assert deadline_sentences(copy, w())[1] == (
        "It counts as received when your mail server accepts it."
    )
