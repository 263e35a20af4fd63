"""A client that has its notices by post alone is told by letter what became of a change."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.orm import Session

from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.postpone_commencement import postpone_commencement
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.operations.write_letters import build_letters
from subnotify.operations.write_mails import NothingToSay
from subnotify.rules.words import (
    Channel,
    LetterEventKind,
    LetterProduct,
    LetterState,
    MessagePurpose,
    NoticeState,
    ResponseKind,
    SettlementKind,
)
from subnotify.storage.letter_rows import queue_missing_letters
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    ContactRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    SettlementRow,
)
from tests.operations.desk import LEGAL as BY_LEGAL
from tests.operations.desk import add_response, case_of
from tests.support.letters import seal, tell, terms_by
from tests.support.read_pdfs import read_pdf
from tests.support.release_world import LEGAL, PUBLISHER
from tests.support.scenario import Announced, Scenario

DAY = timedelta(days=1)


@pytest.fixture
def scenario(session: Session, at: datetime) -> Scenario:
    return Scenario(session, at=at)


@pytest.fixture
def announced(session: Session, scenario: Scenario, at: datetime) -> Announced:
    """Served; nobody of the client has an email address."""
    made = scenario.announce(
        terms=terms_by(Channel.POST, Channel.EMAIL), commencement_on=date(2026, 4, 7)
    )
    give_no_email(session, made, at)
    return made


def give_no_email(session: Session, made: Announced, at: datetime) -> None:
    session.execute(
        update(ContactRow).values(email=None, postal_address="12 rue Haute\n13008 Marseille")
    )
    session.execute(update(NoticeRow).values(dispatched_at=at))
    session.commit()


def letters(session: Session) -> list[tuple[MessageRow, LetterRow]]:
    session.rollback()
    rows = session.execute(
        select(MessageRow, LetterRow)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .order_by(MessageRow.id)
    )
    return [tuple(row) for row in rows.all()]


def only_letter(session: Session, at: datetime) -> tuple[MessagePurpose, str]:
    """Its purpose and its words."""
    ((message, letter),) = letters(session)
    assert (letter.product, letter.state) == (LetterProduct.PLAIN, LetterState.QUEUED)
    assert letter.address_lines[1:] == ["12 rue Haute", "13008 Marseille"]
    assert message.to_address is None and message.next_attempt_at is None
    return MessagePurpose(message.purpose), words_of(session, message.id, at)


def words_of(session: Session, message_id: int, at: datetime) -> str:
    (built,) = build_letters(
        session,
        [message_id],
        public_url="https://list.vendor.example",
        vendor_time_zone="Europe/Paris",
        at=at,
    )
    return " ".join(" ".join(read_pdf(built.pdf).pages).split())


def change_of(session: Session, made: Announced) -> int:
    change_id = case_of(session, made.case_ids[0]).change_id
    session.rollback()
    return change_id


def withdraw(session: Session, made: Announced, at: datetime) -> None:
    change_id = change_of(session, made)
    withdraw_change(session, made.release_id, change_id, reason="not now", by=LEGAL, at=at)


def test_of_the_withdrawal(session: Session, announced: Announced, at: datetime) -> None:
    withdraw(session, announced, at + DAY)
    purpose, words = only_letter(session, at + DAY)
    assert purpose is MessagePurpose.WITHDRAWN
    assert "A change of subprocessor is withdrawn" in words
    assert "Nothing further is needed from you, and silence has no effect." in words
    assert "not now" not in words


def test_of_the_withdrawal_after_a_termination(
    session: Session, announced: Announced, at: datetime
) -> None:
    """Its case does not end by it, and its letter says that the termination stands."""
    case_id = announced.case_ids[0]
    objection = add_response(session, announced.notice_id, case_id, ResponseKind.OBJECTION, at)
    session.add(
        SettlementRow(
            case_id=case_id,
            response_id=objection,
            kind=SettlementKind.TERMINATED.value,
            takes_effect_on=at.date() + 40 * DAY,
            decided_at=at,
            decided_by="marc",
        )
    )
    session.commit()
    withdraw(session, announced, at + DAY)
    assert case_of(session, announced.case_ids[0]).outcome is None
    _, words = only_letter(session, at + DAY)
    assert "A termination that you have declared because of this change stands." in words
    assert "write to us" in words and "answer this mail" not in words


def test_of_the_later_commencement(session: Session, announced: Announced, at: datetime) -> None:
    change_id = change_of(session, announced)
    postpone_commencement(
        session,
        announced.release_id,
        change_id,
        date(2026, 5, 5),
        reason="late",
        by=PUBLISHER,
        at=at + DAY,
    )
    purpose, words = only_letter(session, at + DAY)
    assert purpose is MessagePurpose.POSTPONED
    assert "on Tuesday 5 May 2026 at the earliest" in words
    assert "You can object until Tuesday 17 March 2026, 24:00" in words
    # Withdrawn before it is printed, it says nothing that is true any more.
    withdraw(session, announced, at + 2 * DAY)
    states = {message.purpose: letter.state for message, letter in letters(session)}
    assert states == {"postponed": LetterState.CANCELLED, "withdrawn": LetterState.QUEUED}


def test_of_the_longer_window(session: Session, announced: Announced, at: datetime) -> None:
    extend_case_window(
        session, announced.case_ids[0], date(2026, 3, 27), note="asked", at=at + DAY, **BY_LEGAL
    )
    purpose, words = only_letter(session, at + DAY)
    assert purpose is MessagePurpose.WINDOW_LONGER
    assert "You can object until Friday 27 March 2026, 24:00" in words
    assert "Before, we told you: until Tuesday 17 March 2026, 24:00" in words


def test_such_a_letter_serves_nothing(session: Session, announced: Announced, at: datetime) -> None:
    withdraw(session, announced, at + DAY)
    ((message, _),) = letters(session)
    number, notice_id = message.id, announced.notice_id
    before = session.get_one(NoticeRow, notice_id).served_at
    seal(session, [number], at=at + DAY)
    session.commit()
    tell(session, number, LetterEventKind.POSTED, (at + DAY).date(), at=at + 2 * DAY)
    tell(session, number, LetterEventKind.RETURNED, (at + 4 * DAY).date(), at=at + 5 * DAY)
    notice = session.get_one(NoticeRow, notice_id)
    assert (notice.state, notice.served_at) == (NoticeState.SERVED, before)
    session.rollback()


def test_whom_a_mail_reaches_and_whose_terms_name_no_post_gets_no_letter(
    session: Session, at: datetime
) -> None:
    by_mail = Scenario(session, at=at).announce(terms=terms_by(Channel.POST, Channel.EMAIL))
    withdraw(session, by_mail, at + DAY)
    assert letters(session) == []


def test_without_post_in_the_terms_there_is_no_letter(session: Session, at: datetime) -> None:
    made = Scenario(session, at=at).announce(terms=terms_by(Channel.EMAIL))
    give_no_email(session, made, at)
    withdraw(session, made, at + DAY)
    assert letters(session) == []


def test_a_letter_about_what_is_gone_is_not_written(
    session: Session, announced: Announced, at: datetime
) -> None:
    withdraw(session, announced, at + DAY)
    session.execute(update(ChangeRow).values(state="released"))
    session.commit()
    ((message, _),) = letters(session)
    with pytest.raises(NothingToSay):
        words_of(session, message.id, at + DAY)


def test_more_cases_need_no_more_statements(
    session: Session, engine: Engine, scenario: Scenario, announced: Announced, at: datetime
) -> None:
    """What is queued for paper is queued for all cases of a change at once."""
    change_id = change_of(session, announced)

    def statements(release_id: int, number: int) -> int:
        said: list[str] = []

        def note(*given: object) -> None:
            said.append(str(given[2]))

        event.listen(engine, "before_cursor_execute", note)
        try:
            withdraw_change(session, release_id, number, reason="no", by=LEGAL, at=at + DAY)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(said)

    one = statements(announced.release_id, change_id)
    many = [scenario.announce(terms=terms_by(Channel.POST)) for _ in range(6)]
    give_no_email(session, many[0], at)
    # All are cases of one change.
    target = change_of(session, many[0])
    session.execute(
        update(CaseRow)
        .where(CaseRow.notice_id.in_([x.notice_id for x in many]))
        .values(change_id=target)
    )
    session.commit()
    assert statements(many[0].release_id, target) <= one + 1
    assert len(letters(session)) == 7
    assert not queue_missing_letters(session, on=at.date(), at=at)
