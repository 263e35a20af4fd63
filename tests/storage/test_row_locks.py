"""Locked rows may be referred to: otherwise two operations could wait for each other for ever."""

import re
from pathlib import Path

from sqlalchemy import text

import subnotify
from subnotify.rules.words import ResponseChannel, ResponseKind, ResponseState
from subnotify.storage.case_locks import lock_cases_of_notice
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.servings import lock_notices
from subnotify.storage.tables import ResponseRow
from tests.support.scenario import Scenario


def test_a_locked_notice_and_case_take_a_response(postgresql_url, at):
    make = session_factory(create_engine_for(postgresql_url))
    with make() as first, make() as second:
        announced = Scenario(first, at=at).announce()
        lock_notices(first, [announced.notice_id])
        lock_cases_of_notice(first, announced.notice_id)
        second.execute(text("SET LOCAL lock_timeout = '2s'"))
        second.add(
            ResponseRow(
                reference="R-1",
                notice_id=announced.notice_id,
                case_id=announced.case_ids[0],
                kind=ResponseKind.QUESTION,
                channel=ResponseChannel.LINK,
                state=ResponseState.EFFECTIVE,
                received_at=at,
                digest="0" * 64,
            )
        )
        second.commit()


def test_no_lock_is_stronger_than_needed():
    folder = Path(subnotify.__file__).parent
    plain = [
        f"{path.name}: {found}"
        for path in folder.rglob("*.py")
        for found in re.findall(
            r"with_for_update\((?!key_share)|with_for_update=True", path.read_text()
        )
    ]
    assert plain == []
