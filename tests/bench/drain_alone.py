"""`drain_alone`: `drain` by one worker with both connections."""

from tests.bench.drain import measure_drain
from tests.bench.measures import Measure
from tests.bench.smtp_sink import running_smtp_sink


def measure(kind: str, url: str) -> Measure:
    with running_smtp_sink() as port:
        return measure_drain("drain_alone", kind, url, port, connections=2, workers=1)
