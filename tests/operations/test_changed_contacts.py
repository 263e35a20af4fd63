"""A designated contact that changed between the release and the sending is not served."""

from datetime import date

import pytest
from sqlalchemy import Engine, select, update

from subnotify.operations.build_mails import CONTACT_CHANGED
from subnotify.rules.words import ContactKind, MessageState, NoticeState
from subnotify.storage.tables import AgreementContactRow, ContactRow, MessageRow, NoticeRow
from tests.operations.test_send_messages import Sending
from tests.support.smtp_server import ScriptedSmtpServer


@pytest.fixture
def sending(engine: Engine, smtp_server: ScriptedSmtpServer) -> Sending:
    return Sending(engine, smtp_server)


@pytest.mark.parametrize(
    "change",
    [
        update(ContactRow).values(email="new@client.example"),
        update(AgreementContactRow).values(ended_on=date(2026, 3, 2)),
    ],
)
def test_a_former_contact_gets_no_notice_and_legal_hears_of_it(sending: Sending, change) -> None:
    former, other = sending.queue(2)
    contact = sending.message(former).contact_id
    table = change.table.c
    column = table.contact_id if "contact_id" in table else table.id
    with sending.sessions() as session:
        session.execute(change.where(column == contact))
        session.commit()
    report = sending.run()
    told = [mail.recipient for mail in sending.server.mails]
    assert "dpo0@client.example" not in told
    assert {"dpo1@client.example", "legal@vendor.example"} <= set(told)
    assert report.parked == 1
    message = sending.message(former)
    assert (message.state, message.last_reply) == (MessageState.PARKED, CONTACT_CHANGED)
    assert sending.message(other).state == MessageState.HANDED_OVER
    assert sending.notice_states()[0] == NoticeState.NOT_SERVED
    with sending.sessions() as session:
        failure = session.scalars(select(NoticeRow.failure).order_by(NoticeRow.id)).first()
    assert failure == CONTACT_CHANGED


def test_a_copy_contact_that_changed_keeps_nothing_back(sending: Sending) -> None:
    (copy,) = sending.queue(1)
    with sending.sessions() as session:
        session.execute(update(MessageRow).values(contact_kind=ContactKind.COPY))
        session.execute(update(ContactRow).values(email="new@client.example"))
        session.commit()
    sending.run()
    assert sending.message(copy).state == MessageState.HANDED_OVER
