"""Notices become served, windows open, and the standing of cases follows, on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import ServedWhen
from subnotify.rules.windows import window_from_mapping
from subnotify.rules.words import (
    CaseState,
    ConfirmationKind,
    HoldReason,
    MessageState,
    NoticeState,
    Outcome,
    ProofKind,
)
from subnotify.storage.tables import (
    CaseRow,
    ConfirmationRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
    OutcomeRow,
)
from tests.support.scenario import Announced, Scenario, terms_of


def hand_over(session: Session, message_id: int, *, at: datetime) -> None:
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id)
        .values(state=MessageState.HANDED_OVER, handed_over_at=at)
    )


def prove(session: Session, announced: Announced, number: int = 0, *, at: datetime) -> None:
    with transaction(session):
        hand_over(session, announced.message_ids[number], at=at)
        record_receipt_proof(
            session,
            announced.message_ids[number],
            ProofKind.RECIPIENT_SERVER,
            actor="test",
            at=at,
        )


def bounce(session: Session, announced: Announced, *, at: datetime) -> None:
    with transaction(session):
        session.execute(
            update(MessageRow)
            .where(MessageRow.id == announced.message_ids[0])
            .values(bounced_at=at, bounce_note="550 unknown")
        )
        serve_notices(session, [announced.notice_id], at=at)


def confirm_all(session: Session, *, at: datetime) -> None:
    for kind in ConfirmationKind:
        session.add(
            ConfirmationRow(kind=kind, up_to_at=at, up_to_on=at.date(), at=at, by="operator:1")
        )


def get_case(session: Session, announced: Announced) -> CaseRow:
    session.expire_all()
    return session.get_one(CaseRow, announced.case_ids[0])


def get_notice(session: Session, announced: Announced) -> NoticeRow:
    session.expire_all()
    return session.get_one(NoticeRow, announced.notice_id)


def test_all_designated_contacts_and_no_copy_open_the_window(
    session: Session, at: datetime
) -> None:
    announced = Scenario(session, at=at).announce(contacts=2, copies=1, served=False)
    prove(session, announced, 0, at=at)
    prove(session, announced, 2, at=at)
    assert get_notice(session, announced).state == NoticeState.SERVING
    later = at + timedelta(days=3)
    prove(session, announced, 1, at=later)
    notice, case = get_notice(session, announced), get_case(session, announced)
    assert (notice.state, notice.served_at) == (NoticeState.SERVED, later)
    assert (case.state, case.opens_at) == (CaseState.OPEN, later)
    window = window_from_mapping(notice.window or {})
    assert (case.closes_at, case.silence_after_at) == (window.closes_at, window.silence_after_at)


def test_further_proof_never_moves_the_window(session: Session, at: datetime) -> None:
    announced = Scenario(session, at=at).announce(served=False)
    prove(session, announced, at=at + timedelta(days=2))
    closes_at = get_case(session, announced).closes_at
    with transaction(session):
        record_receipt_proof(
            session, announced.message_ids[0], ProofKind.ACKNOWLEDGEMENT, actor="test", at=at
        )
    assert get_case(session, announced).closes_at == closes_at


def test_refused_address_holds_and_names_the_server_words(session: Session, at: datetime) -> None:
    announced = Scenario(session, at=at).announce(served=False)
    with transaction(session):
        session.execute(
            update(MessageRow).values(state=MessageState.REJECTED, last_reply="550 no such user")
        )
        failed = serve_notices(session, [announced.notice_id], at=at)
        assert failed == [announced.notice_id]
        assert serve_notices(session, [announced.notice_id], at=at) == [], "told once"
    case = get_case(session, announced)
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.NOT_SERVED])
    assert get_notice(session, announced).failure == "550 no such user"


def test_terms_that_cannot_be_computed_hold(session: Session, at: datetime) -> None:
    terms: NoticeTerms = replace(terms_of("fr-15-days"), proof_of_receipt=frozenset())
    announced = Scenario(session, at=at).announce(terms=terms, served=False)
    prove(session, announced, at=at)
    case = get_case(session, announced)
    assert (case.state, case.holds) == (CaseState.HOLD, [HoldReason.TERMS_NOT_COMPUTABLE])
    assert case.closes_at is None


def test_bounce_after_closing_takes_the_outcome_back_and_names_it(
    session: Session, at: datetime
) -> None:
    announced = Scenario(session, at=at).announce()
    later = at + timedelta(days=40)
    with transaction(session):
        confirm_all(session, at=later)
        apply_standings(session, announced.case_ids, actor="job:close_windows", at=later)
    assert get_case(session, announced).outcome == Outcome.ACCEPTED_BY_SILENCE
    bounce(session, announced, at=later + timedelta(hours=1))
    case = get_case(session, announced)
    assert (case.state, case.holds, case.outcome) == (CaseState.HOLD, [HoldReason.BOUNCED], None)
    recorded = session.scalars(
        select(OutcomeRow).where(OutcomeRow.case_id == case.id).order_by(OutcomeRow.number)
    ).all()
    assert [row.outcome for row in recorded] == [Outcome.ACCEPTED_BY_SILENCE, None]
    assert recorded[1].corrects_id == recorded[0].id
    assert recorded[1].reopened_because == HoldReason.BOUNCED


def test_bounce_of_the_only_proof_counts_where_any_contact_suffices(
    session: Session, at: datetime
) -> None:
    terms = replace(terms_of("fr-15-days"), served_when=ServedWhen.ANY)
    announced = Scenario(session, at=at).announce(terms=terms, contacts=2, served=False)
    with transaction(session):
        # The other contact's mail left too, but nothing proves that it arrived.
        hand_over(session, announced.message_ids[1], at=at)
    prove(session, announced, at=at)
    later = at + timedelta(days=40)
    with transaction(session):
        confirm_all(session, at=later)
        apply_standings(session, announced.case_ids, actor="job:close_windows", at=later)
    assert get_case(session, announced).outcome == Outcome.ACCEPTED_BY_SILENCE
    bounce(session, announced, at=later + timedelta(hours=1))
    case = get_case(session, announced)
    assert (case.state, case.holds, case.outcome) == (CaseState.HOLD, [HoldReason.BOUNCED], None)


def test_served_anew_after_a_bounce_the_window_only_grows(session: Session, at: datetime) -> None:
    announced = Scenario(session, at=at).announce()
    first = get_case(session, announced).closes_at
    bounce(session, announced, at=at + timedelta(days=2))
    with transaction(session):
        session.execute(update(MessageRow).values(bounced_at=None))
        serve_notices(session, [announced.notice_id], at=at + timedelta(days=3))
    case = get_case(session, announced)
    assert case.state == CaseState.OPEN
    assert first is not None and case.closes_at is not None and case.closes_at >= first


def test_deciding_again_changes_nothing_and_mails_once(session: Session, at: datetime) -> None:
    announced = Scenario(session, at=at).announce(contacts=2)
    later = at + timedelta(days=40)
    for _ in range(3):
        with transaction(session):
            confirm_all(session, at=later)
            apply_standings(session, announced.case_ids, actor="job:close_windows", at=later)
    outcomes = session.scalar(select(func.count()).select_from(OutcomeRow))
    closing = session.scalars(
        select(MessageRow.contact_id).where(MessageRow.purpose == "closing")
    ).all()
    evidence = session.scalars(
        select(EvidenceRow.type).where(EvidenceRow.object_type == "case")
    ).all()
    assert outcomes == 1
    assert sorted(x or 0 for x in closing) == sorted(announced.contact_ids)
    assert evidence == ["case_moved"]


def test_thirty_days_wait_for_opened_post(session: Session, at: datetime) -> None:
    announced = Scenario(session, at=at).announce(preset="fr-30-days-registered")
    after_grace = at + timedelta(days=60)
    with transaction(session):
        session.add(
            ConfirmationRow(
                kind=ConfirmationKind.REPLIES_READ,
                up_to_at=after_grace,
                up_to_on=after_grace.date(),
                at=after_grace,
                by="operator:1",
            )
        )
        apply_standings(session, announced.case_ids, actor="test", at=after_grace)
    assert get_case(session, announced).holds == [HoldReason.POST_NOT_OPENED]
    with transaction(session):
        confirm_all(session, at=after_grace)
        apply_standings(session, announced.case_ids, actor="test", at=after_grace)
    assert get_case(session, announced).outcome == Outcome.ACCEPTED_BY_SILENCE
    assert PRESETS["fr-30-days-registered"].silence_irrevocable
