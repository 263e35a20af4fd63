"""What the form of notice terms offers, in the words of a contract's reader."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from subnotify.rules.terms_words import (
    Authorisation,
    ChannelChoice,
    Closes,
    CountingRule,
    DataAtEnd,
    DeemedKind,
    FinancialEffect,
    IfUnresolved,
    LeadBefore,
    MayCommence,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    RuleScope,
    RunsFrom,
    ServedWhen,
    SilenceBrokenBy,
    SilenceEffect,
    TakesEffect,
    TerminationScope,
    TimelyWhen,
    Unit,
)
from subnotify.rules.words import ChangeKind, Channel, ProofKind

Words = Mapping[StrEnum, LazyString]
Choices = list[tuple[str, LazyString | str]]

NOT_SAID = _l("not said")

AUTHORISATION: Words = {
    Authorisation.GENERAL: _l("General: the vendor informs, the client may object"),
    Authorisation.SPECIFIC: _l("Specific: each change needs the client's yes"),
    Authorisation.BLANKET: _l("In advance for every change: the client is only informed"),
}
CHANGES: Words = {
    ChangeKind.ADDITION: _l("Addition of a subprocessor"),
    ChangeKind.REPLACEMENT: _l("Replacement of a subprocessor"),
    ChangeKind.REMOVAL: _l("Removal of a subprocessor"),
    ChangeKind.AMENDMENT: _l("Amendment of an entry (place, purpose, transfer basis)"),
}
UNITS: Words = {
    Unit.DAYS: _l("days"),
    Unit.BUSINESS_DAYS: _l("business days (Monday to Friday)"),
    Unit.JOURS_OUVRABLES: _l("working days (Monday to Saturday)"),
    Unit.WEEKS: _l("weeks"),
    Unit.MONTHS: _l("months"),
    Unit.YEARS: _l("years"),
    Unit.HOURS: _l("hours"),
}
LEAD_BEFORE: Words = {
    LeadBefore.COMMENCEMENT: _l("the day the change takes effect"),
    LeadBefore.ENGAGEMENT: _l("the engagement of the subprocessor"),
    LeadBefore.LIST_CHANGE: _l("the change of the list"),
    LeadBefore.UNSPECIFIED: NOT_SAID,
}
CLOSES: Words = {
    Closes.PERIOD: _l("when the objection period is over"),
    Closes.END_OF_LEAD_TIME: _l("when the lead time is over (no period of its own)"),
    Closes.COMMENCEMENT: _l("when the change takes effect (no period of its own)"),
}
RUNS_FROM: Words = {
    RunsFrom.RECEIPT: _l("Receipt of the notice"),
    RunsFrom.DISPATCH: _l("Sending of the notice"),
    RunsFrom.PUBLICATION: _l("Publication of the list"),
    RunsFrom.COMMENCEMENT_BACKWARD: _l("Counted back from the day the change takes effect"),
    RunsFrom.UNSPECIFIED: _l("The clause does not say"),
}
CHANNELS: Words = {
    Channel.EMAIL: _l("Email"),
    Channel.POST: _l("Post"),
    Channel.REGISTERED_POST: _l("Registered post"),
    Channel.PORTAL: _l("Client portal"),
    Channel.LIST_PUBLICATION: _l("Publication of the list"),
    Channel.SUBSCRIPTION: _l("A subscription that the client takes out"),
}
CHANNEL_CHOICE: Words = {
    ChannelChoice.UNSPECIFIED: NOT_SAID,
    ChannelChoice.ANY: _l("one of them is enough"),
    ChannelChoice.EVERY: _l("every one of them is required"),
}
DEEMED: Words = {
    DeemedKind.AT_ACCEPTANCE: _l("at once, when it is sent"),
    DeemedKind.NEXT_BUSINESS_DAY: _l("on the next business day, if sent outside business hours"),
    DeemedKind.DAYS_AFTER_DISPATCH: _l("some days after it was sent"),
    DeemedKind.BUSINESS_DAYS_AFTER_DISPATCH: _l("some business days after it was sent"),
    DeemedKind.FIRST_PRESENTATION: _l("when the post first presents it"),
}
PROOFS: Words = {
    ProofKind.RECIPIENT_SERVER: _l("The client's own mail server accepted it"),
    ProofKind.ACKNOWLEDGEMENT: _l("The client acknowledged it through the personal link"),
    ProofKind.REGISTERED_DELIVERY: _l("Registered post delivered it"),
    ProofKind.DEEMED: _l("The clause itself deems it received"),
}
SERVED_WHEN: Words = {
    ServedWhen.EVERY: _l("every designated contact has it; the latest counts"),
    ServedWhen.ANY: _l("one designated contact has it"),
}
# The rule by what it does to the last day, with the text it rests on.
COUNTING: Words = {
    CountingRule.CONTRACT_CALENDAR: _l(
        "As the contract counts; the last day is never moved (no law named)"
    ),
    CountingRule.CONTRACT_ROLL_BD: _l(
        "The contract moves a last day on a weekend or holiday to the next business day"
    ),
    CountingRule.CONTRACT_BD_COUNT: _l("The contract counts business days (Monday to Friday)"),
    CountingRule.CONTRACT_JOURS_OUVRABLES: _l(
        "The contract counts jours ouvrables (Monday to Saturday)"
    ),
    CountingRule.CONTRACT_HOURS_ELAPSED: _l("The contract counts hours, to the second"),
    CountingRule.EU_1182_71: _l(
        "European Union: Regulation 1182/71, art. 3 (weekends and holidays moved)"
    ),
    CountingRule.EU_1182_71_HOURS: _l("European Union, hours: Regulation 1182/71, art. 3(1)"),
    CountingRule.RETRO_1182_71: _l(
        "European Union, counted backwards: Regulation 1182/71, art. 3(4), never moved"
    ),
    CountingRule.FR_CPC_640_642: _l(
        "France: code de procédure civile, art. 640 to 642 (weekends and holidays moved)"
    ),
    CountingRule.FR_R53_3_WINDOW: _l(
        "France: CPCE, art. R. 53-3 (electronic registered letters; the last day is not moved)"
    ),
    CountingRule.DE_BGB_187_193: _l("Germany: BGB, §§ 187 to 193 (weekends and holidays moved)"),
    CountingRule.CH_OR_77_78: _l(
        "Switzerland: OR, art. 77 and 78 (Sundays and holidays moved; Saturday is contested)"
    ),
    CountingRule.BASEL_1972: _l("European Convention of Basel, 1972 (weekends and holidays moved)"),
    CountingRule.BE_CJ_52_54: _l(
        "Belgium: Code judiciaire, art. 52 to 54 (weekends and holidays moved)"
    ),
    CountingRule.UK_COMMON_LAW: _l("United Kingdom: common law, the last day is not moved"),
    CountingRule.UK_CLEAR_DAYS: _l("United Kingdom: clear days, neither end counts"),
}
OBJECTION_FORM: Words = {
    ObjectionForm.ANY: _l("any form"),
    ObjectionForm.EMAIL: _l("email"),
    ObjectionForm.WRITTEN: _l("in writing"),
    ObjectionForm.ONLINE: _l("online"),
    ObjectionForm.REGISTERED_POST: _l("registered letter"),
}
TIMELY: Words = {
    TimelyWhen.DISPATCHED: _l("it was sent in time"),
    TimelyWhen.RECEIVED: _l("it was received in time"),
    TimelyWhen.UNSPECIFIED: _l("the clause does not say"),
}
GROUNDS: Words = {
    ObjectionGrounds.NONE: _l("no grounds needed"),
    ObjectionGrounds.REASONS_STATED: _l("reasons must be stated"),
    ObjectionGrounds.REASONABLE: _l("reasonable grounds"),
    ObjectionGrounds.DATA_PROTECTION: _l("grounds of data protection"),
    ObjectionGrounds.CLOSED_LIST: _l("one of the grounds listed in the clause"),
}
SILENCE: Words = {
    SilenceEffect.DEEMED_ACCEPTED: _l("The change counts as accepted"),
    SilenceEffect.DEEMED_REFUSED: _l("The change counts as refused"),
    SilenceEffect.UNSPECIFIED: _l("The clause does not say"),
}
BROKEN_BY: Words = {
    SilenceBrokenBy.OBJECTION: _l("only an objection"),
    SilenceBrokenBy.ANY_RESPONSE: _l("any response, even a question"),
}
OBJECTION_EFFECT: Words = {
    ObjectionEffect.UNSPECIFIED: NOT_SAID,
    ObjectionEffect.ACCOMMODATION: _l("the parties look for a solution"),
    ObjectionEffect.NOT_USED_FOR_CLIENT: _l("the subprocessor is not used for this client"),
    ObjectionEffect.TERMINATION: _l("objecting is terminating"),
    ObjectionEffect.FEATURE_WITHDRAWN: _l("the feature concerned is withdrawn"),
    ObjectionEffect.SUSPEND_ENGAGEMENT: _l("the engagement is suspended"),
    ObjectionEffect.CLIENT_STOPS_USING: _l("the client stops using what is concerned"),
}
MAY_COMMENCE: Words = {
    MayCommence.AFTER_WINDOW: _l("only when the objection window is over"),
    MayCommence.AFTER_LEAD_TIME: _l("when the lead time is over, even while the window runs"),
}
IF_UNRESOLVED: Words = {
    IfUnresolved.UNSPECIFIED: NOT_SAID,
    IfUnresolved.CLIENT_MAY_TERMINATE: _l("the client may terminate"),
    IfUnresolved.VENDOR_MAY_TERMINATE: _l("the vendor may terminate"),
    IfUnresolved.EITHER: _l("either side may terminate"),
    IfUnresolved.DEEMED_ACCEPTED: _l("the change counts as accepted after a further time"),
}
SCOPE: Words = {
    TerminationScope.UNSPECIFIED: NOT_SAID,
    TerminationScope.SERVICE: _l("the service concerned"),
    TerminationScope.SUITE: _l("the suite of services"),
    TerminationScope.AGREEMENT: _l("the whole agreement"),
    TerminationScope.ADDENDUM: _l("the data-processing addendum"),
    TerminationScope.SERVICE_OR_AGREEMENT: _l("the service or the agreement, as chosen"),
}
TAKES_EFFECT: Words = {
    TakesEffect.UNSPECIFIED: NOT_SAID,
    TakesEffect.IMMEDIATELY: _l("at once"),
    TakesEffect.AT_WINDOW_CLOSE: _l("when the objection window is over"),
    TakesEffect.AT_COMMENCEMENT: _l("on the day the change takes effect"),
    TakesEffect.CLIENTS_DATE: _l("on a date of the client's choice"),
    TakesEffect.AFTER_NOTICE: _l("after a notice of termination"),
}
FINANCIAL: Words = {
    FinancialEffect.UNSPECIFIED: NOT_SAID,
    FinancialEffect.PRO_RATA_REFUND: _l("prepaid fees are refunded in proportion"),
    FinancialEffect.NONE: _l("nothing is refunded"),
    FinancialEffect.NO_FURTHER_PAYMENT: _l("no payment is owed for the time after it"),
    FinancialEffect.EARLY_TERMINATION: _l("the client bears the cost of early termination"),
}
DATA_AT_END: Words = {
    DataAtEnd.UNSPECIFIED: NOT_SAID,
    DataAtEnd.DESTROY: _l("are destroyed"),
    DataAtEnd.RETURN: _l("are returned"),
    DataAtEnd.CLIENT_CHOOSES: _l("are returned or destroyed, as the client chooses"),
}
RULE_SCOPE: Words = {
    RuleScope.ANY: _l("every other change"),
    RuleScope.AFFILIATE: _l("companies of the vendor's group"),
    RuleScope.THIRD_COUNTRY: _l("third countries without an adequacy decision"),
    RuleScope.ADEQUATE_COUNTRY: _l("countries with an adequacy decision"),
    RuleScope.SERVICE: _l("one service"),
    RuleScope.DATA_CATEGORY: _l("one category of data"),
}

# Zones offered first; any other IANA name may be typed.
ZONES = (
    *("Europe/Paris", "Europe/Brussels", "Europe/Luxembourg", "Europe/Zurich", "Europe/Berlin"),
    *("Europe/Vienna", "Europe/Amsterdam", "Europe/Copenhagen", "Europe/Stockholm", "Europe/Oslo"),
    *("Europe/Helsinki", "Europe/Warsaw", "Europe/Prague", "Europe/Madrid", "Europe/Lisbon"),
    *("Europe/Rome", "Europe/Athens", "Europe/Bucharest", "Europe/Dublin", "Europe/London"),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("America/Toronto", "Asia/Tokyo", "Asia/Singapore", "Asia/Kolkata", "Australia/Sydney", "UTC"),
)


def choices(words: Words, only: Iterable[StrEnum] | None = None) -> Choices:
    """As WTForms takes them."""
    return [(member.value, words[member]) for member in (only or words)]


def with_nothing(words: Words, text: LazyString | str) -> Choices:
    """The same after an empty choice."""
    return [("", text), *choices(words)]
