"""The demonstration's mail server and the pages that show its folder."""

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from subnotify.delivery.mail_folder import MailFolder
from subnotify.demo.mailbox_server import MailboxServer
from subnotify.web.mailbox import with_links
from tests.support.databases import Databases
from tests.support.sockets import free_port
from tests.support.web_client import SettableClock, WebClient, make_app

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def mail(subject: str = "Préavis", date: str = "Mon, 02 Mar 2026 09:00:00 +0100") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "privacy@vendor.example", "Jeanne <dpo@client.example>"
    made["Subject"], made["Date"] = subject, date
    made.set_content("Ouvrez http://127.0.0.1:8000/n/abc.\nEt <b>http://elsewhere.example/x</b>\n")
    made.add_alternative(
        "<html><head><style>p { color: red }</style></head><body>"
        '<p>Ouvrez <a href="http://127.0.0.1:8000/n/abc">ici</a></p><script>x()</script></body>'
        "</html>",
        subtype="html",
    )
    return made


@pytest.fixture
def folder(tmp_path: Path) -> MailFolder:
    return MailFolder(tmp_path / "mails")


@pytest.fixture
def server(folder: MailFolder) -> Iterator[int]:
    port = free_port()
    with MailboxServer(folder, port=port, dead_addresses=["Gone@client.example"]):
        yield port


@pytest.fixture
def browser(databases: Databases, tmp_path: Path) -> WebClient:
    url = databases.migrated("sqlite")
    return WebClient(make_app(url, SettableClock(AT), DEMO_MAILBOX=str(tmp_path / "mails")))


def test_the_server_keeps_what_it_accepts_and_refuses_dead_addresses(
    server: int, folder: MailFolder
) -> None:
    with smtplib.SMTP("127.0.0.1", server) as smtp:
        smtp.send_message(mail(), "privacy@vendor.example", ["dpo@client.example"])
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            smtp.send_message(mail(), "privacy@vendor.example", ["gone@CLIENT.example"])
    assert [code for code, _ in refused.value.recipients.values()] == [550]
    (kept,) = folder.list_mails()
    assert (kept.number, kept.recipient, kept.subject) == (1, "dpo@client.example", "Préavis")
    assert kept.sent_at == AT
    assert b"Return-Path: <privacy@vendor.example>\r\n" in (folder.find_raw(1) or b"")


def test_the_newest_mail_comes_first_whatever_came_last(folder: MailFolder) -> None:
    for subject, date in (
        ("second", "Tue, 03 Mar 2026 09:00:00 +0100"),
        ("first", "Mon, 02 Mar 2026 09:00:00 +0100"),
        ("third", "Tue, 03 Mar 2026 09:00:00 +0100"),
    ):
        folder.append(bytes(mail(subject, date)), envelope_from="", recipient="a@client.example")
    assert [x.subject for x in folder.list_mails()] == ["third", "second", "first"]


def test_the_pages_list_filter_and_show(browser: WebClient, folder: MailFolder) -> None:
    for name in ("a", "b"):
        folder.append(
            bytes(mail(f"for {name}")), envelope_from="", recipient=f"{name}@client.example"
        )
    assert "for a" in browser.get("/mailbox").text
    only_b = browser.get("/mailbox?to=b@client.example").text
    assert "for b" in only_b and ">for a<" not in only_b
    shown = browser.get("/mailbox/1").text
    assert '<a href="/n/abc">http://127.0.0.1:8000/n/abc</a>.' in shown
    assert "&lt;b&gt;http://elsewhere.example/x&lt;/b&gt;" in shown
    assert browser.get("/mailbox/3").status_code == 404
    assert browser.get("/mailbox/3/html").status_code == 404


def test_nothing_in_the_html_part_runs(browser: WebClient, folder: MailFolder) -> None:
    folder.append(bytes(mail()), envelope_from="", recipient="a@client.example")
    part = browser.get("/mailbox/1/html")
    assert 'href="/n/abc"' in part.text and '<base target="_top">' in part.text
    policy = part.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy
    assert "style-src 'unsafe-hashes' 'sha256-" in policy
    assert "allow-scripts" not in policy and "sandbox" in policy


def test_without_the_setting_there_is_no_mailbox(databases: Databases) -> None:
    app = make_app(databases.migrated("sqlite"), SettableClock(AT))
    assert WebClient(app).get("/mailbox").status_code == 404


def test_links_leave_their_punctuation_outside() -> None:
    assert str(with_links("(http://localhost:8010/n/a_b-c).")) == (
        '(<a href="/n/a_b-c">http://localhost:8010/n/a_b-c</a>).'
    )
