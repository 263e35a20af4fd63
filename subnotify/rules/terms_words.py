"""The closed sets of notice terms (DESIGN section 6)."""

from enum import StrEnum


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


class Closes(StrEnum):
    """What ends the objection window."""

    PERIOD = "period"
    END_OF_LEAD_TIME = "end_of_lead_time"
    COMMENCEMENT = "commencement"


class LeadBefore(StrEnum):
    """The day that the lead time goes before."""

    COMMENCEMENT = "commencement"
    ENGAGEMENT = "engagement"
    LIST_CHANGE = "list_change"
    UNSPECIFIED = "unspecified"


class ChannelChoice(StrEnum):
    """Whether one of the channels is enough, or notice must go by every one."""

    ANY = "any"
    EVERY = "every"
    UNSPECIFIED = "unspecified"


class DeemedKind(StrEnum):
    """When a clause holds a notice to be received, whatever happened."""

    AT_ACCEPTANCE = "at_acceptance"
    NEXT_BUSINESS_DAY = "next_business_day"
    DAYS_AFTER_DISPATCH = "days_after_dispatch"
    BUSINESS_DAYS_AFTER_DISPATCH = "business_days_after_dispatch"
    FIRST_PRESENTATION = "first_presentation"


COUNTS_DAYS = frozenset({DeemedKind.DAYS_AFTER_DISPATCH, DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH})


class RuleScope(StrEnum):
    """What a notice rule applies to; `service` and `data_category` are followed by a key."""

    ANY = "any"
    AFFILIATE = "affiliate"
    THIRD_COUNTRY = "third_country"
    ADEQUATE_COUNTRY = "adequate_country"
    SERVICE = "service"
    DATA_CATEGORY = "data_category"


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
    CLIENT_STOPS_USING = "client_stops_using"
    UNSPECIFIED = "unspecified"


class IfUnresolved(StrEnum):
    """What follows when an objection is not resolved within the accommodation period."""

    CLIENT_MAY_TERMINATE = "client_may_terminate"
    VENDOR_MAY_TERMINATE = "vendor_may_terminate"
    EITHER = "either"
    DEEMED_ACCEPTED = "deemed_accepted_after"
    UNSPECIFIED = "unspecified"


class MayCommence(StrEnum):
    AFTER_WINDOW = "after_window"
    AFTER_LEAD_TIME = "after_lead_time"


class TerminationScope(StrEnum):
    SERVICE = "service"
    SUITE = "suite"
    AGREEMENT = "agreement"
    ADDENDUM = "addendum"
    SERVICE_OR_AGREEMENT = "service_or_agreement"  # as whoever terminates chooses
    UNSPECIFIED = "unspecified"


class TakesEffect(StrEnum):
    IMMEDIATELY = "immediately"
    AT_WINDOW_CLOSE = "at_window_close"
    AT_COMMENCEMENT = "at_commencement"
    CLIENTS_DATE = "clients_date"
    AFTER_NOTICE = "after_notice"
    UNSPECIFIED = "unspecified"


class FinancialEffect(StrEnum):
    PRO_RATA_REFUND = "pro_rata_refund"
    NONE = "none"
    NO_FURTHER_PAYMENT = "no_further_payment"  # what is not invoiced yet falls away
    EARLY_TERMINATION = "client_bears_early_termination"
    UNSPECIFIED = "unspecified"


class DataAtEnd(StrEnum):
    DESTROY = "destroy"
    RETURN = "return"
    CLIENT_CHOOSES = "client_chooses"
    UNSPECIFIED = "unspecified"
