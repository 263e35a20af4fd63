"""The publisher's path: its step bar on each page, its recipients, and how many clicks it takes."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.release_at_hour import release_at_hour
from subnotify.rules.words import Channel, Role
from subnotify.storage.tables import ContactRow, ReleaseRow
from tests.operations.test_plan_release import SIX_WEEKS
from tests.support.letters import terms_by
from tests.support.release_world import PARIS, Person, ReleaseWorld
from tests.support.web_client import WebClient, session_on
from tests.web.test_releases import DRAFT, fields

SignIn = Callable[..., WebClient]
_FIELD = re.compile(r'<input[^>]*type="hidden"[^>]*>')


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as made:
        yield made


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


class Clicking:
    """Somebody who follows links and presses buttons by their words; counts the clicks."""

    def __init__(self, browser: WebClient, address: str) -> None:
        self.browser, self.address, self.clicks = browser, address, 0
        self.text = browser.get(address).text

    def follow(self, words: str) -> None:
        found = re.search(rf'<a[^>]*href="([^"]+)"[^>]*>\s*{words}', self.text)
        assert found, (words, self.address)
        self.address = unescape(found[1])
        self.text, self.clicks = self.browser.get(self.address).text, self.clicks + 1

    def press(self, words: str, **ticked: str) -> None:
        """Press the button of the page's last form; each ticked box is a click of its own."""
        assert re.search(rf"<button[^>]*>\s*{words}", self.text), (words, self.address)
        form = self.text.rpartition("<form")[2]
        given = {}
        for control in _FIELD.findall(form):
            name = re.search(r'name="([^"]+)"', control)
            value = re.search(r'value="([^"]*)"', control)
            if name:
                given[name[1]] = unescape(value[1]) if value else ""
        answer = self.browser.post_bare(self.address, given | ticked)
        assert answer.status_code == 303, answer.text
        self.address = answer.location
        self.clicks += 1 + len(ticked)
        self.text = self.browser.get(self.address).text


def step_of(page: str) -> str:
    found = re.findall(r'<li class="(\w+)" aria-current="step">\s*<span>([^<]+)</span>', page)
    assert len(found) == 1, found
    return f"{found[0][1]}: {found[0][0]}"


def test_at_most_six_clicks_from_a_complete_draft_to_its_release(
    world: ReleaseWorld, session: Session, signed_in: SignIn
):
    world.add_agreement()
    world.add_agreement(people=(Person(address=None),))
    page = f"/desk/releases/{world.draft([world.add_change()])}"
    legal = Clicking(signed_in(Role.LEGAL), page)
    legal.follow("Go on to approve")
    legal.press("Approve this revision", confirmed="y")
    publisher = Clicking(signed_in(Role.PUBLISHER), page)
    publisher.follow("Go on to release")
    publisher.press("Release to 2 agreements")
    session.expire_all()
    assert session.scalars(select(ReleaseRow.state)).one() == "released"
    assert legal.clicks + publisher.clicks <= 6


def test_each_page_of_the_path_says_where_it_stands(world: ReleaseWorld, signed_in: SignIn):
    world.add_agreement(language="fr")
    publisher = signed_in(Role.PUBLISHER)
    given = fields(world, world.add_change(), reason_fr="", commencement_on="")
    page = publisher.post(DRAFT, **given).location
    assert step_of(publisher.get(f"{page}/edit").text) == "Draft: incomplete"
    assert "2 are missing" in publisher.get(page).text
    assert step_of(publisher.get(page).text) == "Check your answers: later"
    assert step_of(publisher.get(f"{page}/facts").text) == "Facts: done"
    assert step_of(publisher.get(f"{page}/recipients").text) == "Recipients: done"
    complete = fields(world, 1)
    assert publisher.post(f"{page}/edit", revision="1", **complete).status_code == 303
    assert step_of(publisher.get(page).text) == "Check your answers: done"
    for beside in ("discard", "dry-run", "preview/1"):
        assert step_of(publisher.get(f"{page}/{beside}").text) == "Check your answers: done", beside
    legal = signed_in(Role.LEGAL)
    assert step_of(legal.get(f"{page}/approve").text) == "Approval: due"
    world.approve(1)
    assert step_of(publisher.get(f"{page}/release").text) == "Release: due"
    world.release(1)
    assert step_of(publisher.get(f"{page}/sending").text) == "Progress: due"
    assert step_of(publisher.get(page).text) == "Release: done"
    for gone in ("facts", "recipients", "discard"):
        assert publisher.get(f"{page}/{gone}").location.endswith(page)


def test_a_change_says_which_facts_it_needs_and_where(world: ReleaseWorld, signed_in: SignIn):
    world.add_agreement(language="fr")
    change = world.add_change()
    world.draft([change])
    page = signed_in(Role.PUBLISHER).get("/desk/releases/1/facts").text
    assert "Orage Hébergement SAS" in page
    assert 'href="/desk/registry/' in page
    assert "Go on to the recipients" in page


def test_recipients_by_terms_and_channel_and_who_cannot_be_served(
    world: ReleaseWorld, signed_in: SignIn
):
    world.add_agreement()
    world.add_agreement(language="fr")
    world.add_agreement(terms=terms_by(Channel.POST), people=(Person(postal="1 rue\n74000 A"),))
    world.add_agreement(people=(Person(address=None),))
    world.add_agreement(services=("helpdesk",))
    world.draft([world.add_change()])
    legal = signed_in(Role.LEGAL)
    page = legal.get("/desk/releases/1/recipients").text
    for words in ("Client 001", "Client 004", "No notice contact has an email address.", "French"):
        assert words in page, words
    assert "Legal confirms these lists by name with the approval." in page
    assert "1 agreement buys none of the services concerned" in page
    assert re.search(
        r"email</th>\s*<td[^>]*>English</td>\s*<td[^>]*>2</td>\s*<td[^>]*>1</td>", page
    )
    assert re.search(r"post</th>\s*<td[^>]*>English</td>\s*<td[^>]*>1</td>\s*<td[^>]*>0</td>", page)
    world.approve(1, confirmed=[4])
    page = legal.get("/desk/releases/1/recipients").text
    assert "marc confirmed with the approval that 1 cannot be served or computed" in page


def plan(publisher: WebClient, **given: str) -> str:
    page = "/desk/releases/1/release"
    answer = publisher.post(page, revision="1", when="hour", **given)
    return answer.text if answer.status_code == 200 else publisher.get(answer.location).text


def test_a_release_is_planned_for_an_hour_and_called_off(
    world: ReleaseWorld, session: Session, signed_in: SignIn
):
    world.add_agreement()
    world.draft([world.add_change()])
    world.approve(1)
    publisher = signed_in(Role.PUBLISHER)
    missing = plan(publisher, hour_on="2026-03-03", hour_time="")
    assert "Write the time" in missing
    assert 'value="2026-03-03"' in missing
    assert "for example 09:30" in plan(publisher, hour_on="2026-03-03", hour_time="soon")
    assert "This hour has passed" in plan(publisher, hour_on="2026-03-01", hour_time="09:30")
    assert "within the next 30 days" in plan(publisher, hour_on="2026-05-01", hour_time="09:30")
    shown = plan(publisher, hour_on="2026-03-03", hour_time="09:30")
    assert "3 March 2026 at 09:30 (Europe/Paris)" in shown
    assert "as if all notices were received at that hour" in shown
    session.expire_all()
    assert session.scalars(select(ReleaseRow.state)).one() == "approved"
    session.rollback()
    legal = signed_in(Role.LEGAL)
    answer = legal.post("/desk/releases/1/call-off", "/desk/releases/1", revision="1")
    assert "is called off" in legal.get(answer.location).text
    assert "by itself on" not in legal.get("/desk/releases/1").text


def test_a_refusal_at_the_hour_stands_on_the_page(
    world: ReleaseWorld, session: Session, signed_in: SignIn, at: datetime
):
    world.add_agreement()
    world.draft([world.add_change()])
    world.approve(1)
    publisher = signed_in(Role.PUBLISHER)
    plan(publisher, hour_on="2026-03-03", hour_time="09:30")
    session.execute(update(ContactRow).values(email=None))
    session.commit()
    release_at_hour(
        session,
        zone=PARIS,
        legal_email="legal@hexapode.example",
        one_person_release=False,
        at=at + timedelta(days=1, minutes=30),
    )
    for page in ("/desk/releases/1", "/desk/releases/1/release"):
        shown = publisher.get(page).text
        assert "Not released at its hour" in shown
        assert "New: Client 001 (DPA-1)." in shown


def test_legal_confirms_ahead_who_is_told_late_at_an_hour(
    world: ReleaseWorld, session: Session, signed_in: SignIn, at: datetime
):
    world.add_agreement(terms=SIX_WEEKS)
    world.draft([world.add_change()], commencement_on=(at + timedelta(days=50)).date())
    world.approve(1)
    publisher, legal = signed_in(Role.PUBLISHER), signed_in(Role.LEGAL)
    refused = plan(publisher, hour_on="2026-03-20", hour_time="09:30")
    assert "too late for agreements that legal has not confirmed" in refused
    address = "/desk/releases/1/late?hour_on=2026-03-20&amp;hour_time=09:30"
    assert address in refused.replace("%3A", ":")
    assert publisher.get(unescape(address)).status_code == 403
    assert 'href="/desk/releases/1/late"' in legal.get("/desk/releases/1").text
    assert "Choose the day" in legal.get("/desk/releases/1/late?hour_time=09:30").text
    early = legal.get("/desk/releases/1/late?hour_on=2026-03-04&hour_time=09:30").text
    assert "Nobody else is told late then" in early
    page = legal.get(unescape(address)).text
    assert "Client 001" in page and "20 March 2026 at 09:30" in page
    given = {"hour_on": "2026-03-20", "hour_time": "09:30", "late": "1", "revision": "1"}
    unread = legal.post("/desk/releases/1/late", unescape(address), **given)
    assert "Confirm the list" in unread.text and "Client 001" in unread.text
    done = legal.post("/desk/releases/1/late", unescape(address), confirmed="y", **given)
    assert "1 further agreement may be told late" in legal.get(done.location).text
    shown = plan(publisher, hour_on="2026-03-20", hour_time="09:30")
    assert "20 March 2026 at 09:30 (Europe/Paris)" in shown
    assert "1 agreement is told late then" in legal.get("/desk/releases/1/late").text
    world.add_agreement(terms=SIX_WEEKS)
    warned = legal.get("/desk/releases/1").text
    assert "too late for 1 agreement that legal has not confirmed" in warned
    assert "Confirm them ahead" in warned
    listed = legal.get("/desk/releases/1/late").text
    assert "Client 002" in listed and "Confirm 1 agreement for this hour" in listed
