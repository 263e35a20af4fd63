"""Letters whose paper side is gone, as after a downgrade: nothing but a proof makes them serve."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from subnotify.operations.serve_notices import serve_notices
from subnotify.rules.words import Channel, LetterEventKind, NoticeState
from subnotify.storage.tables import LetterEventRow, LetterRow, NoticeRow
from tests.support.letters import announce_by_post, tell, terms_by
from tests.support.scenario import Scenario


def test_what_came_back_serves_no_more_once_its_paper_side_is_gone(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    terms = replace(terms_by(Channel.REGISTERED_POST, proofs=()), deemed_receipt=None)
    announced, (letter,) = announce_by_post(scenario, terms)
    later = at + timedelta(days=9)
    tell(session, letter, LetterEventKind.POSTED, date(2026, 3, 3), at=later)
    tell(session, letter, LetterEventKind.RETURNED, date(2026, 3, 9), at=later)
    assert _state(session, announced.notice_id) == NoticeState.NOT_SERVED
    _lose(session, letter)
    serve_notices(session, [announced.notice_id], at=later)
    session.commit()
    assert _state(session, announced.notice_id) != NoticeState.SERVED


def _lose(session: Session, letter: int) -> None:
    for table in (LetterEventRow, LetterRow):
        session.execute(delete(table).where(table.message_id == letter))
    session.commit()


def _state(session: Session, notice_id: int) -> str:
    return session.get_one(NoticeRow, notice_id, populate_existing=True).state
