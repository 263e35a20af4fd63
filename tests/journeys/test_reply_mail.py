"""The client objects by answering the notice's mail: read over IMAP, filed by legal, receipted."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from email.message import EmailMessage

import pytest

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.steps import announce, confirm_read, open_case
from tests.support.imap_server import ScriptedImapServer
from tests.support.live_server import LiveVendor, one_line

ALDER = "dpo@alder.example"
WORDS = "Nous nous opposons à ce changement."


@pytest.fixture
def mailbox() -> Iterator[ScriptedImapServer]:
    with ScriptedImapServer() as server:
        yield server


@pytest.fixture
def vendor(
    start_vendor: Callable[..., LiveVendor], sqlite_url: str, mailbox: ScriptedImapServer
) -> LiveVendor:
    return start_vendor(
        sqlite_url,
        RETURN_ADDRESS="notices@vendor.example",
        IMAP_HOST=mailbox.host,
        IMAP_PORT=str(mailbox.port),
        IMAP_USERNAME="notices",
        IMAP_PASSWORD="secret",
        IMAP_SECURITY="none",
    )


def test_an_answer_to_the_mail_is_an_objection(
    vendor: LiveVendor, cast: Cast, mailbox: ScriptedImapServer
) -> None:
    vendor.import_registry(registry.client("alder", "Clinique des Aulnes", language="fr"))
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    announce(cast.publisher(), cast.legal(), commencement_on=date(2026, 6, 1))
    contact = cast.contact(ALDER, language="fr")
    [notice] = contact.inbox()
    arrived = vendor.clock.at + timedelta(days=2)
    mailbox.add(answer_to(notice), arrived)
    vendor.go_on_to(arrived + timedelta(minutes=5))

    # It keeps silence from counting before anybody has read it, and a person says what it is.
    legal = cast.legal()
    legal.go_to("Mail")
    legal.follow_in(legal.page.get_by_role("rowheader").first)
    legal.sees(WORDS, "What it holds back")
    legal.follow("Objection")
    legal.sees("File this mail as an objection")
    legal.press("File as %(name)s", name="objection")
    vendor.run_jobs()

    [receipt] = contact.inbox("Receipt of your answer")
    assert WORDS in one_line(receipt)
    contact.open(vendor.links_in(receipt)[0])
    contact.follow_in(contact.page.locator("main p").filter(has_text="R-0"))
    contact.sees("We have recorded your objection.", WORDS)
    open_case(legal, "Clinique des Aulnes")
    legal.sees("Ada Berger", "in time")

    # Months of silence later it still stands.
    vendor.go_on_to(datetime.fromisoformat("2026-05-04T08:00:00+02:00"))
    legal = cast.legal()
    confirm_read(legal)
    vendor.run_jobs()
    legal.go_to("Board")
    assert "objection" in legal.row("Clinique des Aulnes").inner_text()
    assert not contact.inbox("Outcome of a change of subprocessor")


def answer_to(notice: EmailMessage) -> bytes:
    """As a mail program writes it."""
    mail = EmailMessage()
    mail["From"] = f"Ada Berger <{ALDER}>"
    mail["To"] = str(notice["Reply-To"])
    mail["Subject"] = f"Re: {notice['Subject']}"
    mail["Message-ID"] = "<answer-1@alder.example>"
    mail["In-Reply-To"] = mail["References"] = str(notice["Message-ID"])
    mail.set_content(f"{WORDS}\n\nLe 2 mars 2026, Hexapode SAS a écrit :\n> Madame, Monsieur,\n")
    return mail.as_bytes()
