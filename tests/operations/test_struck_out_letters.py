"""Letters posted to a contact or an address that the client had struck out by then serve nobody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.designate_contact import Naming, designate_contact, end_designation
from subnotify.operations.keep_contact import ContactFacts, Letter, change_contact
from subnotify.operations.serve_anew import serve_anew
from subnotify.rules.reachability import Lack
from subnotify.rules.terms import DeemedReceipt, NoticeTerms
from subnotify.rules.terms_words import DeemedKind
from subnotify.rules.words import (
    CaseState,
    Channel,
    ContactKind,
    HoldReason,
    LetterEventKind,
    NoticeState,
    ProofKind,
)
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    ClientRow,
    ContactRow,
    NoticeRow,
    VendorRow,
)
from subnotify.storage.unreachable import count_unreachable, list_unreachable
from tests.operations.desk import LEGAL, PARIS, standing_of
from tests.operations.desk_registry import acting
from tests.support.csv_imports import bring_tables
from tests.support.letters import announce_by_post, letters_of, tell, terms_by
from tests.support.scenario import Announced, Scenario

Kind = LetterEventKind
Strike = Callable[[Session, Announced, date, datetime], None]
DAY = date(2026, 3, 2)
NEW_ADDRESS = "9 rue Neuve\n75001 Paris"


def deemed(channel: Channel = Channel.POST) -> NoticeTerms:
    """Received two days after the posting, whoever has it then."""
    return replace(
        terms_by(channel, proofs=()),
        deemed_receipt=DeemedReceipt(DeemedKind.DAYS_AFTER_DISPATCH, days=2),
    )


@pytest.fixture
def published(session: Session, scenario: Scenario, at: datetime) -> Scenario:
    session.execute(update(VendorRow).values(first_published_at=at))
    session.commit()
    return scenario


def moved(
    session: Session, announced: Announced, on: date, at: datetime, letter: str = "RK 1"
) -> None:
    change(session, announced, on, at, letter, postal_address=NEW_ADDRESS)


def change(
    session: Session, announced: Announced, on: date, at: datetime, letter: str, **changed: str
) -> None:
    row = session.get_one(ContactRow, announced.contact_ids[0])
    client = session.get_one(AgreementRow, announced.agreement_id).client_id
    kept = {"email": row.email or "", "postal_address": row.postal_address}
    facts = ContactFacts(row.name, row.role_title, **(kept | changed), phone=row.phone)
    session.rollback()
    change_contact(
        session, client, announced.contact_ids[0], facts, Letter(letter, on), **acting(at)
    )


def ended(session: Session, announced: Announced, on: date, at: datetime) -> None:
    naming = session.scalars(
        select(AgreementContactRow.id).where(
            AgreementContactRow.contact_id == announced.contact_ids[0]
        )
    ).one()
    session.rollback()
    given = {**acting(at), "letter_reference": "RK 1"}
    end_designation(session, announced.agreement_id, naming, on, **given)


def copied(session: Session, announced: Announced, on: date, at: datetime) -> None:
    """The notice contact becomes one that only gets copies."""
    naming = Naming(announced.contact_ids[0], ContactKind.COPY, on=on, letter_reference="RK 1")
    session.rollback()
    designate_contact(session, announced.agreement_id, naming, **acting(at))


def state_of(session: Session, announced: Announced) -> tuple[str, str | None]:
    session.rollback()
    notice = session.get_one(NoticeRow, announced.notice_id, populate_existing=True)
    found = notice.state, notice.failure_reason
    session.rollback()
    return found


SERVED = (NoticeState.SERVED, None)
HELD = (NoticeState.NOT_SERVED, HoldReason.NOT_SERVED)


@pytest.mark.parametrize("strike", [moved, ended, copied])
@pytest.mark.parametrize(("posted", "expected"), [(-1, SERVED), (0, HELD), (1, HELD)])
def test_a_letter_posted_from_that_day_on_does_not_serve(
    published: Scenario,
    at: datetime,
    strike: Strike,
    posted: int,
    expected: tuple[str, str | None],
) -> None:
    """Struck out while it waited at the printer's, whenever its day of posting is told."""
    session, later = published.session, at + timedelta(days=3)
    announced, (letter,) = announce_by_post(published, deemed())
    tell(session, letter, Kind.HANDED_OVER, DAY, at=at)
    struck_on = DAY + timedelta(days=1)
    strike(session, announced, struck_on, at + timedelta(days=2))
    tell(session, letter, Kind.POSTED, struck_on + timedelta(days=posted), at=later)
    assert state_of(session, announced) == expected
    if expected != HELD:
        return
    state, holds, _ = standing_of(session, announced.case_ids[0])
    assert (state, HoldReason.NOT_SERVED in holds) == (CaseState.HOLD, True)
    listed = list_unreachable(session, on=later.date(), at=later)
    assert [notice.id for one in listed for notice in one.notices] == [announced.notice_id]
    session.rollback()
    # Nor does the post's word that it came, or that it came back.
    tell(session, letter, Kind.RETURNED, later.date(), at=later)
    assert state_of(session, announced)[0] == NoticeState.NOT_SERVED


def test_a_letter_of_which_only_the_end_is_told_serves_once_its_posting_is(
    published: Scenario, at: datetime
) -> None:
    session, later = published.session, at + timedelta(days=6)
    terms = replace(
        terms_by(Channel.REGISTERED_POST, proofs=(ProofKind.REGISTERED_DELIVERY,)),
    )
    announced, (letter,) = announce_by_post(published, terms)
    moved(session, announced, DAY + timedelta(days=2), at + timedelta(days=2))
    tell(session, letter, Kind.RECEIVED, DAY + timedelta(days=4), at=later)
    assert state_of(session, announced) == HELD
    tell(session, letter, Kind.POSTED, DAY + timedelta(days=1), at=later)
    assert state_of(session, announced) == SERVED


def test_an_address_struck_out_before_it_is_recorded_stops_what_was_served(
    published: Scenario, at: datetime
) -> None:
    """The client's letter counts from its own day, not from the one on which legal enters it."""
    session = published.session
    announced, (letter,) = announce_by_post(published, deemed())
    tell(session, letter, Kind.POSTED, DAY, at=at)
    assert state_of(session, announced) == SERVED
    moved(session, announced, DAY + timedelta(days=1), at + timedelta(days=5))
    assert state_of(session, announced) == SERVED
    other, (second,) = announce_by_post(published, deemed())
    tell(session, second, Kind.POSTED, DAY, at=at)
    moved(session, other, DAY, at + timedelta(days=5))
    assert state_of(session, other) == HELD


def test_what_changed_later_strikes_out_no_letter_to_the_same_address(
    published: Scenario, at: datetime
) -> None:
    session = published.session
    announced, (letter,) = announce_by_post(published, deemed())
    change(session, announced, DAY, at, "RK 1", email="other@client.example")
    tell(session, letter, Kind.POSTED, DAY, at=at)
    assert state_of(session, announced) == SERVED
    assert len(letters_of(session, announced.notice_id)) == 1


@pytest.mark.parametrize("so_far", ["waits", "handed over", "posted"])
def test_while_a_letter_is_under_way_to_a_struck_out_address_the_list_says_so(
    published: Scenario, at: datetime, so_far: str
) -> None:
    session, later = published.session, at + timedelta(days=2)
    terms = terms_by(Channel.REGISTERED_POST, proofs=(ProofKind.REGISTERED_DELIVERY,))
    announced, (letter,) = announce_by_post(published, terms)
    if so_far == "handed over":
        tell(session, letter, Kind.HANDED_OVER, DAY, at=at)
    if so_far == "posted":
        tell(session, letter, Kind.POSTED, DAY, at=at)
    assert list_unreachable(session, on=DAY, at=later) == []
    moved(session, announced, DAY + timedelta(days=1), later)
    (listed,) = list_unreachable(session, on=later.date(), at=later)
    assert [one.lack for one in listed.lacking] == [Lack.SERVE_ANEW]
    assert [notice.id for notice in listed.notices] == [announced.notice_id]
    assert count_unreachable(session, on=later.date(), at=later) == 1
    session.rollback()
    serve_anew(session, announced.notice_id, note="moved", zone=PARIS, at=later, **LEGAL)
    assert list_unreachable(session, on=later.date(), at=later) == []


@pytest.mark.parametrize("has_mail", [False, True])
def test_an_import_says_whom_nobody_told_and_what_is_to_be_served_anew(
    published: Scenario, at: datetime, has_mail: bool
) -> None:
    session = published.session
    announced, _ = announce_by_post(published, terms_by(Channel.REGISTERED_POST))
    if not has_mail:
        session.execute(update(ContactRow).values(email=None))
        session.commit()
    contact = session.get_one(ContactRow, announced.contact_ids[0])
    agreement = session.get_one(AgreementRow, announced.agreement_id)
    client = session.get_one(ClientRow, agreement.client_id)
    reference = session.get_one(NoticeRow, announced.notice_id).reference
    given = {
        "contacts": "client,key,name,email,postal_address\n"
        f'{client.key},{contact.key},{contact.name},{contact.email or ""},"9 rue Neuve"\n',
        "designations": "agreement,contact,kind,letter_reference,designated_on\n"
        f"{agreement.key},{contact.key},notice,RK 1,2026-03-03\n",
    }
    name = f"{client.key}/{contact.key}"
    session.rollback()
    report = bring_tables(session, at + timedelta(days=3), **given)
    said = {(one.section, one.key) for one in report.entries}
    assert ("notices_to_serve_anew", reference) in said
    assert (("contacts_not_told", name) in said) is not has_mail
    assert bring_tables(session, at + timedelta(days=3), **given).changes == 0
