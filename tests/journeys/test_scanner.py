"""A mail scanner opens every link, follows what it finds, and submits what it can."""

import re
from datetime import date, datetime
from html import unescape
from urllib.parse import urljoin

from playwright.sync_api import APIRequestContext, Browser

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Contact
from tests.journeys.printing import POST, read_batch
from tests.journeys.steps import announce
from tests.journeys.test_proposals import propose
from tests.support.live_server import LiveVendor, Rows

ALDER = "dpo@alder.example"


def test_it_changes_no_row(vendor: LiveVendor, cast: Cast, at: datetime, browser: Browser) -> None:
    links = _everything_that_is_sent(vendor, cast, at)
    before = vendor.rows()
    scanner = cast.contact("scanner@alder.example")
    opened = _open_all(scanner.context.request, links, vendor.address)
    for page in WITH_FORMS:
        assert any(re.search(rf"{page}$", url) for url in opened), page
    for file in ("notice.pdf", "copy.pdf", "summary.pdf", "receipt.pdf", "deadline.ics"):
        assert any(url.endswith(file) for url in opened), file
    _submit_all(scanner.context.request, opened)
    assert _differences(before, vendor.rows()) == {}
    pressed = _press_all(browser, opened, vendor.address)
    assert pressed >= len(WITH_FORMS)
    assert _differences(before, vendor.rows()) == {}


# What it finds on its way, each with a form that would do something if it were filled in.
WITH_FORMS = (
    "/object",
    "/disown",
    "/no-objection",
    "/ask",
    "/acknowledge",
    "/wrong-person",
    "/waive",
    "/withdraw",
    r"/receipts/[\w-]+/code",
    r"/proposals/\d+",
    r"/proposals/\d+/code",
    r"/portal/sign-in/[\w-]{43}",
)


def _everything_that_is_sent(vendor: LiveVendor, cast: Cast, at: datetime) -> set[str]:
    """A yes and an acceptance that wait for their codes, an objection with its proposal, a portal
    to sign in to, and two clients that have not answered: the links of all mails and letters."""
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    vendor.import_registry(
        registry.client("mairie", "Mairie de Vouziers", preset="fr-30-days-registered")
    )
    on_paper = {"post": POST, "clause": "channels: [registered_post]"}
    vendor.import_registry(
        registry.client("mill", "Mill Archive", preset="fr-30-days-registered", **on_paper)
    )
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    legal = cast.legal()
    announce(cast.publisher(), legal, commencement_on=date(2026, 6, 1), agreements=3)
    legal.go_to("Letters")
    legal.press("Prepare batches now")
    printed = read_batch(legal)[0].text.replace(" ", "")
    links = set(re.findall(re.escape(vendor.address) + r"/n/[\w-]{43}", printed))
    assert len(links) == 1, "the letter's"

    contact = cast.contact(ALDER)
    _begin_no_objection(contact)
    _object(contact)
    vendor.run_jobs()
    propose(vendor, legal, at)
    _begin_acceptance(vendor, contact)
    contact.open("/portal/sign-in")
    contact.fill({"Email address": ALDER})
    contact.press("Send the link")
    for _ in range(100):  # the mail leaves after the answer
        if contact.inbox("/portal/sign-in/"):
            break
        contact.page.reload()
    vendor.run_jobs()
    mails = [*contact.inbox(), *vendor.mails_to("dpo@mairie.example")]
    found = links | {link for mail in mails for link in vendor.links_in(mail)}
    assert len(found) >= 6, "notices, receipt, “this was not me”, proposal, portal, letter"
    return found


def _begin_no_objection(contact: Contact) -> None:
    """An answer that waits for its code: whoever got through would give up protection."""
    contact.open_notice()
    contact.follow("No objection")
    contact.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    contact.press("Mail me the code")


def _object(contact: Contact) -> None:
    contact.open_notice()
    contact.follow("Object")
    contact.fill({"Your first and last name": "Ada Berger", "Your role": "DPO"})
    contact.press("Send the objection")


def _begin_acceptance(vendor: LiveVendor, contact: Contact) -> None:
    [mail] = contact.inbox("A proposal to meet your objection")
    contact.open(vendor.links_in(mail)[0])
    contact.follow("Read the proposal and answer it")
    contact.choose("We accept: our objection is settled so.")
    contact.fill({"Your first and last name": "Ada Berger"})
    contact.press("Send the answer")


def _open_all(asked: APIRequestContext, links: set[str], address: str) -> dict[str, str]:
    """Every page within reach of the links, by address, each also asked for its head."""
    opened: dict[str, str] = {}
    waiting = sorted(links)
    while waiting:
        url = waiting.pop().partition("#")[0]
        if url in opened or not url.startswith(address) or "lang=" in url:
            continue
        asked.head(url)
        answer = asked.get(url, headers={"Sec-Purpose": "prefetch", "Purpose": "prefetch"})
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        opened[url] = answer.text() if is_page else ""
        found = re.findall(r'(?:href|src|action)="([^"]*)"', opened[url])
        waiting += [urljoin(url, unescape(link)) for link in found]
    return opened


def _submit_all(asked: APIRequestContext, opened: dict[str, str]) -> None:
    """Every form twice: as it stands with its hidden fields, and with nothing in it."""
    for url, html in opened.items():
        for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", html, re.DOTALL):
            if 'method="post"' not in attributes:
                continue
            action = re.search(r'action="([^"]*)"', attributes)
            target = urljoin(url, unescape(action[1])) if action else url
            hidden = {
                name[1]: unescape(value[1])
                for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', inside)
                if (name := re.search(r'name="([^"]*)"', tag))
                and (value := re.search(r'value="([^"]*)"', tag))
            }
            asked.post(target, form=hidden)
            asked.post(target, form={})


def _press_all(browser: Browser, opened: dict[str, str], address: str) -> int:
    """With scripts, as a detonation chamber does: every button of every kind of page is pressed
    as the page offers it, nothing typed. How many were pressed."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(15_000)
    pressed = 0
    # The same page of one notice hangs on each of its links.
    kinds = {_kind(url, html): (url, html) for url, html in opened.items()}
    for url, html in kinds.values():
        buttons = html.count("<form") if 'method="post"' in html else 0
        for number in range(buttons):
            page.goto(url)
            button = page.locator("form button:not([type=button])").nth(number)
            if not button.count() or not page.url.startswith(address):
                continue
            with page.expect_navigation():
                button.evaluate("button => button.form.requestSubmit(button)")
            pressed += 1
    context.close()
    return pressed


def _kind(url: str, html: str) -> tuple[str, ...]:
    path = re.sub(r"/n/[\w-]{43}", "", url)
    return path, *re.findall(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)


def _differences(before: Rows, after: Rows) -> dict[str, list[object]]:
    return {
        table: [row for row in rows if row not in before[table]]
        + [row for row in before[table] if row not in rows]
        for table, rows in after.items()
        if rows != before[table]
    }
