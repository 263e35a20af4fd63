"""The desk's list of clients: the same few queries, however many there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from subnotify.storage.agreement_file import get_agreement_file
from subnotify.storage.client_pages import get_client_file, list_clients
from tests.support.release_world import Person, ReleaseWorld

ON = date(2026, 3, 2)


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection, _cursor, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_pages_ask_the_same_few_questions(engine: Engine, session: Session, at: datetime):
    world = ReleaseWorld(session, at=at)
    ids = [world.add_agreement(people=(Person(), Person())) for _number in range(3)]
    ended = world.add_agreement(ended_on=date(2026, 3, 1))
    asked = []
    for most in (1, 4):
        session.rollback()
        with counted(engine) as said:
            listed = list_clients(session, on=ON, skip=0, most=most)
        assert len(listed) == most
        asked.append(len(said))
    assert asked[0] == asked[1] <= 5
    assert [(x.contacts, x.agreements, x.ended) for x in listed] == [
        *[(2, 1, 0)] * 3,
        (1, 0, 1),
    ]
    with counted(engine) as said:
        file = get_client_file(session, listed[3].id)
        agreement = get_agreement_file(session, ended)
    assert len(said) <= 12
    assert [x.id for x in file.agreements] == [ended]
    assert agreement.head.client_id == file.id
    assert get_agreement_file(session, ids[0]).contacts[0].kind == "notice"
