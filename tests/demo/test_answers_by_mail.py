"""A visitor answers a mail of the demonstration: by real SMTP, through the server's pipe, onto the
desk."""

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from subnotify.config import settings_from
from subnotify.delivery.mail_folder import MailFolder
from subnotify.delivery.mail_tags import TagKind
from subnotify.demo.mailbox_server import MailboxServer
from subnotify.demo.return_pipe import ReturnPipe
from subnotify.rules.words import CaseState, HoldReason, IncomingSource, TagStanding
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import CaseRow, IncomingMailRow
from tests.demo.test_mailbox import mail
from tests.support.returned import BASE, tagged
from tests.support.scenario import Scenario
from tests.support.settings import environment_for
from tests.support.sockets import free_port
from tests.support.web_client import SettableClock, WebClient, make_app, session_on

DEAD = "gone@vendor.example"
CONTACT = "dpo@client.example"


@dataclass
class Visited:
    """The pages of a demonstration, its mails, and the notice that one of them brought."""

    browser: WebClient
    folder: MailFolder
    url: str
    reply_to: str
    port: int

    def keep(self, reply_to: str | None = None, **headers: str) -> str:
        """The page of a mail to the contact that wants answers there."""
        made = mail()
        made["Message-ID"] = "<n1@vendor.example>"
        made["Content-Language"] = "fr"
        if reply_to:
            made["Reply-To"] = reply_to
        for name, value in headers.items():
            made[name] = value
        number = self.folder.append(bytes(made), envelope_from="", recipient=CONTACT)
        return f"/mailbox/{number}"

    def incoming(self) -> list[IncomingMailRow]:
        with session_on(self.url) as session:
            return list(session.scalars(select(IncomingMailRow)))


@pytest.fixture
def visited(database_url: str, at: datetime, tmp_path: Path) -> Iterator[Visited]:
    with session_on(database_url) as session:
        announced = Scenario(session, at=at).announce()
    folder, port = MailFolder(tmp_path / "mails"), free_port()
    changed = {"RETURN_ADDRESS": BASE, "MAIL_PIPE": "yes", "DEMO_MAILBOX": str(tmp_path / "mails")}
    app = make_app(database_url, SettableClock(at), smtp_port=port, **changed)
    environment = environment_for(database_url, smtp_port=port)
    environment |= {f"SUBNOTIFY_{name}": value for name, value in changed.items()}
    engine = create_engine_for(database_url)
    pipe = ReturnPipe(settings_from(environment), session_factory(engine))
    server = MailboxServer(folder, port=port, dead_addresses=[DEAD], pipe=pipe)
    reply_to = tagged(TagKind.REPLY, announced.message_ids[0])
    with server:
        yield Visited(WebClient(app), folder, database_url, reply_to, port)
    engine.dispose()


def test_an_answer_waits_on_the_desk_and_holds_the_case(visited: Visited) -> None:
    page = visited.keep(visited.reply_to)
    assert f"{page}/answer" in visited.browser.get(page).text
    form = visited.browser.get(f"{page}/answer").text
    assert CONTACT in form and "Re: Préavis" in form and "&gt; Ouvrez" in form
    sent = visited.browser.post(f"{page}/answer", text="Nous nous opposons.\r\nJeanne")
    assert sent.status_code == 303 and sent.location.endswith(page)
    assert "has arrived" in visited.browser.get(page).text
    (row,) = visited.incoming()
    assert (row.source, row.tag, row.filed_at) == (IncomingSource.PIPE, TagStanding.VALID, None)
    assert (row.from_address, row.from_name) == (CONTACT, "Jeanne")
    assert row.text == "Nous nous opposons.\nJeanne"
    assert "<n1@vendor.example>" in row.in_reply_to
    with session_on(visited.url) as session:
        case = session.scalars(select(CaseRow)).one()
        assert case.state == CaseState.HOLD and HoldReason.REPLY_WAITS in case.holds
    kept = visited.folder.list_mails()
    assert {x.recipient for x in kept} == {CONTACT, visited.reply_to}


def test_a_mail_without_a_tag_comes_through_the_pipe_too(visited: Visited) -> None:
    with smtplib.SMTP("127.0.0.1", visited.port) as smtp:
        smtp.sendmail("x@client.example", [BASE.upper(), CONTACT], b"Subject: hi\r\n\r\nWe object")
    (row,) = visited.incoming()
    assert (row.tag, row.subject) == (TagStanding.MISSING, "hi")
    assert len(visited.folder.list_mails()) == 2


def test_nothing_is_sent_without_words_or_without_the_form(visited: Visited) -> None:
    page = visited.keep(visited.reply_to)
    empty = visited.browser.post(f"{page}/answer", text=" \n ")
    assert empty.status_code == 422 and "Write what you answer." in empty.text
    long = visited.browser.post(f"{page}/answer", text="x" * 10_001)
    assert long.status_code == 422 and "x" * 10_001 in long.text
    bare = visited.browser.post_bare(f"{page}/answer", {"text": "We object."})
    assert bare.status_code == 400
    assert visited.incoming() == []


def test_what_the_server_refuses_is_said_and_the_words_stay(visited: Visited) -> None:
    page = visited.keep(DEAD)
    refused = visited.browser.post(f"{page}/answer", text="We object.")
    assert refused.status_code == 422
    assert f"did not take it: 550 5.1.1 &lt;{DEAD}&gt;: no mailbox" in refused.text
    assert "We object." in refused.text
    assert visited.incoming() == []


def test_a_pipe_that_fails_puts_the_mail_off_and_keeps_no_copy(tmp_path: Path) -> None:
    folder, port = MailFolder(tmp_path / "mails"), free_port()
    url = f"sqlite:///{tmp_path / 'never-migrated.sqlite'}"
    settings = settings_from({**environment_for(url), "SUBNOTIFY_RETURN_ADDRESS": BASE})
    pipe = ReturnPipe(settings, session_factory(create_engine_for(url)))
    with (
        MailboxServer(folder, port=port, dead_addresses=(), pipe=pipe),
        smtplib.SMTP("127.0.0.1", port) as smtp,
    ):
        with pytest.raises(smtplib.SMTPDataError) as put_off:
            smtp.sendmail("x@client.example", [CONTACT, BASE], b"Subject: hi\r\n\r\nWe object")
        assert put_off.value.smtp_code == 451
        assert folder.list_mails() == []
        smtp.sendmail("x@client.example", [CONTACT], b"Subject: hi\r\n\r\nno answer of ours")
    assert len(folder.list_mails()) == 1


def test_a_mail_that_wants_no_answers_takes_none(visited: Visited) -> None:
    page = visited.keep()
    assert "/answer" not in visited.browser.get(page).text
    assert visited.browser.get(f"{page}/answer").status_code == 404
    assert visited.browser.get("/mailbox/99/answer").status_code == 404


def test_headers_that_are_not_sound_are_not_sent_on(visited: Visited) -> None:
    page = visited.keep(visited.reply_to, References="<a@b.example> Bcc:all@b.example")
    refused = visited.browser.post(f"{page}/answer", text="We object.")
    assert refused.status_code == 422 and "not sound" in refused.text
    assert visited.incoming() == []
