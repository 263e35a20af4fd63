"""Whatever becomes of letters, in whatever order and however often it is told: what always holds.

The stories are those that the postal service tells of letters; the order in which anybody records
them, the files they come in and the days on which these are read are drawn.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.correct_letter_event import (
    confirm_event_correction,
    propose_contradiction_untrue,
    propose_event_correction,
)
from subnotify.operations.record_letter_events import GivenEvent
from subnotify.rules.letter_events import contradictions
from subnotify.rules.terms import DeemedReceipt, NoticeTerms
from subnotify.rules.terms_words import DeemedKind, RunsFrom, ServedWhen
from subnotify.rules.words import (
    CaseState,
    Channel,
    ConfirmationKind,
    HoldReason,
    LetterEventKind,
    NoticeState,
    Outcome,
    ProofKind,
)
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.letter_contradictions import event_of, list_open_contradictions
from subnotify.storage.letters import load_letter_events
from subnotify.storage.tables import (
    CaseRow,
    ConfirmationRow,
    EvidenceRow,
    LetterEventRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
)
from tests.support.databases import KINDS, Databases
from tests.support.letters import announce_by_post, tell_all, terms_by
from tests.support.scenario import Announced, Scenario

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = date(2026, 3, 2)
Kind = LetterEventKind
REGISTERED = terms_by(Channel.REGISTERED_POST)
NO_PROOF: frozenset[ProofKind] = frozenset()
TERMS = {
    "receipt": REGISTERED,
    "dispatch": replace(REGISTERED, runs_from=RunsFrom.DISPATCH, proof_of_receipt=NO_PROOF),
    "dispatch and receipt": replace(REGISTERED, runs_from=RunsFrom.DISPATCH),
    "presentation": replace(
        REGISTERED,
        deemed_receipt=DeemedReceipt(DeemedKind.FIRST_PRESENTATION),
        proof_of_receipt=NO_PROOF,
    ),
    "deemed days": replace(
        REGISTERED,
        deemed_receipt=DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=3),
        proof_of_receipt=NO_PROOF,
    ),
}

# Days after the release of what is told of one letter: printed, posted, presented, and the end.
STORIES = (
    ((Kind.POSTED, 1), (Kind.PRESENTED, 3), (Kind.RECEIVED, 3)),
    ((Kind.HANDED_OVER, 0), (Kind.PRINTED, 1), (Kind.POSTED, 2), (Kind.PRESENTED, 4)),
    ((Kind.PRINTED, 1), (Kind.POSTED, 2), (Kind.PRESENTED, 4), (Kind.RECEIVED, 12)),
    ((Kind.POSTED, 2), (Kind.PRESENTED, 4), (Kind.UNCLAIMED, 19), (Kind.RETURNED, 21)),
    ((Kind.POSTED, 1), (Kind.RETURNED, 6)),
    ((Kind.HANDED_OVER, 1),),
    ((Kind.PRESENTED, 4), (Kind.RECEIVED, 5)),
    (),
)


@dataclass(frozen=True)
class Told:
    """An event of the letter to one contact; by its place, as ids differ between two worlds."""

    contact: int
    kind: LetterEventKind
    days: int

    def given(self, letters: Sequence[int]) -> GivenEvent:
        on = DAY + timedelta(days=self.days)
        return GivenEvent(letters[self.contact], self.kind, on, f"RK {self.contact}")


@dataclass(frozen=True)
class World:
    """What is there in the end; ids left out."""

    letters: tuple[Any, ...]
    notice: tuple[Any, ...]
    cases: tuple[Any, ...]
    served_on: date | None


@st.composite
def manifests(draw: st.DrawFn) -> tuple[list[Told], list[list[Told]]]:
    """The events of two letters by their days, and the same as files that were read: in any order,
    split anywhere, some told again."""
    stories = [draw(st.sampled_from(STORIES)) for _ in range(2)]
    events = [
        Told(contact, kind, days) for contact, story in enumerate(stories) for kind, days in story
    ]
    again = draw(st.lists(st.sampled_from(events), max_size=4)) if events else []
    shuffled = draw(st.permutations([*events, *again]))
    files: list[list[Told]] = [[]]
    for event in shuffled:
        if draw(st.booleans()):
            files.append([])
        files[-1].append(event)
    return sorted(events, key=lambda x: (x.days, x.contact, x.kind)), files


@contextmanager
def world(databases: Databases, kind: str) -> Iterator[Scenario]:
    url = databases.migrated(kind)
    engine = create_engine_for(url)
    try:
        with session_factory(engine)() as session:
            yield Scenario(session, at=AT)
    finally:
        engine.dispose()
        databases.drop(url)


def record(session: Session, letters: Sequence[int], told: Sequence[Told], at: datetime) -> None:
    report = tell_all(session, [event.given(letters) for event in told], at=at)
    assert report.refused == ()


def look(session: Session, announced: Announced) -> World:
    session.expire_all()
    notice = session.get_one(NoticeRow, announced.notice_id)
    letters = session.execute(
        select(LetterRow.state, LetterRow.proof_number, MessageRow.state, MessageRow.last_reply)
        .join(MessageRow, MessageRow.id == LetterRow.message_id)
        .where(MessageRow.notice_id == announced.notice_id)
        .order_by(LetterRow.message_id)
    )
    is_served = notice.state == NoticeState.SERVED
    cases = [session.get_one(CaseRow, case_id) for case_id in announced.case_ids]
    return World(
        letters=tuple(tuple(row) for row in letters),
        notice=(notice.state, notice.failure_reason, notice.served_proof),
        # Told late, a case waits for a person as well, as nobody read replies meanwhile.
        cases=tuple(
            (HoldReason.LETTER_RETURNED in case.holds, case.closes_at if is_served else None)
            for case in cases
        ),
        served_on=notice.served_at.date() if notice.served_at else None,
    )


# A database for each example: what fails is told as it was drawn.
DRAWN = (Phase.explicit, Phase.reuse, Phase.generate)
COUNTED = (EvidenceRow, LetterEventRow, ReceiptProofRow, MessageRow)


def counts(session: Session) -> list[int | None]:
    return [session.scalar(select(func.count()).select_from(table)) for table in COUNTED]


def check_order(
    databases: Databases,
    kind: str,
    terms: NoticeTerms,
    drawn: Sequence[tuple[list[Told], list[list[Told]]]],
) -> None:
    """In one database: for each drawn manifest a notice told day by day, and one told at random."""
    with world(databases, kind) as scenario:
        session = scenario.session
        for by_day, files in drawn:
            orderly, letters = announce_by_post(scenario, terms, contacts=2)
            for told in by_day:
                record(session, letters, [told], AT + timedelta(days=told.days + 1))
            expected = look(session, orderly)
            at_random, letters = announce_by_post(scenario, terms, contacts=2)
            late = AT + timedelta(days=30)
            for number, part in enumerate(files):
                record(session, letters, part, late + timedelta(minutes=number))
            assert look(session, at_random) == expected
            before = counts(session)
            record(session, letters, by_day, late + timedelta(days=1))
            assert look(session, at_random) == expected
            assert counts(session) == before


@pytest.mark.parametrize("rule", TERMS)
@settings(max_examples=2, phases=DRAWN, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(manifests(), min_size=4, max_size=6))
def test_a_manifest_in_any_order_in_parts_and_again_comes_to_the_same(
    databases: Databases, rule: str, drawn: list[tuple[list[Told], list[list[Told]]]]
) -> None:
    check_order(databases, "sqlite", TERMS[rule], drawn)


@pytest.mark.parametrize("rule", TERMS)
@settings(max_examples=1, phases=DRAWN, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(manifests(), min_size=3, max_size=5))
def test_the_same_on_postgresql(
    databases: Databases, rule: str, drawn: list[tuple[list[Told], list[list[Told]]]]
) -> None:
    check_order(databases, "postgresql", TERMS[rule], drawn)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("served_when", ServedWhen)
@settings(max_examples=2, phases=DRAWN, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(manifests(), min_size=2, max_size=5), rule=st.sampled_from(list(TERMS)))
def test_no_silence_without_a_letter_that_serves(
    databases: Databases,
    kind: str,
    served_when: ServedWhen,
    rule: str,
    drawn: list[tuple[list[Told], list[list[Told]]]],
) -> None:
    """Silence closes no case of a notice whose letters did not serve, or came back undeemed; and
    what closed is held again when its letter comes back. A served notice never opens earlier."""
    terms = replace(TERMS[rule], served_when=served_when)
    with world(databases, kind) as scenario:
        session = scenario.session
        for _, files in drawn:
            announced, letters = announce_by_post(scenario, terms, contacts=2)
            end: datetime | None = None
            for number, part in enumerate(files):
                at = AT + timedelta(days=30 + 20 * number)
                record(session, letters, part, at)
                read_all(session, at + timedelta(days=19))
                close_windows(session, at=at + timedelta(days=19))
                session.expire_all()
                case = session.get_one(CaseRow, announced.case_ids[0])
                assert end is None or case.closes_at is None or case.closes_at >= end
                end = case.closes_at or end
                _check_silence(session, announced, letters, terms)


def read_all(session: Session, at: datetime) -> None:
    """A person has read every reply up to now."""
    session.add(
        ConfirmationRow(
            kind=ConfirmationKind.REPLIES_READ, up_to_at=at, up_to_on=at.date(), at=at, by="marc"
        )
    )
    session.commit()


def _check_silence(
    session: Session, announced: Announced, letters: Sequence[int], terms: NoticeTerms
) -> None:
    (case_id,) = announced.case_ids
    case = session.get_one(CaseRow, case_id)
    if case.outcome != Outcome.ACCEPTED_BY_SILENCE:
        return
    states = [session.get_one(LetterRow, letter).state for letter in letters]
    deemed = terms.deemed_receipt is not None
    sound = [state in ("posted", "presented", "received") for state in states]
    if deemed:
        sound = [state != "queued" and state != "handed_over" for state in states]
    if terms.waits_for_receipt:
        sound = [state == "received" for state in states]
    needed = any if terms.served_when is ServedWhen.ANY else all
    assert case.state == CaseState.CLOSED
    assert needed(sound), states


# What may be told of a letter by mistake, or of another one: any of it contradicts some story.
MISTAKES = (
    (Kind.POSTED, 6),
    (Kind.PRESENTED, 1),
    (Kind.RECEIVED, 5),
    (Kind.RECEIVED, 8),
    (Kind.UNCLAIMED, 19),
    (Kind.RETURNED, 6),
    (Kind.RETURNED, 21),
    (Kind.HANDED_OVER, 20),
)


@st.composite
def disputes(draw: st.DrawFn) -> tuple[list[Told], list[Told], int]:
    """What is told of two letters, mistakes among it, in two orders; and how it is settled."""
    events = {
        Told(contact, kind, days)
        for contact in range(2)
        for kind, days in (
            *draw(st.sampled_from(STORIES)),
            *draw(st.lists(st.sampled_from(MISTAKES), max_size=2)),
        )
    }
    told = sorted(events, key=lambda x: (x.contact, x.kind, x.days))
    return draw(st.permutations(told)), draw(st.permutations(told)), draw(st.integers(0, 3))


def tell_in_parts(session: Session, letters: Sequence[int], told: Sequence[Told]) -> None:
    """An event at a time; what contradicts what is on record is kept, never refused."""
    for number, event in enumerate(told):
        at = AT + timedelta(days=30, minutes=number)
        report = tell_all(session, [event.given(letters)], at=at)
        notes = (Kind.HANDED_OVER, Kind.PRINTED)
        assert all(one.given.kind in notes for one in report.refused)


def contested(session: Session, letters: Sequence[int]) -> list[bool]:
    return [bool(list_open_contradictions(session, [letter])) for letter in letters]


def settle(session: Session, letters: Sequence[int], choice: int, at: datetime) -> None:
    """Two persons correct what is on record, or what contradicts it, until nothing does."""
    by: dict[str, Any] = {"reason": "mistaken", "by": "marc", "actor": "operator:2", "at": at}
    for letter in letters:
        while found := list_open_contradictions(session, [letter]):
            told = found[choice % len(found)]
            events = load_letter_events(session, [letter])[letter]
            clash = [x for x in events if contradictions([x], event_of(told))]
            if choice % 2 and clash:
                zone = "Europe/Paris"
                kind = clash[0].kind
                number = propose_event_correction(
                    session, letter, kind, on=None, vendor_time_zone=zone, **by
                )
            else:
                number = propose_contradiction_untrue(session, letter, told.id, **by)
            confirm_event_correction(
                session,
                number,
                by="lea",
                actor="operator:3",
                legal_email="legal@vendor.example",
                vendor_time_zone="Europe/Paris",
                at=at,
            )


def check_dispute(
    databases: Databases,
    kind: str,
    terms: NoticeTerms,
    drawn: Sequence[tuple[list[Told], list[Told], int]],
) -> None:
    with world(databases, kind) as scenario:
        session = scenario.session
        end = AT + timedelta(days=90)
        read_all(session, end)
        for first, second, choice in drawn:
            outcomes = []
            for told in (first, second):
                announced, letters = announce_by_post(scenario, terms, contacts=2)
                tell_in_parts(session, letters, told)
                close_windows(session, at=end)
                outcomes.append(_held(session, announced, letters))
                settle(session, letters, choice, end)
                _check_settled(scenario, announced, letters, terms)
            assert outcomes[0] == outcomes[1]


def _held(session: Session, announced: Announced, letters: Sequence[int]) -> tuple[Any, ...]:
    """Which letters are contested, and what that holds: the same in whatever order it is told."""
    session.expire_all()
    case = session.get_one(CaseRow, announced.case_ids[0])
    in_doubt = contested(session, letters)
    if any(in_doubt):
        assert (case.state, case.outcome) == (CaseState.HOLD, None)
        assert HoldReason.PROOF_CONTESTED in case.holds
    return in_doubt, HoldReason.LETTER_RETURNED in case.holds, case.outcome


def _check_settled(
    scenario: Scenario, announced: Announced, letters: Sequence[int], terms: NoticeTerms
) -> None:
    """What stays counts as if nothing else had ever been told; only windows may be longer."""
    session = scenario.session
    stays = load_letter_events(session, letters)
    plain, others = announce_by_post(scenario, terms, contacts=2)
    for letter, other in zip(letters, others, strict=True):
        told = [GivenEvent(other, x.kind, x.on, x.proof_number) for x in stays.get(letter, ())]
        report = tell_all(session, told, at=AT + timedelta(days=91))
        assert (report.refused, report.contested) == ((), ())
    corrected, expected = look(session, announced), look(session, plain)
    assert [row[0] for row in corrected.letters] == [row[0] for row in expected.letters]
    is_served = expected.notice[0] == NoticeState.SERVED
    assert (corrected.notice[0] == NoticeState.SERVED) == is_served
    if is_served:
        assert corrected.notice[2] == expected.notice[2]
        ends = zip(corrected.cases, expected.cases, strict=True)
        assert all(ours[1] >= theirs[1] for ours, theirs in ends)


@pytest.mark.parametrize("rule", TERMS)
@settings(max_examples=2, phases=DRAWN, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(disputes(), min_size=3, max_size=6))
def test_what_contradicts_itself_holds_in_any_order_until_two_persons_settled_it(
    databases: Databases, rule: str, drawn: list[tuple[list[Told], list[Told], int]]
) -> None:
    check_dispute(databases, "sqlite", TERMS[rule], drawn)


@pytest.mark.parametrize("rule", ["receipt", "dispatch"])
@settings(max_examples=1, phases=DRAWN, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(disputes(), min_size=2, max_size=4))
def test_a_dispute_on_postgresql(
    databases: Databases, rule: str, drawn: list[tuple[list[Told], list[Told], int]]
) -> None:
    check_dispute(databases, "postgresql", TERMS[rule], drawn)
