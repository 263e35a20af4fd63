"""The letter's page: bytes that it had before, and why it is not to be sent as it is."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import select, update

from subnotify.operations.cancel_batch import cancel_batch
from subnotify.rules.words import Role
from subnotify.storage.tables import FormerSealRow, LetterRow
from tests.support.letter_batches import prepare, queue
from tests.support.scenario import Scenario
from tests.support.web_client import WebClient, session_on

PATH = "/desk/letters"


def test_legal_can_have_the_bytes_that_a_letter_had(
    signed_in: Callable[..., WebClient], database_url: str, at: datetime
) -> None:
    """Somebody may have posted them all the same, and an expert compares their digest."""
    with session_on(database_url) as session:
        first, second = queue(Scenario(session, at=at), 2)
        prepare(session, at=at)
        cancel_batch(session, 1, provider=None, by="marc", actor="operator:2", at=at)
        former = session.scalars(select(FormerSealRow).order_by(FormerSealRow.message_id)).all()
        ids, digests = [one.id for one in former], [one.digest for one in former]
        session.rollback()
        prepare(session, at=at)
    browser = signed_in(Role.LEGAL)
    page = browser.get(f"{PATH}/{first}").text
    path = f"{PATH}/{first}/former/{ids[0]}.pdf"
    assert "Former PDF" in page and digests[0] in page and "L-000001" in page
    assert f'href="{path}"' in page
    found, now = browser.get(path), browser.get(f"{PATH}/{first}/letter.pdf")
    assert found.data.startswith(b"%PDF") and found.data != now.data
    assert found.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in found.headers["Content-Security-Policy"]
    # Those of another letter are none of this one.
    assert browser.get(f"{PATH}/{first}/former/{ids[1]}.pdf").status_code == 404
    assert browser.get(f"{PATH}/{second}/former/999.pdf").status_code == 404
    publisher = signed_in(Role.PUBLISHER)
    assert digests[0] in publisher.get(f"{PATH}/{first}").text
    assert path not in publisher.get(f"{PATH}/{first}").text
    assert publisher.get(path).status_code == 403
    assert signed_in(Role.ADMIN).get(path).status_code == 403
    assert WebClient(publisher.app).get(path).location.startswith("/sign-in")


def test_the_page_says_why_a_letter_is_not_to_be_sent(
    signed_in: Callable[..., WebClient], database_url: str, at: datetime
) -> None:
    with session_on(database_url) as session:
        (letter,) = queue(Scenario(session, at=at))
        prepare(session, at=at)
    browser = signed_in(Role.LEGAL)
    page = browser.get(f"{PATH}/{letter}").text
    assert "does not run any more" not in page and "struck out" not in page
    with session_on(database_url) as session:
        session.execute(update(LetterRow).values(told_closes_at=at, former_on=date(2026, 3, 4)))
        session.commit()
    page = browser.get(f"{PATH}/{letter}").text
    assert "This letter tells a deadline that does not run any more" in page
    assert "Its contact or address was struck out from" in page and "4 March 2026" in page
    assert "a deadline that they tell runs no longer" in browser.get(f"{PATH}/batches/1").text
