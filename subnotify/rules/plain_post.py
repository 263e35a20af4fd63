"""Terms under which a plain letter is notice, though nothing could ever prove that it arrived."""

from collections.abc import Iterator

from subnotify.rules.channels import notice_channels
from subnotify.rules.deliveries import needs_proof
from subnotify.rules.errors import Problem
from subnotify.rules.letter_counts import LetterWay, letter_count
from subnotify.rules.notice_rules import all_variants
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import Channel, ProofKind


def plain_post(terms: NoticeTerms) -> Iterator[Problem]:
    """What to tell legal, at `proof_of_receipt`; nothing where nobody has chosen what proves
    receipt yet. Where a mail is enough the letter goes only to who has no email address."""
    ways = notice_channels(terms)
    waits = any(x.waits_for_receipt or needs_proof(x) for x in all_variants(terms))
    if ways.postal is not Channel.POST or not terms.proof_of_receipt or not waits:
        return
    of_letter = letter_count(terms, LetterWay(Channel.POST)).proofs - {ProofKind.RECIPIENT_SERVER}
    if not of_letter:
        yield Problem(
            "proof_of_receipt",
            "Notice goes by plain post, which nobody signs for: it can give none of the proofs of"
            " receipt that are chosen.",
            "Name registered post among the channels, or write down the clause by which a letter"
            " counts as received.",
        )
    elif of_letter == {ProofKind.ACKNOWLEDGEMENT} and (ways.every or not ways.is_by_mail):
        yield Problem(
            "proof_of_receipt",
            "Notice goes by plain post, which nobody signs for: no window opens before the client"
            " acknowledges receipt itself.",
            "Name registered post among the channels, or write down the clause by which a letter"
            " counts as received.",
        )
