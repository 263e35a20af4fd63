"""What the threads of one run of sending share: mails that are ready, and what came of them.

One thread claims, builds and records; each courier has one more. Everything here is kept under
one lock; nothing here touches the database or the network.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.operations.built_batches import ReadyMail
from subnotify.operations.record_attempts import Tried

# Results wait for company, so that many are recorded at once; but never longer than this.
LONGEST_WAIT_SECONDS = 1.0
_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sizes:
    """claim: how many mails are claimed at once; record: how many results are worth recording;
    unrecorded: how many may have been begun without their results being on record."""

    claim: int
    record: int
    unrecorded: int

    @classmethod
    def of(cls, connections: int, batch_size: int) -> "Sizes":
        """A killed run repeats at most one batch for each connection (DESIGN 3, 6)."""
        unrecorded = connections * batch_size
        claim = max(batch_size, min(4 * batch_size, _MOST_AT_ONCE))
        # What is left of the bound keeps the couriers busy meanwhile.
        record = max(1, min(unrecorded * 3 // 4, _MOST_AT_ONCE))
        return cls(claim, record, unrecorded)


@dataclass(frozen=True, slots=True)
class Begun:
    """A mail that is ready, and until when it is ours alone."""

    mail: ReadyMail
    until: datetime


class Board:
    """The shared state of one run. `proven`: a connection has worked, or takes long.

    `error`: what ended a courier; `last_failure`: the server's words to the last that gave up.
    """

    def __init__(self, sizes: Sizes) -> None:
        self.proven = False
        self.error: BaseException | None = None
        self.last_failure: str | None = None
        self._sizes = sizes
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)  # couriers wait for it
        self._news = threading.Condition(self._lock)  # who claims and records waits for it
        self._ready: deque[Begun] = deque()
        self._tried: list[Tried] = []
        self._untouched: list[ReadyMail] = []
        self._begun = 0  # not recorded yet: under way, tried, or being recorded
        self._under_way = 0
        self._couriers = 0
        self._closed = False

    # -- the couriers ---------------------------------------------------------------------------

    def take(self) -> Begun | None:
        """The next mail, when there is one and results do not lag behind; None at the end."""
        with self._lock:
            while not self._closed:
                if self._ready and self._begun < self._sizes.unrecorded:
                    self._begun += 1
                    self._under_way += 1
                    if len(self._ready) == self._sizes.claim:
                        self._news.notify()
                    return self._ready.popleft()
                self._work.wait()
            return None

    def give(self, tried: Tried) -> None:
        """What came of a mail that was taken."""
        with self._lock:
            self._tried.append(tried)
            self._under_way -= 1
            if not self.proven and not tried.result.concerns_us:
                self.proven = True
                self._news.notify()
            if len(self._tried) == self._sizes.record or self._is_idle():
                self._news.notify()

    def leave(self, mail: ReadyMail) -> None:
        """A mail that was taken and not begun."""
        with self._lock:
            self._untouched.append(mail)
            self._begun -= 1
            self._under_way -= 1
            if self._is_idle():
                self._news.notify()

    def rest(self, seconds: float) -> None:
        """Wait before the next connection, unless the run ends first."""
        with self._lock:
            self._work.wait_for(lambda: self._closed, seconds)

    def retire(self) -> None:
        """A courier ends."""
        with self._lock:
            self._couriers -= 1
            self._news.notify()

    def fail(self, error: BaseException) -> None:
        """A courier could not go on: the run ends, and raises this."""
        with self._lock:
            self.error = self.error or error
            self._close()

    # -- who claims and records -----------------------------------------------------------------

    def add_courier(self) -> None:
        with self._lock:
            self._couriers += 1

    def add(self, mails: Sequence[ReadyMail], *, until: datetime) -> None:
        """Mails whose attempts are committed, and which are ours until then."""
        with self._lock:
            self._ready.extend(Begun(mail, until) for mail in mails)
            self._work.notify(len(mails))

    def wait(self, *, for_room: bool) -> bool:
        """Until results are worth recording, nothing is under way, or too few mails are ready
        (`for_room`), and for the longest that a result may wait; whether to collect now."""
        with self._lock:
            news = self._news.wait_for(
                lambda: self._is_over() or self._is_worth_it() or (for_room and self.has_room()),
                LONGEST_WAIT_SECONDS,
            )
            # One that takes this long shows that more connections are needed, if anything.
            self.proven = self.proven or not news
            return not news or self._is_worth_it()

    def collect(self) -> tuple[list[Tried], list[ReadyMail]]:
        """The results so far, and the mails that were not begun."""
        with self._lock:
            collected = self._tried, self._untouched
            self._tried, self._untouched = [], []
            return collected

    def recorded(self, number: int) -> None:
        """So many results are on record."""
        with self._lock:
            self._begun -= number
            self._work.notify_all()

    def close(self) -> None:
        """End: what is under way is finished, what is ready is not begun."""
        with self._lock:
            self._close()

    def has_room(self) -> bool:
        """Whether more should be claimed (a guess without the lock, a bound with it)."""
        return len(self._ready) < self._sizes.claim

    def waiting(self) -> int:
        """How many mails are ready or under way."""
        with self._lock:
            return len(self._ready) + self._under_way

    def is_idle(self) -> bool:
        """Nothing is ready or under way, and every result was collected."""
        with self._lock:
            return self._is_idle() and not self._tried and not self._untouched

    def is_over(self) -> bool:
        """Closed, or no courier is left."""
        with self._lock:
            return self._is_over()

    def _is_over(self) -> bool:
        return self._closed or self._couriers == 0

    def _is_idle(self) -> bool:
        return not self._ready and self._under_way == 0

    def _is_worth_it(self) -> bool:
        return len(self._tried) >= self._sizes.record or self._is_idle()

    def _close(self) -> None:
        self._closed = True
        self._untouched += [one.mail for one in self._ready]
        self._ready.clear()
        self._work.notify_all()
        self._news.notify_all()
