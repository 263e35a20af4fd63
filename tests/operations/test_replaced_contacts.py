"""Who was replaced by letter keeps the link of the notice: for an objection, for nothing else."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from subnotify.operations.confirm_code import confirm_code
from subnotify.operations.designate_contact import end_designation
from subnotify.operations.keep_contact import ContactFacts, Letter, change_contact
from subnotify.rules.errors import MoveNotAllowed
from subnotify.rules.responses import Answer
from subnotify.rules.words import CaseState, ResponseKind
from subnotify.storage.tables import (
    AgreementContactRow,
    AgreementRow,
    ContactRow,
    VendorRow,
)
from tests.operations.desk_registry import acting
from tests.support.answers import KEY, case_of, give, objection
from tests.support.scenario import Announced, Scenario, digest_of

Replace = Callable[[Session, Announced, datetime], None]


def ended(session: Session, announced: Announced, at: datetime) -> None:
    """The designation ends."""
    naming = session.scalars(
        select(AgreementContactRow.id).where(
            AgreementContactRow.contact_id == announced.contact_ids[0]
        )
    ).one()
    session.rollback()
    given = {**acting(at), "letter_reference": "RK 1"}
    end_designation(session, announced.agreement_id, naming, at.date(), **given)


def moved(session: Session, announced: Announced, at: datetime) -> None:
    """The contact gets another address."""
    row = session.get_one(ContactRow, announced.contact_ids[0])
    client = session.get_one(AgreementRow, announced.agreement_id).client_id
    session.rollback()
    facts = ContactFacts(row.name, row.role_title, "new@client1.example")
    change_contact(session, client, row.id, facts, Letter("RK 1", at.date()), **acting(at))


@pytest.fixture
def announced(session: Session, scenario: Scenario, at: datetime) -> Announced:
    session.execute(update(VendorRow).values(first_published_at=at))
    session.commit()
    return scenario.announce(contacts=2)


def no_objection(announced: Announced) -> Answer:
    return Answer(
        ResponseKind.NO_OBJECTION,
        by_name="Camille Perrin",
        by_role="DPO",
        case_ids=announced.case_ids,
    )


@pytest.mark.parametrize("replace", [ended, moved])
def test_a_former_contact_gives_nothing_up(
    session: Session, announced: Announced, at: datetime, replace: Replace
):
    later = at + timedelta(minutes=30)
    recorded = give(session, announced, no_objection(announced), at=at)
    assert recorded.code is not None
    replace(session, announced, later)
    with pytest.raises(MoveNotAllowed):
        # The code was mailed before, and reached who is designated no more.
        confirm_code(
            session,
            digest_of(announced.token),
            recorded.reference,
            recorded.code.code,
            code_key=KEY,
            at=later,
        )
    with pytest.raises(MoveNotAllowed):
        give(session, announced, no_objection(announced), at=later, form_key="form-2")
    other = give(
        session,
        announced,
        no_objection(announced),
        at=later,
        form_key="form-3",
        token=announced.tokens[1],
    )
    assert other.awaits_code, "the other notice contact still may"


@pytest.mark.parametrize("replace", [ended, moved])
def test_a_former_contact_may_still_object(
    session: Session, announced: Announced, at: datetime, replace: Replace
):
    later = at + timedelta(minutes=30)
    replace(session, announced, later)
    give(session, announced, objection(announced), at=later)
    assert case_of(session, announced.case_ids[0]).state == CaseState.OBJECTED
