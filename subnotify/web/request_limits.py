"""How often machines may ask: counted in the memory of this process, and never kept.

A request that reads changes no row, so what counts requests is no table. Each process of the web
server counts for itself, and forgets with its end: the limits are about load, and no token can be
guessed within any of them (256 bits).
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from threading import Lock

# So many keys are counted at once; the longest unused go first.
MOST_KEYS = 10_000


@dataclass
class RequestLimit:
    """At most `most` requests of each key in a period, which begins with its first request."""

    most: int
    period: timedelta
    _begun: OrderedDict[str, tuple[datetime, int]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def count(self, key: str, *, at: datetime) -> int | None:
        """Count a request. None: it may go on; else after how many seconds (at least one) the
        next one may. A clock that was set back begins anew."""
        with self._lock:
            begun_at, number = self._begun.pop(key, (at, 0))
            if not begun_at <= at < begun_at + self.period:
                begun_at, number = at, 0
            self._begun[key] = begun_at, min(number + 1, self.most + 1)
            if len(self._begun) > MOST_KEYS:
                self._begun.popitem(last=False)
        if number < self.most:
            return None
        return max(1, ceil((begun_at + self.period - at).total_seconds()))
