"""Whether a notice counts as given: which contact, which proof, which instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from subnotify.rules.presets import PRESETS
from subnotify.rules.serving import Delivery, Proof, judge_served_notice, judge_serving
from subnotify.rules.terms_words import RunsFrom, ServedWhen
from subnotify.rules.words import HoldReason, NoticeState, ProofKind

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
SERVER = ProofKind.RECIPIENT_SERVER
ACK = ProofKind.ACKNOWLEDGEMENT
TERMS = replace(PRESETS["fr-15-days"], proof_of_receipt=frozenset({SERVER, ACK}))


def sent(hours: int, *proofs: Proof, failure: HoldReason | None = None) -> Delivery:
    return Delivery(T0 + timedelta(hours=hours), failure, "550 no", proofs)


def test_receipt_needs_a_proof_that_the_terms_accept() -> None:
    assert judge_serving(TERMS, [sent(0)]).state is NoticeState.SERVING
    only_ack = replace(TERMS, proof_of_receipt=frozenset({ACK}))
    by_server = [sent(0, Proof(SERVER, T0))]
    assert judge_serving(only_ack, by_server).state is NoticeState.SERVING
    served = judge_serving(TERMS, by_server)
    assert (served.state, served.trigger_at, served.proof) == (NoticeState.SERVED, T0, SERVER)


def test_every_contact_and_the_latest_instant_counts() -> None:
    late = T0 + timedelta(hours=30)
    first = sent(0, Proof(SERVER, T0))
    assert judge_serving(TERMS, [first, sent(1)]).state is NoticeState.SERVING
    served = judge_serving(TERMS, [first, sent(1, Proof(SERVER, late), Proof(ACK, late))])
    assert (served.trigger_at, served.proof) == (late, ACK)


def test_one_refused_address_is_enough_not_to_be_served() -> None:
    refused = Delivery(None, HoldReason.NOT_SERVED, "550 no such user")
    judged = judge_serving(TERMS, [sent(0, Proof(SERVER, T0)), refused])
    assert (judged.state, judged.failure_text) == (NoticeState.NOT_SERVED, "550 no such user")
    anyone = replace(TERMS, served_when=ServedWhen.ANY)
    assert judge_serving(anyone, [sent(0, Proof(SERVER, T0)), refused]).state is NoticeState.SERVED


def test_a_bounce_outweighs_the_proof() -> None:
    bounced = sent(0, Proof(SERVER, T0), failure=HoldReason.BOUNCED)
    assert judge_serving(TERMS, [bounced]).failure is HoldReason.BOUNCED


def test_dispatch_counts_from_the_hand_over_but_asks_for_the_proof_the_terms_want() -> None:
    dispatch = replace(TERMS, runs_from=RunsFrom.DISPATCH)
    assert judge_serving(dispatch, [sent(2)]).state is NoticeState.SERVING
    judged = judge_serving(dispatch, [sent(2, Proof(ACK, T0 + timedelta(days=1)))])
    assert judged.trigger_at == T0 + timedelta(hours=2)
    bare = replace(dispatch, proof_of_receipt=frozenset())
    assert judge_serving(bare, [sent(2)]).proof is ProofKind.DISPATCH


def test_nobody_to_serve_and_nothing_to_compute() -> None:
    assert judge_serving(TERMS, []).failure is HoldReason.NO_NOTICE_CONTACT
    unknown = judge_serving(None, [sent(0, Proof(SERVER, T0))])
    assert (unknown.state, unknown.dispatched_at) == (NoticeState.SERVING, T0)
    assert judge_serving(TERMS, [Delivery()]).state is NoticeState.QUEUED


proofs = st.lists(
    st.builds(
        Proof,
        st.sampled_from(ProofKind),
        st.integers(0, 200).map(lambda hours: T0 + timedelta(hours=hours)),
    ),
    max_size=3,
).map(tuple)
deliveries = st.lists(
    st.builds(
        Delivery,
        handed_over_at=st.one_of(st.none(), st.just(T0)),
        failure=st.sampled_from([None, None, None, HoldReason.BOUNCED, HoldReason.NOT_SERVED]),
        proofs=proofs,
    ),
    max_size=4,
)


@given(deliveries, st.frozensets(st.sampled_from([SERVER, ACK]), min_size=1))
def test_served_means_every_contact_has_an_accepted_proof(
    drawn: list[Delivery], accepted: frozenset[ProofKind]
) -> None:
    judged = judge_serving(replace(TERMS, proof_of_receipt=accepted), drawn)
    served = judged.state is NoticeState.SERVED
    assert served == (judged.trigger_at is not None) == (judged.proof is not None)
    proved = all(any(p.kind in accepted for p in one.proofs) for one in drawn)
    gone = all(one.handed_over_at and not one.failure for one in drawn)
    assert served == bool(drawn and proved and gone)
    if served:
        firsts = [min(p.at for p in one.proofs if p.kind in accepted) for one in drawn]
        assert judged.trigger_at == max(firsts)


def test_a_proof_dated_before_the_hand_over_counts_from_the_hand_over() -> None:
    early = sent(5, Proof(ACK, T0 - timedelta(days=365)))
    assert judge_serving(TERMS, [early]).trigger_at == T0 + timedelta(hours=5)


def test_a_served_notice_loses_it_with_the_only_proof_even_where_any_contact_suffices() -> None:
    anyone = replace(TERMS, served_when=ServedWhen.ANY)
    refused = Delivery(None, HoldReason.NOT_SERVED, "550 no such user")
    bounced = sent(0, Proof(SERVER, T0), failure=HoldReason.BOUNCED)
    unproved = sent(1)
    # Before it was served, the other contact may still prove receipt.
    assert judge_serving(anyone, [bounced, unproved]).state is NoticeState.SERVING
    judged = judge_served_notice(anyone, [bounced, unproved])
    assert (judged.state, judged.failure) == (NoticeState.NOT_SERVED, HoldReason.BOUNCED)
    proved = sent(1, Proof(SERVER, T0))
    assert judge_served_notice(anyone, [bounced, proved]).state is NoticeState.SERVED
    # The bounce is what takes an outcome back, whichever address failed first.
    assert judge_served_notice(anyone, [refused, bounced]).failure is HoldReason.BOUNCED
