"""Correcting a release on the desk, and what its clients' pages say."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.rules.words import Role
from subnotify.storage.tables import CaseRow, MessageRow, ReleaseRow
from tests.support.release_world import ReleaseWorld
from tests.support.scenario import digest_of
from tests.support.web_client import WebClient, session_on
from tests.web.test_releases import take_step

SignIn = Callable[..., WebClient]


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with session_on(database_url) as made:
        yield made


@pytest.fixture
def released(session: Session, at: datetime) -> str:
    """The page of a released release that its client has heard of."""
    world = ReleaseWorld(session, at=at)
    world.add_agreement()
    release = world.draft([world.add_change()])
    world.approve(release)
    world.release(release)
    session.execute(update(MessageRow).values(state="handed_over", handed_over_at=at))
    session.commit()
    return f"/desk/releases/{release}"


def test_a_publisher_corrects_a_release_and_legal_approves_it(
    released: str, session: Session, signed_in: SignIn
):
    publisher, legal = signed_in(Role.PUBLISHER), signed_in(Role.LEGAL)
    assert "Correct this release" not in legal.get(released).text
    assert f"{released}/correct" in publisher.get(released).text
    assert legal.get(f"{released}/correct").status_code == 403
    asked = publisher.get(f"{released}/correct").text
    assert "Nothing is sent or ended until the correction is approved and released." in asked
    drafted = take_step(publisher, f"{released}/correct")
    assert drafted.status_code == 303
    draft = drafted.location
    shown = publisher.get(draft).text
    assert "This draft corrects a release and takes its place once it is released" in shown
    assert "A correction of this release is drafted:" in publisher.get(released).text
    again = take_step(publisher, f"{released}/correct")
    assert again.status_code == 200 and "has a correction already" in again.text

    assert take_step(legal, f"{draft}/approve").status_code == 303
    assert take_step(publisher, f"{draft}/release").status_code == 303
    session.expire_all()
    assert session.scalars(select(CaseRow.outcome).order_by(CaseRow.id)).all() == [
        "change_withdrawn",
        None,
    ]
    assert session.scalars(select(ReleaseRow.corrects_id).order_by(ReleaseRow.id)).all() == [
        None,
        1,
    ]
    assert "Another release corrects this one and took its place:" in publisher.get(released).text
    assert "This release corrects another one and takes its place:" in publisher.get(draft).text
    # Nothing is left to correct.
    assert f"{released}/correct" not in publisher.get(released).text


def test_a_discarded_correction_leaves_what_was_announced(
    released: str, session: Session, signed_in: SignIn
):
    publisher = signed_in(Role.PUBLISHER)
    draft = take_step(publisher, f"{released}/correct").location
    asked = publisher.get(f"{draft}/discard").text
    assert "What this draft was to correct stays announced as it is" in asked
    assert take_step(publisher, f"{draft}/discard").status_code == 303
    assert f"{released}/correct" in publisher.get(released).text
    assert session.scalars(select(CaseRow.outcome)).all() == [None]


def test_the_pages_of_both_notices_name_the_other_release(
    released: str, session: Session, signed_in: SignIn, client: WebClient
):
    publisher, legal = signed_in(Role.PUBLISHER), signed_in(Role.LEGAL)
    draft = take_step(publisher, f"{released}/correct").location
    take_step(legal, f"{draft}/approve")
    take_step(publisher, f"{draft}/release")
    mails = select(MessageRow).where(MessageRow.purpose == "notice").order_by(MessageRow.id)
    for token, mail in zip(("a" * 43, "b" * 43), session.scalars(mails), strict=True):
        mail.link_digest = digest_of(token)
    session.commit()
    old, new = client.get(f"/n/{'a' * 43}").text, client.get(f"/n/{'b' * 43}").text
    assert "Release 2026-002 corrects this notice and takes its place" in old
    assert "it does not take place" not in old
    assert "This notice corrects release 2026-001 of 2 March 2026 and takes its place" in new
    assert "A new full period runs from this notice." in new and "Object" in new
