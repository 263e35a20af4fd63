"""What legal's settlement of an objection leads to, said before it is recorded.

`rules/cases.py decide` alone makes an outcome; here is what it will make where nothing else comes.
"""

from dataclasses import replace
from datetime import datetime

from subnotify.rules.case_facts import CaseFacts, SettlementFact
from subnotify.rules.case_holds import accepts
from subnotify.rules.terms_checks import opens_window
from subnotify.rules.terms_words import Authorisation, TakesEffect
from subnotify.rules.words import Outcome, SettlementKind


def expected_outcome(facts: CaseFacts) -> Outcome:
    """The outcome of a case with this settlement, once its window and grace are over and nothing
    holds it. Raises ValueError where nothing is settled."""
    if facts.settlement is None:
        raise ValueError("asked of a case without a settlement")
    kind, terms = facts.settlement.kind, facts.terms
    if terms is not None and not opens_window(terms, facts.kind):
        is_met = facts.is_blocked and kind is SettlementKind.ACCOMMODATED
        return Outcome.ACCOMMODATED if is_met else Outcome.INFORMED
    if kind is SettlementKind.TERMINATED:
        return Outcome.TERMINATED
    if terms is not None and terms.authorisation is Authorisation.SPECIFIC and accepts(facts):
        return Outcome.ACCEPTED
    if kind is SettlementKind.ACCOMMODATED:
        return Outcome.ACCOMMODATED
    if terms is not None and terms.needs_a_yes:
        return Outcome.ACCEPTED if accepts(facts) else Outcome.NOT_AUTHORISED
    if kind is SettlementKind.WITHDRAWN:
        return Outcome.OBJECTION_WITHDRAWN
    return Outcome.OBJECTION_INEFFECTIVE


def is_agreed(settlement: SettlementFact) -> bool:
    """The client itself accepted by a code what it rests on: legal cannot take it back alone."""
    return settlement.kind is SettlementKind.ACCOMMODATED and settlement.counts_at is None


def may_settle_anew(facts: CaseFacts, *, at: datetime) -> bool:
    """The settlement counts, and legal can correct it by a new one."""
    present = facts.settlement
    return present is not None and not present.is_fresh(at) and not is_agreed(present)


def as_the_client_sees(facts: CaseFacts, *, at: datetime) -> CaseFacts:
    """Without a settlement that legal can still undo: its objection waits, as far as it knows."""
    is_fresh = facts.settlement is not None and facts.settlement.is_fresh(at)
    return replace(facts, settlement=None) if is_fresh else facts


def expected_closing_at(facts: CaseFacts, *, at: datetime) -> datetime | None:
    """From when a case with this settlement can close; None while its notice is not served and
    the settlement waits for the window."""
    if facts.settlement is None:
        raise ValueError("asked of a case without a settlement")
    kind, terms, window = facts.settlement.kind, facts.terms, facts.window
    at = max(at, facts.settlement.counts_at or at)
    if kind is SettlementKind.TERMINATED:
        effect_at = facts.settlement.takes_effect_at
        if terms is not None and terms.termination.takes_effect is TakesEffect.AT_WINDOW_CLOSE:
            effect_at = window.closes_at if window else effect_at
        return max(at, effect_at) if effect_at is not None else None
    outcome = expected_outcome(facts)
    is_specific = terms is not None and terms.authorisation is Authorisation.SPECIFIC
    if outcome is Outcome.INFORMED or (outcome is Outcome.ACCEPTED and is_specific):
        return at
    if window is None:
        return at if kind is SettlementKind.ACCOMMODATED else None
    return max(at, window.silence_after_at)
