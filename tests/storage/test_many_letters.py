"""What is asked of many letters, notices and agreements at once."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, update
from sqlalchemy.orm import Session

from subnotify.rules.words import Channel, HoldReason, NoticeState
from subnotify.storage import unproved
from subnotify.storage.letter_corrections import load_taken_back
from subnotify.storage.letters import load_letter_events, lock_letters, notices_of_letters
from subnotify.storage.tables import MessageRow, NoticeRow
from subnotify.storage.unreachable import count_unreachable
from tests.support.letter_batches import queue
from tests.support.letters import announce_by_post, terms_by
from tests.support.scenario import Scenario

# More than SQLite takes values in one statement (32,766), and psycopg in one of PostgreSQL's.
MANY = 70_000


def test_a_file_may_name_more_letters_than_a_statement_takes_values(
    session: Session, scenario: Scenario
) -> None:
    letters = set(queue(scenario, 2))
    ids = range(1, MANY)
    assert set(lock_letters(session, ids)) == letters
    assert len(notices_of_letters(session, ids)) == 2
    assert not load_letter_events(session, ids)
    assert not load_taken_back(session, ids)


def test_agreements_without_an_address_are_counted_by_the_same_statements_however_many(
    session: Session, engine: Engine, scenario: Scenario, at: datetime
) -> None:
    def count() -> tuple[int, list[str]]:
        session.execute(
            update(NoticeRow).values(
                state=NoticeState.NOT_SERVED.value, failure_reason=HoldReason.BOUNCED.value
            )
        )
        session.execute(update(MessageRow).values(bounced_at=at))
        asked: list[str] = []

        def note(_c: Any, _u: Any, statement: str, *_others: Any) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        found = count_unreachable(session, on=at.date(), at=at)
        event.remove(engine, "before_cursor_execute", note)
        session.commit()
        return found, asked

    scenario.announce(contacts=1)
    one, of_one = count()
    scenario.announce(contacts=1)
    scenario.announce(contacts=1)
    three, of_three = count()
    assert (one, three) == (1, 3)
    assert of_three == of_one


def test_who_has_an_address_is_found_once_for_all_notices_without_proof(
    session: Session, scenario: Scenario, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found anew for each of a chunk, 20,000 notices took minutes."""
    for _ in range(2):
        announce_by_post(scenario, terms_by(Channel.POST))
    asked: list[Collection[int]] = []
    find = unproved.find_unproved

    def note(*given: Any, with_post: Collection[int], **more: Any) -> Any:
        asked.append(with_post)
        return find(*given, with_post=with_post, **more)

    monkeypatch.setattr(unproved, "find_unproved", note)
    late = at + timedelta(days=60)
    assert len(unproved.list_unproved_notices(session, at=late, limit=9)) == 2
    first, second = asked
    assert first is second
