"""What comes back at the worst moment: after the 250, hours later, after closing, or forged."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from subnotify.delivery.imap_mailbox import ImapMailbox
from subnotify.delivery.mail_tags import TagKind, read_tag
from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.file_mail import FiledBefore, TiedMeanwhile, file_mail, tie_mail
from subnotify.operations.read_mailbox import places_of, read_mailbox, take_up_places
from subnotify.operations.receive_mail import ArrivedMail, receive_mails
from subnotify.operations.send_messages import send_messages
from subnotify.operations.serve_anew import serve_anew
from subnotify.rules.words import (
    CaseState,
    FiledAs,
    HoldReason,
    IncomingSource,
    MailHost,
    MessageState,
    NoticeState,
    Outcome,
    TagStanding,
)
from subnotify.storage.database import session_factory
from subnotify.storage.tables import (
    DeliveryEventRow,
    IncomingMailRow,
    MailboxReadingRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
    ResponseRow,
)
from tests.operations.desk import LEGAL, PARIS, SECOND, case_of, evidence_types, standing_of
from tests.operations.test_close_windows import confirm_all
from tests.support import read_worker
from tests.support.at_once import at_once
from tests.support.imap_server import ScriptedImapServer
from tests.support.outbox import SETTINGS, load_texts
from tests.support.returned import (
    BASE,
    KEY,
    RETURN,
    automatic_reply,
    delivery_report,
    receive,
    reply_to,
    tagged,
)
from tests.support.scenario import FIFTEEN, Announced, Scenario
from tests.support.smtp_server import ScriptedSmtpServer

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ROOT = Path(__file__).parents[2]


def bounce_of(announced: Announced, *, number: int = 1) -> bytes:
    return delivery_report(tagged(TagKind.BOUNCE, announced.message_ids[0]), number=number)


def notice_of(session: Session, announced: Announced) -> NoticeRow:
    row = session.get(NoticeRow, announced.notice_id, populate_existing=True)
    assert row is not None
    session.expunge(row)
    session.rollback()
    return row


def send(engine: Engine, server: ScriptedSmtpServer, at: datetime, host: MailHost) -> None:
    smtp = SmtpSettings(server.host, server.port, Security.NONE, timeout_seconds=30)
    send_messages(
        session_factory(engine),
        open_courier=lambda: SmtpConnection(smtp),
        load_texts=load_texts,
        settings=replace(SETTINGS, return_address=BASE, mail_host=host),
        runner="test",
        clock=lambda: at,
    )


def test_a_bounce_hours_after_the_250(engine, session, smtp_server, at):
    """The recipients' server took it, the window opened; then it finds nobody to give it to."""
    announced = Scenario(session, at=at).announce(preset=FIFTEEN, served=False)
    session.execute(update(MessageRow).values(link_digest=None))
    session.commit()
    send(engine, smtp_server, at, MailHost.RECIPIENT_SERVER)
    assert notice_of(session, announced).state == NoticeState.SERVED
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN
    # The bounce comes to the address of the envelope, whatever the relay made of the mail.
    sender = smtp_server.mails[0].envelope_from
    assert read_tag(sender, BASE, [KEY]).message_id == announced.message_ids[0]
    receive(session, delivery_report(sender), at + 5 * HOUR)
    notice = notice_of(session, announced)
    assert (notice.state, notice.failure_reason) == (NoticeState.NOT_SERVED, HoldReason.BOUNCED)
    assert standing_of(session, announced.case_ids[0]) == (
        CaseState.HOLD,
        [HoldReason.BOUNCED],
        None,
    )
    # Weeks later: no silence without proof, whatever was read.
    late = at + 60 * DAY
    confirm_all(session, late)
    close_windows(session, at=late)
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.HOLD


def test_a_bounce_after_closing_takes_silence_back(engine, session, smtp_server, at):
    announced = Scenario(session, at=at).announce(preset=FIFTEEN)
    case = case_of(session, announced.case_ids[0])
    confirm_all(session, case.silence_after_at)
    close_windows(session, at=case.silence_after_at)
    assert standing_of(session, case.id)[2] is Outcome.ACCEPTED_BY_SILENCE
    late = case.silence_after_at + DAY
    receive(session, bounce_of(announced), late)
    assert standing_of(session, case.id) == (CaseState.HOLD, [HoldReason.BOUNCED], None)
    outcomes = session.scalars(
        select(OutcomeRow).where(OutcomeRow.case_id == case.id).order_by(OutcomeRow.number)
    ).all()
    assert [(x.outcome, x.corrects_id, x.reopened_because) for x in outcomes] == [
        (Outcome.ACCEPTED_BY_SILENCE, None, None),
        (None, outcomes[0].id, HoldReason.BOUNCED),
    ]
    alarms = session.scalars(
        select(MessageRow.notice_id).where(MessageRow.purpose == "delivery_alarm")
    ).all()
    session.rollback()
    assert alarms == [announced.notice_id]
    # A second bounce of the same mail, and a report of success, change nothing more.
    receive(session, bounce_of(announced, number=2), late + HOUR)
    to = tagged(TagKind.BOUNCE, announced.message_ids[0])
    receive(session, delivery_report(to, "delivered", status="2.0.0"), late + 2 * HOUR)
    assert standing_of(session, case.id) == (CaseState.HOLD, [HoldReason.BOUNCED], None)
    assert evidence_types(session).count("message_bounced") == 1
    # Served anew: a whole new window, and only its end closes the case again.
    serve_anew(session, announced.notice_id, note="new address", zone=PARIS, at=late + DAY, **LEGAL)
    session.execute(
        update(MessageRow)
        .where(MessageRow.purpose != "notice")
        .values(state=MessageState.HANDED_OVER, handed_over_at=late)
    )
    session.commit()
    send(engine, smtp_server, late + DAY, MailHost.RECIPIENT_SERVER)
    again = case_of(session, case.id)
    assert again.state == CaseState.OPEN
    assert again.closes_at >= late + 15 * DAY


@pytest.mark.parametrize("how", ["no tag", "wrong tag", "another message's tag", "reply tag"])
def test_a_forged_bounce(session, at, how):
    scenario = Scenario(session, at=at)
    announced, other = scenario.announce(preset=FIFTEEN), scenario.announce(preset=FIFTEEN)
    right, others = (tagged(TagKind.BOUNCE, x.message_ids[0]) for x in (announced, other))
    signature = others.partition("+")[2].partition("@")[0][-16:]
    forged = {
        "no tag": BASE,
        "wrong tag": right.replace(right.partition("@")[0][-16:], "a" * 16),
        "another message's tag": right.replace(right.partition("@")[0][-16:], signature),
        "reply tag": tagged(TagKind.REPLY, announced.message_ids[0]),
    }[how]
    mail_id = receive(session, delivery_report(forged), at + HOUR)
    mail = session.get_one(IncomingMailRow, mail_id)
    expected = {"no tag": TagStanding.MISSING, "reply tag": TagStanding.VALID}
    assert (mail.tag, mail.filed_at) == (expected.get(how, TagStanding.FORGED), None)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(DeliveryEventRow)) == 0
    session.rollback()
    for one in (announced, other):
        assert notice_of(session, one).state == NoticeState.SERVED
    # Nothing is taken back; but until a person has looked, nothing closes either.
    late = at + 60 * DAY
    session.add(MailboxReadingRow(place="imap:x", read_until_at=late))
    session.commit()
    close_windows(session, at=late)
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.HOLD
    session.rollback()
    file_mail(
        session,
        mail_id,
        FiledAs.NO_ANSWER,
        note="forged",
        legal_email="legal@vendor.example",
        at=late,
        **LEGAL,
    )
    close_windows(session, at=late)
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.ACCEPTED_BY_SILENCE


def test_an_automatic_reply_neither_answers_nor_holds(session, at):
    announced = Scenario(session, at=at).announce(preset=FIFTEEN)
    receive(session, automatic_reply(announced), at + HOUR)
    late = at + 60 * DAY
    session.add(MailboxReadingRow(place="imap:x", read_until_at=late))
    session.commit()
    close_windows(session, at=late)
    assert standing_of(session, announced.case_ids[0])[2] is Outcome.ACCEPTED_BY_SILENCE
    assert session.scalars(select(ResponseRow)).all() == []
    session.rollback()


def test_a_machine_that_speaks_of_an_objection_waits_for_a_person(session, at):
    announced = Scenario(session, at=at).announce(preset=FIFTEEN)
    mail_id = receive(session, automatic_reply(announced, "Ticket 7 opened: we object."), at + HOUR)
    assert session.get_one(IncomingMailRow, mail_id).filed_at is None
    session.rollback()
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.REPLY_WAITS]


@pytest.mark.parametrize("step", ["store", "mark"])
def test_a_reader_killed_at_each_step(database_url, engine, session, at, step):
    announced = Scenario(session, at=at).announce()
    with ScriptedImapServer() as server:
        server.add(reply_to(announced, "We object."), at + HOUR)
        server.add(bounce_of(announced), at + HOUR)
        now = at + 2 * HOUR
        command = [sys.executable, "-m", "tests.support.read_worker", database_url]
        killed = subprocess.run(
            [*command, str(server.port), now.isoformat(), step], cwd=ROOT, timeout=60
        )
        assert killed.returncode == -signal.SIGKILL
        stored = session.scalar(select(func.count()).select_from(IncomingMailRow))
        reading = session.scalars(select(MailboxReadingRow)).one()
        assert (stored, reading.last_uid, reading.read_until_at) == (
            {"store": 0, "mark": 2}[step],
            0,
            None,
        )
        session.rollback()
        imap = read_worker.settings_for(server.port)
        with session_factory(engine)() as other:
            take_up_places(other, list(places_of(imap)))
        read_mailbox(
            session_factory(engine),
            imap=imap,
            open_mailbox=lambda: ImapMailbox(imap),
            settings=RETURN,
            clock=lambda: now,
        )
    for table, expected in ((IncomingMailRow, 2), (DeliveryEventRow, 1)):
        assert session.scalar(select(func.count()).select_from(table)) == expected
    session.rollback()
    types = evidence_types(session)
    assert (types.count("mail_received"), types.count("message_bounced")) == (2, 1)
    assert set(standing_of(session, announced.case_ids[0])[1]) == {
        HoldReason.REPLY_WAITS,
        HoldReason.BOUNCED,
    }


def test_two_readers_at_once_store_everything_once(engine, session, at):
    scenario = Scenario(session, at=at)
    given = [scenario.announce() for _ in range(6)]
    mails = [
        ArrivedMail(raw, at + HOUR)
        for number, one in enumerate(given)
        for raw in (reply_to(one, "Hm."), bounce_of(one, number=number))
    ]

    def read(order: list[ArrivedMail]) -> Callable[[], object]:
        def work() -> object:
            with session_factory(engine)() as own:
                ids = receive_mails(
                    own, order, source=IncomingSource.IMAP, settings=RETURN, at=at + HOUR
                )
            return sorted(ids)

        return work

    results = at_once(read(mails), read(mails[::-1]), read(mails[6:] + mails[:6]))
    assert results[0] == results[1] == results[2] and len(set(results[0])) == 12
    types = evidence_types(session)
    assert (types.count("mail_received"), types.count("message_bounced")) == (12, 6)


def test_two_persons_file_the_same_mail_at_once(engine, session, at):
    announced = Scenario(session, at=at).announce()
    mail_id = receive(session, reply_to(announced, "We object."), at + HOUR)

    def file(who: dict[str, str]) -> Callable[[], object]:
        def work() -> object:
            with session_factory(engine)() as own:
                return file_mail(
                    own,
                    mail_id,
                    FiledAs.OBJECTION,
                    announced.case_ids,
                    legal_email="legal@vendor.example",
                    at=at + DAY,
                    **who,
                )

        return work

    results = at_once(file(LEGAL), file(SECOND))
    refused = [x for x in results if isinstance(x, FiledBefore)]
    recorded = [x for x in results if isinstance(x, tuple)]
    assert (len(refused), len(recorded)) == (1, 1), results
    assert session.scalar(select(func.count()).select_from(ResponseRow)) == 1
    session.rollback()


def test_filed_while_somebody_ties_it(engine, session, at):
    scenario = Scenario(session, at=at)
    announced, other = scenario.announce(), scenario.announce()
    mail_id = receive(session, reply_to(announced, "We object.", tag=None), at + HOUR)

    def tie(one: Announced, who: dict[str, str]) -> Callable[[], object]:
        def work() -> object:
            with session_factory(engine)() as own:
                tie_mail(own, mail_id, one.notice_id, at=at + DAY, **who)

        return work

    results = at_once(tie(announced, LEGAL), tie(other, SECOND), tie(announced, SECOND))
    assert all(x is None or isinstance(x, TiedMeanwhile) for x in results), results
    mail = session.get_one(IncomingMailRow, mail_id, populate_existing=True)
    holder, free = (
        (announced, other) if mail.notice_id == announced.notice_id else (other, announced)
    )
    session.rollback()
    assert standing_of(session, holder.case_ids[0])[1] == [HoldReason.REPLY_WAITS]
    assert standing_of(session, free.case_ids[0])[0] is CaseState.OPEN
