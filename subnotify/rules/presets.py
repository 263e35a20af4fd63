"""The notice terms of well-known contracts, as starting points for an agreement's own."""

from collections.abc import Mapping
from dataclasses import replace

from subnotify.rules.terms import Counting, NoticeTerms, Period, Termination
from subnotify.rules.terms_words import (
    Authorisation,
    Closes,
    CountingRule,
    DataAtEnd,
    FinancialEffect,
    IfUnresolved,
    LeadBefore,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    RunsFrom,
    SilenceBrokenBy,
    SilenceEffect,
    TakesEffect,
    TerminationScope,
    TimelyWhen,
    Unit,
)
from subnotify.rules.words import ChangeKind

_ADDED_OR_REPLACED = frozenset({ChangeKind.ADDITION, ChangeKind.REPLACEMENT})

# Neither set of EU clauses says how its periods are counted; the regulation on the time limits of
# the Union's acts is the nearest. Replace it by the governing law's rule and calendar.
_EU = Counting(CountingRule.EU_1182_71, "Europe/Brussels")
_US = Counting(CountingRule.CONTRACT_CALENDAR, "America/New_York", "US")

# Option 1 of both sets: a request in time before the engagement, and a written yes. The form
# leaves the number blank, so no lead time is stated; without an answer nothing is authorised.
_EU_SPECIFIC = NoticeTerms(
    counting=_EU,
    authorisation=Authorisation.SPECIFIC,
    changes_covered=_ADDED_OR_REPLACED,
    lead_time_before=LeadBefore.ENGAGEMENT,
    closes=Closes.COMMENCEMENT,
    effect_of_silence=SilenceEffect.DEEMED_REFUSED,
    effect_of_objection=ObjectionEffect.NOT_USED_FOR_CLIENT,
)

# Option 2 of both sets: told in writing in time to object before the engagement. The number is
# blank here too; what silence and an objection lead to is not said.
_EU_GENERAL = NoticeTerms(
    counting=_EU,
    changes_covered=_ADDED_OR_REPLACED,
    lead_time_before=LeadBefore.ENGAGEMENT,
    closes=Closes.COMMENCEMENT,
)

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
        # The 30 days run from receipt, which a mail may never show: a registered letter does.
        receipt_fallback_days=10,
    ),
    # Clause 9(a) of the transfer clauses (modules 2 and 3), Decision (EU) 2021/914; from memory.
    "scc-2021-914-9a-specific": replace(_EU_SPECIFIC, preset="scc-2021-914-9a-specific"),
    "scc-2021-914-9a-general": replace(_EU_GENERAL, preset="scc-2021-914-9a-general"),
    # Clause 7.7(a) of the clauses under Art. 28, Decision (EU) 2021/915, options 1 and 2; read in
    # public copies.
    "scc-2021-915-7.7-specific": replace(_EU_SPECIFIC, preset="scc-2021-915-7.7-specific"),
    "scc-2021-915-7.7-general": replace(_EU_GENERAL, preset="scc-2021-915-7.7-general"),
    # Common Paper DPA, standard terms 1, section 2.6, read in a public copy: in writing, ten
    # business days ahead; thirty days after notice to object, else deemed accepted; then both
    # sides look for a solution in good faith, and nothing is said of what follows without one.
    # The window may outlive the lead time. Law and zone are the cover page's: chosen here.
    "common-paper-dpa": NoticeTerms(
        preset="common-paper-dpa",
        counting=_US,
        changes_covered=_ADDED_OR_REPLACED,
        lead_time=Period(10, Unit.BUSINESS_DAYS),
        lead_time_before=LeadBefore.ENGAGEMENT,
        objection_period=Period(30),
        effect_of_silence=SilenceEffect.DEEMED_ACCEPTED,
        effect_of_objection=ObjectionEffect.ACCOMMODATION,
    ),
    # Bonterms DPA 1.0, section on subprocessors; from memory: thirty days before the subprocessor
    # processes anything, thirty days after notice to object in writing for reasonable concerns of
    # data protection; without a solution the client may end the order concerned, refunded.
    "bonterms-dpa": NoticeTerms(
        preset="bonterms-dpa",
        counting=_US,
        changes_covered=_ADDED_OR_REPLACED,
        lead_time=Period(30),
        objection_period=Period(30),
        objection_form=ObjectionForm.WRITTEN,
        objection_grounds=ObjectionGrounds.DATA_PROTECTION,
        effect_of_objection=ObjectionEffect.ACCOMMODATION,
        if_unresolved=IfUnresolved.CLIENT_MAY_TERMINATE,
        termination=Termination(
            scope=TerminationScope.SERVICE, financial_effect=FinancialEffect.PRO_RATA_REFUND
        ),
    ),
    # A number of days and nothing else: everything unsaid stays so, and no last day moves.
    "15-days": NoticeTerms(
        preset="15-days",
        counting=Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris"),
        changes_covered=_ADDED_OR_REPLACED,
        objection_period=Period(15),
    ),
    "30-days": NoticeTerms(
        preset="30-days",
        counting=Counting(CountingRule.CONTRACT_CALENDAR, "Europe/Paris"),
        changes_covered=_ADDED_OR_REPLACED,
        objection_period=Period(30),
    ),
}
