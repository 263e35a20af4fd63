"""Whether a notice counts as given under the terms, and from which instant.

A server's word about an address is not the client's reading: only facts outside the vendor's
reach prove receipt (DESIGN section 9).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import has_window, not_computable
from subnotify.rules.terms_words import RunsFrom, ServedWhen
from subnotify.rules.words import HoldReason, NoticeState, ProofKind

# The stronger proof first: named when two have the same instant.
_STRENGTH = (
    ProofKind.REGISTERED_DELIVERY,
    ProofKind.ACKNOWLEDGEMENT,
    ProofKind.RECIPIENT_SERVER,
    ProofKind.DEEMED,
    ProofKind.DISPATCH,
)


@dataclass(frozen=True)
class Proof:
    kind: ProofKind
    at: datetime


@dataclass(frozen=True)
class Delivery:
    """What became of the notice for one notice contact.

    failure: the address refused it, or a permanent bounce came back. failure_text: in the
    server's words.
    """

    handed_over_at: datetime | None = None
    failure: HoldReason | None = None
    failure_text: str = ""
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True)
class Serving:
    """trigger_at and proof are set exactly when `state` is served."""

    state: NoticeState
    trigger_at: datetime | None = None
    proof: ProofKind | None = None
    dispatched_at: datetime | None = None
    failure: HoldReason | None = None
    failure_text: str = ""


def judge_serving(
    terms: NoticeTerms | None,
    deliveries: Sequence[Delivery],
    *,
    published_at: datetime | None = None,
) -> Serving:
    """Whether the notice is served on the designated notice contacts.

    Every contact must be reached unless the terms say any; the latest instant counts. Terms that
    run from dispatch, publication or commencement, or whose clause deems the notice received,
    count from the hand-over (or the publication, if later), and still need the proof of receipt
    they ask for. Where publishing the list alone is the notice, no contact need be reached.
    Terms unknown or not computable are never served: no window could be computed.
    """
    if _is_served_by_publication(terms) and published_at is not None:
        return Serving(NoticeState.SERVED, published_at, ProofKind.PUBLICATION, published_at)
    if not deliveries:
        return Serving(NoticeState.NOT_SERVED, failure=HoldReason.NO_NOTICE_CONTACT)
    any_suffices = terms is not None and terms.served_when is ServedWhen.ANY
    failed = [delivery for delivery in deliveries if delivery.failure is not None]
    sound = [delivery for delivery in deliveries if delivery.failure is None]
    if failed and (not any_suffices or not sound):
        return _not_served(failed)
    handed_over = [x.handed_over_at for x in sound if x.handed_over_at is not None]
    complete = bool(handed_over) if any_suffices else len(handed_over) == len(sound)
    dispatched_at = max(handed_over) if complete else None
    started = NoticeState.SERVING if handed_over else NoticeState.QUEUED
    pending = Serving(started, dispatched_at=dispatched_at)
    if terms is None or not_computable(terms) is not None or dispatched_at is None:
        return pending
    received = [_receipt(delivery, terms) for delivery in sound]
    reached = [proof for proof in received if proof is not None]
    proved = bool(reached) if any_suffices else len(reached) == len(sound)
    if terms.waits_for_receipt:
        if not proved:
            return pending
        latest = max(reached, key=lambda proof: proof.at)
        return Serving(NoticeState.SERVED, latest.at, latest.kind, dispatched_at)
    if terms.proof_of_receipt and ProofKind.DEEMED not in terms.proof_of_receipt and not proved:
        return pending
    return _served_from_dispatch(terms, reached, dispatched_at, published_at)


def _is_served_by_publication(terms: NoticeTerms | None) -> bool:
    return terms is not None and terms.is_by_publication and not_computable(terms) is None


def _served_from_dispatch(
    terms: NoticeTerms,
    reached: Sequence[Proof],
    dispatched_at: datetime,
    published_at: datetime | None,
) -> Serving:
    if reached:
        kind = max(reached, key=lambda proof: proof.at).kind
    elif terms.trigger is RunsFrom.RECEIPT:
        kind = ProofKind.DEEMED
    else:
        kind = ProofKind.DISPATCH
    trigger_at = dispatched_at
    if terms.trigger is RunsFrom.PUBLICATION and published_at is not None:
        trigger_at = max(dispatched_at, published_at)
    return Serving(NoticeState.SERVED, trigger_at, kind, dispatched_at)


def judge_served_notice(
    terms: NoticeTerms | None,
    deliveries: Sequence[Delivery],
    *,
    published_at: datetime | None = None,
) -> Serving:
    """The same for a notice that counts as served: it stops doing so when a failure took the
    proof away, also where any contact suffices and another one is still to prove receipt."""
    judged = judge_serving(terms, deliveries, published_at=published_at)
    failed = [delivery for delivery in deliveries if delivery.failure is not None]
    if failed and judged.state in (NoticeState.QUEUED, NoticeState.SERVING):
        return _not_served(failed)
    return judged


def judge_without_told_deadline(terms: NoticeTerms | None, serving: Serving) -> Serving:
    """The verdict on a notice that told its client that no deadline can be computed.

    Once dates can be computed after all, a window that opened by it would run without anybody
    having told of it: such a notice never serves. Before it left, and while no date can be
    computed, there is nothing to say; a failure of its own goes first.
    """
    counts = terms is not None and not_computable(terms) is None and has_window(terms)
    if not counts or serving.dispatched_at is None or serving.state is NoticeState.NOT_SERVED:
        return serving
    return Serving(
        NoticeState.NOT_SERVED,
        dispatched_at=serving.dispatched_at,
        failure=HoldReason.NO_DEADLINE_TOLD,
    )


def _not_served(failed: Sequence[Delivery]) -> Serving:
    """A bounce is named first: it alone takes back what silence closed."""
    first = next((x for x in failed if x.failure is HoldReason.BOUNCED), failed[0])
    return Serving(NoticeState.NOT_SERVED, failure=first.failure, failure_text=first.failure_text)


def _receipt(delivery: Delivery, terms: NoticeTerms) -> Proof | None:
    """The first proof of receipt that the terms accept for this contact.

    Nothing is received before it was handed over: a proof dated earlier counts from then.
    """
    gone_at = delivery.handed_over_at
    accepted = [
        Proof(proof.kind, max(proof.at, gone_at) if gone_at else proof.at)
        for proof in delivery.proofs
        if proof.kind in terms.proof_of_receipt
    ]
    return min(accepted, key=lambda x: (x.at, _STRENGTH.index(x.kind)), default=None)
