"""The list on request in the portal: asked for, its state, and the answer that legal gave."""

from subnotify.rules.document_requests import CHANNELS, PORTAL_CHANNEL, WAITING_AT_MOST
from subnotify.rules.words import Role
from subnotify.storage.tables import DocumentRequestRow
from tests.support.list_documents import add_version
from tests.support.web_client import WebClient, session_on
from tests.web import test_portal
from tests.web.test_notice import counts
from tests.web.test_portal import STRANGER, count, sign_in

world = test_portal.world
ASKED = {"requested_by": "Camille Perrin", "language": "en"}


def test_a_client_asks_and_downloads_the_answer(
    app, client, world, smtp_server, signed_in, database_url, at
):
    with session_on(database_url) as session:
        add_version(session, 1, at=at)
    path = f"/portal/agreements/{world['one'].agreement_id}/documents/new"
    sign_in(client, smtp_server)
    assert client.post(path, **ASKED | {"requested_by": ""}).status_code == 200
    for _ in range(2):
        assert client.post(path, **ASKED).location == "/portal/documents"
    assert count(database_url, DocumentRequestRow) == 1
    assert "Waiting" in client.get("/portal/documents").text
    legal, page = signed_in(Role.LEGAL), "/desk/requests/1"
    assert "online" in legal.get(page).text and "Camille Perrin" in legal.get(page).text
    legal.post(f"{page}/prepare", page, in_place_of="")
    # What is prepared is not given yet.
    assert client.get("/portal/documents/1").status_code == 404
    given = {"document_id": "1", "given_on": at.date().isoformat()}
    assert legal.post(f"{page}/answer", **given, through=PORTAL_CHANNEL.value).status_code == 303
    shown = client.get("/portal/documents").text
    assert "Answered" in shown and 'href="/portal/documents/1"' in shown
    before = counts(database_url)
    answer = client.get("/portal/documents/1")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert counts(database_url) == before
    # To anybody else there is no such document.
    other = sign_in(WebClient(app), smtp_server, STRANGER)
    assert other.get("/portal/documents/1").status_code == 404
    assert "D-000001" not in other.get("/portal/documents").text


def test_the_desk_neither_offers_nor_takes_the_portals_way(
    client, world, smtp_server, signed_in, database_url, at
):
    legal, new = signed_in(Role.LEGAL), f"/desk/requests/new?agreement={world['one'].agreement_id}"
    assert f'value="{PORTAL_CHANNEL.value}"' not in legal.get(new).text
    assert PORTAL_CHANNEL not in CHANNELS
    day = {"requested_on": at.date().isoformat()}
    refused = legal.post(new, **ASKED, **day, channel=PORTAL_CHANNEL.value)
    assert refused.status_code == 200 and count(database_url, DocumentRequestRow) == 0
    with session_on(database_url) as session:
        add_version(session, 1, at=at)
    legal.post(new, **ASKED, **day, channel="post")
    page = "/desk/requests/1"
    legal.post(f"{page}/prepare", page, in_place_of="")
    assert f'value="{PORTAL_CHANNEL.value}"' not in legal.get(f"{page}/answer").text
    given = {"document_id": "1", "given_on": at.date().isoformat()}
    assert legal.post(f"{page}/answer", **given, through=PORTAL_CHANNEL.value).status_code == 200
    assert legal.post(f"{page}/answer", **given, through="post").status_code == 303


def test_requests_do_not_pile_up(client, world, smtp_server, database_url):
    sign_in(client, smtp_server)
    path = f"/portal/agreements/{world['one'].agreement_id}/documents/new"
    for number in range(WAITING_AT_MOST):
        assert client.post(path, **ASKED, note=str(number)).status_code == 303
    refused = client.post(path, **ASKED, note="one more")
    assert refused.status_code == 200 and "Wait for their answers" in refused.text
    assert count(database_url, DocumentRequestRow) == WAITING_AT_MOST
