"""`drain`: from queued notices to handed-over ones (claim, render, build, seal, store, send, mark,
judge), against bare smtplib loops with prebuilt bytes to the same sink, both over as many
connections: two to Postfix's smtp-sink; `drain_far` has 32 to a sink 20 ms away."""

import smtplib
import statistics
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.delivery.headers import Mailbox
from subnotify.delivery.mail_settings import MailFlow
from subnotify.delivery.sealing import SealedMail, open_sealed
from subnotify.delivery.smtp import SmtpConnection
from subnotify.delivery.smtp_settings import Security, SmtpSettings
from subnotify.operations.build_mails import OutboxSettings
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.operations.send_messages import send_messages
from subnotify.rules.words import MailHost, MessageState, NoticeState
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import MessageRow, NoticeRow, SealedMailRow
from tests.bench.measures import Measure, peak_rss_mib, seconds
from tests.bench.smtp_sink import running_smtp_sink
from tests.support.many_agreements import add_many_agreements
from tests.support.outbox import SETTINGS
from tests.support.release_world import FIFTEEN, REGISTERED, ReleaseWorld
from tests.support.scenario import terms_of

AGREEMENTS = 1_000
ROUNDS = 3
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def measure(kind: str, url: str) -> Measure:
    with running_smtp_sink() as port:
        return measure_drain("drain", kind, url, port, connections=2)


def measure_drain(name: str, kind: str, url: str, port: int, *, connections: int) -> Measure:
    engine = create_engine_for(url)
    make = session_factory(engine)
    with make() as session:
        world = ReleaseWorld(session, at=AT)
        terms = (terms_of(FIFTEEN), terms_of(REGISTERED))
        service_id = world.services["mail"].id
        add_many_agreements(session, AGREEMENTS, service_id=service_id, terms=terms, at=AT)
        smtp = SmtpSettings("127.0.0.1", port, Security.NONE)
        _release(world, 0)
        session.rollback()
        _drain(make, smtp, connections)()
        mails = _sealed_bytes(session)
        parts, limits = [], []
        for number in range(1, ROUNDS + 1):
            _release(world, number)
            session.rollback()
            # Who goes first changes with each round.
            if number % 2:
                parts.append(seconds(_drain(make, smtp, connections)))
                limits.append(seconds(_bare(port, mails, connections)))
            else:
                limits.append(seconds(_bare(port, mails, connections)))
                parts.append(seconds(_drain(make, smtp, connections)))
        part, limit = statistics.median(parts), statistics.median(limits)
        _check(session, (ROUNDS + 1) * len(mails))
    engine.dispose()
    sent = len(mails)
    return Measure(
        measure=name,
        database=kind,
        n=sent,
        value=round(sent / part, 1),
        unit="mails/s",
        limit=round(sent / limit, 1),
        ratio=round(limit / part, 2),
        rss_mib=peak_rss_mib(),
    )


def _release(world: ReleaseWorld, number: int) -> None:
    release = world.draft([world.add_change(f"drained-{number}")])
    world.approve(release)
    world.release(release)


def _drain(
    make: Callable[[], Session], smtp: SmtpSettings, connections: int
) -> Callable[[], object]:
    def run() -> None:
        texts = mail_texts(MailContext("http://localhost:8000", "Europe/Paris"), lambda: AT)
        send_messages(
            make,
            open_courier=lambda: SmtpConnection(smtp),
            load_texts=texts,
            settings=OutboxSettings(
                sender=Mailbox("privacy@vendor.example"),
                seal_key=SETTINGS.seal_key,
                legal_email="legal@vendor.example",
                mail_host=MailHost.RECIPIENT_SERVER,
                return_address="notices@vendor.example",
                flow=MailFlow(connections=connections),
            ),
            runner="bench",
            clock=lambda: AT,
        )

    return run


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
