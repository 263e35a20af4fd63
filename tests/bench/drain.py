"""`drain`: from queued notices to handed-over ones (claim, render, build, seal, store, send, mark,
judge), against a bare smtplib loop with prebuilt bytes to the same sink over one connection."""

import smtplib
import statistics
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.delivery.headers import Mailbox
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
from tests.bench.sink import running_sink
from tests.support.many_agreements import add_many_agreements
from tests.support.outbox import SETTINGS
from tests.support.release_world import FIFTEEN, REGISTERED, ReleaseWorld
from tests.support.scenario import terms_of

AGREEMENTS = 1_000
ROUNDS = 3
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def measure(kind: str, url: str) -> Measure:
    engine = create_engine_for(url)
    make = session_factory(engine)
    with running_sink() as port, make() as session:
        world = ReleaseWorld(session, at=AT)
        terms = (terms_of(FIFTEEN), terms_of(REGISTERED))
        service_id = world.services["mail"].id
        add_many_agreements(session, AGREEMENTS, service_id=service_id, terms=terms, at=AT)
        smtp = SmtpSettings("127.0.0.1", port, Security.NONE)
        _release(world, 0)
        session.rollback()
        _drain(make, smtp)()
        mails = _sealed_bytes(session)
        parts, limits = [], []
        for number in range(1, ROUNDS + 1):
            _release(world, number)
            session.rollback()
            # Who goes first changes with each round.
            if number % 2:
                parts.append(seconds(_drain(make, smtp)))
                limits.append(seconds(_bare(port, mails)))
            else:
                limits.append(seconds(_bare(port, mails)))
                parts.append(seconds(_drain(make, smtp)))
        part, limit = statistics.median(parts), statistics.median(limits)
        _check(session, (ROUNDS + 1) * len(mails))
    engine.dispose()
    sent = len(mails)
    return Measure(
        measure="drain",
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


def _drain(make: Callable[[], Session], smtp: SmtpSettings) -> Callable[[], object]:
    def run() -> None:
        texts = mail_texts(MailContext("http://localhost:8000", "Europe/Paris"), lambda: AT)
        with SmtpConnection(smtp) as courier:
            send_messages(
                make,
                courier=courier,
                load_texts=texts,
                settings=OutboxSettings(
                    sender=Mailbox("privacy@vendor.example"),
                    seal_key=SETTINGS.seal_key,
                    legal_email="legal@vendor.example",
                    mail_host=MailHost.RECIPIENT_SERVER,
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


def _bare(port: int, mails: list[bytes]) -> Callable[[], object]:
    def run() -> None:
        with smtplib.SMTP("127.0.0.1", port) as connection:
            for number, raw in enumerate(mails):
                connection.sendmail("a@vendor.example", [f"c{number}@client.example"], raw)

    return run


def _check(session: Session, expected: int) -> None:
    handed_over = session.scalar(
        select(func.count()).where(MessageRow.state == MessageState.HANDED_OVER)
    )
    served = session.scalar(select(func.count()).where(NoticeRow.state == NoticeState.SERVED))
    assert handed_over == expected, (handed_over, expected)
    assert served == (ROUNDS + 1) * AGREEMENTS
