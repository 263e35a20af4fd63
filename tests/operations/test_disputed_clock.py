"""The second silence does not run out in the instant in which a doubt is decided."""

from datetime import timedelta

from subnotify.operations.close_windows import close_windows
from subnotify.operations.decide_timeliness import decide_timeliness
from subnotify.rules.words import HoldReason, Timeliness
from tests.operations.desk import LEGAL, case_of, confirm_all, standing_of
from tests.operations.test_unresolved_objections import UNRESOLVED, say
from tests.support.scenario import Scenario

DAY = timedelta(days=1)


def test_what_was_disputed_until_today_is_not_accepted_by_silence_today(session, at):
    made = Scenario(session, at=at).announce(terms=UNRESOLVED)
    case_id = made.case_ids[0]
    closes = case_of(session, case_id).closes_at
    letter = say(
        session,
        made,
        "objection",
        closes + DAY,
        channel="registered_post",
        dispatched_on=(closes - 2 * DAY).date(),
    )
    assert standing_of(session, case_id)[1] == [HoldReason.OBJECTION_DISPUTED]
    due = case_of(session, case_id).unresolved_after_at
    confirm_all(session, due + DAY)
    close_windows(session, at=due + DAY)
    assert standing_of(session, case_id)[1] == [HoldReason.OBJECTION_DISPUTED]
    decide_timeliness(
        session, letter, Timeliness.IN_TIME, note="posted in time", at=due + DAY, **LEGAL
    )
    assert standing_of(session, case_id)[2] is None
