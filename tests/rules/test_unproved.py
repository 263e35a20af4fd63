"""What is missing of a notice that went out, is not refused, and does not count as given."""

import pytest

from subnotify.rules.contradictions import contradictions
from subnotify.rules.serving import Proof
from subnotify.rules.terms_words import ChannelChoice, RunsFrom
from subnotify.rules.unproved import Unproved, WhyUnproved, find_unproved
from subnotify.rules.words import Channel, HoldReason, ProofKind
from tests.rules.test_serving_by_post import (
    ACK,
    CARD,
    MAIL,
    PLAIN,
    PRESENTED,
    REGISTERED,
    SERVER,
    T0,
    THREE_DAYS,
    after,
    by,
    letter,
    mail,
)

NOBODY = frozenset()
DISPATCHED = {"runs_from": RunsFrom.DISPATCH, "proof_of_receipt": NOBODY}


LATE = after(60)


def why(terms, *deliveries, with_post=(1,), at=LATE) -> list[WhyUnproved]:
    found = find_unproved(terms, deliveries, dispatched_at=T0, with_post=with_post, at=at)
    return [one.why for one in found]


@pytest.mark.parametrize(
    ("terms", "delivery", "expected"),
    [
        (by(MAIL), mail(None), "not_sent"),
        (by(MAIL), mail(0), "nothing_came"),
        (by(MAIL, proof_of_receipt=frozenset({CARD})), mail(0), "no_proof_possible"),
        (by(REGISTERED), letter(None), "not_posted"),
        (by(REGISTERED), letter(1), "card_missing"),
        (by(REGISTERED, proof_of_receipt=frozenset({ACK})), letter(1), "only_acknowledged"),
        (by(REGISTERED, proof_of_receipt=frozenset({SERVER})), letter(1), "no_proof_possible"),
        (by(PLAIN), letter(1, channel=PLAIN), "only_acknowledged"),
        (
            by(PLAIN, proof_of_receipt=frozenset({CARD, SERVER})),
            letter(1, channel=PLAIN),
            "no_proof_possible",
        ),
        (
            by(REGISTERED, deemed_receipt=PRESENTED, proof_of_receipt=NOBODY),
            letter(1, received=3),
            "presentation_missing",
        ),
        (by(REGISTERED, **DISPATCHED), letter(1, received=3, known=False), "posting_missing"),
        (
            by(PLAIN, deemed_receipt=THREE_DAYS, proof_of_receipt=NOBODY),
            letter(1, channel=PLAIN, known=False),
            "posting_missing",
        ),
        (by(REGISTERED, deemed_receipt=THREE_DAYS), letter(1), "card_missing"),
        (
            by(MAIL, proof_of_receipt=frozenset({SERVER, ACK})),
            letter(1, ladder=True),
            "only_acknowledged",
        ),
        (by(MAIL, receipt_fallback_days=10), letter(1, ladder=True), "card_missing"),
    ],
)
def test_what_is_missing_of_a_mail_or_letter(terms, delivery, expected: str) -> None:
    assert why(terms, delivery) == [expected]


def test_where_a_registered_letter_follows() -> None:
    terms = by(MAIL, receipt_fallback_days=10)
    assert why(terms, mail(0), at=after(5)) == [WhyUnproved.LETTER_FOLLOWS]
    assert why(terms, mail(0), at=after(11)) == [WhyUnproved.NOTHING_CAME]
    # The letter would have to go somewhere: one asks for the address before the days are over.
    assert why(terms, mail(0), at=after(5), with_post=()) == [WhyUnproved.NO_POSTAL_ADDRESS]


def test_nothing_is_missing_of_what_serves_or_is_known_to_have_failed() -> None:
    assert why(by(MAIL), mail(0, Proof(SERVER, T0))) == []
    assert why(by(MAIL), mail(0, failure=HoldReason.BOUNCED)) == []
    assert why(by(REGISTERED), mail(0), letter(1, received=3)) == []
    assert why(by(PLAIN, **DISPATCHED), letter(1, channel=PLAIN)) == []


def test_each_contact_is_named_and_one_that_is_reached_is_not() -> None:
    terms = by(REGISTERED)
    given = [letter(1, received=2), letter(1, contact=2)]
    found = find_unproved(terms, given, dispatched_at=after(1), with_post=(), at=after(60))
    assert found == (Unproved(WhyUnproved.CARD_MISSING, 2, REGISTERED),)


def test_of_several_ways_each_that_could_serve_is_told() -> None:
    either = by(MAIL, REGISTERED)
    assert why(either, mail(0), letter(1)) == ["nothing_came", "card_missing"]
    both = by(MAIL, REGISTERED, choice=ChannelChoice.EVERY)
    assert why(both, mail(0, Proof(SERVER, T0)), letter(None)) == ["not_posted"]


@pytest.mark.parametrize(
    ("terms", "is_warned"),
    [
        (by(PLAIN), True),
        (by(PLAIN, proof_of_receipt=frozenset({CARD})), True),
        (by(MAIL, PLAIN, choice=ChannelChoice.EVERY), True),
        # A mail is enough: the letter goes to who has no email address, and can be acknowledged.
        (by(MAIL, PLAIN), False),
        (by(MAIL, PLAIN, proof_of_receipt=frozenset({SERVER})), True),
        (by(PLAIN, runs_from=RunsFrom.DISPATCH), True),
        (by(PLAIN, **DISPATCHED), False),
        (by(PLAIN, deemed_receipt=THREE_DAYS, proof_of_receipt=NOBODY), False),
        (by(PLAIN, deemed_receipt=THREE_DAYS, proof_of_receipt=frozenset({CARD})), True),
        (
            by(
                PLAIN,
                deemed_receipt=THREE_DAYS,
                proof_of_receipt=frozenset({CARD, ProofKind.DEEMED}),
            ),
            False,
        ),
        (by(PLAIN, proof_of_receipt=NOBODY), False),
        (by(REGISTERED), False),
        (by(PLAIN, REGISTERED), False),
        (by(MAIL), False),
        (by(Channel.LIST_PUBLICATION), False),
    ],
)
def test_terms_by_plain_post_that_nothing_can_prove_are_told_to_legal(terms, is_warned) -> None:
    found = [problem for problem in contradictions(terms) if "plain post" in problem.message]
    assert [problem.where for problem in found] == (["proof_of_receipt"] if is_warned else [])
