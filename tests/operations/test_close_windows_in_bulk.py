"""Closing in bulk says what the rules say of each case; two runners at once do no harm."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.confirm_read import confirm_read
from subnotify.operations.transaction import transaction
from subnotify.rules.case_facts import Standing
from subnotify.rules.cases import decide
from subnotify.rules.terms import NoticeTerms, Period
from subnotify.rules.terms_checks import opens_window
from subnotify.rules.terms_words import (
    Authorisation,
    ObjectionEffect,
    SilenceBrokenBy,
    SilenceEffect,
    TimelyWhen,
)
from subnotify.rules.words import (
    CaseState,
    ChangeKind,
    ConfirmationKind,
    HoldReason,
    Outcome,
)
from subnotify.storage.cases import load_case_facts
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
)
from tests.operations.desk import LEGAL, add_response, case_of, standing_of
from tests.operations.test_close_windows import confirm_all
from tests.support.databases import Databases
from tests.support.scenario import FIFTEEN, REGISTERED, Scenario, terms_of

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
AT = datetime.fromisoformat("2026-03-02T08:00:00Z")


@dataclass(frozen=True)
class Plan:
    """One agreement with one case: its terms and what happens to it."""

    terms: NoticeTerms
    served_after_days: int
    kind: ChangeKind
    response: str | None
    fate: str


@st.composite
def terms(draw: st.DrawFn) -> NoticeTerms:
    start = terms_of(draw(st.sampled_from([FIFTEEN, REGISTERED])))
    authorisation = draw(st.sampled_from(list(Authorisation)))
    silence = draw(st.sampled_from(list(SilenceEffect)))
    if authorisation is Authorisation.SPECIFIC and silence is SilenceEffect.DEEMED_ACCEPTED:
        silence = SilenceEffect.DEEMED_REFUSED  # the rules refuse to read such terms
    return replace(
        start,
        preset="",
        authorisation=authorisation,
        effect_of_silence=silence,
        silence_broken_by=draw(st.sampled_from(list(SilenceBrokenBy))),
        objection_timely_when=draw(st.sampled_from(list(TimelyWhen))),
        effect_of_objection=draw(st.sampled_from(list(ObjectionEffect))),
        deemed_accepted_after=draw(st.sampled_from([None, Period(5), Period(30)])),
    )


PLANS = st.builds(
    Plan,
    terms=terms(),
    served_after_days=st.integers(0, 20),
    kind=st.sampled_from([ChangeKind.ADDITION, ChangeKind.AMENDMENT, ChangeKind.REMOVAL]),
    response=st.sampled_from(
        [None, None, None, "acknowledgement", "question", "objection", "no_objection"]
    ),
    fate=st.sampled_from(["", "", "", "", "ended", "bounced", "withdrawn"]),
)
DAYS = st.integers(0, 75)


def play(session: Session, plans: Sequence[Plan]) -> list[int]:
    scenario = Scenario(session, at=AT)
    case_ids = []
    for plan in plans:
        served_at = AT + plan.served_after_days * DAY
        announced = scenario.announce(terms=plan.terms, at=served_at)
        case_id = announced.case_ids[0]
        case_ids.append(case_id)
        session.execute(
            update(ChangeRow)
            .where(ChangeRow.release_id == announced.release_id)
            .values(kind=plan.kind.value)
        )
        if plan.fate == "ended":
            ended_on = (served_at + 5 * DAY).date()
            session.execute(
                update(AgreementRow)
                .where(AgreementRow.id == announced.agreement_id)
                .values(ended_on=ended_on)
            )
        elif plan.fate == "bounced":
            session.execute(
                update(NoticeRow)
                .where(NoticeRow.id == announced.notice_id)
                .values(state="not_served", failure_reason="bounced")
            )
        elif plan.fate == "withdrawn":
            session.execute(
                update(ChangeRow)
                .where(ChangeRow.release_id == announced.release_id)
                .values(state="withdrawn")
            )
        if plan.response is not None:
            add_response(session, announced.notice_id, case_id, plan.response, served_at + 2 * DAY)
        if plan.response is not None or plan.fate == "bounced":
            # As the operations that record such facts do.
            apply_standings(session, [case_id], actor="client:notice:1", at=served_at + 2 * DAY)
        session.commit()
    return case_ids


def stored(session: Session, case_ids: Sequence[int]) -> dict[int, Standing]:
    rows = session.execute(
        select(CaseRow.id, CaseRow.state, CaseRow.holds, CaseRow.outcome).where(
            CaseRow.id.in_(case_ids)
        )
    ).all()
    return {
        row.id: Standing(
            CaseState(row.state),
            tuple(HoldReason(hold) for hold in row.holds),
            Outcome(row.outcome) if row.outcome else None,
        )
        for row in rows
    }


def expected(
    session: Session, case_ids: Sequence[int], before: dict[int, Standing], at: datetime
) -> dict[int, Standing]:
    """What the rules say of each case by itself."""
    facts = load_case_facts(session, case_ids, at=at)
    return {case_id: decide(facts[case_id], at=at) for case_id in case_ids}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_bulk_says_what_the_rules_say_of_each_case(databases: Databases, kind: str) -> None:
    # Shrinking would play hundreds of histories; the plan in the message says enough.
    @settings(max_examples=12, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(
        plans=st.lists(PLANS, min_size=1, max_size=6),
        readings=st.lists(
            st.tuples(st.sampled_from(list(ConfirmationKind)), DAYS, DAYS), max_size=4
        ),
        runs=st.lists(DAYS, min_size=1, max_size=3).map(sorted),
    )
    def check(plans, readings, runs) -> None:
        url = databases.migrated(kind)
        engine = create_engine_for(url)
        try:
            with session_factory(engine)() as session:
                case_ids = play(session, plans)
                for run in runs:
                    at = AT + run * DAY + timedelta(hours=15)
                    for reading, made_after, reaches in readings:
                        made_at = AT + made_after * DAY
                        if made_after <= run and reaches <= made_after:
                            day = (AT + reaches * DAY).date()
                            confirm_read(session, reading, day, zone=PARIS, at=made_at, **LEGAL)
                    close_windows(session, at=at)
                    now = stored(session, case_ids)
                    for case_id, standing in expected(session, case_ids, now, at).items():
                        plan = plans[case_ids.index(case_id)]
                        if is_time_driven(plan):
                            assert now[case_id] == standing, plan
                        # Whatever happened, silence never closed what the rules keep open.
                        if now[case_id].outcome is not None:
                            assert standing.outcome == now[case_id].outcome
                    session.rollback()
                numbers = session.execute(
                    select(OutcomeRow.case_id, func.count()).group_by(OutcomeRow.case_id)
                ).all()
                assert all(count == 1 for _, count in numbers)
        finally:
            engine.dispose()
            databases.drop(url)

    check()


def is_time_driven(plan: Plan) -> bool:
    """A withdrawn change is moved by the operation that withdraws it; here only the row was
    written, so its cases stay as they were until one of them is due. Where nothing opens a window
    the client is informed when the notice leaves."""
    return plan.fate != "withdrawn" and opens_window(plan.terms, plan.kind)


# -- two at once ------------------------------------------------------------------------------


def test_two_runners_share_the_work(
    session: Session, engine: Engine, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subnotify.operations.close_windows.BULK_CHUNK", 5)
    scenario = Scenario(session, at=at)
    cases = [scenario.announce().case_ids[0] for _ in range(30)]
    silent_at = case_of(session, cases[0]).silence_after_at
    confirm_all(session, silent_at)
    closed: list[int] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with session_factory(engine)() as own:
                closed.append(close_windows(own, at=silent_at).closed.total())
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sum(closed) == 30
    assert session.scalar(select(func.count()).select_from(OutcomeRow)) == 30
    closing = select(func.count()).select_from(MessageRow).where(MessageRow.purpose == "closing")
    assert session.scalar(closing) == 30


def test_an_objection_under_way_is_never_overrun(
    session: Session, engine: Engine, at: datetime
) -> None:
    announced = Scenario(session, at=at).announce()
    case_id = announced.case_ids[0]
    silent_at = case_of(session, case_id).silence_after_at
    confirm_all(session, silent_at)
    done: list[int] = []

    def run() -> None:
        with session_factory(engine)() as own:
            done.append(close_windows(own, at=silent_at).closed.total())

    thread = threading.Thread(target=run)
    with transaction(session):
        add_response(session, announced.notice_id, case_id, "objection", at + DAY)
        apply_standings(session, [case_id], actor="client:notice:1", at=at + DAY)
        # SQLite's writer waits for this transaction, PostgreSQL's leaves the case to it.
        thread.start()
        if engine.dialect.name == "postgresql":
            thread.join()
    thread.join()
    assert done == [0]
    assert standing_of(session, case_id) == (CaseState.OBJECTED, [], None)
    close_windows(session, at=silent_at + DAY)
    assert standing_of(session, case_id) == (CaseState.OBJECTED, [], None)
