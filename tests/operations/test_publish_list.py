"""The real list: imported as drafts, refused with its gaps named, completed, published."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import verify_evidence
from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import ListAlreadyPublished, SoleAuthor, publish_list
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import ProblemsFound
from subnotify.rules.publication_gaps import TransferProblem
from subnotify.storage.registry import (
    get_vendor,
    list_draft_changes,
    list_entries_in_force,
    list_subprocessors,
)
from subnotify.storage.tables import EvidenceRow, ListPublicationRow
from tests.operations.desk_registry import facts_on_record
from tests.support.samples import COMPLETED_LIST, PUBLISHED_LIST, sample

PARIS = ZoneInfo("Europe/Paris")


def bring(session: Session, source: bytes, at: datetime) -> None:
    import_registry(session, source, by="paul", at=at, zone=PARIS)


def test_the_list_as_published_is_refused_and_every_gap_is_named(session: Session, at: datetime):
    bring(session, sample(PUBLISHED_LIST), at)
    with pytest.raises(ProblemsFound) as refusal:
        publish_list(session, by="paul", at=at, zone=PARIS)
    gaps = {(p.where, p.message) for p in refusal.value.problems}
    without_basis = {p.where for p in refusal.value.problems if isinstance(p, TransferProblem)}
    assert without_basis == {
        f"{key}.locations[0]" for key in ("pipedrive", "sentry", "hubspot", "zendesk")
    }
    for key in ("pipedrive", "ovhcloud", "ionos", "sentry", "hubspot"):
        assert (f"{key}.contact", "This is missing.") in gaps
    assert ("zendesk.contact", "This is missing.") not in gaps
    for key in ("ovhcloud", "ionos"):
        assert {w for w, _ in gaps if w.startswith(key)} == {
            f"{key}.contact",
            f"{key}.services",
            f"{key}.data_categories",
        }
    assert get_vendor(session).first_published_at is None
    assert list_entries_in_force(session, at.date()) == ()
    assert session.scalar(select(func.count(ListPublicationRow.id))) == 0


def test_completed_it_is_published_once(session: Session, at: datetime):
    bring(session, sample(PUBLISHED_LIST), at)
    bring(session, sample(COMPLETED_LIST), at + timedelta(hours=1))
    later = at + timedelta(hours=2)
    assert publish_list(session, by="paul", at=later, zone=PARIS, actor="operator:1") == 1
    vendor = get_vendor(session)
    assert vendor.first_published_at == later
    assert vendor.list_changed_at == later
    entries = list_entries_in_force(session, at.date())
    assert [entry.key for entry in entries] == [
        *("hubspot", "ionos", "ovhcloud", "pipedrive", "sentry", "zendesk")
    ]
    assert {entry.key: entry.in_force_from_on for entry in entries}["ionos"] == date(2018, 5, 25)
    assert all(x.draft_facts is None for x in list_subprocessors(session))
    assert list_draft_changes(session) == ()
    evidence = session.scalars(
        select(EvidenceRow).where(EvidenceRow.type == "list_published")
    ).one()
    assert evidence.actor == "operator:1"
    assert verify_evidence(session, evidence.id) is True
    with pytest.raises(ListAlreadyPublished):
        publish_list(session, by="paul", at=later, zone=PARIS)


def test_an_entry_without_a_day_is_in_force_since_the_vendors_today(session: Session):
    source = sample(COMPLETED_LIST).replace(b"    in_use_since_on: 2018-05-25\n", b"")
    # 23:30 in London is the next day in Paris.
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    bring(session, source, at)
    publish_list(session, by="paul", at=at, zone=PARIS)
    ionos = next(x for x in list_entries_in_force(session, date(2026, 3, 3)) if x.key == "ionos")
    assert ionos.in_force_from_on == date(2026, 3, 3)


def test_what_is_not_in_use_yet_does_not_belong_on_the_first_list(session: Session, at: datetime):
    source = sample(COMPLETED_LIST).replace(b"2018-05-25\n", b"2026-03-03\n")
    bring(session, source, at)
    with pytest.raises(ProblemsFound) as refusal:
        publish_list(session, by="paul", at=at, zone=PARIS)
    assert [p.where for p in refusal.value.problems] == ["ionos.in_use_since_on"]


def test_an_empty_list_is_not_published(session: Session, at: datetime):
    bring(session, b"vendor: {name: V, contact_email: d@v.example}\n", at)
    with pytest.raises(ProblemsFound, match="nothing to publish"):
        publish_list(session, by="paul", at=at, zone=PARIS)


def test_whoever_drafted_all_of_it_asks_another_person(session: Session, at: datetime):
    bring(session, sample(COMPLETED_LIST), at)
    given = {"zone": PARIS, "four_eyes": True}
    with pytest.raises(SoleAuthor):
        publish_list(session, by="Paul", at=at, **given)
    with pytest.raises(ReasonMissing):
        publish_list(session, by="paul", at=at, one_person=True, **given)
    assert get_vendor(session).first_published_at is None
    session.rollback()
    assert publish_list(session, by="lea", at=at, **given) == 1


def test_one_person_publishes_where_the_setting_allows_it_and_says_why(
    session: Session, at: datetime
):
    bring(session, sample(COMPLETED_LIST), at)
    publish_list(
        session,
        by="paul",
        at=at,
        zone=PARIS,
        four_eyes=True,
        one_person=True,
        one_person_reason="the first week",
    )
    assert session.scalars(select(ListPublicationRow.note)).one() == "the first week"
    [said] = facts_on_record(session, "list_published")
    assert (said["drafted_by"], said["one_person_reason"]) == (["paul"], "the first week")
