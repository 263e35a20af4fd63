"""What comes back of the test mail of `subnotify mail check` keeps nobody from closing."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.delivery.mail_tags import TEST_MESSAGE_ID, TagKind
from subnotify.rules.words import FiledAs, IncomingKind
from subnotify.storage.tables import DeliveryEventRow, IncomingMailRow
from tests.support.returned import delivery_report, receive, tagged
from tests.support.scenario import Scenario

DAY = timedelta(days=1)


@pytest.mark.parametrize("action", ["failed", "delivered", "delayed"])
def test_a_report_of_a_test_mail_is_filed_at_once(
    session: Session, scenario: Scenario, at: datetime, action: str
) -> None:
    scenario.announce()
    to = tagged(TagKind.BOUNCE, TEST_MESSAGE_ID)
    mail_id = receive(session, delivery_report(to, action), at + DAY)
    row = session.get_one(IncomingMailRow, mail_id, populate_existing=True)
    assert (row.kind, row.filed_as) == (IncomingKind.REPORT, FiledAs.REPORT)
    assert row.filed_at is not None
    assert (row.message_id, row.client_id) == (None, None)
    assert session.scalars(select(DeliveryEventRow)).all() == []


def test_other_mail_to_its_addresses_waits_for_a_person(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    """The tag makes no objection disappear, and a report to the address of replies is none."""
    scenario.announce()
    reply = b"From: a@b.example\r\nTo: <%s>\r\nSubject: x\r\n\r\nWe object.\r\n"
    for kind in TagKind:
        raw = reply % tagged(kind, TEST_MESSAGE_ID).encode()
        row = session.get_one(IncomingMailRow, receive(session, raw, at + DAY))
        assert row.filed_at is None, kind
        session.rollback()
    report = delivery_report(tagged(TagKind.REPLY, TEST_MESSAGE_ID))
    row = session.get_one(IncomingMailRow, receive(session, report, at + DAY))
    assert row.filed_at is None
