"""What state a case is in, why silence may not close it, and how it ended (DESIGN section 3, 4).

`decide` is the one function that says so: from all facts of a case to its standing. It is pure
and idempotent, so every operation that adds a fact calls it again, and a missed run of a job is
caught by the next one. Nothing else sets a state.
"""

from dataclasses import replace
from datetime import datetime

from subnotify.rules.case_facts import CaseFacts, ResponseFact, SettlementFact, Standing
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable, opens_window
from subnotify.rules.terms_words import (
    Authorisation,
    ObjectionEffect,
    ObjectionForm,
    SilenceBrokenBy,
    SilenceEffect,
    TakesEffect,
)
from subnotify.rules.windows import Window, judge_timeliness
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    Outcome,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
    Timeliness,
)

# What a person may clear with a reason. The others end only when the fact behind them changes.
CLEARABLE = frozenset({HoldReason.RESPONSE_DISOWNED, HoldReason.RECORD_CORRECTED})

# Outcomes that rest on silence: a bounce of the message that served takes them back.
BY_SILENCE = frozenset(
    {
        Outcome.ACCEPTED_BY_SILENCE,
        Outcome.NO_OBJECTION,
        Outcome.TERMINATION_NOT_EXERCISED,
        Outcome.ACCEPTED_UNRESOLVED,
    }
)
# Outcomes that an objection in time, arrived late, takes back.
_OBJECTION_REOPENS = BY_SILENCE | {
    Outcome.ACCEPTED,
    Outcome.OBJECTION_WITHDRAWN,
    Outcome.OBJECTION_INEFFECTIVE,
}
# Settled outcomes after which the change is not used for the client.
NOT_USED = frozenset({Outcome.ACCOMMODATED, Outcome.NOT_AUTHORISED, Outcome.TERMINATED})


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
    if facts.terms is None:
        return Timeliness.NO_WINDOW
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


def decide(facts: CaseFacts, *, at: datetime) -> Standing:
    """Where the case stands at `at`. See DESIGN section 3 items 1 to 3, 5 and 13."""
    if facts.outcome is not None:
        return _standing_of_closed(facts, facts.outcome.outcome)
    if HoldReason.RECORD_CORRECTED in _lasting_holds(facts):
        # Whatever was recorded wrongly: nothing closes until a person has looked.
        return _on_hold(*_lasting_holds(facts))
    if facts.change_withdrawn and not client_terminates(facts):
        return _closed(Outcome.CHANGE_WITHDRAWN)
    if facts.agreement_ended and not client_terminates(facts):
        return _closed(Outcome.AGREEMENT_ENDED)
    terms = facts.terms
    if terms is not None and not opens_window(terms, facts.kind):
        return _standing_of_uncovered(facts)
    if facts.settlement is not None and facts.settlement.kind is SettlementKind.TERMINATED:
        return _standing_of_termination(facts, facts.settlement, at)
    objections = live_objections(facts)
    if objections:
        return _standing_of_objected(facts, objections)
    return _standing_without_objection(facts, at)


def _closed(outcome: Outcome) -> Standing:
    return Standing(CaseState.CLOSED, (), outcome)


def _on_hold(*holds: HoldReason) -> Standing:
    return Standing(CaseState.HOLD, tuple(sorted(set(holds))))


def _standing_of_closed(facts: CaseFacts, outcome: Outcome) -> Standing:
    """Closed stays closed, except for the three facts of DESIGN section 3 item 3."""
    if facts.corrected_by_two:
        return _on_hold(HoldReason.RECORD_CORRECTED)
    if outcome in BY_SILENCE and facts.failure is HoldReason.BOUNCED:
        return _on_hold(HoldReason.BOUNCED)
    if outcome in _OBJECTION_REOPENS and any(
        timeliness_of(facts, objection) is not Timeliness.LATE
        for objection in live_objections(facts)
    ):
        return _on_hold(HoldReason.OBJECTION_AFTER_CLOSING)
    return _closed(outcome)


def _standing_of_uncovered(facts: CaseFacts) -> Standing:
    """The terms do not cover this kind of change: the client is informed, no window runs."""
    if facts.failure is not None:
        return _on_hold(facts.failure)
    return _closed(Outcome.INFORMED) if facts.is_dispatched else Standing(CaseState.WAITING)


def _standing_of_termination(
    facts: CaseFacts, settlement: SettlementFact, at: datetime
) -> Standing:
    """A termination that legal validated takes effect without further input."""
    effect_at = settlement.takes_effect_at
    terms = facts.terms
    if terms is not None and terms.termination.takes_effect is TakesEffect.AT_WINDOW_CLOSE:
        effect_at = facts.window.closes_at if facts.window else effect_at
    if effect_at is not None and at >= effect_at:
        return _closed(Outcome.TERMINATED)
    # Without a window the day it waits for never comes: what keeps it from opening is shown.
    hindered = _serving_holds(facts) if effect_at is None else ()
    return Standing(CaseState.OBJECTED, tuple(sorted({*_lasting_holds(facts), *hindered})))


def _standing_of_objected(facts: CaseFacts, objections: tuple[ResponseFact, ...]) -> Standing:
    doubts: set[HoldReason] = set()
    stands = False
    for objection in objections:
        timeliness = timeliness_of(facts, objection)
        if timeliness is Timeliness.LATE:
            doubts.add(HoldReason.OBJECTION_LATE)
        elif not is_valid_form(facts.terms, objection):
            doubts.add(HoldReason.OBJECTION_FORM)
        elif timeliness is Timeliness.DISPUTED:
            doubts.add(HoldReason.OBJECTION_DISPUTED)
        else:
            stands = True
    specific = facts.terms is not None and facts.terms.authorisation is Authorisation.SPECIFIC
    if stands and specific:
        return _closed(Outcome.NOT_AUTHORISED)
    holds = tuple(sorted(doubts | set(_lasting_holds(facts))))
    after_closing = facts.reopened is HoldReason.OBJECTION_AFTER_CLOSING
    state = CaseState.OBJECTED if stands and not after_closing else CaseState.HOLD
    return Standing(state, holds)


def _standing_without_objection(facts: CaseFacts, at: datetime) -> Standing:
    lasting = _lasting_holds(facts)
    kind = facts.settlement.kind if facts.settlement else None
    window = facts.window
    if kind is SettlementKind.ACCOMMODATED and window is None:
        # Not used for this client: nothing is taken from it, so no window need run first.
        return _closed(Outcome.ACCOMMODATED)
    terms = facts.terms
    if terms is not None and terms.authorisation is Authorisation.SPECIFIC and _accepts(facts):
        return _on_hold(*lasting) if lasting else _closed(Outcome.ACCEPTED)
    if terms is None or window is None:
        holds = {*lasting, *_serving_holds(facts)}
        return _on_hold(*holds) if holds else Standing(CaseState.WAITING)
    if at < window.silence_after_at:
        if kind is not None and not lasting:
            # Settled; what remains is that the client may still speak until the window ends.
            return Standing(CaseState.OBJECTED)
        broken = _broken_silence(facts, terms)
        holds = {*lasting, *broken}
        return _on_hold(*holds) if holds else Standing(CaseState.OPEN)
    return _standing_after_window(facts, terms, window, lasting)


def _standing_after_window(
    facts: CaseFacts, terms: NoticeTerms, window: Window, lasting: tuple[HoldReason, ...]
) -> Standing:
    """Window and grace are over: an outcome, or the reasons why a person must look."""
    settlement = facts.settlement
    if settlement is not None and settlement.kind is SettlementKind.ACCOMMODATED:
        return _on_hold(*lasting) if lasting else _closed(Outcome.ACCOMMODATED)
    holds = {*lasting, *_unread(facts, terms, window)}
    if settlement is not None:
        settled = {
            SettlementKind.WITHDRAWN: Outcome.OBJECTION_WITHDRAWN,
            SettlementKind.INEFFECTIVE: Outcome.OBJECTION_INEFFECTIVE,
        }[settlement.kind]
        return _on_hold(*holds) if holds else _closed(settled)
    if _accepts(facts):
        return _on_hold(*holds) if holds else _closed(Outcome.ACCEPTED)
    broken = _broken_silence(facts, terms)
    if broken and facts.no_objection_by_two and terms.authorisation is not Authorisation.SPECIFIC:
        return _on_hold(*holds) if holds else _closed(Outcome.NO_OBJECTION)
    holds |= set(broken)
    return _on_hold(*holds) if holds else _closed(_outcome_of_silence(terms))


def _outcome_of_silence(terms: NoticeTerms) -> Outcome:
    refused = terms.effect_of_silence is SilenceEffect.DEEMED_REFUSED
    if terms.authorisation is Authorisation.SPECIFIC or refused:
        return Outcome.NOT_AUTHORISED
    if terms.effect_of_silence is SilenceEffect.DEEMED_ACCEPTED:
        return Outcome.ACCEPTED_BY_SILENCE
    if terms.effect_of_objection is ObjectionEffect.TERMINATION:
        return Outcome.TERMINATION_NOT_EXERCISED
    return Outcome.NO_OBJECTION


def _accepts(facts: CaseFacts) -> bool:
    """The client said so, by code, and nobody of the client disowned it."""
    return any(
        response.kind is ResponseKind.NO_OBJECTION
        and response.is_effective
        and not response.is_disowned
        for response in facts.responses
    )


def _broken_silence(facts: CaseFacts, terms: NoticeTerms) -> tuple[HoldReason, ...]:
    """Any human response breaks it where the terms say so; an acknowledgement is no answer.

    What came through a code that is still awaited is a response too. A no objection that counts
    is an answer, not a broken silence.
    """
    if terms.silence_broken_by is not SilenceBrokenBy.ANY_RESPONSE or _accepts(facts):
        return ()
    spoke = any(x.kind is not ResponseKind.ACKNOWLEDGEMENT for x in facts.responses)
    return (HoldReason.SILENCE_BROKEN,) if spoke else ()


def _serving_holds(facts: CaseFacts) -> tuple[HoldReason, ...]:
    if facts.terms is None:
        problem: HoldReason | None = HoldReason.TERMS_UNKNOWN
    elif not_computable(facts.terms) is not None:
        problem = HoldReason.TERMS_NOT_COMPUTABLE
    else:
        problem = None
    return tuple(reason for reason in (problem, facts.failure) if reason is not None)


def _lasting_holds(facts: CaseFacts) -> tuple[HoldReason, ...]:
    """What waits for a person, whatever the hour."""
    holds: set[HoldReason] = set()
    if facts.reopened is not None and facts.reopened not in (
        HoldReason.BOUNCED,  # ends when the notice is served anew
        HoldReason.OBJECTION_AFTER_CLOSING,  # ends when the objection is settled
    ):
        holds.add(facts.reopened)
    if facts.reopened is HoldReason.OBJECTION_AFTER_CLOSING and live_objections(facts):
        holds.add(facts.reopened)
    for response in facts.responses:
        if response.is_disowned and not response.disowned_is_cleared:
            holds.add(HoldReason.RESPONSE_DISOWNED)
        waits = response.kind in (
            ResponseKind.QUESTION,
            ResponseKind.MORE_TIME,
            ResponseKind.WITHDRAWAL,
        )
        if waits and response.is_effective and not response.is_read:
            holds.add(HoldReason.WAITS_FOR_PERSON)
    return tuple(sorted(holds - (facts.cleared & CLEARABLE)))


def _unread(facts: CaseFacts, terms: NoticeTerms, window: Window) -> tuple[HoldReason, ...]:
    """Mail or post in which an answer may lie unread."""
    holds = []
    if facts.replies_read_until is None or facts.replies_read_until < window.closes_at:
        holds.append(HoldReason.REPLIES_NOT_READ)
    opened = facts.post_opened_until
    if terms.needs_opened_post and (opened is None or opened < window.silence_after_at):
        holds.append(HoldReason.POST_NOT_OPENED)
    return tuple(holds)


def grown_window(old: Window | None, new: Window) -> Window:
    """The window that counts when a notice is served anew: never an earlier end (item 4)."""
    if old is None or new.closes_at >= old.closes_at:
        return new
    later_grace = max(new.silence_after_at, old.silence_after_at)
    return replace(old, opens_at=new.opens_at, silence_after_at=later_grace)


def may_use(standing: Standing, *, at: datetime, commencement_at: datetime) -> bool | None:
    """The gate for one client: True may use, False never for this client, None not settled yet.

    Before commencement nobody may (DESIGN section 3 item 7).
    """
    if standing.state is not CaseState.CLOSED or standing.outcome is None:
        return None
    if standing.outcome in NOT_USED or standing.outcome is Outcome.CHANGE_WITHDRAWN:
        return False
    return True if at >= commencement_at else None
