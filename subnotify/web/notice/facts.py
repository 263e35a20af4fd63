"""From what is stored of a notice to what the sentences of wording/ take."""

from datetime import date, timedelta

from subnotify.rules.case_facts import ResponseFact
from subnotify.rules.objection_clocks import clocks_of_case
from subnotify.rules.objections import is_valid_form, timeliness_of
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import Outcome, SettlementKind
from subnotify.storage.notice_reading import ChangeShown
from subnotify.storage.responses import StoredResponse
from subnotify.web.case_clocks import calendar_of
from subnotify.web.notice.opening import OpenedNotice
from subnotify.wording.change_facts import ChangeFacts
from subnotify.wording.responses import ResponseFacts


def change_facts(change: ChangeShown) -> ChangeFacts:
    return ChangeFacts(
        kind=change.kind,
        facts=change.facts,
        services=change.services,
        # What was withdrawn takes effect on no day.
        commencement_on=None
        if change.outcome is Outcome.CHANGE_WITHDRAWN
        else change.commencement_on,
        replaced=change.replaced,
        before=change.before,
        names=change.names,
        laws=change.laws,
        blocked=change.blocked,
    )


def response_facts(opened: OpenedNotice, response: StoredResponse) -> ResponseFacts:
    """What a person decided of its timeliness goes before the one recorded, as far as it still
    holds for the window."""
    facts = opened.facts.get(response.case_id) if response.case_id is not None else None
    fact = ResponseFact(response.id, response.kind, response.received_at, response.channel)
    timeliness = response.timeliness
    if facts is not None and response.timeliness_decided is not None:
        said = next(x for x in facts.responses if x.number == response.id)
        timeliness = timeliness_of(facts, said)
    return ResponseFacts(
        kind=response.kind,
        state=response.state,
        has_valid_form=is_valid_form(opened.terms, fact),
        terms=opened.terms,
        zone=opened.shown.time_zone,
        timeliness=timeliness,
        closes_at=facts.window.closes_at if facts and facts.window else None,
        services=service_names(opened, response),
        clocks=clocks_of_case(facts, calendar_of(facts.terms)) if facts else None,
    )


def last_service_day(opened: OpenedNotice, case_id: int) -> date | None:
    """The last day with the services that a termination of this case ends."""
    facts = opened.facts[case_id]
    settlement, window = facts.settlement, facts.window
    if settlement is None or settlement.kind is not SettlementKind.TERMINATED:
        return None
    if settlement.takes_effect_at is not None:
        zone = zone_of(facts.terms.counting.time_zone if facts.terms else "UTC")
        return settlement.takes_effect_at.astimezone(zone).date() - timedelta(days=1)
    return window.last_day if window else None


def service_names(opened: OpenedNotice, response: StoredResponse) -> tuple[str, ...]:
    """Names of the services that a response is about: those it names, else those concerned."""
    brief = opened.shown.brief
    if response.services:
        names = brief.services_of(())
        return tuple(names.get(key, key) for key in response.services)
    return tuple(brief.services_of([response.case_id] if response.case_id else []).values())
