"""What legal sees before a step is what its clients get, but for their personal links."""

import re
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.extend_window import LastDayNotLater, extend_case_window
from subnotify.operations.preview_told import preview_extension, preview_withdrawal
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.errors import NotFound
from subnotify.rules.words import MessagePurpose
from subnotify.storage.tables import MessageRow
from tests.operations.desk import LEGAL as BY_LEGAL
from tests.operations.desk import case_of
from tests.operations.rendering import CONTEXT, one_text
from tests.support.release_world import LEGAL
from tests.support.scenario import Announced, Scenario

DAY = timedelta(days=1)
LINK = re.compile(r"/n/\S+")


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


def without_link(text: str) -> str:
    return LINK.sub("/n/", text)


@pytest.mark.parametrize("changes", [1, 2])
def test_of_a_withdrawal(session: Session, scenario: Scenario, at: datetime, changes: int) -> None:
    made: Announced = scenario.announce(changes=changes)
    change_id = case_of(session, made.case_ids[0]).change_id
    shown = preview_withdrawal(session, change_id, context=CONTEXT, at=at + DAY)
    assert shown is not None and shown.language == "en"
    session.rollback()
    withdraw_change(session, made.release_id, change_id, reason="no", by=LEGAL, at=at + DAY)
    sent = one_text(session, at + DAY, MessagePurpose.WITHDRAWN)
    assert sent.subject == shown.mail.subject
    assert without_link(sent.text) == without_link(shown.mail.text)
    assert ("other changes of the same notice" in sent.text) == (changes == 2)
    assert preview_withdrawal(session, change_id, context=CONTEXT, at=at + DAY) is None


def test_of_what_nobody_heard_of_there_is_none(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    made = scenario.announce(served=False)
    change_id = case_of(session, made.case_ids[0]).change_id
    assert preview_withdrawal(session, change_id, context=CONTEXT, at=at) is None


def test_of_an_extension(session: Session, scenario: Scenario, at: datetime) -> None:
    case_id = scenario.announce().case_ids[0]
    day = date(2026, 3, 27)
    shown = preview_extension(session, case_id, day, context=CONTEXT, at=at + DAY)
    session.rollback()
    assert session.scalars(select(MessageRow.purpose)).all() == ["notice"]
    session.rollback()
    extend_case_window(session, case_id, day, note="asked", at=at + DAY, **BY_LEGAL)
    sent = one_text(session, at + DAY, MessagePurpose.WINDOW_LONGER)
    assert sent.subject == shown.mail.subject
    assert without_link(sent.text) == without_link(shown.mail.text)
    with pytest.raises(LastDayNotLater):
        preview_extension(session, case_id, day, context=CONTEXT, at=at + DAY)
    with pytest.raises(NotFound):
        preview_extension(session, 999, day, context=CONTEXT, at=at + DAY)
