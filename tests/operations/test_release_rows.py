"""The set-based rows of a release equal what a plain loop over everything would make."""

import threading
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from subnotify.operations.preview_release import preview_release
from subnotify.operations.release_checks import AlreadyReleased
from subnotify.rules.case_facts import CaseFacts
from subnotify.rules.cases import decide
from subnotify.rules.terms import NoticeTerms, Period
from subnotify.rules.terms_words import ServedWhen, Unit
from subnotify.rules.words import ChangeKind, ContactKind, HoldReason, VendorRole
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import CaseRow, MessageRow, NoticeRow
from tests.support.databases import KINDS, Databases
from tests.support.many_agreements import add_many_agreements
from tests.support.release_world import (
    FIFTEEN,
    PARIS,
    REGISTERED,
    SERVICES,
    Person,
    ReleaseWorld,
)
from tests.support.scenario import terms_of
from tests.support.scenario_facts import ORAGE
from tests.support.statements import statements_sent

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
TODAY = date(2026, 3, 2)
FEW_DAYS = [TODAY + timedelta(days=n) for n in (-1, 0, 1)]
TERMS: tuple[NoticeTerms | None, ...] = (
    terms_of(FIFTEEN),
    terms_of(REGISTERED),
    replace(terms_of(FIFTEEN), objection_period=Period(2, Unit.WEEKS)),
    replace(terms_of(FIFTEEN), served_when=ServedWhen.ANY),
    replace(terms_of(FIFTEEN), changes_covered=frozenset({ChangeKind.REPLACEMENT})),
    None,
)


@dataclass(frozen=True)
class Agreement:
    services: frozenset[str]
    terms: NoticeTerms | None
    people: tuple[Person, ...]
    language: str
    ended_on: date | None
    until_on: date | None


@dataclass(frozen=True)
class Change:
    services: frozenset[str]
    is_replacement: bool
    role: VendorRole


people = st.builds(
    Person,
    kind=st.sampled_from(ContactKind),
    address=st.sampled_from((None, "", "a@client.example", "b@client.example")),
    ended_on=st.sampled_from((None, *FEW_DAYS)),
)
agreements = st.builds(
    Agreement,
    services=st.frozensets(st.sampled_from(SERVICES)),
    terms=st.sampled_from(TERMS),
    people=st.lists(people, max_size=3).map(tuple),
    language=st.sampled_from(("en", "fr")),
    ended_on=st.sampled_from((None, *FEW_DAYS)),
    until_on=st.sampled_from((None, *FEW_DAYS)),
)
changes = st.builds(
    Change,
    services=st.frozensets(st.sampled_from(SERVICES), min_size=1),
    is_replacement=st.booleans(),
    role=st.sampled_from(VendorRole),
)


def is_concerned(agreement: Agreement, change: Change) -> bool:
    ended = agreement.ended_on is not None and agreement.ended_on < TODAY
    gone = agreement.until_on is not None and agreement.until_on <= TODAY
    bought = agreement.services & change.services
    return change.role is VendorRole.PROCESSOR and bool(bought) and not ended and not gone


def current(agreement: Agreement, kind: ContactKind) -> list[Person]:
    return [
        x for x in agreement.people if x.kind is kind and (x.ended_on is None or x.ended_on > TODAY)
    ]


def failure_of(agreement: Agreement) -> HoldReason | None:
    designated = current(agreement, ContactKind.NOTICE)
    reached = [person for person in designated if person.address]
    if not designated:
        return HoldReason.NO_NOTICE_CONTACT
    any_suffices = agreement.terms is not None and agreement.terms.served_when is ServedWhen.ANY
    if not reached or (len(reached) < len(designated) and not any_suffices):
        return HoldReason.NOT_SERVED
    return None


def expected_messages(agreement: Agreement) -> list[tuple[str, str | None, str]]:
    designated = [
        ("notice", x.address or None, "queued" if x.address else "parked")
        for x in current(agreement, ContactKind.NOTICE)
    ]
    copies = [
        ("copy", x.address, "queued") for x in current(agreement, ContactKind.COPY) if x.address
    ]
    return sorted(designated + copies, key=str)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    clients=st.lists(agreements, max_size=6), announced=st.lists(changes, min_size=1, max_size=3)
)
def test_rows_equal_a_plain_loop(
    databases: Databases, kind: str, clients: list[Agreement], announced: list[Change]
):
    url = databases.migrated(kind)
    engine = create_engine_for(url)
    try:
        with session_factory(engine)() as session:
            check(ReleaseWorld(session, at=AT), clients, announced)
    finally:
        engine.dispose()
        databases.drop(url)


def check(world: ReleaseWorld, clients: list[Agreement], announced: list[Change]) -> None:
    ids = {
        world.add_agreement(
            services=sorted(x.services),
            terms=x.terms,
            people=x.people,
            language=x.language,
            ended_on=x.ended_on,
            until_on=x.until_on,
        ): x
        for x in clients
    }
    change_ids = {
        world.add_change(
            f"change-{number}",
            services=sorted(x.services),
            facts=replace(ORAGE, role=x.role),
            replaces=f"old-{number}" if x.is_replacement else None,
        ): x
        for number, x in enumerate(announced)
    }
    release = world.draft(list(change_ids))
    shown = preview_release(world.session, release, zone=PARIS, at=AT)
    world.approve(release, confirmed=[x.id for x in shown.unservable])
    made = world.release(release)

    session = world.session
    notified = {a for a, x in ids.items() if any(is_concerned(x, change) for change in announced)}
    notices = {row.agreement_id: row for row in session.scalars(select(NoticeRow))}
    assert set(notices) == notified
    assert made.notices == shown.total == len(notified)
    for agreement_id, notice in notices.items():
        failure = failure_of(ids[agreement_id])
        assert notice.failure_reason == (failure.value if failure else None)
        assert notice.state == ("not_served" if failure else "queued")
        assert notice.language == ids[agreement_id].language
        found = session.execute(
            select(MessageRow.contact_kind, MessageRow.to_address, MessageRow.state).where(
                MessageRow.notice_id == notice.id
            )
        )
        assert sorted((tuple(row) for row in found), key=str) == expected_messages(
            ids[agreement_id]
        )
    cases = {(row.change_id, row.agreement_id): row for row in session.scalars(select(CaseRow))}
    assert set(cases) == {
        (c, a)
        for c, change in change_ids.items()
        for a, x in ids.items()
        if is_concerned(x, change)
    }
    assert made.cases == len(cases)
    for (change_id, agreement_id), case in cases.items():
        kind = (
            ChangeKind.REPLACEMENT if change_ids[change_id].is_replacement else ChangeKind.ADDITION
        )
        agreement = ids[agreement_id]
        facts = CaseFacts(kind=kind, terms=agreement.terms, failure=failure_of(agreement))
        standing = decide(facts, at=AT)
        assert (case.state, tuple(case.holds)) == (standing.state, standing.holds)
        assert case.notice_id == notices[agreement_id].id
        assert (case.outcome, case.closes_at, case.is_quiet) == (None, None, True)


def test_ten_thousand_agreements_are_released_by_statements_of_many_rows(
    session: Session, engine: Engine
):
    world = ReleaseWorld(session, at=AT)
    terms = (
        terms_of(FIFTEEN),
        terms_of(REGISTERED),
        replace(terms_of(FIFTEEN), proof_of_receipt=frozenset()),
    )
    service_id = world.services["mail"].id
    add_many_agreements(session, 10_000, service_id=service_id, terms=terms, at=AT)
    release = world.draft([world.add_change()])
    with statements_sent(engine) as sent:
        shown = preview_release(session, release, zone=PARIS, at=AT, page=200)
        assert (shown.total, len(shown.page), len(shown.groups)) == (10_000, 50, 3)
        world.approve(release, confirmed=[x.id for x in shown.unservable])
        made = world.release(release)
    # Some for all of them, and none for each.
    assert len(sent) < 150
    assert (made.notices, made.cases, made.messages) == (10_000, 10_000, 20_000)
    held = session.scalar(select(func.count()).select_from(CaseRow).where(CaseRow.state == "hold"))
    assert held == len(shown.unservable) == 3_333


def test_two_releases_at_once_get_two_numbers_and_one_release_goes_out_once(
    session: Session, engine: Engine
):
    world = ReleaseWorld(session, at=AT)
    world.add_agreement()
    ready = []
    for key in ("one", "two"):
        release = world.draft([world.add_change(key)])
        world.approve(release)
        ready.append(release)
    session.rollback()
    results: list[str] = []
    barrier = threading.Barrier(4)

    def click(release: int) -> None:
        with session_factory(engine)() as own:
            rival = ReleaseWorld.__new__(ReleaseWorld)
            rival.session, rival.at = own, AT
            barrier.wait(timeout=30)
            try:
                results.append(rival.release(release).number)
            except AlreadyReleased:
                results.append("already")

    threads = [threading.Thread(target=click, args=(x,)) for x in (*ready, *ready)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) == ["2026-001", "2026-002", "already", "already"]
    assert session.scalar(select(func.count()).select_from(NoticeRow)) == 2
