"""What keeps dates from being computed, and what in the terms contradicts itself."""

from collections.abc import Iterator

from subnotify.rules.channels import is_channel_enough, notice_channels
from subnotify.rules.notice_rules import all_variants
from subnotify.rules.periods import fits_rule
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import (
    Authorisation,
    Closes,
    CountingRule,
    DeemedKind,
    RunsFrom,
)
from subnotify.rules.words import ChangeKind, Channel


def not_computable(terms: NoticeTerms) -> str | None:
    """Why the engine cannot compute dates from these terms: a short code, or None if it can."""
    if not has_window(terms):
        return None
    reasons = (next(_reasons(variant), None) for variant in all_variants(terms))
    return next((reason for reason in reasons if reason is not None), None)


def opens_window(terms: NoticeTerms, kind: ChangeKind) -> bool:
    """Whether a change of this kind opens a window under terms without notice rules."""
    return terms.authorisation is not Authorisation.BLANKET and kind in terms.changes_covered


def has_window(terms: NoticeTerms) -> bool:
    """Whether any change opens a window: where all are authorised in advance, or none is
    covered, the client is informed."""
    if terms.authorisation is Authorisation.BLANKET:
        return False
    return any(variant.changes_covered for variant in all_variants(terms))


def _reasons(terms: NoticeTerms) -> Iterator[str]:
    if not terms.changes_covered:
        return
    if terms.closes is Closes.PERIOD and terms.objection_period is None:
        yield "no_objection_period"
    if terms.closes is Closes.END_OF_LEAD_TIME and terms.lead_time is None:
        yield "no_lead_time"
    for period in (terms.objection_period, terms.lead_time):
        if period is not None and not fits_rule(period, terms.counting.rule):
            yield "unit"
    backward = terms.trigger is RunsFrom.COMMENCEMENT_BACKWARD
    if terms.counting.rule is CountingRule.RETRO_1182_71 and not backward:
        yield "counting_rule"
    if not _is_channel_enough(terms):
        yield "channel"
    deemed = terms.deemed_receipt
    ways = notice_channels(terms)
    presented = deemed is not None and deemed.kind is DeemedKind.FIRST_PRESENTATION
    if presented and Channel.REGISTERED_POST not in ways.by:
        yield "first_presentation"
    # A mail that must go as well is presented to nobody.
    mail_needs_proof = terms.deems_by_presentation and ways.every and ways.is_by_mail
    if (terms.waits_for_receipt or mail_needs_proof) and not terms.proof_of_receipt:
        yield "proof_of_receipt"


def _is_channel_enough(terms: NoticeTerms) -> bool:
    """Whether mails and letters (or the published list alone) are notice under the clause.

    Where it names registered post, a portal or the list beside email without saying whether one
    is enough, nobody knows yet.
    """
    if terms.is_by_publication:
        return terms.trigger is not RunsFrom.RECEIPT or terms.deemed_receipt is not None
    return is_channel_enough(terms)
