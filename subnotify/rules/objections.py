"""Objections to one case: their form, their timeliness, and which of them still count."""

from subnotify.rules.case_facts import CaseFacts, ResponseFact
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import ObjectionEffect, ObjectionForm
from subnotify.rules.windows import judge_timeliness
from subnotify.rules.words import ResponseChannel, ResponseKind, SettlementKind, Timeliness


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
    """How an objection stands to the window as it is now; a person's reading goes first."""
    if response.decided is not None:
        return response.decided
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
    """Objections that count from their recording and that no settlement covers."""
    settled = facts.settlement.settles_up_to if facts.settlement else -1
    return tuple(
        response
        for response in facts.responses
        if response.kind is ResponseKind.OBJECTION
        and response.is_effective
        and response.number > settled
    )


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
