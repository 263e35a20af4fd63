"""The notice terms of well-known contracts, as starting points for an agreement's own."""

from collections.abc import Mapping

from subnotify.rules.terms import Counting, NoticeTerms, Period, Termination
from subnotify.rules.terms_words import (
    CountingRule,
    DataAtEnd,
    FinancialEffect,
    ObjectionEffect,
    ObjectionForm,
    RunsFrom,
    SilenceBrokenBy,
    SilenceEffect,
    TakesEffect,
    TerminationScope,
    TimelyWhen,
)
from subnotify.rules.words import ChangeKind

PRESETS: Mapping[str, NoticeTerms] = {
    # seeds.md row 2: objection in any form; what it leads to is not said. The trigger is not
    # said either: receipt is the later reading. Any human response breaks silence.
    "fr-15-days": NoticeTerms(
        preset="fr-15-days",
        counting=Counting(CountingRule.FR_CPC_640_642, "Europe/Paris", "FR"),
        changes_covered=frozenset(
            {ChangeKind.ADDITION, ChangeKind.REPLACEMENT, ChangeKind.AMENDMENT}
        ),
        objection_period=Period(15),
        runs_from=RunsFrom.RECEIPT,
        objection_timely_when=TimelyWhen.UNSPECIFIED,
        effect_of_silence=SilenceEffect.DEEMED_ACCEPTED,
        silence_broken_by=SilenceBrokenBy.ANY_RESPONSE,
    ),
    # seeds.md row 1: objecting is terminating by registered letter within 30 days of receipt.
    "fr-30-days-registered": NoticeTerms(
        preset="fr-30-days-registered",
        counting=Counting(CountingRule.FR_CPC_640_642, "Europe/Paris", "FR"),
        changes_covered=frozenset({ChangeKind.ADDITION, ChangeKind.REPLACEMENT}),
        objection_period=Period(30),
        runs_from=RunsFrom.RECEIPT,
        objection_form=ObjectionForm.REGISTERED_POST,
        objection_timely_when=TimelyWhen.DISPATCHED,
        effect_of_silence=SilenceEffect.DEEMED_ACCEPTED,
        silence_irrevocable=True,
        effect_of_objection=ObjectionEffect.TERMINATION,
        termination=Termination(
            scope=TerminationScope.SERVICE,
            takes_effect=TakesEffect.AT_WINDOW_CLOSE,
            financial_effect=FinancialEffect.EARLY_TERMINATION,
            data=DataAtEnd.DESTROY,
        ),
        requires_agreement_dates=True,
    ),
}
