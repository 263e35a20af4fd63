"""Objections to one case: their form, their timeliness, and which of them still count."""

from datetime import timedelta

from subnotify.rules.case_facts import CaseFacts, ResponseFact
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import ObjectionEffect, ObjectionForm
from subnotify.rules.windows import judge_timeliness
from subnotify.rules.words import ResponseChannel, ResponseKind, SettlementKind, Timeliness

# Settlements after which an earlier yes says nothing any more.
_OVERTAKES = frozenset({SettlementKind.ACCOMMODATED, SettlementKind.WITHDRAWN})
_SAYS_YES = frozenset({ResponseKind.NO_OBJECTION, ResponseKind.WAIVER})
# What is sent on paper names a day, and somewhere on earth that day begins this much earlier.
_ANY_ZONE = timedelta(hours=14)


def is_valid_form(terms: NoticeTerms | None, response: ResponseFact) -> bool:
    """Whether an objection came in the form the terms require; unknown terms require none."""
    if terms is None:
        return True
    form = terms.objection_form
    if form is ObjectionForm.REGISTERED_POST:
        return response.channel is ResponseChannel.REGISTERED_POST
    if form is ObjectionForm.EMAIL:
        return response.channel is ResponseChannel.REPLY
    if form is ObjectionForm.ONLINE:
        return response.channel is ResponseChannel.LINK
    # A text on a page with the sender's name is written (any durable medium; GDPR art. 28(9)
    # accepts the electronic form).
    return True


def timeliness_of(facts: CaseFacts, response: ResponseFact) -> Timeliness:
    """How an objection stands to the window as it is now.

    A person's reading goes first where there is a doubt to decide. It was made for the window of
    its day: an objection that is plainly in time for a longer or a new one, or has none to be
    late for, is not late any more.
    """
    judged = _judged_by_dates(facts, response)
    if response.decided is None or judged in (Timeliness.IN_TIME, Timeliness.NO_WINDOW):
        return judged
    return response.decided


def _judged_by_dates(facts: CaseFacts, response: ResponseFact) -> Timeliness:
    if is_after_waiver(facts, response):
        return Timeliness.WAIVED
    if facts.terms is None or facts.window is None:
        return Timeliness.NO_WINDOW
    if response.channel is ResponseChannel.LINK:
        # Sent and received at one instant: no day can be in time where the hour is not.
        in_time = response.received_at < facts.window.closes_at
        return Timeliness.IN_TIME if in_time else Timeliness.LATE
    return judge_timeliness(
        facts.terms,
        facts.window,
        received_at=response.received_at,
        dispatched_on=response.dispatched_on,
    )


def live_objections(facts: CaseFacts) -> tuple[ResponseFact, ...]:
    """Objections that count from their recording and that no settlement covers; not those that
    came after the client had waived the rest of its window."""
    return tuple(x for x in unsettled_objections(facts) if not is_after_waiver(facts, x))


def unsettled_objections(facts: CaseFacts) -> tuple[ResponseFact, ...]:
    """All that no settlement covers, also those after a waiver: it may yet be disowned."""
    settled = facts.settlement.settles_up_to if facts.settlement else -1
    return tuple(
        response
        for response in facts.responses
        if response.kind is ResponseKind.OBJECTION
        and response.is_effective
        and response.number > settled
    )


def standing_yes(facts: CaseFacts) -> tuple[ResponseFact, ...]:
    """What the client said by code for the change and nobody of the client disowned.

    What it said before an objection that was met or withdrawn counts no more.
    """
    settlement = facts.settlement
    is_overtaken = settlement is not None and settlement.kind in _OVERTAKES
    overtaken = settlement.settles_up_to if settlement is not None and is_overtaken else -1
    return tuple(
        response
        for response in facts.responses
        if response.kind in _SAYS_YES
        and response.is_effective
        and not response.is_disowned
        and response.number > overtaken
    )


def standing_waivers(facts: CaseFacts) -> tuple[ResponseFact, ...]:
    return tuple(x for x in standing_yes(facts) if x.kind is ResponseKind.WAIVER)


def is_after_waiver(facts: CaseFacts, objection: ResponseFact) -> bool:
    """The objection was made when the right to object had been given up: it is kept and shown,
    but beats nothing. In doubt, as in the same instant or on the same day, it came before."""
    return any(_is_after(objection, waiver) for waiver in standing_waivers(facts))


def _is_after(objection: ResponseFact, waiver: ResponseFact) -> bool:
    since = waiver.confirmed_at or waiver.received_at
    if objection.received_at <= since:
        return False
    if objection.channel in (ResponseChannel.LINK, ResponseChannel.REPLY):
        return True
    sent = objection.dispatched_on
    return sent is not None and sent > (since + _ANY_ZONE).date()


def client_terminates(facts: CaseFacts) -> bool:
    """The client's termination stands: validated by legal, or declared in the form of the terms.

    One that a person found late or ineffective is none.
    """
    if facts.settlement is not None and facts.settlement.kind is SettlementKind.TERMINATED:
        return True
    terms = facts.terms
    if terms is None or terms.effect_of_objection is not ObjectionEffect.TERMINATION:
        return False
    return any(
        is_valid_form(terms, objection) and timeliness_of(facts, objection) is not Timeliness.LATE
        for objection in live_objections(facts)
    )
