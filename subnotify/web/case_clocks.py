"""The clocks on the page of a case, and when a termination of it takes effect."""

from collections.abc import Sequence
from datetime import date, datetime

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.holidays import HolidayCalendar
from subnotify.rules.objection_clocks import (
    TerminationEffect,
    clocks_of_case,
    termination_exercise_ends,
)
from subnotify.rules.objections import timeliness_of
from subnotify.rules.terminations import assumed_notice_on, effect_for_case
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import ObjectionEffect
from subnotify.rules.time_limits import start_of_day, zone_of
from subnotify.rules.words import ResponseKind, SettlementKind, TerminationParty
from subnotify.storage.case_decisions import settled_effect_on
from subnotify.storage.case_head import CaseHead
from subnotify.storage.tables import SettlementRow
from subnotify.wording.language import Wording
from subnotify.wording.objection_timeline import (
    ClockTold,
    effect_steps,
    effect_told,
    objection_clocks_told,
)
from subnotify.wording.responses import timeliness_sentence
from subnotify.wording.termination_terms import costs_sentence, data_sentences, scope_sentence


def calendar_of(terms: NoticeTerms | None) -> HolidayCalendar:
    return get_calendar(terms.counting.holiday_calendar if terms else "none")


def expected_effect(head: CaseHead, *, at: datetime) -> tuple[date, TerminationEffect]:
    """The day of notice that is assumed, and when a termination of that day takes effect."""
    facts = head.facts
    declared_on = assumed_notice_on(facts, at=at)
    zone = zone_of(facts.terms.counting.time_zone if facts.terms else "UTC")
    effect = effect_for_case(
        facts,
        calendar_of(facts.terms),
        start_of_day(declared_on, zone),
        commencement_on=head.change.commencement_on,
    )
    return declared_on, effect


def expected_effect_sentences(
    head: CaseHead, effect: TerminationEffect, w: Wording
) -> tuple[str, ...]:
    """For the form that settles: what a termination ends, when, at what cost, and the data."""
    terms = head.facts.terms
    told = effect_told(effect, w)
    if terms is None:
        return told
    ending = terms.termination
    costs = costs_sentence(ending.financial_effect, w)
    return (scope_sentence(ending.scope, w), *told, costs, *data_sentences(ending, w))


def expected_effect_steps(
    head: CaseHead, declared_on: date, effect: TerminationEffect, w: Wording
) -> tuple[str, ...]:
    """How the day in these sentences was counted; nothing where no period was."""
    noticed_at = head.window.opens_at if head.window else None
    return effect_steps(effect, head.facts.terms, declared_on, noticed_at, w)


def effect_sentence(head: CaseHead, settlement: SettlementRow, w: Wording) -> str:
    """When a recorded termination takes effect."""
    effect_on = settled_effect_on(settlement, head.facts.terms, head.change.commencement_on)
    if effect_on is not None:
        day = w.date(effect_on, "weekday")
        return w.gettext("The termination takes effect on %(day)s.", day=day)
    if head.window is None:
        return w.gettext(
            "Under the terms the termination takes effect when the window ends; no window runs yet."
        )
    return w.gettext(
        "Under the terms the termination takes effect when the window ends, after"
        " %(end)s, without further input.",
        end=w.until(head.window.closes_at),
    )


def termination_facts(head: CaseHead, settlement: SettlementRow, w: Wording) -> Sequence[str]:
    """By whom, on which notice, from when, and what it costs."""
    said = []
    if settlement.declared_on is not None:
        day = w.date(settlement.declared_on, "weekday")
        if settlement.terminated_by == TerminationParty.VENDOR:
            said.append(w.gettext("We terminate; notice was given on %(day)s.", day=day))
        else:
            said.append(w.gettext("The client terminates; its notice came on %(day)s.", day=day))
    if settlement.terminated_by != TerminationParty.VENDOR:
        said.append(_exercised(head, settlement, w))
    said.append(effect_sentence(head, settlement, w))
    terms = head.facts.terms
    if terms is not None:
        said.append(costs_sentence(terms.termination.financial_effect, w))
    return said


def _exercised(head: CaseHead, settlement: SettlementRow, w: Wording) -> str:
    """Whether the client gave its notice of termination in the time that the terms give."""
    facts, terms, declared_on = head.facts, head.facts.terms, settlement.declared_on
    objections = [
        x
        for x in facts.responses
        if x.kind is ResponseKind.OBJECTION
        and x.is_effective
        and x.number <= (settlement.response_id or 0)
    ]
    if terms is None or declared_on is None or not objections:
        return ""
    if terms.effect_of_objection is ObjectionEffect.TERMINATION:
        timeliness = timeliness_of(facts, objections[-1])
        said = timeliness_sentence(timeliness, w)
        return w.gettext("Objecting is terminating under the terms. %(said)s", said=said)
    received_at = max(objection.received_at for objection in objections)
    limit = termination_exercise_ends(terms, received_at, calendar_of(terms))
    if limit is None:
        return w.gettext("The terms set no time for the notice of termination.")
    ends_at = limit.latest.ends_at
    until = w.until(ends_at)
    if start_of_day(declared_on, zone_of(terms.counting.time_zone)) < ends_at:
        return w.gettext(
            "It was exercised in time; that was possible until %(until)s.", until=until
        )
    return w.gettext(
        "It was exercised after the time that the terms give, until %(until)s: it rests on the"
        " decision of legal.",
        until=until,
    )


def clock_rows(head: CaseHead, settlement: SettlementRow | None, w: Wording) -> Sequence[ClockTold]:
    """What runs from the objection, or to the effect of a termination, while the case is open.

    w: in the agreement's zone.
    """
    if head.facts.outcome is not None:
        return ()
    facts = head.facts
    rows: list[ClockTold] = []
    clocks = clocks_of_case(facts, calendar_of(facts.terms))
    if clocks is not None and facts.terms is not None:
        rows += objection_clocks_told(clocks, facts.terms, w)
    if settlement is not None and settlement.kind == SettlementKind.TERMINATED:
        effect_on = settled_effect_on(settlement, facts.terms, head.change.commencement_on)
        waits = head.window.closes_at if head.window and effect_on is None else None
        rows.append(
            ClockTold(
                w.gettext("Termination takes effect"),
                waits,
                effect_on,
                said=(effect_sentence(head, settlement, w),),
            )
        )
    return rows
