"""Notices on paper: which letters serve, by which of their days, and which do not any more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.deliveries import list_deemed
from subnotify.rules.presets import PRESETS
from subnotify.rules.serving import (
    Delivery,
    Proof,
    Serving,
    judge_served_notice,
    judge_serving,
)
from subnotify.rules.terms import DeemedReceipt, NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import ChannelChoice, DeemedKind, RunsFrom, ServedWhen
from subnotify.rules.words import Channel, HoldReason, NoticeState, ProofKind

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAIL, PLAIN, REGISTERED = Channel.EMAIL, Channel.POST, Channel.REGISTERED_POST
SERVER, ACK, CARD = (
    ProofKind.RECIPIENT_SERVER,
    ProofKind.ACKNOWLEDGEMENT,
    ProofKind.REGISTERED_DELIVERY,
)
RETURNED = HoldReason.LETTER_RETURNED
PRESENTED = DeemedReceipt(DeemedKind.FIRST_PRESENTATION)
THREE_DAYS = DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=3)


def after(days: float) -> datetime:
    return T0 + timedelta(days=days)


def by(*channels: Channel, choice: ChannelChoice = ChannelChoice.ANY, **chosen) -> NoticeTerms:
    terms = replace(
        PRESETS["fr-15-days"],
        channels=channels,
        channel_choice=choice,
        proof_of_receipt=frozenset({SERVER, ACK, CARD}),
    )
    return replace(terms, **chosen)


def mail(days: float | None = 0, *proofs: Proof, failure: HoldReason | None = None) -> Delivery:
    at = None if days is None else after(days)
    return Delivery(at, failure, "550 no", proofs, contact_id=1)


def letter(
    posted: float | None,
    *,
    received: float | None = None,
    presented: float | None = None,
    channel: Channel = REGISTERED,
    returned: bool = False,
    ladder: bool = False,
    known: bool = True,
    contact: int = 1,
) -> Delivery:
    return Delivery(
        None if posted is None else after(posted),
        RETURNED if returned else None,
        "",
        () if received is None else (Proof(CARD, after(received)),),
        contact_id=contact,
        channel=channel,
        presented_at=None if presented is None else after(presented),
        is_posting_known=known,
        is_fallback=ladder,
    )


def brought_in(delivery: Delivery) -> Delivery:
    return replace(delivery, is_brought_in=True)


def served(judged: Serving) -> float | None:
    """Days until the trigger; None where it is not served."""
    if judged.trigger_at is None:
        return None
    return (judged.trigger_at - T0) / timedelta(days=1)


def test_registered_post_by_its_receipt() -> None:
    terms = by(REGISTERED)
    assert judge_serving(terms, [letter(None)]).state is NoticeState.QUEUED
    posted = judge_serving(terms, [letter(1)])
    assert (posted.state, posted.dispatched_at) == (NoticeState.SERVING, after(1))
    judged = judge_serving(terms, [letter(1, received=4)])
    assert (served(judged), judged.proof) == (4, CARD)


def test_a_mail_beside_the_post_that_the_clause_asks_for_informs_and_no_more() -> None:
    terms = by(REGISTERED)
    read = mail(0, Proof(SERVER, T0), Proof(ACK, after(1)))
    assert judge_serving(terms, [read, letter(1)]).state is NoticeState.SERVING
    bounced = mail(0, failure=HoldReason.BOUNCED)
    assert served(judge_serving(terms, [bounced, letter(1, received=4)])) == 4
    # Nothing goes to the contact by the channel of the terms: it is not served.
    assert judge_serving(terms, [read]).failure is HoldReason.NOT_SERVED


def test_a_letter_is_nothing_where_the_clause_names_only_email() -> None:
    terms = by(MAIL)
    assert judge_serving(terms, [mail(0), letter(1, received=4)]).state is NoticeState.SERVING


def test_a_registered_letter_is_post_but_plain_post_is_not_registered() -> None:
    assert served(judge_serving(by(PLAIN), [letter(1, received=4)])) == 4
    plain = letter(1, channel=PLAIN)
    dispatch = by(REGISTERED, runs_from=RunsFrom.DISPATCH, proof_of_receipt=frozenset())
    assert judge_serving(dispatch, [plain]).failure is HoldReason.NOT_SERVED


@pytest.mark.parametrize("channel", [PLAIN, REGISTERED])
def test_by_dispatch_the_day_of_posting_counts_once_it_is_known(channel: Channel) -> None:
    terms = by(channel, runs_from=RunsFrom.DISPATCH, proof_of_receipt=frozenset())
    judged = judge_serving(terms, [letter(1, channel=channel)])
    assert (served(judged), judged.proof) == (1, ProofKind.DISPATCH)
    # It was received, so it was posted: nobody knows on which day yet.
    unknown = judge_serving(terms, [letter(4, channel=channel, known=False)])
    assert (unknown.state, unknown.dispatched_at) == (NoticeState.SERVING, after(4))


def test_plain_post_by_the_deemed_days_of_the_clause() -> None:
    terms = by(PLAIN, deemed_receipt=THREE_DAYS, proof_of_receipt=frozenset())
    judged = judge_serving(terms, [letter(1, channel=PLAIN)])
    # The window adds the days to the dispatch.
    assert (served(judged), judged.proof) == (1, ProofKind.DEEMED)


def test_by_first_presentation() -> None:
    terms = by(REGISTERED, deemed_receipt=PRESENTED, proof_of_receipt=frozenset())
    assert not_computable(terms) is None
    assert judge_serving(terms, [letter(1)]).state is NoticeState.SERVING
    judged = judge_serving(terms, [letter(1, presented=3, received=6)])
    assert (served(judged), judged.proof) == (3, ProofKind.DEEMED)
    # When it was presented is not said by its receipt.
    assert judge_serving(terms, [letter(1, received=6)]).state is NoticeState.SERVING


def test_a_mail_is_presented_to_nobody() -> None:
    either = by(MAIL, REGISTERED, deemed_receipt=PRESENTED)
    assert not_computable(either) is None
    assert served(judge_serving(either, [mail(0, Proof(ACK, after(2)))])) == 2
    assert not_computable(by(MAIL, deemed_receipt=PRESENTED)) == "first_presentation"
    assert not_computable(by(PLAIN, deemed_receipt=PRESENTED)) == "first_presentation"
    both = by(MAIL, REGISTERED, choice=ChannelChoice.EVERY, deemed_receipt=PRESENTED)
    assert not_computable(both) is None
    assert not_computable(replace(both, proof_of_receipt=frozenset())) == "proof_of_receipt"


@pytest.mark.parametrize(
    ("chosen", "serves"),
    [
        ({}, False),
        ({"runs_from": RunsFrom.DISPATCH, "proof_of_receipt": frozenset()}, False),
        ({"deemed_receipt": THREE_DAYS, "proof_of_receipt": frozenset()}, True),
        ({"deemed_receipt": PRESENTED, "proof_of_receipt": frozenset()}, True),
        ({"deemed_receipt": THREE_DAYS}, False),
        (
            {"deemed_receipt": THREE_DAYS, "proof_of_receipt": frozenset({CARD, ProofKind.DEEMED})},
            True,
        ),
    ],
)
def test_a_letter_that_came_back_is_not_served_unless_the_terms_deem_it(
    chosen: dict[str, object], serves: bool
) -> None:
    came_back = letter(1, presented=3, returned=True)
    for judge in (judge_serving, judge_served_notice):
        judged = judge(by(REGISTERED, **chosen), [came_back])
        assert (judged.state is NoticeState.SERVED) == serves
        assert serves or judged.failure is RETURNED


def test_a_letter_that_was_never_presented_is_not_deemed_presented() -> None:
    terms = by(REGISTERED, deemed_receipt=PRESENTED, proof_of_receipt=frozenset())
    assert judge_serving(terms, [letter(1, returned=True)]).failure is RETURNED


def test_what_came_back_is_not_deemed_received_while_nobody_knows_when_it_was_posted() -> None:
    terms = by(PLAIN, deemed_receipt=THREE_DAYS, proof_of_receipt=frozenset())
    unknown = letter(2, channel=PLAIN, returned=True, known=False)
    for judge in (judge_serving, judge_served_notice):
        judged = judge(terms, [unknown])
        assert (judged.state, judged.failure) == (NoticeState.NOT_SERVED, RETURNED)
        assert served(judge(terms, [replace(unknown, is_posting_known=True)])) == 2
    assert list_deemed(terms, [unknown, letter(2, returned=True)]) == [letter(2, returned=True)]
    assert list_deemed(by(PLAIN), [letter(2, returned=True)]) == []
    assert list_deemed(None, [letter(2, returned=True)]) == []


def test_where_one_channel_is_enough_a_dead_mailbox_leaves_the_letter() -> None:
    terms = by(MAIL, PLAIN, proof_of_receipt=frozenset({SERVER, ACK}), deemed_receipt=THREE_DAYS)
    assert judge_serving(
        terms, [mail(None, failure=HoldReason.NOT_SERVED), letter(None)]
    ).state is (NoticeState.QUEUED)
    receipt = by(MAIL, REGISTERED)
    dead = mail(0, failure=HoldReason.BOUNCED)
    under_way = [dead, letter(1)]
    assert judge_serving(receipt, under_way).state is NoticeState.SERVING
    # It counted as served by the mail: that is over, until the letter serves.
    assert judge_served_notice(receipt, under_way).failure is HoldReason.BOUNCED
    assert served(judge_serving(receipt, [dead, letter(1, received=4)])) == 4
    assert judge_serving(receipt, [dead, letter(1, returned=True)]).failure is HoldReason.BOUNCED
    assert served(judge_serving(receipt, [mail(0, Proof(SERVER, T0)), letter(1, received=4)])) == 0


def test_where_every_channel_is_needed_the_latest_counts() -> None:
    terms = by(MAIL, REGISTERED, choice=ChannelChoice.EVERY)
    read = mail(0, Proof(SERVER, T0))
    assert judge_serving(terms, [read, letter(None)]).state is NoticeState.SERVING
    assert judge_serving(terms, [read, letter(1)]).state is NoticeState.SERVING
    assert served(judge_serving(terms, [read, letter(1, received=4)])) == 4
    assert served(judge_serving(terms, [mail(0, Proof(ACK, after(9))), letter(1, received=4)])) == 9
    dead = mail(None, failure=HoldReason.NOT_SERVED)
    assert judge_serving(terms, [dead, letter(1, received=4)]).failure is HoldReason.NOT_SERVED
    assert judge_serving(terms, [read, letter(1, returned=True)]).failure is RETURNED
    assert judge_serving(terms, [read]).state is NoticeState.NOT_SERVED


FALLBACK = {"receipt_fallback_days": 10}


def test_the_ladders_letter_counts_from_its_receipt_also_under_terms_by_email() -> None:
    terms = by(MAIL, proof_of_receipt=frozenset({ACK}), **FALLBACK)
    unproved = mail(0, Proof(SERVER, T0))
    assert judge_serving(terms, [unproved, letter(12, ladder=True)]).state is NoticeState.SERVING
    judged = judge_serving(terms, [unproved, letter(12, received=15, ladder=True)])
    assert (served(judged), judged.proof, judged.dispatched_at) == (15, CARD, T0)
    dead = mail(0, failure=HoldReason.BOUNCED)
    assert served(judge_serving(terms, [dead, letter(12, received=15, ladder=True)])) == 15
    assert judge_serving(terms, [dead, letter(12, ladder=True)]).state is NoticeState.SERVING
    came_back = [dead, letter(12, ladder=True, returned=True)]
    assert judge_serving(terms, came_back).failure is HoldReason.BOUNCED


def test_once_the_ladders_letter_left_no_earlier_day_of_the_mail_counts() -> None:
    """The letter says that the period runs from its receipt, or from the acknowledgement."""
    for chosen in ({}, {"runs_from": RunsFrom.DISPATCH}):
        terms = by(MAIL, proof_of_receipt=frozenset({SERVER, ACK}), **FALLBACK, **chosen)
        from_mail = 0 if chosen else 1
        late = mail(0, Proof(SERVER, after(1)))
        assert served(judge_serving(terms, [late, letter(None, ladder=True)])) == from_mail
        left = judge_serving(terms, [late, letter(12, ladder=True)])
        assert left.state is NoticeState.SERVING
        received = letter(12, received=15, ladder=True)
        assert served(judge_serving(terms, [late, received])) == 15
        acknowledged = mail(0, Proof(ACK, after(13)))
        assert served(judge_serving(terms, [acknowledged, received])) == 13
        before = mail(0, Proof(ACK, after(11)))
        assert served(judge_serving(terms, [before, received])) == (0 if chosen else 11)


def test_no_dispatch_and_no_deeming_lets_the_ladders_letter_serve_unread() -> None:
    for chosen in (
        {"runs_from": RunsFrom.DISPATCH, "proof_of_receipt": frozenset()},
        {"deemed_receipt": THREE_DAYS, "proof_of_receipt": frozenset()},
    ):
        terms = by(MAIL, **FALLBACK, **chosen)
        dead = mail(0, failure=HoldReason.BOUNCED)
        assert served(judge_serving(terms, [dead, letter(2, ladder=True)])) is None
        assert served(judge_serving(terms, [dead, letter(2, received=5, ladder=True)])) == 5
        back = judge_serving(terms, [dead, letter(2, returned=True, ladder=True)])
        assert back.state is NoticeState.NOT_SERVED


def test_where_the_clause_names_post_the_ladders_letter_is_that_post() -> None:
    either = by(MAIL, PLAIN, deemed_receipt=THREE_DAYS, proof_of_receipt=frozenset())
    dead = mail(0, failure=HoldReason.BOUNCED)
    assert served(judge_serving(either, [dead, letter(2, ladder=True)])) == 2
    both = replace(either, channel_choice=ChannelChoice.EVERY)
    lost = judge_serving(both, [dead, letter(2, received=5, ladder=True)])
    assert lost.failure is HoldReason.BOUNCED


def test_without_a_word_on_such_letters_only_the_clients_own_counts() -> None:
    terms = by(MAIL, proof_of_receipt=frozenset({SERVER}))
    dead = mail(0, failure=HoldReason.BOUNCED)
    received = letter(2, received=5, ladder=True)
    assert judge_serving(terms, [dead, received]).state is NoticeState.SERVING
    said = replace(received, proofs=(*received.proofs, Proof(ACK, after(6))))
    assert served(judge_serving(terms, [dead, said])) == 6
    # By the link of the mail, once the letter was on its way; before, the mail alone was.
    late = replace(dead, proofs=(Proof(ACK, after(7)),))
    assert served(judge_serving(terms, [late, received])) == 7
    early = replace(dead, proofs=(Proof(ACK, after(1)),))
    assert served(judge_serving(terms, [early, received])) is None


def test_every_contact_is_needed_whichever_way_it_is_reached() -> None:
    terms = by(MAIL, REGISTERED)
    first, second = mail(0, Proof(SERVER, T0)), letter(1, received=4, contact=2)
    assert served(judge_serving(terms, [first, second])) == 4
    assert served(judge_serving(terms, [first, letter(1, contact=2)])) is None
    anyone = replace(terms, served_when=ServedWhen.ANY)
    assert served(judge_serving(anyone, [first, letter(1, returned=True, contact=2)])) == 0


def test_a_letter_brought_in_counts_as_the_clause_says() -> None:
    for terms in (by(REGISTERED), by(PLAIN), by(MAIL, REGISTERED)):
        assert served(judge_serving(terms, [brought_in(letter(1, received=4))])) == 4
    by_dispatch = replace(by(REGISTERED), runs_from=RunsFrom.DISPATCH, proof_of_receipt=frozenset())
    assert served(judge_serving(by_dispatch, [brought_in(letter(1))])) == 1
    plain = brought_in(letter(1, channel=PLAIN))
    assert served(judge_serving(by_dispatch, [plain])) is None
    every = replace(by_dispatch, channels=(MAIL, REGISTERED), channel_choice=ChannelChoice.EVERY)
    assert served(judge_serving(every, [brought_in(letter(1))])) is None
    assert served(judge_serving(every, [brought_in(letter(1)), mail(2)])) == 2


def test_a_letter_brought_in_beside_a_clause_of_email_counts_from_its_proved_receipt() -> None:
    terms = replace(by(MAIL), runs_from=RunsFrom.DISPATCH, proof_of_receipt=frozenset({ACK}))
    said = replace(letter(1, channel=PLAIN), proofs=(Proof(ACK, after(4)),))
    acknowledged = brought_in(said)
    assert served(judge_serving(terms, [acknowledged])) == 4
    assert served(judge_serving(terms, [brought_in(letter(1))])) is None
    assert served(judge_serving(terms, [brought_in(letter(1, received=4))])) is None
    without = replace(terms, proof_of_receipt=frozenset())
    assert served(judge_serving(without, [acknowledged])) is None


days = st.none() | st.integers(0, 20)
letters = st.builds(
    letter,
    days,
    received=days,
    presented=days,
    channel=st.sampled_from([PLAIN, REGISTERED]),
    returned=st.booleans(),
    ladder=st.booleans(),
    known=st.booleans(),
    contact=st.integers(1, 3),
)
mails = st.builds(
    Delivery,
    handed_over_at=st.sampled_from([None, T0]),
    failure=st.sampled_from([None, HoldReason.BOUNCED, HoldReason.NOT_SERVED]),
    proofs=st.lists(
        st.builds(Proof, st.sampled_from([SERVER, ACK]), st.integers(0, 20).map(after)),
        max_size=2,
    ).map(tuple),
    contact_id=st.integers(1, 3),
)
terms_by_post = st.builds(
    by,
    st.sampled_from([MAIL, PLAIN, REGISTERED]),
    st.sampled_from([MAIL, PLAIN, REGISTERED]),
    choice=st.sampled_from([ChannelChoice.ANY, ChannelChoice.EVERY]),
    runs_from=st.sampled_from([RunsFrom.RECEIPT, RunsFrom.DISPATCH]),
    deemed_receipt=st.sampled_from([None, THREE_DAYS, PRESENTED]),
    proof_of_receipt=st.frozensets(st.sampled_from([SERVER, ACK, CARD, ProofKind.DEEMED])),
    receipt_fallback_days=st.sampled_from([None, 10]),
    served_when=st.sampled_from(ServedWhen),
)


@given(terms_by_post, st.lists(letters | mails, max_size=6))
def test_served_means_that_something_sound_reached_each_contact(
    terms: NoticeTerms, drawn: list[Delivery]
) -> None:
    judged = judge_serving(terms, drawn)
    is_served = judged.state is NoticeState.SERVED
    assert is_served == (judged.trigger_at is not None) == (judged.proof is not None)
    if not is_served:
        return
    assert not_computable(terms) is None
    reached = {x.contact_id for x in drawn if _could_serve(x, terms)}
    contacts = {x.contact_id for x in drawn}
    assert reached if terms.served_when is ServedWhen.ANY else reached == contacts
    assert judged.trigger_at is not None
    assert judged.trigger_at >= min(x.handed_over_at for x in drawn if x.handed_over_at)


def _could_serve(delivery: Delivery, terms: NoticeTerms) -> bool:
    """Said once more, coarsely: it left, it did not come back undeemed, and what must be known of
    it is known."""
    if delivery.handed_over_at is None:
        return False
    deems = terms.deemed_receipt is not None
    if delivery.failure is not None and not (deems and delivery.failure is RETURNED):
        return False
    if delivery.is_fallback or not terms.waits_for_receipt:
        return True
    return any(x.kind in terms.proof_of_receipt for x in delivery.proofs)


@given(terms_by_post, st.lists(letters | mails, min_size=1, max_size=5))
def test_what_comes_back_never_serves(terms: NoticeTerms, drawn: list[Delivery]) -> None:
    """Whatever served, once each mail and letter came back without a clause that deems it, the
    notice is not served: before and after it counted as served."""
    terms = replace(terms, deemed_receipt=None)
    lost = [
        replace(x, failure=HoldReason.BOUNCED if x.channel is MAIL else RETURNED) for x in drawn
    ]
    for judge in (judge_serving, judge_served_notice):
        assert judge(terms, lost).state is NoticeState.NOT_SERVED
