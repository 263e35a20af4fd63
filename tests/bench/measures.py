"""What a measure is, and how it is printed."""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Measure:
    """One line of `make bench`. value: our part; limit: what the machine can do at best, in the
    same unit, measured in the same run. ratio: value divided by limit; for a duration 1.0 is the
    best there is and more is worse, for a rate less is worse."""

    measure: str
    database: str
    n: int
    value: float
    unit: str
    limit: float
    ratio: float
    rss_mib: float

    def print(self) -> None:
        print(json.dumps(asdict(self)), flush=True)


def peak_rss_mib() -> float:
    """The most memory this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on macOS.
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def seconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def interleaved(
    rounds: Sequence[tuple[Callable[[], object], Callable[[], object]]],
) -> tuple[float, float]:
    """Median seconds of the part and of its limit; who goes first changes with each round."""
    parts, limits = [], []
    for number, (part, limit) in enumerate(rounds):
        if number % 2:
            limits.append(seconds(limit))
            parts.append(seconds(part))
        else:
            parts.append(seconds(part))
            limits.append(seconds(limit))
    return statistics.median(parts), statistics.median(limits)
