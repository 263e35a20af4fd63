"""What contradicts itself in notice terms is found, field by field, and nothing else is."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from subnotify.rules.contradictions import contradictions
from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import (
    Counting,
    DeemedReceipt,
    Emergency,
    NoticeRule,
    NoticeTerms,
    Period,
    Reading,
    Termination,
)
from subnotify.rules.terms_words import (
    Authorisation,
    Closes,
    CountingRule,
    DeemedKind,
    IfUnresolved,
    MayCommence,
    ObjectionEffect,
    ObjectionGrounds,
    RuleScope,
    RunsFrom,
    SilenceEffect,
    TakesEffect,
    Unit,
)
from subnotify.rules.words import Channel

SOUND = NoticeTerms(
    counting=Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris"),
    lead_time=Period(30),
    objection_period=Period(15),
    runs_from=RunsFrom.DISPATCH,
)
READING = {"runs_from": Reading("receipt", "Ana", date(2026, 1, 5), "said so")}
BD_COUNT = Counting(CountingRule.CONTRACT_BD_COUNT, "Europe/Paris")
BD = Period(10, Unit.BUSINESS_DAYS)
BACKWARD = RunsFrom.COMMENCEMENT_BACKWARD
TERMINATES = ObjectionEffect.TERMINATION

CONTRADICTORY: list[tuple[str, dict[str, Any]]] = [
    ("authorisation", {"authorisation": Authorisation.BLANKET}),
    (
        "authorisation",
        {
            "authorisation": Authorisation.BLANKET,
            "objection_period": None,
            "closes": Closes.END_OF_LEAD_TIME,
        },
    ),
    ("effect_of_silence", {"effect_of_silence": SilenceEffect.DEEMED_REFUSED}),
    ("changes_covered", {"changes_covered": frozenset()}),
    ("channels", {"channels": ()}),
    ("copy_channels", {"copy_channels": frozenset({Channel.EMAIL})}),
    ("runs_from", {"runs_from": RunsFrom.PUBLICATION}),
    ("may_commence", {"may_commence": MayCommence.AFTER_LEAD_TIME, "lead_time": None}),
    (
        "may_commence",
        {
            "may_commence": MayCommence.AFTER_LEAD_TIME,
            "authorisation": Authorisation.SPECIFIC,
        },
    ),
    ("deemed_receipt.days", {"deemed_receipt": DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH)}),
    (
        "deemed_receipt.days",
        {"deemed_receipt": DeemedReceipt(DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH)},
    ),
    ("deemed_receipt.days", {"deemed_receipt": DeemedReceipt(DeemedKind.AT_ACCEPTANCE, days=2)}),
    (
        "deemed_receipt.cutoff",
        {
            "deemed_receipt": DeemedReceipt(
                DeemedKind.NEXT_BUSINESS_DAY, opening=time(9), cutoff=time(8)
            )
        },
    ),
    ("objection_period", {"closes": Closes.END_OF_LEAD_TIME}),
    ("objection_period", {"closes": Closes.COMMENCEMENT}),
    (
        "runs_from",
        {"runs_from": BACKWARD, "closes": Closes.COMMENCEMENT, "objection_period": None},
    ),
    ("objection_period", {"runs_from": BACKWARD, "objection_period": Period(30)}),
    ("objection_period.unit", {"counting": BD_COUNT, "lead_time": BD}),
    ("lead_time.unit", {"counting": BD_COUNT, "objection_period": BD}),
    (
        "notice_rules[0].lead_time.unit",
        {
            "counting": BD_COUNT,
            "lead_time": BD,
            "objection_period": BD,
            "notice_rules": (NoticeRule(RuleScope.AFFILIATE, lead_time=Period(3)),),
        },
    ),
    (
        "notice_rules[0].objection_period",
        {
            "notice_rules": (
                NoticeRule(RuleScope.AFFILIATE, objection_period=Period(3), notice_only=True),
            )
        },
    ),
    (
        "notice_rules[1]",
        {"notice_rules": (NoticeRule(RuleScope.ANY), NoticeRule(RuleScope.AFFILIATE))},
    ),
    (
        "notice_rules[1]",
        {"notice_rules": (NoticeRule(RuleScope.AFFILIATE), NoticeRule(RuleScope.AFFILIATE))},
    ),
    ("silence_irrevocable", {"silence_irrevocable": True}),
    ("closed_grounds", {"objection_grounds": ObjectionGrounds.CLOSED_LIST}),
    ("objection_grounds", {"closed_grounds": ("a competitor",)}),
    (
        "accommodation_period",
        {"effect_of_objection": TERMINATES, "accommodation_period": Period(30)},
    ),
    (
        "if_unresolved",
        {"effect_of_objection": TERMINATES, "if_unresolved": IfUnresolved.EITHER},
    ),
    (
        "termination.exercise_within",
        {
            "effect_of_objection": TERMINATES,
            "termination": Termination(exercise_within=Period(30)),
        },
    ),
    ("deemed_accepted_after", {"if_unresolved": IfUnresolved.DEEMED_ACCEPTED}),
    ("if_unresolved", {"deemed_accepted_after": Period(60)}),
    ("termination.takes_effect", {"termination": Termination(effect_period=Period(30))}),
    (
        "termination.effect_period",
        {"termination": Termination(takes_effect=TakesEffect.AFTER_NOTICE)},
    ),
    ("emergency_replacement", {"emergency_replacement": Emergency(False, "at once")}),
    ("readings.runs_from", {"readings": READING}),
]


@pytest.mark.parametrize(("where", "changes"), CONTRADICTORY)
def test_a_contradiction_is_found_where_it_stands(where: str, changes: dict[str, Any]):
    (problem,) = contradictions(replace(SOUND, **changes))
    assert problem.where == where
    assert problem.message.endswith(".") and problem.remedy.endswith(".")
    assert str(problem)  # its places are filled


SOUND_TOO: list[dict[str, Any]] = [
    {},
    {"runs_from": RunsFrom.UNSPECIFIED, "readings": READING},
    {"runs_from": RunsFrom.PUBLICATION, "channels": (Channel.LIST_PUBLICATION,)},
    {"closes": Closes.END_OF_LEAD_TIME, "objection_period": None},
    {"runs_from": BACKWARD},
    {"runs_from": BACKWARD, "objection_period": Period(6, Unit.WEEKS)},
    {"counting": BD_COUNT, "lead_time": BD, "objection_period": BD},
    # The clocks after an objection count their own units, whatever the rule of the window.
    {
        "counting": BD_COUNT,
        "lead_time": BD,
        "objection_period": BD,
        "accommodation_period": Period(60),
    },
    {
        "may_commence": MayCommence.AFTER_LEAD_TIME,
        "lead_time": None,
        "notice_rules": (NoticeRule(RuleScope.AFFILIATE, lead_time=Period(3)),),
    },
    # Nobody used the right to terminate: the second silence rule.
    {"if_unresolved": IfUnresolved.EITHER, "deemed_accepted_after": Period(60)},
    # A client that sets the day itself needs no limit.
    {"termination": Termination(takes_effect=TakesEffect.CLIENTS_DATE)},
    {"authorisation": Authorisation.SPECIFIC, "effect_of_silence": SilenceEffect.DEEMED_REFUSED},
    {"authorisation": Authorisation.BLANKET, "objection_period": None},
    {"deemed_receipt": DeemedReceipt(DeemedKind.NEXT_BUSINESS_DAY, cutoff=time(17))},
    {
        "notice_rules": (
            NoticeRule(RuleScope.SERVICE, "crm", notice_only=True),
            NoticeRule(RuleScope.SERVICE, "mail"),
            NoticeRule(RuleScope.ANY),
        )
    },
    {"effect_of_objection": TERMINATES},
    {"emergency_replacement": Emergency(True, "at once")},
]


@pytest.mark.parametrize("changes", SOUND_TOO)
def test_what_goes_together_is_no_contradiction(changes: dict[str, Any]):
    assert contradictions(replace(SOUND, **changes)) == ()


def test_every_contradiction_is_listed_in_the_order_of_the_contract():
    terms = replace(
        SOUND,
        channels=(),
        silence_irrevocable=True,
        closed_grounds=("a",),
        runs_from=BACKWARD,
        closes=Closes.COMMENCEMENT,
    )
    assert [problem.where for problem in contradictions(terms)] == [
        "channels",
        "objection_period",
        "runs_from",
        "silence_irrevocable",
        "objection_grounds",
    ]


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_contradicts_itself(name: str):
    assert contradictions(PRESETS[name]) == ()
