"""Written requests for the list on the desk: recorded, prepared, given, and who may not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import IncomingLetterKind, ResponseChannel, Role
from subnotify.storage.tables import (
    AgreementRow,
    DocumentRequestRow,
    DocumentRow,
    IncomingLetterRow,
)
from tests.support.list_documents import add_version
from tests.support.read_pdfs import read_pdf
from tests.support.release_world import ReleaseWorld
from tests.support.web_client import SettableClock, WebClient, session_on

DAY = timedelta(days=1)
LIST, NEW = "/desk/requests", "/desk/requests/new?agreement=1"
ASKED = {"requested_by": "Camille Perrin", "channel": "post", "requested_on": "2026-03-02"}


@pytest.fixture
def session(database_url: str):
    with session_on(database_url) as session:
        yield session


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    """Two agreements of two clients, the second one French; one entry on the list."""
    world = ReleaseWorld(session, at=at)
    world.add_agreement()
    world.add_agreement(language="fr")
    world.add_listed("orage", services=("mail",))
    session.commit()
    add_version(session, 1, at=at)
    return world


@pytest.fixture
def legal(world: ReleaseWorld, signed_in: Callable[..., WebClient]) -> WebClient:
    return signed_in(Role.LEGAL)


def ask(browser: WebClient, page: str = NEW, **changed: str) -> str:
    """Records a request; the address of its page."""
    answer = browser.post(page, **{**ASKED, "language": "en", **changed})
    assert answer.status_code == 303, answer.text
    return answer.location


def prepare(browser: WebClient, page: str, seen: str = "") -> None:
    answer = browser.post(f"{page}/prepare", page, in_place_of=seen)
    assert answer.status_code == 303
    assert answer.location == page


def only(session: Session) -> DocumentRequestRow:
    session.rollback()
    row = session.scalars(select(DocumentRequestRow)).one()
    session.expunge(row)
    session.rollback()
    return row


def count(session: Session, column: Any) -> int:
    session.rollback()
    found = session.scalar(select(func.count(column)))
    session.rollback()
    return found or 0


def test_a_request_from_its_letter_to_its_answer(
    legal: WebClient, session: Session, clock: SettableClock
):
    page = ask(legal, note="asks for the <b>list</b>")
    assert page == f"{LIST}/1"
    shown = legal.get(page).text
    assert "Camille Perrin" in shown and "asks for the &lt;b&gt;list&lt;/b&gt;" in shown
    assert "waits since today" in shown
    clock.at += 3 * DAY
    legal.sign_in("Ana legal")
    listed = legal.get(LIST).text
    assert "waits for 3 days" in listed and "D-000001" in listed
    prepare(legal, page)
    document = legal.get(f"{page}/document")
    assert document.mimetype == "application/pdf"
    assert "attachment" in document.headers["Content-Disposition"]
    assert "no-store" in document.headers["Cache-Control"]
    assert "Orage Hébergement SAS" in read_pdf(document.data).text
    assert "prepared" in legal.get(page).text
    answer = legal.post(f"{page}/answer", through="reply", given_on="2026-03-05", document_id="1")
    assert (answer.status_code, answer.location) == (303, page)
    shown = legal.get(page).text
    assert "answered on 5 Mar 2026" in shown and "version 1, email" in shown
    assert "Record how it was given" not in shown and "Prepare" not in shown.split("<h2 id")[2]
    row = only(session)
    assert (row.answered_through, row.document_id, row.answered_by) == ("reply", 1, "Ana legal")
    assert legal.get(f"{page}/document").data == document.data
    assert "No request waits" in legal.get(LIST).text
    assert "D-000001" in legal.get(f"{LIST}?show=answered").text
    for place in ("/desk/agreements/1", "/desk/clients/1"):
        assert "D-000001" in legal.get(place).text
    assert "D-000001" not in legal.get("/desk/agreements/2").text


def test_the_form_offers_what_is_known_and_keeps_what_was_typed(legal: WebClient):
    page = legal.get("/desk/requests/new?agreement=2").text
    assert (
        'value="fr" checked' in page.replace("  ", " ") or "checked" in page.split('"fr"')[1][:80]
    )
    assert 'value="2026-03-02"' in page
    refused = legal.post(
        NEW,
        requested_by="Zoé Ménard",
        requested_on="2026-03-09",
        channel="post",
        language="en",
        as_of_on="tomorrow",
    )
    assert refused.status_code == 200
    assert "There is a problem" in refused.text
    assert "Zoé Ménard" in refused.text and "tomorrow" in refused.text
    refused = legal.post(NEW, **{**ASKED, "language": "en", "as_of_on": "2026-03-09"})
    assert "This day has not come yet. Choose today or an earlier day." in refused.text
    refused = legal.post(NEW, requested_by=" ", requested_on="")
    for said in ("Write the name of who asks", "Choose how it came", "Give the day it arrived"):
        assert said in refused.text


def test_pressed_twice_it_happens_once(legal: WebClient, session: Session):
    assert ask(legal) == ask(legal)
    page = f"{LIST}/1"
    prepare(legal, page)
    prepare(legal, page)
    assert count(session, DocumentRow.id) == 1
    prepare(legal, page, seen="1")
    assert count(session, DocumentRow.id) == 2
    given = {"through": "post", "given_on": "2026-03-02", "document_id": "2"}
    form = legal.token(f"{page}/answer")
    for _ in range(2):
        answer = legal.post_bare(f"{page}/answer", {"csrf_token": form, **given})
        assert answer.status_code == 303
    # Recorded differently, it stays as it is.
    other = legal.post_bare(
        f"{page}/answer", {"csrf_token": form, **given, "through": "registered_post"}
    )
    assert "answered already" in other.text
    assert only(session).answered_through == "post"


def test_another_document_is_not_the_answer(legal: WebClient, session: Session):
    first = ask(legal)
    other = ask(legal, "/desk/requests/new?agreement=2")
    prepare(legal, other)
    prepare(legal, first)
    for foreign in ("1", "999", "", "x", "-1", "1e3", "9" * 30):
        answer = legal.post(
            f"{first}/answer", through="post", given_on="2026-03-02", document_id=foreign
        )
        assert answer.status_code == 200 and "No document is prepared yet" in answer.text
    assert count(session, DocumentRequestRow.answered_at) == 0


def test_a_letter_on_record_leads_to_the_request(legal: WebClient, session: Session, at: datetime):
    client_id = session.get_one(AgreementRow, 2).client_id
    letter = IncomingLetterRow(
        kind=IncomingLetterKind.DOCUMENT_REQUEST.value,
        channel=ResponseChannel.REGISTERED_POST.value,
        received_on=(at - 2 * DAY).date(),
        from_name="Zoé Ménard",
        client_id=client_id,
        recorded_at=at,
        recorded_by="Ana legal",
    )
    session.add(letter)
    session.commit()
    chosen = legal.get("/desk/requests/new?letter=1").text
    assert "DPA-2" in chosen and "DPA-1" not in chosen
    page = legal.get("/desk/requests/new?letter=1&agreement=2").text
    assert "Zoé Ménard" in page and 'value="2026-02-28"' in page
    assert ask(legal, "/desk/requests/new?letter=1&agreement=2") == f"{LIST}/1"
    assert only(session).incoming_letter_id == 1
    shown = legal.get(f"{LIST}/1").text
    assert "/desk/incoming-letters/1" in shown
    # It has done its work: it waits for nobody any more.
    assert "not filed yet" not in shown
    refused = legal.post("/desk/requests/new?letter=1&agreement=1", **ASKED, language="en")
    assert "another client" in refused.text
    assert legal.get("/desk/requests/new?letter=9&agreement=1").status_code == 404


def test_an_answered_request_is_answered_once_more(legal: WebClient, session: Session):
    page = ask(legal)
    prepare(legal, page)
    legal.post(f"{page}/answer", through="post", given_on="2026-03-02", document_id="1")
    offered = legal.get(f"{LIST}/new?again=1").text
    assert "Camille Perrin" in offered and "Answered once more, after D-000001." in offered
    second = ask(legal, f"{LIST}/new?again=1", note="Answered once more, after D-000001.")
    assert second == f"{LIST}/2"
    assert "answered on" in legal.get(page).text


def test_without_a_published_list_nothing_is_prepared(legal: WebClient, session: Session):
    page = ask(legal, as_of_on="2026-02-20")
    prepare(legal, page)
    assert "No list was published yet on this day" in legal.get(page).text
    assert count(session, DocumentRow.id) == 0
    assert legal.get("/desk/agreements/1/list.pdf?on=2026-02-20").status_code == 404


def test_the_clients_list_is_offered_on_paper(legal: WebClient, session: Session):
    page = legal.get("/desk/agreements/1/list").text
    assert "/desk/agreements/1/list.pdf?on=2026-03-02&amp;language=fr" in page
    for address, language in (
        ("/desk/agreements/1/list.pdf", "en"),
        ("/desk/agreements/2/list.pdf", "fr"),
        ("/desk/agreements/2/list.pdf?language=en", "en"),
        ("/desk/agreements/2/list.pdf?language=de", "fr"),
    ):
        document = legal.get(address)
        assert document.status_code == 200
        assert read_pdf(document.data).language == language
    assert legal.get("/desk/agreements/1/list.pdf?on=2027-01-01").status_code == 400
    assert legal.get("/desk/agreements/99/list.pdf").status_code == 404
    assert count(session, DocumentRow.id) == 0


def test_the_publisher_looks_and_legal_acts(
    legal: WebClient, session: Session, signed_in: Callable[..., WebClient]
):
    page = ask(legal)
    prepare(legal, page)
    publisher, admin = signed_in(Role.PUBLISHER), signed_in(Role.ADMIN)
    for path in (LIST, page, f"{page}/document"):
        assert publisher.get(path).status_code == 200
        assert admin.get(path).status_code == 403
    shown = publisher.get(page).text + publisher.get("/desk/agreements/1").text
    for step in ("/prepare", "/answer", "/requests/new", "list.pdf"):
        assert step not in shown
    for path in (NEW, f"{page}/answer", "/desk/agreements/1/list.pdf"):
        assert publisher.get(path).status_code == 403
    token = publisher.token("/desk/requests")
    for path in (f"{page}/prepare", f"{page}/answer", NEW):
        refused = publisher.post_bare(path, {"csrf_token": token, **ASKED, "document_id": "1"})
        assert refused.status_code == 403
    bare = legal.post_bare(f"{page}/prepare", {"in_place_of": "1"})
    assert bare.status_code == 400
    row = only(session)
    assert (row.document_id, row.answered_at) == (1, None)


def test_what_is_not_there_is_not_found(legal: WebClient, client: WebClient):
    page = ask(legal)
    for path in (f"{LIST}/99", f"{LIST}/99/document", f"{LIST}/99/answer", f"{page}/document"):
        assert legal.get(path).status_code == 404
    for query in ("agreement=99", "agreement=x", "agreement=99999999999", "again=7", "letter=-1"):
        assert legal.get(f"{LIST}/new?{query}").status_code == 404
    assert legal.post(f"{LIST}/99/prepare", page, in_place_of="").status_code == 404
    # Nothing is prepared: there is nothing to say how it was given.
    assert legal.get(f"{page}/answer").status_code == 303
    assert legal.get(f"{LIST}?show=all&page=999").status_code == 200
    assert legal.get(f"{LIST}?show=nothing&page=x").status_code == 200
    for path in (LIST, page, NEW):
        assert client.get(path).location.startswith("/sign-in")


def test_whose_list_is_chosen_first(legal: WebClient):
    every = legal.get(f"{LIST}/new").text
    assert "DPA-1" in every and "DPA-2" in every
    some = legal.get(f"{LIST}/new?search=Client+002").text
    assert "DPA-2" in some and "DPA-1" not in some
    assert "No agreement was found" in legal.get(f"{LIST}/new?search=zzz").text
