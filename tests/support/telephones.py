"""The telephones of operators: each gives the code of its second factor at the app's clock.

    telephones.hand_out(session, operator, at=at)   # as if the operator had set one up
    telephones.code_for(app, "Ana Legal")           # what the telephone shows now

A telephone knows what the installation knows: the secret is read from the database.
"""

from collections.abc import Callable
from datetime import datetime

from flask import Flask, g
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.config import Settings
from subnotify.delivery.sealing import SealedMail, SealKey
from subnotify.operations.second_factor import code_at, new_secret, open_secret, seal_secret
from subnotify.rules.second_factor import steps_that_count
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.operators import Operator
from subnotify.storage.second_factors import append_second_factor
from subnotify.storage.tables import OperatorRow, SecondFactorRow
from tests.support.settings import SEAL_KEY

APPS: dict[str, Flask] = {}
"""The apps that are served now, by their address: a page in a browser belongs to one of them."""


def hand_out(session: Session, operator: Operator, *, at: datetime) -> str:
    """Give an operator a telephone, without a page and without evidence; its secret."""
    secret = new_secret()
    sealed = seal_secret(secret, operator.id, SealKey(SEAL_KEY))
    append_second_factor(
        session,
        operator.id,
        digest=sealed.digest,
        ciphertext=sealed.ciphertext,
        last_step=None,
        at=at,
    )
    session.commit()
    return secret


def code_for(app: Flask, name: str) -> str:
    """The code that the operator's telephone shows at the app's clock."""
    settings: Settings = app.config["SUBNOTIFY_SETTINGS"]
    with app.test_request_context("/", base_url=app.config["PUBLIC_URL"]):
        app.preprocess_request()
        at: datetime = g.at
    engine = create_engine_for(settings.database_url)
    try:
        return code_now(session_factory(engine), settings, name, at=at)
    finally:
        engine.dispose()


def code_now(
    sessions: Callable[[], Session], settings: Settings, name: str, *, at: datetime
) -> str:
    """The same, of an installation that is not this process's app."""
    with sessions() as session:
        row = session.scalars(
            select(SecondFactorRow)
            .join(OperatorRow, OperatorRow.id == SecondFactorRow.operator_id)
            .where(func.lower(OperatorRow.name) == name.strip().lower())
        ).one()
        if not steps_that_count(at, row.last_step):
            # In a test the clock stands; a person would wait for half a minute.
            row.last_step = None
        step = steps_that_count(at, row.last_step)[0]
        sealed = SealedMail(row.secret_digest, row.secret_ciphertext)
        secret = open_secret(sealed, row.operator_id, (settings.seal_key,))
        session.commit()
    return code_at(secret, step)
