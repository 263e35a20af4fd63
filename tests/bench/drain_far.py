"""`drain_far`: `drain` to a mail host that takes 20 ms for each reply, over 32 connections."""

from tests.bench.drain import measure_drain
from tests.bench.measures import Measure
from tests.bench.sink import running_far_sink


def measure(kind: str, url: str) -> Measure:
    with running_far_sink() as port:
        return measure_drain("drain_far", kind, url, port, connections=32, workers=2)
