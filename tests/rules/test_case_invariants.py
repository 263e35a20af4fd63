"""DESIGN section 3, items 1 to 5, 7 and 13, over random histories of one case.

The machine plays what operations do: it records facts, asks `decide`, and writes the outcome or
the reopening that the standing says. The invariants are checked against the raw history, with
arithmetic of their own, not with the functions under test.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from subnotify.rules.case_facts import (
    CaseFacts,
    RecordedOutcome,
    ResponseFact,
    SettlementFact,
    Standing,
)
from subnotify.rules.cases import decide, grown_window, may_use
from subnotify.rules.objection_clocks import clocks_of_case, grown_clock
from subnotify.rules.objections import live_objections
from subnotify.rules.responses import possible_answers
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.windows import Window, compute_window, extend_window
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    HoldReason,
    Outcome,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
    Timeliness,
)
from tests.rules.case_checks import BY_SILENCE, FRANCE, START, Closed, check_closed, terms_strategy


class CaseHistory(RuleBasedStateMachine):
    """One case from release on; time only moves forward."""

    @initialize(
        terms=terms_strategy(),
        kind=st.sampled_from([*[ChangeKind.ADDITION] * 4, *ChangeKind]),
        served=st.booleans(),
        calm=st.booleans(),
        talkative=st.booleans(),
    )
    def release(
        self, terms: NoticeTerms | None, kind: ChangeKind, served: bool, calm: bool, talkative: bool
    ) -> None:
        self.at = START
        # In a calm history nothing ends the case from outside, so that it runs its course.
        self.calm = calm
        # A client that is not talkative speaks only after an outcome: silence gets its chance.
        self.talkative = talkative
        self.facts = CaseFacts(kind=kind, terms=terms)
        self.last_window: Window | None = None
        self.closes: list[datetime] = []
        self.closed: list[Closed] = []
        self.reopenings: list[tuple[Outcome, HoldReason]] = []
        self.number = 0
        self.clocks_grew = True
        self._apply()
        if served and self._computable():
            self.is_served(0)

    def _apply(self) -> None:
        """What operations/apply_standings does, without a database."""
        clock = grown_clock(self.facts.unresolved, clocks_of_case(self.facts, FRANCE))
        if clock is not None and self.facts.unresolved is not None:
            self.clocks_grew = self.clocks_grew and clock.ends_at >= self.facts.unresolved.ends_at
        self.facts = replace(self.facts, unresolved=clock)
        standing = decide(self.facts, at=self.at)
        if standing.outcome is not None and self.facts.outcome is None:
            self.closed.append(Closed(standing.outcome, self.at, self.facts))
            unresolved = standing.outcome is Outcome.ACCEPTED_UNRESOLVED
            covers = max((x.number for x in live_objections(self.facts)), default=-1)
            recorded = RecordedOutcome(standing.outcome, self.at, covers if unresolved else -1)
            self.facts = replace(self.facts, outcome=recorded)
        elif standing.outcome is None and self.facts.outcome is not None:
            assert standing.state is CaseState.HOLD, "closed moves to hold and nowhere else"
            self.reopenings.append((self.facts.outcome.outcome, standing.holds[0]))
            self.facts = replace(
                self.facts,
                outcome=None,
                reopened=standing.holds[0],
                corrected_by_two=False,
                no_objection_by_two=False,
                cleared=frozenset(),
            )
        self.standing: Standing = standing

    def _computable(self) -> bool:
        return self.facts.terms is not None and bool(self.facts.terms.proof_of_receipt)

    @rule(hours=st.integers(1, 60), days=st.integers(0, 30))
    def time_passes(self, hours: int, days: int) -> None:
        self.at += timedelta(hours=hours, days=days)
        self._apply()

    @precondition(lambda self: self._computable() and self.facts.window is None)
    @rule(delay=st.integers(0, 48))
    def is_served(self, delay: int) -> None:
        """Also anew, after a bounce: the window only grows."""
        terms = self.facts.terms
        assert terms is not None
        self.at += timedelta(hours=delay)
        window = grown_window(self.last_window, compute_window(terms, self.at, FRANCE))
        self._set_window(window)
        self.facts = replace(self.facts, failure=None, is_dispatched=True)
        self._apply()

    def _set_window(self, window: Window) -> None:
        self.last_window = window
        self.closes.append(window.closes_at)
        self.facts = replace(self.facts, window=window)

    @rule(is_blocked=st.sampled_from([False, False, True]))
    def a_country_is_closed_or_opened(self, is_blocked: bool) -> None:
        self.facts = replace(self.facts, is_blocked=is_blocked)
        self._apply()

    @precondition(lambda self: not self.calm)
    @rule()
    def is_refused_or_bounces(self) -> None:
        reason = HoldReason.BOUNCED if self.last_window else HoldReason.NOT_SERVED
        self.facts = replace(self.facts, window=None, failure=reason)
        self._apply()

    @precondition(lambda self: self.facts.window is not None)
    @rule(days=st.integers(-10, 30))
    def legal_extends(self, days: int) -> None:
        terms, window = self.facts.terms, self.facts.window
        assert terms is not None and window is not None
        later = window.last_day + timedelta(days=days)
        self._set_window(extend_window(terms, window, later, FRANCE))
        self._apply()

    def _respond(self, response: ResponseFact) -> None:
        self.facts = replace(self.facts, responses=(*self.facts.responses, response))
        self._apply()

    def _next(self, kind: ResponseKind, **more: object) -> ResponseFact:
        self.number += 1
        fact = ResponseFact(number=self.number, kind=kind, received_at=self.at)
        return replace(fact, **more)

    @precondition(lambda self: self.talkative or self.closed)
    @rule(
        kind=st.sampled_from(
            [
                ResponseKind.ACKNOWLEDGEMENT,
                ResponseKind.QUESTION,
                ResponseKind.MORE_TIME,
                ResponseKind.WRONG_PERSON,
            ]
        )
    )
    def client_writes(self, kind: ResponseKind) -> None:
        self._respond(self._next(kind))

    @precondition(lambda self: self.talkative or self.closed)
    @rule(
        channel=st.sampled_from([ResponseChannel.LINK, ResponseChannel.REGISTERED_POST]),
        sent_days_ago=st.integers(0, 12),
    )
    def client_objects(self, channel: ResponseChannel, sent_days_ago: int) -> None:
        sent = (self.at - timedelta(days=sent_days_ago)).date()
        by_post = channel is ResponseChannel.REGISTERED_POST
        self._respond(
            self._next(
                ResponseKind.OBJECTION, channel=channel, dispatched_on=sent if by_post else None
            )
        )

    @precondition(lambda self: self.talkative or self.closed)
    @rule(effective=st.booleans())
    def client_says_no_objection(self, effective: bool) -> None:
        self._respond(self._next(ResponseKind.NO_OBJECTION, is_effective=effective))

    @precondition(lambda self: self.talkative or self.closed)
    @rule(confirmed=st.booleans())
    def client_waives_the_rest_of_the_window(self, confirmed: bool) -> None:
        """As the page lets it: only where there is a window, and no objection stands."""
        assume(ResponseKind.WAIVER in possible_answers(self.facts))
        self._respond(
            self._next(
                ResponseKind.WAIVER,
                is_effective=confirmed,
                confirmed_at=self.at if confirmed else None,
            )
        )

    @precondition(lambda self: self.facts.responses)
    @rule(data=st.data())
    def a_person_deals_with_a_response(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.facts.responses))
        what = data.draw(st.sampled_from(["read", "disown", "clear", "in_time", "late"]))
        changed = {
            "read": replace(chosen, is_read=True),
            "disown": replace(chosen, is_disowned=True),
            "clear": replace(chosen, disowned_is_cleared=True),
            "in_time": replace(chosen, decided=Timeliness.IN_TIME),
            "late": replace(chosen, decided=Timeliness.LATE),
        }[what]
        responses = tuple(changed if x is chosen else x for x in self.facts.responses)
        self.facts = replace(self.facts, responses=responses)
        self._apply()

    @rule(kind=st.sampled_from(SettlementKind), effect_days=st.integers(0, 60))
    def legal_settles(self, kind: SettlementKind, effect_days: int) -> None:
        objections = [x for x in self.facts.responses if x.kind is ResponseKind.OBJECTION]
        assume(objections)
        effect = self.at + timedelta(days=effect_days)
        settled = SettlementFact(kind, objections[-1].number, effect)
        self.facts = replace(self.facts, settlement=settled)
        self._apply()

    @precondition(lambda self: self.facts.settlement is not None)
    @rule()
    def legal_undoes_its_settlement(self) -> None:
        if self.facts.outcome is None:
            self.facts = replace(self.facts, settlement=None, unsettled_at=self.at)
            self._apply()

    @rule()
    def replies_are_read(self) -> None:
        self.facts = replace(self.facts, replies_read_until=self.at)
        self._apply()

    @rule()
    def post_is_opened(self) -> None:
        self.facts = replace(self.facts, post_opened_until=self.at)
        self._apply()

    @rule(days=st.integers(20, 60))
    def weeks_later_everything_is_read(self, days: int) -> None:
        self.at += timedelta(days=days)
        confirmed = {"replies_read_until": self.at, "post_opened_until": self.at}
        self.facts = replace(self.facts, **confirmed)
        self._apply()

    @rule()
    def two_persons_close(self) -> None:
        self.facts = replace(self.facts, no_objection_by_two=True)
        self._apply()

    @precondition(lambda self: self.facts.outcome is not None and not self.calm)
    @rule()
    def two_persons_correct(self) -> None:
        self.facts = replace(self.facts, corrected_by_two=True)
        self._apply()

    @rule(reason=st.sampled_from(HoldReason))
    def a_person_clears(self, reason: HoldReason) -> None:
        self.facts = replace(self.facts, cleared=self.facts.cleared | {reason})
        self._apply()

    @precondition(lambda self: not self.calm)
    @rule(which=st.sampled_from(["withdrawn", "ended"]))
    def change_or_agreement_goes(self, which: str) -> None:
        if which == "withdrawn":
            self.facts = replace(self.facts, change_withdrawn=True)
        else:
            self.facts = replace(self.facts, agreement_ended=True)
        self._apply()

    # What must hold, told from the history.

    @invariant()
    def state_and_outcome_agree(self) -> None:
        if not hasattr(self, "standing"):
            return
        standing = decide(self.facts, at=self.at)
        assert (standing.state is CaseState.CLOSED) == (standing.outcome is not None)
        assert (standing.state is CaseState.HOLD) <= bool(standing.holds)
        assert decide(self.facts, at=self.at) == standing

    @invariant()
    def every_outcome_was_due(self) -> None:
        for closed in getattr(self, "closed", []):
            check_closed(closed)

    @invariant()
    def windows_only_grow(self) -> None:
        closes = getattr(self, "closes", [])
        assert closes == sorted(closes)

    @invariant()
    def clocks_of_objections_only_grow(self) -> None:
        assert getattr(self, "clocks_grew", True)

    @invariant()
    def outcomes_come_back_for_three_facts_only(self) -> None:
        for outcome, reason in getattr(self, "reopenings", []):
            assert reason in {
                HoldReason.BOUNCED,
                HoldReason.OBJECTION_AFTER_CLOSING,
                HoldReason.RECORD_CORRECTED,
            }
            if reason is HoldReason.BOUNCED:
                assert outcome in BY_SILENCE

    @invariant()
    def nothing_is_used_before_its_time(self) -> None:
        if not hasattr(self, "standing"):
            return
        commencement_at = START + timedelta(days=45)
        usable = may_use(self.standing, at=self.at, commencement_at=commencement_at)
        if usable:
            assert self.at >= commencement_at
            assert self.standing.state is CaseState.CLOSED
            assert self.standing.outcome not in {
                Outcome.ACCOMMODATED,
                Outcome.NOT_AUTHORISED,
                Outcome.TERMINATED,
                Outcome.CHANGE_WITHDRAWN,
            }


TestCaseHistory = CaseHistory.TestCase
TestCaseHistory.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
