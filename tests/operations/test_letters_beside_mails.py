"""Letters are no mails: nothing that counts, sends or frees mails takes one for a mail."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.record_proof import record_receipt_proof
from subnotify.operations.retry_parked import ParkedWithoutAddress, retry_parked
from subnotify.operations.serve_anew import (
    ContactWithoutAnyAddress,
    ContactWithoutPostalAddress,
    serve_anew,
)
from subnotify.operations.sweep_notices import sweep_notices
from subnotify.operations.sweep_outbox import sweep_outbox
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.words import (
    Channel,
    ContactKind,
    LetterEventKind,
    LetterState,
    MessageState,
    NoticeState,
    ProofKind,
)
from subnotify.storage.claims import claim_due
from subnotify.storage.letters import load_letter_events
from subnotify.storage.outbox import count_by_state
from subnotify.storage.queue_state import count_parked, list_parked
from subnotify.storage.sending_progress import count_release, list_on_their_way
from subnotify.storage.tables import (
    AgreementContactRow,
    CaseRow,
    ContactRow,
    LetterRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
)
from tests.support.letters import LEGAL, announce_by_post, letters_of, tell, terms_by
from tests.support.release_world import LEGAL as LEGAL_OPERATOR
from tests.support.scenario import Announced, Scenario

PARIS = ZoneInfo("Europe/Paris")
BY_POST = terms_by(Channel.REGISTERED_POST)
EITHER = terms_by(Channel.EMAIL, Channel.POST)


def state_of(session: Session, letter_id: int) -> tuple[str, str]:
    session.expire_all()
    return (
        session.get_one(LetterRow, letter_id).state,
        session.get_one(MessageRow, letter_id).state,
    )


def not_served(session: Session, announced: Announced) -> None:
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == announced.notice_id)
        .values(state=NoticeState.NOT_SERVED, failure_reason="not_served")
    )
    session.commit()


def test_a_letter_that_waits_is_no_mail_that_is_stuck(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, BY_POST)
    late = at + timedelta(days=3)
    swept = sweep_outbox(session, zone=PARIS, at=late)
    assert (swept.queued, swept.letters, swept.freed, swept.state.stuck) == (0, 0, 0, 0)
    assert swept.state.oldest_due_at is None
    assert sweep_notices(session, legal_email=LEGAL, at=late) == 0
    assert count_by_state(session) == {}
    assert list_on_their_way(session) == []
    assert count_release(session, announced.release_id).all_mails.total == 0
    assert state_of(session, letter) == (LetterState.QUEUED, MessageState.QUEUED)


def test_a_letter_that_is_set_aside_is_nothing_to_send_again(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    _, (letter,) = announce_by_post(scenario, BY_POST)
    session.execute(
        update(MessageRow).where(MessageRow.id == letter).values(state=MessageState.PARKED)
    )
    session.commit()
    assert (count_parked(session), list_parked(session, limit=9)) == (0, [])
    assert sweep_outbox(session, zone=PARIS, at=at).state.parked == 0
    with pytest.raises(ParkedWithoutAddress):
        retry_parked(session, letter, by="marc", actor="operator:2", at=at)


def test_a_letter_that_is_missing_is_queued_once(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced = scenario.announce(terms=BY_POST, served=False)
    first = sweep_outbox(session, zone=PARIS, at=at)
    assert (first.queued, first.letters) == (0, 1)
    assert sweep_outbox(session, zone=PARIS, at=at + timedelta(hours=1)).letters == 0
    assert len(letters_of(session, announced.notice_id)) == 1


def test_a_withdrawn_change_cancels_what_nobody_printed(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    waiting, (letter,) = announce_by_post(scenario, BY_POST)
    printing, (printed,) = announce_by_post(scenario, BY_POST)
    tell(session, printed, LetterEventKind.HANDED_OVER, at.date(), at=at)
    for announced in (waiting, printing):
        change_id = session.get_one(CaseRow, announced.case_ids[0]).change_id
        withdraw_change(
            session, announced.release_id, change_id, reason="no need", by=LEGAL_OPERATOR, at=at
        )
    assert state_of(session, letter) == (LetterState.CANCELLED, MessageState.CANCELLED)
    # Nobody calls it back: it leaves, and is recorded as what it is.
    assert state_of(session, printed) == (LetterState.HANDED_OVER, MessageState.QUEUED)
    tell(session, printed, LetterEventKind.POSTED, at.date(), at=at)
    assert state_of(session, printed) == (LetterState.POSTED, MessageState.HANDED_OVER)


def test_served_anew_goes_by_letter_again_and_ends_the_former_one(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, BY_POST)
    not_served(session, announced)
    number = serve_anew(
        session, announced.notice_id, note="moved", by="marc", actor="operator:2", zone=PARIS, at=at
    )
    assert state_of(session, letter) == (LetterState.CANCELLED, MessageState.CANCELLED)
    keys = session.scalars(
        select(MessageRow.logical_key).where(MessageRow.serving_number == number).order_by("id")
    ).all()
    contact = announced.contact_ids[0]
    assert keys == [
        f"notice:{announced.notice_id}:{contact}:email:2",
        f"notice:{announced.notice_id}:{contact}:registered_post:2",
    ]


@pytest.mark.parametrize(
    ("terms", "email", "address", "refusal"),
    [
        (BY_POST, "dpo@client.example", " ", ContactWithoutPostalAddress),
        (EITHER, None, "", ContactWithoutAnyAddress),
        (EITHER, None, "1 rue du Port", None),
        (EITHER, "dpo@client.example", "", None),
    ],
)
def test_served_anew_by_the_addresses_that_the_channels_need(
    session: Session,
    scenario: Scenario,
    at: datetime,
    terms: object,
    email: str | None,
    address: str,
    refusal: type[Exception] | None,
) -> None:
    announced = scenario.announce(terms=terms, served=False)
    session.execute(
        update(ContactRow)
        .where(ContactRow.id == announced.contact_ids[0])
        .values(email=email, postal_address=address)
    )
    not_served(session, announced)
    given = {"note": "moved", "by": "marc", "actor": "operator:2", "zone": PARIS, "at": at}
    if refusal is not None:
        with pytest.raises(refusal):
            serve_anew(session, announced.notice_id, **given)
        return
    serve_anew(session, announced.notice_id, **given)
    channels = session.scalars(
        select(MessageRow.channel).where(MessageRow.serving_number == 2)
    ).all()
    assert channels == ["email" if email else "post"]


def test_what_a_contact_acknowledges_is_never_its_copy_on_paper(
    session: Session, scenario: Scenario, at: datetime
) -> None:
    announced, (letter,) = announce_by_post(scenario, BY_POST, keep_mails=True)
    session.execute(
        update(MessageRow).where(MessageRow.id == letter).values(contact_kind=ContactKind.COPY)
    )
    mail = announced.message_ids[0]
    record_receipt_proof(session, letter, ProofKind.ACKNOWLEDGEMENT, actor="client", at=at)
    session.commit()
    assert session.scalars(select(ReceiptProofRow.message_id)).all() == [mail]


def test_no_runner_claims_a_letter(session: Session, scenario: Scenario, at: datetime) -> None:
    _, (letter,) = announce_by_post(scenario, BY_POST)
    assert load_letter_events(session, [letter]) == {}
    claimed = claim_due(
        session, limit=9, by="runner", until=at + timedelta(hours=1), at=at + timedelta(days=1)
    )
    assert list(claimed.messages) == []


@pytest.mark.parametrize(("first_on", "is_reached"), [(3, True), (4, False)])
def test_mails_letters_and_the_ladder_ask_on_the_vendors_day_who_is_designated(
    session: Session, scenario: Scenario, first_on: int, is_reached: bool
) -> None:
    """At half past midnight in Paris it is still the day before in Greenwich."""
    night = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    announced, (letter, _) = announce_by_post(scenario, terms_by(Channel.POST), contacts=2)
    second = announced.contact_ids[1]
    designated = AgreementContactRow.contact_id == second
    session.execute(
        update(AgreementContactRow).where(designated).values(designated_on=date(2026, 3, first_on))
    )
    session.execute(update(ContactRow).values(postal_address="1 place de la Mairie"))
    tell(session, letter, LetterEventKind.RETURNED, date(2026, 3, 2), at=night)
    given = {"note": "moved", "by": "marc", "actor": "operator:2", "zone": PARIS, "at": night}
    serve_anew(session, announced.notice_id, **given)
    anew = (MessageRow.contact_id == second, MessageRow.serving_number == 2)
    channels = session.scalars(select(MessageRow.channel).where(*anew)).all()
    assert sorted(channels) == ([Channel.EMAIL, Channel.POST] if is_reached else [])
