"""How a letter of a notice counts under the terms, before anything is known of it."""

from dataclasses import dataclass

from subnotify.rules.channels import notice_channels
from subnotify.rules.deliveries import Delivery, accepted_proofs, is_beside_terms
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import Channel, ProofKind


@dataclass(frozen=True)
class LetterWay:
    """How a letter travels. is_fallback: in the place of a mail, as a letter of the ladder."""

    channel: Channel
    is_fallback: bool = False


@dataclass(frozen=True)
class LetterCount:
    """How a letter of a notice counts. is_beside_terms: from its receipt alone, whatever the
    terms run from. proofs: those of receipt that can come of it and that are accepted."""

    is_beside_terms: bool
    proofs: frozenset[ProofKind]


def letter_count(terms: NoticeTerms, way: LetterWay) -> LetterCount:
    """How such a letter to a notice contact counts under terms from which dates can be computed.

    Where the terms ask for mail or post, it goes to whom no mail goes.
    """
    ways = notice_channels(terms)
    letter = Delivery(channel=way.channel, is_fallback=way.is_fallback)
    proofs = {ProofKind.ACKNOWLEDGEMENT}
    if way.channel is Channel.REGISTERED_POST:
        proofs.add(ProofKind.REGISTERED_DELIVERY)
    return LetterCount(is_beside_terms(letter, ways), accepted_proofs(letter, terms) & proofs)
