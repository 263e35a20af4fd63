"""Operators, their sessions and resets, on each database."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from subnotify.operations import reset_password as resets
from subnotify.operations.add_operator import OperatorExists, add_operator
from subnotify.operations.reset_password import (
    ResetLinkInvalid,
    ask_for_reset,
    get_reset_operator,
    reset_password,
)
from subnotify.operations.sign_in import (
    FAILURES_COUNT_FOR,
    FAILURES_PER_NAME,
    SESSION_LASTS,
    SignInRefused,
    SignInThrottled,
    new_token,
    sign_in,
)
from subnotify.operations.sign_out import sign_out
from subnotify.rules.words import Role
from subnotify.storage.database import session_factory
from subnotify.storage.operators import (
    Operator,
    append_operator_session,
    find_operator_by_email,
    find_session_operator,
    list_operator_emails,
)
from subnotify.storage.tables import OperatorSessionRow, SignInFailureRow

PASSWORD = "tortoise lamp seven"
NEW_PASSWORD = "an umbrella for seven geese"


@pytest.fixture
def ana(session: Session, at: datetime) -> Operator:
    return _add(session, "Ana Legal", "ana@vendor.example", at=at)


def _add(session: Session, name: str, email: str, *, at: datetime) -> Operator:
    return add_operator(
        session,
        name=name,
        email=email,
        roles=[Role.LEGAL],
        password=PASSWORD,
        actor="command",
        at=at,
    )


def _sign_in(session: Session, password: str = PASSWORD, *, at: datetime) -> str:
    signed_in = sign_in(session, name="Ana Legal", password=password, address="192.0.2.1", at=at)
    return resets._digest(signed_in.token)


@pytest.mark.parametrize(
    ("name", "email"),
    [("ANA LEGAL", "other@vendor.example"), ("Other", "Ana@Vendor.example")],
)
def test_names_and_addresses_are_taken_once(
    session: Session, ana: Operator, at: datetime, name: str, email: str
) -> None:
    with pytest.raises(OperatorExists):
        _add(session, name, email, at=at)
    assert list_operator_emails(session, Role.LEGAL) == ["ana@vendor.example"]
    assert list_operator_emails(session, Role.ADMIN) == []


def test_each_sign_in_is_a_session_of_its_own(
    session: Session, ana: Operator, at: datetime
) -> None:
    first, second = _sign_in(session, at=at), _sign_in(session, at=at)
    assert first != second
    sign_out(session, first, at=at)
    sign_out(session, first, at=at + timedelta(hours=1))
    assert find_session_operator(session, first, at=at) is None
    assert find_session_operator(session, second, at=at) == ana
    assert find_session_operator(session, second, at=at + SESSION_LASTS) is None


def test_failures_slide_out_of_the_window(session: Session, ana: Operator, at: datetime) -> None:
    for minute in range(FAILURES_PER_NAME):
        with pytest.raises(SignInRefused):
            _sign_in(session, "wrong", at=at + timedelta(minutes=minute))
    with pytest.raises(SignInThrottled) as refused:
        _sign_in(session, at=at + timedelta(minutes=5))
    assert refused.value.minutes == 10
    with pytest.raises(SignInThrottled):
        _sign_in(session, at=at + FAILURES_COUNT_FOR)
    # The first failure has left the window: one try is open again, and it is wrong.
    later = at + FAILURES_COUNT_FOR + timedelta(seconds=1)
    with pytest.raises(SignInRefused):
        _sign_in(session, "wrong", at=later)
    with pytest.raises(SignInThrottled):
        _sign_in(session, at=later)
    assert _sign_in(session, at=later + FAILURES_COUNT_FOR)
    assert session.scalar(select(func.count()).select_from(SignInFailureRow)) == 0


def test_a_link_changes_the_password_once(session: Session, ana: Operator, at: datetime) -> None:
    digest = _sign_in(session, at=at)
    link = ask_for_reset(session, " ANA@vendor.example ", at=at)
    assert link is not None
    assert get_reset_operator(session, link.token, at=at) == ana
    session.rollback()
    reset_password(session, link.token, NEW_PASSWORD, at=at)
    assert find_session_operator(session, digest, at=at) is None
    session.rollback()
    with pytest.raises(ResetLinkInvalid):
        reset_password(session, link.token, PASSWORD, at=at)
    with pytest.raises(SignInRefused):
        _sign_in(session, at=at)
    assert _sign_in(session, NEW_PASSWORD, at=at)


def test_of_two_forms_sent_at_once_one_wins(
    session: Session,
    engine: Engine,
    ana: Operator,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = ask_for_reset(session, ana.email, at=at)
    assert link is not None
    hashed = resets.hash_password
    raced: list[str] = []

    def hash_while_another_wins(password: str) -> str:
        if not raced:
            raced.append(password)
            with session_factory(engine)() as other:
                reset_password(other, link.token, NEW_PASSWORD, at=at)
        return hashed(password)

    monkeypatch.setattr(resets, "hash_password", hash_while_another_wins)
    with pytest.raises(ResetLinkInvalid):
        reset_password(session, link.token, "the second form came too late", at=at)
    assert _sign_in(session, NEW_PASSWORD, at=at)


def test_links_and_sessions_are_forgotten_a_month_after_their_end(
    session: Session, ana: Operator, at: datetime
) -> None:
    long_ago = at - timedelta(days=31)
    append_operator_session(
        session, ana.id, new_token()[1], expires_at=long_ago, at=long_ago - SESSION_LASTS
    )
    session.commit()
    _sign_in(session, at=at)
    assert session.scalar(select(func.count()).select_from(OperatorSessionRow)) == 1


def test_too_many_links_are_not_made(session: Session, ana: Operator, at: datetime) -> None:
    asked = [ask_for_reset(session, ana.email, at=at) for _ in range(4)]
    assert [link is not None for link in asked] == [True, True, True, False]
    assert ask_for_reset(session, ana.email, at=at + timedelta(minutes=31)) is not None
    assert ask_for_reset(session, "nobody@vendor.example", at=at) is None


@pytest.mark.parametrize("typed", ["Élise Roy", "élise roy", "ÉLISE ROY", "E\u0301lise Roy"])
def test_case_does_not_count_in_names_of_any_alphabet(
    session: Session, at: datetime, typed: str
) -> None:
    _add(session, "Élise Roy", "Élise@vendor.example", at=at)
    signed_in = sign_in(session, name=typed, password=PASSWORD, address="192.0.2.1", at=at)
    assert signed_in.token
    with pytest.raises(OperatorExists):
        _add(session, typed, "other@vendor.example", at=at)
    session.rollback()
    assert find_operator_by_email(session, "élise@VENDOR.example") is not None
