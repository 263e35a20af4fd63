"""The list of agreements out of reach, through the app as it runs."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import NoticeState, Role
from subnotify.storage.tables import ContactRow, MessageRow, NoticeRow
from tests.operations.test_serve_notices import bounce
from tests.operations.test_unreachable import FIFTEEN
from tests.support.scenario import Announced, Scenario
from tests.support.web_client import WebClient

PATH = "/desk/unreachable"
SignIn = Callable[..., WebClient]


@pytest.fixture
def bounced(session: Session, at: datetime) -> Announced:
    announced = Scenario(session, at=at).announce(terms=FIFTEEN)
    bounce(session, announced, at=at)
    return announced


def said(page: str) -> str:
    return " ".join(page.split())


def test_nothing_is_out_of_reach(signed_in: SignIn, session: Session, at: datetime) -> None:
    Scenario(session, at=at).announce()
    page = signed_in(Role.LEGAL).get(PATH).text
    assert "Every running agreement can be served." in page


def test_legal_sees_why_since_when_what_waits_and_where_to_mend_it(
    signed_in: SignIn, bounced: Announced
) -> None:
    page = said(signed_in(Role.LEGAL).get(PATH).text)
    for words in (
        "Northwind Mills 1 Ltd",
        "DPA-2024-001",
        "was refused or came back",
        "Ask the client; correct the address, or name another contact.",
        "Its window had run until:",
        f"/desk/notices/{bounced.notice_id}",
        f"/contacts/{bounced.contact_ids[0]}/edit",
        f"/desk/agreements/{bounced.agreement_id}/contacts/new",
    ):
        assert words in page, words


def test_the_publisher_reads_and_others_do_not(signed_in: SignIn, bounced: Announced) -> None:
    page = signed_in(Role.PUBLISHER).get(PATH).text
    assert "Legal mends it." in page and "/contacts/new" not in page
    admin = signed_in(Role.ADMIN)
    assert admin.get(PATH).status_code == 403
    assert PATH not in admin.get("/desk/registry").text


def test_the_navigation_counts_and_mending_clears(
    signed_in: SignIn, bounced: Announced, session: Session
) -> None:
    legal = signed_in(Role.LEGAL)
    assert '1<span class="hidden-visually"> open</span>' in legal.get(PATH).text
    session.execute(update(ContactRow).values(email="new@client.example"))
    session.commit()
    page = said(legal.get(PATH).text)
    assert "The addresses are in order; the notice has not been served anew." in page
    assert f"/desk/cases/{bounced.case_ids[0]}/serve-anew" in page


def test_odd_pages_are_the_nearest(signed_in: SignIn, bounced: Announced) -> None:
    legal = signed_in(Role.LEGAL)
    for odd in ("0", "-3", "999999999999999999999", "x", "1e9"):
        assert legal.get(f"{PATH}?page={odd}").status_code == 200, odd


def correct(legal: WebClient, bounced: Announced, session: Session, **changed: str) -> str:
    person = session.get_one(ContactRow, bounced.contact_ids[0])
    stored = {"name": person.name, "email": person.email or "", "role_title": person.role_title}
    path = f"/desk/clients/{person.client_id}/contacts/{person.id}/edit"
    session.rollback()
    assert "serve_anew" in legal.get(path).text
    done = legal.post(path, **(stored | changed))
    assert done.status_code == 303, done.text
    return legal.get(done.headers["Location"]).text


def test_a_corrected_address_gets_the_notice_anew_in_the_same_step(
    signed_in: SignIn, bounced: Announced, session: Session
) -> None:
    legal = signed_in(Role.LEGAL)
    page = correct(legal, bounced, session, email="new@client.example", serve_anew="y")
    assert "Served anew, with a full window: 2026-001-00001." in said(page)
    session.expire_all()
    notice = session.get_one(NoticeRow, bounced.notice_id)
    assert (notice.serving_number, notice.state) == (2, NoticeState.QUEUED)
    sent = session.scalars(select(MessageRow).where(MessageRow.serving_number == 2)).one()
    assert sent.to_address == "new@client.example"
    assert "Every running agreement can be served." in legal.get(PATH).text


@pytest.mark.parametrize(
    "given", [{"email": "new@client.example"}, {"role_title": "DPO", "serve_anew": "y"}]
)
def test_without_the_box_or_a_new_address_nothing_is_served_anew(
    signed_in: SignIn, bounced: Announced, session: Session, given: dict[str, str]
) -> None:
    correct(signed_in(Role.LEGAL), bounced, session, **given)
    session.expire_all()
    assert session.get_one(NoticeRow, bounced.notice_id).serving_number == 1


@pytest.mark.parametrize(
    ("changed", "is_warned"),
    [
        ({"postal_address": "2 rue Neuve\n08400 Vouziers"}, True),
        ({"email": "first@client.example"}, True),
        ({"postal_address": " 1  place de la Mairie "}, False),
        ({"role_title": "DPO"}, False),
    ],
)
def test_whoever_changes_the_only_address_hears_that_nobody_could_be_told(
    signed_in: SignIn,
    bounced: Announced,
    session: Session,
    changed: dict[str, str],
    is_warned: bool,
) -> None:
    session.execute(update(ContactRow).values(email=None, postal_address="1 place de la Mairie"))
    session.commit()
    legal = signed_in(Role.LEGAL)
    given = {"postal_address": "1 place de la Mairie"} | changed
    page = correct(legal, bounced, session, **given)
    assert ("Nobody could be told at the old address" in page) == is_warned


def test_where_the_old_mail_address_is_told_nobody_is_warned(
    signed_in: SignIn, bounced: Announced, session: Session
) -> None:
    page = correct(signed_in(Role.LEGAL), bounced, session, email="new@client.example")
    assert "Nobody could be told" not in page
