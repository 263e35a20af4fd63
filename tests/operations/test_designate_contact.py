"""Who is told of changes under an agreement, named and ended on the desk."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.designate_contact import Naming, designate_contact, end_designation
from subnotify.operations.keep_client import ClientFacts, add_client
from subnotify.operations.keep_contact import ContactFacts, add_contact
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.words import ContactKind
from subnotify.storage.tables import AgreementContactRow
from tests.operations.desk_registry import Example, acting, example, facts_on_record
from tests.support.imports import everything

NOTICE, COPY = ContactKind.NOTICE, ContactKind.COPY
DAY = date(2026, 2, 27)


def rows(session: Session) -> list[tuple[int, str, str, date | None]]:
    found = session.scalars(select(AgreementContactRow).order_by(AgreementContactRow.id)).all()
    said = [(x.contact_id, x.kind, x.letter_reference, x.ended_on) for x in found]
    session.rollback()
    return said


def designation_of(session: Session, contact_id: int) -> int:
    found = session.scalars(
        select(AgreementContactRow.id).where(AgreementContactRow.contact_id == contact_id)
    ).one()
    session.rollback()
    return found


def refused(session: Session, ids: Example, naming: Naming, at: datetime) -> list[str]:
    before = everything(session)
    with pytest.raises(ProblemsFound) as refusal:
        designate_contact(session, ids.agreement, naming, **acting(at))
    assert everything(session) == before
    return [problem.where for problem in refusal.value.problems]


def test_a_new_notice_contact_takes_anothers_place_by_letter(session: Session, at: datetime):
    ids = example(session, at)
    former = designation_of(session, ids.dpo)
    nameless = Naming(ids.it, NOTICE, ends=(former,))
    assert refused(session, ids, nameless, at) == ["on", "letter_reference"]
    tomorrow = Naming(ids.it, NOTICE, on=at.date() + timedelta(days=1), letter_reference="RK 1")
    assert refused(session, ids, tomorrow, at) == ["on"]
    naming = Naming(ids.it, NOTICE, "Annexe 2", DAY, "RK 1", (former,))
    assert designate_contact(session, ids.agreement, naming, **acting(at)).is_changed
    assert rows(session) == [
        (ids.dpo, "notice", "", DAY),
        (ids.it, "copy", "", at.date()),
        (ids.it, "notice", "RK 1", None),
    ]
    (named,) = facts_on_record(session, "contact_designated")
    assert (named["contact"], named["letter"], named["by"]) == ("informatique", "RK 1", "Lea")
    (ended,) = facts_on_record(session, "contact_ended")
    assert (ended["contact"], ended["ended_on"]) == ("dpo", DAY.isoformat())
    session.rollback()
    before = everything(session)
    assert not designate_contact(session, ids.agreement, naming, **acting(at)).is_changed
    assert everything(session) == before
    other = Naming(ids.it, NOTICE, "Annexe 3", DAY, "RK 2")
    assert refused(session, ids, other, at) == ["contact_id"]


def test_a_copy_contact_needs_no_letter(session: Session, at: datetime):
    ids = example(session, at)
    paul = add_contact(session, ids.client, ContactFacts("Paul"), **acting(at)).id
    assert designate_contact(session, ids.agreement, Naming(paul, COPY), **acting(at)).is_changed
    assert rows(session)[-1] == (paul, "copy", "", None)
    made = designation_of(session, paul)
    end_designation(session, ids.agreement, made, at.date(), **acting(at))
    assert rows(session)[-1] == (paul, "copy", "", at.date())


def test_a_notice_contact_becomes_a_copy_contact_by_letter(session: Session, at: datetime):
    ids = example(session, at)
    assert refused(session, ids, Naming(ids.dpo, COPY), at) == ["on", "letter_reference"]
    naming = Naming(ids.dpo, COPY, on=DAY, letter_reference="RK 1")
    assert designate_contact(session, ids.agreement, naming, **acting(at)).is_changed
    assert rows(session)[0] == (ids.dpo, "notice", "", at.date())
    assert rows(session)[-1] == (ids.dpo, "copy", "RK 1", None)


def test_a_designation_ends_by_letter_and_only_once(session: Session, at: datetime):
    ids = example(session, at)
    made = designation_of(session, ids.dpo)
    with pytest.raises(ProblemsFound) as refusal:
        end_designation(session, ids.agreement, made, None, **acting(at))
    assert [x.where for x in refusal.value.problems] == ["ended_on", "letter_reference"]
    given = {**acting(at), "letter_reference": "RK 1"}
    assert end_designation(session, ids.agreement, made, DAY, **given).is_changed
    assert rows(session)[0] == (ids.dpo, "notice", "", DAY)
    before = everything(session)
    assert not end_designation(session, ids.agreement, made, DAY, **given).is_changed
    assert everything(session) == before


def test_before_the_first_publication_no_letter_is_asked_for(session: Session, at: datetime):
    ids = example(session, at, is_published=False)
    naming = Naming(ids.it, NOTICE, on=DAY)
    assert designate_contact(session, ids.agreement, naming, **acting(at)).is_changed


def test_what_belongs_to_another_client_is_not_found(session: Session, at: datetime):
    ids = example(session, at)
    other = add_client(session, ClientFacts("Other", "FR"), **acting(at)).id
    stranger = add_contact(session, other, ContactFacts("Stranger"), **acting(at)).id
    for naming in (Naming(stranger, COPY), Naming(ids.it, NOTICE, "", DAY, "RK", (99,))):
        with pytest.raises(NotFound):
            designate_contact(session, ids.agreement, naming, **acting(at))
    with pytest.raises(NotFound):
        end_designation(session, ids.agreement, 99, DAY, **acting(at))
    with pytest.raises(NotFound):
        designate_contact(session, 99, Naming(ids.it, COPY), **acting(at))
