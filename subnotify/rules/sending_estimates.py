"""When sending will end, and whether that is in time. Pure.

An estimate is never earlier than the quota allows: with so many mails an hour, `left` mails take
`left / quota` hours, however much of the hour is still free. What was used in the last hour counts
as sent by the same rule, from the first of it on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# Without a measured rate: what one connection does with a mail host that answers in 40 ms.
ASSUMED_PER_CONNECTION_PER_SECOND = 5
# Fewer results than this say nothing about a rate.
LEAST_MEASURED = 10
# A spread of instants as narrow as this is a burst; its rate would be a fancy.
SHORTEST_MEASURE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class SendingLimits:
    """The settings that hold mail back; None: no such limit."""

    per_hour: int | None = None
    per_domain_per_minute: int | None = None
    connections: int = 4

    @property
    def assumed_rate(self) -> float:
        """Mails a second where nothing was measured."""
        return float(self.connections * ASSUMED_PER_CONNECTION_PER_SECOND)


@dataclass(frozen=True, slots=True)
class SendingSpeed:
    """used: attempts in the last hour, the first of them at `first_used_at`. done: results
    between `begun_at` and `ended_at`, the last minutes in which anything was sent."""

    used: int = 0
    first_used_at: datetime | None = None
    done: int = 0
    begun_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def rate(self) -> float | None:
        """Mails a second, as measured; None where too little was sent to say."""
        if self.done < LEAST_MEASURED or self.begun_at is None or self.ended_at is None:
            return None
        return self.done / max(self.ended_at - self.begun_at, SHORTEST_MEASURE).total_seconds()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is left to send. left: the mails asked about. others: that may go before them.
    largest_domain: of all these, how many go to the domain that gets most. last_due_at: when the
    last of those that were put off is tried again."""

    left: int
    others: int = 0
    largest_domain: int = 0
    last_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SendingEstimate:
    """takes, ends_at: from now, if nothing holds sending back. decided_by: what takes longest:
    "quota", "domain", "rate", "retries" or "nothing". is_measured: the rate was measured."""

    takes: timedelta
    ends_at: datetime
    decided_by: str
    is_measured: bool


def estimate_sending(
    waiting: Waiting,
    limits: SendingLimits,
    speed: SendingSpeed | None = None,
    *,
    at: datetime,
) -> SendingEstimate:
    """How long the mails take, and until when, if sending goes on (or starts) at `at`.

    speed: what was measured; without it, or with too little, a rate is assumed.
    """
    speed = speed or SendingSpeed()
    if waiting.left <= 0:
        return SendingEstimate(timedelta(0), at, "nothing", speed.rate is not None)
    count = waiting.left + max(0, waiting.others)
    rate = speed.rate or limits.assumed_rate
    times = [
        (timedelta(seconds=count / rate), "rate"),
        (_by_domain(min(waiting.largest_domain, count), limits), "domain"),
        (_by_quota(count, limits, speed, at), "quota"),
    ]
    if waiting.last_due_at is not None:
        times.append((waiting.last_due_at - at, "retries"))
    takes, decided_by = max(times)
    return SendingEstimate(takes, at + takes, decided_by, speed.rate is not None)


def _by_quota(count: int, limits: SendingLimits, speed: SendingSpeed, at: datetime) -> timedelta:
    """Sending began with the first mail of the last hour, and goes on at the quota."""
    if limits.per_hour is None:
        return timedelta(0)
    least = _hours(count, limits.per_hour)
    if speed.first_used_at is None:
        return least
    begun = speed.first_used_at + _hours(count + speed.used, limits.per_hour)
    return max(least, begun - at)


def _hours(count: int, per_hour: int) -> timedelta:
    return timedelta(seconds=count * 3600 / per_hour)


def _by_domain(largest: int, limits: SendingLimits) -> timedelta:
    if limits.per_domain_per_minute is None:
        return timedelta(0)
    return timedelta(seconds=largest * 60 / limits.per_domain_per_minute)


@dataclass(frozen=True, slots=True)
class LatestSending:
    """Agreements of which the notice must be sent before `before_at` (exclusive), so that their
    clocks end before the change commences. digest: of their terms."""

    before_at: datetime
    agreements: int
    digest: str


@dataclass(frozen=True, slots=True)
class SendingVerdict:
    """Whether sending ends in time. nearest: the deadline that is nearest to come, None where
    nothing has one. at_risk: of whom the notice may leave too late. missed: of whom it is too
    late already, while it is still on its way."""

    nearest: LatestSending | None
    at_risk: tuple[LatestSending, ...] = ()
    missed: tuple[LatestSending, ...] = ()

    @property
    def is_in_time(self) -> bool:
        return not self.at_risk and not self.missed

    @property
    def at_risk_count(self) -> int:
        return sum(x.agreements for x in self.at_risk)

    @property
    def missed_count(self) -> int:
        return sum(x.agreements for x in self.missed)


def judge_end(
    deadlines: Iterable[LatestSending], ends_at: datetime, *, at: datetime
) -> SendingVerdict:
    """Compare the expected end with the latest instants of sending of those whose notice has not
    left at `at`. Nobody knows in which order mails leave: each counts as the last."""
    known = sorted(deadlines, key=lambda x: (x.before_at, x.digest))
    coming = [x for x in known if x.before_at > at]
    return SendingVerdict(
        nearest=coming[0] if coming else None,
        at_risk=tuple(x for x in coming if x.before_at <= ends_at),
        missed=tuple(x for x in known if x.before_at <= at),
    )
