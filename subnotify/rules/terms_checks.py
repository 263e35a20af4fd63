"""What keeps dates from being computed, and what in the terms contradicts itself."""

from collections.abc import Iterator

from subnotify.rules.periods import fits_rule
from subnotify.rules.terms import MAIL_CHANNELS, NoticeTerms
from subnotify.rules.terms_words import (
    Authorisation,
    ChannelChoice,
    Closes,
    CountingRule,
    DeemedKind,
    RunsFrom,
)
from subnotify.rules.words import Channel


def not_computable(terms: NoticeTerms) -> str | None:
    """Why the engine cannot compute dates from these terms: a short code, or None if it can."""
    if terms.authorisation is Authorisation.BLANKET:
        return None  # no window: the client is informed
    return next(_reasons(terms), None)


def _reasons(terms: NoticeTerms) -> Iterator[str]:
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
    if deemed is not None and deemed.kind is DeemedKind.FIRST_PRESENTATION:
        yield "first_presentation"
    if terms.waits_for_receipt and not terms.proof_of_receipt:
        yield "proof_of_receipt"


def _is_channel_enough(terms: NoticeTerms) -> bool:
    """Whether mail (or the published list alone) is notice under the clause.

    Where it names registered post, a portal or the list beside email without saying whether one
    is enough, nobody knows yet; email beside plain post is how clauses say "by email or post".
    """
    channels = set(terms.channels)
    if terms.is_by_publication:
        return terms.trigger is not RunsFrom.RECEIPT or terms.deemed_receipt is not None
    match terms.channel_choice:
        case ChannelChoice.ANY:
            return bool(channels & MAIL_CHANNELS)
        case ChannelChoice.EVERY:
            return bool(channels) and channels <= MAIL_CHANNELS | {Channel.LIST_PUBLICATION}
        case _:
            return bool(channels & MAIL_CHANNELS) and channels <= MAIL_CHANNELS | {Channel.POST}
