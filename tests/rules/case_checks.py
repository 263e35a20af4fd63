"""What must hold of every outcome, told from the facts it was recorded under.

The arithmetic is this module's own: it does not ask the functions under test.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.case_facts import CaseFacts, ResponseFact
from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import NoticeTerms, Period
from subnotify.rules.terms_words import (
    Authorisation,
    IfUnresolved,
    ObjectionEffect,
    ObjectionForm,
    SilenceBrokenBy,
    SilenceEffect,
    TimelyWhen,
)
from subnotify.rules.windows import needs_commencement
from subnotify.rules.words import (
    HoldReason,
    Outcome,
    ProofKind,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
    Timeliness,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
FRANCE = get_calendar("FR")
PROOF = frozenset({ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT})
NO_ANSWER = (ResponseKind.ACKNOWLEDGEMENT, ResponseKind.WRONG_PERSON)
FAVOURABLE = {
    Outcome.ACCEPTED,
    Outcome.ACCEPTED_BY_SILENCE,
    Outcome.NO_OBJECTION,
    Outcome.OBJECTION_WITHDRAWN,
    Outcome.OBJECTION_INEFFECTIVE,
    Outcome.TERMINATION_NOT_EXERCISED,
}
SILENT = {Outcome.ACCEPTED_BY_SILENCE, Outcome.NO_OBJECTION, Outcome.TERMINATION_NOT_EXERCISED}
# A bounce of the message that served takes these back.
BY_SILENCE = SILENT | {Outcome.ACCEPTED_UNRESOLVED}
EARLY = {
    Outcome.TERMINATED,
    Outcome.AGREEMENT_ENDED,
    Outcome.CHANGE_WITHDRAWN,
    Outcome.INFORMED,
}


def terms_strategy() -> st.SearchStrategy[NoticeTerms | None]:
    general = st.builds(
        replace,
        st.sampled_from([x for x in PRESETS.values() if not needs_commencement(x)]),
        proof_of_receipt=st.just(PROOF),
        effect_of_silence=st.sampled_from(SilenceEffect),
        silence_broken_by=st.sampled_from(SilenceBrokenBy),
        objection_timely_when=st.sampled_from(TimelyWhen),
    )
    second_silence = st.builds(
        replace,
        general,
        effect_of_objection=st.sampled_from(
            [*[ObjectionEffect.ACCOMMODATION] * 4, ObjectionEffect.TERMINATION]
        ),
        objection_form=st.just(ObjectionForm.ANY),
        if_unresolved=st.just(IfUnresolved.DEEMED_ACCEPTED),
        deemed_accepted_after=st.sampled_from([None, Period(5), Period(20)]),
        accommodation_period=st.sampled_from([None, Period(10)]),
    )
    specific = st.builds(
        replace,
        st.one_of(general, second_silence),
        authorisation=st.just(Authorisation.SPECIFIC),
        effect_of_silence=st.just(SilenceEffect.DEEMED_REFUSED),
    )
    incomplete = general.map(lambda terms: replace(terms, proof_of_receipt=frozenset()))
    rare = st.one_of(incomplete, st.none())
    return st.one_of(general, general, general, second_silence, specific, rare)


@dataclass
class Closed:
    """One recorded outcome with everything that was known when it was recorded."""

    outcome: Outcome
    at: datetime
    facts: CaseFacts


def check_no_silence_without_proof(closed: Closed) -> None:
    if closed.outcome not in SILENT:
        return
    facts, window, terms = closed.facts, closed.facts.window, closed.facts.terms
    assert terms is not None and window is not None and facts.failure is None
    assert closed.at >= window.silence_after_at
    assert facts.replies_read_until and facts.replies_read_until >= window.closes_at
    if terms.needs_opened_post:
        opened = facts.post_opened_until
        assert opened is not None and opened >= window.silence_after_at
    assert terms.authorisation is Authorisation.GENERAL
    if closed.outcome is Outcome.ACCEPTED_BY_SILENCE:
        assert terms.effect_of_silence is SilenceEffect.DEEMED_ACCEPTED
    spoke = [x for x in facts.responses if x.kind not in NO_ANSWER]
    assert not [x for x in spoke if _waits(x, facts)]
    if terms.silence_broken_by is SilenceBrokenBy.ANY_RESPONSE and spoke:
        assert closed.outcome is Outcome.NO_OBJECTION and facts.no_objection_by_two


def check_no_second_silence_without_proof(closed: Closed) -> None:
    """`accepted_unresolved` needs all of these; each is told from the raw facts."""
    if closed.outcome is not Outcome.ACCEPTED_UNRESOLVED:
        return
    facts, window, terms = closed.facts, closed.facts.window, closed.facts.terms
    clock = facts.unresolved
    assert terms is not None and window is not None and clock is not None
    assert facts.failure is None and facts.reopened in (None, HoldReason.BOUNCED)
    assert terms.authorisation is Authorisation.GENERAL
    assert terms.if_unresolved is IfUnresolved.DEEMED_ACCEPTED
    assert terms.effect_of_objection is not ObjectionEffect.TERMINATION
    settled = facts.settlement.settles_up_to if facts.settlement else 0
    live = [x for x in _objections(closed) if x.number > settled]
    assert live, "what nobody objected to is not unresolved"
    last = max(x.received_at for x in live)
    for period in (terms.deemed_accepted_after, terms.accommodation_period):
        if period is not None:
            # A day of grace, less what the hour of the objection and of summer time can take.
            days = period.number + 1
            assert closed.at >= last + timedelta(days=days) - timedelta(hours=1)
    assert closed.at >= max(clock.after_at, window.silence_after_at)
    read = facts.replies_read_until
    assert read is not None and read >= max(clock.ends_at, window.closes_at)
    if terms.needs_opened_post:
        opened = facts.post_opened_until
        assert opened is not None and opened >= max(clock.after_at, window.silence_after_at)
    for objection in live:
        in_time = objection.received_at < window.closes_at
        sent = objection.dispatched_on
        # A person's "late" holds for what leaves a doubt.
        plainly = in_time and (sent is None or sent <= window.last_day)
        assert plainly or objection.decided is not Timeliness.LATE
        assert objection.decided is Timeliness.IN_TIME or in_time
    assert not [x for x in facts.responses if _waits(x, facts)]
    since = [x for x in facts.responses if x.number > max(y.number for y in live)]
    if terms.silence_broken_by is SilenceBrokenBy.ANY_RESPONSE:
        assert all(x.kind in NO_ANSWER for x in since)
    if facts.settlement is not None:
        assert facts.settlement.kind is not SettlementKind.TERMINATED


def check_an_objection_wins(closed: Closed) -> None:
    if closed.outcome not in FAVOURABLE:
        return
    settled = closed.facts.settlement.settles_up_to if closed.facts.settlement else 0
    open_objections = [
        x
        for x in closed.facts.responses
        if x.kind is ResponseKind.OBJECTION
        and x.is_effective
        and x.number > settled
        # What came after an express waiver beats nothing; in the same instant it does.
        and not (x.channel is ResponseChannel.LINK and _waived_before(x, closed.facts))
    ]
    if any(x.channel is not ResponseChannel.LINK for x in open_objections):
        # On paper the day of dispatch tells, and only a later one than the waiver's is after it.
        open_objections = [x for x in open_objections if not _sent_after_waiver(x, closed.facts)]
    assert not open_objections, "late or disputed ones too wait for a person"


def check_no_case_closes_early(closed: Closed) -> None:
    window, terms = closed.facts.window, closed.facts.terms
    specific = terms is not None and terms.authorisation is Authorisation.SPECIFIC
    if closed.outcome in EARLY or (
        specific and closed.outcome in (Outcome.ACCEPTED, Outcome.NOT_AUTHORISED)
    ):
        return
    if closed.outcome is Outcome.ACCOMMODATED and window is None:
        return
    if closed.outcome is Outcome.ACCEPTED and _waivers(closed.facts):
        assert window is not None and closed.at >= window.opens_at
        assert terms is not None and terms.proof_of_receipt and closed.facts.failure is None
        return
    assert window is not None and closed.at >= window.silence_after_at


def check_specific_authorisation_needs_an_answer(closed: Closed) -> None:
    terms = closed.facts.terms
    if terms is None or terms.authorisation is not Authorisation.SPECIFIC:
        return
    if closed.outcome is Outcome.ACCEPTED:
        yes = (ResponseKind.NO_OBJECTION, ResponseKind.WAIVER)
        said = [x for x in closed.facts.responses if x.kind in yes]
        assert any(x.is_effective and not x.is_disowned for x in said)
    assert closed.outcome not in BY_SILENCE
    # Nothing but a yes lets the subprocessor be used.
    assert closed.outcome not in FAVOURABLE - {Outcome.ACCEPTED}


def check_unknown_terms_are_never_guessed(closed: Closed) -> None:
    terms = closed.facts.terms
    if terms is None or not terms.proof_of_receipt:
        assert closed.outcome not in FAVOURABLE


def check_a_termination_stands(closed: Closed) -> None:
    settlement, terms = closed.facts.settlement, closed.facts.terms
    if closed.outcome is not Outcome.CHANGE_WITHDRAWN:
        return
    assert settlement is None or settlement.kind is not SettlementKind.TERMINATED
    if terms is None or terms.effect_of_objection is not ObjectionEffect.TERMINATION:
        return
    settled = settlement.settles_up_to if settlement else 0
    for response in closed.facts.responses:
        live = (
            response.kind is ResponseKind.OBJECTION
            and response.is_effective
            and response.number > settled
        )
        letter = response.channel is ResponseChannel.REGISTERED_POST
        if live and letter and response.decided is not Timeliness.LATE:
            window = closed.facts.window
            sent = response.dispatched_on
            assert window is not None
            # It was late by both dates: no termination was declared in time.
            assert response.received_at >= window.closes_at
            assert sent is not None and sent > window.last_day


def check_a_country_that_is_not_allowed_is_never_accepted(closed: Closed) -> None:
    """Neither silence, nor a yes, nor a settlement stands for the exception that is missing."""
    if closed.facts.is_blocked:
        assert closed.outcome in {
            Outcome.ACCOMMODATED,
            Outcome.NOT_AUTHORISED,
            Outcome.TERMINATED,
            Outcome.AGREEMENT_ENDED,
            Outcome.CHANGE_WITHDRAWN,
        }


def _objections(closed: Closed) -> list[ResponseFact]:
    effective = [x for x in closed.facts.responses if x.is_effective]
    return [x for x in effective if x.kind is ResponseKind.OBJECTION]


def _waivers(facts: CaseFacts) -> list[ResponseFact]:
    """Those that count: by code, and disowned by nobody."""
    return [
        x
        for x in facts.responses
        if x.kind is ResponseKind.WAIVER and x.is_effective and not x.is_disowned
    ]


def _waived_before(objection: ResponseFact, facts: CaseFacts) -> bool:
    return any((x.confirmed_at or x.received_at) < objection.received_at for x in _waivers(facts))


def _sent_after_waiver(objection: ResponseFact, facts: CaseFacts) -> bool:
    sent = objection.dispatched_on
    return sent is not None and any(
        (x.confirmed_at or x.received_at).date() < sent for x in _waivers(facts)
    )


def _waits(response: ResponseFact, facts: CaseFacts) -> bool:
    """Silence may not run over it: a question nobody read, an answer somebody disowned, unless
    a person cleared that with a reason."""
    asks = response.kind in (
        ResponseKind.QUESTION,
        ResponseKind.MORE_TIME,
        ResponseKind.WITHDRAWAL,
        ResponseKind.WRONG_PERSON,
    )
    is_cleared = response.disowned_is_cleared or HoldReason.RESPONSE_DISOWNED in facts.cleared
    disowned = response.is_disowned and not is_cleared
    return (asks and response.is_effective and not response.is_read) or disowned


CHECKS = (
    check_no_silence_without_proof,
    check_no_second_silence_without_proof,
    check_an_objection_wins,
    check_no_case_closes_early,
    check_specific_authorisation_needs_an_answer,
    check_unknown_terms_are_never_guessed,
    check_a_termination_stands,
    check_a_country_that_is_not_allowed_is_never_accepted,
)


def check_closed(closed: Closed) -> None:
    for check in CHECKS:
        check(closed)
