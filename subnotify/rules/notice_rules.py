"""Terms that differ by the kind of change: the first rule that matches counts (DESIGN 6)."""

from dataclasses import replace

from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms import NoticeRule, NoticeTerms
from subnotify.rules.terms_words import Closes, RuleScope
from subnotify.rules.transfer_words import ADEQUATE, AT_HOME, ExportLaw, Reason


def matches(rule: NoticeRule, announced: SubprocessorFacts) -> bool:
    """Whether a rule applies to a change that announces these facts.

    announced: assessed, as frozen facts are. A third country is one outside the EEA that no
    adequacy decision makes lawful; an adequate country needs all others of the entry inside the
    EEA or adequate too. A location that was not assessed counts as a third country. A data
    category is found by its name in the announced ones, in any language, whatever the case.
    """
    match rule.applies_to:
        case RuleScope.ANY:
            return True
        case RuleScope.AFFILIATE:
            return announced.affiliate
        case RuleScope.THIRD_COUNTRY:
            return _leaves_adequacy(announced)
        case RuleScope.ADEQUATE_COUNTRY:
            return _leaves_eea(announced) and not _leaves_adequacy(announced)
        case RuleScope.SERVICE:
            return rule.key in announced.services
        case RuleScope.DATA_CATEGORY:
            named = (text.casefold() for _, text in announced.data_categories.by_language)
            return any(rule.key.casefold() in text for text in named)


def _leaves_eea(announced: SubprocessorFacts) -> bool:
    return any(_reason(location) not in AT_HOME for location in announced.locations)


def _leaves_adequacy(announced: SubprocessorFacts) -> bool:
    return any(_reason(location) not in AT_HOME | ADEQUATE for location in announced.locations)


def _reason(location: Location) -> Reason | None:
    """Under EU law, whose words these rules speak; else under the first law assessed."""
    judged = location.under(ExportLaw.EU_GDPR)
    if judged is None and location.assessed:
        judged = location.assessed[0].assessment
    return None if judged is None else judged.reason


def terms_for_change(terms: NoticeTerms, announced: SubprocessorFacts) -> NoticeTerms:
    """The terms as they hold for one change: without rules, those of the matching one applied.

    What the rule does not say holds as for every change. Under `notice_only` no kind of change
    is covered: the client is informed.
    """
    if not terms.notice_rules:
        return terms
    found = next((rule for rule in terms.notice_rules if matches(rule, announced)), None)
    return under_rule(terms, found)


def under_rule(terms: NoticeTerms, rule: NoticeRule | None) -> NoticeTerms:
    """The terms with one rule applied; with none, what holds for every other change."""
    if rule is None:
        return replace(terms, notice_rules=()) if terms.notice_rules else terms
    said_end = rule.objection_period is not None or rule.closes is not Closes.PERIOD
    return replace(
        terms,
        notice_rules=(),
        lead_time=rule.lead_time or terms.lead_time,
        objection_period=rule.objection_period if said_end else terms.objection_period,
        closes=rule.closes if said_end else terms.closes,
        changes_covered=frozenset() if rule.notice_only else terms.changes_covered,
        requires_agreement_dates=rule.requires_agreement_dates or terms.requires_agreement_dates,
    )


def all_variants(terms: NoticeTerms) -> tuple[NoticeTerms, ...]:
    """The terms under each rule, and without one where none applies to every change."""
    variants = [under_rule(terms, rule) for rule in terms.notice_rules]
    if not any(rule.applies_to is RuleScope.ANY for rule in terms.notice_rules):
        variants.append(under_rule(terms, None))
    return tuple(variants)
