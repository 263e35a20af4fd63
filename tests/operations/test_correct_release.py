"""A correction is a new release that names the one whose place it takes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.correct_release import (
    CorrectedAlready,
    DraftInTheWay,
    NothingAnnounced,
    draft_correction,
)
from subnotify.operations.draft_release import discard_release
from subnotify.operations.preview_mail import preview_mail
from subnotify.operations.save_draft_facts import save_draft_facts
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.words import (
    CaseState,
    ChangeState,
    Outcome,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    SettlementKind,
)
from subnotify.storage.registry import list_draft_changes
from subnotify.storage.releases import get_release
from subnotify.storage.tables import (
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    MessageRow,
    NoticeRow,
    ResponseRow,
    SettlementRow,
    SubprocessorRow,
)
from tests.support.letter_batches import facts
from tests.support.release_world import LEGAL, PARIS, PUBLISHER, ReleaseWorld
from tests.support.scenario_facts import ORAGE

LATER = timedelta(days=3)


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


@pytest.fixture
def released(world: ReleaseWorld) -> int:
    """A release with a replacement, of which three agreements have their notices."""
    for _ in range(3):
        world.add_agreement()
    release = world.draft([world.add_change(replaces="old")])
    world.approve(release)
    world.release(release)
    world.session.execute(
        update(MessageRow).values(
            state="handed_over", handed_over_at=world.at, next_attempt_at=None
        )
    )
    world.session.execute(update(NoticeRow).values(dispatched_at=world.at))
    world.session.commit()
    world.at += LATER
    return release


def correct(world: ReleaseWorld, release_id: int) -> int:
    return draft_correction(world.session, release_id, by=PUBLISHER, at=world.at)


def terminate(world: ReleaseWorld, case: CaseRow) -> None:
    objection = ResponseRow(
        reference="R-1",
        notice_id=case.notice_id,
        case_id=case.id,
        kind=ResponseKind.OBJECTION.value,
        channel=ResponseChannel.REGISTERED_POST.value,
        state=ResponseState.EFFECTIVE.value,
        received_at=world.at,
        digest="0" * 64,
    )
    world.session.add(objection)
    world.session.flush()
    world.session.add(
        SettlementRow(
            case_id=case.id,
            response_id=objection.id,
            kind=SettlementKind.TERMINATED.value,
            takes_effect_on=world.at.date() + timedelta(days=40),
            decided_at=world.at,
            decided_by="marc",
        )
    )
    world.session.commit()


def test_the_draft_says_what_was_announced_and_may_be_edited(
    world: ReleaseWorld, released: int, session: Session
):
    draft = correct(world, released)
    (change,) = list_draft_changes(session, draft)
    announced = session.scalars(select(ChangeRow).where(ChangeRow.release_id == released)).one()
    assert get_release(session, draft).corrects_id == released
    assert get_release(session, draft).texts == get_release(session, released).texts
    assert (change.kind, change.replaced_key) == (announced.kind, "old")
    assert change.facts.name == ORAGE.name
    session.rollback()
    # What is edited stays what it was: a replacement, not an amendment of what is announced.
    said = replace(change.facts, name="Orage SARL")
    save_draft_facts(session, change.subprocessor_id, said, by="ines", at=world.at)
    (edited,) = list_draft_changes(session, draft)
    assert (edited.kind, edited.replaced_key, edited.facts.name) == (
        announced.kind,
        "old",
        "Orage SARL",
    )


def test_it_takes_the_place_of_the_other_with_one_mail_and_a_termination_stands(
    world: ReleaseWorld, released: int, session: Session
):
    terminated, *open_cases = session.scalars(select(CaseRow).order_by(CaseRow.id))
    terminate(world, terminated)
    # One client does not buy the service any more: no notice tells it.
    gone = open_cases[1].agreement_id
    session.execute(
        update(AgreementServiceRow)
        .where(AgreementServiceRow.agreement_id == gone)
        .values(until_on=world.at.date())
    )
    session.commit()
    before = session.execute(select(CaseRow.id, CaseRow.closes_at)).all()
    draft = correct(world, released)
    world.approve(draft)
    world.release(draft)
    session.expire_all()
    old, new = session.scalars(select(ChangeRow).order_by(ChangeRow.id))
    assert (old.state, new.state) == (ChangeState.WITHDRAWN, ChangeState.RELEASED)
    assert [x.outcome for x in (terminated, *open_cases)] == [
        None,
        Outcome.CHANGE_WITHDRAWN,
        Outcome.CHANGE_WITHDRAWN,
    ]
    assert terminated.state == CaseState.OBJECTED
    # Windows only grow: what ran was not touched.
    assert (
        session.execute(
            select(CaseRow.id, CaseRow.closes_at).where(CaseRow.change_id == old.id)
        ).all()
        == before
    )
    mails = session.execute(
        select(MessageRow.purpose, NoticeRow.release_id, NoticeRow.agreement_id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .where(MessageRow.state == "queued")
        .order_by(MessageRow.id)
    ).all()
    told = [("notice", draft, x.agreement_id) for x in (terminated, open_cases[0])]
    assert mails == [*told, ("withdrawn", released, gone)]
    number = get_release(session, draft).number
    assert facts(session, "change_withdrawn") == [{"corrected_by": number}]


def test_the_notice_names_the_release_in_its_first_lines(
    world: ReleaseWorld, released: int, session: Session
):
    draft = correct(world, released)
    agreement = session.scalars(select(AgreementRow.id).order_by(AgreementRow.id)).first()
    mail = preview_mail(
        session, draft, agreement or 0, public_url="https://x.example", zone=PARIS, at=world.at
    ).mail
    number = get_release(session, released).number
    told = " ".join(mail.text.split())
    sentence = f"This notice corrects release {number} of 2 March 2026 and takes its place"
    assert sentence in told and sentence in " ".join(mail.html.split())
    assert told.index(sentence) < told.index("Until when you can object")
    assert "A new full period runs from this notice." in told


def test_what_cannot_be_corrected_is_refused(world: ReleaseWorld, released: int, session: Session):
    draft = correct(world, released)
    with pytest.raises(CorrectedAlready):
        correct(world, released)
    with pytest.raises(NothingAnnounced):
        correct(world, draft)
    discard_release(
        session, draft, revision=get_release(session, draft).revision, by=PUBLISHER, at=world.at
    )
    # Nothing is left of the draft, and another one may be written.
    assert list_draft_changes(session) == ()
    assert session.scalars(select(SubprocessorRow.draft_facts)).all() == [None, None]
    session.rollback()
    subprocessor = session.scalars(
        select(ChangeRow.subprocessor_id).where(ChangeRow.release_id == released)
    ).one()
    save_draft_facts(session, subprocessor, replace(ORAGE, name="Other"), by="ines", at=world.at)
    with pytest.raises(DraftInTheWay):
        correct(world, released)
    change = session.scalars(select(ChangeRow.id).where(ChangeRow.release_id == released)).one()
    withdraw_change(session, released, change, reason="Not needed", by=LEGAL, at=world.at)
    with pytest.raises(NothingAnnounced):
        correct(world, released)
