"""When a registered letter follows a mail: no proof of receipt came, or its address is dead.

The terms say after how many days without proof (`receipt_fallback_days`); days are whole days of
the agreement's calendar, so nothing depends on the hour at which a mail left.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from subnotify.rules.channels import notice_channels
from subnotify.rules.serving import Proof
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.time_limits import start_of_day, zone_of
from subnotify.rules.words import HoldReason, LetterReason, ProofKind

# Why a letter takes the place of a mail.
OF_THE_LADDER = frozenset({LetterReason.DEAD_ADDRESS, LetterReason.NO_PROOF})

# Failures that an address explains: another address, or another channel, mends them.
OF_ADDRESS: Collection[HoldReason] = (
    HoldReason.NOT_SERVED,
    HoldReason.BOUNCED,
    HoldReason.LETTER_RETURNED,
    HoldReason.NO_NOTICE_CONTACT,
)


def is_due(
    terms: NoticeTerms | None,
    dispatched_at: datetime | None,
    proofs: Iterable[Proof],
    *,
    at: datetime,
) -> bool:
    """Whether the days of the terms have passed without proof of receipt of a notice that left.

    proofs: on record for the contact; those that the terms do not accept prove nothing.
    """
    before = dispatched_before(terms, at=at)
    if before is None or dispatched_at is None or dispatched_at >= before:
        return False
    return not _is_proved(terms, proofs)


def dispatched_before(terms: NoticeTerms | None, *, at: datetime) -> datetime | None:
    """What left before this instant (exclusive) has had its days at `at`.

    The day of dispatch is not counted, and the last day must be over: ten days after 1 March are
    over with 11 March. None where the terms have no such days, or no window could be computed.
    """
    if terms is None or terms.receipt_fallback_days is None or not_computable(terms) is not None:
        return None
    zone = zone_of(terms.counting.time_zone)
    today = at.astimezone(zone).date()
    return start_of_day(today - timedelta(days=terms.receipt_fallback_days), zone)


def takes_over(terms: NoticeTerms | None) -> bool:
    """Whether a registered letter takes the place of a mail whose address is dead: the terms name
    post, or have such a letter follow where a mail proves nothing."""
    if terms is None or not_computable(terms) is not None:
        return False
    return notice_channels(terms).postal is not None or terms.receipt_fallback_days is not None


def _is_proved(terms: NoticeTerms | None, proofs: Iterable[Proof]) -> bool:
    accepted: frozenset[ProofKind] = terms.proof_of_receipt if terms else frozenset()
    return any(proof.kind in accepted for proof in proofs)
