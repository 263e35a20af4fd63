"""What in notice terms contradicts itself: accepted, because contracts do, and listed for legal.

What keeps dates from being computed is another question: `terms_checks.not_computable`.
"""

from collections.abc import Iterator

from subnotify.rules.errors import Problem
from subnotify.rules.periods import fits_rule
from subnotify.rules.plain_post import plain_post
from subnotify.rules.terms import NoticeTerms, Period
from subnotify.rules.terms_words import (
    COUNTS_DAYS,
    Authorisation,
    Closes,
    IfUnresolved,
    MayCommence,
    ObjectionEffect,
    ObjectionGrounds,
    RuleScope,
    RunsFrom,
    SilenceEffect,
    TakesEffect,
)
from subnotify.rules.words import Channel

_TAKES_A_PERIOD = frozenset({TakesEffect.CLIENTS_DATE, TakesEffect.AFTER_NOTICE})


def contradictions(terms: NoticeTerms) -> tuple[Problem, ...]:
    """Everything in the terms that cannot hold beside something else in them; empty if nothing.

    `where` is the field's name (`termination.effect_period`, `notice_rules[1]`); message and
    remedy are msgids. The order is that of the contract: authorisation, notice, window, silence,
    objection, termination.
    """
    return tuple(
        problem
        for find in (
            _authorisation,
            _notice,
            _receipt,
            plain_post,
            _window,
            _units,
            _rules,
            _silence,
        )
        for problem in find(terms)
    ) + tuple(
        problem
        for find in (_objection, _unresolved, _termination, _emergency, _readings)
        for problem in find(terms)
    )


def _authorisation(terms: NoticeTerms) -> Iterator[Problem]:
    has_window = terms.objection_period is not None or terms.closes is not Closes.PERIOD
    if terms.authorisation is Authorisation.BLANKET and has_window:
        yield Problem(
            "authorisation",
            "Every change is authorised in advance, and yet there is a window for objections.",
            "Use general authorisation if the client may object, or remove the window.",
        )
    refuses = terms.effect_of_silence is SilenceEffect.DEEMED_REFUSED
    if refuses and terms.authorisation is not Authorisation.SPECIFIC:
        yield Problem(
            "effect_of_silence",
            "Silence refuses, but the authorisation is not specific.",
            "Use specific authorisation if each change needs a yes, or another effect of silence.",
        )
    if has_window and not terms.changes_covered:
        yield Problem(
            "changes_covered",
            "No change is covered, and yet there is a window for objections.",
            "Name the changes of which the agreement speaks, or remove the window.",
        )


def _notice(terms: NoticeTerms) -> Iterator[Problem]:
    if not terms.channels:
        yield Problem(
            "channels",
            "Notice is given by no channel.",
            "Name the channel of the clause; email where it says nothing.",
        )
    if set(terms.channels) & terms.copy_channels:
        yield Problem(
            "copy_channels",
            "A channel carries both the notice and its copies.",
            "Leave it among the channels if notice by it counts, else among the copies.",
        )
    publishes = Channel.LIST_PUBLICATION in (*terms.channels, *terms.copy_channels)
    if terms.trigger is RunsFrom.PUBLICATION and not publishes:
        yield Problem(
            "runs_from",
            "The window runs from publication, but publishing the list is not notice.",
            "Add list_publication to the channels, or let the window run from dispatch or receipt.",
        )
    if terms.may_commence is MayCommence.AFTER_LEAD_TIME and not _has_lead_time(terms):
        yield Problem(
            "may_commence",
            "A change may commence after the lead time, but there is none.",
            "State the lead time, or use after_window.",
        )
    if terms.may_commence is MayCommence.AFTER_LEAD_TIME and terms.needs_a_yes:
        yield Problem(
            "may_commence",
            "A change may commence after the lead time, but the client must say yes first.",
            "Use after_window: nothing is used for this client before its yes.",
        )


def _has_lead_time(terms: NoticeTerms) -> bool:
    return terms.lead_time is not None or any(rule.lead_time for rule in terms.notice_rules)


def _receipt(terms: NoticeTerms) -> Iterator[Problem]:
    deemed = terms.deemed_receipt
    if deemed is None:
        return
    if deemed.kind in COUNTS_DAYS and deemed.days == 0:
        yield Problem(
            "deemed_receipt.days",
            "The notice counts as received some days after dispatch, but their number is zero.",
            "Write the number of days, or use at_acceptance.",
        )
    if deemed.kind not in COUNTS_DAYS and deemed.days:
        yield Problem(
            "deemed_receipt.days",
            "A number of days is stated that this kind of deemed receipt does not count.",
            "Use days_after_dispatch or business_days_after_dispatch, or remove the days.",
        )
    if deemed.cutoff is not None and deemed.cutoff <= deemed.opening:
        yield Problem(
            "deemed_receipt.cutoff",
            "The business day ends before it begins.",
            "Write an opening that is earlier than the cutoff.",
        )


def _window(terms: NoticeTerms) -> Iterator[Problem]:
    if terms.closes is not Closes.PERIOD and terms.objection_period is not None:
        yield Problem(
            "objection_period",
            "The window ends with the lead time or the commencement, and yet has a period.",
            "Use closes: period if the period ends the window, or remove the period.",
        )
    backward = terms.trigger is RunsFrom.COMMENCEMENT_BACKWARD
    if backward and terms.closes is not Closes.PERIOD:
        yield Problem(
            "runs_from",
            "The window is counted back from commencement, and yet ends otherwise.",
            "Use closes: period, or say from when the window runs.",
        )
    lead, period = terms.lead_time, terms.objection_period
    if backward and lead and period and _is_no_shorter(period, lead):
        yield Problem(
            "objection_period",
            "Counted back from commencement, the window is over when notice given in time begins.",
            "Correct the period or the lead time.",
        )


def _is_no_shorter(period: Period, lead: Period) -> bool:
    """Told only for periods of one unit: others need a calendar."""
    alike = period.unit is lead.unit and period.plus is None and lead.plus is None
    return alike and period.number >= lead.number


def _units(terms: NoticeTerms) -> Iterator[Problem]:
    named: list[tuple[str, Period | None]] = [
        ("lead_time", terms.lead_time),
        ("objection_period", terms.objection_period),
    ]
    for number, rule in enumerate(terms.notice_rules):
        named.append((f"notice_rules[{number}].lead_time", rule.lead_time))
        named.append((f"notice_rules[{number}].objection_period", rule.objection_period))
    for where, period in named:
        if period is not None and not fits_rule(period, terms.counting.rule):
            yield Problem(
                f"{where}.unit",
                "The rule %(rule)s does not count %(unit)s.",
                "Use the unit that the rule counts, or a rule that counts every unit, such as"
                " contract-calendar.",
                (("rule", terms.counting.rule.value), ("unit", period.unit.value)),
            )


def _rules(terms: NoticeTerms) -> Iterator[Problem]:
    seen: set[tuple[RuleScope, str]] = set()
    for number, rule in enumerate(terms.notice_rules):
        where = f"notice_rules[{number}]"
        if (RuleScope.ANY, "") in seen or (rule.applies_to, rule.key) in seen:
            yield Problem(
                where,
                "This rule never applies: an earlier one matches first.",
                "Put it before the other rule, or remove it.",
            )
        seen.add((rule.applies_to, rule.key))
        has_end = rule.closes is not Closes.PERIOD
        if rule.objection_period is not None and (has_end or rule.notice_only):
            yield Problem(
                f"{where}.objection_period",
                "The rule states a period for objections that it does not use.",
                "Use closes: period without notice_only, or remove the period.",
            )


def _silence(terms: NoticeTerms) -> Iterator[Problem]:
    if terms.silence_irrevocable and terms.effect_of_silence is not SilenceEffect.DEEMED_ACCEPTED:
        yield Problem(
            "silence_irrevocable",
            "Acceptance by silence is irrevocable, but silence does not accept.",
            "Use effect_of_silence: deemed_accepted, or remove silence_irrevocable.",
        )


def _objection(terms: NoticeTerms) -> Iterator[Problem]:
    is_closed_list = terms.objection_grounds is ObjectionGrounds.CLOSED_LIST
    if is_closed_list and not terms.closed_grounds:
        yield Problem(
            "closed_grounds",
            "Only grounds of a closed list are admitted, but the list is empty.",
            "Write the grounds that the clause names.",
        )
    if terms.closed_grounds and not is_closed_list:
        yield Problem(
            "objection_grounds",
            "Grounds are listed, but objections are not limited to them.",
            "Use objection_grounds: closed_list, or remove the list.",
        )
    if terms.effect_of_objection is not ObjectionEffect.TERMINATION:
        return
    if terms.accommodation_period is not None:
        yield Problem(
            "accommodation_period",
            "Objecting is terminating, and yet there is time to look for a solution.",
            "Use effect_of_objection: accommodation, or remove the period.",
        )
    if terms.if_unresolved is not IfUnresolved.UNSPECIFIED:
        yield Problem(
            "if_unresolved",
            "Objecting is terminating, and yet something follows from an unresolved objection.",
            "Use another effect_of_objection, or leave if_unresolved unspecified.",
        )
    if terms.termination.exercise_within is not None:
        yield Problem(
            "termination.exercise_within",
            "Objecting is terminating within the window, and yet there is another time limit.",
            "Use another effect_of_objection, or remove the time limit.",
        )


def _unresolved(terms: NoticeTerms) -> Iterator[Problem]:
    is_deemed = terms.if_unresolved is IfUnresolved.DEEMED_ACCEPTED
    if is_deemed and terms.deemed_accepted_after is None:
        yield Problem(
            "deemed_accepted_after",
            "An unresolved objection counts as acceptance after a time that is not stated.",
            "State the period, or use another value of if_unresolved.",
        )
    # Beside a right to terminate the period is the second silence rule: nobody used the right.
    is_unsaid = terms.if_unresolved is IfUnresolved.UNSPECIFIED
    if terms.deemed_accepted_after is not None and is_unsaid:
        yield Problem(
            "if_unresolved",
            "A period is stated after which the change counts as accepted, but not that it does.",
            "Use if_unresolved: deemed_accepted_after, or remove the period.",
        )


def _termination(terms: NoticeTerms) -> Iterator[Problem]:
    termination = terms.termination
    if termination.effect_period is not None and termination.takes_effect not in _TAKES_A_PERIOD:
        yield Problem(
            "termination.takes_effect",
            "A period until the termination takes effect is stated that nothing uses.",
            "Use takes_effect: clients_date or after_notice, or remove the period.",
        )
    after_notice = termination.takes_effect is TakesEffect.AFTER_NOTICE
    if after_notice and termination.effect_period is None:
        yield Problem(
            "termination.effect_period",
            "The termination takes effect after a notice whose length is not stated.",
            "State the period, or leave takes_effect unspecified.",
        )


def _emergency(terms: NoticeTerms) -> Iterator[Problem]:
    if terms.emergency_replacement.allowed is False and terms.emergency_replacement.terms:
        yield Problem(
            "emergency_replacement",
            "Replacement in an emergency is not allowed, and yet has terms.",
            "Correct one of the two.",
        )


def _readings(terms: NoticeTerms) -> Iterator[Problem]:
    for name in sorted(terms.readings):
        if getattr(terms, name) != "unspecified":
            yield Problem(
                f"readings.{name}",
                "A reading is recorded of what the agreement states itself.",
                "Remove the reading, or set the field to unspecified.",
            )
