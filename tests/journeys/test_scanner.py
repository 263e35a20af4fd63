"""A mail scanner opens every link, follows what it finds, and submits what it can."""

import re
from datetime import date
from html import unescape
from urllib.parse import urljoin

from playwright.sync_api import APIRequestContext

from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Contact
from tests.journeys.steps import announce
from tests.support.live_server import LiveVendor, Rows

ALDER = "dpo@alder.example"


def test_it_changes_no_row(vendor: LiveVendor, cast: Cast) -> None:
    vendor.import_registry(registry.client("alder", "Alder Clinic"))
    vendor.import_registry(registry.drafted(registry.MIRADOR))
    announce(cast.publisher(), cast.legal(), commencement_on=date(2026, 6, 1))
    contact = cast.contact(ALDER)
    _begin_no_objection(contact)
    _object(contact)
    vendor.run_jobs()
    links = {link for mail in contact.inbox() for link in vendor.links_in(mail)}
    assert len(links) >= 3, "the notice, the receipt, and “this was not me”"

    before = vendor.rows()
    scanner = cast.contact("scanner@alder.example")
    opened = _open_all(scanner.context.request, links, vendor.address)
    assert len(opened) > 8
    assert any(url.endswith("/code") for url in opened), "the page that waits for the code"
    _submit_all(scanner.context.request, opened)
    assert _differences(before, vendor.rows()) == {}


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


def _open_all(asked: APIRequestContext, links: set[str], address: str) -> dict[str, str]:
    """Every page within reach of the links, by address, each also asked for its head."""
    opened: dict[str, str] = {}
    waiting = sorted(links)
    while waiting:
        url = waiting.pop().partition("#")[0]
        if url in opened or not url.startswith(address) or "lang=" in url:
            continue
        asked.head(url)
        opened[url] = asked.get(url).text()
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


def _differences(before: Rows, after: Rows) -> dict[str, list[object]]:
    return {
        table: [row for row in rows if row not in before[table]]
        + [row for row in before[table] if row not in rows]
        for table, rows in after.items()
        if rows != before[table]
    }
