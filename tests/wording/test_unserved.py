"""Why a notice does not count as given yet, as legal reads it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from subnotify.rules.terms_words import ChannelChoice
from subnotify.rules.words import Channel, HoldReason, NoticeState, ProofKind
from subnotify.wording.language import Wording
from subnotify.wording.unserved import unserved_sentences
from tests.support.scenario import FIFTEEN, terms_of

PARIS = ZoneInfo("Europe/Paris")
W = Wording("en", PARIS)


def test_the_proof_that_the_agreement_waits_for_is_named():
    terms = replace(terms_of(FIFTEEN), proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}))
    assert unserved_sentences(NoticeState.SERVING, None, terms, W) == (
        "Under the agreement it counts as given once the client acknowledges receipt.",
        "If that does not come, ask the client, or serve the notice anew.",
    )


def test_where_a_letter_follows_by_itself_the_days_are_said():
    terms = replace(terms_of(FIFTEEN), receipt_fallback_days=10)
    said = unserved_sentences(NoticeState.SERVING, None, terms, W)
    assert "within 10 days of dispatch, a registered letter follows by itself" in said[1]


@pytest.mark.parametrize(
    ("channels", "choice", "follows"),
    [
        ((Channel.REGISTERED_POST,), ChannelChoice.UNSPECIFIED, False),
        ((Channel.EMAIL, Channel.REGISTERED_POST), ChannelChoice.EVERY, False),
        ((Channel.EMAIL, Channel.REGISTERED_POST), ChannelChoice.ANY, True),
        ((Channel.POST,), ChannelChoice.UNSPECIFIED, True),
    ],
)
def test_no_second_registered_letter_is_announced(channels, choice, follows):
    terms = replace(
        terms_of(FIFTEEN), receipt_fallback_days=10, channels=channels, channel_choice=choice
    )
    said = unserved_sentences(NoticeState.SERVING, None, terms, W)
    assert ("follows by itself" in said[1]) is follows


def test_several_proofs_are_listed_in_french_too():
    terms = replace(
        terms_of(FIFTEEN),
        proof_of_receipt=frozenset({ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT}),
    )
    said = unserved_sentences(NoticeState.SERVING, None, terms, Wording("fr", PARIS))[0]
    assert "le serveur de messagerie du client" in said and " ou " in said


def test_without_a_proof_to_wait_for_a_mail_is_still_to_leave():
    terms = replace(terms_of(FIFTEEN), proof_of_receipt=frozenset({ProofKind.DEEMED}))
    said = unserved_sentences(NoticeState.SERVING, None, terms, W)
    assert "every notice contact" in said[0] or "no date can be computed" in said[0]


@pytest.mark.parametrize(
    ("state", "failure", "said"),
    [
        (NoticeState.SERVED, None, ""),
        (NoticeState.QUEUED, None, "not left"),
        (NoticeState.SERVING, None, "no notice terms on record"),
        (NoticeState.NOT_SERVED, HoldReason.NO_NOTICE_CONTACT, "no contact who"),
        (NoticeState.NOT_SERVED, HoldReason.NOT_SERVED, "refused"),
        (NoticeState.NOT_SERVED, None, ""),
    ],
)
def test_each_other_state_says_what_is_the_matter(state, failure, said):
    assert said in " ".join(unserved_sentences(state, failure, None, W))
    assert bool(said) == bool(unserved_sentences(state, failure, None, W))
