"""What legal sees before a step is what its clients get, but for their personal links."""

import re
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.extend_window import LastDayNotLater, extend_case_window
from subnotify.operations.postpone_commencement import NotPostponed, postpone_commencement
from subnotify.operations.preview_told import (
    preview_extension,
    preview_postponement,
    preview_withdrawal,
)
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.errors import NotFound
from subnotify.rules.words import MessagePurpose
from subnotify.storage.tables import MessageRow
from tests.operations.desk import LEGAL as BY_LEGAL
from tests.operations.desk import case_of
from tests.operations.rendering import CONTEXT, one_text
from tests.operations.test_postpone_commencement import BACK
from tests.operations.test_serve_notices import prove
from tests.support.release_world import LEGAL, PUBLISHER
from tests.support.scenario import FIFTEEN, Announced, Scenario, terms_of

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


@pytest.mark.parametrize("hangs", [True, False])
def test_of_a_postponement(session: Session, scenario: Scenario, at: datetime, hangs: bool) -> None:
    """hangs: the window is counted back from commencement, and grows."""
    terms = BACK if hangs else terms_of(FIFTEEN)
    made = scenario.announce(terms=terms, commencement_on=date(2026, 4, 7), served=False)
    change_id = case_of(session, made.case_ids[0]).change_id
    session.rollback()
    which = (session, made.release_id, change_id, date(2026, 5, 5))
    # Nobody of the client has heard of the change, nor will by what is on its way.
    assert preview_postponement(*which, context=CONTEXT, at=at + DAY) is None
    session.rollback()
    prove(session, made, at=at)
    shown = preview_postponement(*which, context=CONTEXT, at=at + DAY)
    assert shown is not None
    session.rollback()
    postpone_commencement(*which, reason="late", by=PUBLISHER, at=at + DAY)
    sent = one_text(session, at + DAY, MessagePurpose.POSTPONED)
    assert sent.subject == shown.mail.subject
    assert without_link(sent.text) == without_link(shown.mail.text)
    assert ("until Tuesday 21 April 2026" in sent.text) == hangs
    with pytest.raises(NotPostponed):
        preview_postponement(*which, context=CONTEXT, at=at + DAY)
    with pytest.raises(NotFound):
        preview_postponement(session, 999, *which[2:], context=CONTEXT, at=at + DAY)


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
