"""What legal settles is what legal has seen."""

import re
from datetime import timedelta

from sqlalchemy import select

from subnotify.rules.words import Role
from subnotify.storage.tables import SettlementRow
from tests.operations.test_settle_objection import say
from tests.support.scenario import Scenario
from tests.support.web_client import session_on


def test_an_objection_that_came_after_legal_looked_is_not_settled_with_it(
    signed_in, database_url, at
):
    with session_on(database_url) as session:
        objected = Scenario(session, at=at).announce()
        say(session, objected, "objection", at, by_name="Claire")
        legal = signed_in(Role.LEGAL)
        page = f"/desk/cases/{objected.case_ids[0]}/settle"
        (seen,) = re.findall(r'name="seen_up_to"[^>]*value="(\d+)"', legal.get(page).text)
        typed = {"seen_up_to": seen, "kind": "ineffective", "note": "No grounds were given."}
        assert 'name="seen"' in legal.post(page, **typed).text
        # Another contact objects, with grounds, before legal presses the last button.
        later = say(
            session, objected, "objection", at + timedelta(minutes=1), by_name="Denis", text="No."
        )
        assert "Another objection came since" in legal.post(page, **typed, seen="1").text
        assert session.scalars(select(SettlementRow)).all() == []
        session.rollback()
        legal.post(page, **{**typed, "seen_up_to": str(later)}, seen="1")
        (row,) = session.scalars(select(SettlementRow))
        assert row.response_id == later
