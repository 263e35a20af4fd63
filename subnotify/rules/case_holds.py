"""Why silence may not close a case yet, and what the client said beside its objections."""

from datetime import datetime

from subnotify.rules.case_facts import NO_ANSWER, WAITS_TO_BE_READ, CaseFacts
from subnotify.rules.objections import live_objections, standing_waivers, standing_yes
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import SilenceBrokenBy
from subnotify.rules.windows import Window
from subnotify.rules.words import HoldReason

# What a person may clear with a reason. The others end only when the fact behind them changes.
CLEARABLE = frozenset(
    {HoldReason.RESPONSE_DISOWNED, HoldReason.RECORD_CORRECTED, HoldReason.SERVICE_DOWN}
)


def accepts(facts: CaseFacts) -> bool:
    """The client said so, by code, and nobody of the client disowned it.

    What it said before an objection that was met or withdrawn counts no more.
    """
    return bool(standing_yes(facts))


def waiver_closes(facts: CaseFacts, at: datetime) -> bool:
    """The client waived the rest of its window: nothing is left to wait for, where the terms are
    known and the window of a notice that is still served runs or is over."""
    terms, window = facts.terms, facts.window
    if terms is None or window is None or facts.failure is not None:
        return False
    if not_computable(terms) is not None or at < window.opens_at:
        return False
    return bool(standing_waivers(facts))


def silence_refuses(terms: NoticeTerms) -> bool:
    """No answer means no: the subprocessor may not be used for this client without a yes."""
    return terms.needs_a_yes


def broken_silence(facts: CaseFacts, terms: NoticeTerms) -> tuple[HoldReason, ...]:
    """Any human response breaks it where the terms say so; an acknowledgement is no answer, nor
    is the word of somebody who says that they are not the one to ask.

    What came through a code that is still awaited is a response too. A no objection that counts
    is an answer, not a broken silence. Where no answer means no, there is nothing to break.
    """
    if terms.silence_broken_by is not SilenceBrokenBy.ANY_RESPONSE:
        return ()
    if accepts(facts) or silence_refuses(terms):
        return ()
    spoke = any(x.kind not in NO_ANSWER for x in facts.responses)
    return (HoldReason.SILENCE_BROKEN,) if spoke else ()


def broken_since_objection(facts: CaseFacts, terms: NoticeTerms) -> tuple[HoldReason, ...]:
    """The same of the second silence rule: who wrote again after its objection was not silent."""
    if terms.silence_broken_by is not SilenceBrokenBy.ANY_RESPONSE:
        return ()
    objections = live_objections(facts)
    last = max((objection.number for objection in objections), default=-1)
    refused, last_at = facts.refused_at, max((x.received_at for x in objections), default=None)
    spoke = refused is not None and last_at is not None and refused >= last_at
    spoke = spoke or any(
        response.number > last and response.kind not in NO_ANSWER for response in facts.responses
    )
    return (HoldReason.SILENCE_BROKEN,) if spoke else ()


def serving_holds(facts: CaseFacts) -> tuple[HoldReason, ...]:
    if facts.terms is None:
        problem: HoldReason | None = HoldReason.TERMS_UNKNOWN
    elif not_computable(facts.terms) is not None:
        problem = HoldReason.TERMS_NOT_COMPUTABLE
    else:
        problem = None
    return tuple(reason for reason in (problem, facts.failure) if reason is not None)


def lasting_holds(facts: CaseFacts) -> tuple[HoldReason, ...]:
    """What waits for a person, whatever the hour."""
    holds: set[HoldReason] = {HoldReason.REPLY_WAITS} if facts.reply_waits else set()
    if facts.is_contested:
        holds.add(HoldReason.PROOF_CONTESTED)
    if facts.reopened is not None and facts.reopened not in (
        HoldReason.BOUNCED,  # ends when the notice is served anew
        HoldReason.LETTER_RETURNED,  # likewise
        HoldReason.OBJECTION_AFTER_CLOSING,  # ends when the objection is settled
    ):
        holds.add(facts.reopened)
    if facts.reopened is HoldReason.OBJECTION_AFTER_CLOSING and live_objections(facts):
        holds.add(facts.reopened)
    for response in facts.responses:
        if response.is_disowned and not response.disowned_is_cleared:
            holds.add(HoldReason.RESPONSE_DISOWNED)
        waits = response.kind in WAITS_TO_BE_READ
        if waits and response.is_effective and not response.is_read:
            holds.add(HoldReason.WAITS_FOR_PERSON)
    return tuple(sorted(holds - (facts.cleared & CLEARABLE)))


def country_holds(facts: CaseFacts) -> tuple[HoldReason, ...]:
    """The agreement does not allow a country: neither silence nor a yes to the subprocessor is
    the exception that its clause asks for. It ends when the exception is on record."""
    return (HoldReason.COUNTRY_NOT_ALLOWED,) if facts.is_blocked else ()


def unread(facts: CaseFacts, terms: NoticeTerms, window: Window) -> tuple[HoldReason, ...]:
    """Mail or post in which an answer may lie unread, and an answer that could not be given."""
    holds = []
    if facts.was_down and HoldReason.SERVICE_DOWN not in facts.cleared:
        holds.append(HoldReason.SERVICE_DOWN)
    if facts.replies_read_until is None or facts.replies_read_until < window.closes_at:
        holds.append(HoldReason.REPLIES_NOT_READ)
    opened = facts.post_opened_until
    if terms.needs_opened_post and (opened is None or opened < window.silence_after_at):
        holds.append(HoldReason.POST_NOT_OPENED)
    return tuple(holds)
