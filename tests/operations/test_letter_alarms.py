"""What legal is told of letters that could not be sent."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from subnotify.operations.sweep_notices import sweep_notices
from subnotify.rules.words import Channel, HoldReason, MessagePurpose, NoticeState
from subnotify.storage.tables import LetterRow, NoticeRow
from tests.operations.test_told_deadlines import mail_of
from tests.support.letter_batches import LEGAL_EMAIL, prepare
from tests.support.letter_press import ScriptedPress
from tests.support.letters import announce_by_post, terms_by
from tests.support.scenario import Scenario


def test_the_alarm_of_a_letter_that_was_set_aside_names_it_and_blames_no_mail_server(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, terms_by(Channel.POST), written=False)
    session.rollback()
    assert prepare(session, ScriptedPress(unprintable={letter}), at=at).set_aside == 1
    sweep_notices(session, legal_email=LEGAL_EMAIL, at=at + timedelta(minutes=1))
    notice = session.get_one(NoticeRow, announced.notice_id)
    assert (notice.state, notice.failure_reason) == (NoticeState.NOT_SERVED, HoldReason.NOT_SERVED)
    mail = mail_of(session, MessagePurpose.DELIVERY_ALARM, at + timedelta(minutes=2))
    assert "or its letter could not be sent" in " ".join(mail.text.split())
    assert "mail server" not in mail.text
    name = session.get_one(LetterRow, letter).address_lines[0]
    assert f"Letter to {name}:" in mail.text
    assert "of this letter has characters" in " ".join(mail.text.split())
