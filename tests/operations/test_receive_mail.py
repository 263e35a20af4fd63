"""What comes back is stored once and tied; who may act on it by itself, and who waits."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.delivery.mail_tags import TagKind
from subnotify.operations import read_arrived
from subnotify.operations.close_windows import close_windows
from subnotify.operations.confirm_read import MailsWait, confirm_read
from subnotify.operations.file_mail import file_mail
from subnotify.operations.open_incoming import open_incoming
from subnotify.operations.receive_mail import ArrivedMail, receive_mails
from subnotify.rules.words import (
    CaseState,
    ConfirmationKind,
    DeliveryEventKind,
    FiledAs,
    HoldReason,
    IncomingKind,
    IncomingSource,
    NoticeState,
    ProofKind,
    TagStanding,
)
from subnotify.storage.mail_readings import find_read_until
from subnotify.storage.tables import (
    DeliveryEventRow,
    IncomingMailRow,
    MailboxReadingRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
)
from tests.operations.desk import LEGAL, case_of, evidence_types, standing_of
from tests.operations.test_close_windows import PARIS, confirm_all
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
from tests.support.scenario import FIFTEEN

DAY = timedelta(days=1)


def mail_of(session: Session, mail_id: int) -> IncomingMailRow:
    row = session.get(IncomingMailRow, mail_id, populate_existing=True)
    assert row is not None
    session.expunge(row)
    session.rollback()
    return row


def count(session: Session, table: Any) -> int:
    found = session.scalar(select(func.count()).select_from(table))
    session.rollback()
    return found or 0


def test_the_same_bytes_are_one_mail_and_keep_their_bytes(session, scenario, at):
    announced = scenario.announce()
    raw = reply_to(announced, "We object.")
    mail_id = receive(session, raw, at + DAY)
    assert receive(session, raw, at + 2 * DAY) == mail_id
    row = mail_of(session, mail_id)
    assert (row.kind, row.tag, row.filed_at) == (IncomingKind.REPLY, TagStanding.VALID, None)
    assert (row.message_id, row.notice_id) == (announced.message_ids[0], announced.notice_id)
    assert (row.received_at, row.from_name) == (at + DAY, "Camille Perrin")
    assert b"We object" not in row.ciphertext
    assert open_incoming(session, mail_id, keys=[KEY]) == raw
    session.rollback()
    assert evidence_types(session).count("mail_received") == 1


def test_a_reply_holds_every_running_case_of_its_client(session, scenario, at):
    announced, other = scenario.announce(changes=2), scenario.announce()
    receive(session, reply_to(announced, "Hm."), at + DAY)
    for case_id in announced.case_ids:
        assert standing_of(session, case_id) == (CaseState.HOLD, [HoldReason.REPLY_WAITS], None)
    assert standing_of(session, other.case_ids[0])[0] is CaseState.OPEN


def test_an_automatic_reply_is_shown_and_holds_nothing(session, scenario, at):
    announced = scenario.announce()
    row = mail_of(session, receive(session, automatic_reply(announced), at + DAY))
    assert (row.kind, row.filed_as, row.filed_at) == (
        IncomingKind.AUTO_REPLY,
        FiledAs.AUTO_REPLY,
        at + DAY,
    )
    assert row.notice_id == announced.notice_id and row.reason
    assert standing_of(session, announced.case_ids[0])[0] is CaseState.OPEN


@pytest.mark.parametrize("how", ["no tag", "wrong tag", "reply tag"])
def test_a_forged_bounce_changes_nothing_and_waits(session, scenario, at, how):
    announced = scenario.announce()
    bounce = tagged(TagKind.BOUNCE, announced.message_ids[0])
    to = {
        "no tag": BASE,
        "wrong tag": bounce.replace("@", "x@"),
        "reply tag": tagged(TagKind.REPLY, announced.message_ids[0]),
    }[how]
    row = mail_of(session, receive(session, delivery_report(to), at + DAY))
    assert row.kind == IncomingKind.REPORT and row.filed_at is None
    assert count(session, DeliveryEventRow) == 0
    message = session.get(MessageRow, announced.message_ids[0])
    assert message.bounced_at is None
    notice = session.get(NoticeRow, announced.notice_id)
    assert notice.state == NoticeState.SERVED
    session.rollback()


def test_a_tag_of_a_message_that_does_not_exist_is_left_to_a_person(session, scenario, at):
    scenario.announce()
    report = delivery_report(tagged(TagKind.BOUNCE, 4_711))
    row = mail_of(session, receive(session, report, at + DAY))
    assert (row.tag, row.message_id, row.filed_at) == (TagStanding.VALID, None, None)


def test_a_bounce_takes_served_back(session, scenario, at):
    announced = scenario.announce()
    report = delivery_report(tagged(TagKind.BOUNCE, announced.message_ids[0]))
    row = mail_of(session, receive(session, report, at + DAY))
    assert (row.filed_as, row.filed_at) == (FiledAs.REPORT, at + DAY)
    notice = session.get(NoticeRow, announced.notice_id, populate_existing=True)
    assert (notice.state, notice.failure_reason) == (NoticeState.NOT_SERVED, HoldReason.BOUNCED)
    assert "5.1.1" in notice.failure
    event = session.scalars(select(DeliveryEventRow)).one()
    assert (event.kind, event.source, event.status) == (DeliveryEventKind.FAILED, "dsn", "5.1.1")
    assert event.incoming_mail_id == row.id
    alarms = session.scalars(select(MessageRow).where(MessageRow.purpose == "delivery_alarm")).all()
    assert [x.notice_id for x in alarms] == [announced.notice_id]
    session.rollback()
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.BOUNCED]


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("delayed", DeliveryEventKind.DELAYED),
        ("relayed", DeliveryEventKind.RELAYED),
        ("expanded", DeliveryEventKind.EXPANDED),
    ],
)
def test_only_delivered_proves(session, scenario, at, action, kind):
    announced = scenario.announce(served=False)
    message = session.get(MessageRow, announced.message_ids[0])
    message.state, message.handed_over_at = "handed_over", at
    session.commit()
    status = "4.4.1" if action == "delayed" else "2.0.0"
    to = tagged(TagKind.BOUNCE, message.id)
    session.rollback()
    receive(session, delivery_report(to, action, status=status, number=1), at + DAY)
    assert session.scalars(select(DeliveryEventRow.kind)).all() == [kind]
    assert session.scalars(select(ReceiptProofRow)).all() == []
    session.rollback()
    happened_at = at + timedelta(hours=2)
    delivered = delivery_report(to, "delivered", status="2.0.0", happened_at=happened_at, number=2)
    receive(session, delivered, at + DAY)
    proof = session.scalars(select(ReceiptProofRow)).one()
    assert (proof.kind, proof.at) == (ProofKind.RECIPIENT_SERVER, happened_at)
    session.rollback()
    notice = session.get(NoticeRow, announced.notice_id, populate_existing=True)
    assert (notice.state, notice.served_at) == (NoticeState.SERVED, happened_at)
    session.rollback()


@pytest.mark.parametrize(
    ("original", "final", "host", "proves"),
    [
        ("", "DPO0@Client1.Example", "mx.relay.example", True),
        ("", "somebody@else.example", "mx.client1.example", False),
        ("somebody@else.example", "other@else.example", "mx.else.example", False),
        ("dpo0@client1.example", "team@client1.example", "mx.relay.example", True),
        ("dpo0@client1.example", "team@box.client1.example", "mx.relay.example", True),
        ("dpo0@client1.example", "team@intern", "mx.client1.example", True),
        ("dpo0@client1.example", "private@freemail.example", "mx.freemail.example", False),
        ("dpo0@client1.example", "x@notclient1.example", "mx.notclient1.example", False),
    ],
)
def test_delivered_proves_only_of_the_address_we_wrote_to(
    session, scenario, at, original, final, host, proves
):
    announced = scenario.announce(served=False)
    message = session.get(MessageRow, announced.message_ids[0])
    message.state, message.handed_over_at = "handed_over", at
    session.commit()
    to = tagged(TagKind.BOUNCE, announced.message_ids[0])
    report = delivery_report(
        to, "delivered", status="2.0.0", recipient=final, host=host, original=original
    )
    row = mail_of(session, receive(session, report, at + DAY))
    assert row.filed_as == FiledAs.REPORT
    assert bool(session.scalars(select(ReceiptProofRow)).all()) is proves
    event = session.scalars(select(DeliveryEventRow)).one()
    if not proves:
        assert event.kind == DeliveryEventKind.RELAYED and f"delivered to {final}" in event.words
    session.rollback()


def test_a_failure_for_whoever_is_behind_our_address_is_one(session, scenario, at):
    announced = scenario.announce()
    report = delivery_report(
        tagged(TagKind.BOUNCE, announced.message_ids[0]), recipient="private@freemail.example"
    )
    receive(session, report, at + DAY)
    notice = session.get(NoticeRow, announced.notice_id, populate_existing=True)
    assert notice.state == NoticeState.NOT_SERVED
    session.rollback()


@pytest.mark.parametrize("hours", [-2, None, 48])
def test_a_date_that_cannot_be_right_counts_from_the_report(session, scenario, at, hours):
    announced = scenario.announce(served=False)
    message = session.get(MessageRow, announced.message_ids[0])
    message.state, message.handed_over_at = "handed_over", at
    session.commit()
    happened_at = at + timedelta(hours=hours) if hours is not None else None
    to = tagged(TagKind.BOUNCE, announced.message_ids[0])
    receive(
        session,
        delivery_report(to, "delivered", status="2.0.0", happened_at=happened_at),
        at + DAY,
        at=at + 2 * DAY,
    )
    assert session.scalars(select(ReceiptProofRow)).one().at == at + DAY
    session.rollback()


def test_what_cannot_be_read_is_kept_for_a_person(session, scenario, at, monkeypatch):
    announced = scenario.announce()
    for number, raw in enumerate((b"", b"\x00\xff\xfe no header at all", b"Subject: \x00\xff\r\n")):
        row = mail_of(session, receive(session, raw, at + number * DAY))
        assert row.filed_at is None and row.client_id is None
        assert open_incoming(session, row.id, keys=[KEY]) == raw
        session.rollback()

    def broken(*_args: object, **_named: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(read_arrived, "read_incoming", broken)
    row = mail_of(session, receive(session, reply_to(announced, "We object."), at + DAY))
    assert "RecursionError" in row.reason and row.filed_at is None


def test_a_large_mail_is_tied_by_its_header_and_waits(session, scenario, at):
    announced = scenario.announce()
    header = reply_to(announced, "x").partition(b"\n\n")[0] + b"\n\n"
    arrived = ArrivedMail(header, at + DAY, "imap:test:INBOX:7", is_whole=False)
    (mail_id,) = receive_mails(
        session, [arrived], source=IncomingSource.IMAP, settings=RETURN, at=at + DAY
    )
    row = mail_of(session, mail_id)
    assert row.notice_id == announced.notice_id and "large" in row.reason
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.REPLY_WAITS]


def test_many_success_reports_are_recorded_in_one_go(session, scenario, at):
    given = [scenario.announce(served=False) for _ in range(20)]
    mails = []
    for number, announced in enumerate(given):
        message = session.get(MessageRow, announced.message_ids[0])
        message.state, message.handed_over_at = "handed_over", at
        raw = delivery_report(
            tagged(TagKind.BOUNCE, message.id),
            "delivered",
            status="2.0.0",
            recipient=message.to_address,
            number=number,
        )
        mails.append(ArrivedMail(raw, at + DAY))
    session.commit()
    # One of them twice, and one reply between them.
    mails += [mails[0], ArrivedMail(reply_to(given[0], "Hm."), at + DAY)]
    ids = receive_mails(session, mails, source=IncomingSource.IMAP, settings=RETURN, at=at + DAY)
    assert len(set(ids)) == 21 and ids[20] == ids[0]
    states = session.scalars(select(NoticeRow.state)).all()
    session.rollback()
    assert set(states) == {NoticeState.SERVED}
    assert standing_of(session, given[0].case_ids[0])[1] == [HoldReason.REPLY_WAITS]


def test_a_mail_of_nobody_stops_the_reading_by_the_machine(session, scenario, at):
    announced = scenario.announce(preset=FIFTEEN)
    case = case_of(session, announced.case_ids[0])
    before = case.closes_at - DAY
    receive(session, reply_to(announced, "We object.", tag=None), before)
    after = case.silence_after_at
    session.add(MailboxReadingRow(place="imap:x", last_uid=1, read_until_at=after))
    session.commit()
    assert find_read_until(session) == before
    session.rollback()
    close_windows(session, at=after)
    assert standing_of(session, case.id)[1] == [HoldReason.REPLIES_NOT_READ]
    with pytest.raises(MailsWait) as refused:
        confirm_read(
            session, ConfirmationKind.REPLIES_READ, after.date(), zone=PARIS, at=after, **LEGAL
        )
    assert refused.value.params == {"count": 1}
    confirm_read(
        session, ConfirmationKind.REPLIES_READ, (before - DAY).date(), zone=PARIS, at=after, **LEGAL
    )
    confirm_read(
        session,
        ConfirmationKind.REGISTERED_POST_OPENED,
        after.date(),
        zone=PARIS,
        at=after,
        **LEGAL,
    )


def test_a_mail_of_nobody_that_is_collected_after_somebody_confirmed_holds_too(
    session, scenario, at
):
    """While the mailbox could not be read, nobody saw what lay in it."""
    announced = scenario.announce(preset=FIFTEEN)
    case = case_of(session, announced.case_ids[0])
    after = case.silence_after_at
    confirm_all(session, case.closes_at + DAY)
    came_at = case.closes_at - DAY
    mail_id = receive(session, reply_to(announced, "We object.", tag=None), came_at, at=after)
    close_windows(session, at=after)
    state, holds, outcome = standing_of(session, case.id)
    assert (state, outcome) == (CaseState.HOLD, None)
    assert HoldReason.REPLIES_NOT_READ in holds
    file_mail(
        session,
        mail_id,
        FiledAs.NO_ANSWER,
        legal_email="legal@vendor.example",
        at=after,
        **LEGAL,
    )
    confirm_all(session, after)
    close_windows(session, at=after)
    assert standing_of(session, case.id)[0] is CaseState.CLOSED


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: a\x00b \xff\xfe",
        b"Subject: =?utf-8?q?a=00b?= =?utf-16?b?2AA=?= =?nonsense?b?AAAA?=",
        b"From: =?utf-8?q?=00?= <\x00@\xff>",
        b"From: " + b"x" * 5_000 + b"@example.org",
        b"In-Reply-To: " + b"<a@b> " * 2_000,
        b"Date: Mon, 01 Jan 0001 00:00:00 +1400",
        b"Date: Fri, 31 Dec 9999 23:59:59 -1200",
        b"Received: x; Mon, 01 Jan 0001 00:00:00 +0000\r\nDate: nonsense",
        b"Content-Type: text/plain; charset=utf-7\r\nContent-Transfer-Encoding: base64",
        b"Content-Type: multipart/report; boundary=x\r\nTo: notices+b0@vendor.example",
    ],
)
def test_whatever_a_mail_holds_any_database_takes_it(session, scenario, at, head):
    announced = scenario.announce()
    to = tagged(TagKind.REPLY, announced.message_ids[0]).encode()
    raw = head + b"\r\nTo: " + to + b"\r\n\r\n2AA=\x00 \xed\xa0\x80 +2AA-\r\n"
    row = mail_of(session, receive(session, raw, at + DAY))
    assert open_incoming(session, row.id, keys=[KEY]) == raw
    session.rollback()
    assert row.filed_at is None
    if row.notice_id is not None:
        file_mail(
            session,
            row.id,
            FiledAs.OBJECTION,
            announced.case_ids,
            legal_email="legal@vendor.example",
            at=at + 2 * DAY,
            **LEGAL,
        )
        assert standing_of(session, announced.case_ids[0])[0] is CaseState.OBJECTED
