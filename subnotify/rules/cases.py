"""What state a case is in, why silence may not close it, and how it ended (DESIGN section 3, 4).

`decide` is the one function that says so: from all facts of a case to its standing. It is pure
and idempotent, so every operation that adds a fact calls it again, and a missed run of a job is
caught by the next one. Nothing else sets a state.
"""

from dataclasses import replace
from datetime import datetime

from subnotify.rules.case_facts import (
    CaseFacts,
    RecordedOutcome,
    ResponseFact,
    SettlementFact,
    Standing,
)
from subnotify.rules.case_holds import (
    accepts,
    broken_silence,
    broken_since_objection,
    country_holds,
    lasting_holds,
    serving_holds,
    silence_refuses,
    unread,
    waiver_closes,
)
from subnotify.rules.objection_clocks import has_second_silence
from subnotify.rules.objections import (
    client_terminates,
    is_valid_form,
    live_objections,
    timeliness_of,
)
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import opens_window
from subnotify.rules.terms_words import (
    Authorisation,
    ObjectionEffect,
    SilenceEffect,
    TakesEffect,
)
from subnotify.rules.windows import Window
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    Outcome,
    SettlementKind,
    Timeliness,
)

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
# What served came back, as mail or as paper: it proves nothing any more.
CAME_BACK = frozenset({HoldReason.BOUNCED, HoldReason.LETTER_RETURNED})
# Outcomes that come whatever the client would have answered: a notice all of whose cases ended so
# announces nothing any more.
OVERTAKEN = frozenset({Outcome.CHANGE_WITHDRAWN, Outcome.AGREEMENT_ENDED})
# Settled outcomes after which the change is not used for the client.
NOT_USED = frozenset({Outcome.ACCOMMODATED, Outcome.NOT_AUTHORISED, Outcome.TERMINATED})


def decide(facts: CaseFacts, *, at: datetime) -> Standing:
    """Where the case stands at `at`. See DESIGN section 3 items 1 to 3, 5 and 13."""
    standing = _decide(facts, at)
    if facts.outcome is not None or facts.settlement is None or not facts.settlement.is_fresh(at):
        return standing
    # While legal can undo a settlement, nothing comes of it: no outcome but one that comes whatever
    # anybody decided, and no use of the change that the objection stopped.
    terminates = client_terminates(replace(facts, settlement=None))
    if standing.outcome in OVERTAKEN and not terminates:
        return standing
    if HoldReason.RECORD_CORRECTED in standing.holds:
        return standing
    return Standing(CaseState.OBJECTED, standing.holds)


def _decide(facts: CaseFacts, at: datetime) -> Standing:
    if facts.outcome is not None:
        return _standing_of_closed(facts, facts.outcome, at)
    if HoldReason.RECORD_CORRECTED in lasting_holds(facts):
        # Whatever was recorded wrongly: nothing closes until a person has looked.
        return _on_hold(*lasting_holds(facts))
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
        return _standing_of_objected(facts, objections, at)
    return _standing_without_objection(facts, at)


def _closed(outcome: Outcome) -> Standing:
    return Standing(CaseState.CLOSED, (), outcome)


def _on_hold(*holds: HoldReason) -> Standing:
    return Standing(CaseState.HOLD, tuple(sorted(set(holds))))


def _objected(*holds: HoldReason) -> Standing:
    return Standing(CaseState.OBJECTED, tuple(sorted(set(holds))))


def _standing_of_closed(facts: CaseFacts, recorded: RecordedOutcome, at: datetime) -> Standing:
    """Closed stays closed, except for the three facts of DESIGN section 3 item 3."""
    outcome = recorded.outcome
    if facts.corrected_by_two:
        return _on_hold(HoldReason.RECORD_CORRECTED)
    if outcome in BY_SILENCE and facts.failure in CAME_BACK:
        return _on_hold(facts.failure)
    if outcome in _OBJECTION_REOPENS and any(
        timeliness_of(facts, objection) is not Timeliness.LATE
        for objection in live_objections(facts)
        if objection.number > recorded.covers_up_to
    ):
        return _standing_reopened(facts, at)
    return _closed(outcome)


def _standing_reopened(facts: CaseFacts, at: datetime) -> Standing:
    """What the rules say of the case once its reopening is on record, which is written with this:
    what else the objection waits for (its form, say) is known at once."""
    reason = HoldReason.OBJECTION_AFTER_CLOSING
    standing = _decide(replace(facts, outcome=None, reopened=reason), at)
    return standing if reason in standing.holds else _on_hold(reason)


def _standing_of_uncovered(facts: CaseFacts) -> Standing:
    """The terms do not cover this kind of change: the client is informed, no window runs."""
    settlement = facts.settlement
    if facts.is_blocked and settlement and settlement.kind is SettlementKind.ACCOMMODATED:
        return _closed(Outcome.ACCOMMODATED)
    hindered = (*country_holds(facts), *([facts.failure] if facts.failure else []))
    if hindered:
        return _on_hold(*hindered)
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
    hindered = serving_holds(facts) if effect_at is None else ()
    return _objected(*lasting_holds(facts), *hindered)


def _standing_of_objected(
    facts: CaseFacts, objections: tuple[ResponseFact, ...], at: datetime
) -> Standing:
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
    holds = tuple(sorted({*doubts, *lasting_holds(facts), *country_holds(facts)}))
    after_closing = facts.reopened is HoldReason.OBJECTION_AFTER_CLOSING
    state = CaseState.OBJECTED if stands and not after_closing else CaseState.HOLD
    if stands and not holds and _is_unresolved(facts, at):
        holds = _hindrances_of_unresolved(facts)
        return Standing(state, holds) if holds else _closed(Outcome.ACCEPTED_UNRESOLVED)
    return Standing(state, holds)


def _is_unresolved(facts: CaseFacts, at: datetime) -> bool:
    """The second silence rule of the terms has run its course, with grace, and so has the window
    of a notice that is still served. Legal's settlement goes first: it leaves no live objection."""
    clock, window, terms = facts.unresolved, facts.window, facts.terms
    if clock is None or window is None or terms is None or facts.failure is not None:
        return False
    return has_second_silence(terms) and at >= max(clock.after_at, window.silence_after_at)


def _hindrances_of_unresolved(facts: CaseFacts) -> tuple[HoldReason, ...]:
    """Mail or post in which a notice of termination or another answer may lie unread, and what
    the client said since its objection, where any response breaks silence."""
    clock, window, terms = facts.unresolved, facts.window, facts.terms
    if clock is None or window is None or terms is None:
        raise RuntimeError("asked of a case without a second silence rule")
    later = replace(
        window,
        closes_at=max(clock.ends_at, window.closes_at),
        silence_after_at=max(clock.after_at, window.silence_after_at),
    )
    return tuple(sorted({*unread(facts, terms, later), *broken_since_objection(facts, terms)}))


def _standing_without_objection(facts: CaseFacts, at: datetime) -> Standing:
    kind = facts.settlement.kind if facts.settlement else None
    window = facts.window
    if kind is SettlementKind.ACCOMMODATED and window is None:
        # Not used for this client: nothing is taken from it, so no window need run first.
        return _closed(Outcome.ACCOMMODATED)
    lasting = lasting_holds(facts)
    if kind is not SettlementKind.ACCOMMODATED:
        lasting = (*lasting, *country_holds(facts))
    terms = facts.terms
    if terms is not None and terms.authorisation is Authorisation.SPECIFIC and accepts(facts):
        return _on_hold(*lasting) if lasting else _closed(Outcome.ACCEPTED)
    if kind is None and waiver_closes(facts, at):
        return _on_hold(*lasting) if lasting else _closed(Outcome.ACCEPTED)
    if terms is None or window is None:
        holds = {*lasting, *serving_holds(facts)}
        return _on_hold(*holds) if holds else Standing(CaseState.WAITING)
    if kind is SettlementKind.ACCOMMODATED:
        # What was promised holds from now on: until it closes, an objection stops the use.
        closes = at >= window.silence_after_at and not lasting
        return _closed(Outcome.ACCOMMODATED) if closes else _objected(*lasting)
    if at < window.silence_after_at:
        if kind is not None and not lasting:
            # Settled; what remains is that the client may still speak until the window ends.
            return _objected()
        broken = broken_silence(facts, terms)
        holds = {*lasting, *broken}
        return _on_hold(*holds) if holds else Standing(CaseState.OPEN)
    return _standing_after_window(facts, terms, window, lasting)


def _standing_after_window(
    facts: CaseFacts, terms: NoticeTerms, window: Window, lasting: tuple[HoldReason, ...]
) -> Standing:
    """Window and grace are over: an outcome, or the reasons why a person must look."""
    settlement = facts.settlement
    if facts.is_blocked:
        return _on_hold(*lasting, *broken_silence(facts, terms))
    holds = {*lasting, *unread(facts, terms, window)}
    if settlement is not None and not silence_refuses(terms):
        settled = {
            SettlementKind.WITHDRAWN: Outcome.OBJECTION_WITHDRAWN,
            SettlementKind.INEFFECTIVE: Outcome.OBJECTION_INEFFECTIVE,
        }[settlement.kind]
        return _on_hold(*holds) if holds else _closed(settled)
    if accepts(facts):
        return _on_hold(*holds) if holds else _closed(Outcome.ACCEPTED)
    broken = broken_silence(facts, terms)
    if broken and facts.no_objection_by_two:
        return _on_hold(*holds) if holds else _closed(Outcome.NO_OBJECTION)
    holds |= set(broken)
    return _on_hold(*holds) if holds else _closed(_outcome_of_silence(terms))


def _outcome_of_silence(terms: NoticeTerms) -> Outcome:
    if silence_refuses(terms):
        return Outcome.NOT_AUTHORISED
    if terms.effect_of_silence is SilenceEffect.DEEMED_ACCEPTED:
        return Outcome.ACCEPTED_BY_SILENCE
    if terms.effect_of_objection is ObjectionEffect.TERMINATION:
        return Outcome.TERMINATION_NOT_EXERCISED
    return Outcome.NO_OBJECTION


def grown_window(old: Window | None, new: Window) -> Window:
    """The window that counts when a notice is served anew: never an earlier end (item 4)."""
    if old is None:
        return new
    # Holidays that are none any more may have shortened the grace alone.
    later_grace = max(new.silence_after_at, old.silence_after_at)
    if new.closes_at >= old.closes_at:
        return replace(new, silence_after_at=later_grace)
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
