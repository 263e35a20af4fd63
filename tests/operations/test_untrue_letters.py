"""No letter leaves that tells a deadline which does not run: its batch is spoilt, or it is written
anew."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.cancel_batch import cancel_batch
from subnotify.operations.hand_over_batch import LettersStopped
from subnotify.operations.send_electronically import send_electronically
from subnotify.operations.write_letters import load_letters
from subnotify.rules.windows import window_from_mapping
from subnotify.rules.words import LetterProduct
from subnotify.storage.letter_batches import count_stopped, list_spoilt
from subnotify.storage.tables import (
    FormerSealRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    SealedMailRow,
)
from subnotify.storage.untrue_letters import is_untrue
from tests.operations.test_serve_notices import bounce
from tests.operations.test_told_deadlines import FALLBACK
from tests.support.letter_batches import KEY, PARIS, hand_over, letters, prepare
from tests.support.letter_press import ScriptedPress
from tests.support.scenario import Announced, Scenario

BY = {"by": "marc", "actor": "operator:2"}
DAY = date(2026, 3, 2)


@pytest.fixture
def served(scenario: Scenario) -> tuple[Announced, int, datetime]:
    """A notice that a mail served, and of which a letter waits; the end of its window."""
    session = scenario.session
    announced = scenario.announce(terms=FALLBACK)
    mail = session.scalars(
        select(MessageRow).where(MessageRow.notice_id == announced.notice_id)
    ).one()
    letter = MessageRow(
        logical_key=f"notice:{announced.notice_id}:copy:post:1",
        purpose="notice",
        channel="post",
        notice_id=announced.notice_id,
        contact_id=mail.contact_id,
        contact_kind="copy",
        serving_number=1,
        language="fr",
        state="queued",
        queued_at=scenario.at,
        attempt_count=0,
    )
    session.add(letter)
    session.flush()
    session.add(
        LetterRow(
            message_id=letter.id,
            product=LetterProduct.PLAIN,
            reason="copy",
            state="queued",
            address_lines=["Camille", "1 rue X", "75001 Paris"],
        )
    )
    notice = session.get_one(NoticeRow, announced.notice_id)
    assert notice.window is not None
    closes_at = window_from_mapping(notice.window).closes_at
    found = letter.id
    session.commit()
    return announced, found, closes_at


def test_a_letter_knows_which_deadline_it_tells(
    session: Session, served: tuple[Announced, int, datetime], at: datetime
) -> None:
    announced, letter, closes_at = served
    where = {"public_url": "https://x.example", "vendor_time_zone": "Europe/Paris"}
    (data,) = load_letters(session, [letter], **where, at=at)
    assert data.told_closes_at == closes_at
    session.rollback()
    bounce(session, announced, at=at + timedelta(days=1))
    (data,) = load_letters(session, [letter], **where, at=at)
    assert data.told_closes_at is None


def test_a_batch_whose_letter_tells_a_deadline_that_stopped_is_spoilt(
    session: Session, served: tuple[Announced, int, datetime], at: datetime
) -> None:
    announced, letter, closes_at = served
    prepare(session, ScriptedPress(tells=closes_at), at=at)
    assert list_spoilt(session, on=DAY) == [] and count_stopped(session, 1, on=DAY) == 0
    session.rollback()
    bounce(session, announced, at=at + timedelta(days=1))
    assert list_spoilt(session, on=DAY) == [1] and count_stopped(session, 1, on=DAY) == 1
    assert is_untrue(session, letter)
    session.rollback()
    with pytest.raises(LettersStopped):
        hand_over(session, 1, at=at + timedelta(days=1))
    cancel_batch(session, 1, provider=None, at=at + timedelta(days=1), **BY)
    # Written anew it tells none, and its new batch is as good as any.
    assert prepare(session, at=at + timedelta(days=1)).letters == 1
    assert [x.batch_id for x in letters(session)] == [2]
    assert list_spoilt(session, on=DAY) == []


def test_a_deadline_that_grew_spoils_the_batch_too(
    session: Session, served: tuple[Announced, int, datetime], at: datetime
) -> None:
    _, _, closes_at = served
    prepare(session, ScriptedPress(tells=closes_at - timedelta(days=1)), at=at)
    assert list_spoilt(session, on=DAY) == [1]


def test_an_electronic_letter_that_tells_such_a_deadline_is_written_anew(
    session: Session, served: tuple[Announced, int, datetime], at: datetime
) -> None:
    announced, letter, closes_at = served
    session.execute(update(LetterRow).values(product=LetterProduct.REGISTERED.value))
    session.commit()
    press = ScriptedPress(tells=closes_at)
    send_electronically(session, letter, press, seal_key=KEY, zone=PARIS, at=at, **BY)
    before = session.get_one(SealedMailRow, letter).digest
    session.rollback()
    bounce(session, announced, at=at + timedelta(days=1))
    assert is_untrue(session, letter)
    session.rollback()
    assert prepare(session, at=at + timedelta(days=1)).electronic == 1
    assert session.get_one(SealedMailRow, letter, populate_existing=True).digest != before
    assert [x.digest for x in session.scalars(select(FormerSealRow))] == [before]
    assert not is_untrue(session, letter)
