"""A program that can compute more judges stored terms anew, and shortens nobody's time."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.reassess_terms import reassess_terms
from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.serve_anew import serve_anew
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.sweep_notices import sweep_notices
from subnotify.operations.terms_versions import terms_digest
from subnotify.operations.transaction import transaction
from subnotify.rules.terms_words import RunsFrom
from subnotify.rules.words import (
    CaseState,
    Channel,
    HoldReason,
    MessageState,
    NoticeState,
    ProofKind,
)
from subnotify.storage.tables import (
    BroughtInNoticeRow,
    CaseRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
    SealedMailRow,
    TermsReassessmentRow,
    TermsVersionRow,
)
from tests.operations.desk import LEGAL, PARIS
from tests.operations.test_serve_notices import confirm_all, get_case, get_notice, hand_over, prove
from tests.support.scenario import Announced, Scenario, terms_of

DAY = timedelta(days=1)
NOTE = {"note": "The deadline can be computed now.", **LEGAL}


def keep_as_not_computable(session: Session, code: str = "unit") -> None:
    """As a program that could compute less kept it."""
    session.execute(update(TermsVersionRow).values(not_computable=code, digest="older"))
    session.commit()


def hang(session: Session, announced: Announced, *, at: datetime) -> None:
    """The notice left with a mail that told no deadline; its cases are on hold."""
    keep_as_not_computable(session)
    seal(session, announced, at=at)
    hand_over(session, announced.message_ids[0], at=at)
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == announced.notice_id)
        .values(state=NoticeState.SERVING, dispatched_at=at)
    )
    session.execute(
        update(CaseRow)
        .where(CaseRow.notice_id == announced.notice_id)
        .values(state=CaseState.HOLD, holds=[HoldReason.TERMS_NOT_COMPUTABLE])
    )
    session.commit()


def seal(session: Session, announced: Announced, *, at: datetime, place: int = 0) -> None:
    session.execute(
        insert(SealedMailRow).values(
            message_id=announced.message_ids[place], digest="0" * 64, ciphertext=b"x", sealed_at=at
        )
    )
    session.commit()


def terms_row(session: Session) -> TermsVersionRow:
    session.expire_all()
    return session.scalars(select(TermsVersionRow)).one()


def test_nothing_stale_writes_nothing(session, at):
    scenario = Scenario(session, at=at)
    scenario.announce()
    reassess_terms(session, at=at)
    report = reassess_terms(session, at=at)
    assert (report.became.total(), report.others, report.to_serve_anew) == (0, 0, 0)
    assert session.scalar(select(func.count(EvidenceRow.id))) == 0


def test_the_copies_follow_the_rules_and_the_terms_stay(session, at):
    announced = Scenario(session, at=at).announce(served=False)
    keep_as_not_computable(session)
    terms = terms_row(session).terms
    report = reassess_terms(session, at=at + DAY)
    assert report.became == {"computable": 1}
    row = terms_row(session)
    assert (row.not_computable, row.terms) == (None, terms)
    assert row.digest == terms_digest(announced.terms)
    said = session.scalars(select(TermsReassessmentRow)).one()
    assert (said.terms_id, said.before, said.after, said.at) == (row.id, "unit", None, at + DAY)
    evidence = session.scalars(select(EvidenceRow)).all()
    assert [(x.type, x.object_type, x.object_id) for x in evidence] == [
        ("terms_reassessed", "terms_version", row.id)
    ]


def test_a_notice_that_told_no_deadline_opens_no_window_and_waits_for_legal(session, at):
    announced = Scenario(session, at=at).announce(served=False)
    hang(session, announced, at=at)
    report = reassess_terms(session, at=at + 20 * DAY)
    assert report.to_serve_anew == 1
    notice, case = get_notice(session, announced), get_case(session, announced)
    assert (notice.state, notice.failure_reason, notice.window) == (
        *(NoticeState.NOT_SERVED, HoldReason.NO_DEADLINE_TOLD, None),
    )
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.NO_DEADLINE_TOLD])
    assert (case.opens_at, case.closes_at) == (None, None)
    session.commit()
    assert reassess_terms(session, at=at + 21 * DAY).to_serve_anew == 0


def test_no_later_proof_opens_the_window_of_such_a_notice(session, at):
    announced = Scenario(session, at=at).announce(served=False)
    hang(session, announced, at=at)
    reassess_terms(session, at=at + DAY)
    prove(session, announced, at=at + 2 * DAY)
    assert get_case(session, announced).closes_at is None
    session.commit()
    later = at + 60 * DAY
    with transaction(session):
        confirm_all(session, at=later)
    close_windows(session, at=later)
    assert get_case(session, announced).outcome is None


def test_nor_does_a_proof_that_comes_before_the_terms_were_judged_anew(session, at):
    """A new program answers a click before its jobs ran for the first time."""
    announced = Scenario(session, at=at).announce(served=False)
    hang(session, announced, at=at)
    with transaction(session):
        record_receipt_proof(
            session, announced.message_ids[0], ProofKind.ACKNOWLEDGEMENT, actor="test", at=at + DAY
        )
    sweep_notices(session, legal_email="legal@vendor.example", at=at + DAY)
    case = get_case(session, announced)
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.NO_DEADLINE_TOLD])
    assert case.closes_at is None


def test_served_anew_it_gets_a_full_window_under_the_same_terms(session, at):
    announced = Scenario(session, at=at).announce(served=False)
    hang(session, announced, at=at)
    reassess_terms(session, at=at + DAY)
    assert serve_anew(session, announced.notice_id, **NOTE, zone=PARIS, at=at + 2 * DAY) == 2
    case = get_case(session, announced)
    assert (case.state, case.holds) == (CaseState.WAITING, [])
    message_id = session.scalars(select(MessageRow.id).where(MessageRow.serving_number == 2)).one()
    anew = replace(announced, message_ids=(message_id,))
    session.commit()
    seal(session, anew, at=at + 3 * DAY)
    prove(session, anew, at=at + 3 * DAY)
    case = get_case(session, announced)
    assert (case.state, case.opens_at) == (CaseState.OPEN, at + 3 * DAY)
    assert case.closes_at is not None
    assert case.closes_at > at + 18 * DAY


def test_a_mail_written_after_the_terms_became_computable_serves(session, at):
    announced = Scenario(session, at=at).announce(served=False)
    keep_as_not_computable(session)
    session.execute(
        update(CaseRow).values(state=CaseState.HOLD, holds=[HoldReason.TERMS_NOT_COMPUTABLE])
    )
    session.commit()
    assert reassess_terms(session, at=at).to_serve_anew == 0
    case = get_case(session, announced)
    assert (case.state, case.holds) == (CaseState.WAITING, [])
    session.commit()
    seal(session, announced, at=at + DAY)
    prove(session, announced, at=at + DAY)
    assert get_case(session, announced).opens_at == at + DAY


def test_a_copy_told_so_too(session, at):
    """Whoever of the client was told may have relied on it."""
    announced = Scenario(session, at=at).announce(served=False, copies=1)
    keep_as_not_computable(session)
    seal(session, announced, at=at, place=1)
    reassess_terms(session, at=at + DAY)
    seal(session, announced, at=at + 2 * DAY)
    prove(session, announced, at=at + 2 * DAY)
    assert get_notice(session, announced).failure_reason == HoldReason.NO_DEADLINE_TOLD


def test_terms_that_are_computable_no_more_hold_what_is_not_served_and_stop_no_window(session, at):
    scenario = Scenario(session, at=at)
    terms = replace(terms_of("fr-15-days"), proof_of_receipt=frozenset())
    waiting, running = scenario.announce(terms=terms, served=False), scenario.announce()
    session.execute(update(TermsVersionRow).values(not_computable=None))
    session.commit()
    before = get_case(session, running).closes_at
    session.commit()
    report = reassess_terms(session, at=at)
    assert report.became == {"proof_of_receipt": 1}
    case = get_case(session, waiting)
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.TERMS_NOT_COMPUTABLE])
    case = get_case(session, running)
    assert (case.state, case.closes_at) == (CaseState.OPEN, before)


def test_a_failure_of_its_own_goes_first(session, at):
    announced = Scenario(session, at=at).announce(served=False)
    hang(session, announced, at=at)
    with transaction(session):
        session.execute(
            update(MessageRow).values(bounced_at=at, bounce_note="550 unknown", state="handed_over")
        )
        serve_notices(session, [announced.notice_id], at=at)
    reassess_terms(session, at=at + DAY)
    assert get_notice(session, announced).failure_reason == HoldReason.BOUNCED


def test_a_closed_case_is_not_touched(session, at):
    announced = Scenario(session, at=at).announce(served=False)
    hang(session, announced, at=at)
    session.execute(
        update(CaseRow).values(
            state=CaseState.CLOSED, holds=[], outcome="agreement_ended", outcome_at=at
        )
    )
    session.commit()
    assert reassess_terms(session, at=at + DAY).to_serve_anew == 0
    assert get_case(session, announced).outcome == "agreement_ended"
    assert get_notice(session, announced).state == NoticeState.SERVING


def test_a_notice_given_elsewhere_is_served_anew_if_it_was_brought_in_before(session, at):
    """No mail of ours told anything; still no window runs of which nobody knew."""
    scenario = Scenario(session, at=at)
    before, after = (scenario.announce(served=False) for _ in range(2))
    keep_as_not_computable(session)
    bring_in(session, before, at=at)
    reassess_terms(session, at=at + DAY)
    bring_in(session, after, at=at + 2 * DAY)
    for announced in (before, after):
        prove(session, announced, at=at)
    assert get_notice(session, before).failure_reason == HoldReason.NO_DEADLINE_TOLD
    assert get_notice(session, after).state == NoticeState.SERVED


def bring_in(session: Session, announced: Announced, *, at: datetime) -> None:
    session.add(
        BroughtInNoticeRow(
            message_id=announced.message_ids[0],
            notice_id=announced.notice_id,
            dispatched_at=at,
            proof_reference="binder 3",
            at=at,
            by="legal",
        )
    )
    session.commit()


def test_notice_by_publication_alone_is_given_anew_by_mail(session, at):
    published = replace(
        terms_of("fr-15-days"),
        runs_from=RunsFrom.PUBLICATION,
        channels=(Channel.LIST_PUBLICATION,),
        proof_of_receipt=frozenset(),
    )
    announced = Scenario(session, at=at).announce(terms=published, served=False)
    session.execute(delete(MessageRow))
    keep_as_not_computable(session)
    assert reassess_terms(session, at=at + DAY).to_serve_anew == 1
    assert get_case(session, announced).holds == [HoldReason.NO_DEADLINE_TOLD]
    session.commit()
    serve_anew(session, announced.notice_id, **NOTE, zone=PARIS, at=at + 2 * DAY)
    message_id = session.scalars(select(MessageRow.id)).one()
    session.commit()
    anew = replace(announced, message_ids=(message_id,))
    seal(session, anew, at=at + 3 * DAY)
    with transaction(session):
        hand_over(session, message_id, at=at + 3 * DAY)
        serve_notices(session, [announced.notice_id], at=at + 3 * DAY)
    case = get_case(session, announced)
    assert (case.state, case.opens_at) == (CaseState.OPEN, at + 3 * DAY)


@pytest.mark.parametrize("number", [1, 3])
def test_equal_terms_are_judged_once_and_evidenced_in_one_row(session, at, number):
    scenario = Scenario(session, at=at)
    for _ in range(number):
        scenario.announce(served=False)
    keep_as_not_computable(session)
    assert reassess_terms(session, at=at).became == {"computable": number}
    assert session.scalar(select(func.count(EvidenceRow.id))) == 1
    assert (
        session.scalar(
            select(func.count(MessageRow.id)).where(MessageRow.state == MessageState.QUEUED)
        )
        == number
    )
