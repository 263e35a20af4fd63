"""Why a notice that went out does not count as given, where nobody reports a failure.

A mail that proves nothing, a letter of which nobody tells more: such a notice is neither served
nor refused, and would wait for ever. Each reason names what a person can do.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from subnotify.rules.channels import POSTAL_CHANNELS
from subnotify.rules.deliveries import Delivery, reach_contacts
from subnotify.rules.ladder import dispatched_before
from subnotify.rules.letter_counts import LetterWay, letter_count
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import Channel, ProofKind


class WhyUnproved(StrEnum):
    """What is missing of a mail or letter; a letter follows: of itself, nothing is to be done."""

    NOT_SENT = "not_sent"
    NOT_POSTED = "not_posted"
    POSTING_MISSING = "posting_missing"
    PRESENTATION_MISSING = "presentation_missing"
    CARD_MISSING = "card_missing"
    NO_PROOF_POSSIBLE = "no_proof_possible"
    ONLY_ACKNOWLEDGED = "only_acknowledged"
    NO_POSTAL_ADDRESS = "no_postal_address"
    LETTER_FOLLOWS = "letter_follows"
    NOTHING_CAME = "nothing_came"


# Told of a letter and yet not enough: a person can mend it at once.
DAY_MISSING = frozenset({WhyUnproved.POSTING_MISSING, WhyUnproved.PRESENTATION_MISSING})


@dataclass(frozen=True)
class Unproved:
    """Of one mail or letter. contact_id: whose; None where nothing says it."""

    why: WhyUnproved
    contact_id: int | None = None
    channel: Channel = Channel.EMAIL


def find_unproved(
    terms: NoticeTerms,
    deliveries: Sequence[Delivery],
    *,
    dispatched_at: datetime | None,
    with_post: Collection[int],
    at: datetime,
) -> tuple[Unproved, ...]:
    """What is missing of a notice that is under way, by contact, each reason once.

    terms: from which dates can be computed. dispatched_at: when all of it had left. with_post:
    ids of the contacts that have a postal address. Empty where nothing is missing.
    """
    found = [
        Unproved(_why(x, terms, dispatched_at, with_post, at), x.contact_id, x.channel)
        for x in list_pending(terms, deliveries)
    ]
    return tuple(dict.fromkeys(found))


def list_pending(terms: NoticeTerms, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """What could still serve the contacts whom nothing serves yet, and does not by what is on
    record."""
    return [
        pending
        for reach in reach_contacts(terms, deliveries)
        if reach.given_at is None and not reach.is_lost
        for pending in reach.pending
    ]


def _why(
    delivery: Delivery,
    terms: NoticeTerms,
    dispatched_at: datetime | None,
    with_post: Collection[int],
    at: datetime,
) -> WhyUnproved:
    if delivery.channel not in POSTAL_CHANNELS:
        return _why_mail(delivery, terms, dispatched_at, with_post, at)
    if delivery.handed_over_at is None:
        return WhyUnproved.NOT_POSTED
    count = letter_count(terms, LetterWay(delivery.channel, delivery.is_fallback))
    if not count.is_beside_terms:
        if terms.deems_by_presentation and delivery.presented_at is None:
            return WhyUnproved.PRESENTATION_MISSING
        if not terms.waits_for_receipt and not delivery.is_posting_known:
            return WhyUnproved.POSTING_MISSING
    # What a mail of the same notice would prove, this letter does not.
    proofs = count.proofs - {ProofKind.RECIPIENT_SERVER}
    if not proofs:
        return WhyUnproved.NO_PROOF_POSSIBLE
    if proofs == {ProofKind.ACKNOWLEDGEMENT}:
        return WhyUnproved.ONLY_ACKNOWLEDGED
    return WhyUnproved.CARD_MISSING


def _why_mail(
    delivery: Delivery,
    terms: NoticeTerms,
    dispatched_at: datetime | None,
    with_post: Collection[int],
    at: datetime,
) -> WhyUnproved:
    if delivery.handed_over_at is None:
        return WhyUnproved.NOT_SENT
    if terms.receipt_fallback_days is not None:
        before = dispatched_before(terms, at=at)
        left_at = dispatched_at or delivery.handed_over_at
        if delivery.contact_id not in with_post:
            return WhyUnproved.NO_POSTAL_ADDRESS
        if before is not None and left_at >= before:
            return WhyUnproved.LETTER_FOLLOWS
    of_mail = {ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT}
    if not terms.proof_of_receipt & of_mail:
        return WhyUnproved.NO_PROOF_POSSIBLE
    return WhyUnproved.NOTHING_CAME
