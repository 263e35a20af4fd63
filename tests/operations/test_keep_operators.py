"""Roles and deactivation: an administrator is always left, and sessions end at once."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from itertools import chain, combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from subnotify.operations.add_operator import OperatorWithoutRole
from subnotify.operations.keep_operators import (
    LastAdministrator,
    activate_operator,
    deactivate_operator,
    give_roles,
)
from subnotify.rules.errors import NotFound
from subnotify.rules.words import Role
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.operators import (
    append_operator,
    append_operator_session,
    find_session_operator,
    list_operators,
)
from subnotify.storage.tables import EvidenceRow, OperatorRow
from tests.support.at_once import at_once

ROLES = [set(x) for x in chain.from_iterable(combinations(Role, n) for n in (1, 2, 3))]
LATER = datetime.fromisoformat("2100-01-01T00:00:00+00:00")


def add(session: Session, name: str, roles: Iterable[Role], at: datetime) -> int:
    email = f"{name}@vendor.example"
    found = append_operator(session, name=name, email=email, password_hash="", roles=roles, at=at)
    append_operator_session(session, found.id, name, expires_at=LATER, at=at)
    session.commit()
    return found.id


def is_in(session: Session, name: str, at: datetime) -> bool:
    return find_session_operator(session, name, at=at) is not None


def test_whoever_loses_a_role_is_signed_out_at_once(session: Session, at: datetime):
    ana = add(session, "ana", [Role.ADMIN], at)
    ben = add(session, "ben", [Role.LEGAL], at)
    by = {"actor": f"operator:{ana}", "at": at}
    assert give_roles(session, ben, [Role.LEGAL, Role.PUBLISHER], **by)
    assert is_in(session, "ben", at), "nothing was taken"
    assert not give_roles(session, ben, [Role.LEGAL, Role.PUBLISHER], **by)
    assert give_roles(session, ben, [Role.PUBLISHER], **by)
    assert not is_in(session, "ben", at) and is_in(session, "ana", at)
    cleo = add(session, "cleo", [Role.LEGAL], at)
    assert deactivate_operator(session, cleo, **by)
    assert not deactivate_operator(session, cleo, **by)
    assert not is_in(session, "cleo", at)
    assert activate_operator(session, cleo, **by)
    assert not is_in(session, "cleo", at), "signing in again is the person's own step"
    assert list(session.scalars(select(EvidenceRow.type).order_by(EvidenceRow.id))) == [
        "operator_roles_given",
        "operator_roles_given",
        "operator_deactivated",
        "operator_activated",
    ]


def test_nobody_without_a_role_and_nobody_unknown(session: Session, at: datetime):
    ana = add(session, "ana", [Role.ADMIN], at)
    with pytest.raises(OperatorWithoutRole):
        give_roles(session, ana, [], actor="command", at=at)
    with pytest.raises(NotFound):
        give_roles(session, 99, [Role.LEGAL], actor="command", at=at)
    with pytest.raises(NotFound):
        deactivate_operator(session, 99, actor="command", at=at)


def test_two_administrators_deactivate_each_other_at_once(database_url: str, at: datetime):
    """Whoever is second is the last one, and stays."""
    engine = create_engine_for(database_url)
    make = session_factory(engine)
    with make() as session:
        pair = [add(session, name, [Role.ADMIN], at) for name in ("ana", "ben")]

    def leave(number: int) -> None:
        with make() as session:
            deactivate_operator(session, number, actor="command", at=at)

    answers = at_once(*(partial(leave, number) for number in pair))
    failed = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(error) for error in failed] == [LastAdministrator]
    with make() as session:
        assert [one.active for one in list_operators(session)].count(True) == 1
    engine.dispose()


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.one_of(st.sampled_from(ROLES), st.booleans())), max_size=12
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_an_active_administrator_is_always_left(engine: Engine, at: datetime, steps):
    with Session(engine) as session:
        session.query(OperatorRow).delete()
        session.commit()
        first = [[Role.ADMIN], [Role.ADMIN, Role.LEGAL], [Role.PUBLISHER]]
        ids = []
        for number, roles in enumerate(first):
            row = append_operator(
                session,
                name=f"o{number}",
                email=f"o{number}@v.example",
                password_hash="",
                roles=roles,
                at=at,
            )
            ids.append(row.id)
        session.commit()
        for place, wanted in steps:
            try:
                if isinstance(wanted, bool):
                    step = activate_operator if wanted else deactivate_operator
                    step(session, ids[place], actor="command", at=at)
                else:
                    give_roles(session, ids[place], wanted, actor="command", at=at)
            except LastAdministrator:
                pass
            now = list_operators(session)
            assert any(one.active and Role.ADMIN in one.roles for one in now)
            session.rollback()
