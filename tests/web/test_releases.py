"""The release pages: from draft to progress, by role, with input kept and revisions checked."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import Channel, Role
from subnotify.storage.tables import (
    AgreementRow,
    ChangeRow,
    ClientRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
)
from subnotify.web.release_mail import mail_policy
from tests.support.letters import terms_by
from tests.support.release_world import REGISTERED, Person, ReleaseWorld
from tests.support.web_client import WebClient, session_on

SignIn = Callable[..., WebClient]
DRAFT = "/desk/releases/new"


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as made:
        yield made


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def fields(world: ReleaseWorld, *change_ids: int, **changed: str) -> dict[str, object]:
    return {
        "changes": [str(x) for x in change_ids],
        "reason_en": "More room.",
        "reason_fr": "Plus de place.",
        "paragraph_en": "",
        "paragraph_fr": "",
        "commencement_on": "2026-05-04",
        **changed,
    }


def revision(browser: WebClient, page: str) -> str:
    found = re.search(r'name="revision"[^>]*value="(\d+)"', browser.get(page).text)
    assert found, page
    return found[1]


def take_step(browser: WebClient, page: str, **given: str) -> object:
    return browser.post(page, revision=revision(browser, page), **given)


def test_the_whole_way_with_two_people(world: ReleaseWorld, session: Session, signed_in: SignIn):
    world.add_agreement()
    world.add_agreement(terms=REGISTERED, language="fr")
    hindered = world.add_agreement(people=(Person(address=None),))
    change = world.add_change()
    publisher, legal = signed_in(Role.PUBLISHER), signed_in(Role.LEGAL)

    drafted = publisher.post(DRAFT, **fields(world, change))
    assert drafted.status_code == 303
    page = drafted.location
    shown = publisher.get(page).text
    assert "Complete. Legal can approve it." in shown
    assert "Client 002" in publisher.get(f"{page}/recipients").text
    assert "Orage Hébergement SAS" in shown
    assert "Go on to approve" not in shown

    approve = f"{page}/approve"
    assert publisher.get(approve).status_code == 403
    refused = take_step(legal, approve, unservable=str(hindered))
    assert "Confirm the list" in refused.text
    assert legal.post(
        approve, revision="1", unservable=str(hindered), confirmed="y"
    ).location.endswith(page)

    release = f"{page}/release"
    assert "Release to 3 agreements" in publisher.get(release).text
    assert take_step(publisher, release).status_code == 303
    progress = publisher.get(page).text
    assert "Release 2026-001" in progress
    assert "The gate is shut: 3 cases are not settled." in progress
    assert session.scalar(select(func.count()).select_from(NoticeRow)) == 3


def test_released_twice_is_released_once(world: ReleaseWorld, session: Session, signed_in: SignIn):
    world.add_agreement()
    release = world.draft([world.add_change()])
    world.approve(release)
    publisher = signed_in(Role.PUBLISHER)
    page = f"/desk/releases/{release}/release"
    token, seen = publisher.token(page), revision(publisher, page)
    for _ in range(2):
        answer = publisher.post_bare(page, {"csrf_token": token, "revision": seen})
        assert answer.status_code == 303
    assert session.scalar(select(func.count()).select_from(MessageRow)) == 1


def test_gaps_are_named_with_a_link_to_the_field(world: ReleaseWorld, signed_in: SignIn):
    world.add_agreement(language="fr")
    publisher = signed_in(Role.PUBLISHER)
    drafted = publisher.post(DRAFT, **fields(world, reason_fr="", commencement_on=""))
    page = publisher.get(drafted.location).text
    assert f'href="{drafted.location}/edit#commencement_on"' in page
    assert f'href="{drafted.location}/edit#changes-0"' in page
    legal = signed_in(Role.LEGAL)
    assert "Approve this revision" not in legal.get(f"{drafted.location}/approve").text


def test_what_was_typed_is_kept(world: ReleaseWorld, signed_in: SignIn):
    change = world.add_change()
    publisher = signed_in(Role.PUBLISHER)
    wrong = publisher.post(
        DRAFT, **fields(world, change, commencement_on="4 May", reason_en="Kept <b>words</b>")
    )
    assert wrong.status_code == 200
    assert "Write the day as year-month-day" in wrong.text
    assert 'value="4 May"' in wrong.text
    assert "Kept &lt;b&gt;words&lt;/b&gt;" in wrong.text


def test_a_stale_edit_is_refused_and_kept(world: ReleaseWorld, session: Session, signed_in: SignIn):
    change = world.add_change()
    release = world.draft([change])
    page = f"/desk/releases/{release}/edit"
    publisher = signed_in(Role.PUBLISHER)
    stale = revision(publisher, page)
    first = publisher.post(page, **fields(world, change, reason_en="Mine"), revision=stale)
    assert first.status_code == 303
    second = publisher.post(page, **fields(world, change, reason_en="Other"), revision=stale)
    assert second.status_code == 200
    assert "has changed since you opened it" in second.text
    assert ">Other</textarea>" in second.text.replace("\r\n", "")
    assert "Mine" in second.text
    again = publisher.post(page, **fields(world, change, reason_en="Other"), revision="2")
    assert again.status_code == 303
    session.expire_all()
    assert session.get_one(ReleaseRow, release).reason["en"] == "Other"


def test_one_person_needs_the_setting(world: ReleaseWorld, session: Session, signed_in: SignIn):
    release = world.draft([world.add_change()])
    both = signed_in(Role.PUBLISHER, Role.LEGAL)
    approved = take_step(both, f"/desk/releases/{release}/approve", unservable="")
    assert approved.status_code == 303
    page = both.get(f"/desk/releases/{release}/release").text
    assert "another publisher releases it" in page
    assert "Release on the list only" not in page


def test_an_approval_is_taken_back(world: ReleaseWorld, session: Session, signed_in: SignIn):
    release = world.draft([world.add_change()])
    world.approve(release)
    legal = signed_in(Role.LEGAL)
    page = f"/desk/releases/{release}"
    taken = legal.post(f"{page}/take-back", page, revision=revision(legal, page))
    assert taken.status_code == 303
    assert session.get_one(ReleaseRow, release).state == "draft"


def test_a_draft_is_discarded_after_a_question(
    world: ReleaseWorld, session: Session, signed_in: SignIn
):
    change = world.add_change()
    release = world.draft([change])
    publisher = signed_in(Role.PUBLISHER)
    page = f"/desk/releases/{release}/discard"
    assert "Discard this draft?" in publisher.get(page).text
    assert take_step(publisher, page).status_code == 303
    session.expire_all()
    assert session.get_one(ChangeRow, change).release_id is None
    assert publisher.get(f"/desk/releases/{release}").status_code == 303


def test_the_mail_in_its_frame(world: ReleaseWorld, signed_in: SignIn):
    agreement = world.add_agreement(language="fr")
    other = world.add_agreement(services=("helpdesk",))
    release = world.draft([world.add_change()])
    publisher = signed_in(Role.PUBLISHER)
    page = f"/desk/releases/{release}/preview/{agreement}"
    shown = publisher.get(page)
    assert "frame-src 'self'" in shown.headers["Content-Security-Policy"]
    assert "Plus de place." in shown.text
    body = publisher.get(f"{page}/mail.html")
    policy = body.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'self'" in policy
    assert publisher.get(f"/desk/releases/{release}/preview/{other}").status_code == 404


def test_the_mails_policy_names_each_style():
    policy = mail_policy('<style>p { margin: 0 }</style><p style="margin-top:0">x</p>')
    assert policy.count("'sha256-") == 2
    assert "default-src 'none'" in policy


def test_an_announced_change_is_withdrawn_by_legal(
    world: ReleaseWorld, session: Session, signed_in: SignIn
):
    world.add_agreement()
    change = world.add_change()
    release = world.draft([change])
    world.approve(release)
    world.release(release)
    publisher, legal = signed_in(Role.PUBLISHER), signed_in(Role.LEGAL)
    page = f"/desk/releases/{release}/changes/{change}"
    by_itself = publisher.post(f"{page}/commencement", f"/desk/releases/{release}", by_itself="yes")
    assert by_itself.status_code == 303
    session.expire_all()
    assert session.get_one(ChangeRow, change).commences_by_itself
    session.rollback()  # a transaction left open would keep the pages from writing
    assert publisher.get(f"{page}/withdraw").status_code == 403
    assert "it goes on record" in legal.post(f"{page}/withdraw", reason=" ").text
    assert legal.post(f"{page}/withdraw", reason="Not needed").status_code == 303
    assert "withdrawn" in legal.get(f"/desk/releases/{release}").text


def test_the_list_and_unknown_releases(world: ReleaseWorld, signed_in: SignIn):
    browser = signed_in(Role.ADMIN)
    assert "No release yet" in browser.get("/desk/releases").text
    world.draft([world.add_change()])
    listed = browser.get("/desk/releases").text
    assert "Orage Hébergement SAS" in listed
    assert "Draft a release" not in listed
    assert browser.get("/desk/releases/99").status_code == 404
    assert browser.get(DRAFT).status_code == 403


def test_what_letters_cannot_be_printed_with_is_named_before_the_approval(
    world: ReleaseWorld, session: Session, signed_in: SignIn
):
    person = Person(postal="1 rue du Port\n74000 Annecy")
    added = world.add_agreement(terms=terms_by(Channel.POST), people=(person,))
    client_id = session.get_one(AgreementRow, added).client_id
    session.get_one(ClientRow, client_id).name = "Acme 中文"
    session.commit()
    release = world.draft([world.add_change()])
    legal = signed_in(Role.LEGAL)
    for page in (f"/desk/releases/{release}", f"/desk/releases/{release}/approve"):
        shown = legal.get(page).text
        assert f'<a href="/desk/clients/{client_id}">Acme 中文</a>' in shown
        assert "(中文)" in shown
        assert "Write it in Latin letters, as post abroad does too." in shown
        assert "The words of this release have such characters" not in shown
