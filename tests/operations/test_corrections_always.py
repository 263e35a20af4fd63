"""Whatever is corrected and withdrawn, in whatever order: windows only grow, each correction gives
a full window of its own, and a termination stands (DESIGN section 3 items 4 and 13)."""

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.correct_release import draft_correction
from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.transaction import transaction
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.words import (
    ChangeState,
    MessagePurpose,
    MessageState,
    Outcome,
    ProofKind,
    ReleaseState,
    ResponseKind,
    SettlementKind,
)
from subnotify.storage.tables import (
    AgreementServiceRow,
    CaseRow,
    ChangeRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
    SettlementRow,
    SubprocessorRow,
)
from tests.operations.desk import LEGAL as BY_LEGAL
from tests.operations.desk import add_response
from tests.operations.test_close_windows import confirm_all
from tests.support.release_world import LEGAL, PUBLISHER, ReleaseWorld

DAY = timedelta(days=1)
AGREEMENTS = 3
NAMES = ("serve", "object", "terminate", "extend", "correct", "withdraw", "silence")
STEPS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, AGREEMENTS - 1)), min_size=2, max_size=9
)


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


class Story:
    """A release to three agreements, and what is done with it; a day between the steps."""

    def __init__(self, world: ReleaseWorld, number: int) -> None:
        self.world, self.session = world, world.session
        world.at += DAY
        self._end_what_was(number)
        self.agreements = [world.add_agreement() for _ in range(AGREEMENTS)]
        # No story lasts until then.
        commencement_on = (world.at + 500 * DAY).date()
        change = world.add_change(f"n{number}")
        self.releases = [world.draft([change], commencement_on=commencement_on)]
        world.approve(self.releases[0])
        world.release(self.releases[0])
        self.ends: dict[int, tuple[datetime, datetime]] = {}
        self.terminated: set[int] = set()

    def _end_what_was(self, number: int) -> None:
        """What earlier stories left is no matter of this one."""
        self.session.execute(update(AgreementServiceRow).values(until_on=self.world.at.date()))
        self.session.execute(update(SubprocessorRow).values(draft_facts=None))
        self.session.commit()

    def play(self, name: str, place: int) -> None:
        self.world.at += DAY
        steps = {
            "serve": lambda: self.serve(place),
            "object": lambda: self.object(place),
            "terminate": lambda: self.terminate(place),
            "extend": lambda: self.extend(place),
            "correct": self.correct,
            "withdraw": self.withdraw,
            "silence": self.fall_silent,
        }
        steps[name]()
        self.check()

    def cases(self) -> list[CaseRow]:
        self.session.rollback()
        return list(
            self.session.scalars(
                select(CaseRow)
                .where(CaseRow.agreement_id.in_(self.agreements))
                .order_by(CaseRow.id)
            )
        )

    def last_case(self, place: int) -> CaseRow:
        return [x for x in self.cases() if x.agreement_id == self.agreements[place]][-1]

    def serve(self, place: int) -> None:
        notice_id = self.last_case(place).notice_id
        queued = self.session.scalars(
            select(MessageRow.id).where(
                MessageRow.notice_id == notice_id,
                MessageRow.purpose == MessagePurpose.NOTICE,
                MessageRow.state == MessageState.QUEUED,
            )
        ).all()
        self.session.rollback()
        for message_id in queued:
            with transaction(self.session):
                self.session.execute(
                    update(MessageRow)
                    .where(MessageRow.id == message_id)
                    .values(state=MessageState.HANDED_OVER, handed_over_at=self.world.at)
                )
                record_receipt_proof(
                    self.session,
                    message_id,
                    ProofKind.RECIPIENT_SERVER,
                    actor="test",
                    at=self.world.at,
                )

    def object(self, place: int) -> int | None:
        case = self.last_case(place)
        if case.outcome is not None:
            return None
        case_id, notice_id = case.id, case.notice_id
        self.session.rollback()
        with transaction(self.session):
            number = add_response(
                self.session, notice_id, case_id, ResponseKind.OBJECTION, self.world.at
            )
            apply_standings(self.session, [case_id], actor="test", at=self.world.at)
        return number

    def terminate(self, place: int) -> None:
        objection = self.object(place)
        if objection is None:
            return
        case_id = self.last_case(place).id
        self.session.rollback()
        with transaction(self.session):
            self.session.add(
                SettlementRow(
                    case_id=case_id,
                    response_id=objection,
                    kind=SettlementKind.TERMINATED.value,
                    takes_effect_on=self.world.at.date() + 4 * DAY,
                    decided_at=self.world.at,
                    decided_by="marc",
                )
            )
            self.session.flush()
            apply_standings(self.session, [case_id], actor="test", at=self.world.at)
        self.terminated.add(case_id)

    def extend(self, place: int) -> None:
        case = self.last_case(place)
        if case.outcome is not None or case.closes_at is None:
            return
        case_id, last_day = case.id, case.closes_at.date() + 3 * DAY
        self.session.rollback()
        extend_case_window(
            self.session, case_id, last_day, note="asked", at=self.world.at, **BY_LEGAL
        )

    def announced(self) -> int | None:
        """The change of the last release, while it is announced."""
        found = self.session.scalar(
            select(ChangeRow.id).where(
                ChangeRow.release_id == self.releases[-1],
                ChangeRow.state == ChangeState.RELEASED.value,
            )
        )
        self.session.rollback()
        return found

    def correct(self) -> None:
        change_id = self.announced()
        if change_id is None:
            return
        corrected = self.releases[-1]
        draft = draft_correction(self.session, corrected, by=PUBLISHER, at=self.world.at)
        self.world.approve(draft)
        self.world.release(draft)
        self.releases.append(draft)
        old, new = (self.session.get_one(ReleaseRow, x) for x in (corrected, draft))
        assert (new.corrects_id, new.state, old.state) == (
            corrected,
            ReleaseState.RELEASED,
            ReleaseState.RELEASED,
        )
        assert self.session.get_one(ChangeRow, change_id).state == ChangeState.WITHDRAWN
        told = self.session.execute(
            select(CaseRow.agreement_id, CaseRow.closes_at)
            .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
            .where(NoticeRow.release_id == draft)
        ).all()
        # Everybody is told anew, and nothing that ran counts for the new window.
        assert sorted(x.agreement_id for x in told) == self.agreements
        assert {x.closes_at for x in told} == {None}

    def withdraw(self) -> None:
        change_id = self.announced()
        if change_id is not None:
            withdraw_change(
                self.session,
                self.releases[-1],
                change_id,
                reason="not now",
                by=LEGAL,
                at=self.world.at,
            )

    def fall_silent(self) -> None:
        self.world.at += 30 * DAY
        confirm_all(self.session, self.world.at)
        close_windows(self.session, at=self.world.at)

    def check(self) -> None:
        for case in self.cases():
            if case.id in self.terminated:
                assert case.outcome in (None, Outcome.TERMINATED), "a termination stands"
            known = self.ends.get(case.id)
            if case.closes_at is None or case.silence_after_at is None:
                assert known is None, "a window that ran is not taken away"
                continue
            now = case.closes_at, case.silence_after_at
            if known is None:
                served_at = self.session.get_one(NoticeRow, case.notice_id).served_at
                assert served_at is not None
                assert case.closes_at >= served_at + 15 * DAY, "a full window from its own receipt"
            else:
                assert now[0] >= known[0] and now[1] >= known[1], "windows only grow"
            self.ends[case.id] = now
        self.session.rollback()


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_windows_only_grow_and_a_termination_stands(
    world: ReleaseWorld, steps: list[tuple[str, int]]
) -> None:
    story = Story(world, next(NUMBERS))
    # Every story has one of each that could take something away.
    for name, place in [*steps, ("terminate", 0), ("correct", 0), ("serve", 1), ("withdraw", 0)]:
        story.play(name, place)
    story.play("silence", 0)


NUMBERS = itertools.count(1)
