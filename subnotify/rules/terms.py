"""Notice terms: what an agreement says about changes (DESIGN section 6).

The closed sets hold the whole vocabulary, so that an agreement can be entered as it is written;
`not_computable` names what the engine of `windows` cannot count yet. Such a case is on hold.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from subnotify.rules.words import ChangeKind, Channel, ProofKind


class Authorisation(StrEnum):
    GENERAL = "general"
    SPECIFIC = "specific"
    BLANKET = "blanket"


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"
    JOURS_OUVRABLES = "jours_ouvrables"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class RunsFrom(StrEnum):
    DISPATCH = "dispatch"
    RECEIPT = "receipt"
    PUBLICATION = "publication"
    COMMENCEMENT_BACKWARD = "commencement_backward"
    UNSPECIFIED = "unspecified"


class CountingRule(StrEnum):
    """Rule ids of DESIGN section 7."""

    CONTRACT_CALENDAR = "contract-calendar"
    CONTRACT_ROLL_BD = "contract-roll-bd"
    CONTRACT_BD_COUNT = "contract-bd-count"
    CONTRACT_JOURS_OUVRABLES = "contract-jours-ouvrables"
    CONTRACT_HOURS_ELAPSED = "contract-hours-elapsed"
    EU_1182_71 = "eu-1182-71"
    EU_1182_71_HOURS = "eu-1182-71-hours"
    FR_CPC_640_642 = "fr-cpc-640-642"
    FR_R53_3_WINDOW = "fr-r53-3-window"
    DE_BGB_187_193 = "de-bgb-187-193"
    CH_OR_77_78 = "ch-or-77-78"
    BASEL_1972 = "basel-1972"
    BE_CJ_52_54 = "be-cj-52-54"
    UK_COMMON_LAW = "uk-common-law"
    UK_CLEAR_DAYS = "uk-clear-days"
    RETRO_1182_71 = "retro-1182-71"


class ServedWhen(StrEnum):
    EVERY = "every_notice_contact"
    ANY = "any_notice_contact"


class ObjectionForm(StrEnum):
    ANY = "any"
    EMAIL = "email"
    WRITTEN = "written"
    ONLINE = "online"
    REGISTERED_POST = "registered_post"


class TimelyWhen(StrEnum):
    DISPATCHED = "dispatched"
    RECEIVED = "received"
    UNSPECIFIED = "unspecified"


class ObjectionGrounds(StrEnum):
    NONE = "none"
    REASONS_STATED = "reasons_stated"
    REASONABLE = "reasonable"
    DATA_PROTECTION = "data_protection"
    CLOSED_LIST = "closed_list"


class SilenceEffect(StrEnum):
    DEEMED_ACCEPTED = "deemed_accepted"
    DEEMED_REFUSED = "deemed_refused"
    UNSPECIFIED = "unspecified"


class SilenceBrokenBy(StrEnum):
    OBJECTION = "objection"
    ANY_RESPONSE = "any_response"


class ObjectionEffect(StrEnum):
    ACCOMMODATION = "accommodation"
    NOT_USED_FOR_CLIENT = "not_used_for_client"
    TERMINATION = "objection_is_termination"
    FEATURE_WITHDRAWN = "feature_withdrawn"
    SUSPEND_ENGAGEMENT = "suspend_engagement"
    UNSPECIFIED = "unspecified"


class MayCommence(StrEnum):
    AFTER_WINDOW = "after_window"
    AFTER_LEAD_TIME = "after_lead_time"


class TerminationScope(StrEnum):
    SERVICE = "service"
    SUITE = "suite"
    AGREEMENT = "agreement"
    ADDENDUM = "addendum"
    UNSPECIFIED = "unspecified"


class TakesEffect(StrEnum):
    IMMEDIATELY = "immediately"
    AT_WINDOW_CLOSE = "at_window_close"
    AT_COMMENCEMENT = "at_commencement"
    UNSPECIFIED = "unspecified"


class FinancialEffect(StrEnum):
    PRO_RATA_REFUND = "pro_rata_refund"
    NONE = "none"
    EARLY_TERMINATION = "client_bears_early_termination"
    UNSPECIFIED = "unspecified"


class DataAtEnd(StrEnum):
    DESTROY = "destroy"
    RETURN = "return"
    CLIENT_CHOOSES = "client_chooses"
    UNSPECIFIED = "unspecified"


@dataclass(frozen=True)
class Period:
    number: int
    unit: Unit = Unit.DAYS


@dataclass(frozen=True)
class Counting:
    """How days are counted: the rule, the IANA zone, and the holiday calendar.

    holiday_calendar: "none", an ISO 3166-1 code, or country-subdivision ("FR-57").
    """

    rule: CountingRule
    time_zone: str
    holiday_calendar: str = "none"


@dataclass(frozen=True)
class Termination:
    scope: TerminationScope = TerminationScope.UNSPECIFIED
    takes_effect: TakesEffect = TakesEffect.UNSPECIFIED
    financial_effect: FinancialEffect = FinancialEffect.UNSPECIFIED
    data: DataAtEnd = DataAtEnd.UNSPECIFIED
    data_days: int | None = None


@dataclass(frozen=True)
class Provenance:
    """Where the terms come from: clause, its words, who read it and when."""

    clause: str = ""
    quotation: str = ""
    read_by: str = ""
    read_on: date | None = None
    # The reading taken where the clause is silent, and why.
    reading: str = ""


ALL_CHANGES = frozenset(ChangeKind)


@dataclass(frozen=True)
class NoticeTerms:
    """One version of an agreement's notice terms.

    objection_period None: the clause states no window. proof_of_receipt empty: nobody has chosen
    yet what proves receipt, and terms that run from receipt cannot be computed.
    """

    counting: Counting
    authorisation: Authorisation = Authorisation.GENERAL
    changes_covered: frozenset[ChangeKind] = ALL_CHANGES
    lead_time: Period | None = None
    objection_period: Period | None = None
    runs_from: RunsFrom = RunsFrom.UNSPECIFIED
    channels: tuple[Channel, ...] = (Channel.EMAIL,)
    proof_of_receipt: frozenset[ProofKind] = frozenset()
    served_when: ServedWhen = ServedWhen.EVERY
    objection_form: ObjectionForm = ObjectionForm.ANY
    objection_address: str = ""
    objection_timely_when: TimelyWhen = TimelyWhen.UNSPECIFIED
    objection_grounds: ObjectionGrounds = ObjectionGrounds.NONE
    effect_of_silence: SilenceEffect = SilenceEffect.UNSPECIFIED
    silence_irrevocable: bool = False
    silence_broken_by: SilenceBrokenBy = SilenceBrokenBy.OBJECTION
    effect_of_objection: ObjectionEffect = ObjectionEffect.UNSPECIFIED
    may_commence: MayCommence = MayCommence.AFTER_WINDOW
    termination: Termination = field(default_factory=Termination)
    requires_agreement_dates: bool = False
    preset: str = ""
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def needs_opened_post(self) -> bool:
        """An objection may still lie in unopened registered post: the longer, postal grace."""
        return (
            self.objection_form is ObjectionForm.REGISTERED_POST
            or self.objection_timely_when is TimelyWhen.DISPATCHED
        )


POSTAL_GRACE_BUSINESS_DAYS = 10  # DESIGN section 3 item 1

COMPUTABLE_RULES = frozenset({CountingRule.CONTRACT_CALENDAR, CountingRule.FR_CPC_640_642})
COMPUTABLE_TRIGGERS = frozenset({RunsFrom.DISPATCH, RunsFrom.RECEIPT})


def not_computable(terms: NoticeTerms) -> str | None:
    """Why the engine cannot compute dates from these terms: a short code, or None if it can."""
    if terms.objection_period is None:
        return "no_objection_period"
    if terms.objection_period.unit is not Unit.DAYS:
        return "unit"
    if terms.runs_from not in COMPUTABLE_TRIGGERS:
        return "trigger"
    if terms.counting.rule not in COMPUTABLE_RULES:
        return "counting_rule"
    if not {Channel.EMAIL} <= set(terms.channels) <= {Channel.EMAIL, Channel.POST}:
        # Where the clause names registered post, a portal or the list beside email, nobody has
        # said yet whether email alone is enough.
        return "channel"
    if terms.runs_from is RunsFrom.RECEIPT and not terms.proof_of_receipt:
        return "proof_of_receipt"
    if terms.lead_time is not None:
        return "lead_time"
    return None


def terms_to_mapping(terms: NoticeTerms) -> dict[str, Any]:
    """The terms as plain data (JSON and YAML safe), every field written out."""
    period = terms.objection_period
    lead = terms.lead_time
    origin = terms.provenance
    return {
        "preset": terms.preset,
        "authorisation": terms.authorisation.value,
        "changes_covered": sorted(kind.value for kind in terms.changes_covered),
        "lead_time": _period_to_mapping(lead),
        "objection_period": _period_to_mapping(period),
        "runs_from": terms.runs_from.value,
        "channels": [channel.value for channel in terms.channels],
        "proof_of_receipt": sorted(kind.value for kind in terms.proof_of_receipt),
        "served_when": terms.served_when.value,
        "counting": {
            "rule": terms.counting.rule.value,
            "time_zone": terms.counting.time_zone,
            "holiday_calendar": terms.counting.holiday_calendar,
        },
        "objection_form": terms.objection_form.value,
        "objection_address": terms.objection_address,
        "objection_timely_when": terms.objection_timely_when.value,
        "objection_grounds": terms.objection_grounds.value,
        "effect_of_silence": terms.effect_of_silence.value,
        "silence_irrevocable": terms.silence_irrevocable,
        "silence_broken_by": terms.silence_broken_by.value,
        "effect_of_objection": terms.effect_of_objection.value,
        "may_commence": terms.may_commence.value,
        "termination": {
            "scope": terms.termination.scope.value,
            "takes_effect": terms.termination.takes_effect.value,
            "financial_effect": terms.termination.financial_effect.value,
            "data": terms.termination.data.value,
            "data_days": terms.termination.data_days,
        },
        "requires_agreement_dates": terms.requires_agreement_dates,
        "provenance": {
            "clause": origin.clause,
            "quotation": origin.quotation,
            "read_by": origin.read_by,
            "read_on": origin.read_on.isoformat() if origin.read_on else None,
            "reading": origin.reading,
        },
    }


def _period_to_mapping(period: Period | None) -> dict[str, Any] | None:
    return None if period is None else {"number": period.number, "unit": period.unit.value}
