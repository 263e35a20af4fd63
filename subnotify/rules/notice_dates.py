"""The dates of a notice, lead time and window, with what each rests on; for `derived_dates`."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from subnotify.rules.errors import NoticeTooLate
from subnotify.rules.holidays import ONE_DAY, HolidayCalendar
from subnotify.rules.lead_times import given_at, lead_ends_at, lead_limit
from subnotify.rules.periods import fits_rule
from subnotify.rules.steps import TimeLimit
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import has_window, not_computable
from subnotify.rules.terms_words import (
    ChannelChoice,
    LeadBefore,
    RunsFrom,
)
from subnotify.rules.time_limits import start_of_day, zone_of
from subnotify.rules.windows import Window, compute_window, needs_commencement
from subnotify.rules.words import Channel, ProofKind

_NOON = time(12)  # a planned day stands for its noon


class Basis(StrEnum):
    """What a date rests on, or why there is none; the layers above write it as a sentence."""

    # What the dates are counted from.
    TRIGGER_UNSPECIFIED = "trigger_unspecified"
    READING = "reading"  # field, value, by, on, why
    RECEIVED_NOT_GIVEN = "received_not_given"
    PUBLISHED_NOT_GIVEN = "published_not_given"
    RECEIPT_DEEMED = "receipt_deemed"  # kind, at
    PRESENTED_AS_RECEIVED = "presented_as_received"
    NOON = "noon"
    PROOF_NOT_CHOSEN = "proof_not_chosen"
    OTHER_CHANNEL = "other_channel"
    # The lead time.
    LEAD_FROM = "lead_from"  # trigger
    COMMENCEMENT_FOR = "commencement_for"  # before
    SENT_AND_RECEIVED = "sent_and_received"
    # The window.
    CONTESTED = "contested"
    NO_WINDOW = "no_window"
    TOO_LATE = "too_late"  # last_day
    # After an objection.
    TIMELY_UNSPECIFIED = "timely_unspecified"
    FROM_OBJECTION = "from_objection"
    FROM_ACCOMMODATION = "from_accommodation"
    OBJECTION_TERMINATES = "objection_terminates"
    NOT_BEFORE_OTHERS = "not_before_others"
    DECLARED_LAST_DAY = "declared_last_day"
    DECLARED_UNRESOLVED = "declared_unresolved"
    DECLARED_WITH_OBJECTION = "declared_with_objection"
    FROM_NOTICE_OF_CHANGE = "from_notice_of_change"
    FIRST_DAY_WITHOUT = "first_day_without"
    FROM_EFFECT = "from_effect"
    FROM_LATEST_END = "from_latest_end"
    NO_END = "no_end"
    # Why there is no date.
    NOT_STATED = "not_stated"
    NOT_COMPUTABLE = "not_computable"  # reason
    NO_COMMENCEMENT = "no_commencement"
    NO_OBJECTION = "no_objection"


@dataclass(frozen=True)
class Assumption:
    """One thing a date rests on; params fill its sentence."""

    code: Basis
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Anchors:
    """The facts of one notice. Instants are aware; commencement_on is a day of the agreement's
    zone; objected_at is when the objection reached the vendor."""

    dispatched_at: datetime
    received_at: datetime | None = None
    published_at: datetime | None = None
    commencement_on: date | None = None
    objected_at: datetime | None = None


@dataclass(frozen=True)
class LeadTimeDates:
    """counted_from: dispatch, receipt or publication. given_at: when the notice counts as given
    (UTC). due_on: the last day to give notice; latest_sending_on: the last day to send it, where
    a clause deems it received later. met_from: the first day on which the lead time is kept.
    is_met None: it cannot be said. limit: how it was counted back from `before_on`."""

    counted_from: RunsFrom | None = None
    given_at: datetime | None = None
    is_met: bool | None = None
    due_on: date | None = None
    latest_sending_on: date | None = None
    met_from: date | None = None
    assumptions: tuple[Assumption, ...] = ()
    limit: TimeLimit | None = None
    before_on: date | None = None


@dataclass(frozen=True)
class WindowDates:
    """counted_from: what the window runs from, as stated or taken; None where none opens.
    days_after_commencement: by how many days the window outlives it; None where unknown."""

    window: Window | None = None
    counted_from: RunsFrom | None = None
    days_after_commencement: int | None = None
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class Ground:
    """Terms made countable, the trigger, and what was assumed for it; reason: why it failed."""

    terms: NoticeTerms
    trigger_at: datetime
    assumptions: tuple[Assumption, ...]
    reason: str | None = None


def assume(code: Basis, **params: object) -> Assumption:
    return Assumption(code, tuple((name, str(value)) for name, value in params.items()))


def reading_of(terms: NoticeTerms, field: str) -> Assumption:
    """What legal takes an unspecified field to mean, by whom, when and why."""
    reading = terms.readings[field]
    return assume(
        Basis.READING,
        field=field,
        value=reading.value,
        by=reading.by,
        on=reading.on.isoformat(),
        why=reading.why,
    )


def find_ground(terms: NoticeTerms, anchors: Anchors) -> Ground:
    """The instant from which the dates run, and under which assumptions.

    What only a person can add later (which proof of receipt is relied on, a channel that is not
    mail, the day a letter was presented) is taken as given by the anchors, and said. terms: as
    they hold for one change, without rules.
    """
    found: list[Assumption] = []
    workable = terms
    while (reason := not_computable(workable)) is not None:
        if reason == "proof_of_receipt":
            proof = frozenset({ProofKind.ACKNOWLEDGEMENT})
            workable = replace(workable, proof_of_receipt=proof)
            found.append(assume(Basis.PROOF_NOT_CHOSEN))
        elif reason == "channel":
            mail = (Channel.EMAIL,)
            workable = replace(workable, channels=mail, channel_choice=ChannelChoice.ANY)
            found.append(assume(Basis.OTHER_CHANNEL))
        elif reason == "first_presentation" and anchors.received_at is not None:
            workable = replace(workable, deemed_receipt=None)
            found.append(assume(Basis.PRESENTED_AS_RECEIVED))
        else:
            break
    trigger_at, assumed = _trigger(workable, anchors)
    return Ground(workable, trigger_at, (*assumed, *found), reason)


def _trigger(terms: NoticeTerms, anchors: Anchors) -> tuple[datetime, list[Assumption]]:
    assumed: list[Assumption] = []
    if terms.assumes_trigger:
        assumed.append(assume(Basis.TRIGGER_UNSPECIFIED))
    elif terms.runs_from is RunsFrom.UNSPECIFIED:
        assumed.append(reading_of(terms, "runs_from"))
    instant = anchors.dispatched_at
    if terms.deems_by_presentation:
        # A letter is received when it is presented, or later.
        known = anchors.received_at is not None
        assumed.append(assume(Basis.PRESENTED_AS_RECEIVED if known else Basis.RECEIVED_NOT_GIVEN))
        instant = anchors.received_at or instant
    elif terms.deems_from_dispatch and terms.deemed_receipt is not None:
        assumed.append(assume(Basis.RECEIPT_DEEMED, kind=terms.deemed_receipt.kind.value))
    elif terms.trigger is RunsFrom.RECEIPT:
        if anchors.received_at is None:
            assumed.append(assume(Basis.RECEIVED_NOT_GIVEN))
        instant = anchors.received_at or instant
    elif terms.trigger is RunsFrom.PUBLICATION:
        if anchors.published_at is None:
            assumed.append(assume(Basis.PUBLISHED_NOT_GIVEN))
        instant = anchors.published_at or instant
    return instant, assumed


def derive_lead_time(
    terms: NoticeTerms, anchors: Anchors, ground: Ground, calendar: HolidayCalendar
) -> LeadTimeDates:
    """Whether the lead time is kept, and by when notice was due.

    Counted from dispatch or publication where the window runs from them, else from receipt; a
    window that is counted back from commencement says nothing of it, so from dispatch. Backwards
    from commencement, never rolled.
    """
    lead = terms.lead_time
    if lead is None:
        return LeadTimeDates(assumptions=(assume(Basis.NOT_STATED),))
    if not fits_rule(lead, terms.counting.rule):
        return LeadTimeDates(assumptions=(assume(Basis.NOT_COMPUTABLE, reason="unit"),))
    backward = terms.trigger is RunsFrom.COMMENCEMENT_BACKWARD
    counted_from = RunsFrom.DISPATCH if backward else terms.trigger
    assumed = [*ground.assumptions, assume(Basis.LEAD_FROM, trigger=counted_from.value)]
    if ground.reason == "first_presentation":
        assumed.append(assume(Basis.NOT_COMPUTABLE, reason=ground.reason))
        return LeadTimeDates(counted_from, assumptions=tuple(assumed))
    given = given_at(ground.terms, ground.trigger_at, calendar)
    met_from_at = lead_ends_at(terms, given, calendar)
    zone = zone_of(terms.counting.time_zone)
    assert met_from_at is not None  # there is a lead time
    met_from = met_from_at.astimezone(zone).date()
    if start_of_day(met_from, zone) < met_from_at:
        met_from += ONE_DAY
    if terms.lead_time_before is not LeadBefore.COMMENCEMENT:
        assumed.append(assume(Basis.COMMENCEMENT_FOR, before=terms.lead_time_before.value))
    if anchors.commencement_on is None:
        assumed.append(assume(Basis.NO_COMMENCEMENT))
        return LeadTimeDates(counted_from, given, met_from=met_from, assumptions=tuple(assumed))
    limit = lead_limit(terms, anchors.commencement_on, calendar)
    assert limit is not None
    latest = _latest_sending_on(ground.terms, limit.last_day, calendar)
    if counted_from is RunsFrom.RECEIPT and ground.terms.deemed_receipt is None:
        assumed.append(assume(Basis.SENT_AND_RECEIVED))
    return LeadTimeDates(
        counted_from,
        given,
        met_from <= anchors.commencement_on,
        limit.last_day,
        latest,
        met_from,
        tuple(assumed),
        limit,
        anchors.commencement_on,
    )


def _latest_sending_on(terms: NoticeTerms, due_on: date, calendar: HolidayCalendar) -> date:
    """The last day on which a notice sent at noon counts as given on `due_on` or before."""
    zone = zone_of(terms.counting.time_zone)
    day = due_on
    while True:
        sent_at = datetime.combine(day, _NOON, tzinfo=zone)
        if given_at(terms, sent_at, calendar).astimezone(zone).date() <= due_on:
            return day
        day -= ONE_DAY


def derive_window(
    terms: NoticeTerms, anchors: Anchors, ground: Ground, calendar: HolidayCalendar
) -> WindowDates:
    """The objection window, or why there is none."""
    assumed = list(ground.assumptions)
    if not has_window(terms):
        return WindowDates(assumptions=(assume(Basis.NO_WINDOW),))
    if ground.reason is not None:
        return WindowDates(assumptions=(assume(Basis.NOT_COMPUTABLE, reason=ground.reason),))
    if needs_commencement(terms) and anchors.commencement_on is None:
        return WindowDates(assumptions=(assume(Basis.NO_COMMENCEMENT),))
    try:
        window = compute_window(
            ground.terms, ground.trigger_at, calendar, commencement_on=anchors.commencement_on
        )
    except NoticeTooLate as error:
        return WindowDates(assumptions=(*assumed, assume(Basis.TOO_LATE, **error.params)))
    if len(window.readings) > 1:
        assumed.append(assume(Basis.CONTESTED))
    outlived = None
    if anchors.commencement_on is not None:
        outlived = max(0, (window.last_day - anchors.commencement_on).days)
    return WindowDates(window, terms.trigger, outlived, tuple(assumed))
