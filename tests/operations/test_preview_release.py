"""The preview says what releasing would do, without doing it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.preview_mail import LINK_LEFT_OPEN, preview_mail
from subnotify.operations.preview_release import PAGE_SIZE, ReleasePreview, preview_release
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.rules.errors import NotFound
from subnotify.rules.releases import Unservable
from subnotify.rules.words import ContactKind, VendorRole
from subnotify.storage.claims import claim_due
from subnotify.storage.tables import NoticeRow
from tests.support.release_world import FIFTEEN, PARIS, REGISTERED, Person, ReleaseWorld
from tests.support.scenario_facts import ORAGE

URL = "https://sub.example"


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def preview(world: ReleaseWorld, release_id: int, **given: int) -> ReleasePreview:
    return preview_release(world.session, release_id, zone=PARIS, at=world.at, **given)


def test_it_groups_by_terms_and_computes_each_window(world: ReleaseWorld):
    for terms in (FIFTEEN, FIFTEEN, REGISTERED, None):
        world.add_agreement(terms=terms)
    world.add_agreement(services=("helpdesk",))
    world.add_agreement(ended_on=world.at.date() - timedelta(days=1))
    shown = preview(world, world.draft([world.add_change()]))
    counted = {group.terms.preset if group.terms else "": group for group in shown.groups}
    assert {key: group.agreements for key, group in counted.items()} == {
        FIFTEEN: 2,
        REGISTERED: 1,
        "": 1,
    }
    # Received on 2 March: 15 days end on Tuesday 17 March, 30 days on Wednesday 1 April.
    assert counted[FIFTEEN].window.last_day == date(2026, 3, 17)
    assert counted[REGISTERED].window.last_day == date(2026, 4, 1)
    assert counted[""].window is None
    # Ten working days of grace after 1 April, with Easter Monday (6 April): until 16 April.
    assert shown.earliest_commencement_on == date(2026, 4, 17)
    assert not shown.is_commencement_early
    assert (shown.total, shown.next_number) == (4, "2026-001")
    assert (shown.excluded_without_service, shown.excluded_ended) == (1, 1)
    assert [x.has_ended for x in shown.excluded] == [False, True]
    assert [x.problems for x in shown.unservable] == [(Unservable.TERMS_UNKNOWN,)]
    assert shown.problems == ()


def test_an_early_commencement_is_warned_of_and_allowed(world: ReleaseWorld):
    world.add_agreement()
    release = world.draft([world.add_change()], commencement_on=world.at.date())
    shown = preview(world, release)
    assert shown.is_commencement_early
    assert shown.problems == ()


def test_each_agreement_has_its_contacts_services_and_deadline(world: ReleaseWorld):
    copy = Person(ContactKind.COPY, "copy@client.example")
    gone = Person(address="gone@client.example", ended_on=world.at.date())
    world.add_agreement(services=("mail", "helpdesk"), people=(copy, Person(), gone))
    shown = preview(world, world.draft([world.add_change(services=("mail", "monitoring"))]))
    (line,) = shown.page
    assert line.agreement.services == ("Mail",)
    assert [(x.kind, x.email) for x in line.agreement.contacts] == [
        (ContactKind.NOTICE, "dpo@client.example"),
        (ContactKind.COPY, "copy@client.example"),
    ]
    assert line.window.last_day == date(2026, 3, 17)


def test_the_vendors_own_processing_concerns_nobody(world: ReleaseWorld):
    world.add_agreement()
    crm = world.add_change("crm", facts=replace(ORAGE, role=VendorRole.CONTROLLER))
    shown = preview(world, world.draft([crm]))
    assert shown.total == 0
    assert [change.key for change in shown.controller_changes] == ["crm"]
    assert shown.excluded_without_service == 1
    assert shown.earliest_commencement_on is None


def test_pages_hold_fifty_and_counts_hold_all(world: ReleaseWorld):
    for _ in range(PAGE_SIZE + 3):
        world.add_agreement()
    release = world.draft([world.add_change()])
    first, second = preview(world, release), preview(world, release, page=2)
    assert (first.total, first.pages) == (PAGE_SIZE + 3, 2)
    assert len(first.page) == PAGE_SIZE
    assert len(second.page) == 3
    assert preview(world, release, page=9).page == ()


def test_the_mail_as_each_client_sees_it(world: ReleaseWorld):
    french = world.add_agreement(language="fr", terms=REGISTERED)
    english = world.add_agreement()
    outside = world.add_agreement(services=("helpdesk",))
    release = world.draft([world.add_change(), world.add_change("desk", services=("helpdesk",))])
    shown = {
        agreement: preview_mail(
            world.session,
            release,
            agreement,
            public_url="https://sub.example",
            zone=PARIS,
            at=world.at,
        )
        for agreement in (french, english, outside)
    }
    assert "Plus de place." in shown[french].mail.text
    assert "More room." in shown[english].mail.text
    assert f"2026-001-{english:05d}" in shown[english].mail.text
    assert "Helpdesk" not in shown[english].mail.text
    assert "Client 002" in shown[english].mail.subject
    assert "https://sub.example/n/…" in shown[english].mail.html


def test_no_mail_for_an_agreement_that_is_not_concerned(world: ReleaseWorld):
    other = world.add_agreement(services=("helpdesk",))
    release = world.draft([world.add_change()])
    for agreement in (other, 999):
        with pytest.raises(NotFound):
            preview_mail(world.session, release, agreement, public_url="x", zone=PARIS, at=world.at)


def test_the_mail_sent_is_the_mail_shown(world: ReleaseWorld, at: datetime):
    """Word for word, but for the personal link: whatever the terms, languages and services."""
    session = world.session
    agreements = [
        world.add_agreement(terms=terms, language=language, services=services)
        for terms in (FIFTEEN, REGISTERED, None)
        for language, services in (("en", ("mail",)), ("fr", ("mail", "helpdesk", "monitoring")))
    ]
    changes = [
        world.add_change("orage", services=("mail", "helpdesk")),
        world.add_change("desk", services=("helpdesk",), replaces="old-desk"),
    ]
    release = world.draft(changes)
    shown = {
        agreement: preview_mail(session, release, agreement, public_url=URL, zone=PARIS, at=at).mail
        for agreement in agreements
    }
    world.approve(release, confirmed=[x.id for x in preview(world, release).unservable])
    world.release(release)
    claimed = claim_due(session, by="test", until=at + timedelta(hours=1), limit=50, at=at).messages
    write = mail_texts(MailContext(URL, "Europe/Paris"), lambda: at)(session, claimed)
    owners = dict(session.execute(select(NoticeRow.id, NoticeRow.agreement_id)).all())
    sent = {owners[message.notice_id]: write(message, LINK_LEFT_OPEN) for message in claimed}
    assert sent == shown
