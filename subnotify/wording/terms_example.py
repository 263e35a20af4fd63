"""Notice terms at work, for whoever enters them: what a notice given today would lead to."""

from datetime import date, datetime

from subnotify.rules.lead_times import may_use_early
from subnotify.rules.terms import NoticeRule, NoticeTerms
from subnotify.rules.terms_words import Authorisation, RuleScope, RunsFrom
from subnotify.rules.windows import Window
from subnotify.rules.words import ProofKind
from subnotify.wording.language import Wording


def example_sentence(
    terms: NoticeTerms, window: Window | None, commencement_on: date | None, w: Wording
) -> str:
    """ "A notice accepted by the client's server today can be objected to until ...".

    window None: under these terms none opens. commencement_on: assumed, where it matters.
    """
    if window is None:
        if terms.authorisation is Authorisation.BLANKET:
            return w.gettext(
                "Every change is authorised in advance: the client is informed, and no window"
                " opens."
            )
        return w.gettext("The client is informed of such a change, and no window opens.")
    until = w.in_zone(window.time_zone).until(window.closes_at)
    if commencement_on is not None:
        return w.gettext(
            "A notice given today of a change that takes effect on %(day)s can be objected to"
            " until %(until)s.",
            day=w.date(commencement_on, "weekday"),
            until=until,
        )
    return _from_today(terms, until, w)


def _from_today(terms: NoticeTerms, until: str, w: Wording) -> str:
    match terms.trigger:
        case RunsFrom.PUBLICATION:
            return w.gettext(
                "A change put on the list today can be objected to until %(until)s.", until=until
            )
        case RunsFrom.RECEIPT if terms.deemed_receipt is None:
            if ProofKind.RECIPIENT_SERVER in terms.proof_of_receipt:
                return w.gettext(
                    "A notice accepted by the client's server today can be objected to until"
                    " %(until)s.",
                    until=until,
                )
            return w.gettext(
                "A notice that is proven to be received today can be objected to until %(until)s.",
                until=until,
            )
        case _:
            return w.gettext("A notice sent today can be objected to until %(until)s.", until=until)


def lead_sentence(terms: NoticeTerms, lead_ends_at: datetime | None, w: Wording) -> str:
    """From when a change announced today may take effect under the lead time; "" without one."""
    if lead_ends_at is None:
        return ""
    told = w.in_zone(terms.counting.time_zone)
    day = told.date(told.local(lead_ends_at).date(), "weekday")
    if may_use_early(terms):
        return w.gettext(
            "If notice is given today, the change may take effect from %(day)s, even while the"
            " window still runs.",
            day=day,
        )
    return w.gettext(
        "If notice is given today, the lead time lets the change take effect from %(day)s; it also"
        " waits for the objection window to end.",
        day=day,
    )


def rule_words(rule: NoticeRule | None, w: Wording) -> str:
    """Which changes a rule of the terms applies to: "for companies of the vendor's group"."""
    if rule is None:
        return w.gettext("For every other change")
    match rule.applies_to:
        case RuleScope.ANY:
            return w.gettext("For every other change")
        case RuleScope.AFFILIATE:
            return w.gettext("For a company of the vendor's group")
        case RuleScope.THIRD_COUNTRY:
            return w.gettext("For a third country without an adequacy decision")
        case RuleScope.ADEQUATE_COUNTRY:
            return w.gettext("For a country with an adequacy decision")
        case RuleScope.SERVICE:
            return w.gettext("For the service %(name)s", name=rule.key)
        case RuleScope.DATA_CATEGORY:
            return w.gettext("For data of the category “%(name)s”", name=rule.key)
