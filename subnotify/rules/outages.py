"""Whether clients could reach us before a deadline: downtime never turns into acceptance.

DESIGN section 3 item 11. What nobody probed counts as down; before the first probe nothing is
known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LAST_HOURS = timedelta(hours=48)


@dataclass(frozen=True)
class Outage:
    """A time without our public address. ended_at: exclusive, None while it lasts."""

    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class ServiceRecord:
    """What the probes of the public address found.

    outages: as recorded; they may overlap. last_probe_at: a pause longer than `longest_pause`
    since then counts as down too, recorded or not. tolerated: what holds nothing yet.
    """

    outages: tuple[Outage, ...]
    last_probe_at: datetime
    longest_pause: timedelta
    tolerated: timedelta


def downtime(record: ServiceRecord, *, since: datetime, until: datetime, at: datetime) -> timedelta:
    """How long clients could not reach us between `since` and `until` (exclusive), known at `at`.

    Times that overlap count once.
    """
    end = min(until, at)
    spans = [(x.began_at, x.ended_at or at) for x in record.outages]
    if at - record.last_probe_at > record.longest_pause:
        spans.append((record.last_probe_at, at))
    clipped = [(max(begin, since), min(finish, end)) for begin, finish in spans]
    return _length(sorted(span for span in clipped if span[0] < span[1]))


def was_down(
    record: ServiceRecord | None, *, opens_at: datetime, closes_at: datetime, at: datetime
) -> bool:
    """Whether it was down for longer than tolerated in the last 48 hours of a window, or in the
    whole of a shorter one. None: nothing was ever probed."""
    if record is None:
        return False
    since = max(opens_at, closes_at - LAST_HOURS)
    return downtime(record, since=since, until=closes_at, at=at) > record.tolerated


def _length(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """Of the union of spans that are sorted by their beginnings."""
    total = timedelta(0)
    reached: datetime | None = None
    for begin, finish in spans:
        start = begin if reached is None else max(begin, reached)
        if finish > start:
            total += finish - start
            reached = finish
    return total
