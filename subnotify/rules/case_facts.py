"""The facts of a case, as the rules of `cases` read them."""

from dataclasses import dataclass
from datetime import date, datetime

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.windows import Window
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    HoldReason,
    Outcome,
    ResponseChannel,
    ResponseKind,
    SettlementKind,
    Timeliness,
)

# What says nothing about the change: it breaks no silence, and stops nothing that waits for an
# answer.
NO_ANSWER = frozenset({ResponseKind.ACKNOWLEDGEMENT, ResponseKind.WRONG_PERSON})
# What waits until a person has read it.
WAITS_TO_BE_READ = frozenset(
    {
        ResponseKind.QUESTION,
        ResponseKind.MORE_TIME,
        ResponseKind.WITHDRAWAL,
        ResponseKind.WRONG_PERSON,
    }
)


@dataclass(frozen=True)
class ResponseFact:
    """What a client said. `number` grows with the order of recording.

    is_effective: false while a code is awaited. confirmed_at: when the code was entered.
    decided: legal's reading of a disputed or late objection (in time or late). is_read: a person
    has dealt with it.
    """

    number: int
    kind: ResponseKind
    received_at: datetime
    channel: ResponseChannel = ResponseChannel.LINK
    dispatched_on: date | None = None
    is_effective: bool = True
    decided: Timeliness | None = None
    is_read: bool = False
    is_disowned: bool = False
    disowned_is_cleared: bool = False
    confirmed_at: datetime | None = None


@dataclass(frozen=True)
class SettlementFact:
    """Legal's decision on the objections recorded up to `settles_up_to` (a response number).

    takes_effect_at: for a termination, the start of its day of effect where the terms do not say.
    counts_at: until then it can be undone, no outcome comes of it, and the client does not see it;
    None where it counted at once.
    """

    kind: SettlementKind
    settles_up_to: int
    takes_effect_at: datetime | None = None
    counts_at: datetime | None = None

    def is_fresh(self, at: datetime) -> bool:
        return self.counts_at is not None and at < self.counts_at


@dataclass(frozen=True)
class RecordedOutcome:
    """covers_up_to: of `accepted_unresolved`, the last response whose objection it ends."""

    outcome: Outcome
    at: datetime
    covers_up_to: int = -1


@dataclass(frozen=True)
class UnresolvedClock:
    """When objections that nobody settled count as acceptance under the terms.

    ends_at: exclusive, as of a window. after_at: that plus the grace of silence.
    """

    ends_at: datetime
    after_at: datetime


@dataclass(frozen=True)
class CaseFacts:
    """Everything a case's standing depends on.

    window: of the notice as served now, None while it is not (or no longer) served.
    failure: why the notice cannot be served, None while it is queued or being served.
    is_dispatched: the notice left for every notice contact.
    replies_read_until, post_opened_until: exclusive instants a person confirmed.
    unresolved: the second silence rule's clock for the live objections. unsettled_at: when a
    settlement was last undone; clocks of the objections start no earlier.
    no_objection_by_two: legal and a second person close after a broken silence.
    reopened: why a recorded outcome was taken back; `outcome` is None then.
    cleared: hold reasons that a person cleared, with a reason on record.
    is_blocked: the terms do not allow a country of the change, and no exception covers it.
    reply_waits: a mail or letter from the client that may be an answer lies unread.
    was_down: the client could not have answered online for too long before its deadline.
    is_contested: what was told of a letter that could serve contradicts itself, or waits to be
    corrected.
    """

    kind: ChangeKind
    terms: NoticeTerms | None
    window: Window | None = None
    failure: HoldReason | None = None
    is_dispatched: bool = False
    responses: tuple[ResponseFact, ...] = ()
    settlement: SettlementFact | None = None
    replies_read_until: datetime | None = None
    post_opened_until: datetime | None = None
    unresolved: UnresolvedClock | None = None
    unsettled_at: datetime | None = None
    no_objection_by_two: bool = False
    corrected_by_two: bool = False
    change_withdrawn: bool = False
    agreement_ended: bool = False
    outcome: RecordedOutcome | None = None
    reopened: HoldReason | None = None
    cleared: frozenset[HoldReason] = frozenset()
    is_blocked: bool = False
    reply_waits: bool = False
    was_down: bool = False
    is_contested: bool = False
    refused_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """Where a case stands. `outcome` is set exactly when `state` is closed."""

    state: CaseState
    holds: tuple[HoldReason, ...] = ()
    outcome: Outcome | None = None
