"""Versions of notice terms: recorded, compared with what is there, never moving what runs."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.record_terms import (
    FieldNotOpen,
    TermsRecordedMeanwhile,
    record_reading,
    record_terms,
)
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.rules.presets import PRESETS
from subnotify.rules.terms import NoticeTerms, Period, Reading
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.terms_words import RunsFrom, SilenceEffect, TimelyWhen
from subnotify.storage.tables import CaseRow, NoticeRow, TermsVersionRow
from subnotify.storage.terms_versions import (
    count_incomplete,
    find_current_version,
    list_incomplete,
    list_versions,
)
from tests.operations.desk_registry import example, facts_on_record
from tests.support.imports import PARIS, bring, everything, replaced
from tests.support.samples import EXAMPLE, sample
from tests.support.scenario import Scenario

BY: dict[str, Any] = {"by": "Lea", "actor": "operator:7"}


def current(session: Session, agreement_id: int = 1) -> NoticeTerms:
    found = find_current_version(session, agreement_id)
    session.rollback()
    assert found is not None
    return found.terms


def rows(session: Session) -> list[TermsVersionRow]:
    session.rollback()
    return list(session.scalars(select(TermsVersionRow).order_by(TermsVersionRow.number)))


def test_a_new_version_replaces_the_current_one_which_stays(session: Session, at: datetime):
    example(session, at)
    terms = replace(current(session), objection_period=Period(20))
    kept = record_terms(session, 1, terms, based_on=1, at=at, **BY)
    assert (kept.number, kept.is_changed) == (2, True)
    old, new = rows(session)
    assert [old.is_current, new.is_current] == [False, True]
    assert terms_from_mapping(old.terms).objection_period == Period(15)
    assert terms_from_mapping(new.terms) == terms
    assert (new.recorded_by, new.recorded_at, new.digest != old.digest) == ("Lea", at, True)
    (fact,) = facts_on_record(session, "terms_recorded")
    assert (fact["by"], fact["number"], fact["terms"]) == ("Lea", 2, new.terms)


def test_the_same_terms_change_nothing(session: Session, at: datetime):
    example(session, at)
    before = everything(session)
    terms = current(session)
    for same in (terms, replace(terms, preset="")):
        kept = record_terms(session, 1, same, based_on=1, at=at, **BY)
        assert (kept.number, kept.is_changed) == (1, False)
    assert everything(session) == before


def test_first_terms_of_an_agreement_without_any(session: Session, at: datetime):
    source = sample(EXAMPLE)
    bring(session, source[: source.index(b"    # What the agreement says")], at)
    assert find_current_version(session, 1) is None
    session.rollback()
    terms = replace(PRESETS["fr-15-days"], objection_period=None)
    kept = record_terms(session, 1, terms, based_on=0, at=at, **BY)
    assert (kept.number, kept.is_changed) == (1, True)
    (row,) = rows(session)
    assert row.not_computable == "no_objection_period"


def test_another_version_meanwhile_is_not_overwritten(session: Session, at: datetime):
    example(session, at)
    terms = current(session)
    record_terms(session, 1, replace(terms, objection_period=Period(20)), based_on=1, at=at, **BY)
    before = everything(session)
    for based_on in (0, 1, 3):
        with pytest.raises(TermsRecordedMeanwhile):
            record_terms(session, 1, terms, based_on=based_on, at=at, **BY)
    assert everything(session) == before


def test_neither_an_unknown_agreement_nor_an_unknown_calendar(session: Session, at: datetime):
    example(session, at)
    terms = current(session)
    with pytest.raises(NotFound):
        record_terms(session, 99, terms, based_on=0, at=at, **BY)
    odd = replace(terms, counting=replace(terms.counting, holiday_calendar="XX+13-45"))
    with pytest.raises(ProblemsFound) as refusal:
        record_terms(session, 1, odd, based_on=1, at=at, **BY)
    assert [x.where for x in refusal.value.problems] == ["counting.holiday_calendar"]
    assert len(rows(session)) == 1


def test_running_windows_keep_their_version(session: Session, scenario: Scenario, at: datetime):
    announced = scenario.announce()
    agreement_id = session.scalars(select(NoticeRow.agreement_id)).one()
    windows = [(x.opens_at, x.closes_at) for x in session.scalars(select(CaseRow))]
    terms = current(session, agreement_id)
    shorter = replace(terms, objection_period=Period(1))
    record_terms(session, agreement_id, shorter, based_on=1, at=at + timedelta(days=1), **BY)
    session.expire_all()
    assert [(x.opens_at, x.closes_at) for x in session.scalars(select(CaseRow))] == windows
    notice = session.get_one(NoticeRow, announced.notice_id)
    assert session.get_one(TermsVersionRow, notice.terms_id).number == 1
    new, old = list_versions(session, agreement_id)
    assert (new.number, new.running_cases) == (2, 0)
    assert (old.number, old.running_cases) == (1, len(announced.case_ids))


def test_importing_again_what_lacks_newer_fields_makes_no_version(session: Session, at: datetime):
    example(session, at)
    (row,) = rows(session)
    old = dict(row.terms)
    for name in (
        "notice_rules",
        "lead_time",
        "closes",
        "termination",
        "readings",
        "deemed_receipt",
    ):
        del old[name]
    row.terms = old
    session.commit()
    report = bring(session, sample(EXAMPLE), at)
    assert report.changes == 0
    (row,) = rows(session)
    assert row.terms == old
    changed = replaced(sample(EXAMPLE), "recipient_server, acknowledgement", "acknowledgement")
    report = bring(session, changed, at)
    (entry,) = report.entries
    assert [x.name for x in entry.fields] == ["terms.proof_of_receipt"]


def test_legals_reading_is_a_version_that_says_who_when_and_why(session: Session, at: datetime):
    example(session, at)
    field = "objection_timely_when"
    taken: dict[str, Any] = {"at": at, "zone": PARIS, **BY}
    kept = record_reading(session, 1, field, "dispatched", " Art. 669 CPC ", based_on=1, **taken)
    assert (kept.number, kept.is_changed) == (2, True)
    terms = current(session)
    assert terms.readings == {field: Reading("dispatched", "Lea", date(2026, 3, 2), "Art. 669 CPC")}
    assert terms.decides_timeliness is TimelyWhen.DISPATCHED
    assert terms.objection_timely_when is TimelyWhen.UNSPECIFIED
    # The next versions keep it as long as the clause stays silent there.
    for based_on, changed, decides in (
        (2, {"objection_period": Period(20)}, TimelyWhen.DISPATCHED),
        (3, {"objection_timely_when": TimelyWhen.RECEIVED}, TimelyWhen.RECEIVED),
    ):
        terms = replace(current(session), readings={}, **changed)
        record_terms(session, 1, terms, based_on=based_on, at=at, **BY)
        assert current(session).decides_timeliness is decides
    assert current(session).readings == {}


def test_an_import_that_knows_of_no_reading_takes_none_back(session: Session, at: datetime):
    example(session, at)
    taken: dict[str, Any] = {"at": at, "zone": PARIS, **BY}
    record_reading(session, 1, "objection_timely_when", "received", "why", based_on=1, **taken)
    assert bring(session, sample(EXAMPLE), at).changes == 0
    assert "objection_timely_when" in current(session).readings
    kept = record_reading(session, 1, "objection_timely_when", "", "a doubt", based_on=2, **taken)
    assert (kept.number, kept.is_changed) == (3, True)
    assert current(session).readings == {}


@pytest.mark.parametrize(
    ("field", "value", "why", "based_on", "refusal"),
    [
        ("runs_from", "dispatch", "why", 1, FieldNotOpen),
        ("objection_period", "15", "why", 1, NotFound),
        ("objection_timely_when", "unspecified", "why", 1, ProblemsFound),
        ("objection_timely_when", "tomorrow", "why", 1, ProblemsFound),
        ("objection_timely_when", "received", "  ", 1, ReasonMissing),
        ("objection_timely_when", "received", "why", 2, TermsRecordedMeanwhile),
    ],
)
def test_readings_that_are_refused(
    session: Session,
    at: datetime,
    field: str,
    value: str,
    why: str,
    based_on: int,
    refusal: type[Exception],
):
    example(session, at)
    before = everything(session)
    with pytest.raises(refusal):
        record_reading(session, 1, field, value, why, based_on=based_on, at=at, zone=PARIS, **BY)
    assert everything(session) == before


def test_contradictory_terms_are_marked_however_they_come(session: Session, at: datetime):
    source = replaced(
        sample(EXAMPLE),
        "proof_of_receipt: [recipient_server, acknowledgement]",
        "proof_of_receipt: [recipient_server, acknowledgement]\n      silence_irrevocable: true\n"
        "      effect_of_silence: unspecified",
    )
    bring(session, source, at)
    (row,) = rows(session)
    assert row.is_contradictory
    terms = replace(current(session), effect_of_silence=SilenceEffect.DEEMED_ACCEPTED)
    record_terms(session, 1, terms, based_on=1, at=at, **BY)
    assert [x.is_contradictory for x in rows(session)] == [True, False]


def test_incomplete_agreements_are_listed_with_what_is_wrong(session: Session, at: datetime):
    lines = ["vendor: {name: V, contact_email: d@v.example}", "clients:"]
    lines += [f"  - {{key: c{n}, name: Client {n}, country: FR}}" for n in range(5)]
    lines += ["agreements:"]
    said = (
        "",
        ", terms: {preset: fr-15-days, proof_of_receipt: [acknowledgement]}",
        ", terms: {preset: fr-15-days}",
        ", terms: {preset: fr-15-days, silence_irrevocable: true, effect_of_silence: unspecified}",
        ", ended_on: 2026-03-01",
    )
    lines += [
        f"  - {{key: a{n}, client: c{n}, reference: R{n}, language: en{terms}}}"
        for n, terms in enumerate(said)
    ]
    bring(session, "\n".join(lines), at)
    today = at.date()
    counts = count_incomplete(session, today=today)
    assert (counts.all, counts.missing, counts.not_computable, counts.contradictory) == (3, 1, 2, 1)
    listed = list_incomplete(session, today=today, skip=0, most=10)
    assert [(x.reference, x.not_computable, x.is_contradictory) for x in listed] == [
        ("R0", None, False),
        ("R2", "proof_of_receipt", False),
        ("R3", "proof_of_receipt", True),
    ]
    assert listed[0].terms is None and listed[1].terms is not None
    page = list_incomplete(session, today=today, skip=1, most=1)
    assert [x.reference for x in page] == ["R2"]
    # On its last day an agreement still runs.
    assert count_incomplete(session, today=date(2026, 3, 1)).all == 4


def test_what_a_silent_trigger_is_read_as(session: Session, at: datetime):
    example(session, at)
    terms = replace(current(session), runs_from=RunsFrom.UNSPECIFIED)
    record_terms(session, 1, terms, based_on=1, at=at, **BY)
    assert current(session).assumes_trigger
    record_reading(session, 1, "runs_from", "dispatch", "B", based_on=2, at=at, zone=PARIS, **BY)
    assert not current(session).assumes_trigger
    assert current(session).trigger is RunsFrom.DISPATCH
