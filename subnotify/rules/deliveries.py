"""How a notice came to one contact: by which of its mails and letters, and from which instant.

A registered letter of the ladder (`Delivery.is_fallback`) takes the place of a mail whose address
is dead, or that nothing proves. Where the clause names post it is that post. No clause that names
only email makes a posted letter notice, so there it counts from its receipt alone, whatever the
terms run from, and by no clause that deems receipt. Its receipt by registered post is proof where
the terms accept that proof, or let such a letter follow (`receipt_fallback_days`); else only what
the client itself acknowledges is. A letter brought in from before counts in the same way under a
clause that names only email, by the proofs that its terms accept.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.rules.channels import POSTAL_CHANNELS, NoticeChannels, notice_channels
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.words import Channel, HoldReason, ProofKind

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
    """What became of the notice for one notice contact, by one mail or letter.

    failure: the address refused it, or a permanent bounce (or the letter) came back.
    failure_text: in the server's words. contact_id: deliveries of one contact share it; None: of
    a contact of its own. presented_at: first, of a letter. is_posting_known: the day of posting is
    on record, not only that the letter left. is_fallback: a letter of the ladder.
    is_brought_in: a letter of before subnotify was used: a person put on record how it went.
    """

    handed_over_at: datetime | None = None
    failure: HoldReason | None = None
    failure_text: str = ""
    proofs: tuple[Proof, ...] = ()
    contact_id: int | None = None
    channel: Channel = Channel.EMAIL
    presented_at: datetime | None = None
    is_posting_known: bool = True
    is_fallback: bool = False
    is_brought_in: bool = False


@dataclass(frozen=True)
class Reach:
    """Of one contact. dispatched_at: when the notice had left for it by as many channels as the
    terms need. given_at: the instant from which the terms count; proof: the receipt relied on.
    is_started: something left. failed: what came to nothing, of what counts. is_lost: nothing is
    left that could serve. is_beside_terms: given by a letter that counts from its receipt alone,
    whatever the terms run from. pending: what could serve and does not yet."""

    dispatched_at: datetime | None
    given_at: datetime | None
    proof: Proof | None
    is_started: bool
    failed: tuple[Delivery, ...]
    is_lost: bool
    is_beside_terms: bool = False
    pending: tuple[Delivery, ...] = ()


@dataclass(frozen=True)
class _Hit:
    at: datetime
    proof: Proof | None = None
    is_beside_terms: bool = False


# One of each group is needed; one alternative is enough.
_Alternatives = Sequence[Sequence[Sequence[Delivery]]]


def reach_contacts(terms: NoticeTerms | None, deliveries: Sequence[Delivery]) -> list[Reach]:
    """How the notice came to each contact, in the order of the deliveries."""
    contacts: dict[object, list[Delivery]] = {}
    for place, delivery in enumerate(deliveries):
        own = ("contact", delivery.contact_id) if delivery.contact_id is not None else place
        contacts.setdefault(own, []).append(delivery)
    ways = notice_channels(terms)
    counted = None if terms is None or not_computable(terms) is not None else terms
    return [_reach(counted, ways, of_contact) for of_contact in contacts.values()]


def _reach(
    terms: NoticeTerms | None, ways: NoticeChannels, deliveries: Sequence[Delivery]
) -> Reach:
    """terms: None where no window could be computed from them."""
    acknowledged = tuple(
        proof for x in deliveries for proof in x.proofs if proof.kind is ProofKind.ACKNOWLEDGEMENT
    )
    counting = [x for x in deliveries if _serves(x, ways) or is_beside_terms(x, ways)]
    failed = tuple(x for x in counting if x.failure is not None and not _is_deemed(x, terms, ways))
    sound = [x for x in counting if x not in failed]
    alternatives = _alternatives(sound, ways)

    def given(delivery: Delivery) -> _Hit | None:
        return _given(delivery, terms, ways, acknowledged)

    told_at = min(
        (
            x.handed_over_at
            for x in sound
            if x.is_fallback
            and x.handed_over_at is not None
            and (not ways.every or is_beside_terms(x, ways))
        ),
        default=None,
    )

    def counted(delivery: Delivery) -> _Hit | None:
        hit = given(delivery)
        if hit is None or told_at is None or delivery.is_fallback:
            return hit
        return hit if _is_acknowledged_before(hit, told_at) else None

    reached = _first(alternatives, counted)
    dispatched = _first(alternatives, _left)
    return Reach(
        dispatched_at=dispatched.at if dispatched else None,
        given_at=reached.at if reached else None,
        proof=reached.proof if reached else None,
        is_started=any(x.handed_over_at is not None for x in sound),
        failed=failed,
        # Nothing follows the ladder's letter: where it came back, a person must find an address.
        is_lost=not any(groups and all(groups) for groups in alternatives)
        or (reached is None and any(x.is_fallback for x in failed)),
        is_beside_terms=reached is not None and reached.is_beside_terms,
        pending=tuple(x for x in sound if given(x) is None),
    )


def _is_acknowledged_before(hit: _Hit, told_at: datetime) -> bool:
    """Once a letter of the ladder has left, which tells its reader that the period runs from its
    receipt, no earlier day counts any more that becomes known of the mail: but for what the client
    itself had said by then."""
    proof = hit.proof
    return proof is not None and proof.kind is ProofKind.ACKNOWLEDGEMENT and proof.at < told_at


def list_failed(terms: NoticeTerms | None, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """What came to nothing, of the mails and letters that could have served."""
    return [x for reach in reach_contacts(terms, deliveries) for x in reach.failed]


def list_deemed(terms: NoticeTerms | None, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """The letters that came back and that the clause holds to be received all the same."""
    ways = notice_channels(terms)
    counted = None if terms is None or not_computable(terms) is not None else terms
    return [x for x in deliveries if _is_deemed(x, counted, ways)]


def _serves(delivery: Delivery, ways: NoticeChannels) -> bool:
    """A mail beside the post that the clause asks for informs, and no more."""
    return ways.takes(delivery.channel)


def is_beside_terms(delivery: Delivery, ways: NoticeChannels) -> bool:
    """A letter of the ladder under a clause that names no such post; one that was brought in
    under a clause that names none at all."""
    if _serves(delivery, ways):
        return False
    return delivery.is_fallback or (delivery.is_brought_in and ways.postal is None)


def _alternatives(sound: Iterable[Delivery], ways: NoticeChannels) -> _Alternatives:
    named = [x for x in sound if not is_beside_terms(x, ways)]
    beside = [x for x in sound if is_beside_terms(x, ways)]
    if not ways.every:
        return ([named], [beside])
    by_mail = [x for x in named if x.channel not in POSTAL_CHANNELS]
    by_post = [x for x in named if x.channel in POSTAL_CHANNELS]
    if Channel.REGISTERED_POST in ways.by:
        by_post = [x for x in by_post if x.channel is Channel.REGISTERED_POST]
    groups = [by_mail] if ways.is_by_mail else []
    groups += [by_post] if ways.postal is not None else []
    return (groups, [beside])


def _first(alternatives: _Alternatives, of: Callable[[Delivery], _Hit | None]) -> _Hit | None:
    """The earliest alternative of which each group has a hit: its latest group counts."""
    found = []
    for groups in alternatives:
        hits = [
            min((hit for x in group if (hit := of(x))), key=_at, default=None) for group in groups
        ]
        complete = [hit for hit in hits if hit is not None]
        if complete and len(complete) == len(hits):
            found.append(max(complete, key=_at))
    return min(found, key=_at, default=None)


def _at(hit: _Hit) -> datetime:
    return hit.at


def _left(delivery: Delivery) -> _Hit | None:
    return _Hit(delivery.handed_over_at) if delivery.handed_over_at is not None else None


def _given(
    delivery: Delivery,
    terms: NoticeTerms | None,
    ways: NoticeChannels,
    acknowledged: Sequence[Proof],
) -> _Hit | None:
    """From when the notice counts as given by this mail or letter, as far as is on record."""
    if terms is None or delivery.handed_over_at is None:
        return None
    proof = _receipt(delivery, terms, acknowledged)
    by_presentation = terms.deems_by_presentation and delivery.channel in POSTAL_CHANNELS
    waits = terms.waits_for_receipt or terms.deems_by_presentation
    beside = is_beside_terms(delivery, ways)
    if beside or (waits and not by_presentation):
        return _Hit(proof.at, proof, beside) if proof else None
    if needs_proof(terms) and proof is None:
        return None
    if by_presentation:
        # A receipt says that the letter was presented, not when: a day that comes late would move
        # the window to an earlier one.
        return _Hit(delivery.presented_at, proof) if delivery.presented_at else None
    return _Hit(delivery.handed_over_at, proof) if delivery.is_posting_known else None


def needs_proof(terms: NoticeTerms) -> bool:
    """The terms ask for a proof of receipt that their clause alone does not give."""
    return bool(terms.proof_of_receipt) and ProofKind.DEEMED not in terms.proof_of_receipt


def _is_deemed(delivery: Delivery, terms: NoticeTerms | None, ways: NoticeChannels) -> bool:
    """The clause holds the letter to be received, although it came back."""
    if terms is None or terms.deemed_receipt is None or needs_proof(terms):
        return False
    if delivery.failure is not HoldReason.LETTER_RETURNED or is_beside_terms(delivery, ways):
        return False
    # Counted from a day that nobody knows it is not deemed received: what came back serves nothing
    # until that day is on record.
    if terms.deems_by_presentation:
        return delivery.presented_at is not None
    return delivery.is_posting_known


def _receipt(delivery: Delivery, terms: NoticeTerms, acknowledged: Sequence[Proof]) -> Proof | None:
    """The first proof of receipt that the terms accept for this contact.

    Nothing is received before it was handed over: a proof dated earlier counts from then. What
    the contact acknowledges once a letter of the ladder is on its way, it may have from either.
    """
    gone_at = delivery.handed_over_at
    proofs = [*delivery.proofs]
    if delivery.is_fallback and gone_at is not None:
        proofs += [proof for proof in acknowledged if proof.at >= gone_at]
    accepted = accepted_proofs(delivery, terms)
    found = [
        Proof(proof.kind, max(proof.at, gone_at) if gone_at else proof.at)
        for proof in proofs
        if proof.kind in accepted
    ]
    return min(found, key=lambda x: (x.at, _STRENGTH.index(x.kind)), default=None)


def accepted_proofs(delivery: Delivery, terms: NoticeTerms) -> frozenset[ProofKind]:
    """What proves the receipt of this mail or letter."""
    accepted = terms.proof_of_receipt
    if delivery.is_fallback:
        accepted |= {ProofKind.ACKNOWLEDGEMENT}
        if terms.receipt_fallback_days is not None:
            accepted |= {ProofKind.REGISTERED_DELIVERY}
    return accepted
