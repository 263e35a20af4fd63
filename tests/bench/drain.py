"""`drain`: from queued notices to handed-over ones (claim, render, build, seal, store, send, mark,
judge) by two workers, each a process of its own as `subnotify jobs run` is, against bare smtplib
loops with prebuilt bytes to the same sink, both over as many connections: two to Postfix's
smtp-sink; `drain_far` has 32 to a sink 20 ms away. `drain_alone` is one worker with both."""

import smtplib
import statistics
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealedMail, open_sealed
from subnotify.rules.words import MessageState, NoticeState
from subnotify.storage.database import create_engine_for
from subnotify.storage.tables import MessageRow, NoticeRow, SealedMailRow
from tests.bench.drain_worker import AT, DrainWorker, running_drain_worker
from tests.bench.measures import Measure, seconds
from tests.bench.smtp_sink import running_smtp_sink
from tests.support.many_agreements import add_many_agreements
from tests.support.outbox import SETTINGS
from tests.support.release_world import FIFTEEN, REGISTERED, ReleaseWorld
from tests.support.scenario import terms_of

AGREEMENTS = 1_000
# The machine's own pace changes from second to second: each round of ours is compared with the
# bare one right beside it, and the median of so many ratios is told.
ROUNDS = 7


def measure(kind: str, url: str) -> Measure:
    with running_smtp_sink() as port:
        return measure_drain("drain", kind, url, port, connections=2, workers=2)


def measure_drain(
    name: str, kind: str, url: str, port: int, *, connections: int, workers: int
) -> Measure:
    engine = create_engine_for(url)
    with Session(engine) as session, ExitStack() as running:
        world = ReleaseWorld(session, at=AT)
        terms = (terms_of(FIFTEEN), terms_of(REGISTERED))
        service_id = world.services["mail"].id
        add_many_agreements(session, AGREEMENTS, service_id=service_id, terms=terms, at=AT)
        started = [
            running.enter_context(running_drain_worker(url, port, connections // workers))
            for _ in range(workers)
        ]
        _release(world, 0)
        session.rollback()
        _drain(started)
        mails = _sealed_bytes(session)
        parts, limits = [], []
        for number in range(1, ROUNDS + 1):
            _release(world, number)
            session.rollback()
            # Who goes first changes with each round.
            if number % 2:
                parts.append(seconds(lambda: _drain(started)))
                limits.append(seconds(_bare(port, mails, connections)))
            else:
                limits.append(seconds(_bare(port, mails, connections)))
                parts.append(seconds(lambda: _drain(started)))
        part, limit = statistics.median(parts), statistics.median(limits)
        ratio = statistics.median(y / x for x, y in zip(parts, limits, strict=True))
        _check(session, (ROUNDS + 1) * len(mails))
        # Each worker's memory ends with it; what this process holds is the world's.
        memory = max(one.peak_rss_mib() for one in started)
    engine.dispose()
    sent = len(mails)
    return Measure(
        measure=name,
        database=kind,
        n=sent,
        value=round(sent / part, 1),
        unit="mails/s",
        limit=round(sent / limit, 1),
        ratio=round(ratio, 2),
        rss_mib=memory,
    )


def _release(world: ReleaseWorld, number: int) -> None:
    release = world.draft([world.add_change(f"drained-{number}")])
    world.approve(release)
    world.release(release)


def _drain(workers: Sequence[DrainWorker]) -> None:
    for worker in workers:
        worker.begin()
    for worker in workers:
        worker.wait()


def _sealed_bytes(session: Session) -> list[bytes]:
    """The very bytes that were sent, to be sent again without any of the work."""
    rows = session.execute(
        select(MessageRow.logical_key, SealedMailRow.digest, SealedMailRow.ciphertext).join(
            SealedMailRow, SealedMailRow.message_id == MessageRow.id
        )
    ).all()
    session.rollback()
    return [
        open_sealed(
            SealedMail(row.digest, row.ciphertext), [SETTINGS.seal_key], owner=row.logical_key
        )
        for row in rows
    ]


def _bare(port: int, mails: list[bytes], connections: int) -> Callable[[], object]:
    """Each connection takes the next mail that is left, on a thread of its own."""

    def run() -> None:
        left = iter(enumerate(mails))
        lock = threading.Lock()

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", port) as connection:
                while True:
                    with lock:
                        number, raw = next(left, (0, None))
                    if raw is None:
                        return
                    connection.sendmail("a@vendor.example", [f"c{number}@client.example"], raw)

        with ThreadPoolExecutor(connections) as pool:
            for done in [pool.submit(send) for _ in range(connections)]:
                done.result()

    return run


def _check(session: Session, expected: int) -> None:
    handed_over = session.scalar(
        select(func.count()).where(MessageRow.state == MessageState.HANDED_OVER)
    )
    served = session.scalar(select(func.count()).where(NoticeRow.state == NoticeState.SERVED))
    assert handed_over == expected, (handed_over, expected)
    assert served == (ROUNDS + 1) * AGREEMENTS
