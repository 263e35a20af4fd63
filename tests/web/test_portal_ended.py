"""An answer being written when the sign-in to the portal ends: what was typed is not lost."""

from datetime import timedelta

import pytest

from subnotify.rules.portal import SESSION_LASTS
from subnotify.storage.tables import MessageRow, ResponseRow
from tests.support.scenario import Announced
from tests.support.web_client import WebClient, session_on
from tests.web.test_notice import counts
from tests.web.test_notice_answers import NAMED, hidden
from tests.web.test_portal import STRANGER, count, sign_in, world

__all__ = ["world"]

COOKIE = "subnotify_portal"
TYPED = {**NAMED, "text": "Outside  the <EU>.\nA second line.", "conditions": "Hosting in the EU."}


def begin(client: WebClient, announced: Announced) -> tuple[str, dict[str, str]]:
    """The objection form as opened from the portal, filled in: its address and its fields."""
    address = f"/portal/notices/{announced.notice_id}/open"
    path = client.post(address, page="/portal").location + "/object"
    return path, {**hidden(client, path), **TYPED}


def sign_out(client: WebClient) -> None:
    assert client.post("/portal/sign-out", page="/portal").status_code == 303


def check_ended(client: WebClient, path: str, form: dict[str, str]) -> None:
    page = client.post_bare(path, form)
    assert page.status_code == 403
    assert "<h1>Your sign-in has ended</h1>" in page.text
    assert "Nothing has been sent yet." in page.text
    assert 'href="/portal/sign-in"' in page.text
    assert "Outside  the &lt;EU&gt;.\nA second line." in page.text
    for said in ("Hosting in the EU.", *NAMED.values()):
        assert said in page.text
    assert "Mirador" not in page.text


def test_signing_in_again_ends_no_answer(client, world, smtp_server, database_url):
    sign_in(client, smtp_server)
    path, form = begin(client, world["one"])
    sign_in(client, smtp_server)
    # The form's token was the earlier sign-in's: the page shows itself again, with the text.
    page = client.post_bare(path, form)
    assert page.status_code == 200 and "Hosting in the EU." in page.text
    assert client.post_bare(path, {**form, **hidden(client, path)}).status_code == 303
    assert count(database_url, ResponseRow) == 1
    sign_out(client)
    check_ended(client, path, form)


def test_signing_in_again_opens_what_expired(client, world, smtp_server, clock):
    sign_in(client, smtp_server)
    path, form = begin(client, world["one"])
    clock.at += SESSION_LASTS
    check_ended(client, path, form)
    sign_in(client, smtp_server)
    assert client.get(path).status_code == 200
    clock.at += SESSION_LASTS - timedelta(seconds=1)
    assert client.get(path).status_code == 200
    clock.at += timedelta(seconds=1)
    assert client.get(path).status_code == 403


def test_what_another_mailbox_opened_ends(client, world, smtp_server):
    sign_in(client, smtp_server)
    path, form = begin(client, world["one"])
    sign_in(client, smtp_server, STRANGER)
    check_ended(client, path, form)


def test_nothing_is_opened_again_after_signing_out(client, world, smtp_server, database_url):
    sign_in(client, smtp_server)
    path, form = begin(client, world["one"])
    cookie = client.client.get_cookie(COOKIE, "127.0.0.1")
    sign_out(client)
    before = counts(database_url)
    check_ended(client, path, form)
    assert counts(database_url) == before
    # Nor by signing in with the cookie of the session that was left.
    client.client.set_cookie(COOKIE, cookie.value, domain="127.0.0.1")
    sign_in(client, smtp_server)
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("page", ["", "/object", "/notice.pdf"])
def test_reading_says_so_too(client, world, smtp_server, page):
    sign_in(client, smtp_server)
    path, _ = begin(client, world["one"])
    sign_out(client)
    shown = client.get(path.removesuffix("/object") + page)
    assert shown.status_code == 403 and "Your sign-in has ended" in shown.text
    assert "Nothing has been sent" not in shown.text and "What you typed" not in shown.text
    assert client.get(f"/n/{'x' * 43}{page}").status_code == 404


def test_what_another_site_sends_is_not_shown(client, world, smtp_server):
    sign_in(client, smtp_server)
    path, form = begin(client, world["one"])
    sign_out(client)
    page = client.post_bare(path, form, headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 403 and "Hosting in the EU." not in page.text


def test_a_revoked_link_stays_unknown(client, world, smtp_server, database_url, at):
    sign_in(client, smtp_server)
    path, form = begin(client, world["one"])
    with session_on(database_url) as session:
        session.get_one(MessageRow, world["one"].message_ids[0]).link_revoked_at = at
        session.commit()
    assert client.post_bare(path, form).status_code == 404


def test_it_is_said_in_french(client, world, smtp_server):
    sign_in(client, smtp_server)
    path, form = begin(client, world["one"])
    sign_out(client)
    page = client.post_bare(path + "?lang=fr", form).text
    assert "Votre connexion a pris fin" in page and "Ce que vous avez saisi" in page
