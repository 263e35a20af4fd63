"""Notice terms: what an agreement says about changes (DESIGN section 6).

The vocabulary lets an agreement be entered as it is written; `unspecified` is a real value. What
the engine cannot count is named by `terms_checks.not_computable`, and such a case is on hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

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

POSTAL_GRACE_BUSINESS_DAYS = 10  # DESIGN section 3 item 1

ALL_CHANGES = frozenset(ChangeKind)

# Channels that the mail to the notice contacts serves.
MAIL_CHANNELS = frozenset({Channel.EMAIL, Channel.SUBSCRIPTION})


@dataclass(frozen=True)
class Period:
    """A number of units; `plus` is added after it ("1 month and 3 days": months first)."""

    number: int
    unit: Unit = Unit.DAYS
    plus: "Period | None" = None


@dataclass(frozen=True)
class Counting:
    """How days are counted: the rule, the IANA zone, and the holiday calendar.

    holiday_calendar: "none", an ISO 3166-1 code, or country-subdivision ("FR-57"), with further
    holidays after plus signs: "AT+karfreitag" (Good Friday), "CH-ZH+01-02" (every year),
    "FR+2026-05-15" (once).
    """

    rule: CountingRule
    time_zone: str
    holiday_calendar: str = "none"


@dataclass(frozen=True)
class DeemedReceipt:
    """A clause that says when a notice counts as received.

    opening, cutoff: local times of a business day, for the kinds that name them; what is sent
    after the cutoff counts as received at the opening of the next business day. days: how many
    (business) days after dispatch.
    """

    kind: DeemedKind
    opening: time = time(9)
    cutoff: time | None = None
    days: int = 0


@dataclass(frozen=True)
class NoticeRule:
    """Terms for some changes only; the first rule that matches a change counts.

    key: of the service or data category where the scope needs one. notice_only: the client is
    informed and has no window.
    """

    applies_to: RuleScope
    key: str = ""
    lead_time: Period | None = None
    objection_period: Period | None = None
    closes: Closes = Closes.PERIOD
    notice_only: bool = False
    requires_agreement_dates: bool = False


@dataclass(frozen=True)
class Termination:
    """exercise_within: counted from the end of the accommodation period, or, where there is
    none, from the receipt of the objection. effect_period: with takes_effect `clients_date` the
    longest time until the client's date, with `after_notice` the notice of termination."""

    scope: TerminationScope = TerminationScope.UNSPECIFIED
    takes_effect: TakesEffect = TakesEffect.UNSPECIFIED
    financial_effect: FinancialEffect = FinancialEffect.UNSPECIFIED
    data: DataAtEnd = DataAtEnd.UNSPECIFIED
    data_days: int | None = None
    exercise_within: Period | None = None
    effect_period: Period | None = None


@dataclass(frozen=True)
class Emergency:
    """Replacement at short notice. allowed None: the clause does not say. terms: in its words."""

    allowed: bool | None = None
    terms: str = ""


@dataclass(frozen=True)
class Reading:
    """What legal takes an unspecified field to mean: by whom, when, and why."""

    value: str
    by: str
    on: date
    why: str


@dataclass(frozen=True)
class Provenance:
    """Where the terms come from: clause, its words, who read it and when, of which version."""

    clause: str = ""
    quotation: str = ""
    read_by: str = ""
    read_on: date | None = None
    # The reading taken where the clause is silent, and why.
    reading: str = ""
    signed_version: str = ""


@dataclass(frozen=True)
class NoticeTerms:
    """One version of an agreement's notice terms.

    objection_period None: the clause states no window; `closes` says what ends it then.
    proof_of_receipt empty: nobody has chosen yet what proves receipt, and terms that run from
    receipt cannot be computed, unless `deemed_receipt` says when a notice counts as received.
    channels: those by which notice is given, `channel_choice` whether one is enough; a channel of
    `copy_channels` gets copies only. readings: of unspecified fields, by field name.
    receipt_fallback_days: after so many days without proof of receipt a registered letter.
    """

    counting: Counting
    authorisation: Authorisation = Authorisation.GENERAL
    changes_covered: frozenset[ChangeKind] = ALL_CHANGES
    notice_rules: tuple[NoticeRule, ...] = ()
    lead_time: Period | None = None
    lead_time_before: LeadBefore = LeadBefore.COMMENCEMENT
    objection_period: Period | None = None
    closes: Closes = Closes.PERIOD
    runs_from: RunsFrom = RunsFrom.UNSPECIFIED
    channels: tuple[Channel, ...] = (Channel.EMAIL,)
    channel_choice: ChannelChoice = ChannelChoice.UNSPECIFIED
    copy_channels: frozenset[Channel] = frozenset()
    deemed_receipt: DeemedReceipt | None = None
    proof_of_receipt: frozenset[ProofKind] = frozenset()
    receipt_fallback_days: int | None = None
    served_when: ServedWhen = ServedWhen.EVERY
    objection_form: ObjectionForm = ObjectionForm.ANY
    objection_address: str = ""
    objection_timely_when: TimelyWhen = TimelyWhen.UNSPECIFIED
    objection_grounds: ObjectionGrounds = ObjectionGrounds.NONE
    closed_grounds: tuple[str, ...] = ()
    effect_of_silence: SilenceEffect = SilenceEffect.UNSPECIFIED
    silence_irrevocable: bool = False
    silence_broken_by: SilenceBrokenBy = SilenceBrokenBy.OBJECTION
    effect_of_objection: ObjectionEffect = ObjectionEffect.UNSPECIFIED
    may_commence: MayCommence = MayCommence.AFTER_WINDOW
    accommodation_period: Period | None = None
    if_unresolved: IfUnresolved = IfUnresolved.UNSPECIFIED
    deemed_accepted_after: Period | None = None
    termination: Termination = field(default_factory=Termination)
    allowed_countries: frozenset[str] = frozenset()
    emergency_replacement: Emergency = field(default_factory=Emergency)
    requires_agreement_dates: bool = False
    readings: Mapping[str, Reading] = field(default_factory=dict, hash=False)
    preset: str = ""
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def needs_a_yes(self) -> bool:
        """No answer means no: nothing is used for this client before it said yes."""
        return (
            self.authorisation is Authorisation.SPECIFIC
            or self.effect_of_silence is SilenceEffect.DEEMED_REFUSED
        )

    @property
    def needs_opened_post(self) -> bool:
        """An objection may still lie in unopened registered post: the longer, postal grace."""
        return (
            self.objection_form is ObjectionForm.REGISTERED_POST
            or self.decides_timeliness is TimelyWhen.DISPATCHED
        )

    @property
    def decides_timeliness(self) -> TimelyWhen:
        """`objection_timely_when`, as legal reads it where the clause is silent."""
        reading = self.readings.get("objection_timely_when")
        if self.objection_timely_when is TimelyWhen.UNSPECIFIED and reading is not None:
            return TimelyWhen(reading.value)
        return self.objection_timely_when

    @property
    def trigger(self) -> RunsFrom:
        """What the window runs from: the clause, else legal's reading of it, else receipt,
        because it is the latest of what a silent clause can mean. Never `unspecified`."""
        reading = self.readings.get("runs_from")
        if self.runs_from is not RunsFrom.UNSPECIFIED:
            return self.runs_from
        return RunsFrom(reading.value) if reading is not None else RunsFrom.RECEIPT

    @property
    def assumes_trigger(self) -> bool:
        """Neither the clause nor a recorded reading says from when the window runs."""
        return self.runs_from is RunsFrom.UNSPECIFIED and "runs_from" not in self.readings

    @property
    def waits_for_receipt(self) -> bool:
        """The window needs a proof of receipt to start: no clause deems the notice received."""
        return self.trigger is RunsFrom.RECEIPT and self.deemed_receipt is None

    @property
    def deems_by_presentation(self) -> bool:
        """The window runs from the day on which the postal service first presents the letter."""
        deemed = self.deemed_receipt
        return (
            self.trigger is RunsFrom.RECEIPT
            and deemed is not None
            and deemed.kind is DeemedKind.FIRST_PRESENTATION
        )

    @property
    def deems_from_dispatch(self) -> bool:
        """The window runs from a receipt that the clause deems, counted from the dispatch."""
        return (
            self.trigger is RunsFrom.RECEIPT
            and self.deemed_receipt is not None
            and not self.deems_by_presentation
        )

    @property
    def is_by_publication(self) -> bool:
        """Publishing the list is the notice: no mail is needed for it to count."""
        return self.channels == (Channel.LIST_PUBLICATION,)
