"""The client portal: one-time sign-in links, what a mailbox sees, and what it never does."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.portal import ASKINGS_PER_ADDRESS, ASKINGS_PER_NETWORK, SESSION_LASTS
from subnotify.rules.words import NoticeState, ReleaseState, ResponseKind
from subnotify.storage.portal import PortalClient, PortalVisit
from subnotify.storage.portal_notices import find_next_deadline, list_portal_notices
from subnotify.storage.tables import (
    AgreementContactRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    PortalSessionRow,
    PortalSignInRow,
    ReleaseRow,
    ResponseRow,
)
from tests.support.scenario import Announced, Scenario
from tests.support.statements import statements_sent
from tests.support.web_client import WebClient, session_on
from tests.web.test_notice import counts

DPO = "dpo0@client1.example"
STRANGER = "dpo0@client3.example"
_LINK = re.compile(r"https?://[^/\s]+(/portal/sign-in/[\w-]{43})")


@pytest.fixture
def world(database_url, at) -> dict[str, Announced]:
    """Three clients; one mailbox serves the first two."""
    with session_on(database_url) as session:
        scenario = Scenario(session, at=at)
        made = {name: scenario.announce() for name in ("one", "two", "three")}
        moved = made["two"]
        session.get_one(ContactRow, moved.contact_ids[0]).email = DPO.upper()
        session.get_one(MessageRow, moved.message_ids[0]).to_address = DPO.upper()
        session.commit()
    return made


def ask(browser: WebClient, smtp_server, email: str = DPO) -> str:
    """Ask for a link and read it from the mail."""
    response = browser.post("/portal/sign-in", email=email)
    assert (response.status_code, response.location) == (303, "/portal/sign-in/asked")
    text = smtp_server.mails[-1].parsed.get_body(("plain",)).get_content()
    return _LINK.search(text)[1]


def sign_in(browser: WebClient, smtp_server, email: str = DPO) -> WebClient:
    response = browser.post(ask(browser, smtp_server, email))
    assert (response.status_code, response.location) == (303, "/portal")
    return browser


def count(url: str, table) -> int:
    with session_on(url) as session:
        return session.scalar(select(func.count()).select_from(table))


def test_the_answer_is_the_same_to_known_and_unknown_addresses(client, world, smtp_server):
    known = client.post("/portal/sign-in", email=f"  {DPO.upper()} ")
    unknown = client.post("/portal/sign-in", email="nobody@elsewhere.example")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert set(known.headers.keys()) == set(unknown.headers.keys())
    assert [mail.recipient for mail in smtp_server.mails] == [DPO]


def test_nobody_gets_in_without_a_link(client, world):
    for path in ("", "/lists", "/agreements/1/list", "/contacts", "/choices"):
        response = client.get(f"/portal{path}")
        assert (response.status_code, response.location) == (303, "/portal/sign-in"), path
    for path in ("notices/1/open", "clients/1", "language"):
        response = client.post(f"/portal/{path}", page="/portal/sign-in")
        assert (response.status_code, response.location) == (303, "/portal/sign-in"), path


def test_a_link_works_once(app, client, world, smtp_server):
    link = ask(client, smtp_server)
    token = client.token(link)
    assert client.post_bare(link, {"csrf_token": token}).location == "/portal"
    assert client.get(link).status_code == 410
    again = client.post(link, page="/portal/choices")
    assert again.status_code == 410


def test_a_link_is_of_use_in_no_other_browser(app, client, world, smtp_server, database_url):
    link, other = ask(client, smtp_server), WebClient(app)
    page = other.get(link)
    assert page.status_code == 403 and "belongs to another browser" in page.text
    assert DPO not in page.text
    assert other.post(link).status_code == 403
    # Nor where that browser asked for a link of its own.
    other.post("/portal/sign-in", email="nobody@elsewhere.example")
    assert other.post(link).status_code == 403
    assert count(database_url, PortalSessionRow) == 0
    assert client.post(link).location == "/portal"


def test_a_link_ends_after_ten_minutes(client, world, smtp_server, clock):
    link = ask(client, smtp_server)
    token = client.token(link)
    clock.at += timedelta(minutes=10)
    assert client.post_bare(link, {"csrf_token": token}).status_code == 410
    assert client.get(link).status_code == 410


def test_a_scanner_that_opens_the_link_uses_nothing_up(
    app, client, world, smtp_server, database_url
):
    link, scanner = ask(client, smtp_server), WebClient(app)
    before = counts(database_url)
    for browser in (scanner, client):
        for method in ("GET", "HEAD", "OPTIONS"):
            browser.client.open(link, method=method, base_url=browser.base_url)
    assert scanner.post_bare(link, {}).status_code in (400, 403)
    assert counts(database_url) == before
    assert client.post(link).location == "/portal"


def test_links_are_not_mailed_without_end(client, world, smtp_server, clock):
    for _ in range(ASKINGS_PER_ADDRESS):
        client.post("/portal/sign-in", email=DPO)
    refused = client.post("/portal/sign-in", email=DPO)
    assert refused.status_code == 429 and "Wait an hour" in refused.text
    assert f'value="{DPO}"' in refused.text
    assert len(smtp_server.mails) == ASKINGS_PER_ADDRESS
    # Unknown addresses are refused at the same count: the limit tells nobody which exist.
    for _ in range(ASKINGS_PER_ADDRESS):
        assert client.post("/portal/sign-in", email="x@elsewhere.example").status_code == 303
    assert client.post("/portal/sign-in", email="x@elsewhere.example").status_code == 429
    clock.at += timedelta(hours=1)
    assert client.post("/portal/sign-in", email=DPO).status_code == 303


def test_one_network_does_not_ask_without_end(client, world, database_url, at):
    with session_on(database_url) as session:
        session.add_all(
            PortalSignInRow(
                token_digest=f"{k:064}",
                browser_digest="x",
                mailbox=f"m{k}@x.example",
                network="127.0.0.1",
                asked_at=at,
                expires_at=at,
            )
            for k in range(ASKINGS_PER_NETWORK)
        )
        session.commit()
    assert client.post("/portal/sign-in", email=DPO).status_code == 429


def test_the_next_deadline_is_on_the_first_page(client, world, smtp_server):
    sign_in(client, smtp_server)
    page = client.get("/portal").text
    assert "Your next deadline to object" in page
    assert page.index("Tuesday 17 March 2026, 24:00") < page.index("All notices")
    assert page.count("Mirador Logs Inc.") == 2  # the deadline, and its notice in the list


def test_notices_are_paged(client, world, smtp_server, database_url, at):
    """Twenty on a page, the latest first, none twice and none left out."""
    with session_on(database_url) as session:
        for number in range(4, 28):
            add_notice(session, world["one"], number, at + timedelta(days=number))
    sign_in(client, smtp_server)
    pages = [client.get(f"/portal?page={page}").text for page in (1, 2)]
    found = [re.findall(r"(N-\d+|2026-00\d-\d+)<span class=\"soft", page) for page in pages]
    assert found[0] == [f"N-{number:02}" for number in range(27, 7, -1)]
    assert found[1][:4] == ["N-07", "N-06", "N-05", "N-04"] and len(found[1]) == 5
    assert "Next page" in pages[0] and "Previous page" in pages[1]
    for wrong in ("0", "x", "-1", "99999999"):
        assert client.get(f"/portal?page={wrong}").status_code == 404


def test_the_number_of_queries_does_not_grow(world, engine, database_url, at):
    with session_on(database_url) as session:
        person = session.get_one(ContactRow, world["one"].contact_ids[0])
        one = PortalClient(person.client_id, "x")
    visit = PortalVisit(1, DPO, None, one, (one,))

    def read() -> int:
        with Session(engine) as session, statements_sent(engine) as counted:
            list_portal_notices(session, visit, page=1)
            find_next_deadline(session, visit, at=at)
        return len(counted)

    few = read()
    with session_on(database_url) as session:
        for number in range(4, 28):
            add_notice(session, world["one"], number, at)
    assert read() == few == 3


def add_notice(session, announced: Announced, number: int, at) -> None:
    """A further notice, without a case, under the agreement."""
    release = ReleaseRow(
        number=f"R-{number}",
        state=ReleaseState.RELEASED,
        reason={},
        paragraph={},
        drafted_by="publisher",
        drafted_at=at,
        released_by="publisher",
        released_at=at,
    )
    session.add(release)
    session.flush()
    session.add(
        NoticeRow(
            reference=f"N-{number:02}",
            release_id=release.id,
            agreement_id=announced.agreement_id,
            language="en",
            state=NoticeState.QUEUED,
            created_at=at,
        )
    )
    session.commit()


def test_a_notice_is_answered_from_the_portal(client, world, smtp_server, database_url):
    sign_in(client, smtp_server)
    notice_id = world["one"].notice_id
    opened = client.post(f"/portal/notices/{notice_id}/open", page="/portal")
    assert opened.status_code == 303 and re.fullmatch(r"/n/[\w-]{43}", opened.location)
    assert world["one"].token not in opened.location
    page = client.get(opened.location)
    assert "Mirador Logs Inc. will be added for Monitoring." in page.text
    form = client.get(f"{opened.location}/object").text
    fields = dict(re.findall(r'name="(form_key|csrf_token)"[^>]*value="([^"]*)"', form))
    answer = client.post_bare(
        f"{opened.location}/object", {**fields, "by_name": "Camille Perrin", "by_role": "DPO"}
    )
    assert answer.status_code == 303, answer.text
    with session_on(database_url) as session:
        response = session.scalars(select(ResponseRow)).one()
        assert ResponseKind(response.kind) is ResponseKind.OBJECTION
        assert response.notice_id == notice_id
        assert response.contact_id == world["one"].contact_ids[0]


def test_what_the_portal_opened_ends_with_the_session(app, client, world, smtp_server, clock):
    sign_in(client, smtp_server)
    address = f"/portal/notices/{world['one'].notice_id}/open"
    first = client.post(address, page="/portal").location
    assert WebClient(app).get(first).status_code == 200
    client.post("/portal/sign-out", page="/portal")
    assert client.get("/portal").status_code == 303
    assert client.get(first).status_code == 403
    # The link in the mail is another one.
    assert client.get(f"/n/{world['one'].token}").status_code == 200
    sign_in(client, smtp_server)
    second = client.post(address, page="/portal").location
    clock.at += SESSION_LASTS
    assert client.get("/portal").status_code == 303
    assert client.get(second).status_code == 403


def test_a_revoked_link_is_not_made_anew(client, world, smtp_server, database_url, at):
    sign_in(client, smtp_server)
    address = f"/portal/notices/{world['one'].notice_id}/open"
    opened = client.post(address, page="/portal").location
    with session_on(database_url) as session:
        session.get_one(MessageRow, world["one"].message_ids[0]).link_revoked_at = at
        session.commit()
    assert client.get(opened).status_code == 404
    assert client.post(address, page="/portal").status_code == 404


def test_one_mailbox_switches_between_its_clients(client, world, smtp_server, database_url):
    sign_in(client, smtp_server)
    one, two = world["one"], world["two"]
    with session_on(database_url) as session:
        clients = {
            name: session.get_one(ContactRow, made.contact_ids[0]).client_id
            for name, made in world.items()
        }
    assert f"/portal/notices/{one.notice_id}/open" in client.get("/portal").text
    other = client.post(f"/portal/notices/{two.notice_id}/open", page="/portal")
    assert other.status_code == 404
    switched = client.post(f"/portal/clients/{clients['two']}", page="/portal/choices")
    assert (switched.status_code, switched.location) == (303, "/portal")
    page = client.get("/portal").text
    assert f"/portal/notices/{two.notice_id}/open" in page
    assert f"/portal/notices/{one.notice_id}/open" not in page
    assert client.post(f"/portal/clients/{clients['three']}", page="/portal").status_code == 404


def test_every_step_asks_for_the_form_token(client, world, smtp_server, database_url):
    sign_in(client, smtp_server)
    before = counts(database_url)
    for path in (f"notices/{world['one'].notice_id}/open", "clients/1", "language"):
        assert client.post_bare(f"/portal/{path}", {"language": "fr"}).status_code == 400, path
    assert counts(database_url) == before


def test_foreign_ids_are_not_found(client, world, smtp_server, database_url):
    """Every address of the portal with an id, filled with another client's."""
    sign_in(client, smtp_server, STRANGER)
    before = counts(database_url)
    with session_on(database_url) as session:
        client_id = session.get_one(ContactRow, world["one"].contact_ids[0]).client_id
    foreign = {
        "notice_id": world["one"].notice_id,
        "agreement_id": world["one"].agreement_id,
        "client_id": client_id,
    }
    tried = 0
    for rule in client.app.url_map.iter_rules():
        if not rule.rule.startswith("/portal/") or not set(rule.arguments) & set(foreign):
            continue
        path = re.sub(r"<int:(\w+)>", lambda m: str(foreign[m[1]]), rule.rule)
        if "GET" in rule.methods:
            assert client.get(path).status_code == 404, path
        else:
            assert client.post(path, page="/portal").status_code == 404, path
        tried += 1
    assert tried == 5
    assert counts(database_url) == before


def test_whoever_is_no_contact_any_more_is_out(client, world, smtp_server, database_url, at):
    sign_in(client, smtp_server, STRANGER)
    with session_on(database_url) as session:
        named = session.scalars(
            select(AgreementContactRow).where(
                AgreementContactRow.contact_id == world["three"].contact_ids[0]
            )
        ).one()
        named.ended_on = at.date()
        session.commit()
    assert client.get("/portal").status_code == 303


def test_the_list_and_the_contacts_are_those_of_the_agreement(client, world, smtp_server):
    sign_in(client, smtp_server)
    agreement_id = world["one"].agreement_id
    assert f"/portal/agreements/{agreement_id}/list" in client.get("/portal/lists").text
    assert "May process your data" in client.get(f"/portal/agreements/{agreement_id}/list").text
    contacts = client.get("/portal/contacts").text
    assert DPO in contacts and "client3.example" not in contacts
    assert "registered letter" in contacts


def test_the_language_is_kept_for_the_mailbox(app, client, world, smtp_server):
    sign_in(client, smtp_server)
    client.post("/portal/language", page="/portal/choices", language="fr")
    assert '<html lang="fr">' in client.get("/portal").text
    other = WebClient(app)
    sign_in(other, smtp_server)
    assert '<html lang="fr">' in other.get("/portal").text
    assert smtp_server.mails[-1].parsed["Subject"] == "Votre lien de connexion"
    refused = client.post("/portal/language", page="/portal/choices", language="xx")
    assert refused.status_code == 400


def test_reading_changes_no_row(client, world, smtp_server, database_url):
    sign_in(client, smtp_server)
    before = counts(database_url)
    agreement = world["one"].agreement_id
    for path in ("", "/lists", f"/agreements/{agreement}/list", "/contacts", "/choices"):
        for method in ("GET", "HEAD"):
            answer = client.client.open(f"/portal{path}", method=method, base_url=client.base_url)
            assert answer.status_code == 200, path
            assert "noindex" in answer.headers["X-Robots-Tag"]
            assert answer.headers["Cache-Control"] == "no-store"
    assert counts(database_url) == before
