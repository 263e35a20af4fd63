"""What opens a window, and which, under the rarer notice terms; on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.steps import StepKind
from subnotify.rules.terms import Counting, DeemedReceipt, NoticeRule, NoticeTerms, Period
from subnotify.rules.terms_words import (
    Authorisation,
    ChannelChoice,
    Closes,
    CountingRule,
    DeemedKind,
    RuleScope,
    RunsFrom,
    Unit,
)
from subnotify.rules.windows import window_from_mapping
from subnotify.rules.words import (
    CaseState,
    Channel,
    HoldReason,
    MessageState,
    NoticeState,
    Outcome,
    ProofKind,
)
from subnotify.storage.tables import (
    CaseRow,
    ChangeRow,
    EvidenceContentRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
)
from tests.support.scenario import Announced, Scenario

FRIDAY_EVENING = datetime(2026, 12, 18, 17, 30, tzinfo=UTC)  # 18:30 in Paris
PARIS = Counting(CountingRule.CONTRACT_ROLL_BD, "Europe/Paris", "FR")
PLAIN = NoticeTerms(counting=PARIS, objection_period=Period(15), runs_from=RunsFrom.DISPATCH)


def hand_over(session: Session, announced: Announced, *, at: datetime) -> None:
    with transaction(session):
        session.execute(
            update(MessageRow)
            .where(MessageRow.id.in_(announced.message_ids))
            .values(state=MessageState.HANDED_OVER, handed_over_at=at)
        )
        serve_notices(session, [announced.notice_id], at=at)


def notice_of(session: Session, announced: Announced) -> NoticeRow:
    session.expire_all()
    return session.get_one(NoticeRow, announced.notice_id)


def cases_of(session: Session, announced: Announced) -> list[CaseRow]:
    session.expire_all()
    return [session.get_one(CaseRow, case_id) for case_id in announced.case_ids]


def test_a_clause_that_deems_the_notice_received_opens_the_window_then(session: Session) -> None:
    deemed = DeemedReceipt(DeemedKind.NEXT_BUSINESS_DAY, time(9), time(18))
    terms = replace(PLAIN, runs_from=RunsFrom.RECEIPT, deemed_receipt=deemed)
    announced = Scenario(session, at=FRIDAY_EVENING).announce(terms=terms, served=False)
    hand_over(session, announced, at=FRIDAY_EVENING)
    notice = notice_of(session, announced)
    assert (notice.state, notice.served_proof) == (NoticeState.SERVED, ProofKind.DEEMED)
    assert notice.window is not None
    window = window_from_mapping(notice.window)
    assert window.opens_at == datetime(2026, 12, 21, 8, 0, tzinfo=UTC)
    assert window.last_day == date(2027, 1, 5)  # worked case F01
    assert StepKind.DEEMED_RECEIVED in [step.kind for step in window.steps]


def test_an_unstated_trigger_counts_from_receipt_and_says_so(session: Session) -> None:
    terms = replace(
        PLAIN,
        runs_from=RunsFrom.UNSPECIFIED,
        proof_of_receipt=frozenset({ProofKind.RECIPIENT_SERVER}),
    )
    announced = Scenario(session, at=FRIDAY_EVENING).announce(terms=terms, served=False)
    hand_over(session, announced, at=FRIDAY_EVENING)
    assert notice_of(session, announced).state == NoticeState.SERVING  # sent is not received
    with transaction(session):
        record_receipt_proof(
            session,
            announced.message_ids[0],
            ProofKind.RECIPIENT_SERVER,
            actor="test",
            at=FRIDAY_EVENING,
        )
    window = notice_of(session, announced).window
    assert window is not None
    assert StepKind.ASSUMED in [step.kind for step in window_from_mapping(window).steps]


def test_publishing_the_list_is_the_notice_where_the_clause_says_so(session: Session) -> None:
    terms = replace(PLAIN, runs_from=RunsFrom.PUBLICATION, channels=(Channel.LIST_PUBLICATION,))
    announced = Scenario(session, at=FRIDAY_EVENING).announce(terms=terms, served=False)
    with transaction(session):
        session.execute(
            update(MessageRow)
            .where(MessageRow.id.in_(announced.message_ids))
            .values(state=MessageState.REJECTED, last_reply="550 no such person")
        )
        serve_notices(session, [announced.notice_id], at=FRIDAY_EVENING + timedelta(hours=1))
    notice = notice_of(session, announced)
    assert (notice.state, notice.served_proof) == (NoticeState.SERVED, ProofKind.PUBLICATION)
    assert notice.served_at == FRIDAY_EVENING  # the release


def test_where_mail_is_needed_too_the_later_of_both_counts(session: Session) -> None:
    terms = replace(
        PLAIN,
        runs_from=RunsFrom.PUBLICATION,
        channels=(Channel.EMAIL, Channel.LIST_PUBLICATION),
        channel_choice=ChannelChoice.EVERY,
    )
    announced = Scenario(session, at=FRIDAY_EVENING).announce(terms=terms, served=False)
    late = FRIDAY_EVENING + timedelta(days=3)
    hand_over(session, announced, at=late)
    assert notice_of(session, announced).served_at == late


BACKWARD = replace(
    PLAIN, runs_from=RunsFrom.COMMENCEMENT_BACKWARD, objection_period=Period(2, Unit.WEEKS)
)


def test_a_window_counted_back_from_commencement(session: Session) -> None:
    announced = Scenario(session, at=FRIDAY_EVENING).announce(
        terms=BACKWARD, served=False, commencement_on=date(2027, 2, 15)
    )
    hand_over(session, announced, at=FRIDAY_EVENING)
    (case,) = cases_of(session, announced)
    assert case.state == CaseState.OPEN
    assert case.closes_at == datetime(2027, 2, 1, 23, 0, tzinfo=UTC)  # last day 1 February


def test_a_notice_after_the_backward_deadline_serves_nothing(session: Session) -> None:
    announced = Scenario(session, at=FRIDAY_EVENING).announce(
        terms=BACKWARD, served=False, commencement_on=date(2026, 12, 28)
    )
    hand_over(session, announced, at=FRIDAY_EVENING)
    notice, (case,) = notice_of(session, announced), cases_of(session, announced)
    assert notice.failure_reason == HoldReason.NOTICE_TOO_LATE
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.NOTICE_TOO_LATE])
    # A later commencement heals it: the notice is judged anew.
    with transaction(session):
        session.execute(
            update(ChangeRow)
            .where(ChangeRow.release_id == announced.release_id)
            .values(commencement_on=date(2027, 2, 15))
        )
        serve_notices(session, [announced.notice_id], at=FRIDAY_EVENING)
    (case,) = cases_of(session, announced)
    assert (case.state, case.holds) == (CaseState.OPEN, [])


def test_hours_run_from_the_minute(session: Session) -> None:
    counting = Counting(CountingRule.CONTRACT_HOURS_ELAPSED, "Europe/Paris")
    terms = replace(PLAIN, counting=counting, objection_period=Period(72, Unit.HOURS))
    announced = Scenario(session, at=FRIDAY_EVENING).announce(terms=terms, served=False)
    hand_over(session, announced, at=FRIDAY_EVENING)
    (case,) = cases_of(session, announced)
    assert case.closes_at == FRIDAY_EVENING + timedelta(hours=72)


def test_each_change_has_the_window_of_the_first_rule_that_matches(session: Session) -> None:
    """The first change leaves the EEA, the second does not."""
    rules = (
        NoticeRule(RuleScope.THIRD_COUNTRY, objection_period=Period(30)),
        NoticeRule(RuleScope.ANY, objection_period=Period(10)),
    )
    terms = replace(PLAIN, notice_rules=rules, objection_period=None)
    announced = Scenario(session, at=FRIDAY_EVENING).announce(terms=terms, served=False, changes=2)
    hand_over(session, announced, at=FRIDAY_EVENING)
    cases = cases_of(session, announced)
    assert {case.state for case in cases} == {CaseState.OPEN}
    ends = {case.closes_at for case in cases}
    assert len(ends) == 2
    window = notice_of(session, announced).window
    assert window is not None
    assert window_from_mapping(window).closes_at == min(x for x in ends if x)
    own = [case for case in cases if case.window is not None]
    assert [case.closes_at for case in own] == [max(x for x in ends if x)]


def test_a_rule_may_say_that_the_client_is_only_informed(session: Session) -> None:
    rules = (NoticeRule(RuleScope.THIRD_COUNTRY, notice_only=True),)
    announced = Scenario(session, at=FRIDAY_EVENING).announce(
        terms=replace(PLAIN, notice_rules=rules), served=False, changes=2
    )
    hand_over(session, announced, at=FRIDAY_EVENING)
    found = {(case.state, case.outcome) for case in cases_of(session, announced)}
    assert found == {(CaseState.OPEN, None), (CaseState.CLOSED, Outcome.INFORMED)}


def test_who_authorised_everything_is_informed(session: Session) -> None:
    terms = NoticeTerms(counting=PARIS, authorisation=Authorisation.BLANKET)
    announced = Scenario(session, at=FRIDAY_EVENING).announce(terms=terms, served=False)
    hand_over(session, announced, at=FRIDAY_EVENING)
    (case,) = cases_of(session, announced)
    assert (case.state, case.outcome) == (CaseState.CLOSED, Outcome.INFORMED)


def test_a_request_without_a_period_runs_until_commencement(session: Session) -> None:
    terms = replace(
        PLAIN,
        authorisation=Authorisation.SPECIFIC,
        objection_period=None,
        closes=Closes.COMMENCEMENT,
    )
    announced = Scenario(session, at=FRIDAY_EVENING).announce(
        terms=terms, served=False, commencement_on=date(2027, 2, 15)
    )
    hand_over(session, announced, at=FRIDAY_EVENING)
    (case,) = cases_of(session, announced)
    assert case.closes_at == datetime(2027, 2, 14, 23, 0, tzinfo=UTC)


def test_the_evidence_says_how_the_day_was_computed_in_both_languages(session: Session) -> None:
    announced = Scenario(session, at=FRIDAY_EVENING).announce(terms=PLAIN, served=False)
    hand_over(session, announced, at=FRIDAY_EVENING)
    content = session.scalars(
        select(EvidenceContentRow.content)
        .join(EvidenceRow, EvidenceRow.id == EvidenceContentRow.evidence_id)
        .where(EvidenceRow.type == "notice_served", EvidenceRow.object_id == announced.notice_id)
    ).one()
    said = content["explanation"]
    assert len(said["en"]) == len(said["fr"]) == len(content["window"]["steps"])
    assert any("2 January 2027" in sentence for sentence in said["en"])
    assert any("2 janvier 2027" in sentence for sentence in said["fr"])
