"""An agreement that does not allow a country keeps the change away from its client alone."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.clear_hold import clear_hold
from subnotify.operations.commence_changes import commence_changes
from subnotify.operations.notify_late import notify_late
from subnotify.operations.preview_mail import LINK_LEFT_OPEN, preview_mail
from subnotify.operations.preview_release import preview_release
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import MoveNotAllowed
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    Outcome,
    SettlementKind,
)
from subnotify.storage.claims import claim_due
from subnotify.storage.tables import (
    CaseRow,
    ListEntryRow,
    NoticeRow,
)
from tests.operations.blocked_world import (
    BLOCKED,
    DAY,
    SWISS,
    URL,
    case_under,
    close_all,
    except_from,
    released,
    serve_all,
)
from tests.operations.desk import LEGAL, add_response, case_of, standing_of
from tests.support.release_world import FIFTEEN, PARIS, ReleaseWorld


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


@pytest.mark.parametrize("later", [False, True], ids=["released", "notified late"])
def test_only_the_restricted_client_is_blocked(session, world, at, later):
    free = world.add_agreement()
    swiss = world.add_agreement(terms=SWISS) if not later else None
    french = world.add_agreement(terms=replace(SWISS, allowed_countries=frozenset({"FR"})))
    released(world)
    if swiss is None:
        swiss = world.add_agreement(terms=SWISS)
        assert notify_late(session, zone=PARIS, legal_email="legal@x.example", at=at + DAY) == 1
    assert standing_of(session, case_under(session, swiss)) == BLOCKED
    assert case_of(session, case_under(session, swiss)).blocked_countries == "FR"
    for agreement in (free, french):
        assert standing_of(session, case_under(session, agreement))[0] is CaseState.WAITING
        assert case_of(session, case_under(session, agreement)).blocked_countries == ""


def test_the_others_commence_and_silence_never_accepts_the_blocked_one(session, world, at):
    free, swiss = world.add_agreement(), world.add_agreement(terms=SWISS)
    change = released(world)
    serve_all(session, at)
    free_case, swiss_case = case_under(session, free), case_under(session, swiss)
    assert standing_of(session, swiss_case) == BLOCKED
    assert case_of(session, swiss_case).closes_at == case_of(session, free_case).closes_at
    close_all(session, free_case)
    assert standing_of(session, free_case)[2] is Outcome.ACCEPTED_BY_SILENCE
    assert standing_of(session, swiss_case) == BLOCKED
    assert commence_changes(session, zone=PARIS, at=at + 61 * DAY) == [change]
    assert standing_of(session, swiss_case) == BLOCKED


def test_the_replaced_entry_is_kept_for_the_blocked_client(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    change = world.add_change("orage", services=("mail",), replaces="vieux-port")
    release = world.draft([change], commences_by_itself=True)
    world.approve(release)
    world.release(release)
    serve_all(session, at)
    assert standing_of(session, case_under(session, swiss)) == BLOCKED
    assert commence_changes(session, zone=PARIS, at=at + 61 * DAY) == [change]
    old = session.scalars(select(ListEntryRow).order_by(ListEntryRow.id)).first()
    assert old is not None
    assert (old.in_force_until_on, old.phased_out_from_on) == (None, (at + 61 * DAY).date())


def test_nobody_clears_the_hold_and_legal_may_settle_it_as_not_used(session, world, at):
    swiss = world.add_agreement(terms=SWISS)
    released(world)
    serve_all(session, at)
    case = case_under(session, swiss)
    with pytest.raises(MoveNotAllowed):
        clear_hold(
            session, case, HoldReason.COUNTRY_NOT_ALLOWED, note="they will agree", **LEGAL, at=at
        )
    decision = Settlement(SettlementKind.ACCOMMODATED, "not used for them")
    settle_objection(session, case, decision, **LEGAL, at=at)
    assert standing_of(session, case) == (CaseState.OBJECTED, [], None)
    close_all(session, case)
    assert standing_of(session, case)[2] is Outcome.ACCOMMODATED


def test_a_change_that_opens_no_window_is_blocked_too(session, world, at):
    """The terms cover no addition: the client is only informed, but the country stays closed."""
    quiet: NoticeTerms = replace(SWISS, changes_covered=frozenset())
    swiss = world.add_agreement(terms=quiet)
    released(world)
    serve_all(session, at)
    case = case_under(session, swiss)
    assert standing_of(session, case) == BLOCKED
    except_from(session, swiss, at)
    assert standing_of(session, case)[2] is Outcome.INFORMED


def test_the_preview_names_the_agreements_and_shows_their_mails(session, world, at):
    free, excepted = world.add_agreement(), world.add_agreement(terms=SWISS)
    swiss = world.add_agreement(terms=SWISS)
    except_from(session, excepted, at)
    change = world.add_change("orage", services=("mail",))
    release = world.draft([change])
    shown = preview_release(session, release, zone=PARIS, at=at)
    (blocked,) = shown.blocked
    assert [x.agreement.id for x in blocked.agreements] == [swiss]
    assert (blocked.change.id, blocked.countries) == (change, {"FR"})
    told = "Without your recorded exception this subprocessor is not used for you."
    mails = {
        agreement: preview_mail(session, release, agreement, public_url=URL, zone=PARIS, at=at).mail
        for agreement in (free, excepted, swiss)
    }
    session.rollback()
    assert [told in mails[x].text for x in (free, excepted, swiss)] == [False, False, True]
    world.approve(release)
    world.release(release)
    # What is sent is what was shown, whoever shares a mould with whom.
    claimed = claim_due(session, by="test", until=at + DAY, limit=9, at=at).messages
    write = mail_texts(MailContext(URL, "Europe/Paris"), lambda: at)(session, claimed)
    owners = dict(session.execute(select(NoticeRow.id, NoticeRow.agreement_id)).all())
    assert {owners[x.notice_id]: write(x, LINK_LEFT_OPEN) for x in claimed} == mails
    session.rollback()


def test_nothing_is_asked_where_no_terms_restrict_anything(session, world, at, monkeypatch):
    """A release of ten thousand without a restriction costs no statement more."""
    world.add_agreement()
    change = world.add_change("orage", services=("mail",))
    release = world.draft([change])
    world.approve(release)

    def refuse(*_given: object) -> None:
        raise AssertionError("asked")

    for name in ("block_cases", "load_judged_cases", "list_cases_to_judge"):
        monkeypatch.setattr(f"subnotify.operations.judge_countries.{name}", refuse)
    world.release(release)
    assert session.scalars(select(CaseRow.blocked_countries)).all() == [""]


@pytest.mark.parametrize("blocked", [True, False])
def test_an_objection_goes_on_as_normal(session, world, at, blocked):
    agreement = world.add_agreement(terms=SWISS if blocked else FIFTEEN)
    released(world)
    serve_all(session, at)
    case = case_under(session, agreement)
    with transaction(session):
        notice = session.scalars(select(NoticeRow.id)).one()
        add_response(session, notice, case, "objection", at + DAY)
        apply_standings(session, [case], actor="client:notice:1", at=at + DAY)
    holds = [HoldReason.COUNTRY_NOT_ALLOWED] if blocked else []
    assert standing_of(session, case) == (CaseState.OBJECTED, holds, None)
    settle_objection(
        session, case, Settlement(SettlementKind.ACCOMMODATED, "kept"), **LEGAL, at=at + 2 * DAY
    )
    close_all(session, case)
    assert standing_of(session, case)[2] is Outcome.ACCOMMODATED
