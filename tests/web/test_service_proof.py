"""`/up` proves which installation answers, and that its database does."""

from datetime import datetime

import pytest
from sqlalchemy import text

from subnotify.delivery.public_probe import proof_of
from tests.support.settings import environment_for
from tests.support.web_client import SettableClock, WebClient, make_app, session_on

NONCE = "0123456789abcdef" * 2


def test_the_proof_of_this_installation(database_url: str, at: datetime) -> None:
    browser = WebClient(make_app(database_url, SettableClock(at)))
    response = browser.get(f"/up?nonce={NONCE}")
    secret_key = environment_for(database_url)["SUBNOTIFY_SECRET_KEY"]
    assert response.status_code == 200
    assert response.text == proof_of(NONCE, secret_key) + "\n"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.mimetype == "text/plain"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("query", ["", "?nonce=", "?nonce=short", f"?nonce={NONCE}0", "?nonce=%00"])
def test_what_is_no_question_of_ours_is_not_found(
    sqlite_url: str, at: datetime, query: str
) -> None:
    response = WebClient(make_app(sqlite_url, SettableClock(at))).get(f"/up{query}")
    assert response.status_code in (400, 404)


def test_without_its_database_it_is_not_up(database_url: str, at: datetime) -> None:
    browser = WebClient(make_app(database_url, SettableClock(at)))
    with session_on(database_url) as session:
        session.execute(text("DROP TABLE service_watch"))
        session.commit()
    assert browser.get(f"/up?nonce={NONCE}").status_code == 500
