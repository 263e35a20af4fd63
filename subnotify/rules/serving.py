"""Whether a notice counts as given under the terms, and from which instant.

A server's word about an address is not the client's reading: only facts outside the vendor's
reach prove receipt (DESIGN section 9).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.rules.deliveries import Delivery, Proof, Reach, list_failed, reach_contacts
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import has_window, not_computable
from subnotify.rules.terms_words import RunsFrom, ServedWhen
from subnotify.rules.words import HoldReason, NoticeState, ProofKind

__all__ = [
    "Delivery",
    "Proof",
    "Serving",
    "judge_corrected_notice",
    "judge_served_notice",
    "judge_serving",
    "judge_without_told_deadline",
]

# A failure that takes back what silence closed is named first.
_NAMED_FIRST = (HoldReason.BOUNCED, HoldReason.LETTER_RETURNED)


@dataclass(frozen=True)
class Serving:
    """trigger_at and proof are set exactly when `state` is served. is_by_receipt: the trigger is
    the receipt of a letter of the ladder, whatever the terms run from (`deliveries`)."""

    state: NoticeState
    trigger_at: datetime | None = None
    proof: ProofKind | None = None
    dispatched_at: datetime | None = None
    failure: HoldReason | None = None
    failure_text: str = ""
    is_by_receipt: bool = False


def judge_serving(
    terms: NoticeTerms | None,
    deliveries: Sequence[Delivery],
    *,
    published_at: datetime | None = None,
) -> Serving:
    """Whether the notice is served on the designated notice contacts.

    Every contact must be reached unless the terms say any; the latest instant counts. A contact is
    reached by one of the channels of the terms, or by each of them where they say so, and by a
    registered letter of the ladder (`deliveries`). Terms that run from dispatch, publication or
    commencement, or whose clause deems the notice received, count from the hand-over to the mail
    host, or from the day of posting (or the publication, if later; or the first presentation of a
    letter), and still need the proof of receipt they ask for. Where publishing the list alone is
    the notice, no contact need be reached. Terms unknown or not computable are never served: no
    window could be computed.
    """
    if _is_served_by_publication(terms) and published_at is not None:
        return Serving(NoticeState.SERVED, published_at, ProofKind.PUBLICATION, published_at)
    if not deliveries:
        return Serving(NoticeState.NOT_SERVED, failure=HoldReason.NO_NOTICE_CONTACT)
    any_suffices = terms is not None and terms.served_when is ServedWhen.ANY
    reaches = reach_contacts(terms, deliveries)
    lost = [reach for reach in reaches if reach.is_lost]
    sound = [reach for reach in reaches if not reach.is_lost]
    if lost and (not any_suffices or not sound):
        # A contact whom nothing goes to by the channels of the terms is not served either.
        failed = [x for reach in lost for x in reach.failed]
        return _not_served(failed or [Delivery(failure=HoldReason.NOT_SERVED)])
    left = [x.dispatched_at for x in sound if x.dispatched_at is not None]
    dispatched_at = max(left) if left and (any_suffices or len(left) == len(sound)) else None
    given = [reach for reach in sound if reach.given_at is not None]
    enough = bool(given) if any_suffices else len(given) == len(sound)
    if terms is None or dispatched_at is None or not enough:
        started = any(reach.is_started for reach in sound)
        state = NoticeState.SERVING if started else NoticeState.QUEUED
        return Serving(state, dispatched_at=dispatched_at)
    return _served(terms, given, dispatched_at, published_at)


def _is_served_by_publication(terms: NoticeTerms | None) -> bool:
    return terms is not None and terms.is_by_publication and not_computable(terms) is None


def _served(
    terms: NoticeTerms,
    given: Sequence[Reach],
    dispatched_at: datetime,
    published_at: datetime | None,
) -> Serving:
    proofs = [reach.proof for reach in given if reach.proof is not None]
    if proofs:
        kind = max(proofs, key=lambda proof: proof.at).kind
    elif terms.trigger is RunsFrom.RECEIPT:
        kind = ProofKind.DEEMED
    else:
        kind = ProofKind.DISPATCH
    instants = [reach.given_at for reach in given if reach.given_at is not None]
    if not terms.waits_for_receipt and not terms.deems_by_presentation:
        instants.append(dispatched_at)
    if terms.trigger is RunsFrom.PUBLICATION and published_at is not None:
        instants.append(published_at)
    trigger_at = max(instants)
    return Serving(
        NoticeState.SERVED,
        trigger_at,
        kind,
        dispatched_at,
        is_by_receipt=_is_by_receipt(terms, given, trigger_at),
    )


def _is_by_receipt(terms: NoticeTerms, given: Sequence[Reach], trigger_at: datetime) -> bool:
    """Where a clause deems the others received some days after the dispatch, these days may end
    after the letter's receipt: then they are counted for all."""
    beside = [reach for reach in given if reach.is_beside_terms]
    if terms.deems_from_dispatch and len(beside) < len(given):
        return False
    return any(reach.given_at == trigger_at for reach in beside)


def judge_served_notice(
    terms: NoticeTerms | None,
    deliveries: Sequence[Delivery],
    *,
    published_at: datetime | None = None,
) -> Serving:
    """The same for a notice that counts as served: it stops doing so when a failure took the
    proof away, also where any contact suffices and another one is still to prove receipt."""
    judged = judge_serving(terms, deliveries, published_at=published_at)
    failed = list_failed(terms, deliveries)
    if failed and judged.state in (NoticeState.QUEUED, NoticeState.SERVING):
        return _not_served(failed)
    return judged


def judge_corrected_notice(
    terms: NoticeTerms | None,
    deliveries: Sequence[Delivery],
    *,
    published_at: datetime | None = None,
) -> Serving:
    """The same for a notice that counted as served, after two persons corrected what is on record
    of its letters: where nothing proves any more that it was given, it is not served, and a
    person says what follows."""
    judged = judge_served_notice(terms, deliveries, published_at=published_at)
    if judged.state not in (NoticeState.QUEUED, NoticeState.SERVING):
        return judged
    return Serving(
        NoticeState.NOT_SERVED,
        dispatched_at=judged.dispatched_at,
        failure=HoldReason.RECORD_CORRECTED,
    )


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
    first = next(
        (x for reason in _NAMED_FIRST for x in failed if x.failure is reason),
        failed[0],
    )
    return Serving(NoticeState.NOT_SERVED, failure=first.failure, failure_text=first.failure_text)
