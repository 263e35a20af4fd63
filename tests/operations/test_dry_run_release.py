"""A dry run writes what a release would send, and sends and keeps nothing."""

from datetime import datetime

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.delivery.headers import Mailbox
from subnotify.operations import dry_run_release as dry_runs
from subnotify.operations.dry_run_release import DryRun, dry_run_release
from subnotify.rules.errors import NotFound
from subnotify.rules.words import ContactKind
from subnotify.storage.database import begin_read_only
from subnotify.storage.tables import ContactRow, MessageRow
from tests.support.release_world import PARIS, REGISTERED, Person, ReleaseWorld
from tests.support.statements import statements_sent

URL = "https://sub.example"
SENDER = Mailbox("notices@vendor.example")


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def dry_run(world: ReleaseWorld, release_id: int, **given: int) -> DryRun:
    # On a session that cannot write: whatever it did would fail.
    begin_read_only(world.session)
    run = dry_run_release(
        world.session, release_id, public_url=URL, sender=SENDER, zone=PARIS, at=world.at, **given
    )
    world.session.rollback()
    return run


def count(session: Session, table: type) -> int:
    number = session.scalar(select(func.count()).select_from(table))
    session.rollback()
    return int(number or 0)


def test_it_writes_exactly_the_mails_that_a_release_queues(world: ReleaseWorld) -> None:
    copy = Person(ContactKind.COPY, "copy@client.example")
    world.add_agreement(people=(Person(), copy))
    world.add_agreement(language="fr")
    world.add_agreement(terms=REGISTERED)
    unreachable = world.add_agreement(people=(Person(address=""),))
    world.add_agreement(services=("helpdesk",))
    release = world.draft([world.add_change()])
    run = dry_run(world, release)
    assert not run.not_written
    assert (count(world.session, MessageRow), run.agreements) == (0, 3)
    world.approve(release, confirmed=[unreachable])
    world.release(release)
    queued = world.session.execute(
        select(MessageRow.language, func.count())
        .where(MessageRow.channel == "email", MessageRow.state == "queued")
        .group_by(MessageRow.language)
    )
    assert dict(queued.all()) == dict(run.mails)
    world.session.rollback()


def test_what_cannot_be_written_is_named_and_stops_nothing(world: ReleaseWorld) -> None:
    broken, whole = world.add_agreement(), world.add_agreement()
    release = world.draft([world.add_change()])
    address = "dpo@client.example\r\nBcc: all@evil.example"
    world.session.execute(
        update(ContactRow)
        .where(ContactRow.id == select(func.min(ContactRow.id)).scalar_subquery())
        .values(email=address)
    )
    world.session.commit()
    run = dry_run(world, release)
    assert (run.not_written_count, run.mail_count) == (1, 1)
    (named,) = run.not_written
    assert named.mail.agreement_id in (broken, whole)
    assert "UnsafeHeader" in named.said and run.has_problems


def test_agreements_that_cannot_be_served_are_listed(world: ReleaseWorld) -> None:
    world.add_agreement(terms=None)
    world.add_agreement()
    run = dry_run(world, world.draft([world.add_change()]))
    assert len(run.unservable) == 1 and run.has_problems
    # A mail informs even where the terms are unknown.
    assert run.mail_count == 2


def test_more_agreements_cost_no_more_statements_in_a_chunk(world: ReleaseWorld) -> None:
    world.add_agreement()
    release = world.draft([world.add_change()])

    def statements() -> int:
        with statements_sent(world.session.get_bind()) as sent:
            dry_run(world, release)
        return len(sent)

    few = statements()
    for _ in range(30):
        world.add_agreement()
    assert statements() == few


def test_it_goes_on_chunk_by_chunk_and_stops_where_told(
    world: ReleaseWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_runs, "CHUNK", 2)
    for _ in range(5):
        world.add_agreement()
    release = world.draft([world.add_change()])
    whole = dry_run(world, release)
    assert (whole.agreements, whole.mail_count, whole.was_cut) == (5, 5, False)
    part = dry_run(world, release, at_most=3)
    assert (part.agreements, part.was_cut) == (3, True)
    assert not dry_run(world, release, at_most=5).was_cut


def test_no_release_no_run(world: ReleaseWorld) -> None:
    with pytest.raises(NotFound):
        dry_run(world, 999)
