"""The people of the journeys, each with a browser without JavaScript.

They find links, buttons and fields by what is written on them, in their own language.
"""

import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from subnotify.wording.language import Wording, wording_for
from tests.journeys.pages_seen import PagesSeen
from tests.support import telephones
from tests.support.browser import NARROW, WIDE, watch
from tests.support.live_server import LiveVendor
from tests.support.web_client import PASSWORD

WRITABLE = "textarea, input:not([type=radio]):not([type=checkbox])"
LOCALES = {"en": "en-GB", "fr": "fr-FR"}


class Person:
    """Somebody at a browser of their own. clicks: links and buttons pressed so far."""

    def __init__(
        self, browser: Browser, vendor: LiveVendor, seen: PagesSeen, *, language: str, width: int
    ) -> None:
        self.vendor = vendor
        self.words: Wording = wording_for(language, "Europe/Paris")
        self.clicks = 0
        self._seen = seen
        self.context = browser.new_context(
            java_script_enabled=False,
            locale=LOCALES[language],
            viewport={"width": width, "height": 800},
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints = watch(self.page)
        self.refusals = 0
        self.elsewhere: list[str] = []
        self.page.on("request", lambda request: self._watch_request(request.url))

    def _watch_request(self, url: str) -> None:
        if not url.startswith(self.vendor.address + "/"):
            self.elsewhere.append(url)

    def say(self, msgid: str, **values: object) -> str:
        """A text of the pages in this person's language."""
        return self.words.gettext(msgid, **values)

    @property
    def unexpected_complaints(self) -> list[str]:
        """What the browser complained of, but for the refusals that were met on purpose."""
        left = self.refusals
        unexpected = []
        for said in self.complaints:
            if left and "status of 403" in said:
                left -= 1
            else:
                unexpected.append(said)
        return unexpected

    # -- what they do -------------------------------------------------------------------------

    def open(self, address: str) -> None:
        """Go to an address of the installation, or one from a mail."""
        if address.startswith("/"):
            address = self.vendor.address + address
        self.page.goto(address)
        self._seen.note(self.page)

    def follow(self, msgid: str, *, within: Locator | None = None, **values: object) -> None:
        """Follow the first link with this text."""
        text = self.say(msgid, **values)
        self._go(self._within(within).get_by_role("link", name=text).first)

    def follow_in(self, part: Locator) -> None:
        """Follow the first link of a part of the page."""
        self._go(part.get_by_role("link").first)

    def press(self, msgid: str, *, within: Locator | None = None, **values: object) -> None:
        """Press the first button with exactly this text."""
        text = self.say(msgid, **values)
        self._go(self._within(within).get_by_role("button", name=text, exact=True).first)

    def press_twice(self, msgid: str) -> None:
        """A double click: the browser sends the form twice and shows the second answer."""
        before = self.page.url
        self.page.get_by_role("button", name=self.say(msgid), exact=True).first.dblclick()
        # The first answer is given up for the second: no single navigation to wait for.
        expect(self.page).not_to_have_url(before, timeout=15_000)
        self.page.wait_for_load_state()
        self._seen.note(self.page)

    def fill(self, fields: Mapping[str, str]) -> None:
        """Write into fields, by their labels."""
        for msgid, value in fields.items():
            labelled = self.page.get_by_label(self.say(msgid))
            self.page.locator(WRITABLE).and_(labelled).first.fill(value)

    def choose(self, *texts: str) -> None:
        """Mark options (radio buttons, boxes) by the beginning of what stands beside them."""
        for text in texts:
            pattern = re.compile("^" + re.escape(self.say(text)), re.IGNORECASE)
            self.page.get_by_label(pattern).first.check()

    def select(self, msgid: str, option: str, row: int = 0) -> None:
        """Choose from a list, by its label; row: which of several lists of that name."""
        lists = self.page.get_by_label(self.say(msgid)).and_(self.page.locator("select"))
        chosen = lists.nth(row).locator("option").filter(has_text=self.say(option)).first
        lists.nth(row).select_option(value=chosen.get_attribute("value"))

    def _go(self, pressed: Locator) -> None:
        self.clicks += 1
        try:
            pressed.wait_for()
        except TimeoutError as error:
            seen = f"{self.page.url}: {self.page.locator('body').inner_text()}"
            raise AssertionError(f"{pressed} is not there, but {seen[:1500]}") from error
        with self.page.expect_navigation():
            pressed.click()
        self._seen.note(self.page)

    def _within(self, part: Locator | None) -> Locator:
        return part if part is not None else self.page.locator("body")

    # -- what they see ------------------------------------------------------------------------

    @property
    def heading(self) -> str:
        return self.page.locator("h1").first.inner_text()

    @property
    def text(self) -> str:
        """What the page's main part says, in one line."""
        return " ".join(self.page.locator("main").inner_text().split())

    def sees(self, *msgids: str, **values: object) -> None:
        for msgid in msgids:
            expect(self.page.locator("main")).to_contain_text(self.say(msgid, **values))

    def sees_not(self, *msgids: str) -> None:
        for msgid in msgids:
            expect(self.page.locator("main")).not_to_contain_text(self.say(msgid))

    def row(self, text: str) -> Locator:
        """The first row of a table that says this."""
        return self.page.get_by_role("row").filter(has_text=text).first

    def status_of(self, address: str) -> int:
        """What the server answers at an address, with this person's cookies."""
        return self.context.request.get(self._absolute(address), max_redirects=0).status

    def post(self, address: str, form: dict[str, Any]) -> int:
        """The answer to a form that no page offered."""
        answer = self.context.request.post(self._absolute(address), form=form, max_redirects=0)
        return answer.status

    def _absolute(self, address: str) -> str:
        return self.vendor.address + address if address.startswith("/") else address


class Operator(Person):
    """A vendor person, at a desk."""

    def __init__(
        self, browser: Browser, vendor: LiveVendor, seen: PagesSeen, *, name: str, language: str
    ) -> None:
        super().__init__(browser, vendor, seen, language=language, width=WIDE)
        self.name = name

    def sign_in(self) -> None:
        self.open("/sign-in")
        self.fill({"Name": self.name, "Password": PASSWORD})
        super().press("Sign in")
        if self.heading == self.say("Enter the code of your telephone"):
            code = telephones.code_now(
                self.vendor.session, self.vendor.settings, self.name, at=self.vendor.clock.at
            )
            self.fill({"Code": code})
            super().press("Continue")

    def press(self, msgid: str, *, within: Locator | None = None, **values: object) -> None:
        """Press a button; and give the password, where the step asks for it again."""
        super().press(msgid, within=within, **values)
        if self.heading == self.say("Your password once more"):
            # That page is a refusal (403), and the browser will say so.
            self.refusals += 1
            self.fill({"Your password": PASSWORD})
            super().press("Continue")

    def go_to(self, entry: str) -> None:
        """Use the main navigation."""
        self._go(
            self.page.get_by_role("navigation", name=self.say("Main"))
            .get_by_role("link", name=self.say(entry))
            .first
        )


class Contact(Person):
    """Somebody at a client, with a telephone and a mailbox."""

    def __init__(
        self,
        browser: Browser,
        vendor: LiveVendor,
        seen: PagesSeen,
        *,
        email: str,
        language: str,
        width: int = NARROW,
    ) -> None:
        super().__init__(browser, vendor, seen, language=language, width=width)
        self.email = email

    def inbox(self, saying: str = "") -> list[Any]:
        return self.vendor.mails_to(self.email, self.say(saying) if saying else "")

    def open_notice(self) -> None:
        """Open the personal link in the first mail that came: the first click."""
        self.clicks += 1
        self.open(self.vendor.links_in(self.inbox()[0])[0])
