"""The list of notices that nothing proves: whatever hangs is on it, until its proof is there."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import event, update
from sqlalchemy.orm import Session

from subnotify.rules.terms import DeemedReceipt
from subnotify.rules.terms_words import DeemedKind, RunsFrom
from subnotify.rules.words import Channel, HoldReason, LetterEventKind, NoticeState, Outcome
from subnotify.storage.digest_counts import load_digest_counts
from subnotify.storage.tables import CaseRow, ContactRow, MessageRow, NoticeRow
from subnotify.storage.unproved import (
    WAITS_FOR,
    UnprovedNotice,
    count_unproved,
    list_unproved_notices,
)
from tests.operations.desk import PARIS
from tests.operations.test_climb_ladder import NOTHING, climb, give, letters
from tests.operations.test_queue_digest import queue, text_of
from tests.support.letters import announce_by_post, tell, terms_by
from tests.support.scenario import Scenario

Kind = LetterEventKind
DAY = date(2026, 3, 2)
MOMENT = timedelta(seconds=1)
PRESENTED = DeemedReceipt(DeemedKind.FIRST_PRESENTATION)
TWO_DAYS = DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=2)


def day(days: int) -> date:
    return DAY + timedelta(days=days)


def unproved(session: Session, at: datetime) -> list[UnprovedNotice]:
    session.rollback()
    found = list_unproved_notices(session, at=at, limit=50)
    assert count_unproved(session, at=at) == len(found)
    session.rollback()
    return found


def why(session: Session, at: datetime) -> list[str]:
    return [one.what.why for notice in unproved(session, at) for one in notice.missing]


def test_a_mail_behind_a_relay_whose_contact_has_no_postal_address(
    session: Session, at: datetime
) -> None:
    announced = give(session, at)
    session.execute(update(ContactRow).values(postal_address=""))
    session.commit()
    late = at + WAITS_FOR
    assert climb(session, late) == NOTHING
    assert unproved(session, late - MOMENT) == []
    (found,) = unproved(session, late)
    assert (found.id, found.case_id, found.since_at) == (
        announced.notice_id,
        announced.case_ids[0],
        at,
    )
    assert [(one.what.why, one.letter_id) for one in found.missing] == [("no_postal_address", None)]
    assert found.missing[0].contact and found.client and found.agreement
    # With an address the letter goes at once, and its own days begin.
    session.execute(update(ContactRow).values(postal_address="1 place de la Mairie"))
    session.commit()
    assert climb(session, late).no_proof == 1
    assert unproved(session, late + timedelta(days=1)) == []
    (found,) = unproved(session, late + WAITS_FOR)
    assert {one.what.why for one in found.missing} == {"nothing_came", "not_posted"}
    ((_, letter),) = letters(session)
    assert {one.letter_id for one in found.missing} == {None, letter.message_id}


def test_a_plain_letter_that_nothing_can_prove(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    _, (letter,) = announce_by_post(scenario, terms_by(Channel.POST))
    assert why(session, at + WAITS_FOR) == ["not_posted"]
    tell(session, letter, Kind.POSTED, day(1), at=at + timedelta(days=2))
    assert why(session, at + WAITS_FOR) == []
    assert why(session, at + timedelta(days=90)) == ["only_acknowledged"]


def test_a_letter_handed_over_and_never_followed_up(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    _, (letter,) = announce_by_post(scenario, terms_by(Channel.REGISTERED_POST))
    for kind in (Kind.HANDED_OVER, Kind.PRINTED):
        tell(session, letter, kind, day(1), at=at + timedelta(days=1))
        assert why(session, at + timedelta(days=90)) == ["not_posted"]
    tell(session, letter, Kind.POSTED, day(1), at=at + timedelta(days=1))
    assert why(session, at + timedelta(days=90)) == ["card_missing"]
    tell(session, letter, Kind.RECEIVED, day(4), at=at + timedelta(days=90))
    assert why(session, at + timedelta(days=91)) == []


def test_a_day_that_only_has_to_be_entered_is_told_at_once(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    terms = replace(
        terms_by(Channel.REGISTERED_POST), deemed_receipt=PRESENTED, proof_of_receipt=frozenset()
    )
    told_at = at + timedelta(days=4)
    first, (letter,) = announce_by_post(scenario, terms)
    tell(session, letter, Kind.RECEIVED, day(3), at=told_at)
    assert why(session, told_at) == ["presentation_missing"]
    tell(session, letter, Kind.PRESENTED, day(3), at=told_at)
    assert why(session, told_at) == []
    by_dispatch = replace(
        terms_by(Channel.REGISTERED_POST), runs_from=RunsFrom.DISPATCH, proof_of_receipt=frozenset()
    )
    second, (letter,) = announce_by_post(scenario, by_dispatch)
    tell(session, letter, Kind.RECEIVED, day(3), at=told_at)
    assert why(session, told_at) == ["posting_missing"]
    tell(session, letter, Kind.POSTED, day(1), at=told_at)
    assert why(session, told_at) == []
    session.expire_all()
    for announced in (first, second):
        notice = session.get_one(NoticeRow, announced.notice_id)
        assert notice.state == NoticeState.SERVED


def test_what_came_back_under_deemed_days_fails_until_its_posting_is_known(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    terms = replace(terms_by(Channel.POST), deemed_receipt=TWO_DAYS, proof_of_receipt=frozenset())
    announced, (letter,) = announce_by_post(scenario, terms)
    told_at = at + timedelta(days=9)
    tell(session, letter, Kind.RETURNED, day(8), at=told_at)
    notice = session.get_one(NoticeRow, announced.notice_id, populate_existing=True)
    assert notice.state == NoticeState.NOT_SERVED
    assert notice.failure_reason == HoldReason.LETTER_RETURNED
    # It is not on this list: it is among those that are not served, and legal was told.
    assert why(session, told_at) == []
    alarms = session.scalars(
        MessageRow.__table__.select().where(MessageRow.purpose == "delivery_alarm")
    ).all()
    assert len(alarms) == 1
    tell(session, letter, Kind.POSTED, day(1), at=told_at)
    notice = session.get_one(NoticeRow, announced.notice_id, populate_existing=True)
    assert notice.state == NoticeState.SERVED and notice.served_at is not None
    assert notice.served_at.date() == day(1)


def test_what_is_settled_or_whose_terms_compute_nothing_is_not_on_it(
    session: Session, at: datetime
) -> None:
    give(session, at)
    late = at + timedelta(days=60)
    assert why(session, late) == ["nothing_came"]
    session.execute(update(CaseRow).values(outcome=Outcome.CHANGE_WITHDRAWN.value))
    session.commit()
    assert unproved(session, late) == []


def test_the_oldest_first_page_by_page_and_at_a_constant_price(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    told = [announce_by_post(scenario, terms_by(Channel.POST))[0].notice_id for _ in range(5)]
    late = at + timedelta(days=60)
    session.rollback()
    assert [one.id for one in list_unproved_notices(session, at=late, limit=3)] == told[:3]
    assert [one.id for one in list_unproved_notices(session, at=late, limit=3, offset=3)] == (
        told[3:]
    )
    asked: list[str] = []

    def note(_c: object, _u: object, statement: str, *_others: object) -> None:
        asked.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    list_unproved_notices(session, at=late, limit=1)
    few = len(asked)
    asked.clear()
    list_unproved_notices(session, at=late, limit=5)
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == few


def test_the_morning_mail_counts_and_names_them(session: Session, at: datetime) -> None:
    give(session, at)
    late = at + timedelta(days=59)
    session.rollback()
    counts = load_digest_counts(session, zone=PARIS, at=late)
    assert counts.unproved == len(counts.first_unproved) == 1 and counts.needs_person(late.date())
    session.rollback()
    assert queue(session, late)
    text = text_of(session, late).text
    assert "Notices without proof: 1" in text and "Nothing proves that" in text
    assert "/desk/unproved" in text
