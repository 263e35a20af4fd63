"""What legal may record of a termination after an objection: by whom, and from when."""

from dataclasses import dataclass
from datetime import date, datetime

from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.errors import RuleError
from subnotify.rules.holidays import HolidayCalendar
from subnotify.rules.objection_clocks import (
    TerminationEffect,
    clocks_of_case,
    objection_clocks,
    termination_effect,
)
from subnotify.rules.steps import TimeLimit
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import IfUnresolved, ObjectionEffect, TakesEffect
from subnotify.rules.time_limits import start_of_day, zone_of
from subnotify.rules.words import ResponseKind, TerminationParty

# Where the terms give the vendor no right of its own.
_CLIENT_ONLY = frozenset({IfUnresolved.CLIENT_MAY_TERMINATE, IfUnresolved.DEEMED_ACCEPTED})


class ServicesMissing(RuleError):
    message = "Choose the services that end: at least one of those in the agreement."


class EffectDayMissing(RuleError):
    message = "The terms do not say when a termination takes effect. Give the day."


class EffectDayFixed(RuleError):
    message = "The terms fix when the termination takes effect. Leave the day empty."


class EffectDayTooEarly(RuleError):
    message = (
        "A termination takes effect no earlier than its notice, on %(earliest)s. Give a later day."
    )


class EffectDayTooLate(RuleError):
    message = (
        "Under the terms the client's day is %(latest)s at the latest. Give that day or an earlier"
        " one."
    )


class DeclaredInFuture(RuleError):
    message = "The notice of termination cannot be from a day to come. Check the day."


class VendorMayNotTerminate(RuleError):
    message = "The terms give the vendor no right to terminate. Only the client may."


class VendorTooEarly(RuleError):
    message = (
        "The vendor may terminate only when no way was found until the end of %(last_day)s. Settle"
        " it otherwise, or wait."
    )


@dataclass(frozen=True)
class SettledTermination:
    """declared_on: when notice of it was received (or given). takes_effect_on: the first day
    without the services, None where the termination waits for the end of the window."""

    declared_on: date
    takes_effect_on: date | None


def settled_termination(
    facts: CaseFacts,
    calendar: HolidayCalendar,
    *,
    by: TerminationParty,
    declared_on: date | None,
    takes_effect_on: date | None,
    commencement_on: date | None,
    at: datetime,
) -> SettledTermination:
    """What is recorded of a termination. The day of effect is the terms', or the one given.

    Raises DeclaredInFuture, VendorMayNotTerminate, VendorTooEarly, EffectDayMissing,
    EffectDayFixed, EffectDayTooEarly, EffectDayTooLate.
    """
    zone = zone_of(facts.terms.counting.time_zone if facts.terms else "UTC")
    declared_on = declared_on or assumed_notice_on(facts, at=at)
    if declared_on > at.astimezone(zone).date():
        raise DeclaredInFuture
    if by is TerminationParty.VENDOR:
        _require_right_of_vendor(facts, calendar, declared_on)
    effect = effect_for_case(
        facts, calendar, start_of_day(declared_on, zone), commencement_on=commencement_on
    )
    if not effect.is_given:
        if takes_effect_on is not None and takes_effect_on != effect.takes_effect_on:
            raise EffectDayFixed
        waits = effect.when is TakesEffect.AT_WINDOW_CLOSE
        return SettledTermination(declared_on, None if waits else effect.takes_effect_on)
    if takes_effect_on is None:
        raise EffectDayMissing
    if effect.earliest_on is not None and takes_effect_on < effect.earliest_on:
        raise EffectDayTooEarly(earliest=effect.earliest_on)
    if effect.latest_on is not None and takes_effect_on > effect.latest_on:
        raise EffectDayTooLate(latest=effect.latest_on)
    return SettledTermination(declared_on, takes_effect_on)


def effect_for_case(
    facts: CaseFacts,
    calendar: HolidayCalendar,
    declared_at: datetime,
    *,
    commencement_on: date | None,
) -> TerminationEffect:
    """When a termination of this case takes effect whose notice was given at `declared_at`."""
    window = facts.window
    return termination_effect(
        facts.terms,
        declared_at,
        calendar,
        noticed_at=window.opens_at if window else None,
        window_closes_at=window.closes_at if window else None,
        commencement_on=commencement_on,
    )


def assumed_notice_on(facts: CaseFacts, *, at: datetime) -> date:
    """The day of the notice of termination where no other is given: the receipt of the last
    objection where objecting is terminating, else today, in the agreement's zone."""
    zone = zone_of(facts.terms.counting.time_zone if facts.terms else "UTC")
    terms = facts.terms
    if terms is not None and terms.effect_of_objection is ObjectionEffect.TERMINATION:
        received = [
            x.received_at
            for x in facts.responses
            if x.kind is ResponseKind.OBJECTION and x.is_effective
        ]
        at = max(received, default=at)
    return at.astimezone(zone).date()


def may_vendor_terminate(terms: NoticeTerms | None) -> bool:
    """Whether the terms leave the vendor a right to terminate after an objection; where they do
    not speak of it a person knows the rest of the contract."""
    return terms is None or terms.if_unresolved not in _CLIENT_ONLY


def _require_right_of_vendor(
    facts: CaseFacts, calendar: HolidayCalendar, declared_on: date
) -> None:
    if not may_vendor_terminate(facts.terms):
        raise VendorMayNotTerminate
    limit = accommodation_of(facts, calendar)
    if limit is not None and declared_on <= limit.latest.last_day:
        raise VendorTooEarly(last_day=limit.latest.last_day)


def accommodation_of(facts: CaseFacts, calendar: HolidayCalendar) -> TimeLimit | None:
    """The accommodation period of the last objection, settled or not."""
    clocks = clocks_of_case(facts, calendar)
    if clocks is not None:
        return clocks.accommodation
    received = [x.received_at for x in facts.responses if x.kind is ResponseKind.OBJECTION]
    if facts.terms is None or not received:
        return None
    return objection_clocks(facts.terms, max(received), calendar).accommodation
