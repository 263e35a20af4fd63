"""Agreements on the desk: added, changed, ended, with their services."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.buy_service import AgreementHasEnded, buy_service
from subnotify.operations.close_windows import close_windows
from subnotify.operations.end_agreement import EndHasTakenEffect, end_agreement
from subnotify.operations.end_service import ServiceTerminated, end_service
from subnotify.operations.keep_agreement import (
    AgreementFacts,
    SignedContent,
    add_agreement,
    change_agreement,
)
from subnotify.operations.notify_late import notify_late
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.words import CaseState, Outcome, SettlementKind
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    AgreementServiceRow,
    CaseRow,
    NoticeRow,
    ServiceRow,
)
from tests.operations.desk import LEGAL, add_response, messages_of, standing_of
from tests.operations.desk_registry import acting, example, facts_on_record, service_id
from tests.support.imports import PARIS, everything
from tests.support.release_world import ReleaseWorld
from tests.support.scenario import REGISTERED, Scenario

NEW = AgreementFacts("AIG-2026-001", "fr", date(2026, 2, 1))


def fields_refused(refusal: pytest.ExceptionInfo[ProblemsFound]) -> list[str]:
    return [problem.where for problem in refusal.value.problems]


def ending(session: Session, agreement_id: int, last_day: date | None, at: datetime) -> bool:
    said = {**acting(at), "note": "they said so"}
    return end_agreement(session, agreement_id, last_day, **said).is_changed


def test_an_agreement_names_its_contacts_as_it_was_signed(session: Session, at: datetime):
    ids = example(session, at)
    content = SignedContent(
        services=("veille",),
        from_on=date(2026, 2, 15),
        notice_contacts=("dpo",),
        clause="Annexe 1",
        copy_contacts=("dpo", "informatique"),
    )
    kept = add_agreement(session, ids.client, NEW, content, **acting(at))
    row = session.get_one(AgreementRow, kept.id)
    assert (row.key, row.reference, row.language) == ("aig-2026-001", "AIG-2026-001", "fr")
    (bought,) = session.scalars(
        select(AgreementServiceRow).where(AgreementServiceRow.agreement_id == kept.id)
    )
    assert bought.from_on == date(2026, 2, 15)
    named = session.scalars(
        select(AgreementContactRow)
        .where(AgreementContactRow.agreement_id == kept.id)
        .order_by(AgreementContactRow.id)
    ).all()
    assert [(x.contact_id, x.kind, x.clause, x.designated_on) for x in named] == [
        (ids.dpo, "notice", "Annexe 1", date(2026, 2, 1)),
        (ids.it, "copy", "", None),
    ]
    assert facts_on_record(session, "agreement_recorded")[-1]["by"] == "Lea"
    session.rollback()
    before = everything(session)
    again = add_agreement(session, ids.client, NEW, content, **acting(at))
    assert (again.id, again.is_changed) == (kept.id, False)
    assert everything(session) == before


def test_an_agreement_that_cannot_be_added(session: Session, at: datetime):
    ids = example(session, at)
    none = SignedContent()
    taken = AgreementFacts("AIG-2024-017", "en")
    with pytest.raises(ProblemsFound) as refusal:
        add_agreement(session, ids.client, taken, none, **acting(at))
    assert fields_refused(refusal) == ["reference"]
    with pytest.raises(ProblemsFound) as refusal:
        key = "mairie-vouziers-2024"
        add_agreement(session, ids.client, NEW, none, key=key, **acting(at))
    assert fields_refused(refusal) == ["key"]
    with pytest.raises(ProblemsFound) as refusal:
        facts = AgreementFacts("", "de")
        add_agreement(session, ids.client, facts, none, **acting(at))
    assert sorted(fields_refused(refusal)) == ["language", "reference"]
    with pytest.raises(NotFound):
        add_agreement(session, 99, NEW, none, **acting(at))


def test_an_agreement_changes_and_keeps_the_rest(session: Session, at: datetime):
    ids = example(session, at)
    facts = AgreementFacts("AIG-2024-017 bis", "en", date(2024, 3, 12))
    assert change_agreement(session, ids.agreement, facts, **acting(at)).is_changed
    row = session.get_one(AgreementRow, ids.agreement)
    assert (row.reference, row.language, row.signed_on) == (
        "AIG-2024-017 bis",
        "en",
        date(2024, 3, 12),
    )
    assert len(session.scalars(select(AgreementServiceRow)).all()) == 2
    assert len(session.scalars(select(AgreementContactRow)).all()) == 2
    (fact,) = facts_on_record(session, "agreement_changed")
    assert fact["before"]["reference"] == "AIG-2024-017"
    session.rollback()
    assert not change_agreement(session, ids.agreement, facts, **acting(at)).is_changed


def test_cases_end_with_the_agreement_once_its_last_day_is_over(
    session: Session, scenario: Scenario, at: datetime
):
    made = scenario.announce()
    (case_id,) = made.case_ids
    last_day = at.date() + timedelta(days=3)
    assert ending(session, made.agreement_id, last_day, at)
    assert standing_of(session, case_id)[0] is CaseState.OPEN
    close_windows(session, at=at + timedelta(days=3))
    assert standing_of(session, case_id)[0] is CaseState.OPEN, "the last day is not over"
    close_windows(session, at=at + timedelta(days=4))
    closed = (CaseState.CLOSED, [], Outcome.AGREEMENT_ENDED)
    assert standing_of(session, case_id) == closed
    assert len(messages_of(session, case_id, "closing")) >= 1
    with pytest.raises(EndHasTakenEffect):
        ending(session, made.agreement_id, None, at + timedelta(days=5))


def test_an_end_that_lies_back_ends_the_cases_at_once(
    session: Session, scenario: Scenario, at: datetime
):
    made, other = scenario.announce(), scenario.announce()
    yesterday = at.date() - timedelta(days=1)
    assert ending(session, made.agreement_id, yesterday, at)
    assert standing_of(session, made.case_ids[0])[2] is Outcome.AGREEMENT_ENDED
    assert standing_of(session, other.case_ids[0])[2] is None
    (fact,) = facts_on_record(session, "agreement_end_recorded")
    assert (fact["before"], fact["last_day"], fact["reason"]) == (
        None,
        yesterday.isoformat(),
        "they said so",
    )
    session.rollback()
    before = everything(session)
    assert not ending(session, made.agreement_id, yesterday, at)
    assert everything(session) == before


def test_an_end_that_has_not_come_is_taken_back(session: Session, at: datetime):
    ids = example(session, at)
    assert ending(session, ids.agreement, at.date(), at)
    assert ending(session, ids.agreement, None, at)
    assert session.get_one(AgreementRow, ids.agreement).ended_on is None
    session.rollback()
    with pytest.raises(ProblemsFound) as refusal:
        ending(session, ids.agreement, date(2020, 1, 1), at)
    assert fields_refused(refusal) == ["last_day"]
    with pytest.raises(ReasonMissing):
        end_agreement(session, ids.agreement, at.date(), note=" ", **acting(at))


def test_a_termination_outlives_the_agreement(session: Session, scenario: Scenario, at: datetime):
    made = scenario.announce(preset=REGISTERED)
    (case_id,) = made.case_ids
    add_response(
        session,
        made.notice_id,
        case_id,
        "objection",
        at,
        channel="registered_post",
        dispatched_on=at.date(),
        services=["monitoring"],
    )
    session.commit()
    decision = Settlement(SettlementKind.TERMINATED, "valid", ("monitoring",))
    settle_objection(session, case_id, decision, at=at, **LEGAL)
    ending(session, made.agreement_id, at.date() - timedelta(days=1), at)
    assert standing_of(session, case_id)[2] is not Outcome.AGREEMENT_ENDED


def test_a_service_bought_while_a_change_is_announced_is_notified_late(
    session: Session, at: datetime
):
    world = ReleaseWorld(session, at=at)
    agreement = world.add_agreement(services=("helpdesk",))
    release = world.draft([world.add_change("orage", services=("mail",))])
    world.approve(release)
    world.release(release)
    mail, day = service_id(session, "mail"), at.date()
    session.rollback()
    assert buy_service(session, agreement, mail, day, **acting(at)).is_changed
    assert not buy_service(session, agreement, mail, day, **acting(at)).is_changed
    later = at + timedelta(minutes=5)
    assert notify_late(session, zone=PARIS, legal_email="legal@vendor.example", at=later) == 1
    assert session.scalars(select(NoticeRow.agreement_id)).all() == [agreement]
    assert len(session.scalars(select(CaseRow)).all()) == 1


def test_a_service_has_one_time_of_use_at_once(session: Session, at: datetime):
    ids = example(session, at)
    veille = service_id(session, "veille")
    session.rollback()
    end, today = at.date() + timedelta(days=10), at.date()
    with pytest.raises(ProblemsFound) as refusal:
        buy_service(session, ids.agreement, veille, today, **acting(at))
    assert fields_refused(refusal) == ["service_id"]
    assert end_service(session, ids.agreement, veille, end, **acting(at)).is_changed
    assert not end_service(session, ids.agreement, veille, end, **acting(at)).is_changed
    with pytest.raises(ProblemsFound) as refusal:
        buy_service(session, ids.agreement, veille, today, **acting(at))
    assert fields_refused(refusal) == ["from_on"]
    assert buy_service(session, ids.agreement, veille, end, **acting(at)).is_changed
    row = session.scalars(
        select(AgreementServiceRow).where(AgreementServiceRow.service_id == veille)
    ).one()
    assert (row.from_on, row.until_on) == (end, None)
    with pytest.raises(ProblemsFound) as refusal:
        end_service(session, ids.agreement, veille, today, **acting(at))
    assert fields_refused(refusal) == ["until_on"]
    for foreign in ((ids.agreement, 99), (99, veille)):
        with pytest.raises(NotFound):
            end_service(session, *foreign, end, **acting(at))
        with pytest.raises(NotFound):
            buy_service(session, *foreign, end, **acting(at))


def test_nothing_is_bought_after_the_agreements_end(session: Session, at: datetime):
    ids = example(session, at)
    session.add(ServiceRow(key="new", name="New"))
    session.commit()
    ending(session, ids.agreement, at.date() - timedelta(days=1), at)
    new = service_id(session, "new")
    session.rollback()
    with pytest.raises(AgreementHasEnded):
        buy_service(session, ids.agreement, new, None, **acting(at))


def test_a_terminated_service_keeps_its_end(session: Session, scenario: Scenario, at: datetime):
    made = scenario.announce(preset=REGISTERED)
    add_response(
        session,
        made.notice_id,
        made.case_ids[0],
        "objection",
        at,
        channel="registered_post",
        dispatched_on=at.date(),
        services=["monitoring"],
    )
    session.commit()
    decision = Settlement(SettlementKind.TERMINATED, "valid", ("monitoring",))
    settle_objection(session, made.case_ids[0], decision, at=at, **LEGAL)
    monitoring = service_id(session, "monitoring")
    row = session.scalars(
        select(AgreementServiceRow).where(
            AgreementServiceRow.agreement_id == made.agreement_id,
            AgreementServiceRow.service_id == monitoring,
        )
    ).one()
    row.until_on = day = at.date() + timedelta(days=40)
    session.commit()
    for later in (None, day + timedelta(days=1)):
        with pytest.raises(ServiceTerminated):
            end_service(session, made.agreement_id, monitoring, later, **acting(at))
    sooner = day - timedelta(days=1)
    assert end_service(session, made.agreement_id, monitoring, sooner, **acting(at)).is_changed
