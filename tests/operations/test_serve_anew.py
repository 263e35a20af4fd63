"""A notice that reached nobody is sent again, with a full new window, on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.evidence.digest import plain_digest
from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.serve_anew import (
    ContactWithoutAddress,
    NoDesignatedContact,
    NothingToServeAnew,
    serve_anew,
)
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.terms_mapping import terms_to_mapping
from subnotify.rules.words import CaseState, Channel, MessageState, NoticeState, ProofKind
from subnotify.storage.tables import (
    AgreementContactRow,
    CaseRow,
    ContactRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    TermsVersionRow,
)
from tests.operations.desk import PARIS
from tests.operations.test_serve_notices import (
    bounce,
    get_case,
    get_notice,
    hand_over,
    prove,
)
from tests.support.scenario import Announced, Scenario, terms_of

LEGAL = {"note": "The client gave a new address.", "by": "Lea Legal", "actor": "operator:1"}


def refuse(session: Session, announced: Announced, *, at) -> None:
    with transaction(session):
        session.execute(
            update(MessageRow).values(state=MessageState.REJECTED, last_reply="550 unknown")
        )
        serve_notices(session, [announced.notice_id], at=at)


def add_version(session: Session, announced: Announced, *, at: datetime) -> int:
    """The agreement's terms as they are read now, computable."""
    session.execute(update(TermsVersionRow).values(is_current=False))
    mapping = terms_to_mapping(terms_of("fr-15-days"))
    row = TermsVersionRow(
        agreement_id=announced.agreement_id,
        number=2,
        terms=mapping,
        digest=plain_digest(mapping),
        recorded_at=at,
        recorded_by="legal",
    )
    session.add(row)
    session.commit()
    return row.id


def newest(session: Session, announced: Announced) -> MessageRow:
    return session.scalars(
        select(MessageRow)
        .where(MessageRow.notice_id == announced.notice_id, MessageRow.serving_number == 2)
        .order_by(MessageRow.id)
    ).one()


def test_a_mended_address_gets_the_notice_and_a_full_window(session, at):
    announced = Scenario(session, at=at).announce(served=False)
    refuse(session, announced, at=at)
    session.execute(update(ContactRow).values(email="new@client.example"))
    session.commit()
    assert (
        serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at + timedelta(days=3))
        == 2
    )
    message = newest(session, announced)
    assert (message.to_address, message.state) == ("new@client.example", MessageState.QUEUED)
    case = get_case(session, announced)
    assert (case.state, case.holds) == (CaseState.WAITING, [])
    later = at + timedelta(days=4)
    prove(session, replace(announced, message_ids=(message.id,)), at=later)
    case = get_case(session, announced)
    assert (case.state, case.opens_at) == (CaseState.OPEN, later)


def test_served_anew_after_a_bounce(session, at):
    announced = Scenario(session, at=at).announce()
    before = get_case(session, announced).closes_at
    bounce(session, announced, at=at + timedelta(days=2))
    serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at + timedelta(days=3))
    prove(
        session,
        replace(announced, message_ids=(newest(session, announced).id,)),
        at=at + timedelta(days=3),
    )
    case = get_case(session, announced)
    assert case.state == CaseState.OPEN
    assert before is not None and case.closes_at is not None and case.closes_at > before


def test_terms_that_became_known_are_the_ones_it_is_served_under(session, at):
    terms = replace(terms_of("fr-15-days"), proof_of_receipt=frozenset())
    announced = Scenario(session, at=at).announce(terms=terms, served=False)
    prove(session, announced, at=at)
    assert get_case(session, announced).state == CaseState.HOLD
    known = add_version(session, announced, at=at)
    serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at + timedelta(days=1))
    assert get_notice(session, announced).terms_id == known
    assert get_case(session, announced).state == CaseState.WAITING


def test_a_former_contact_loses_its_link(session, at):
    announced = Scenario(session, at=at).announce(contacts=2, served=False)
    refuse(session, announced, at=at)
    session.execute(
        update(AgreementContactRow)
        .where(AgreementContactRow.contact_id == announced.contact_ids[1])
        .values(ended_on=at.date())
    )
    session.commit()
    serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at)
    revoked = session.scalars(
        select(MessageRow.contact_id).where(MessageRow.link_revoked_at.is_not(None))
    ).all()
    assert revoked == [announced.contact_ids[1]]
    assert newest(session, announced).contact_id == announced.contact_ids[0]


@pytest.mark.parametrize(("channels", "copied"), [({Channel.POST}, True), (set(), False)])
def test_copies_go_on_paper_where_the_terms_name_post(
    session, at, channels: set[Channel], copied: bool
):
    terms = replace(terms_of("fr-15-days"), copy_channels=frozenset(channels))
    announced = Scenario(session, at=at).announce(terms=terms, served=False)
    refuse(session, announced, at=at)
    session.execute(update(ContactRow).values(postal_address="1 rue Haute\n75001 Paris"))
    session.commit()
    serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at + timedelta(hours=1))
    found = session.execute(
        select(MessageRow.logical_key, MessageRow.contact_kind, LetterRow.product, LetterRow.reason)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .where(MessageRow.serving_number == 2)
    ).all()
    key = f"notice_copy:{announced.notice_id}:{announced.contact_ids[0]}:post:2"
    assert found == ([(key, "copy", "plain", "copy")] if copied else [])


def test_refused_where_it_makes_no_sense(session, at):
    announced = Scenario(session, at=at).announce()
    with pytest.raises(NothingToServeAnew):
        serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at)
    refuse(session, announced, at=at)
    bounce(session, announced, at=at)
    session.execute(update(ContactRow).values(email=None))
    session.commit()
    with pytest.raises(ContactWithoutAddress):
        serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at)
    session.execute(update(AgreementContactRow).values(ended_on=at.date()))
    session.commit()
    with pytest.raises(NoDesignatedContact):
        serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at)
    assert session.get_one(NoticeRow, announced.notice_id).state == NoticeState.NOT_SERVED
    assert session.get_one(CaseRow, announced.case_ids[0]).state == CaseState.HOLD


def test_what_a_silent_relay_took_is_sent_again_and_any_of_its_links_proves_receipt(session, at):
    announced = Scenario(session, at=at).announce(served=False)
    with pytest.raises(NothingToServeAnew):
        serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=at)
    with transaction(session):
        hand_over(session, announced.message_ids[0], at=at)
        serve_notices(session, [announced.notice_id], at=at)
    assert get_notice(session, announced).state == NoticeState.SERVING
    again = at + timedelta(days=5)
    assert serve_anew(session, announced.notice_id, **LEGAL, zone=PARIS, at=again) == 2
    message_id = newest(session, announced).id
    with transaction(session):
        hand_over(session, message_id, at=again)
        serve_notices(session, [announced.notice_id], at=again)
    later = at + timedelta(days=6)
    with transaction(session):
        # The client answers from the first mail.
        record_receipt_proof(
            session, announced.message_ids[0], ProofKind.ACKNOWLEDGEMENT, actor="test", at=later
        )
    assert get_notice(session, announced).served_at == later
    assert get_case(session, announced).state == CaseState.OPEN
