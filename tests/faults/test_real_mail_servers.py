"""A real Postfix as relay and a real Dovecot as mailbox: what they report comes back and counts."""

import os
import smtplib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from subnotify.config import Settings, settings_from
from subnotify.jobs.catalogue import JOBS, JobContext
from subnotify.rules.words import (
    CaseState,
    DeliveryEventKind,
    FiledAs,
    HoldReason,
    IncomingKind,
    MessageState,
    NoticeState,
    ProofKind,
)
from subnotify.storage.database import session_factory
from subnotify.storage.tables import (
    CaseRow,
    ContactRow,
    DeliveryEventRow,
    IncomingMailRow,
    MailboxReadingRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
)
from tests.support.mail_servers import (
    KNOWN,
    MAILBOX,
    PASSWORD,
    UNKNOWN,
    MailServers,
    mail_servers,
)
from tests.support.scenario import Announced, Scenario
from tests.support.settings import environment_for

pytestmark = pytest.mark.serial

MOST_SECONDS = timedelta(seconds=30)


@pytest.fixture
def servers() -> Iterator[MailServers]:
    if os.getuid() != 0:
        pytest.skip("Postfix starts only as root")
    with mail_servers() as started:
        yield started


@pytest.fixture
def settings(database_url: str, servers: MailServers) -> Settings:
    environment = environment_for(database_url, smtp_port=servers.smtp_port) | {
        "SUBNOTIFY_RETURN_ADDRESS": MAILBOX,
        "SUBNOTIFY_IMAP_HOST": "127.0.0.1",
        "SUBNOTIFY_IMAP_PORT": str(servers.imap_port),
        "SUBNOTIFY_IMAP_SECURITY": "none",
        "SUBNOTIFY_IMAP_USERNAME": "notices",
        "SUBNOTIFY_IMAP_PASSWORD": PASSWORD,
    }
    return settings_from(environment)


def announce_to(session: Session, scenario: Scenario, address: str) -> Announced:
    announced = scenario.announce(served=False)
    session.execute(
        update(ContactRow).where(ContactRow.id == announced.contact_ids[0]).values(email=address)
    )
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == announced.message_ids[0])
        .values(to_address=address, link_digest=None)
    )
    session.commit()
    return announced


def run_job(context: JobContext, name: str) -> str:
    (job,) = [job for job in JOBS if job.name == name]
    return job.work(context)


def read_until(context: JobContext, session: Session, came: Callable[[], bool]) -> None:
    """Read the mailbox again and again, until what the servers report is in."""
    give_up_at = datetime.now(UTC) + MOST_SECONDS
    while datetime.now(UTC) < give_up_at:
        said = run_job(context, "read_mailbox")
        assert "cannot" not in said, said
        found = came()
        session.rollback()
        if found:
            return
    raise AssertionError("the servers' reports did not come")


def test_bounce_and_success_come_back(
    engine: Engine, session: Session, servers: MailServers, settings: Settings
) -> None:
    scenario = Scenario(session, at=datetime.now(UTC) - timedelta(minutes=1))
    lost, arrived = (announce_to(session, scenario, x) for x in (UNKNOWN, KNOWN))
    context = JobContext(settings, session_factory(engine))
    assert "handed over 2" in run_job(context, "send_messages")
    # The relay took both: that proves dispatch, and nothing is served by it.
    assert set(session.scalars(select(NoticeRow.state))) == {NoticeState.SERVING}
    session.rollback()

    read_until(context, session, lambda: len(session.scalars(select(DeliveryEventRow)).all()) == 2)

    events = {row.message_id: row for row in session.scalars(select(DeliveryEventRow))}
    failed, delivered = events[lost.message_ids[0]], events[arrived.message_ids[0]]
    assert (failed.kind, failed.status) == (DeliveryEventKind.FAILED, "5.1.1")
    assert (delivered.kind, delivered.host) == (DeliveryEventKind.DELIVERED, "mx.vendor.example")
    mails = session.scalars(select(IncomingMailRow)).all()
    assert {(x.kind, x.filed_as) for x in mails} == {(IncomingKind.REPORT, FiledAs.REPORT)}

    lost_notice = session.get_one(NoticeRow, lost.notice_id)
    assert (lost_notice.state, lost_notice.failure_reason) == (
        NoticeState.NOT_SERVED,
        HoldReason.BOUNCED,
    )
    assert "unknown user" in (lost_notice.failure or "")
    case = session.get_one(CaseRow, lost.case_ids[0])
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.BOUNCED])
    alarms = session.scalars(
        select(MessageRow.notice_id).where(MessageRow.purpose == "delivery_alarm")
    ).all()
    assert alarms == [lost.notice_id]

    proof = session.scalars(select(ReceiptProofRow)).one()
    assert (proof.notice_id, proof.kind) == (arrived.notice_id, ProofKind.RECIPIENT_SERVER)
    handed_over_at = session.get_one(MessageRow, arrived.message_ids[0]).handed_over_at
    notice = session.get_one(NoticeRow, arrived.notice_id)
    assert notice.state == NoticeState.SERVED
    assert notice.served_at is not None and handed_over_at is not None
    assert handed_over_at <= notice.served_at <= handed_over_at + MOST_SECONDS
    assert session.get_one(CaseRow, arrived.case_ids[0]).state == CaseState.OPEN
    reading = session.scalars(select(MailboxReadingRow)).one()
    assert reading.read_until_at is not None and reading.failure == ""
    session.rollback()


def test_the_client_answers_the_mail_that_it_got(
    engine: Engine, session: Session, servers: MailServers, settings: Settings
) -> None:
    scenario = Scenario(session, at=datetime.now(UTC) - timedelta(minutes=1))
    announced = announce_to(session, scenario, KNOWN)
    context = JobContext(settings, session_factory(engine))
    run_job(context, "send_messages")
    read_until(context, session, lambda: session.scalar(select(DeliveryEventRow.id)) is not None)

    got = message_from_bytes(servers.mails_of_known()[0], policy=policy.default)
    with smtplib.SMTP("127.0.0.1", servers.smtp_port) as smtp:
        answer = f"From: {KNOWN}\r\nTo: {got['Reply-To']}\r\nSubject: Re: {got['Subject']}\r\n"
        smtp.sendmail(KNOWN, [str(got["Reply-To"])], f"{answer}\r\nWe object.\r\n".encode())
    replies = select(IncomingMailRow).where(IncomingMailRow.kind == IncomingKind.REPLY.value)
    read_until(context, session, lambda: session.scalar(replies) is not None)

    reply = session.scalars(replies).one()
    assert (reply.notice_id, reply.filed_at) == (announced.notice_id, None)
    assert reply.text.strip() == "We object."
    case = session.get_one(CaseRow, announced.case_ids[0])
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.REPLY_WAITS])
    message = session.get_one(MessageRow, announced.message_ids[0])
    assert message.state == MessageState.HANDED_OVER
    session.rollback()
