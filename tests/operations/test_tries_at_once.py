"""Tries that come at once are counted one after the other: no more of them are looked at."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.operations.add_operator import add_operator
from subnotify.operations.reset_password import LINKS_PER_HALF_HOUR, ask_for_reset
from subnotify.operations.second_factor import pass_second_factor
from subnotify.operations.sign_in import FAILURES_PER_ADDRESS, FAILURES_PER_NAME, new_token, sign_in
from subnotify.operations.sign_in_to_portal import ask_for_portal_link
from subnotify.rules.portal import ASKINGS_PER_ADDRESS, ASKINGS_PER_NETWORK
from subnotify.rules.second_factor import WRONG_TRIES
from subnotify.rules.words import Role
from subnotify.storage.database import session_factory
from subnotify.storage.operators import Operator
from subnotify.storage.tables import SecondFactorRow
from tests.support import telephones
from tests.support.at_once import at_once
from tests.support.settings import SEAL_KEY

AT_ONCE = 12
PASSWORD = "tortoise lamp seven"


def operator(session: Session, *, at: datetime) -> Operator:
    return add_operator(
        session,
        name="Ana Legal",
        email="ana@vendor.example",
        roles=[Role.LEGAL],
        password=PASSWORD,
        actor="command",
        at=at,
    )


def tried(engine: Engine, step: Callable[[Session, int], object], number: int) -> Counter[str]:
    """How often each answer came, by the name of its type."""
    make = session_factory(engine)

    def work(place: int) -> Callable[[], object]:
        def run() -> object:
            with make() as session:
                return step(session, place)

        return run

    results = at_once(*(work(place) for place in range(number)))
    return Counter(type(result).__name__ for result in results)


def test_passwords_of_one_name(session: Session, engine: Engine, at: datetime) -> None:
    operator(session, at=at)

    def step(own: Session, place: int) -> object:
        address = f"192.0.2.{place}"
        return sign_in(own, name="Ana Legal", password="wrong", address=address, at=at)

    assert tried(engine, step, AT_ONCE) == {
        "SignInRefused": FAILURES_PER_NAME,
        "SignInThrottled": AT_ONCE - FAILURES_PER_NAME,
    }


def test_names_from_one_address(session: Session, engine: Engine, at: datetime) -> None:
    number = FAILURES_PER_ADDRESS + 4

    def step(own: Session, place: int) -> object:
        return sign_in(own, name=f"n{place}", password="wrong", address="192.0.2.1", at=at)

    assert tried(engine, step, number) == {
        "SignInRefused": FAILURES_PER_ADDRESS,
        "SignInThrottled": 4,
    }


def test_codes_of_a_telephone(session: Session, engine: Engine, at: datetime) -> None:
    ana = operator(session, at=at)
    telephones.hand_out(session, ana, at=at)

    def step(own: Session, place: int) -> object:
        return pass_second_factor(
            own,
            ana,
            f"wrong{place:04}",
            token_digest=new_token()[1],
            seal_keys=(SealKey(SEAL_KEY),),
            at=at,
        )

    assert tried(engine, step, AT_ONCE) == {
        "SecondFactorRefused": WRONG_TRIES,
        "SecondFactorLocked": AT_ONCE - WRONG_TRIES,
    }
    row = session.scalars(select(SecondFactorRow)).one()
    assert row.locked_until is not None


def test_links_for_a_mailbox_and_from_a_network(
    session: Session, engine: Engine, at: datetime
) -> None:
    def of_mailbox(own: Session, place: int) -> object:
        return ask_for_portal_link(
            own, "dpo@client.example", browser="b", address=f"198.51.{place}.1", at=at
        )

    def of_network(own: Session, place: int) -> object:
        return ask_for_portal_link(
            own, f"dpo{place}@client.example", browser="b", address="192.0.2.1", at=at
        )

    assert tried(engine, of_mailbox, AT_ONCE) == {
        "NoneType": ASKINGS_PER_ADDRESS,
        "PortalAskingThrottled": AT_ONCE - ASKINGS_PER_ADDRESS,
    }
    assert tried(engine, of_network, ASKINGS_PER_NETWORK + 4) == {
        "NoneType": ASKINGS_PER_NETWORK,
        "PortalAskingThrottled": 4,
    }


def test_links_for_a_new_password(session: Session, engine: Engine, at: datetime) -> None:
    ana = operator(session, at=at)
    answers = tried(engine, lambda own, _place: ask_for_reset(own, ana.email, at=at), AT_ONCE)
    assert answers == {
        "ResetLink": LINKS_PER_HALF_HOUR,
        "NoneType": AT_ONCE - LINKS_PER_HALF_HOUR,
    }
