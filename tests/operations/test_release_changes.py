"""Releasing: everything in one transaction, once, and exactly for the agreements concerned."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.operations.append_evidence import verify_evidence
from subnotify.operations.draft_release import edit_release
from subnotify.operations.release_checks import (
    AlreadyReleased,
    ReleaseNotEditable,
)
from subnotify.rules.terms_words import ServedWhen
from subnotify.rules.words import ChangeState, ContactKind, HoldReason, ReleaseState, VendorRole
from subnotify.storage.releases import get_release
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    EvidenceContentRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
    SubprocessorRow,
)
from tests.support.release_world import (
    FIFTEEN,
    LEGAL,
    Person,
    ReleaseWorld,
)
from tests.support.scenario import terms_of
from tests.support.scenario_facts import ORAGE


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def ready(world: ReleaseWorld, *change_ids: int, confirmed: tuple[int, ...] = ()) -> int:
    release = world.draft(change_ids)
    world.approve(release, confirmed=confirmed)
    return release


def test_a_release_makes_notices_cases_messages_and_evidence(world: ReleaseWorld, session: Session):
    copy = Person(ContactKind.COPY, "copy@client.example")
    concerned = world.add_agreement(people=(Person(), copy), language="fr")
    world.add_agreement(services=("helpdesk",))
    change = world.add_change()
    made = world.release(ready(world, change))
    assert (made.number, made.notices, made.cases, made.messages) == ("2026-001", 1, 1, 2)
    notice = session.scalars(select(NoticeRow)).one()
    assert notice.reference == f"2026-001-{concerned:05d}"
    assert (notice.state, notice.language, notice.failure) == ("queued", "fr", None)
    case = session.scalars(select(CaseRow)).one()
    assert (case.state, case.holds, case.change_id) == ("waiting", [], change)
    keys = {
        row.contact_kind: (row.to_address, row.logical_key)
        for row in session.scalars(select(MessageRow).where(MessageRow.state == "queued"))
    }
    assert keys["notice"][0] == "dpo@client.example"
    assert keys["copy"][0] == "copy@client.example"
    assert keys["copy"][1].startswith(f"notice:{notice.id}:")
    evidence = session.scalars(select(EvidenceRow).where(EvidenceRow.type == "release_released"))
    found = evidence.one()
    content = session.get_one(EvidenceContentRow, found.id).content
    assert content["agreements"] == [concerned]
    assert content["references"] == [notice.reference]
    assert content["terms_versions"] == [notice.terms_id]
    assert verify_evidence(session, found.id)


def test_what_is_released_is_frozen(world: ReleaseWorld, session: Session, at: datetime):
    world.add_agreement()
    change = world.add_change()
    release = ready(world, change)
    world.release(release)
    row = session.get_one(ReleaseRow, release)
    assert row.state == ReleaseState.RELEASED
    assert row.content_digest == plain_digest(row.content)
    frozen = session.get_one(ChangeRow, change)
    assert frozen.state == ChangeState.RELEASED
    assert frozen.facts["name"] == ORAGE.name
    assert frozen.commencement_on == (at + timedelta(days=60)).date()
    assert session.get_one(SubprocessorRow, frozen.subprocessor_id).draft_facts is None
    with pytest.raises(ReleaseNotEditable):
        edit_release(session, release, revision=1, change_ids=[change], texts=world.texts(), at=at)


def test_a_double_click_releases_once(world: ReleaseWorld, session: Session):
    world.add_agreement()
    release = ready(world, world.add_change())
    world.release(release)
    with pytest.raises(AlreadyReleased):
        world.release(release)
    assert (count(session, NoticeRow), count(session, MessageRow)) == (1, 1)


def test_numbers_count_up_within_the_vendors_year(world: ReleaseWorld, session: Session):
    # 23:30 UTC on the last day of the year is the new year in Paris.
    world.at = datetime.fromisoformat("2026-12-31T23:30:00+00:00")
    numbers = []
    for key in ("one", "two"):
        release = ready(world, world.add_change(key))
        numbers.append(world.release(release).number)
    assert numbers == ["2027-001", "2027-002"]


def test_each_change_has_cases_only_for_those_it_concerns(world: ReleaseWorld, session: Session):
    only_mail = world.add_agreement(services=("mail",))
    both = world.add_agreement(services=("mail", "helpdesk"))
    mail = world.add_change("mailer", services=("mail",))
    desk = world.add_change("desk", services=("helpdesk",), replaces="old-desk")
    world.release(ready(world, mail, desk))
    pairs = {
        (row.change_id, row.agreement_id)
        for row in session.execute(select(CaseRow.change_id, CaseRow.agreement_id))
    }
    assert pairs == {(mail, only_mail), (mail, both), (desk, both)}
    assert count(session, NoticeRow) == 2


def test_ended_agreements_services_and_contacts_are_left_out(
    world: ReleaseWorld, session: Session, at: datetime
):
    today, yesterday = at.date(), at.date() - timedelta(days=1)
    world.add_agreement(ended_on=yesterday)
    last_day = world.add_agreement(ended_on=today)
    world.add_agreement(until_on=today)
    former = Person(address="former@client.example", ended_on=today)
    changed = world.add_agreement(people=(former, Person(address="new@client.example")))
    world.release(ready(world, world.add_change()))
    assert set(session.scalars(select(NoticeRow.agreement_id))) == {last_day, changed}
    assert "former@client.example" not in set(session.scalars(select(MessageRow.to_address)))


def test_nobody_concerned_is_no_obstacle(world: ReleaseWorld, session: Session):
    world.add_agreement(services=("helpdesk",))
    made = world.release(ready(world, world.add_change()))
    assert (made.notices, made.cases, made.messages) == (0, 0, 0)


def test_an_entry_in_the_controllers_role_has_no_cases(world: ReleaseWorld, session: Session):
    world.add_agreement()
    crm = world.add_change("crm", facts=replace(ORAGE, role=VendorRole.CONTROLLER))
    release = ready(world, crm)
    assert world.release(release).notices == 0
    assert session.get_one(ChangeRow, crm).state == ChangeState.RELEASED


def test_cases_that_cannot_be_served_or_computed_start_on_hold(
    world: ReleaseWorld, session: Session
):
    unproven = replace(terms_of(FIFTEEN), proof_of_receipt=frozenset())
    by_post = Person(address=None)
    kinds = {
        world.add_agreement(people=()): ["no_notice_contact"],
        world.add_agreement(people=(by_post,)): ["not_served"],
        world.add_agreement(people=(Person(), by_post)): ["not_served"],
        world.add_agreement(terms=None): ["terms_unknown"],
        world.add_agreement(terms=unproven): ["terms_not_computable"],
        world.add_agreement(terms=unproven, people=()): [
            "no_notice_contact",
            "terms_not_computable",
        ],
    }
    fine = world.add_agreement(people=(Person(), Person(ContactKind.COPY, None)))
    world.release(ready(world, world.add_change(), confirmed=tuple(kinds)))
    cases = {row.agreement_id: row for row in session.scalars(select(CaseRow))}
    assert cases.pop(fine).state == "waiting"
    assert {key: row.holds for key, row in cases.items()} == kinds
    assert {row.state for row in cases.values()} == {"hold"}
    notices = {row.agreement_id: row for row in session.scalars(select(NoticeRow))}
    first, second, third, fourth, *_ = kinds
    assert notices[first].failure_reason == HoldReason.NO_NOTICE_CONTACT
    assert notices[first].failure == "The agreement names no notice contact."
    assert notices[second].state == notices[third].state == "not_served"
    assert notices[fourth].state == "queued"


def test_a_designated_contact_without_an_address_keeps_the_notice_from_counting_as_served(
    world: ReleaseWorld, session: Session
):
    half = world.add_agreement(people=(Person(), Person(address=None)))
    world.release(ready(world, world.add_change(), confirmed=(half,)))
    found = session.execute(
        select(MessageRow.to_address, MessageRow.state, MessageRow.next_attempt_at).order_by(
            MessageRow.id
        )
    ).all()
    assert found == [("dpo@client.example", "queued", world.at), (None, "parked", None)]


def test_any_contact_suffices_where_the_terms_say_so(world: ReleaseWorld, session: Session):
    any_of_them = replace(terms_of(FIFTEEN), served_when=ServedWhen.ANY)
    world.add_agreement(terms=any_of_them, people=(Person(), Person(address=None)))
    world.release(ready(world, world.add_change()))
    assert session.scalars(select(NoticeRow.state)).one() == "queued"


def test_a_failure_in_the_middle_leaves_nothing(
    world: ReleaseWorld, session: Session, monkeypatch: pytest.MonkeyPatch
):
    world.add_agreement()
    release = ready(world, world.add_change())

    def breaks(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("subnotify.operations.release_changes.append_evidence", breaks)
    with pytest.raises(OSError, match="disk"):
        world.release(release)
    assert [count(session, table) for table in (NoticeRow, CaseRow, MessageRow)] == [0, 0, 0]
    assert get_release(session, release).number is None


def test_references_keep_all_digits(world: ReleaseWorld, session: Session):
    agreement = world.add_agreement()
    session.execute(AgreementRow.__table__.update().values(reference="unchanged"))
    assert len(f"{agreement:05d}") == 5
    world.release(ready(world, world.add_change()))
    assert session.scalars(select(NoticeRow.reference)).one() == f"2026-001-{agreement:05d}"
    assert LEGAL.name == get_release(session, 1).approved_by
