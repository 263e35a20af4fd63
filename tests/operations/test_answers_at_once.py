"""Two contacts of one client answer differently in the same second: the objection wins."""

import pytest
from sqlalchemy import func, select

from subnotify.operations.confirm_code import confirm_code
from subnotify.rules.errors import MoveNotAllowed
from subnotify.rules.responses import Answer
from subnotify.rules.words import CaseState, ResponseKind
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import OutcomeRow, ResponseRow
from tests.support.answers import KEY, case_of, give, objection
from tests.support.at_once import at_once
from tests.support.scenario import Scenario, digest_of

ROUNDS = 4


@pytest.mark.parametrize("kind", [ResponseKind.NO_OBJECTION, ResponseKind.WAIVER])
def test_two_contacts_answer_differently_in_the_same_second(database_url, at, kind):
    """One enters the code of its yes while the other objects; `at` is the same instant."""
    engine = create_engine_for(database_url)
    make = session_factory(engine)
    with make() as session:
        scenario = Scenario(session, at=at)
        rounds = [scenario.announce(contacts=2) for _ in range(ROUNDS)]
    for announced in rounds:
        with make() as session:
            yes = Answer(kind, "Camille Perrin", "DPO", case_ids=announced.case_ids)
            given = give(session, announced, yes, at=at)
        code, link = given.code.code, digest_of(announced.token)

        def confirm(link=link, reference=given.reference, code=code) -> None:
            with make() as session:
                confirm_code(session, link, reference, code, code_key=KEY, at=at)

        def refuse(announced=announced) -> None:
            with make() as session:
                other = announced.tokens[1]
                give(session, announced, objection(announced), form_key="2", at=at, token=other)

        failed = [x for x in at_once(confirm, refuse) if x is not None]
        # Whoever came second, the objection is kept; only the yes may have come too late.
        assert all(isinstance(error, MoveNotAllowed) for error in failed), failed
        with make() as session:
            objections = select(func.count()).where(
                ResponseRow.notice_id == announced.notice_id,
                ResponseRow.kind == ResponseKind.OBJECTION,
            )
            assert session.scalar(objections) == 1
            case = case_of(session, announced.case_ids[0])
            outcomes = select(func.count()).where(
                OutcomeRow.case_id == case.id, OutcomeRow.outcome.is_not(None)
            )
            assert session.scalar(outcomes) <= 1
            # Not closed over the objection: it counts, or a person looks at what it takes back.
            assert case.state in (CaseState.OBJECTED, CaseState.HOLD)
            assert case.outcome is None
    engine.dispose()
